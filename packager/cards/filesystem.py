"""What loading may do to a card: four operations, one slot that is written in place, and what can be read.

There is no rename, no truncation and no rewriting of a live file, because on FAT none of them survives a
power cut (`docs/decisions/card-protocol.md`). Whatever loading does goes through this Protocol one call at a
time, so that a test can cut the power at each of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

SLOT_SIZE = 512  # bytes: the smallest sector, which a card writes whole or not at all
PIECE_SIZE = 1024 * 1024  # bytes read or written at once at most
READ_SIZE = 256 * 1024  # bytes that are read: they stay near the processor until they were hashed and written


class DirEntryKind(str, Enum):
    """What a directory entry is."""

    FILE = "file"
    FOLDER = "folder"
    OTHER = "other"  # a symbolic link or a device: never followed, never touched


@dataclass(frozen=True)
class DirEntry:
    """One directory entry. A name that is no UTF-8 has lone surrogates in it (`surrogateescape`)."""

    name: str
    size: int  # bytes, 0 for a folder
    kind: DirEntryKind


class CardFS(Protocol):
    """A card, or a folder that stands for one. Paths are relative to its root, with forward slashes.

    Every method raises OSError when the medium fails.
    """

    @property
    def keeps_order(self) -> bool:
        """Whether directory order means anything: on FAT it is the order of play, elsewhere it is chance."""

    @property
    def fills_tail_first(self) -> bool:
        """Whether a new entry goes behind the last one while the folder has room, and into holes only
        then."""

    @property
    def reads_past_cache(self) -> bool:
        """Whether `read` gives what the card holds, not what the system remembers of it."""

    @property
    def allocation_unit(self) -> int:
        """Bytes by which a file's place on the medium grows."""

    def exclusive(self) -> AbstractContextManager[None]:
        """Keeps every other load off this medium; CardRefusedError when one is under way."""

    def free_space(self) -> int:
        """Bytes that are free, as the medium counts them now."""

    def scan(self, folder: str) -> tuple[DirEntry, ...]:
        """The entries of a folder in directory order; the root is the empty path."""

    def read(self, path: str) -> Iterator[bytes]:
        """The content of a file in pieces of at most PIECE_SIZE, past the cache where the system lets us."""

    def make_folder(self, path: str) -> None:
        """Make a folder; its parent exists, it does not."""

    def create(self, path: str, pieces: Iterable[bytes]) -> None:
        """Write a new file; an existing one of that name is an error, never overwritten."""

    def delete(self, path: str) -> None:
        """Delete a file, or a folder that is empty."""

    def barrier(self) -> None:
        """Return when all that was done before is on the medium."""

    def overwrite_slot(self, path: str, data: bytes) -> None:
        """Write SLOT_SIZE bytes over the same bytes of an existing file of that size, without truncating
        it."""
