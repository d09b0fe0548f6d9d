"""The load plan: what has to be done to bring a card to a release. Pure: a snapshot of the card in, steps out.

There is no log of steps on the card: after an interruption the same function plans the rest from what is
there.
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
    """What planning decides on: the card, the release, and what of the card stays where it is."""

    snapshot: CardSnapshot
    wanted: Manifest
    ours: ManagedFiles
    order: Mapping[str, tuple[str, ...]]
    misplaced: frozenset[str]  # files of ours that stand in the wrong place
    moved_folders: tuple[str, ...]  # folders that do, the deepest first
    untouched: frozenset[str]
    owned: tuple[str, ...]  # the manifests that the card names during the load, besides the wanted one


def plan_load(snapshot: CardSnapshot, wanted: Manifest, *, repair: bool = False) -> LoadPlan:
    """Plan the load of `wanted` on the card that was seen.

    `snapshot` comes from `survey`. With `repair` the volunteer gives up files that lie at paths of ours but are
    not what was loaded. Raises CardRefusedError, before anything is written, when a foreign file stands in
    the way or the card can't hold the release; NeedsCheckError when a file can't be read after an
    interruption.
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
    """Refuse a folder that shows what no system writes: one that grew into clusters that were never emptied,
    since the power went before they were."""
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
    """The files of ours, and the folders, that don't stand in the order of play and must be made again."""
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
    """By file or folder, the bytes that are written again when it has to move."""
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
                "the folder {folder} stands in the wrong place and has to be made again, but {path} in it "
                "is not ours. Move it to another place."
            ).format(folder=folder, path=shown(found[0]))


def _steps(inputs: _PlanInput, *, little: bool) -> tuple[tuple[Step, ...], SpaceBudget]:
    """The steps of the load, and how it fits (less than nothing left: it does not)."""
    builder = _PlanBuilder(inputs, little)
    if inputs.snapshot.is_clean:
        builder.lay_down()
        builder.clear()
    else:
        builder.clear()
        builder.lay_down()
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
    """The steps as they are put together, with the free space that each leaves."""

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

    def lay_down(self) -> None:
        """Count our own files, which come before all tracks, and after what an interruption left is gone."""
        known = {**self.inputs.snapshot.manifests, self.inputs.wanted.id: self.inputs.wanted}
        named = (*self.inputs.owned, self.inputs.wanted.id)
        sizes = {manifest_path(name): len(known[name].to_bytes()) for name in named if name in known}
        if self.inputs.wanted.id in self.inputs.owned:
            sizes[marker_path(0)] = 0
        self.free_clusters.own_files(self.inputs.snapshot.own, sizes)

    def clear(self) -> None:
        """Delete what is not whole, what stands in the wrong place, and fillers."""
        inputs = self.inputs
        for paths, why in (
            (inputs.ours.fillers, DeletionReason.FILLER),
            (inputs.ours.partial - frozenset(inputs.ours.suspect), DeletionReason.PARTIAL),
        ):
            for path in sorted(paths):
                self._delete(path, why)
        # What an interrupted load wrote last is known by its place among the others: were several of them
        # being deleted when the power fails once more, it would not be known again.
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
        self._barrier()

    def write_files(self) -> None:
        """Write new tracks, delete what goes, replace the contents track, then write the sidecars."""
        # The old contents and sidecars stay until all that the new ones tell of is there.
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
        # To FAT a name of ours that differs in case alone is the same name: both can't be there at once.
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
        """Files that go, on a card on which a load was interrupted: what was being deleted may lie in
        clusters that count as free already, which must not be given away while its name is there."""
        snapshot = self.inputs.snapshot
        if snapshot.is_clean or not snapshot.keeps_order or snapshot.manifest is None:
            return set()
        replaced = self.wanted - self.inputs.untouched
        return {*self.going, *replaced} & self.there

    def _make_room(self, file: ManifestFile) -> None:
        """Delete only as much as the next file needs."""
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
        """Folders of ours in which nothing is left, the deepest first; a player may stumble over an empty
        one."""
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
    """The manifests that the card must name during the load, besides the wanted one."""
    before = snapshot.state.owned if snapshot.state else ()
    owned = [name for name in snapshot.manifests if name != wanted.id or name in before]
    for name in reversed(tuple(owned)):
        # Where many loads were interrupted, a manifest that tells of no file which the others don't can go.
        rest = [other for other in owned if other != name]
        if not _fits(owned, wanted) and _tells_of_all(snapshot, rest, wanted, ours):
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


def _tells_of_all(snapshot: CardSnapshot, names: Iterable[str], wanted: Manifest, ours: ManagedFiles) -> bool:
    """Whether these manifests and the wanted one still tell what of the card is ours."""
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
