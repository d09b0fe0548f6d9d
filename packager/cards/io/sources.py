"""The files of a release on this computer, from which a load writes."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.base.manifest import Manifest, ManifestFile


def require_sources(wanted: Manifest, folder: Path, files: Iterable[ManifestFile]) -> None:
    """Raise InputError if one of `files` is missing in the folder of the release `wanted`, or has another size."""
    for file in files:
        size = source_size(folder, file)
        if size != file.size:
            raise InputError(
                _("The release {release} is damaged: {path} is {found}. Build it again, or fetch it again.").format(
                    release=wanted.release,
                    path=folder / file.path,
                    found=_("missing") if size is None else _("{size} bytes long").format(size=size),
                )
            )


def source_size(folder: Path, file: ManifestFile) -> int | None:
    """The bytes of `file` in a release folder, None where it is missing."""
    try:
        found = os.stat(f"{folder}{os.sep}{file.path}")  # noqa: PTH116 (making a Path costs more than the call)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None
