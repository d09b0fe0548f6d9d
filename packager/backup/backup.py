"""Backup: a whole workspace as one zip file, with its registry.

`contents.json` lists every other member with its size and SHA-256, and `contents.json.minisig` is its signature, where
this computer has a key that may exchange registries. The file holds personal data, so only its
owner may read it.

A block of numbers belongs to one registry. A restored copy is therefore another registry with a block of its
own, unless the volunteer says that the original is gone. A handover moves the blocks: the registry that it came
from gets a new identity without them, and gives out no more numbers and releases until it is taken back.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from packager.base.errors import InputError, StorageError
from packager.base.formats import canonical_json, written_aside
from packager.base.i18n.language import _, reason_of
from packager.base.workspace import SETTINGS_FILE, Workspace
from packager.cards.plan.foreign import is_audio
from packager.registry.database import Registry
from packager.registry.number_blocks import hand_over_registry, registry_identity
from packager.registry.own_settings import write_setting
from packager.sync.exchange import write_export
from packager.trust.minisign import SigningKey, digest_of

FORMAT = 1
KIND = "packager workspace"
CONTENTS = "contents.json"
LAST_BACKUP = "backup"  # the setting with the time of the last backup
SIGNATURE = "contents.json.minisig"
REGISTRY = "registry.jsonl"
FILES = (SETTINGS_FILE, "lexicon.yaml", "calibration.json")
FOLDERS = ("texts", "playlists", "profiles", "trust")
BUILT = ("output/releases", "output/spoken")  # releases, and what is said in their tracks

_PIECE = 1024 * 1024
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # that a zip can say

Progress = Callable[[int], object]
"""Called with the number of bytes read or written since the last call."""


@dataclass(frozen=True)
class Backup:
    """What was written. `left_out` names entries that are no regular files."""

    files: int
    size: int  # bytes of its members
    left_out: tuple[str, ...]


def back_up(
    workspace: Workspace,
    registry: Registry,
    file: Path,
    *,
    releases: bool = False,
    handover: bool = False,
    key: SigningKey | None = None,
    progress: Progress = lambda _bytes: None,
) -> Backup:
    """Write the workspace to `file`, signed with `key`; the file appears when it is complete.

    `handover` moves the number blocks. Raises StorageError when `file` can't be written, InputError when a file of the
    workspace can't be read.
    """
    left_out: list[str] = []
    entries: list[dict[str, Any]] = []
    try:
        with written_aside(file, mode=0o600) as stream:
            with zipfile.ZipFile(stream, "w") as archive:
                for name, path in _members(workspace.root, left_out, releases=releases):
                    entries.append(_add_file(archive, name, path, progress))
                with registry.read() as connection:
                    identity = registry_identity(connection)
                entries.append(_add_registry(archive, registry, progress))
                head = {"format": FORMAT, "kind": KIND, "handover": handover, "registry": identity}
                contents = canonical_json({**head, "files": entries})
                archive.writestr(_info(CONTENTS), contents)
                if key is not None:
                    signature = key.sign(digest_of([contents]), f"packager backup by {key.id}")
                    archive.writestr(_info(SIGNATURE), signature)
            stream.flush()
            os.fsync(stream.fileno())
            if handover:
                # Before the file appears: after a power cut here no registry has the blocks, never two.
                hand_over_registry(registry)
    except OSError as error:
        raise StorageError(_("{path} can't be written: {reason}").format(path=file, reason=reason_of(error))) from error
    with registry.write() as connection:
        write_setting(connection, LAST_BACKUP, registry.now())
    return Backup(len(entries), sum(entry["size"] for entry in entries), tuple(left_out))


def _members(root: Path, left_out: list[str], *, releases: bool) -> Iterator[tuple[str, Path]]:
    """All files to keep, with paths in forward slashes; other entries go to `left_out`."""
    for name in FILES:
        if (root / name).is_file():
            yield name, root / name
    for folder in (*FOLDERS, *(BUILT if releases else ())):
        for path in sorted((root / folder).rglob("*")):
            name = path.relative_to(root).as_posix()
            if any(part.startswith(".") for part in path.relative_to(root).parts):
                continue  # unfinished files, and files of systems and editors
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                left_out.append(name)
            elif path.is_file():
                yield name, path


def _add_file(archive: zipfile.ZipFile, name: str, path: Path, progress: Progress) -> dict[str, Any]:
    try:
        source = path.open("rb")
    except OSError as error:
        raise InputError(_("{path} can't be read: {reason}").format(path=path, reason=reason_of(error))) from error
    with source, archive.open(_info(name), "w", force_zip64=True) as target:
        hashed = _Hashed(target, progress)
        while piece := source.read(_PIECE):
            hashed.write(piece)
    return hashed.entry(name)


def _add_registry(archive: zipfile.ZipFile, registry: Registry, progress: Progress) -> dict[str, Any]:
    with archive.open(_info(REGISTRY), "w", force_zip64=True) as target:
        hashed = _Hashed(target, progress)
        write_export(registry, hashed, with_names=True)  # type: ignore[arg-type] # it only writes
    return hashed.entry(REGISTRY)


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EARLIEST)
    # Audio does not shrink; the registry shrinks to a fifth.
    info.compress_type = zipfile.ZIP_STORED if is_audio(name) else zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info


class _Hashed:
    """A member's stream that counts and hashes what is written to it."""

    def __init__(self, target: IO[bytes], progress: Progress) -> None:
        self._target, self._progress = target, progress
        self._digest, self._size = hashlib.sha256(), 0

    def write(self, data: bytes) -> int:
        self._target.write(data)
        self._digest.update(data)
        self._size += len(data)
        self._progress(len(data))
        return len(data)

    def entry(self, name: str) -> dict[str, Any]:
        return {"path": name, "sha256": self._digest.hexdigest(), "size": self._size}
