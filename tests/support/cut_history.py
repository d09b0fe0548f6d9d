"""Histories of a card with the power cut at every operation, and what has to hold after each cut.

A history is made from a seed: releases that follow each other, perhaps with sidecars, foreign files that come and go
between them, at the end tracks that were harmed and are repaired, and a card that lost our folder and is taken over.
Each load runs once, and the card is
remembered before every operation; from each of these moments several cuts are tried, each with another
survival of what was not settled, and one more cut during
the recovery.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from card_kit import audit, load, make_release, sound
from fat_card import FatCard, blank_disk
from fat_disk import Disk, Moment, Survival
from fat_reader import Report, mend, read_card
from random_histories import sidecars_of

from packager.base.errors import CardError, CardFailedError, NeedsCheckError
from packager.base.manifest import Manifest
from packager.cards.filesystem import DirEntry, DirEntryKind
from packager.cards.plan.directory_order import first_out_of_order, is_filler, is_short_form, play_order
from packager.cards.plan.state_slots import CARD_FOLDER

EVERY = tuple(Survival)


@dataclass
class Tally:
    """What was tried, and how it went."""

    histories: int = 0
    loads: int = 0
    operations: int = 0
    cuts: int = 0
    second_cuts: int = 0
    endings: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)  # a sentence for each cut that was not survived

    def add(self, other: Tally) -> None:
        for name in ("histories", "loads", "operations", "cuts", "second_cuts"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.endings.update(other.endings)
        self.broken += other.broken


@dataclass(frozen=True)
class Week:
    """One release of a history."""

    manifest: Manifest
    folder: Path
    files: dict[str, bytes]
    foreign: dict[str, bytes]  # what lies on the card beside it
    harmed: dict[str, bytes] = field(default_factory=dict)  # what became of tracks, and is to be repaired
    hidden: tuple[str, ...] = ()  # tracks that were hidden
    is_silent: bool = False  # what was harmed has its length, so that a load finds it at its end
    is_cleaned: bool = False  # somebody deleted our folder

    @property
    def repair(self) -> bool:
        return bool(self.harmed) and not self.is_silent


@dataclass(frozen=True)
class History:
    """A card and what happens to it."""

    seed: int
    disk: Disk
    tail_first: bool
    next_fit: bool
    weeks: tuple[Week, ...]

    def mount(self, disk: Disk) -> FatCard:
        return FatCard(disk, tail_first=self.tail_first, next_fit=self.next_fit)


LAYOUTS = (
    "{shelf:02}/{place:03}.mp3",
    "{place:03}.mp3",
    "{shelf:02}/{place:03}.MP3",
    "Shelf {shelf}/{place:03} a longer name.mp3",
    "第{shelf}册/{place:03} 一章.mp3",
)
BY_PLACE = "{shelf:02}/{row:03}.mp3"  # in the layout of keypad-folders


def make_history(seed: int, folder: Path, *, used: bool = False) -> History:
    """A history from a seed; releases are written under `folder`. In the free clusters of a `used` card lies
    old sound."""
    luck = random.Random(seed)
    layout = luck.choice(LAYOUTS)
    more = random.Random(f"{seed}/more")
    layout = BY_PLACE if more.random() < 0.2 else layout
    kind = more.choice(("", "lrc", "m3u8"))
    sectors = luck.choice((1, 1, 2, 4, 8))
    places = sorted(luck.sample(range(1, 13), luck.randint(2, 6)))
    versions = dict.fromkeys(places, 0)
    weeks: list[Week] = []
    foreign: dict[str, bytes] = {}
    names = [layout.format(shelf=shelf, place=0, row=0).rpartition("/")[0] for shelf in (1, 2, 3)]
    for number in range(1, luck.randint(2, 4) + 1):
        if number > 1:
            versions = _next_week(versions, luck)
            foreign = _visited(foreign, names, versions, luck)
        tracks = {
            layout.format(shelf=1 + place // 5, place=place, row=row): _sound(place, version)
            for row, (place, version) in enumerate(sorted(versions.items()), start=1)
        }
        beside = sidecars_of(tracks, kind)
        place = folder / f"{seed}-{number}"
        finds_by = "place" if layout == BY_PLACE else "name"
        manifest = make_release(place, tracks, sequence=number, finds_by=finds_by, sidecars=beside)
        weeks.append(Week(manifest, place, {**tracks, **beside}, dict(foreign)))
    last = weeks[-1]
    weeks.append(replace(last, harmed=_harm(last.files, random.Random(f"{seed}/harm"))))
    weeks.append(_silently_harmed(last, random.Random(f"{seed}/silent")))
    weeks.append(replace(last, is_cleaned=True))
    unit = 512 * sectors
    disk = blank_disk(_clusters(weeks, unit, luck), sectors, old=OLD if used else b"")
    return History(seed, disk, luck.random() < 0.3, luck.random() < 0.5, tuple(weeks))


OLD = random.Random("old sound").randbytes(4096)


def _sound(place: int, version: int) -> bytes:
    return sound(f"{place}.{version}", 1 + random.Random(f"{place}/{version}").randrange(2600))


def _harm(files: dict[str, bytes], luck: random.Random) -> dict[str, bytes]:
    """What a computer makes of some tracks: shorter, longer, of the same length, empty."""
    files = _sounds(files)
    paths = luck.sample(sorted(files), min(len(files), luck.randint(1, 3)))
    made = {path: luck.randbytes(luck.choice((len(files[path]), 0, 40, 3000))) for path in paths}
    return {path: data for path, data in made.items() if data != files[path]}


def _sounds(files: dict[str, bytes]) -> dict[str, bytes]:
    """The tracks among the files of a release."""
    return {path: data for path, data in files.items() if path.casefold().endswith(".mp3")}


def _silently_harmed(last: Week, luck: random.Random) -> Week:
    """Tracks of their length with other content, and hidden ones; the load is no repair."""
    files = _sounds(last.files)
    paths = luck.sample(sorted(files), min(len(files), luck.randint(1, 3)))
    harmed = {path: luck.randbytes(len(last.files[path])) for path in paths[1:] if last.files[path]}
    return replace(last, harmed=harmed, hidden=tuple(paths[:1]), is_silent=True)


def _next_week(versions: dict[int, int], luck: random.Random) -> dict[int, int]:
    """A track or two go, some change, some come."""
    kept = {place: version for place, version in versions.items() if luck.random() > 0.2}
    changed = {place: version + (luck.random() < 0.25) for place, version in kept.items()}
    new = {luck.randint(1, 12): luck.randint(0, 2) for _each in range(luck.randint(0, 2))}
    return {**new, **changed} or {1: 0}


def _visited(
    foreign: dict[str, bytes], folders: list[str], versions: dict[int, int], luck: random.Random
) -> dict[str, bytes]:
    """The listener's own files come and go; they lie where no track goes."""
    kept = {path: data for path, data in foreign.items() if luck.random() > 0.4}
    shelves = {folders[place // 5] for place in versions if place // 5 < 3}
    for index in range(luck.randint(0, 2)):
        parent = luck.choice(["", "Own", *sorted(shelves)]) if luck.random() < 0.5 else ""
        path = f"{parent}/memo {index}.txt".lstrip("/")
        kept.setdefault(path, sound(path, luck.choice((0, 70, 900))))
    return kept


def _clusters(weeks: list[Week], unit: int, luck: random.Random) -> int:
    """Room for any of the releases with what lies beside it; now and then hardly more than that."""

    def taken(week: Week) -> int:
        sizes = [len(data) for data in (*week.files.values(), *week.foreign.values())]
        sizes += [len(week.manifest.to_bytes())] * 3 + [unit] * 20
        return sum(-(-size // unit) for size in sizes)

    most = max(taken(week) for week in weeks)
    return most + luck.choice((0, 4, most, 3 * most))


def run_history(
    history: History, survivals: tuple[Survival, ...] = EVERY, *, share: float = 1.0, second: float = 0.2
) -> Tally:
    """Cut every operation of every load of a history; of runs over 60 operations a sample.

    `share` of the moments are tried, `second` of the recoveries are cut too. What did not hold is told with
    seed, week, operation and survival.
    """
    tally = Tally(histories=1)
    disk, before = history.disk, None
    for number, week in enumerate(history.weeks):
        disk = Disk(disk.settled)
        if number:
            _visit(history.mount(disk), before, week)
        ways = _moments(history, disk, week)
        if ways is None:
            tally.endings["refused"] += 1
            break
        moments, disk = ways
        tally.loads += 1
        tally.operations += len(moments)
        luck = random.Random(f"{history.seed}/{number}")
        chosen = range(len(moments))
        wanted = min(len(chosen), 60) * share
        if wanted < len(chosen):
            chosen = sorted(luck.sample(chosen, max(1, round(wanted))))
        for place in chosen:
            for survival in survivals:
                label = f"seed {history.seed}, week {number + 1}, operation {place}, {survival.value}"
                cut = _Cut(history, before, week, label, tally, luck)
                try:
                    cut.try_it(moments[place], survival, second)
                except AssertionError as broken:
                    tally.broken.append(str(broken))
        before = week
    return tally


def _visit(card: FatCard, before: Week, week: Week) -> None:
    """Another computer takes away and puts on what is the listener's, and harms tracks."""
    for path, data in before.foreign.items():
        if week.foreign.get(path) != data:
            card.delete(path)
    card.barrier()
    for path in sorted(week.foreign):
        if week.foreign[path] == before.foreign.get(path):
            continue
        parent = path.rpartition("/")[0]
        if parent and all(entry.name != parent for entry in card.scan("")):
            card.make_folder(parent)
        card.create(path, [week.foreign[path]] if week.foreign[path] else [])
        card.barrier()
    for path, data in week.harmed.items():
        card.delete(path)
        card.barrier()
        card.create(path, [data] if data else [])
        card.barrier()
    for path in week.hidden:
        card.hide(path)
        card.barrier()
    if week.is_cleaned:
        for entry in card.scan(CARD_FOLDER):
            card.delete(f"{CARD_FOLDER}/{entry.name}")
        card.delete(CARD_FOLDER)
        card.barrier()


def _moments(history: History, disk: Disk, week: Week) -> tuple[list[Moment], Disk] | None:
    """The card before each operation of a load that nothing interrupts, and how it ends."""
    card = history.mount(disk)
    moments: list[Moment] = []
    card.before_operation = lambda _verb, _path: moments.append(disk.moment())
    try:
        load(card, week.manifest, week.folder, repair=week.repair)
    except CardError:
        # A foreign file where a folder has to move, or too little room: said, and nothing more to try.
        return None
    moments.append(disk.moment())
    _require_loaded(read_card(disk), week, f"seed {history.seed}, {week.manifest.release}, uncut")
    return moments, disk


@dataclass
class _Cut:
    """One cut, and what has to hold after it."""

    history: History
    before: Week | None
    week: Week
    label: str
    tally: Tally
    luck: random.Random

    def try_it(self, moment: Moment, survival: Survival, second: float) -> None:
        disk = moment.after_cut(survival, self.luck)
        self.tally.cuts += 1
        self._audit_tells_the_truth(disk)
        card = self.history.mount(disk)
        moments: list[Moment] = []
        again = self.luck.random() < second
        if again:
            card.before_operation = lambda _verb, _path: moments.append(disk.moment())
        self._recover(card)
        if moments:
            self.tally.second_cuts += 1
            survived = self.luck.choice(EVERY)
            place = self.luck.randrange(len(moments))
            self.label += f", then operation {place} of the recovery, {survived.value}"
            disk = moments[place].after_cut(survived, self.luck)
            self._audit_tells_the_truth(disk)
            self._recover(self.history.mount(disk))

    def _audit_tells_the_truth(self, disk: Disk) -> None:
        report = read_card(disk)
        try:
            seen = audit(self.history.mount(Disk(disk.settled)))
        except (NeedsCheckError, CardFailedError):
            return
        if seen.is_good:
            held = next((w for w in (self.before, self.week) if w and w.manifest == seen.manifest), None)
            assert held is not None, f"{self.label}: good, but holds no release"
            assert _ours(report) == held.files, f"{self.label}: good, but {_difference(report, held)}"
            assert _in_order(report, held) is None, f"{self.label}: good, but out of order"

    def _recover(self, card: FatCard) -> None:
        week, left = self.week, frozenset[str]()
        try:
            load(card, week.manifest, week.folder, repair=week.repair)
            ending = "finished"
        except NeedsCheckError as error:
            ending = "needs a check"
            card.barrier()
            self._foreign_files_stay(card.disk, str(error))
            disk = Disk(card.disk.settled)
            mend(disk)
            left = self._left_by_the_check(disk)
            card = self.history.mount(disk)
            try:
                load(card, week.manifest, week.folder, repair=True)
            except CardError as after:
                raise AssertionError(f"{self.label}: after the check: {after}") from after
        except CardError as error:
            raise AssertionError(f"{self.label}: {type(error).__name__}: {error}") from error
        self.tally.endings[ending] += 1
        disk = card.disk
        report = read_card(disk)
        _require_loaded(report, week, self.label, left=left)
        assert audit(self.history.mount(Disk(disk.settled))).is_good, f"{self.label}: not good"

    def _left_by_the_check(self, disk: Disk) -> frozenset[str]:
        """Old bytes that pass for names, in a folder that grew into a cluster whose emptying was lost: the load asked
        for a check, and the check leaves those that are legal. No program prevents them (`test_fat_card.py`)."""
        known = {*self.week.files, *self.week.foreign, *(self.before.files if self.before else ())}
        children = play_order(known)
        left = set()
        for path in read_card(disk).files.keys() - known:
            folder, _slash, name = path.rpartition("/")
            is_ours = is_filler(DirEntry(name, 0, DirEntryKind.FILE)) or folder == CARD_FOLDER
            is_ours |= any(is_short_form(name, child) for child in children.get(folder, ()))
            left |= set() if is_ours else {path}
        return frozenset(left)

    def _foreign_files_stay(self, disk: Disk, reason: str) -> None:
        now = read_card(disk).files
        changed = [path for path, data in self.week.foreign.items() if now.get(path) != data]
        assert not changed, f"{self.label}: needs a check, but changed {changed} ({reason})"


def _require_loaded(report: Report, week: Week, label: str, *, left: frozenset[str] = frozenset()) -> None:
    assert not report.shared, f"{label}: shared clusters: {sorted(report.shared)}"
    assert not report.faults, f"{label}: {sorted(report.dangling)}, {sorted(report.mismatched)}"
    found = {p: data for p, data in report.files.items() if not p.startswith(f"{CARD_FOLDER}/") and p not in left}
    wanted = {**week.files, **week.foreign}
    assert found == wanted, f"{label}: {_difference(report, week)}"
    wrong = _in_order(report, week)
    assert wrong is None, f"{label}: {wrong} out of order"


def _ours(report: Report) -> dict[str, bytes]:
    return {p: data for p, data in report.files.items() if p.endswith((".mp3", ".MP3", ".lrc", ".m3u8"))}


def _difference(report: Report, week: Week) -> str:
    wanted = {**week.files, **week.foreign}
    found = {p: data for p, data in report.files.items() if not p.startswith(f"{CARD_FOLDER}/")}
    wrong = [path for path in wanted if path in found and found[path] != wanted[path]]
    return f"missing {wanted.keys() - found.keys()}, extra {found.keys() - wanted.keys()}, wrong {wrong}"


def _in_order(report: Report, week: Week) -> str | None:
    for folder, children in play_order(week.files).items():
        wrong = first_out_of_order(report.order.get(folder, []), children)
        if wrong is not None:
            return f"{folder}/{wrong}"
    return None
