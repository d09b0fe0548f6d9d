"""Random histories of a card: does a load do what its dry run says?

A history is a card of one system's allocator, with a root of fixed size or one that grows, or a folder that stands for
a card, and a profile's layout. Weeks follow each other: kept weeks, books that come, change and go, sidecars, files of
a listener that come and go anywhere, hardly any room, hidden and renamed tracks, loads that are interrupted. Before
each load the plan is made as a dry run makes it, and compared with the operations that the load then does.
"""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from card_kit import FailingMedium, PowerCutError, audit, card_on, manifest_of, plan_of
from fat_model import ModelCard
from recording_fs import RecordingFS

from packager.base.errors import CardFailedError, CardRefusedError, NeedsCheckError
from packager.base.manifest import Manifest
from packager.cards import apply_load
from packager.cards.audit import FindingKind
from packager.cards.plan.state_slots import CARD_FOLDER, is_no_places_path
from packager.cards.plan.steps import LoadPlan

SYSTEMS = {"linux": False, "macos": False, "windows": True}  # whether a new entry goes behind the last one first


@dataclass(frozen=True)
class Layout:
    """How a profile names its tracks: `row` counts them through the whole card."""

    path: str
    finds_by: str = "name"


LAYOUTS = {
    "folders": Layout("{shelf:02}/{place:03}.mp3"),
    "folders, capitals": Layout("{shelf:02}/{place:03}.MP3"),
    "flat": Layout("{shelf:02}{place:03}.mp3"),
    "keypad": Layout("{row:03}.mp3", "place"),
    "keypad-folders": Layout("{shelf:02}/{row:03}.mp3", "place"),
    "dfplayer-mp3": Layout("mp3/{shelf:02}{place:02}.mp3"),
    "titles": Layout("{shelf:02} \u4e66/{place:03} \u7b2c{place}\u7ae0.mp3"),
    "nested": Layout("all/{shelf:02}/{place:03}.mp3"),
}
_SMALL_ROOTS = (40, 60, 100, 512)  # directory slots
_BOOK = 5  # the first number of a book; 1 is this week, 2 to 4 are kept weeks
_FOREIGN_NAMES = ("memo{n}.txt", "N{n}.TXT", "a longer recording of the listener {n}.wav", "{n}.wav")


@lru_cache(maxsize=4096)
def _sound(seed: str, size: int) -> bytes:
    return random.Random(seed).randbytes(size)


