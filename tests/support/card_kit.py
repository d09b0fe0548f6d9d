"""What the tests of loading share: releases of random bytes, a whole load, and a power that fails."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from types import MappingProxyType
from typing import Any

from manifests import manifest_with, track_of

from packager.base.formats import sha256_bytes
from packager.base.manifest import Manifest, Sidecar, TrackKind
from packager.cards import CardAudit, LoadPlan, LoadResult, apply_load, audit_card, survey_and_plan
from packager.cards.filesystem import CardFS
from packager.cards.io.card import Card, CardAccess, read_card
from packager.cards.io.mounted_fs import MountedFS
from packager.cards.io.take_over import with_files_taken_over
from packager.cards.plan.state_slots import CARD_FOLDER

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=timezone.utc)


def sound(seed: str, size: int = 3000) -> bytes:
    """Bytes that stand for a track: the same for the same seed."""
    return random.Random(seed).randbytes(size)


def make_release(
    folder: Path,
    files: Mapping[str, bytes],
    *,
    sequence: int = 1,
    finds_by: str = "name",
    sidecars: Mapping[str, bytes] = MappingProxyType({}),
) -> Manifest:
    """Write a release folder with these tracks, in playing order, and sidecars; return its manifest."""
    for path, data in {**files, **sidecars}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    manifest = manifest_of(files, sequence=sequence, finds_by=finds_by, sidecars=sidecars)
    (folder / "manifest.json").write_bytes(manifest.to_bytes())
    return manifest


def manifest_of(
    files: Mapping[str, bytes],
    *,
    sequence: int = 1,
    finds_by: str = "name",
    sidecars: Mapping[str, bytes] = MappingProxyType({}),
) -> Manifest:
    """The manifest of a release with these tracks, the first of which is the contents, and sidecars."""
    tracks = [
        track_of(number, path, data, kind=TrackKind.CHAPTER if number > 1 else TrackKind.CONTENTS)
        for number, (path, data) in enumerate(files.items(), start=1)
    ]
    return manifest_with(
        *tracks,
        release=f"week-{sequence}",
        series="week",
        sequence=sequence,
        finds_by=finds_by,
        sidecars=tuple(Sidecar(path, "list", len(data), sha256_bytes(data)) for path, data in sidecars.items()),
    )


def card_on(fs: CardFS, *, claim: bool = True) -> Card:
    """The card on a medium, as `open_card` would see it."""
    return read_card(fs, "the card", CardAccess(claim=claim, clock=lambda: NOW))


def load(
    fs: CardFS, manifest: Manifest, folder: Path, *, repair: bool = False, signature: bytes = b"", **options: bool
) -> LoadResult:
    """A whole load, as a visit does it; of the releases on this computer, it knows `manifest`."""
    card = with_files_taken_over(card_on(fs), [manifest])
    plan = replace(plan_of(card, manifest, repair=repair), signature=signature)
    return apply_load(card, plan, folder, load_id=str(uuid.uuid4()), **options)


def plan_of(card: Card, manifest: Manifest, *, repair: bool = False) -> LoadPlan:
    """The plan of a load on a card."""
    return survey_and_plan(card, manifest, repair=repair)


def audit(fs: CardFS, *, quick: bool = False) -> CardAudit:
    """An audit of the card on a medium."""
    return audit_card(card_on(fs), quick=quick)


def folder_card(root: Path, *, keeps_order: bool = False) -> MountedFS:
    """A folder that stands for a card."""
    root.mkdir(exist_ok=True)
    return MountedFS(root, keeps_order=keeps_order)


def files_of(root: Path) -> dict[str, bytes]:
    """Every file on a card but our own, by path."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and CARD_FOLDER not in path.parts
    }


class PowerCutError(Exception):
    """The power failed; nothing after it reaches the card."""


class FailingMedium:
    """A medium whose power fails at one operation: before it, in the middle of it, or not at all.

    `fail` is called at that moment; where it returns, the power holds on, and the load goes on.
    """

    def __init__(
        self, fs: CardFS, *, fail_at: int, partly: bool = False, fail: Callable[[], None] | None = None
    ) -> None:
        self._fs = fs
        self._fail = fail if fail is not None else _power_cut
        self._fail_at = fail_at
        self._partly = partly
        self.operations = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._fs, name)

    def make_folder(self, path: str) -> None:
        self._count(lambda: None)
        self._fs.make_folder(path)

    def create(self, path: str, pieces: Iterable[bytes], **how: Any) -> bool:
        self._count(lambda: self._fs.create(path, _first_half(pieces), **how))
        return self._fs.create(path, pieces, **how)

    def show(self, path: str) -> None:
        self._count(lambda: None)
        self._fs.show(path)

    def delete(self, path: str) -> None:
        self._count(lambda: None)
        self._fs.delete(path)

    def barrier(self) -> None:
        self._count(lambda: None)
        self._fs.barrier()

    def overwrite_slot(self, path: str, data: bytes) -> None:
        self._count(lambda: self._fs.overwrite_slot(path, data[:256] + bytes(256)))
        self._fs.overwrite_slot(path, data)

    def _count(self, part: Callable[[], object]) -> None:
        if self.operations == self._fail_at:
            if self._partly:
                part()
            self._fail()
        self.operations += 1


def _power_cut() -> None:
    raise PowerCutError


def _first_half(pieces: Iterable[bytes]) -> Iterator[bytes]:
    data = b"".join(pieces)
    yield data[: len(data) // 2]
