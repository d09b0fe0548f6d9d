"""Writes zip files whose bytes follow from their content: fixed times, fixed order, streamed."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from packager.publish.folder import Advance, audio_pieces
from packager.publish.publication import PublishedChapter

_DAY = (1980, 1, 1, 0, 0, 0)  # the format's first day, so that nothing depends on a clock
_READABLE = 0o100644 << 16
_UNIX = 3


@dataclass(frozen=True)
class Member:
    """A file in a zip file."""

    name: str
    pieces: Iterable[bytes]
    size: int  # bytes
    is_compressed: bool = False


def text_member(name: str, text: str) -> Member:
    """A compressed text file in UTF-8."""
    data = text.encode("utf-8")
    return Member(name, (data,), len(data), is_compressed=True)


def bytes_member(name: str, data: bytes) -> Member:
    """A file that is stored as it is."""
    return Member(name, (data,), len(data))


def audio_member(name: str, chapter: PublishedChapter, advance: Advance) -> Member:
    """A chapter's audio, compared with its hash in the manifest while it is copied."""
    return Member(name, _Pieces(chapter, advance), chapter.size)


@dataclass(frozen=True)
class _Pieces:
    chapter: PublishedChapter
    advance: Advance

    def __iter__(self) -> Iterator[bytes]:
        return audio_pieces(self.chapter, self.advance)


def write_zip(place: Path, members: Iterable[Member]) -> None:
    """Write a zip file with these members in their order. Raises OSError, and InputError for damaged audio."""
    with zipfile.ZipFile(place, "x") as archive:
        for member in members:
            info = zipfile.ZipInfo(member.name, _DAY)
            info.create_system, info.external_attr = _UNIX, _READABLE
            info.compress_type = zipfile.ZIP_DEFLATED if member.is_compressed else zipfile.ZIP_STORED
            info.file_size = member.size
            with archive.open(info, "w") as stream:
                for piece in member.pieces:
                    stream.write(piece)
