"""The release store `output/releases/`: `<release>/<profile>/` with the card's tree and manifest.json."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packager.base.errors import DocumentError, InputError
from packager.base.formats import sha256_file
from packager.base.i18n.language import _, reason_of
from packager.base.manifest import Manifest, ManifestFile
from packager.base.yaml_documents import did_you_mean

MANIFEST_FILE = "manifest.json"


@dataclass(frozen=True)
class StoredRelease:
    """A release on this computer. `folder` holds the tree that the card gets, and the manifest."""

    folder: Path
    manifest: Manifest


def release_name(series: str, sequence: int) -> str:
    """The name of the release with this sequence, as `main-0007`."""
    return f"{series}-{sequence:04d}"


def open_release(folder: Path) -> StoredRelease:
    """The release in `folder`. Raises InputError when there is none, DocumentError for a bad manifest."""
    path = folder / MANIFEST_FILE
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            _("no release in {folder}: {reason}").format(folder=folder, reason=reason_of(error))
        ) from error
    return StoredRelease(folder, Manifest.from_bytes(data, str(path)))


def list_releases(root: Path) -> tuple[StoredRelease, ...]:
    """All complete releases below `root`, by series and sequence, oldest first.

    Raises DocumentError when one of them has a damaged manifest.
    """
    # Folders that begin with a dot are unfinished.
    found = [_open_listed(path.parent) for path in root.glob(f"[!.]*/[!.]*/{MANIFEST_FILE}")]
    return tuple(sorted(found, key=lambda stored: (stored.manifest.series, stored.manifest.sequence)))


def _open_listed(folder: Path) -> StoredRelease:
    try:
        return open_release(folder)
    except DocumentError as error:
        advice = _("this release is damaged: delete the folder {folder}, then build its playlist again")
        raise DocumentError(error.source, [*error.problems, advice.format(folder=folder)]) from error


def find_release(root: Path, name: str) -> StoredRelease:
    """The release called `name`, as `main-0007`. Raises InputError when there is none."""
    releases = list_releases(root)
    for stored in releases:
        if stored.manifest.release == name:
            return stored
    hint = did_you_mean(name, [stored.manifest.release for stored in releases])
    raise InputError(_("no release '{name}' in {root}{hint}").format(name=name, root=root, hint=hint))


def damaged_files(release: StoredRelease) -> Iterator[str]:
    """Paths of files that are missing or whose bytes differ from the manifest; reads all bytes."""
    return (file.path for file in release.manifest.files if is_damaged(release.folder, file))


def is_damaged(folder: Path, file: ManifestFile) -> bool:
    """Whether a file of the release in `folder` is missing or has other bytes than its manifest says."""
    path = folder / file.path
    return not path.is_file() or path.stat().st_size != file.size or sha256_file(path) != file.sha256
