"""Files that an archive leaves out: found by hash among the releases that are here, and verified."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from packager.base.errors import InputError
from packager.base.formats import sha256_file
from packager.base.i18n.language import _
from packager.base.manifest import Manifest, ManifestFile
from packager.releases.archive_form import Difference
from packager.releases.store import StoredRelease
from packager.releases.track_store import place_file

_SHOWN = 3  # reasons in a message


def take_from_here(
    folder: Path, manifest: Manifest, since: Difference, releases: Iterable[StoredRelease], archive: Path
) -> int:
    """Put the files of `manifest` that `since` leaves out into `folder`, from any of `releases`; return how many.

    Verifies every byte. Raises InputError that names what is missing or was altered; messages call the archive
    `archive`.
    """
    known: dict[str, list[Path]] = {}
    for stored in releases:
        for file in stored.manifest.files:
            if file.sha256 in since.left_out:
                known.setdefault(file.sha256, []).append(stored.folder / file.path)
    left_out = [file for file in manifest.files if file.sha256 in since.left_out]
    problems = []
    for file in left_out:
        places = known.get(file.sha256, [])
        if not any(_is_taken(place, folder / file.path, file) for place in places):
            altered = _("{file} is missing or was altered").format(file=places[0]) if places else ""
            problems.append(altered or _("{file} is in no release here").format(file=file.path))
    if problems:
        message = _(
            "{path} has only what changed since '{since}'. Of the rest, {count} files are not here ({reasons}). "
            "Nothing was unpacked. Unpack '{since}' first, or ask for all of '{release}': packager release pack "
            "without --since"
        )
        reasons = _("; ").join(problems[:_SHOWN]) + (" …" if len(problems) > _SHOWN else "")
        values = {"since": since.release, "count": len(problems), "release": manifest.release}
        raise InputError(message.format(path=archive, reasons=reasons, **values))
    return len(left_out)


def _is_taken(place: Path, target: Path, file: ManifestFile) -> bool:
    """Whether the file at `place` is at `target` now, with the bytes that the manifest names."""
    if not place.is_file() or place.is_symlink():
        return False
    place_file(place, target)
    with target.open("rb") as stream:
        os.fsync(stream.fileno())  # where the disk has no links, this is a copy
    if target.stat().st_size == file.size and sha256_file(target) == file.sha256:
        return True
    target.unlink()
    return False
