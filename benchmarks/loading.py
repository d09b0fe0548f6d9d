"""Compare a load with a verified plain copy, and an update with a load.

    python benchmarks/loading.py FOLDER [--tracks 100] [--kilobytes 1000] [--rounds 5] [--reader 8]
    python benchmarks/loading.py FOLDER --parts     (tracks of 1, 3 and 5 MB)
    python benchmarks/loading.py --machine [--parts]   (as root: the real vfat driver, in user-mode Linux)

FOLDER is an empty folder on the medium, or the root of an empty FAT card. --machine mounts its card without the
option `flush`, then with it, as desktops do. The rounds alternate. Prints:

- seconds of `cp -r`, `sync`, dropped caches and `sha256sum` of a tree, seconds of a load of the same tree with
  verification, and the ratio of their medians;
- bytes written and seconds of an update with one new track against the load: on this medium, which may be as
  fast as memory, and in a reader of `--reader` megabytes a second, as cheap ones are. Sleeping simulates the
  reader, with 20 ms for each barrier; the rest is the real load;
- the floor of such an update: as many small files, each with its barrier, as it needs barriers, written bare, and
  with the option `flush` the tenth of a second that Linux sleeps when a written file is closed;
- the throughput of one core in plan, copy and verification, in megabytes a second of CPU time.

--parts prints the table of docs/CARDS.md instead: the parts of such an update by the size of a track. At 64 kbit/s
a chapter of ten minutes has 4.8 MB.

A load and an update are measured from the detection of the card until it may be unmounted. As in a visit, the
manifests of both releases are in memory.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from slow_reader import SETTLING, slow_readers

from packager.base.formats import sha256_bytes
from packager.base.manifest import Manifest, ManifestTrack, TrackKind
from packager.cards import apply_load, open_card, survey_and_plan
from packager.cards.io import mounted_fs
from packager.cards.io.card import CardAccess

_NOW = datetime(2026, 11, 23, 8, tzinfo=timezone.utc)
_SIZES = (1, 3, 5)  # megabytes a track
_TESTS = Path(__file__).resolve().parent.parent / "tests" / "support"


def main() -> None:
    options = _options()
    if options.machine:
        _in_machine(options)
        return
    if options.parts:
        _print_parts(options.folder, options.tracks, options.rounds)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first = _release(folder / "first", options.tracks, options.kilobytes * 1000)
        second = _with_one_more(folder / "first", folder / "second", first)
        _measure(options.folder, folder, first, second, options.rounds)
        with slow_readers(options.reader * 1e6, SETTLING):
            _measure_slow(options.folder, folder, first, second, options.reader)


def _measure(card: Path, folder: Path, first: Manifest, second: Manifest, rounds: int) -> None:
    known = (first, second)
    size = sum(track.size for track in first.tracks)
    copies, loads, updates, cpu, written, update_written, floors = [], [], [], [], [], [], []
    barriers = 0
    for _round in range(rounds):
        _clear(card)
        copies.append(_copy(folder / "first", card))
        _clear(card)
        before, cpu_before = _bytes_written(), time.process_time()
        loads.append(_load(card, first, folder / "first", verify_all=True))
        cpu.append(time.process_time() - cpu_before)
        written.append(_bytes_written() - before)
        before = _bytes_written()
        with _counted_barriers() as count:
            updates.append(_load(card, second, folder / "second", verify_all=False, known=known))
        update_written.append(_bytes_written() - before)
        barriers = len(count)
        floors.append(_floor(card, barriers))
    _clear(card)
    floor = statistics.median(floors)
    copy, load, update = (statistics.median(times) for times in (copies, loads, updates))
    print(f"{len(first.tracks)} tracks, {size / 1e6:.0f} MB, {rounds} rounds, load average {_busy()}")
    print(f"copy, sync, read back  {copy:8.2f} s   {_spread(copies)}")
    print(f"load and verify        {load:8.2f} s   {_spread(loads)}   ratio {load / copy:.2f}")
    print(f"update, 1 new track    {update:8.2f} s   {_spread(updates)}   {update / load:.1%} of the load")
    print(f"its floor              {floor:8.2f} s   {_spread(floors)}   {floor / load:.1%}: {barriers} barriers")
    share = update_written[-1] / written[-1]
    print(f"bytes written          {written[-1]:,} and {update_written[-1]:,}: {share:.1%}")
    print(f"CPU of the load        {statistics.median(cpu):8.2f} s   {size / 1e6 / min(cpu):.0f} MB/s at best")


def _print_parts(card: Path, tracks: int, rounds: int) -> None:
    """Print the parts of an update with one new track by the size of a track, in medians."""
    print("| MB a track | load, s | update, ms | of the load | its barriers | its new track | all else | default |")
    print("|---|---|---|---|---|---|---|---|")
    for megabytes in _SIZES:
        with tempfile.TemporaryDirectory() as name:
            load, update, floor, default = _parts(card, Path(name), tracks, megabytes, rounds)
        rest = (update - floor) / load - 1 / tracks
        shares = (update / load, floor / load, 1 / tracks, rest, default / load)
        shown = " | ".join(f"{share:.1%}" for share in shares)
        print(f"| {megabytes} | {load:.2f} | {update * 1000:.0f} | {shown} |", flush=True)


def _parts(card: Path, folder: Path, tracks: int, megabytes: int, rounds: int) -> tuple[float, float, float, float]:
    """Seconds of a load, of an update with one new track, of its barriers alone, and of the update that reads back all
    files, which is the default."""
    first = _release(folder / "first", tracks, megabytes * 1_000_000)
    second = _with_one_more(folder / "first", folder / "second", first)
    known = (first, second)
    loads, updates, floors, defaults = [], [], [], []
    for _round in range(rounds):
        _clear(card)
        loads.append(_load(card, first, folder / "first", verify_all=True, known=known))
        defaults.append(_load(card, second, folder / "second", verify_all=True, known=known))
        _load(card, first, folder / "first", verify_all=False, known=known)
        for _update in range(3):
            with _counted_barriers() as count:
                updates.append(_load(card, second, folder / "second", verify_all=False, known=known))
            _load(card, first, folder / "first", verify_all=False, known=known)
            floors.append(_floor(card, len(count)))
    _clear(card)
    load, update, floor, default = (statistics.median(times) for times in (loads, updates, floors, defaults))
    return load, update, floor, default


def _measure_slow(card: Path, folder: Path, first: Manifest, second: Manifest, rate: float) -> None:
    load = _load(card, first, folder / "first", verify_all=True)
    updates = []
    for _round in range(3):
        updates.append(_load(card, second, folder / "second", verify_all=False))
        _load(card, first, folder / "first", verify_all=False)
    _clear(card)
    update = statistics.median(updates)
    shown = f"load {load:.2f} s, update {update:.2f} s: {update / load:.1%} of the load"
    print(f"reader of {rate:g} MB/s       {shown}")


@contextmanager
def _counted_barriers() -> Iterator[list[None]]:
    """Counts the barriers that reach the medium."""
    real, count = mounted_fs._syncfs, list[None]()

    def counted(root: Path) -> None:
        count.append(None)
        real(root)

    mounted_fs._syncfs = counted
    try:
        yield count
    finally:
        mounted_fs._syncfs = real


def _floor(card: Path, barriers: int) -> float:
    """Seconds for as many small files, each with a barrier, without any of the program's own work."""
    start = time.perf_counter()
    closing = []
    for number in range(barriers):
        stream = (card / f"floor{number}").open("wb", buffering=0)
        stream.write(bytes(512))
        mounted_fs._syncfs(card)
        closing.append(threading.Thread(target=stream.close))
        closing[-1].start()
    for thread in closing:
        thread.join()
    seconds = time.perf_counter() - start
    for number in range(barriers):
        (card / f"floor{number}").unlink()
    return seconds


