"""CardFS: the file system operations that a load may use on a card. Pure.

There are four operations, an attribute that is removed, and one slot that is written in place. There is no rename,
truncation or rewriting of a live file, because none of them survives a power cut on FAT
(`docs/decisions/card-protocol.md`). A load does nothing else, so tests can cut the power at each operation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

SLOT_SIZE = 512  # bytes: the smallest sector, which a card writes whole or not at all
PIECE_SIZE = 1024 * 1024  # bytes read or written at once at most
READ_SIZE = 256 * 1024  # bytes read at once: they stay in the processor's cache until hashed and written


class DirEntryKind(str, Enum):
    """The kind of a directory entry."""

    FILE = "file"
    FOLDER = "folder"
    OTHER = "other"  # a symbolic link or a device: never followed, never touched


@dataclass(frozen=True)
class DirEntry:
    """One directory entry. A name that is not UTF-8 has lone surrogates (`surrogateescape`)."""

    name: str
    size: int  # bytes, 0 for a folder
    kind: DirEntryKind


@dataclass(frozen=True)
class EntryFacts:
    """What FAT keeps of a file or folder besides its name and size, as far as the system shows it."""

    hidden: bool = False  # it has the attribute "hidden" or "system", so some players skip it
    first_cluster: int | None = None  # a number that no other file has; None if empty, or where it is not shown
    modified: float | None = None  # in seconds since 1970; None where it is not shown


def always() -> bool:
    """The default of `is_placed`: any place will do."""
    return True


class CardFS(Protocol):
    """A card, or a folder that is used as one. Paths are relative to its root, with forward slashes.

    Every method raises OSError when the medium fails.
    """

    @property
    def keeps_order(self) -> bool:
        """Whether directory order is the playing order, as on FAT. Elsewhere it is random."""

    @property
    def fills_tail_first(self) -> bool:
        """Whether a new entry goes behind the last one first, and into holes only when the folder is full."""

    @property
    def root_slots(self) -> int | None:
        """The directory slots of the root where they are fixed, as on FAT12 and FAT16; None where it can grow."""

    @property
    def reads_past_cache(self) -> bool:
        """Whether `read` reads from the card rather than from the system's cache."""

    @property
    def allocation_unit(self) -> int:
        """The allocation unit (cluster) in bytes."""

    @property
    def check_command(self) -> str:
        """The command that checks and repairs the file system; empty where none is known."""

    @property
    def is_marked_dirty(self) -> bool:
        """Whether the file system is marked as not properly unmounted, as far as the system shows it."""

    def exclusive(self) -> AbstractContextManager[None]:
        """Lock the card against other loads. Raises CardRefusedError when one is under way."""

    def free_space(self) -> int:
        """Free bytes now, as the file system counts them."""

    def used_space(self) -> int | None:
        """Bytes in use now, as the allocation table counts them; None where this means nothing."""

    def facts_of(self, path: str) -> EntryFacts:
        """What the directory entry of a file or folder says besides name and size."""

    def scan(self, folder: str) -> tuple[DirEntry, ...]:
        """The entries of a folder in directory order; the root is the empty path."""

    def read(self, path: str) -> Iterator[bytes]:
        """The content of a file in pieces of at most PIECE_SIZE, past the cache where the system allows it."""

    def make_folder(self, path: str) -> None:
        """Make a folder. Its parent must exist, the folder must not."""

    def create(
        self,
        path: str,
        pieces: Iterable[bytes],
        *,
        modified: float | None = None,
        is_placed: Callable[[], bool] = always,
    ) -> bool:
        """Write a new file. An existing file of that name is an error and never overwritten.

        `modified` is its modification time in seconds since 1970, None for now. `is_placed` is asked when the entry
        exists and nothing is written yet; if it says no, the empty file is deleted and False returned.
        """

    def show(self, path: str) -> None:
        """Remove the attributes "hidden" and "system" of a file or folder."""

    def delete(self, path: str) -> None:
        """Delete a file or an empty folder."""

    def barrier(self) -> None:
        """Return when all earlier operations are on the medium."""

    def overwrite_slot(self, path: str, data: bytes) -> None:
        """Write SLOT_SIZE bytes in place over an existing file of that size, without truncation."""
