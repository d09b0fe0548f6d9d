"""A root of fixed size, on FAT12 and FAT16: whether the entries of a load fit it, and in their order. Pure.

No system shows where its free entries are. The plan counts them. Where our entries could not be written again, since a
foreign file stands in one of our folders, the load looks for them with fillers before its first write.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from packager.base.display import shown
from packager.base.i18n.language import _
from packager.cards.filesystem import DirEntryKind
from packager.cards.plan.directory_order import is_filler, name_class
from packager.cards.plan.reserved_places import DirectoryRow
from packager.cards.plan.snapshot import CardSnapshot
from packager.cards.plan.state_slots import CARD_FOLDER
from packager.cards.plan.steps import CreateFile, DeleteFile, DeleteFolder, LoadPlan, MakeFolder


def full_root(snapshot: CardSnapshot, order: Sequence[str]) -> Iterator[str]:
    """The refusal of a release whose names in the root, in `order`, do not fit a root of fixed size.

    Old and new names stand there together. Foreign entries split the free slots. Each run of them can end in fewer than
    a name takes.
    """
    if snapshot.root_slots is None:
        return
    there = {entry.name for entry in snapshot.folders.get("", ()) if not is_filler(entry)}
    foreign = there - snapshot.ours_in("")
    label = 1
    needed = label + sum(slots_in(snapshot, name) for name in {*there, *order, CARD_FOLDER})
    if foreign:
        needed += (len(foreign) + 1) * (max(slots_in(snapshot, name) for name in order) - 1)
    if needed > snapshot.root_slots:
        yield _(
            "the main folder of a FAT16 card has room for {room} entries, and this release needs {needed}. Format "
            "the card as FAT32, or load a release of a profile with folders."
        ).format(room=snapshot.root_slots, needed=needed)


def slots_in(snapshot: CardSnapshot, name: str) -> int:
    """How many directory slots a name takes. Windows stores a short name in small letters in one."""
    kind = name_class(name)
    return 1 if snapshot.fills_tail_first and kind.short else kind.slots


def pinned_folders(snapshot: CardSnapshot, ours: Collection[str]) -> dict[str, str]:
    """The folders of ours in the root that can't be made again, each with a foreign file in it."""
    pinned: dict[str, str] = {}
    managed = snapshot.ours_in("")
    for path, entry in snapshot.entries.items():
        top = path.partition("/")[0]
        if top != path and top in managed and entry.kind is not DirEntryKind.FOLDER and path not in ours:
            pinned.setdefault(top, path)
    return pinned


def needs_a_look(snapshot: CardSnapshot, plan: LoadPlan) -> bool:
    """Whether a load has to look for the free entries of the root before its first write."""
    is_fixed = snapshot.keeps_order and snapshot.root_slots is not None
    return is_fixed and largest_new_name(plan) is not None and bool(pinned_folders(snapshot, plan.ours))


def largest_new_name(plan: LoadPlan) -> str | None:
    """The name with the most slots of those that a load makes in the root; None if it makes none."""
    made = (*(file.path for file in plan.creates), *plan.folders_made)
    return max((path for path in made if "/" not in path), key=lambda name: name_class(name).slots, default=None)


def split_root(snapshot: CardSnapshot, plan: LoadPlan, names: Sequence[str], fillers: Collection[str]) -> str | None:
    """The refusal of a load for which the root has too few free entries in the right places, or None.

    `names` are those of the root in directory order, while `fillers` hold its free places. The load can go as planned,
    or write all our entries of the root again around the folders that have to stay.
    """
    pinned = pinned_folders(snapshot, plan.ours)
    entries = [(None if name in fillers else name, slots_in(snapshot, name)) for name in names]
    if CARD_FOLDER not in names:
        entries = _with_own_folder(entries)
    if _fits_as_planned(snapshot, plan, entries) or _fits_again(snapshot, plan, entries, pinned):
        return None
    folder, path = next(iter(sorted(pinned.items())))
    return _(
        "the main folder of this FAT16 card has too little room behind {folder}, and {path} in it is not ours, so that "
        "it can't be made again. Move that file to another place."
    ).format(folder=folder, path=shown(path))


Entries = list[tuple[str | None, int]]


def _with_own_folder(entries: Entries) -> Entries:
    """The entries with our own folder in the first sufficient hole: the load makes it before all others."""
    row = _row(entries)
    row.place(CARD_FOLDER, name_class(CARD_FOLDER).slots, (CARD_FOLDER,), 0)
    return row.entries


def _row(entries: Entries) -> DirectoryRow:
    """A row in which free slots beside each other are one hole."""
    merged: Entries = []
    for name, slots in entries:
        before = merged.pop()[1] if name is None and merged and merged[-1][0] is None else 0
        merged.append((name, before + slots))
    return DirectoryRow(merged, can_grow=False)


def _fits_as_planned(snapshot: CardSnapshot, plan: LoadPlan, entries: Entries) -> bool:
    order, row = plan.order[""], _row(entries)
    settled: set[str] = set()
    for step in plan.steps:
        if isinstance(step, DeleteFile | DeleteFolder):
            row.remove(step.path if step.path not in settled else "")
        elif isinstance(step, MakeFolder | CreateFile):
            name = step.path if isinstance(step, MakeFolder) else step.file.path
            if "/" in name or name in settled:
                continue
            again = order[order.index(name) :] if name in plan.breaks else (name,)
            for other in again if name in plan.breaks else ():
                row.remove(other)
            row = _row(row.entries)
            if not all(row.place(other, slots_in(snapshot, other), order, 0) for other in again):
                return False
            settled.update(again)
    return True


def _fits_again(snapshot: CardSnapshot, plan: LoadPlan, entries: Entries, pinned: Collection[str]) -> bool:
    order = plan.order[""]
    ours = {*order, *snapshot.ours_in("")} - {*pinned}
    row = _row([(None if name in ours else name, slots) for name, slots in entries])
    return all(row.place(name, slots_in(snapshot, name), order, 0) for name in order if name not in pinned)
