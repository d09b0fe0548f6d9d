"""Files and folders of ours that are out of order, so that the fewest bytes are written again. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from packager.cards.filesystem import DirEntryKind
from packager.cards.plan.directory_order import heaviest_in_order
from packager.cards.plan.ownership import ManagedFiles
from packager.cards.plan.snapshot import CardSnapshot


def out_of_place(
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
