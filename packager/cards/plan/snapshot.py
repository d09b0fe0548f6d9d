"""What was seen of a card: the noun that planning and auditing decide on. It holds no medium and reads
nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from packager.base.manifest import Manifest
from packager.cards.filesystem import DirEntry, DirEntryKind
from packager.cards.plan.state_slots import SlotState, SlotStatus


@dataclass(frozen=True)
class CardSnapshot:
    """A card as it was seen.

    `folders` has every folder but our own `.packager`, the root as '', with its entries in directory order.
    `manifests` are those that the state names and that can be read; without a valid state, or when one of
    those is missing, every readable manifest on the card. `own` has the files in `.packager`, by path.
    `contents` has the SHA-256 of the files that were read; `surveyed` says that all of ours were.
    """

    state: SlotState | None
    manifests: Mapping[str, Manifest]
    folders: Mapping[str, tuple[DirEntry, ...]]
    free_space: int  # bytes
    allocation_unit: int  # bytes
    keeps_order: bool
    fills_tail_first: bool = False
    own: Mapping[str, DirEntry] = field(default_factory=lambda: MappingProxyType({}))
    problems: tuple[str, ...] = ()
    surveyed: bool = False
    contents: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    unreadable: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def is_clean(self) -> bool:
        """Whether the last load ended well, by the card's own word, and the card can say what it holds."""
        return self.state is not None and self.state.status is SlotStatus.CLEAN and self.state.target in self.manifests

    @property
    def manifest(self) -> Manifest | None:
        """What a clean card holds, or an unfinished one was to hold; None when the card can't say."""
        return self.manifests.get(self.state.target) if self.state else None

    @cached_property
    def entries(self) -> Mapping[str, DirEntry]:
        """Every entry by its path."""
        return {
            f"{folder}/{entry.name}" if folder else entry.name: entry
            for folder, entries in self.folders.items()
            for entry in entries
        }

    def file(self, path: str) -> DirEntry | None:
        """The file of that path, or None when there is none (or a folder)."""
        entry = self.entries.get(path)
        return entry if entry is not None and entry.kind is DirEntryKind.FILE else None
