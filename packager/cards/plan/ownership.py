"""Ownership: which files on a card are ours, and in what condition. Pure.

A file is ours if a manifest names its path, size and hash. On a clean card the size replaces the hash for files that
stay; those that a load would delete were read, and are ours only with the right content. Paths that differ only in case
are one name to FAT, so a file that somebody renamed so is ours by its hash.
After an interruption a file that was being written can be in any condition; few files can be such a one, since
a load puts a barrier between any two files (`docs/decisions/card-protocol.md`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from packager.base.manifest import Manifest, ManifestFile, TrackKind
from packager.cards.filesystem import DirEntryKind
from packager.cards.plan.directory_order import is_filler, is_short_form, play_order, same_name_key
from packager.cards.plan.snapshot import CardSnapshot
from packager.cards.plan.state_slots import marker_number


@dataclass(frozen=True)
class ManagedFiles:
    """Our files on a card.

    `whole`: SHA-256 by path of files that are as a manifest says. `partial`: ours but not whole, after an
    interrupted write or because the content changed on the card. `altered`: paths of ours with a file of
    somebody else, which only the volunteer can give up. `fillers`: filler entries that an interrupted load left.
    `suspect`: those of `partial` that read well but may have lost clusters, the last in playing order first.
    `renamed`: those of `partial` with the right content under a name that differs only in case, with their own path.
    `other_folders`: folders that stand for one of ours, with its path: their name differs in case, or after an
    interruption only the short form of it is left.
    """

    whole: Mapping[str, str]
    partial: frozenset[str]
    altered: frozenset[str]
    fillers: frozenset[str]
    suspect: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    other_folders: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @cached_property
    def all(self) -> frozenset[str]:
        """The paths that a load may delete."""
        return frozenset(self.whole) | self.partial | self.fillers


def managed_files(snapshot: CardSnapshot, *, repair: bool = False) -> ManagedFiles:
    """Find our files on a card. With `repair` the volunteer gives up altered ones, so they are `partial`."""
    files = _files_by_path(snapshot.manifests.values())
    writable = {} if snapshot.is_clean else _half_written(snapshot)
    whole: dict[str, str] = {}
    partial: set[str] = set()
    altered: set[str] = set()
    for path, candidates in files.items():
        entry = snapshot.file(path)
        if entry is None:
            continue
        fitting = [file for file in candidates if file.size == entry.size]
        read = snapshot.contents.get(path)
        if read is not None:
            match = next((file for file in fitting if file.sha256 == read), None)
        else:
            match = fitting[0] if fitting and snapshot.is_clean and path not in snapshot.unreadable else None
        if match is not None:
            whole[path] = match.sha256
        elif repair or (fitting and not snapshot.is_clean) or entry.size == 0 or entry.size < writable.get(path, 0):
            partial.add(path)
        else:
            altered.add(path)
    renamed = {
        other: path
        for other, path in snapshot.renamed.items()
        if any(file.sha256 == snapshot.contents.get(other) for file in files[path])
    }
    partial.update(renamed)
    folders = _other_folders(snapshot, files)
    suspect: tuple[str, ...] = ()
    if not snapshot.is_clean:
        suspect = _suspect(snapshot, whole) if snapshot.keeps_order else ()
        for path in suspect:
            del whole[path]
            partial.add(path)
        partial.update(_nameless(snapshot, files, writable, folders, repair=repair))
    return ManagedFiles(whole, frozenset(partial), frozenset(altered), _fillers(snapshot), suspect, renamed, folders)


def _fillers(snapshot: CardSnapshot) -> frozenset[str]:
    """The fillers that an interrupted load left. Before its first write, a load fills only the root, and only one of
    fixed size: there they can be on a clean card too."""
    found = (path for path, entry in snapshot.entries.items() if is_filler(entry))
    if snapshot.is_clean:
        return frozenset(path for path in found if "/" not in path and snapshot.root_slots is not None)
    return frozenset(found)


def _suspect(snapshot: CardSnapshot, whole: Mapping[str, str]) -> tuple[str, ...]:
    """The files that an interrupted load wrote last. They read well, but the end of their cluster chain may be
    missing in the allocation table, which reading does not show. All sidecars count, since they are small."""
    state = snapshot.state
    target = snapshot.manifests.get(state.target) if state else None
    if state is None or target is None:
        return ()
    marks = {marker_number(path.rpartition("/")[2]) for path, entry in snapshot.own.items() if not entry.size}
    owned = [snapshot.manifests[name] for name in state.owned if name != state.target and name in snapshot.manifests]
    before = {(track.path, track.sha256) for manifest in owned for track in manifest.tracks}
    new = [track for track in target.tracks if (track.path, track.sha256) not in before]
    found: dict[bool, str] = {}
    for track in new:
        if whole.get(track.path) == track.sha256:
            found[track.kind is TrackKind.CONTENTS] = track.path
        elif track.kind is not TrackKind.CONTENTS:
            break
    paths = frozenset(found.values()) | _ends_of_folders(target, whole, found.values())
    paths |= _beside_a_gap(target, whole)
    paths |= {track.path for track in target.tracks if track.number in marks and track.path in whole}
    paths |= {file.path for file in target.sidecars if whole.get(file.path) == file.sha256}
    return tuple(file.path for file in reversed(target.files) if file.path in paths)


def _ends_of_folders(target: Manifest, whole: Mapping[str, str], new: Iterable[str]) -> frozenset[str]:
    """The last tracks of folders with new tracks. A track that comes between others has its followers written
    again, the last of the folder last."""
    folders = {path.rpartition("/")[0] for path in new}
    last = {track.path.rpartition("/")[0]: track for track in target.tracks}
    ends = (last[folder] for folder in folders)
    return frozenset(track.path for track in ends if whole.get(track.path) == track.sha256)


def _beside_a_gap(target: Manifest, whole: Mapping[str, str]) -> frozenset[str]:
    """The tracks before and after the first gap. While followers are written again, the one before was just
    written, and the one after was perhaps being deleted."""
    tracks = [track for track in target.tracks if track.kind is not TrackKind.CONTENTS]
    fits = [whole.get(track.path) == track.sha256 for track in tracks]
    gap = fits.index(False) if False in fits else len(fits)
    after = next((n for n in range(gap, len(fits)) if fits[n]), None)
    near = [gap - 1] * (gap > 0) + ([after] if after is not None else [])
    return frozenset(tracks[n].path for n in near)


def _other_folders(snapshot: CardSnapshot, files: Iterable[str]) -> dict[str, str]:
    """The folders on the card that stand for one of ours that is missing, with its path."""
    ours = play_order(files).keys() - {""}
    found: dict[str, str] = {}
    on_card: dict[str, str] = {}
    for folder in sorted(ours - snapshot.folders.keys(), key=lambda path: path.count("/")):
        parent, slash, name = folder.rpartition("/")
        parent = on_card.get(parent, parent)
        for entry in snapshot.folders.get(parent, ()):
            other = f"{parent}{slash}{entry.name}"
            is_alike = same_name_key(entry.name) == same_name_key(name)
            is_alike |= not snapshot.is_clean and is_short_form(entry.name, name)
            if entry.kind is DirEntryKind.FOLDER and other not in ours and is_alike:
                found[other], on_card[folder] = folder, other
    return found


def _nameless(
    snapshot: CardSnapshot,
    files: Mapping[str, list[ManifestFile]],
    writable: Mapping[str, int],
    folders: Mapping[str, str],
    *,
    repair: bool,
) -> frozenset[str]:
    """Files of ours that lost their long name in a power cut and show the short one, or that are in one of `folders`.
    With `repair` the size does not matter, since a file that was given up may have been half-deleted."""
    found: set[str] = set()
    on_card = {own: folder for folder, own in folders.items()}
    for path, candidates in files.items():
        own, slash, name = path.rpartition("/")
        folder = on_card.get(own, own)
        if snapshot.file(path) is not None:
            continue
        for entry in snapshot.folders.get(folder, ()):
            other = f"{folder}{slash}{entry.name}"
            ours = repair or any(file.size == entry.size for file in candidates) or entry.size < writable.get(path, 1)
            if entry.kind is DirEntryKind.FILE and other not in files and ours:
                found.update({other} if entry.name == name or is_short_form(entry.name, name) else ())
    return frozenset(found)


def _files_by_path(manifests: Iterable[Manifest]) -> dict[str, list[ManifestFile]]:
    files: dict[str, list[ManifestFile]] = {}
    for manifest in manifests:
        for file in manifest.files:
            files.setdefault(file.path, []).append(file)
    return files


def _half_written(snapshot: CardSnapshot) -> dict[str, int]:
    """The paths where an interrupted load can have left part of a file, with the full size.

    A load writes the tracks in playing order, then the contents track where it replaces one, then the
    sidecars, each file behind a barrier. A folder that is made again gets its sidecars at once. So of each
    manifest these can be partial: the contents track, and the first other track and the first sidecar of
    each folder that do not have their full length.
    """
    paths: dict[str, int] = {}
    for manifest in snapshot.manifests.values():
        short = [track for track in manifest.tracks if not _has_length(snapshot, track)]
        contents = [track for track in short if track.kind is TrackKind.CONTENTS]
        others = [track for track in short if track.kind is not TrackKind.CONTENTS][:1]
        sidecars: dict[str, ManifestFile] = {}
        for sidecar in manifest.sidecars:
            if not _has_length(snapshot, sidecar):
                sidecars.setdefault(sidecar.path.rpartition("/")[0], sidecar)
        files: tuple[ManifestFile, ...] = (*others, *contents, *sidecars.values())
        for file in files:
            paths[file.path] = max(file.size, paths.get(file.path, 0))
    return paths


def _has_length(snapshot: CardSnapshot, file: ManifestFile) -> bool:
    entry = snapshot.file(file.path)
    return entry is not None and entry.size == file.size