def _copy(source: Path, card: Path) -> float:
    start = time.perf_counter()
    subprocess.run(["cp", "-r", source, card / "copy"], check=True)
    subprocess.run(["sync", "-f", card], check=True)
    files = sorted(path for path in (card / "copy").rglob("*") if path.is_file())
    for path in files:
        handle = os.open(path, os.O_RDONLY)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)
    subprocess.run(["sha256sum", *files], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def _load(card: Path, manifest: Manifest, folder: Path, *, verify_all: bool, known: tuple[Manifest, ...] = ()) -> float:
    start = time.perf_counter()
    opened = open_card(card, CardAccess(allow_folder=True, claim=True, clock=lambda: _NOW), known)
    plan = survey_and_plan(opened, manifest)
    with opened.fs.exclusive():
        apply_load(opened, plan, folder, load_id=str(uuid.uuid4()), verify_all=verify_all)
    return time.perf_counter() - start


def _clear(card: Path) -> None:
    for path in card.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    subprocess.run(["sync", "-f", card], check=True)


def _release(folder: Path, tracks: int, size: int) -> Manifest:
    chance = random.Random(7)
    made = []
    for number in range(1, tracks + 1):
        path = f"{(number - 1) // 25 + 1:02}/{number:03}.mp3"
        data = chance.randbytes(size)
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
        made.append(_track(number, path, data))
    return Manifest(
        release="week-0001",
        series="week",
        sequence=1,
        playlist="week",
        title="A week",
        profile="folders",
        finds_by="name",
        voice="kokoro:zf_xiaoyi",
        pace=190,
        created="2026-11-23T08:00:00Z",
        program="packager",
        tracks=tuple(made),
    )


def _with_one_more(old: Path, folder: Path, first: Manifest) -> Manifest:
    shutil.copytree(old, folder)
    last = first.tracks[-1]
    number = len(first.tracks) + 1
    path = f"{Path(last.path).parent}/{number:03}.mp3"
    data = random.Random(8).randbytes(last.size)
    (folder / path).write_bytes(data)
    tracks = (*first.tracks, _track(number, path, data))
    return replace(first, release="week-0002", sequence=2, tracks=tracks)


def _track(number: int, path: str, data: bytes) -> ManifestTrack:
    return ManifestTrack(
        number=number,
        path=path,
        kind=TrackKind.CONTENTS if number == 1 else TrackKind.CHAPTER,
        title=f"track {number}",
        book="book",
        place=number,
        seconds=1.0,
        spoken=3,
        pace=190.0,
        lufs=-18.0,
        true_peak=-3.0,
        size=len(data),
        sha256=sha256_bytes(data),
        build_key=sha256_bytes(path.encode()),
    )


def _bytes_written() -> int:
    """Bytes that this process has written so far."""
    lines = Path("/proc/self/io").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("wchar"))


