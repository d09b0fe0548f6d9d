"""DAISY: each folder of tracks becomes a DAISY 2.02 talking book, for players of libraries for the blind.

The tracks stay where they are; `discinfo.html` in the root lists the books. A file depends only on what it describes,
so that an update writes only what changed.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence

from packager.base.manifest import ManifestTrack, TrackKind
from packager.reading.nouns import TITLE_JOINT
from packager.releases.read_along import readable_passages, xml_text
from packager.releases.sidecars import ReleaseContent
from packager.releases.talking_book import TalkingBook, TalkingSection, disc_info, talking_book_files

_PUBLISHER = "packager"
_DAY = "1980-01-01"  # mandatory in a book; the first day that FAT knows, since the same tracks make the same files
_IDENTITIES = uuid.UUID("f6bbd1a5-8fcb-5a6d-94a0-0b16b2fd6f26")


def produce(content: ReleaseContent) -> Mapping[str, bytes]:
    """The files of the books, and the list of them."""
    files: dict[str, str] = {}
    listed: list[tuple[str, str]] = []
    for folder, tracks in _by_folder(content.tracks).items():
        book = _book(content, folder, tracks)
        listed += [(book.title, folder)] if folder else []
        for name, text in talking_book_files(book, with_elapsed=False):
            files[f"{folder}/{name}" if folder else name] = text
    if listed:
        files["discinfo.html"] = disc_info(listed)
    return {path: text.encode() for path, text in files.items()}


def _by_folder(tracks: Iterable[ManifestTrack]) -> dict[str, list[ManifestTrack]]:
    found: dict[str, list[ManifestTrack]] = {}
    for track in tracks:
        if track.kind is not TrackKind.PLACEHOLDER:
            found.setdefault(track.path.rpartition("/")[0], []).append(track)
    return found


def _book(content: ReleaseContent, folder: str, tracks: Sequence[ManifestTrack]) -> TalkingBook:
    title = _only(track.book for track in tracks) or xml_text(content.title)
    return TalkingBook(
        title=title,
        author=_only(content.authors.get(track.book, "") for track in tracks),
        publisher=_PUBLISHER,
        identity=str(uuid.uuid5(_IDENTITIES, f"{folder}/{title}")),
        day=_DAY,
        sections=tuple(_section(content, track) for track in tracks),
    )


def _section(content: ReleaseContent, track: ManifestTrack) -> TalkingSection:
    title = xml_text(track.title.replace(TITLE_JOINT, " ")) or xml_text(track.book)
    return TalkingSection(
        name=f"s{track.number:05d}",
        audio=track.path.rpartition("/")[2],
        title=title,
        seconds=track.seconds,
        passages=readable_passages(content.text_sync.get(track.sha256), title, track.seconds),
    )


def _only(values: Iterable[str]) -> str:
    """The value that all have; empty where they differ."""
    found = set(map(xml_text, values))
    return found.pop() if len(found) == 1 else ""
