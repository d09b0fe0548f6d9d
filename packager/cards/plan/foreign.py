"""Files on a card that are not ours, and which of them get in the way of a player. Pure.

They are never changed or deleted. But a player does not know whose a file is: one that counts files counts
somebody's songs too, and the number that was printed for a chapter plays another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from packager.base.manifest import Manifest
from packager.cards.filesystem import DirEntry, DirEntryKind
from packager.cards.plan.snapshot import CardSnapshot

_AUDIO = frozenset({"mp3", "wma", "wav", "flac", "ape", "aac", "m4a", "ogg", "oga", "opus", "amr", "mp2"})


class Effect(str, Enum):
    """What foreign audio does to a player."""

    SHIFTS = "shifts"  # the numbers of tracks after it
    MAY_SHIFT = "may-shift"  # on players that count what lies in every folder
    PLAYS = "plays"  # among or between the tracks


@dataclass(frozen=True)
class Disturbance:
    """A foreign file, or folder of them, that a player will play or count."""

    path: str
    effect: Effect
    is_apple_double: bool  # `._*`: no sound in it, but a player tries


def foreign_files(snapshot: CardSnapshot) -> Mapping[str, DirEntry]:
    """Every file on the card that no manifest names."""
    named = {file.path for manifest in snapshot.manifests.values() for file in manifest.files}
    return {
        path: entry
        for path, entry in snapshot.entries.items()
        if path not in named and entry.kind is not DirEntryKind.FOLDER
    }


def is_audio(name: str) -> bool:
    """Whether a player takes a file of that name for a track."""
    return name.rpartition(".")[2].casefold() in _AUDIO


def disturbances(snapshot: CardSnapshot, manifest: Manifest) -> Iterator[Disturbance]:
    """What of somebody else's gets in the way of a player with the tracks of `manifest`.

    Where the player finds by place, audio shifts what comes after it, also what is yet to come; in a folder
    of its own it does so on some players. Where it finds by name, audio plays among the tracks, or between
    the folders if its folder stands between them.
    """
    managed = {track.path.rpartition("/")[0] for track in manifest.tracks}
    wanted = {track.path for track in manifest.tracks}
    by_place = manifest.finds_by == "place"
    late = {folder: _names_before_the_last(snapshot, folder, wanted) for folder in managed}
    between = _folders_between(snapshot, managed)
    told: set[str] = set()
    for path, entry in foreign_files(snapshot).items():
        folder, _slash, name = path.rpartition("/")
        if entry.kind is not DirEntryKind.FILE or not is_audio(name) or path in wanted:
            continue
        is_apple_double = name.startswith("._")
        top = path.partition("/")[0]
        if by_place and folder in managed:
            effect = Effect.SHIFTS if name in late[folder] else Effect.PLAYS
            yield Disturbance(path, effect, is_apple_double)
        elif by_place:
            yield Disturbance(path, Effect.MAY_SHIFT, is_apple_double)
        elif folder in managed or not folder:
            yield Disturbance(path, Effect.PLAYS, is_apple_double)
        elif top in between and top not in told:
            told.add(top)
            yield Disturbance(top, Effect.PLAYS, False)


def without(snapshot: CardSnapshot, paths: Iterable[str]) -> CardSnapshot:
    """The snapshot as it will be when files and folders were deleted."""
    gone = set(paths)
    folders = {
        folder: tuple(e for e in entries if (f"{folder}/{e.name}" if folder else e.name) not in gone)
        for folder, entries in snapshot.folders.items()
        if folder not in gone
    }
    return replace(snapshot, folders=folders)


def _names_before_the_last(snapshot: CardSnapshot, folder: str, wanted: set[str]) -> frozenset[str]:
    """The names that stand before one of the wanted tracks of a folder. Order counts on FAT alone, and what
    is yet to be written may come last."""
    found = [entry.name for entry in snapshot.folders.get(folder, ())]
    here = {path.rpartition("/")[2] for path in wanted if path.rpartition("/")[0] == folder}
    if not snapshot.keeps_order or not here <= set(found):
        return frozenset(found)
    last = max(index for index, name in enumerate(found) if name in here)
    return frozenset(found[:last])


def _folders_between(snapshot: CardSnapshot, managed: set[str]) -> frozenset[str]:
    """Foreign folders of the root that stand before the last of ours."""
    tops = {folder.partition("/")[0] for folder in managed if folder}
    names = [entry.name for entry in snapshot.folders.get("", ()) if entry.kind is DirEntryKind.FOLDER]
    last = max((index for index, name in enumerate(names) if name in tops), default=0)
    return frozenset(name for name in names[:last] if name not in tops) if snapshot.keeps_order else frozenset()
