"""The load plan: the steps that bring a card to a release. Pure.

The card keeps no log of steps. After an interruption the same function plans the rest from a new snapshot.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from packager.base.display import shown
from packager.base.errors import CardRefusedError, NeedsCheckError
from packager.base.i18n.language import _
from packager.base.manifest import Manifest, ManifestFile, Sidecar, TrackKind
from packager.cards.filesystem import DirEntryKind
from packager.cards.plan.conflicts import conflicts, foreign_in
from packager.cards.plan.directory_order import heaviest_in_order, play_order, same_name_key
from packager.cards.plan.ownership import ManagedFiles, managed_files
from packager.cards.plan.snapshot import CardSnapshot
from packager.cards.plan.space_budget import FreeClusters, SpaceBudget
from packager.cards.plan.state_slots import SlotState, SlotStatus, Verification, manifest_path, marker_path
from packager.cards.plan.steps import (
    Barrier,
    CreateFile,
    DeleteFile,
    DeleteFolder,
    DeletionReason,
    LoadPlan,
    MakeFolder,
    ReadBack,
    Step,
    written_after_a_deletion,
)

_ILLEGAL = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\]')
_LONGEST_LOAD_ID = "0" * 36


@dataclass(frozen=True)
class _PlanInput:
    """The card, the release, and the files of the card that stay or must move."""

    snapshot: CardSnapshot
    wanted: Manifest
    ours: ManagedFiles
    order: Mapping[str, tuple[str, ...]]
    misplaced: frozenset[str]  # files of ours that are out of order
    moved_folders: tuple[str, ...]  # folders that are out of order, the deepest first
    untouched: frozenset[str]
    owned: tuple[str, ...]  # the manifests that the slot names during the load, besides the wanted one


def plan_load(snapshot: CardSnapshot, wanted: Manifest, *, repair: bool = False) -> LoadPlan:
    """Plan the load of `wanted` on a card.

    `snapshot` comes from `survey`. With `repair` the volunteer gives up altered files at paths of ours. Raises
    CardRefusedError when a foreign file is in the way or the card is too small, and NeedsCheckError when a file
    can't be read after an interruption.
    """
    if not snapshot.surveyed:
        raise ValueError("a plan needs a surveyed snapshot")
    if snapshot.unreadable and not snapshot.is_clean:
        raise NeedsCheckError(_unreadable(snapshot))
    if not snapshot.is_clean:
        _require_legal_names(snapshot)
    ours = managed_files(snapshot, repair=repair)
    _refuse([*conflicts(snapshot, wanted, ours)])
    inputs = _plan_input(snapshot, wanted, ours)
    _refuse([*_foreign_in_moved_folders(inputs)])
    steps, space = _steps(inputs, little=False)
    if space.least < 0:
        steps, space = _steps(inputs, little=True)
    if space.least < 0:
        raise CardRefusedError(_too_small(space))
    return LoadPlan(
        wanted=wanted,
        owned=inputs.owned,
        steps=steps,
        order=inputs.order,
        ours=ours.all,
        untouched=tuple(track.path for track in wanted.tracks if track.path in inputs.untouched),
        space=space,
    )


def _require_legal_names(snapshot: CardSnapshot) -> None:
    """Raise NeedsCheckError for a name that no system writes: the power failed while the folder grew, before its
    new cluster was zeroed."""
    for manifest in snapshot.manifests.values():
        for folder in {"", *(_folder_of(file.path) for file in manifest.files)}:
            for entry in snapshot.folders.get(folder, ()):
                if _ILLEGAL.search(entry.name):
                    raise NeedsCheckError(
                        _(
                            "{path} is a name that no computer writes: the folder is damaged after a load "
                            "that was interrupted. Nothing was changed. Check the card's file system with "
                            "this system's own tool (fsck.vfat, chkdsk, Disk Utility), then run the same "
                            "command again."
                        ).format(path=shown(f"{folder}/{entry.name}".lstrip("/")))
                    )


def _refuse(reasons: list[str]) -> None:
    if reasons:
        raise CardRefusedError("\n".join([_("The card was not touched:"), *(f"  - {line}" for line in reasons)]))


def _plan_input(snapshot: CardSnapshot, wanted: Manifest, ours: ManagedFiles) -> _PlanInput:
    order = play_order(file.path for file in wanted.files)
    misplaced, moved = _out_of_place(snapshot, ours, order) if snapshot.keeps_order else (frozenset(), ())
    untouched = frozenset(
        file.path for file in wanted.files if ours.whole.get(file.path) == file.sha256 and file.path not in misplaced
    )
    return _PlanInput(snapshot, wanted, ours, order, misplaced, moved, untouched, _owned(snapshot, wanted, ours))


def _out_of_place(
    snapshot: CardSnapshot, ours: ManagedFiles, order: Mapping[str, tuple[str, ...]]
) -> tuple[frozenset[str], tuple[str, ...]]:
    """The files of ours and the folders that are out of order and must be made again."""
    misplaced: set[str] = set()
    moved: list[str] = []
    weighs = _weights(snapshot, ours)
    for folder, children in order.items():
        found = [entry.name for entry in snapshot.folders.get(folder, ())]
        paths = {name: f"{folder}/{name}" if folder else name for name in children}
        weights = {name: weighs[path] for name, path in paths.items()}
        stays = heaviest_in_order(found, children, weights)
        for name in set(found) & set(children) - stays:
            if snapshot.entries[paths[name]].kind is DirEntryKind.FOLDER:
                moved.append(paths[name])
            else:
                misplaced.add(paths[name])
    for folder in moved:
        misplaced.update(path for path in ours.all if path.startswith(folder + "/"))
    deeper = {f for f in snapshot.folders if any(f == m or f.startswith(m + "/") for m in moved)}
    return frozenset(misplaced), tuple(sorted(deeper, key=lambda folder: -folder.count("/")))


def _weights(snapshot: CardSnapshot, ours: ManagedFiles) -> Counter[str]:
    """For each file or folder, the bytes that are written again if it moves."""
    weights: Counter[str] = Counter()
    for path in ours.whole:
        parts = path.split("/")
        for depth in range(1, len(parts) + 1):
            weights["/".join(parts[:depth])] += snapshot.entries[path].size
    return weights


def _foreign_in_moved_folders(inputs: _PlanInput) -> Iterator[str]:
    for folder in inputs.moved_folders:
        found = foreign_in(inputs.snapshot, inputs.ours, folder)
        if found:
            yield _(
                "the folder {folder} is in the wrong place and must be made again, but {path} in it "
                "is not ours. Move it to another place."
            ).format(folder=folder, path=shown(found[0]))


def _steps(inputs: _PlanInput, *, little: bool) -> tuple[tuple[Step, ...], SpaceBudget]:
    """The steps of the load and its space budget. If `least` is negative, the load does not fit."""
    builder = _PlanBuilder(inputs, little)
    if inputs.snapshot.is_clean:
        builder.count_own_files()
        builder.clear()
    else:
        builder.clear()
        builder.count_own_files()
    builder.write_files()
    free_clusters = builder.free_clusters
    space = SpaceBudget(
        free=inputs.snapshot.free_space,
        least=free_clusters.least,
        tightest=free_clusters.tightest,
        little=little,
        incomplete=written_after_a_deletion(builder.steps) if little else 0,
    )
    return tuple(builder.steps), space


class _PlanBuilder:
    """Collects the steps, and counts the free space after each."""

    def __init__(self, inputs: _PlanInput, little: bool) -> None:
        self.inputs = inputs
        self.little = little
        self.steps: list[Step] = []
        self.there = set(inputs.ours.all)
        self.folders = set(inputs.snapshot.folders)
        self.wanted = {file.path for file in inputs.wanted.files}
        self.keys = {same_name_key(path): path for path in self.there}
        self.free_clusters = FreeClusters(inputs.snapshot, inputs.order)
        # Last played first, so that an interruption costs the listener the least.
        self.going = [path for path in self._all_paths_backwards() if self._goes(path)]

    def count_own_files(self) -> None:
        """Count our own small files, which are written before all tracks."""
        known = {**self.inputs.snapshot.manifests, self.inputs.wanted.id: self.inputs.wanted}
        named = (*self.inputs.owned, self.inputs.wanted.id)
        sizes = {manifest_path(name): len(known[name].to_bytes()) for name in named if name in known}
        if self.inputs.wanted.id in self.inputs.owned:
            sizes[marker_path(0)] = 0
        self.free_clusters.own_files(self.inputs.snapshot.own, sizes)

    def clear(self) -> None:
        """Delete fillers, partial files, and files that are out of order."""
        inputs = self.inputs
        for paths, why in (
            (inputs.ours.fillers, DeletionReason.FILLER),
            (inputs.ours.partial - frozenset(inputs.ours.suspect), DeletionReason.PARTIAL),
        ):
            for path in sorted(paths):
                self._delete(path, why)
        # A suspect is known by its place among the others. If the power failed while several of them are being
        # deleted, the next load could not find them again. So each deletion is settled by itself.
        for path in inputs.ours.suspect:
            self._barrier()
            self._delete(path, DeletionReason.PARTIAL)
        self._barrier()
        for path in sorted(inputs.misplaced & frozenset(inputs.ours.whole)):
            self._delete(path, DeletionReason.MISPLACED)
        for path in sorted(self._half_deleted()):
            self._delete(path, DeletionReason.REPLACED if path in self.wanted else DeletionReason.REMOVED)
        self._barrier()
        for folder in inputs.moved_folders:
            self._delete_folder(folder)

    def write_files(self) -> None:
        """Write new tracks, delete what goes, replace the contents track, then write the sidecars."""
        # The old contents and sidecars stay until every file that the new ones name is there.
        pending = [file for file in self.inputs.wanted.files if file.path not in self.inputs.untouched]
        last = [file for file in pending if isinstance(file, Sidecar) or self._replaces_contents(file)]
        for file in pending:
            if file not in last:
                self._write(file)
        if any(path in self.there for path in self.going) and any(isinstance(s, CreateFile) for s in self.steps):
            self.steps.append(ReadBack())
        for path in self.going:
            if path in self.there:
                self._delete(path, DeletionReason.REMOVED)
        self._barrier()
        for file in last:
            self._write(file)
        for folder in self._emptied_folders():
            self._delete_folder(folder)
        self._barrier()

    def _replaces_contents(self, file: ManifestFile) -> bool:
        return file.kind is TrackKind.CONTENTS and file.path in self.there

    def _write(self, file: ManifestFile) -> None:
        # Names that differ only in case are one name to FAT: the old file goes first.
        old = self.keys.get(same_name_key(file.path), file.path)
        if old in self.there:
            self._delete(old, DeletionReason.REPLACED)
        if self.little:
            self._make_room(file)
        self._barrier()
        parts = file.path.split("/")
        for depth in range(1, len(parts)):
            folder = "/".join(parts[:depth])
            if folder not in self.folders:
                self.steps.append(MakeFolder(folder))
                self.folders.add(folder)
                self.free_clusters.make_folder(folder)
        self.steps.append(CreateFile(file))
        self.free_clusters.create(file.path, file.size)
        self._barrier()

    def _half_deleted(self) -> set[str]:
        """Files to delete first after an interruption. One of them may have been half-deleted: its clusters
        count as free already and must not be used again while its name is there."""
        snapshot = self.inputs.snapshot
        if snapshot.is_clean or not snapshot.keeps_order or snapshot.manifest is None:
            return set()
        replaced = self.wanted - self.inputs.untouched
        return {*self.going, *replaced} & self.there

    def _make_room(self, file: ManifestFile) -> None:
        """Delete old files until the next file fits, and no more."""
        needed = self.free_clusters.needed(file.path, file.size)
        if self.free_clusters.free >= needed:
            return
        replaced = [
            path
            for path in self._all_paths_backwards()
            if path in self.wanted and path not in self.inputs.untouched and path in self.inputs.ours.whole
        ]
        for path in (*self.going, *replaced):
            if self.free_clusters.free >= needed:
                return
            if path in self.there:
                self._delete(path, DeletionReason.REMOVED if path in self.going else DeletionReason.REPLACED)

    def _goes(self, path: str) -> bool:
        return path in self.inputs.ours.whole and path not in self.wanted

    def _all_paths_backwards(self) -> Iterator[str]:
        seen: set[str] = set()
        for manifest in self.inputs.snapshot.manifests.values():
            for file in reversed(manifest.files):
                if file.path not in seen:
                    seen.add(file.path)
                    yield file.path

    def _emptied_folders(self) -> list[str]:
        """Folders of ours that are empty by now, the deepest first. Some players stop at an empty folder."""
        snapshot, kept = self.inputs.snapshot, set(self.inputs.order)
        ours = play_order(path for path in self._all_paths_backwards())
        empty: set[str] = set()
        for folder in sorted(set(ours) - kept, key=lambda name: -name.count("/")):
            paths = [f"{folder}/{entry.name}" for entry in snapshot.folders.get(folder, ())]
            if folder in self.folders and all(p in empty or (p in self.inputs.ours.all) for p in paths):
                empty.add(folder)
        return sorted(empty, key=lambda name: (-name.count("/"), name))

    def _delete(self, path: str, why: DeletionReason) -> None:
        self.steps.append(DeleteFile(path, why))
        self.there.discard(path)
        again = path in self.wanted and path not in self.inputs.misplaced
        self.free_clusters.delete(path, self.inputs.snapshot.entries[path].size, comes_again=again)

    def _delete_folder(self, path: str) -> None:
        self.steps.append(DeleteFolder(path))
        self.folders.discard(path)
        self.free_clusters.delete_folder(path)

    def _barrier(self) -> None:
        if self.steps and not isinstance(self.steps[-1], Barrier):
            self.steps.append(Barrier())


def _owned(snapshot: CardSnapshot, wanted: Manifest, ours: ManagedFiles) -> tuple[str, ...]:
    """The manifests that the slot must name during the load, besides the wanted one."""
    before = snapshot.state.owned if snapshot.state else ()
    owned = [name for name in snapshot.manifests if name != wanted.id or name in before]
    for name in reversed(tuple(owned)):
        # After many interrupted loads, manifests are dropped whose files the others name too.
        rest = [other for other in owned if other != name]
        if not _fits(owned, wanted) and _name_all(snapshot, rest, wanted, ours):
            owned = rest
    if not _fits(owned, wanted):
        raise CardRefusedError(
            _(
                "Too many loads of different releases were interrupted on this card. Finish the last one "
                "first: {release}"
            ).format(release=snapshot.manifest.release if snapshot.manifest else wanted.release)
        )
    return tuple(owned)


def _fits(owned: Iterable[str], wanted: Manifest) -> bool:
    state = SlotState(
        counter=2**53 - 1,
        load=_LONGEST_LOAD_ID,
        parent=_LONGEST_LOAD_ID,
        status=SlotStatus.UPDATING,
        owned=tuple(owned),
        target=wanted.id,
        verified=Verification.WRITTEN_PAST_CACHE,
    )
    return state.fits()


def _name_all(snapshot: CardSnapshot, names: Iterable[str], wanted: Manifest, ours: ManagedFiles) -> bool:
    """Whether these manifests and the wanted one still name all files of ours."""
    manifests = {**{name: snapshot.manifests[name] for name in names}, wanted.id: wanted}
    return ours.all <= managed_files(replace(snapshot, manifests=manifests)).all


def _unreadable(snapshot: CardSnapshot) -> str:
    path, reason = next(iter(sorted(snapshot.unreadable.items())))
    return _(
        "{path} can't be read ({reason}) after a load that was interrupted. Nothing was changed. Check the "
        "card's file system with this system's own tool (fsck.vfat, chkdsk, Disk Utility), then run the "
        "same command again."
    ).format(path=path, reason=reason)


def _too_small(space: SpaceBudget) -> str:
    return _("The card was not touched: it has {free:.1f} MB free and lacks {missing:.1f} MB for this release.").format(
        free=space.free / 1e6, missing=math.ceil(-space.least / 1e5) / 10
    )


def _folder_of(path: str) -> str:
    return path.rpartition("/")[0]
