"""Random histories of a card: does a load do what its dry run says?

A history is a card of one system's allocator with weeks that follow each other: kept weeks, books that come, change
and go, files of a listener that come and go anywhere, hardly any room. Before each load the plan is made as a dry run
makes it, and compared with the operations that the load then does.
"""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from card_kit import audit, card_on, manifest_of, plan_of
from fat_model import ModelCard
from recording_fs import RecordingFS

from packager.base.errors import CardFailedError, CardRefusedError
from packager.base.manifest import Manifest
from packager.cards import apply_load
from packager.cards.plan.state_slots import CARD_FOLDER
from packager.cards.plan.steps import LoadPlan

SYSTEMS = {"linux": False, "macos": False, "windows": True}  # whether a new entry goes behind the last one first
LAYOUTS = ("{shelf:02}/{place:03}.mp3", "{shelf:02}/{place:03}.MP3", "{shelf:02}{place:03}.mp3")
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

    def add(self, other: Counts) -> None:
        for name in ("histories", "loads", "rewritten", "little"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.refused.update(other.refused)


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


def run_history(seed: int, folder: Path) -> Counts:
    """Run one history. Raises AssertionError with the seed where a load differs from its dry run."""
    luck = random.Random(seed)
    system = luck.choice(list(SYSTEMS))
    unit = luck.choice((512, 4096))
    card = ModelCard(tail_first=SYSTEMS[system], allocation_unit=unit)
    layout = luck.choice(LAYOUTS)
    release, counts = ReleaseFolder(folder / f"{seed}"), Counts(histories=1)
    files: dict[str, bytes] = {}
    books = [_BOOK]
    for week in range(1, luck.randint(3, 8)):
        _listener(card, luck, week, files)
        files = _next_week(luck, files, week, books, layout)
        release.write(files)
        _set_room(card, luck, files)
        _load(card, manifest_of(files, sequence=week), release, counts, f"seed {seed} ({system}), week {week}")
    return counts


def _load(card: ModelCard, manifest: Manifest, release: ReleaseFolder, counts: Counts, label: str) -> None:
    """Plan, load, compare."""
    before = dict(card.files)
    try:
        plan = plan_of(card_on(card), manifest)
    except CardRefusedError as refused:
        counts.refused[_reason(str(refused))] += 1
        assert card.files == before, f"{label}: refused, but changed"
        return
    held = card_on(card)
    recorder = RecordingFS(card)

    try:
        result = apply_load(replace(held, fs=recorder), plan, release.folder, load_id=str(uuid.uuid4()))
    except CardFailedError as failed:
        raise AssertionError(f"{label}: {failed}") from failed
    said, done = operations_of(plan), _done(recorder.log)
    assert said == done, f"{label}: {_difference(said, done)}"
    assert plan.bytes_to_write == result.bytes_written, (
        f"{label}: {plan.bytes_to_write} and {result.bytes_written} bytes"
    )
    assert plan.tracks_to_write == result.tracks_written, label
    assert len(plan.untouched) == result.untouched, label
    seen = audit(card)
    assert not [finding for finding in seen.findings if not finding.warning], f"{label}: {seen.findings}"
    ours = {track.path for track in manifest.tracks}
    foreign = {path: data for path, data in before.items() if not path.startswith(CARD_FOLDER)}
    lost = [p for p, data in foreign.items() if p not in ours and p not in plan.ours and card.files.get(p) != data]
    assert not lost, f"{label}: {lost}"
    counts.loads += 1
    counts.rewritten += bool(plan.rewritten)
    counts.little += plan.little_space


def operations_of(plan: LoadPlan) -> Counter[str]:
    """The operations on tracks and folders that a dry run announces."""
    return Counter(
        [
            *(f"create {file.path}" for file in plan.creates),
            *(f"delete {path}" for path in plan.all_deleted),
            *(f"folder {path}" for path in plan.folders_made),
        ]
    )


def _done(log: list[str]) -> Counter[str]:
    """The same of a load's log; fillers, our own small files and barriers are no operations on tracks."""
    done = Counter(line for line in log if line.split(" ", 1)[0] in ("create", "delete", "folder"))
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
            if "fill" not in line.casefold() and ".fil" not in line.casefold()
            if not line.split(" ", 1)[1].startswith(own)
        }
    )


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
            card.create(path, [_sound(path, luck.choice((10, 3000)))])
            card.barrier()


def _next_week(
    luck: random.Random, files: dict[str, bytes], week: int, books: list[int], layout: str
) -> dict[str, bytes]:
    """The files of the next week."""
    if luck.random() < 0.3 and len(books) < 5:
        books.append(max(books) + luck.randint(1, 3))
    if luck.random() < 0.15 and len(books) > 1:
        books.remove(luck.choice(books))
    tracks: dict[str, bytes] = {}
    for place in range(1, luck.randint(2, 5)):
        tracks[layout.format(shelf=1, place=place)] = _sound(f"week {week} {place}", luck.randint(1, 6000))
    for shelf in range(2, 2 + min(week, luck.randint(0, 3))):
        for place in (1, 2):
            tracks[layout.format(shelf=shelf, place=place)] = _sound(f"week {week - shelf} {place}", 4000)
    for book in books:
        for place in sorted(luck.sample(range(1, 7), luck.randint(3, 6))) if luck.random() < 0.3 else range(1, 5):
            path = layout.format(shelf=book, place=place)
            old = files.get(path)
            keeps = old is not None and luck.random() > 0.05
            tracks[path] = old if keeps and old is not None else _sound(f"{week} {path}", luck.choice((5000, 600)))
    return dict(sorted(tracks.items()))


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
