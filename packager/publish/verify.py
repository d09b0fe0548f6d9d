"""Checks published folders: their files against their record, and their record against the release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.base.manifest import Manifest
from packager.publish.folder import RECORD_FILE, PublicationRecord, folder_problems, read_record

_DEPTH = 3  # folders: the root, a channel, a release


@dataclass(frozen=True)
class VerifiedFolder:
    """A published folder, what it says it is, and what is wrong with it."""

    folder: Path
    record: PublicationRecord | None  # None: damaged
    problems: tuple[str, ...]


def verify_published(folder: Path, manifests: Mapping[str, Manifest]) -> tuple[VerifiedFolder, ...]:
    """Check each publication in `folder` and below. `manifests` are the releases here by content id.

    Raises InputError when nothing was published there.
    """
    found = [path.parent for depth in range(_DEPTH) for path in sorted(folder.glob("*/" * depth + RECORD_FILE))]
    if not found:
        raise InputError(_("nothing was published in {folder}").format(folder=folder))
    return tuple(_verified(place, manifests) for place in found if not place.name.startswith("."))


def _verified(folder: Path, manifests: Mapping[str, Manifest]) -> VerifiedFolder:
    try:
        record = read_record(folder)
    except InputError as error:
        return VerifiedFolder(folder, None, (str(error),))
    problems = [*folder_problems(folder, record), *_release_problems(record, manifests.get(record.content_id))]
    return VerifiedFolder(folder, record, tuple(problems))


def _release_problems(record: PublicationRecord, manifest: Manifest | None) -> Iterator[str]:
    if manifest is None:
        return
    tracks = {track.sha256 for track in manifest.tracks}
    if not set(record.audio) <= tracks:
        yield _("it has audio that is not in the release '{release}'").format(release=manifest.release)
