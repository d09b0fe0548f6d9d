"""Conflicts: foreign files at paths where the release has files of its own. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from packager.base.display import shown
from packager.base.errors import NeedsCheckError
from packager.base.i18n.language import _
from packager.base.manifest import Manifest
from packager.cards.filesystem import DirEntryKind
from packager.cards.plan.directory_order import same_name_key
from packager.cards.plan.ownership import ManagedFiles
from packager.cards.plan.snapshot import CardSnapshot

_ILLEGAL = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\]')
MAX_FILE_BYTES = 4 * 1024**3 - 1  # FAT


def conflicts(snapshot: CardSnapshot, wanted: Manifest, ours: ManagedFiles) -> Iterator[str]:
    """Yield a sentence for every file or folder that only the volunteer can move out of the way."""
    yield from _altered(snapshot, ours)
    there = {same_name_key(path): path for path in snapshot.entries}
    folders: dict[str, None] = {}
    for file in wanted.files:
        parts = file.path.split("/")
        folders.update(dict.fromkeys("/".join(parts[:depth]) for depth in range(1, len(parts))))
        found = there.get(same_name_key(file.path))
        if found is not None and found not in ours.all and found not in ours.altered:
            yield _in_the_way(snapshot, found, file.path)
        if file.size > MAX_FILE_BYTES:
            yield _("{path} is larger than 4 GiB, which FAT can't hold").format(path=file.path)
    for folder in folders:
        found = there.get(same_name_key(folder))
        if found is None or (found == folder and snapshot.entries[found].kind is DirEntryKind.FOLDER):
            continue
        if found not in renamed_folders(snapshot, ours):
            yield _in_the_way(snapshot, found, folder)


def renamed_folders(snapshot: CardSnapshot, ours: ManagedFiles) -> frozenset[str]:
    """The folders that stand for one of ours and have no foreign file: these are made again under their own name."""
    return frozenset(folder for folder in ours.other_folders if not foreign_in(snapshot, ours, folder))


def foreign_in(snapshot: CardSnapshot, ours: ManagedFiles, folder: str) -> tuple[str, ...]:
    """The paths in a folder that are not ours, at any depth."""
    inside = folder + "/"
    return tuple(
        path
        for path, entry in snapshot.entries.items()
        if path.startswith(inside) and entry.kind is not DirEntryKind.FOLDER and path not in ours.all
    )


def _altered(snapshot: CardSnapshot, ours: ManagedFiles) -> Iterator[str]:
    sizes: dict[str, int] = {}
    for manifest in snapshot.manifests.values():
        sizes.update((file.path, file.size) for file in manifest.files)
    for path in sorted(ours.altered):
        if path in snapshot.unreadable:
            yield _(
                "{path} must be deleted, but can't be read ({reason}), so that nothing proves that it is ours. To "
                "give it up, repair the card (--repair)."
            ).format(path=path, reason=snapshot.unreadable[path])
            continue
        if path in snapshot.contents:
            yield _(
                "{path} is not what was loaded: it has the same size, but other content. If it is a file of the "
                "listener's own, move it to another place; to give it up, repair the card (--repair)."
            ).format(path=path)
            continue
        yield _(
            "{path} is not what was loaded: it has {found} bytes instead of {expected}. If it is a file of "
            "the listener's own, move it to another place; to write it again, repair the card "
            "(--repair)."
        ).format(path=path, found=snapshot.entries[path].size, expected=sizes[path])


def _in_the_way(snapshot: CardSnapshot, found: str, path: str) -> str:
    kinds = {
        DirEntryKind.FILE: _("a file that this program did not put there"),
        DirEntryKind.FOLDER: _("a folder"),
        DirEntryKind.OTHER: _("something that is neither file nor folder"),
    }
    return _("{path} can't be written: {found} is {kind}. Move it to another place or give it another name.").format(
        path=path, found=shown(found), kind=kinds[snapshot.entries[found].kind]
    )


def require_legal_names(snapshot: CardSnapshot) -> None:
    """Raise NeedsCheckError for a name that no system writes: the power failed while the folder grew, before its
    new cluster was zeroed."""
    for manifest in snapshot.manifests.values():
        for folder in {"", *(file.path.rpartition("/")[0] for file in manifest.files)}:
            for entry in snapshot.folders.get(folder, ()):
                if _ILLEGAL.search(entry.name):
                    raise NeedsCheckError(
                        _(
                            "{path} is a name that no computer writes: the folder is damaged after a load "
                            "that was interrupted. Nothing was changed. Check the card's file system with "
                            "this system's own tool (fsck.vfat, chkdsk, Disk Utility), then run the same "
                            "command again."
                        ).format(path=shown(f"{folder}/{entry.name}".lstrip("/")))
                    )
