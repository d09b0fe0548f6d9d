"""Capacity test: detect fake cards by writing the free space full and reading it back.

Every piece (1 MiB) differs from all others and starts with the run and its own number. A fake card that wraps
around therefore returns a piece of the same run in the place of another. The test uses the operations of every
load: a folder, files, barriers, deletions. All its files are in one folder under names that no other file can
have by chance. They are deleted at the end, also after an interruption; the next test removes leftovers of a
killed one.
"""

from __future__ import annotations

import errno
import hashlib
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from enum import Enum

from packager.base.display import shown
from packager.base.errors import CardRefusedError
from packager.base.i18n.language import _
from packager.cards.filesystem import PIECE_SIZE, CardFS, DirEntryKind
from packager.cards.io.card import Progress, no_progress
from packager.cards.io.os_errors import card_failures

TEST_FOLDER = "packager-test"
_MARK = b"packager capacity test "
_RUN = re.compile(r"[0-9a-f]{16}")
_NAME = re.compile(r"([0-9a-f]{16})-([0-9]{5})-([0-9a-f]{8})\.tst")
_IN_A_ROW = 0.9  # at least this share of a fake's end is bad
_FILE_PIECES = 256  # per test file, so at most 256 MiB
_LEAST_FILES = 16
_SAMPLE_PIECES = 1  # read of each file with `quick`, and to notice a bad card early
_ENOUGH_BAD_FILES = 2  # in a row, then the test stops
_SPARE_UNITS = 8  # for the folder that grows


class CapacityVerdict(str, Enum):
    """The verdict of a capacity test."""

    REAL = "real"  # everything reads back
    SAMPLED = "sampled"  # all samples read back
    FAKE = "fake"  # the card is smaller than it claims
    FAILING = "failing"  # single places lose data


@dataclass
class Tally:
    """Counts pieces that were read back."""

    good: int = 0
    bad: list[int] = field(default_factory=list)  # numbers, ascending
    moved: int = 0  # bad ones that held another piece of the run
    since_bad: int = 0  # pieces read from the first bad one on

    @property
    def read(self) -> int:
        """Pieces read."""
        return self.good + len(self.bad)

    def note(self, run: str, number: int, data: bytes | None) -> None:
        """Count a piece; None if it could not be read."""
        if data == piece(run, number):
            self.good += 1
        else:
            self.bad.append(number)
            self.moved += data is not None and found_elsewhere(run, number, data)
        self.since_bad += bool(self.bad)


@dataclass(frozen=True)
class Capacity:
    """The result of a capacity test. All sizes in bytes."""

    verdict: CapacityVerdict
    written: int
    read: int
    bad: int
    first_bad: int | None  # bytes from the start of the tested space
    true_size: int | None  # of a fake, estimated
    past_cache: bool  # whether the system's cache was avoided
    stopped_early: bool  # the card was found bad before it was full
    leftovers: tuple[str, ...]  # test files that could not be removed
    write_seconds: float
    read_seconds: float


def capacity_verdict(tally: Tally, *, sampled: bool, least: int) -> CapacityVerdict:
    """The verdict. A fake fails from one place to its end (at least `least` pieces), or returns one piece for
    another; a worn card fails in single places."""
    if not tally.bad:
        return CapacityVerdict.SAMPLED if sampled else CapacityVerdict.REAL
    to_the_end = tally.since_bad >= least and len(tally.bad) >= _IN_A_ROW * tally.since_bad
    return CapacityVerdict.FAKE if tally.moved or to_the_end else CapacityVerdict.FAILING


@dataclass(frozen=True)
class _File:
    """A test file: its path, and its pieces by number."""

    path: str
    first: int
    pieces: int


