"""Releases that nobody needs any more are deleted; what their tracks share with others stays."""

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
    """What the files of some releases take, in bytes.

    A track that other releases have too is one file with several names: its bytes stay until the last goes.
    """

    freed: int  # that the disk gets back when they are deleted
    shared: int  # that stay, since other releases have them too


def room_of(releases: Iterable[StoredRelease]) -> FreedSpace:
    """What the disk gets back when these releases are deleted, and what stays."""
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
    """Delete what a deletion or an unpacking left in the folder `root` when the program was killed.

    Only for who has the turn there (see `turn`).
    """
    for name in _LEFTOVERS:
        shutil.rmtree(root / name, ignore_errors=True)


def delete_release(release: StoredRelease, root: Path) -> None:
    """Delete the release from the folder `root` of all releases; an interruption leaves it whole or gone.

    Raises StorageError when the disk refuses.
    """
    part = root / _PART
    try:
        if part.exists():  # of a run that was interrupted
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
