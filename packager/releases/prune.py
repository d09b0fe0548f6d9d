"""Delete releases that nobody needs, with the disk space that this frees."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from packager.base.errors import StorageError
from packager.base.i18n.language import _, reason_of
from packager.releases.archive import REPLACED, UNPACKING
from packager.releases.store import StoredRelease

_PART = ".pruned.part"
_LEFTOVERS = (_PART, UNPACKING, REPLACED)


@dataclass(frozen=True)
class FreedSpace:
    """Disk space of some releases, in bytes.

    Releases share tracks by hard links: a track's bytes are freed with its last link.
    """

    freed: int  # by deleting the releases
    shared: int  # with other releases, and so not freed


def room_of(releases: Iterable[StoredRelease]) -> FreedSpace:
    """The disk space that deleting these releases frees, and the space that stays in use."""
    found: Counter[tuple[int, int]] = Counter()
    files: dict[tuple[int, int], os.stat_result] = {}
    for release in releases:
        for path in release.folder.rglob("*"):
            if path.is_file():
                status = path.stat()
                found[status.st_dev, status.st_ino] += 1
                files[status.st_dev, status.st_ino] = status
    freed = sum(status.st_size for key, status in files.items() if found[key] >= status.st_nlink)
    return FreedSpace(freed, sum(status.st_size for status in files.values()) - freed)


def delete_leftovers(root: Path) -> None:
    """Delete leftovers of a killed deletion or unpacking in the folder `root`. The caller holds `build_lock`."""
    for name in _LEFTOVERS:
        shutil.rmtree(root / name, ignore_errors=True)


def delete_release(release: StoredRelease, root: Path) -> None:
    """Delete the release from the folder `root` of all releases. An interruption leaves all of it or nothing.

    Raises StorageError.
    """
    part = root / _PART
    try:
        if part.exists():  # left by an interrupted run
            shutil.rmtree(part)
        release.folder.rename(part)
        if not any(release.folder.parent.iterdir()):
            release.folder.parent.rmdir()
        shutil.rmtree(part)
    except OSError as error:
        raise StorageError(
            _("{path} can't be deleted: {reason}").format(
                path=error.filename or release.folder, reason=reason_of(error)
            )
        ) from error
