"""Tags of a finished track: ID3v2.3 with Chinese text, and GBK ID3v1 for players that know nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from packager.arranging.profiles.profile import TagFormat

LANGUAGE = "zho"  # ISO 639-2

_LATIN1 = 0  # ID3v2.3 asks for ISO-8859-1 in numeric strings and codes
_UTF16 = 1  # with byte order mark
_ID3V1_FIELD = 30  # bytes
_ID3V1_NO_GENRE = 255


@dataclass(frozen=True)
class TrackTags:
    """What the tags say; `number`, which the listener keys in, only names the track in messages."""

    title: str
    album: str  # the book
    artist: str  # the author
    place: int  # of the chapter in its book, from 1
    places: int  # chapters that the book has
    number: int


def write_tags(path: Path, tags: TrackTags, tag_format: TagFormat) -> None:
    """Give the untagged MP3 at `path` its tags: same tags, same bytes; no date and no encoder in them."""
    from mutagen.id3 import ID3, TALB, TIT2, TLAN, TPE1, TRCK

    id3 = ID3()
    id3.add(TIT2(encoding=_UTF16, text=[tags.title]))
    id3.add(TALB(encoding=_UTF16, text=[tags.album]))
    if tags.artist:
        id3.add(TPE1(encoding=_UTF16, text=[tags.artist]))
    id3.add(TRCK(encoding=_LATIN1, text=[f"{tags.place}/{tags.places}"]))
    id3.add(TLAN(encoding=_LATIN1, text=[LANGUAGE]))
    id3.save(path, v1=0, v2_version=3, padding=lambda info: 0)
    if tag_format.id3v1_gbk:
        with path.open("ab") as stream:
            stream.write(id3v1_gbk(tags))


def id3v1_gbk(tags: TrackTags) -> bytes:
    """The 128 bytes of an ID3v1.1 tag with its text in GBK, as players made for China read it."""
    comment = bytes(28)
    return b"".join(
        (
            b"TAG",
            _field(tags.title),
            _field(tags.artist),
            _field(tags.album),
            bytes(4),  # no year: nothing in a track depends on the day it was made
            comment,
            bytes((0, tags.place if tags.place <= 255 else 0, _ID3V1_NO_GENRE)),
        )
    )


def _field(text: str) -> bytes:
    """`text` in GBK, cut at a whole character and filled up with zeros."""
    data = b""
    for character in text:
        encoded = character.encode("gbk", errors="replace")
        if len(data) + len(encoded) > _ID3V1_FIELD:
            break
        data += encoded
    return data.ljust(_ID3V1_FIELD, b"\0")
