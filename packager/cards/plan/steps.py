"""The nouns of a load plan: its steps, and what they come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from packager.base.manifest import Manifest, ManifestFile, ManifestTrack
from packager.cards.plan.space_budget import SpaceBudget


class DeletionReason(str, Enum):
    """Why a file of ours is deleted."""

    REMOVED = "removed"  # the release has it no more
    REPLACED = "replaced"
    MISPLACED = "misplaced"  # it stands in the wrong place of its folder, and is written again
    PARTIAL = "partial"  # half-written or damaged
    FILLER = "filler"  # left behind by an interrupted load


@dataclass(frozen=True)
class MakeFolder:
    """Make a folder at its place in the order of play."""

    path: str


@dataclass(frozen=True)
class CreateFile:
    """Write a track or a sidecar at its place in the order of play."""

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
class Barrier:
    """Wait until everything before is on the medium: freed space is never used again before one."""


@dataclass(frozen=True)
class ReadBack:
    """Read back what was written, before anything else is deleted for good."""


Step = MakeFolder | CreateFile | DeleteFile | DeleteFolder | Barrier | ReadBack


def written_after_a_deletion(steps: Sequence[Step]) -> int:
    """Bytes that are written from the first deletion on."""
    first = next((n for n, step in enumerate(steps) if isinstance(step, DeleteFile)), len(steps))
    return sum(step.file.size for step in steps[first:] if isinstance(step, CreateFile))


@dataclass(frozen=True)
class LoadPlan:
    """What a load will do, in order, and what it comes to.

    `order` has the children of every managed folder in the order of play; `ours` the paths that may be
    deleted; `owned` the manifests that the card names beside the wanted one while the load is under way.
    """

    wanted: Manifest
    owned: tuple[str, ...]
    steps: tuple[Step, ...]
    order: Mapping[str, tuple[str, ...]]
    ours: frozenset[str]
    untouched: tuple[str, ...]  # tracks
    space: SpaceBudget

    @cached_property
    def creates(self) -> tuple[ManifestFile, ...]:
        """The files that will be written."""
        return tuple(step.file for step in self.steps if isinstance(step, CreateFile))

    @property
    def tracks_to_write(self) -> int:
        """How many of the files that will be written are tracks."""
        return sum(isinstance(file, ManifestTrack) for file in self.creates)

    @property
    def deletes(self) -> tuple[DeleteFile, ...]:
        """The files that will be deleted."""
        return tuple(step for step in self.steps if isinstance(step, DeleteFile))

    @cached_property
    def bytes_to_write(self) -> int:
        """Bytes of the files that will be written."""
        return sum(file.size for file in self.creates)

    @property
    def little_space(self) -> bool:
        """Whether old tracks must go before new ones come, so that an interruption leaves the card
        incomplete."""
        return self.space.little

    @property
    def incomplete_seconds(self) -> float:
        """For how long the card holds neither release whole, every track read back at the end, at the speeds
        assumed of cheap cards; 0 where nothing goes before what is new was read back."""
        return self.space.incomplete_seconds(self.wanted.size)

    @property
    def is_marked(self) -> bool:
        """Whether each track is marked while it is written: in a load of what the card has already."""
        return self.wanted.id in self.owned

    @property
    def changes_tracks(self) -> bool:
        """Whether any file or folder is written or deleted; a plan that changes none still verifies the
        card."""
        return bool(self.steps)