@dataclass
class Counts:
    """What was tried."""

    histories: int = 0
    loads: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    rewritten: int = 0  # loads that wrote unchanged files again
    little: int = 0  # loads with little room
    interrupted: int = 0
    new_roots: int = 0  # loads that wrote a root of fixed size again, which no plan can see
    kinds: Counter[str] = field(default_factory=Counter)  # histories by system, root and layout

    def add(self, other: Counts) -> None:
        for name in ("histories", "loads", "rewritten", "little", "interrupted", "new_roots"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.refused.update(other.refused)
        self.kinds.update(other.kinds)


class ReleaseFolder:
    """The folder of a release that changes from week to week; only what changed is written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, files: dict[str, bytes]) -> None:
        for path, data in files.items():
            place = self.folder / path
            if not place.exists() or place.stat().st_size != len(data) or place.read_bytes() != data:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(data)


@dataclass
class History:
    """One history under way."""

    label: str
    card: ModelCard
    luck: random.Random
    layout: Layout
    sidecars: str  # the kind: m3u8, lrc, or empty
    release: ReleaseFolder
    counts: Counts
    files: dict[str, bytes] = field(default_factory=dict)  # of the last release


def run_history(seed: int, folder: Path) -> Counts:
    """Run one history. Raises AssertionError with the seed where a load differs from its dry run."""
    luck, renaming = random.Random(seed), random.Random(f"names {seed}")
    system, layout = luck.choice(list(SYSTEMS)), luck.choice(list(LAYOUTS))
    card = ModelCard(tail_first=SYSTEMS[system], allocation_unit=luck.choice((512, 4096)))
    card.keeps_order = luck.random() < 0.95
    fixed = luck.choice(_SMALL_ROOTS)
    card.root_slots = fixed if luck.random() < 0.25 and card.keeps_order else None
    sidecars = luck.choice(("", "", "m3u8", "lrc"))
    root = "" if card.root_slots is None else ", fixed root"
    kind = f"{system if card.keeps_order else 'a folder'}{root}, {layout}{', ' if sidecars else ''}{sidecars}"
    counts = Counts(histories=1, kinds=Counter([kind]))
    release = ReleaseFolder(folder / f"{seed}")
    history = History(f"seed {seed} ({kind})", card, luck, LAYOUTS[layout], sidecars, release, counts)
    books = [_BOOK]
    for week in range(1, luck.randint(3, 8)):
        _listener(card, luck, week, history.files)
        if renaming.random() < 0.05:
            _rename_in_case(card, renaming, history.files)
        tracks = _next_week(history, week, books)
        beside = sidecars_of(tracks, history.sidecars)
        history.files = {**tracks, **beside}
        release.write(history.files)
        _set_room(card, luck, history.files)
        manifest = manifest_of(tracks, sequence=week, finds_by=history.layout.finds_by, sidecars=beside)
        if luck.random() < 0.1:
            _interrupt(history, manifest)
        _load(history, manifest, f"{history.label}, week {week}")
    return counts


def _interrupt(history: History, manifest: Manifest) -> None:
    """Begin the load and stop it at any operation, as a killed process does."""
    held = card_on(history.card)
    try:
        plan = plan_of(held, manifest)
    except (CardRefusedError, NeedsCheckError):
        return
    medium = FailingMedium(history.card, fail_at=history.luck.randrange(60), partly=history.luck.random() < 0.5)
    with suppress(PowerCutError):
        apply_load(replace(held, fs=medium), plan, history.release.folder, load_id=str(uuid.uuid4()))
        return
    history.card.settle()
    history.counts.interrupted += 1


def _load(history: History, manifest: Manifest, label: str) -> None:
    """Plan, load, compare."""
    card, counts = history.card, history.counts
    before, names = dict(card.files), _names_in(card)
    try:
        plan = plan_of(card_on(card), manifest)
    except CardRefusedError as refused:
        counts.refused[_reason(str(refused))] += 1
        assert card.files == before, f"{label}: refused, but changed"
        return
    held, is_split = card_on(card), _is_split(card, plan)
    recorder = RecordingFS(card)
    try:
        result = apply_load(replace(held, fs=recorder), plan, history.release.folder, load_id=str(uuid.uuid4()))
    except CardFailedError as failed:
        raise AssertionError(f"{label}: {failed}") from failed
    except CardRefusedError as refused:
        assert is_split and "it can't be made again" in str(refused), f"{label}: {refused}"
        assert (card.files, _names_in(card)) == (before, names), f"{label}: refused, but changed"
        counts.refused["split root"] += 1
        return
    said, done = operations_of(plan), _done(recorder.log)
    if said != done and is_split and _is_whole_root_again(done - said, plan) and not said - done:
        counts.new_roots += 1
    else:
        assert said == done, f"{label}: {_difference(said, done)}"
        assert plan.bytes_to_write == result.bytes_written, (
            f"{label}: {plan.bytes_to_write} and {result.bytes_written} bytes"
        )
        assert plan.tracks_to_write == result.tracks_written, label
        assert len(plan.untouched) == result.untouched, label
    seen = audit(card)
    wrong = [finding for finding in seen.findings if not finding.warning and finding.kind is not FindingKind.EXTRA]
    assert not wrong, f"{label}: {wrong}"
    ours = {file.path for file in manifest.files}
    foreign = {path: data for path, data in before.items() if not path.startswith(CARD_FOLDER)}
    lost = [p for p, data in foreign.items() if p not in ours and p not in plan.ours and card.files.get(p) != data]
    assert not lost, f"{label}: {lost}"
    counts.loads += 1
    counts.rewritten += bool(plan.rewritten)
    counts.little += plan.little_space


def _names_in(card: ModelCard) -> dict[str, list[str]]:
    return {folder: card.order(folder) for folder in card.rows}


def _is_split(card: ModelCard, plan: LoadPlan) -> bool:
    """Whether a root of fixed size has less room behind the last entry of ours that stays than the plan puts there."""
    if card.root_slots is None:
        return False
    row = [*card.rows[""], *[None] * (card.root_slots - len(card.rows[""]))]
    made = {path for path in (*(file.path for file in plan.creates), *plan.folders_made) if "/" not in path}
    order = plan.order[""]
    stay = [name for name in order if name in row and name not in made]
    behind = order[order.index(stay[-1]) + 1 :] if stay else order
    last = max((place for place, name in enumerate(row) if name in stay), default=-1)
    slots = max((card.slots_of(name) for name in behind), default=1)
    room = run = 0
    for name in row[last + 1 :]:
        run = run + 1 if name is None or name in made else 0
        room += run > 0 and run % slots == 0
    own = 0 if CARD_FOLDER in row else card.slots_of(CARD_FOLDER)
    return room < len(behind) + own


def _is_whole_root_again(more: Counter[str], plan: LoadPlan) -> bool:
    """Whether `more` operations than the plan said are those of writing all our entries of the root again."""
    ours = {*plan.ours, *plan.order, *(file.path for file in plan.wanted.files)}
    ours |= {path.rpartition("/")[0] for path in plan.ours}
    said = operations_of(plan)
    again = all(said[line] + more[line] > 0 for line in (f"create {file.path}" for file in plan.wanted.files))
    return again and all(line.split(" ", 1)[1] in ours for line in more)


def operations_of(plan: LoadPlan) -> Counter[str]:
    """The operations on tracks and folders that a dry run announces."""
    return Counter(
        [
            *(f"create {file.path}" for file in plan.creates),
            *(f"delete {path}" for path in plan.all_deleted if not _is_filler(path)),
            *(f"folder {path}" for path in plan.folders_made),
            *(f"show {path}" for path in plan.shows),
        ]
    )


def _done(log: list[str]) -> Counter[str]:
    """The same of a load's log; fillers, our own small files and barriers are no operations on tracks."""
    done = Counter(line for line in log if line.split(" ", 1)[0] in ("create", "delete", "folder", "show"))
    # A new folder that does not stand in its place is deleted again, as a filler is.
    for line in [line for line in done if line.startswith("folder ")]:
        tried = done[line] - 1
        done[line] -= tried
        done[f"delete {line.removeprefix('folder ')}"] -= tried
    done = +done
    own = ("manifest", "card.json", "state.", "NOPLACES", CARD_FOLDER)
    return Counter(
        {
            line: count
            for line, count in done.items()
            if not _is_filler(line)
            if not line.split(" ", 1)[1].startswith(own)
            if not is_no_places_path(f"{CARD_FOLDER}/{line.split(' ', 1)[1]}")
        }
    )


def _is_filler(text: str) -> bool:
    return "fill" in text.casefold() or ".fil" in text.casefold()


def _difference(said: Counter[str], done: Counter[str]) -> str:
    return f"said, not done: {sorted((said - done).elements())}; done, not said: {sorted((done - said).elements())}"


def _reason(text: str) -> str:
    for words in ("not ours", "lacks", "did not put there", "main folder"):
        if words in text:
            return words
    raise AssertionError(text)


def _listener(card: ModelCard, luck: random.Random, week: int, files: dict[str, bytes]) -> None:
    """The listener saves files in the main folder and in folders, and deletes some of theirs."""
    card.capacity = 1 << 40
    if card.keeps_order and luck.random() < 0.1:
        card.hidden.update(luck.sample(sorted(files), 1) if set(files) <= set(card.files) and files else ())
    theirs = [path for path in card.files if not path.startswith(CARD_FOLDER) and path not in files]
    for path in theirs:
        if luck.random() < 0.3:
            card.delete(path)
            card.barrier()
    for n in range(luck.choice((0, 0, 1, 2))):
        parents = ["", "", *(row for row in card.rows if row and row != CARD_FOLDER)]
        parent = luck.choice(parents)
        if luck.random() < 0.1 and "Own" not in card.rows:
            card.make_folder("Own")
        name = luck.choice(_FOREIGN_NAMES).format(n=f"{week}{n}")
        path = f"{parent}/{name}" if parent else name
        if path not in card.files:
            with suppress(OSError):  # a root of fixed size is full
                card.create(path, [_sound(path, luck.choice((10, 3000)))])
            card.barrier()


def _rename_in_case(card: ModelCard, luck: random.Random, files: dict[str, bytes]) -> None:
    """A computer writes the name of a track in other letters."""
    there = [path for path in sorted(files) if path in card.files]
    for path in luck.sample(there, min(2, len(there))):
        folder, slash, name = path.rpartition("/")
        data = card.files[path]
        card.delete(path)
        card.barrier()
        card.create(f"{folder}{slash}{name.swapcase()}", [data])
        card.barrier()


def _next_week(history: History, week: int, books: list[int]) -> dict[str, bytes]:
    """The tracks of the next week."""
    luck = history.luck
    if luck.random() < 0.3 and len(books) < 5:
        books.append(max(books) + luck.randint(1, 3))
    if luck.random() < 0.15 and len(books) > 1:
        books.remove(luck.choice(books))
    shelves: dict[int, dict[int, bytes]] = {
        1: {place: _sound(f"week {week} {place}", luck.randint(1, 6000)) for place in range(1, luck.randint(2, 5))}
    }
    for shelf in range(2, 2 + min(week, luck.randint(0, 3))):
        shelves[shelf] = {place: _sound(f"week {week - shelf} {place}", 4000) for place in (1, 2)}
    for book in sorted(books):
        places = sorted(luck.sample(range(1, 7), luck.randint(3, 6))) if luck.random() < 0.3 else range(1, 5)
        shelves[book] = {
            place: _sound(f"{luck.choice((0,) * 19 + (week,))} {book} {place}", 5000 - 1000 * (place % 5))
            for place in places
        }
    tracks: dict[str, bytes] = {}
    for shelf, content in shelves.items():
        for place, data in content.items():
            tracks[history.layout.path.format(shelf=shelf, place=place, row=len(tracks) + 1)] = data
    return tracks


def sidecars_of(tracks: dict[str, bytes], kind: str) -> dict[str, bytes]:
    """A list of each folder's tracks, or a file beside each track."""
    if kind == "lrc":
        return {f"{path.rpartition('.')[0]}.lrc": f"{len(data)}\n".encode() for path, data in tracks.items()}
    lists: dict[str, bytes] = {}
    for path in tracks if kind == "m3u8" else ():
        folder, slash, name = path.rpartition("/")
        at = f"{folder}{slash}list.m3u8"
        lists[at] = lists.get(at, b"") + name.encode() + b"\n"
    return lists


def _set_room(card: ModelCard, luck: random.Random, files: dict[str, bytes]) -> None:
    """Give the card plenty of room, or little more than the release needs, or less."""
    used = card.capacity - card.free_space()
    if luck.random() < 0.6:
        card.capacity = 1 << 40
        return
    unit = card.allocation_unit
    new = sum(-(-len(data) // unit) * unit for path, data in files.items() if card.files.get(path) != data)
    card.capacity = used + int(new * luck.choice((0.2, 0.6, 1.0, 1.2))) + unit * luck.choice((8, 20, 40))


def run_many(seeds: range, folder: Path, tell: Callable[[str], None]) -> Counts:
    """Run histories; tell of each that failed."""
    counts = Counts()
    for seed in seeds:
        try:
            counts.add(run_history(seed, folder))
        except AssertionError as broken:
            tell(str(broken))
    return counts
