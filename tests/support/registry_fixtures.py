"""What the tests of tracking build on: a registry in a real file, and small releases with their manifests."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from manifests import manifest_with, track_of
from postgresql_server import new_database, require_server, server
from visit_kit import Visits

from packager.base.formats import sha256_bytes
from packager.base.manifest import Manifest
from packager.registry.database import Registry, open_registry
from packager.registry.players import add_player


class Ticking:
    """A clock that goes on by a minute each time it is read."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 23, 8, 0, tzinfo=timezone.utc)

    def __call__(self) -> datetime:
        self.moment += timedelta(minutes=1)
        return self.moment


def make_manifest(
    sequence: int = 1,
    *,
    series: str = "main",
    profile: str = "folders",
    contents: tuple[bytes, ...] = (b"one", b"two", b"three"),
) -> Manifest:
    """The manifest of a release whose tracks are `contents`: no real sound, but true sizes and hashes."""
    tracks = (
        track_of(
            number,
            f"01-week/{number:03d}.mp3",
            content,
            title=f"第{number}章",
            book="本周学习",
            build_key=sha256_bytes(b"build_key" + content),
        )
        for number, content in enumerate(contents, start=1)
    )
    return manifest_with(
        *tracks,
        series=series,
        sequence=sequence,
        profile=profile,
        playlist=f"2026-W{sequence:02d}",
        finds_by="place",
        program="0.1.0",
    )


@pytest.fixture(scope="session")
def manifest_of() -> Callable[..., Manifest]:
    """Makes the manifest of a release by its sequence."""
    return make_manifest


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Path]:
    """A PostgreSQL server: the folder of its socket."""
    require_server()
    with server() as folder:
        yield folder


_DATABASES = itertools.count(1)


@pytest.fixture
def registry(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Registry]:
    """An empty registry with a clock and identities that are the same in each run.

    In a file; with PACKAGER_TEST_POSTGRESQL=1 in the environment on a PostgreSQL server instead.
    """
    numbers = itertools.count(1)
    place: Path | str = tmp_path / "registry.db"
    if os.environ.get("PACKAGER_TEST_POSTGRESQL") == "1":
        place = new_database(request.getfixturevalue("postgresql"), f"registry_{next(_DATABASES)}")
    with open_registry(place, clock=Ticking(), new_id=lambda: f"{next(numbers):032x}") as opened:
        yield opened


@pytest.fixture
def release(tmp_path: Path) -> Callable[..., Manifest]:
    """Makes a release by its sequence below `releases/`, with its files, and gives its manifest."""

    def make(sequence: int = 1, contents: tuple[bytes, ...] = (b"one", b"two", b"three"), **kind: str) -> Manifest:
        manifest = make_manifest(sequence, contents=contents, **kind)
        folder = tmp_path / "releases" / manifest.release / manifest.profile
        for track, content in zip(manifest.tracks, contents, strict=True):
            (folder / track.path).parent.mkdir(parents=True, exist_ok=True)
            (folder / track.path).write_bytes(content)
        (folder / "manifest.json").write_bytes(manifest.to_bytes())
        return manifest

    return make


@pytest.fixture
def visits(registry: Registry, tmp_path: Path, release: Callable[..., Manifest]) -> Visits:
    """The registry of a volunteer with two players."""
    for player in ("P001", "P002"):
        add_player(registry, player)
    return Visits(registry, tmp_path, release)
