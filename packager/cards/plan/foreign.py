"""Foreign files on a card, and how they disturb a player. Pure.

Foreign files are never changed or deleted. But a player that counts files counts the listener's songs too, and
the printed number of a chapter then plays another track.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from packager.base.manifest import Manifest
from packager.cards.filesystem import DirEntry, DirEntryKind
from packager.cards.plan.player_walk import Shift
from packager.cards.plan.snapshot import CardSnapshot
from packager.firmware.catalog import is_recording

_AUDIO = frozenset({"mp3", "wma", "wav", "flac", "ape", "aac", "m4a", "ogg", "oga", "opus", "amr", "mp2"})


class Effect(str, Enum):
    """How foreign audio disturbs a player."""

    SHIFTS = "shifts"  # the numbers of tracks after it
    MAY_SHIFT = "may-shift"  # on players that count the files of every folder
    PLAYS = "plays"  # among or between the tracks


@dataclass(frozen=True)
class Disturbance:
    """A foreign file, or a folder of such files, that a player plays or counts."""

    path: str
    effect: Effect
    is_apple_double: bool  # `._*`: no sound in it, but a player tries
    is_recording: bool = False  # in a folder of the player's recorder
    is_folder: bool = False


def foreign_files(snapshot: CardSnapshot) -> Mapping[str, DirEntry]:
    """Every file on the card that no manifest names."""
    named = {file.path for manifest in snapshot.manifests.values() for file in manifest.files} | snapshot.renamed.keys()
    return {
        path: entry
        for path, entry in snapshot.entries.items()
        if path not in named and entry.kind is not DirEntryKind.FOLDER
    }


def is_audio(name: str) -> bool:
    """Whether a player takes a file of that name for a track."""
    return name.rpartition(".")[2].casefold() in _AUDIO


def disturbances(snapshot: CardSnapshot, manifest: Manifest) -> Iterator[Disturbance]:
    """Yield the foreign files that disturb a player with the tracks of `manifest`.

    A player that finds tracks by place: audio shifts the tracks after it, those that are not written yet too. The
    walks of the release's firmwares tell whether it comes before them; where no firmware is known, audio in a folder
    without tracks may do so. A player that finds them by name: audio plays among the tracks, or between their folders
    if its own folder is between them.
    """
    for found in _disturbances(snapshot, manifest):
        yield replace(found, is_recording=is_recording(f"{found.path}/x" if found.is_folder else found.path))


def _disturbances(snapshot: CardSnapshot, manifest: Manifest) -> Iterator[Disturbance]:
    managed = {track.path.rpartition("/")[0] for track in manifest.tracks}
    wanted = {track.path for track in manifest.tracks}
    by_place = manifest.finds_by == "place"
    shift = Shift(snapshot, manifest) if by_place and manifest.firmware and snapshot.keeps_order else None
    late = {folder: _names_before_the_last(snapshot, folder, wanted) for folder in managed}
    between = _folders_between(snapshot, managed)
    told: set[str] = set()
    for path, entry in foreign_files(snapshot).items():
        folder, _slash, name = path.rpartition("/")
        if entry.kind is not DirEntryKind.FILE or not is_audio(name) or path in wanted:
            continue
        is_apple_double = name.startswith("._")
        top = path.partition("/")[0]
        if shift is not None:
            if shift.is_possible(path) or folder in managed:
                sure = Effect.SHIFTS if shift.is_sure(path) else Effect.MAY_SHIFT
                yield Disturbance(path, sure if shift.is_possible(path) else Effect.PLAYS, is_apple_double)
        elif by_place and folder in managed:
            effect = Effect.SHIFTS if name in late[folder] else Effect.PLAYS
            yield Disturbance(path, effect, is_apple_double)
        elif by_place:
            yield Disturbance(path, Effect.MAY_SHIFT, is_apple_double)
        elif folder in managed or not folder:
            yield Disturbance(path, Effect.PLAYS, is_apple_double)
        elif top in between and top not in told:
            told.add(top)
            yield Disturbance(top, Effect.PLAYS, False, is_folder=True)


def shifted_tracks(folders: Mapping[str, Iterable[DirEntry]], manifest: Manifest) -> int:
    """How many tracks another number plays than the printed one, on a player that finds tracks by place: those behind
    foreign audio in their folder. `folders` has the entries of folders in directory order."""
    if manifest.finds_by != "place":
        return 0
    ours = {track.path for track in manifest.tracks}
    shifted = 0
    for folder, entries in folders.items():
        behind = False
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            behind |= path not in ours and entry.kind is DirEntryKind.FILE and is_audio(entry.name)
            shifted += behind and path in ours
    return shifted


def without(snapshot: CardSnapshot, paths: Iterable[str]) -> CardSnapshot:
    """The snapshot without these files and folders."""
    gone = set(paths)
    folders = {
        folder: tuple(e for e in entries if (f"{folder}/{e.name}" if folder else e.name) not in gone)
        for folder, entries in snapshot.folders.items()
        if folder not in gone
    }
    return replace(snapshot, folders=folders)


def _names_before_the_last(snapshot: CardSnapshot, folder: str, wanted: set[str]) -> frozenset[str]:
    """The names before the last wanted track of a folder; all of them where order means nothing, or where a
    wanted track is still missing and may come last."""
    found = [entry.name for entry in snapshot.folders.get(folder, ())]
    here = {path.rpartition("/")[2] for path in wanted if path.rpartition("/")[0] == folder}
    if not snapshot.keeps_order or not here <= set(found):
        return frozenset(found)
    last = max(index for index, name in enumerate(found) if name in here)
    return frozenset(found[:last])


def _folders_between(snapshot: CardSnapshot, managed: set[str]) -> frozenset[str]:
    """Foreign folders of the root before the last of ours."""
    tops = {folder.partition("/")[0] for folder in managed if folder}
    names = [entry.name for entry in snapshot.folders.get("", ()) if entry.kind is DirEntryKind.FOLDER]
    last = max((index for index, name in enumerate(names) if name in tops), default=0)
    return frozenset(name for name in names[:last] if name not in tops) if snapshot.keeps_order else frozenset()
