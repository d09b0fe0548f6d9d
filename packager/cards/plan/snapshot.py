"""CardSnapshot: a card as it was read, for planning and auditing. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from packager.base.manifest import Manifest
from packager.cards.filesystem import DirEntry, DirEntryKind, EntryFacts
from packager.cards.plan.directory_order import is_load_time, play_order, same_name_key
from packager.cards.plan.state_slots import SlotState, SlotStatus


@dataclass(frozen=True)
class CardSnapshot:
    """A card as it was read.

    `folders` has every folder but our own `.packager`, the root as '', with its entries in directory order.
    `manifests` are those that the state names and that can be read; without a valid state, or if one of those is
    missing, every readable manifest on the card. `own` has the files in `.packager`, by path. `contents` has the
    SHA-256 of the files that were read, `unreadable` the reasons for the others; `surveyed` says that all files
    of ours were looked at as far as a plan needs it. `not_ours` are small files in `.packager` with content that
    this program never writes, `facts` what the directory entries say besides name and size, by path.
    """

    state: SlotState | None
    manifests: Mapping[str, Manifest]
    folders: Mapping[str, tuple[DirEntry, ...]]
    free_space: int  # bytes
    allocation_unit: int  # bytes
    keeps_order: bool
    fills_tail_first: bool = False
    root_slots: int | None = None  # directory slots of the root; None where it can grow
    own: Mapping[str, DirEntry] = field(default_factory=lambda: MappingProxyType({}))
    problems: tuple[str, ...] = ()
    signature: bytes = b""  # of the manifest that the state names, as it is on the card; empty: none
    surveyed: bool = False
    contents: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    unreadable: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    not_ours: tuple[str, ...] = ()
    used_space: int | None = None  # bytes, by the allocation table; None where this means nothing
    marked_dirty: bool = False  # the file system was not properly unmounted
    check_command: str = ""  # of this system, for this card
    facts: Mapping[str, EntryFacts] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def is_clean(self) -> bool:
        """Whether the state says that the last load ended well, and its manifest can be read."""
        return self.state is not None and self.state.status is SlotStatus.CLEAN and self.state.target in self.manifests

    @property
    def manifest(self) -> Manifest | None:
        """The manifest that a clean card holds, or an unfinished one was to hold; None if unknown."""
        return self.manifests.get(self.state.target) if self.state else None

    @cached_property
    def entries(self) -> Mapping[str, DirEntry]:
        """Every entry by its path."""
        return {
            f"{folder}/{entry.name}" if folder else entry.name: entry
            for folder, entries in self.folders.items()
            for entry in entries
        }

    def ours_in(self, folder: str) -> frozenset[str]:
        """The names of ours that are in a folder of the card."""
        return self._ours.get(folder, frozenset())

    @cached_property
    def _ours(self) -> Mapping[str, frozenset[str]]:
        names: dict[str, set[str]] = {}
        for manifest in self.manifests.values():
            for folder, children in play_order(file.path for file in manifest.files).items():
                names.setdefault(folder, set()).update(children)
        return {
            folder: frozenset(entry.name for entry in self.folders.get(folder, ()) if entry.name in children)
            for folder, children in names.items()
        }

    @cached_property
    def renamed(self) -> Mapping[str, str]:
        """The files on the card that may be ours under another name, with our path: both are one name to FAT, and the
        sizes are equal."""
        missing: dict[str, tuple[str, set[int]]] = {}
        for manifest in self.manifests.values():
            for file in manifest.files:
                if file.path not in self.entries:
                    missing.setdefault(same_name_key(file.path), (file.path, set()))[1].add(file.size)
        found: dict[str, str] = {}
        for path, entry in self.entries.items() if missing else ():
            ours, sizes = missing.get(same_name_key(path), ("", set[int]()))
            if entry.kind is DirEntryKind.FILE and entry.size in sizes:
                found[path] = ours
        return found

    @cached_property
    def unproved(self) -> tuple[str, ...]:
        """The files at paths of ours, of the right size, whose time no load gave them: somebody may have saved them."""
        found = (
            file.path
            for manifest in self.manifests.values()
            for file in manifest.files
            if (entry := self.file(file.path)) is not None and entry.size == file.size
            if (facts := self.facts.get(file.path)) is not None and not is_load_time(file, facts.modified)
        )
        return tuple(dict.fromkeys(found))

    def file(self, path: str) -> DirEntry | None:
        """The file at that path; None for a folder or nothing."""
        entry = self.entries.get(path)
        return entry if entry is not None and entry.kind is DirEntryKind.FILE else None
