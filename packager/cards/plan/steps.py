"""LoadPlan and its steps. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from packager.base.manifest import Manifest, ManifestFile, ManifestTrack
from packager.cards.plan.space_budget import SpaceBudget


class DeletionReason(str, Enum):
    """Why a file of ours is deleted."""

    REMOVED = "removed"  # not in the release any more
    REPLACED = "replaced"
    MISPLACED = "misplaced"  # out of order in its folder, and written again
    PARTIAL = "partial"  # half-written or damaged
    RENAMED = "renamed"  # in case only, and written again under its own name
    FILLER = "filler"  # left behind by an interrupted load


@dataclass(frozen=True)
class MakeFolder:
    """Make a folder at its place in playing order."""

    path: str


@dataclass(frozen=True)
class CreateFile:
    """Write a track or a sidecar at its place in playing order."""

    file: ManifestFile


@dataclass(frozen=True)
class DeleteFile:
    """Delete a file of ours."""

    path: str
    why: DeletionReason


@dataclass(frozen=True)
class DeleteFolder:
    """Delete a folder of ours that is empty by then."""

    path: str


@dataclass(frozen=True)
class ShowEntry:
    """Remove the attribute "hidden" of a file or folder, which some players skip."""

    path: str


@dataclass(frozen=True)
class Barrier:
    """Wait until everything before is on the medium. Freed space is never used again before a barrier."""


@dataclass(frozen=True)
class ReadBack:
    """Read back the files written so far, before old ones are deleted for good."""


Step = MakeFolder | CreateFile | DeleteFile | DeleteFolder | ShowEntry | Barrier | ReadBack


def written_after_a_deletion(steps: Sequence[Step]) -> int:
    """Bytes that are written after the first deletion."""
    first = next((n for n, step in enumerate(steps) if isinstance(step, DeleteFile)), len(steps))
    return sum(step.file.size for step in steps[first:] if isinstance(step, CreateFile))


@dataclass(frozen=True)
class LoadPlan:
    """The steps of a load in order, and their totals.

    `order` has the children of every managed folder in playing order; `ours` the paths that may be deleted;
    `owned` the manifests that the slot names during the load, besides the wanted one.
    """

    wanted: Manifest
    owned: tuple[str, ...]
    steps: tuple[Step, ...]
    order: Mapping[str, tuple[str, ...]]
    ours: frozenset[str]
    untouched: tuple[str, ...]  # tracks
    space: SpaceBudget
    rewritten: tuple[ManifestFile, ...] = ()  # unchanged, but written again to stand in order
    signature: bytes = b""  # of the wanted manifest, in minisign's format; empty: none is known
    made_again: tuple[str, ...] = ()  # files and folders that are deleted for that
    breaks: frozenset[str] = frozenset()  # the new entries before which those are deleted
    placing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # the order in which entries are placed
    reserving: frozenset[str] = frozenset()  # folders in which the load keeps directory places free
    renamed: Mapping[str, str] = field(default_factory=dict)  # files of ours whose name differs in case, with their own
    marks: frozenset[str] = frozenset()  # empty files of ours: folders lack the free places that numbers promise

    @cached_property
    def creates(self) -> tuple[ManifestFile, ...]:
        """The files that will be written."""
        return (*(step.file for step in self.steps if isinstance(step, CreateFile)), *self.rewritten)

    @property
    def tracks_to_write(self) -> int:
        """How many of the files that will be written are tracks."""
        return sum(isinstance(file, ManifestTrack) for file in self.creates)

    @property
    def deletes(self) -> tuple[DeleteFile, ...]:
        """The files that will be deleted."""
        return tuple(step for step in self.steps if isinstance(step, DeleteFile))

    @property
    def all_deleted(self) -> tuple[str, ...]:
        """The files and folders that will be deleted, those that are written again in place included."""
        steps = (step.path for step in self.steps if isinstance(step, DeleteFile | DeleteFolder))
        return tuple(dict.fromkeys((*steps, *self.made_again)))

    @property
    def folders_made(self) -> tuple[str, ...]:
        """The folders that will be made, those that are made again included."""
        again = (path for path in self.made_again if path in self.order)
        made = (step.path for step in self.steps if isinstance(step, MakeFolder))
        return tuple(dict.fromkeys((*made, *again)))

    @property
    def shows(self) -> tuple[str, ...]:
        """The files and folders that lose the attribute "hidden"."""
        return tuple(step.path for step in self.steps if isinstance(step, ShowEntry))

    @cached_property
    def bytes_to_write(self) -> int:
        """Bytes of the files that will be written."""
        return sum(file.size for file in self.creates)

    @property
    def little_space(self) -> bool:
        """Whether old tracks are deleted before new ones are written: an interruption leaves the card incomplete."""
        return self.space.little

    @property
    def incomplete_seconds(self) -> float:
        """Seconds that the card holds neither release whole, at the assumed speeds; 0 if nothing is deleted before
        the new files were read back."""
        return self.space.incomplete_seconds(self.wanted.size)

    @property
    def is_marked(self) -> bool:
        """Whether each track gets a marker while it is written: in a load of a release that the card has already."""
        return self.wanted.id in self.owned

    @property
    def changes_tracks(self) -> bool:
        """Whether any file or folder is written or deleted. A load without changes still verifies the card."""
        return bool(self.steps)