@dataclass
class _Test:
    """A test under way."""

    fs: CardFS
    run: str
    total: int  # pieces
    progress: Progress
    files: list[_File] = field(default_factory=list)
    written: int = 0  # pieces
    stopped_early: bool = False

    @property
    def a_file(self) -> int:
        """Pieces of a test file."""
        return max(1, min(_FILE_PIECES, -(-self.total // _LEAST_FILES)))


def testable_bytes(fs: CardFS) -> int:
    """The bytes that a test would write."""
    free = fs.free_space() - _SPARE_UNITS * max(fs.allocation_unit, 1)
    return max(free, 0) // PIECE_SIZE * PIECE_SIZE


def check_capacity(
    fs: CardFS,
    card: str,
    *,
    run: str,
    size: int,
    clock: Callable[[], float],
    quick: bool = False,
    progress: Progress = no_progress,
) -> Capacity:
    """Write the free space of `fs` full, read it back, and delete it again.

    `run` is 16 random hexadecimal digits, `size` the claimed size in bytes, `clock` counts seconds. With `quick`
    only samples are read back, which finds a fake card but not every bad place. `progress` is called with "write"
    and "verify". The test stops as soon as samples show that the card is bad. Raises CardRefusedError if there is
    no room for a test or its folder holds foreign files, CardFailedError if the card can't be written at all. The
    test files are deleted on any exception, KeyboardInterrupt included.
    """
    with card_failures(card, begun=False), fs.exclusive():
        remove_leftovers(fs)
        test = _Test(fs, run, testable_bytes(fs) // PIECE_SIZE, progress)
        if test.total == 0:
            raise CardRefusedError(
                _("{card} is full, so it can't be tested; free some of its space first").format(card=card)
            )
        began = clock()
        try:
            fs.make_folder(TEST_FOLDER)
            _write(test)
            wrote = clock()
            tally = _read(test, sample=_SAMPLE_PIECES if quick and not test.stopped_early else None)
            read = clock()
        finally:
            leftovers = _remove_own(test)
    times = (began, wrote, read)
    return _result(test, tally, size=size, quick=quick, leftovers=leftovers, times=times)


def remove_leftovers(fs: CardFS) -> tuple[str, ...]:
    """Delete the files of a killed test; returns their paths. Raises CardRefusedError, and deletes nothing, if the
    folder holds anything else."""
    found = next((entry for entry in fs.scan("") if entry.name == TEST_FOLDER), None)
    if found is None:
        return ()
    entries = fs.scan(TEST_FOLDER) if found.kind is DirEntryKind.FOLDER else (found,)
    for entry in entries:
        if entry.kind is not DirEntryKind.FILE or not is_file_name(entry.name):
            raise CardRefusedError(
                _(
                    "the folder {folder} on the card is not that of a test: {name} is not ours. Rename that "
                    "folder, then run this again."
                ).format(folder=TEST_FOLDER, name=shown(entry.name))
            )
    paths = tuple(f"{TEST_FOLDER}/{entry.name}" for entry in entries)
    for path in (*paths, TEST_FOLDER):
        fs.delete(path)
    fs.barrier()
    return paths


def _write(test: _Test) -> None:
    """Write files until the card is full or samples show that it is bad."""
    bad_in_a_row = 0
    while test.written < test.total and bad_in_a_row < _ENOUGH_BAD_FILES:
        first = test.written
        pieces = min(test.a_file, test.total - first)
        path = f"{TEST_FOLDER}/{file_name(test.run, len(test.files))}"
        test.files.append(_File(path, first, pieces))
        try:
            test.fs.create(path, _pieces(test, first, pieces))
            test.fs.barrier()
        except OSError as error:
            # A full card ends the writing. A card that fails is judged by what reads back.
            test.files[-1] = _File(path, first, test.written - first)
            test.stopped_early = error.errno != errno.ENOSPC
            if not test.written:
                raise
            with suppress(OSError):
                test.fs.barrier()
            return
        bad_in_a_row = 0 if _sample_is_good(test, test.files[-1]) else bad_in_a_row + 1
        if not _sample_is_good(test, test.files[0]):
            bad_in_a_row = _ENOUGH_BAD_FILES  # overwritten by a later file
    test.stopped_early = test.written < test.total


def _pieces(test: _Test, first: int, count: int) -> Iterator[bytes]:
    for number in range(first, first + count):
        yield piece(test.run, number)
        test.written = number + 1
        test.progress("write", test.written * PIECE_SIZE, test.total * PIECE_SIZE)


def _sample_is_good(test: _Test, file: _File) -> bool:
    tally = Tally()
    for _number in _read_file(test, file, tally, min(_SAMPLE_PIECES, file.pieces)):
        pass
    return not tally.bad


def _read(test: _Test, sample: int | None) -> Tally:
    tally = Tally()
    counts = [file.pieces if sample is None else min(sample, file.pieces) for file in test.files]
    total = sum(counts)
    for file, count in zip(test.files, counts, strict=True):
        for _number in _read_file(test, file, tally, count):
            test.progress("verify", tally.read * PIECE_SIZE, total * PIECE_SIZE)
    return tally


def _read_file(test: _Test, file: _File, tally: Tally, count: int) -> Iterator[int]:
    """Count the first `count` pieces of a file. After a read error the rest counts as unreadable."""
    broken = False
    with closing(_whole_pieces(test.fs, file.path)) as pieces:
        for number in range(file.first, file.first + count):
            data = None
            if not broken:
                with suppress(OSError):
                    data = next(pieces, None)
                broken = data is None
            tally.note(test.run, number, data)
            yield number


def _whole_pieces(fs: CardFS, path: str) -> Generator[bytes, None, None]:
    """The content of a file in pieces of PIECE_SIZE."""
    waiting = b""
    for data in fs.read(path):
        waiting += data
        while len(waiting) >= PIECE_SIZE:
            yield waiting[:PIECE_SIZE]
            waiting = waiting[PIECE_SIZE:]


def _remove_own(test: _Test) -> tuple[str, ...]:
    """Delete the test files; returns the paths of those that a bad card does not delete."""
    left: list[str] = []
    for path in (*(file.path for file in test.files), TEST_FOLDER):
        try:
            test.fs.delete(path)
        except FileNotFoundError:
            continue
        except OSError:
            left.append(path)
    with suppress(OSError):
        test.fs.barrier()
    return tuple(left)


def _result(
    test: _Test, tally: Tally, *, size: int, quick: bool, leftovers: tuple[str, ...], times: tuple[float, float, float]
) -> Capacity:
    sampled = quick and not test.stopped_early
    of_a_file = min(_SAMPLE_PIECES, test.a_file) if sampled else test.a_file
    # All but the last piece before the first bad sample may be bad too.
    least = max(2, _ENOUGH_BAD_FILES * of_a_file - _SAMPLE_PIECES + 1)
    verdict = capacity_verdict(tally, sampled=sampled, least=least)
    true_size = None
    if verdict is CapacityVerdict.FAKE:
        before = max(size - test.total * PIECE_SIZE, 0)  # in use, so not tested
        kept = round(test.written * PIECE_SIZE * tally.good / tally.read)
        true_size = min(before + kept, size)
    began, wrote, read = times
    return Capacity(
        verdict=verdict,
        written=test.written * PIECE_SIZE,
        read=tally.read * PIECE_SIZE,
        bad=len(tally.bad) * PIECE_SIZE,
        first_bad=tally.bad[0] * PIECE_SIZE if tally.bad else None,
        true_size=true_size,
        past_cache=test.fs.reads_past_cache,
        stopped_early=test.stopped_early,
        leftovers=leftovers,
        write_seconds=wrote - began,
        read_seconds=read - wrote,
    )


def piece(run: str, number: int) -> bytes:
    """Piece `number` of `run` (16 hexadecimal digits): PIECE_SIZE bytes that no other piece has."""
    head = _mark_of(run) + number.to_bytes(8, "big")
    body = hashlib.shake_128(head).digest(PIECE_SIZE - len(head))
    return head + body


def file_name(run: str, index: int) -> str:
    """The name of a test file. Its last part is a checksum of the rest, so no other file is taken for one."""
    if not _RUN.fullmatch(run) or not 0 <= index <= 99999:
        raise ValueError("a run has 16 hexadecimal digits, and its files numbers up to 99999")
    return f"{run}-{index:05}-{_check(run, index)}.tst"


def is_file_name(name: str) -> bool:
    """Whether the name is that of a test file."""
    match = _NAME.fullmatch(name)
    return match is not None and match[3] == _check(match[1], int(match[2]))


def found_elsewhere(run: str, number: int, data: bytes) -> bool:
    """Whether `data`, read at the place of a piece, holds another piece of the same run."""
    mark = _mark_of(run)
    place = data.find(mark)
    while place >= 0:
        told = data[place + len(mark) : place + len(mark) + 8]
        if len(told) == 8 and (place != 0 or int.from_bytes(told, "big") != number):
            return True
        place = data.find(mark, place + 1)
    return False


def _mark_of(run: str) -> bytes:
    return _MARK + bytes.fromhex(run)


def _check(run: str, index: int) -> str:
    return hashlib.sha256(f"packager-test {run} {index}".encode()).hexdigest()[:8]
