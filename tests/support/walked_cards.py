"""Cards as firmwares see them: listings of model cards and of FAT images, and weekly releases of a profile for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

from card_kit import sound
from fat_card import FatCard
from fat_reader import END, ROOT_CLUSTER, records
from manifests import manifest_with, track_of

from packager.arranging.arrange import arrange
from packager.arranging.number_ledger import NumberLedger
from packager.arranging.playlist import NumberRangeKind, Playlist, PlaylistItem
from packager.arranging.profiles.profile import Profile
from packager.base.manifest import Manifest
from packager.cards.filesystem import DirEntry, DirEntryKind
from packager.firmware.model import ListedEntry, Listing
from packager.reading import Book, Chapter
from playlists import playlist_of


class Scanned(Protocol):
    """A card whose folders can be listed."""

    def scan(self, folder: str) -> tuple[DirEntry, ...]: ...


def listing_of_card(card: Scanned, folder: str = "") -> dict[str, tuple[ListedEntry, ...]]:
    """The listing of a card, our own folder with all that is in it."""
    found = card.scan(folder)
    row = tuple(ListedEntry(e.name, is_folder=e.kind is DirEntryKind.FOLDER, size=e.size) for e in found)
    listing = {folder: row}
    for entry in row:
        if entry.is_folder:
            listing |= listing_of_card(card, f"{folder}/{entry.name}" if folder else entry.name)
    return listing


def listing_of_names(directories: Mapping[str, Iterable[str]]) -> Listing:
    """The listing of names in directory order, as fatsort reads them from an image."""
    return {
        folder: tuple(
            ListedEntry(name, is_folder=(f"{folder}/{name}" if folder else name) in directories, size=1)
            for name in names
            if name not in (".", "..")
        )
        for folder, names in directories.items()
    }


def listing_of_disk(card: FatCard) -> Listing:
    """The listing of a modelled disk with short names, first clusters and places in the directory."""
    listing: dict[str, tuple[ListedEntry, ...]] = {}
    waiting = [("", ROOT_CLUSTER)]
    while waiting:
        folder, cluster = waiting.pop()
        raw = b""
        while card.geometry.is_cluster(cluster):
            raw += card.geometry.cluster_bytes(card.disk, cluster)
            cluster = card.table[cluster] if card.table[cluster] < END - 7 else 0
        found, _orphans = records(raw)
        listing[folder] = tuple(
            ListedEntry(r.name, r.is_folder, r.size, r.alias, False, r.start, r.slots[-1]) for r in found
        )
        waiting += [(f"{folder}/{r.name}" if folder else r.name, r.start) for r in found if r.is_folder]
    return listing


def book(name: str, chapters: int) -> Book:
    return Book(name, "", tuple(Chapter(f"{name}第{n}章", ("有人敲门。",)) for n in range(1, chapters + 1)))


def playlist(week: int, books: Mapping[str, int], profile: Profile, keep: int) -> Playlist:
    items = [PlaylistItem(f"week-{week}", range_kind=NumberRangeKind.WEEK)]
    items += [
        PlaylistItem(f"week-{before}", range_kind=NumberRangeKind.KEPT, week=f"2026-W{before:02}")
        for before in range(max(1, week - keep), week)
    ]
    items += [PlaylistItem(name) for name in books]
    return playlist_of(
        *items, title="读书", profile=profile.name, keep=keep, week_shelf=5, book_shelf=4, week=f"2026-W{week:02}"
    )


class Series:
    """The weekly releases of one profile: a reading of `readings` tracks each week, kept weeks, and books that come."""

    def __init__(self, profile: Profile, *, keep: int) -> None:
        self.profile, self.keep = profile, keep
        self.ledger = NumberLedger("s")
        self.readings: dict[int, int] = {}
        self.books: dict[str, int] = {}

    def release(self, folder: Path, week: int) -> Manifest:
        """Write the release of `week` into `folder`."""
        wanted = playlist(week, self.books, self.profile, self.keep)
        texts = {name: book(name, size) for name, size in self.books.items()}
        texts |= {f"week-{n}": book(f"week-{n}", size) for n, size in self.readings.items()}
        tracks, self.ledger = arrange(wanted, self.profile, texts, self.ledger)
        made = []
        for track in tracks.tracks:
            data = sound(f"{track.number} {track.kind} {track.book} {track.title}", 700)
            (folder / track.path).parent.mkdir(parents=True, exist_ok=True)
            (folder / track.path).write_bytes(data)
            made.append(track_of(track.number, track.path, data, kind=track.kind, title=track.title, book=track.book))
        manifest = manifest_with(
            *made,
            series="s",
            sequence=week,
            profile=self.profile.name,
            finds_by=self.profile.finds_by.value,
            firmware=self.profile.firmware,
        )
        (folder / "manifest.json").write_bytes(manifest.to_bytes())
        return manifest