def _spread(times: list[float]) -> str:
    return f"{min(times):.2f}–{max(times):.2f}"


def _busy() -> str:
    return " ".join(f"{value:.1f}" for value in os.getloadavg())


def _in_machine(options: argparse.Namespace) -> None:
    """Measure on a card in the virtual machine of the tests, which has the clock of this computer."""
    sys.path.insert(0, str(_TESTS))
    from fat_machine import FatMachine  # type: ignore[import-not-found]

    room = 3 * options.tracks * options.kilobytes // 1000 + 64
    room = max(room, 2 * options.tracks * max(_SIZES) + 64) if options.parts else room
    sizes = ("--tracks", options.tracks, "--kilobytes", options.kilobytes)
    times = ("--rounds", options.rounds, "--reader", options.reader)
    for flush in (False, True):
        print("mounted with the option flush" if flush else "mounted without the option flush")
        with tempfile.TemporaryDirectory() as name:
            machine = FatMachine(Path(name) / "machine", megabytes=room, sectors_a_cluster=8)
            parts = ("--parts",) if options.parts else ()
            print(machine.run(Path(__file__).resolve(), *sizes, *times, *parts, flush=flush).output, end="")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--machine", action="store_true")
    parser.add_argument("--parts", action="store_true")
    parser.add_argument("--tracks", type=int, default=100)
    parser.add_argument("--kilobytes", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--reader", type=float, default=8.0, help="megabytes a second")
    options = parser.parse_args()
    if (options.folder is None) != options.machine:
        parser.error("give a FOLDER or --machine")
    return options


if __name__ == "__main__":
    main()
