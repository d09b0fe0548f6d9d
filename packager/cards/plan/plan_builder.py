"""PlanBuilder: the steps of a load in order, and the free space after each. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from packager.base.manifest import Manifest, ManifestFile, Sidecar, TrackKind
from packager.cards.plan.directory_order import play_order, same_name_key
from packager.cards.plan.ownership import ManagedFiles
from packager.cards.plan.reserved_places import ExpectedDirectory, marks_of, reserved_bytes
from packager.cards.plan.snapshot import CardSnapshot
from packager.cards.plan.space_budget import FreeClusters, SpaceBudget
from packager.cards.plan.state_slots import manifest_path, marker_path, signature_path
from packager.cards.plan.steps import (
    Barrier,
    CreateFile,
    DeleteFile,
    DeleteFolder,
    DeletionReason,
    MakeFolder,
    ReadBack,
    ShowEntry,
    Step,
    written_after_a_deletion,
)


@dataclass(frozen=True)
class PlanInput:
    """The card, the release, and what stays or must move."""

    snapshot: CardSnapshot
    wanted: Manifest
    ours: ManagedFiles
    order: Mapping[str, tuple[str, ...]]
    misplaced: frozenset[str]  # files of ours that are out of order
    moved_folders: tuple[str, ...]  # folders that are out of order or were renamed, the deepest first
    untouched: frozenset[str]
    owned: tuple[str, ...]  # the manifests that the slot names during the load, besides the wanted one
    signature: bytes  # of the wanted manifest; empty: none


class PlanBuilder:
    """Collects the steps, and counts the free space after each."""

    def __init__(self, inputs: PlanInput, little: bool, reserving: frozenset[str]) -> None:
        self.inputs = inputs
        self.little = little
        self.reserving = reserving
        self.steps: list[Step] = []
        self.there = set(inputs.ours.all)
        self.folders = set(inputs.snapshot.folders)
        self.wanted = {file.path for file in inputs.wanted.files}
        self.keys = {same_name_key(path): path for path in self.there}
        self.free_clusters = FreeClusters(inputs.snapshot, inputs.order)
        self.directory = ExpectedDirectory(inputs.snapshot, inputs.order, reserving)
        self.rewritten: set[str] = set()
        self.breaks: set[str] = set()
        self.created: set[str] = set()
        # Last played first, so that an interruption costs the listener the least.
        self.going = [path for path in self._all_paths_backwards() if self._goes(path)]
        self.going += [path for path, own in inputs.ours.renamed.items() if own not in self.wanted]

    def build(self) -> None:
        """Collect all steps. If the least free space is negative then, the load does not fit."""
        if self.inputs.snapshot.is_clean:
            self.count_own_files()
            self.clear()
        else:
            self.clear()
            self.count_own_files()
        self.write_files()

    @property
    def space(self) -> SpaceBudget:
        """How the load fits the card."""
        free, inputs = self.free_clusters, self.inputs
        growth = inputs.snapshot.allocation_unit if self.directory.short_of_places() else 0  # of our own folder
        return SpaceBudget(
            free=inputs.snapshot.free_space,
            least=free.least - growth - reserved_bytes(inputs.snapshot, inputs.order, self.reserving),
            tightest=free.tightest,
            little=self.little,
            incomplete=written_after_a_deletion(self.steps) if self.little else self._rewritten_bytes(),
        )

    def _rewritten_bytes(self) -> int:
        again = self.rewritten & self.inputs.untouched
        return sum(file.size for file in self.inputs.wanted.files if file.path in again)

    def count_own_files(self) -> None:
        """Count our own small files, which are written before all tracks."""
        known = {**self.inputs.snapshot.manifests, self.inputs.wanted.id: self.inputs.wanted}
        named = (*self.inputs.owned, self.inputs.wanted.id)
        sizes = {manifest_path(name): len(known[name].to_bytes()) for name in named if name in known}
        if self.inputs.signature:
            sizes[signature_path(self.inputs.wanted.id)] = len(self.inputs.signature)
        if self.inputs.wanted.id in self.inputs.owned:
            sizes[marker_path(0)] = 0
        sizes |= dict.fromkeys(marks_of(self.inputs.snapshot, self.inputs.order, self.reserving), 0)
        self.free_clusters.own_files(self.inputs.snapshot.own, sizes)

    def marks(self) -> frozenset[str]:
        """The marks of the folders that will not have the free places that their numbers promise."""
        return marks_of(self.inputs.snapshot, self.inputs.order, self.reserving, self.directory.short_of_places())

    def clear(self) -> None:
        """Delete fillers, partial files, and files that are out of order."""
        inputs = self.inputs
        for paths, why in (
            (inputs.ours.fillers, DeletionReason.FILLER),
            (self._renamed_to_clear(), DeletionReason.RENAMED),
            (inputs.ours.partial - frozenset(inputs.ours.suspect) - inputs.ours.renamed.keys(), DeletionReason.PARTIAL),
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

    def _renamed_to_clear(self) -> set[str]:
        """The renamed files that are deleted first: those in renamed folders, and all after an interruption. The others
        are deleted one by one, each before it is written under its own name."""
        inputs = self.inputs
        inside = tuple(f"{folder}/" for folder in inputs.moved_folders)
        return {path for path in inputs.ours.renamed if not inputs.snapshot.is_clean or path.startswith(inside)}

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
        for path in self._hidden():
            self.steps.append(ShowEntry(path))
        self._barrier()

    def _hidden(self) -> list[str]:
        """The entries of ours that stay and have the attribute "hidden"."""
        inputs = self.inputs
        stay = inputs.untouched | (set(inputs.order) & self.folders)
        hidden = {path for path, found in inputs.snapshot.facts.items() if found.hidden}
        return sorted((hidden & stay) - self.rewritten)

    def _replaces_contents(self, file: ManifestFile) -> bool:
        return file.kind is TrackKind.CONTENTS and file.path in self.there

    def _write(self, file: ManifestFile) -> None:
        # Names that differ only in case are one name to FAT: the old file goes first.
        old = self.keys.get(same_name_key(file.path), file.path)
        if old in self.there:
            self._delete(old, DeletionReason.RENAMED if old in self.inputs.ours.renamed else DeletionReason.REPLACED)
        if self.little:
            self._make_room(file)
        self._barrier()
        parts = file.path.split("/")
        for depth in range(1, len(parts)):
            folder = "/".join(parts[:depth])
            if folder not in self.folders:
                self.steps.append(MakeFolder(folder))
                self.folders.add(folder)
                breaks = self._take_place(folder)
                self.free_clusters.make_folder(folder, breaks=breaks)
                self._count_early(folder, breaks)
        self.steps.append(CreateFile(file))
        self.created.add(file.path)
        breaks = self._take_place(file.path)
        self.free_clusters.create(file.path, file.size, breaks=breaks)
        self._count_early(file.path, breaks)
        self._barrier()

    def _count_early(self, path: str, breaks: bool) -> None:
        """Count the files that are written at once with what has to be written again behind `path`, although their
        own steps come after deletions. With little room those deletions come before them."""
        if not breaks or self.little:
            return
        behind = self.directory.behind(path)
        inside = tuple(f"{name}/" for name in behind)
        early = 0
        for file in self.inputs.wanted.files:
            is_new = file.path not in self.inputs.untouched and file.path not in self.created
            if is_new and (file.path in behind or file.path.startswith(inside)):
                old = self.inputs.snapshot.entries[file.path].size if file.path in self.there else 0
                early += self.free_clusters.rounded(file.size) - self.free_clusters.rounded(old)
        self.free_clusters.expect(early, path)

    def _take_place(self, path: str) -> bool:
        """Note where a new entry lands, and what is written again for it; returns whether anything is."""
        followers = self.directory.add(path)
        self.breaks.update({path} if followers else ())
        for follower in followers:
            inside = f"{follower}/"
            self.rewritten.update({follower} & self.folders)
            self.rewritten.update(p for p in self.there if p == follower or p.startswith(inside))
        return bool(followers)

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
        self.directory.delete(path)
        again = path in self.wanted and path not in self.inputs.misplaced
        self.free_clusters.delete(path, self.inputs.snapshot.entries[path].size, comes_again=again)

    def _delete_folder(self, path: str) -> None:
        self.steps.append(DeleteFolder(path))
        self.directory.delete(path)
        self.folders.discard(path)
        self.free_clusters.delete_folder(path)

    def _barrier(self) -> None:
        if self.steps and not isinstance(self.steps[-1], Barrier):
            self.steps.append(Barrier())
