"""Whether a card holds what it claims: its free space is written full, and read back.

Made of the operations that every load is made of, so that it stands on the same ground: a folder, files,
barriers, deletions. All its files lie in one folder, under names that no other file can have by chance; they
are deleted at the end, also after an interruption, and what a killed test left is removed by the next one.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field

from packager.base.display import shown
from packager.base.errors import CardRefusedError
from packager.base.i18n.language import _
from packager.cards.io.card import Progress, no_progress
from packager.cards.io.filesystem import PIECE_SIZE, CardFS, DirEntryKind
from packager.cards.io.os_errors import card_failures
from packager.cards.prepare.capacity_pattern import (
    TEST_FOLDER,
    Capacity,
    CapacityVerdict,
    Tally,
    capacity_verdict,
    file_name,
    is_file_name,
    piece,
)

_FILE_PIECES = 256  # a test file has at most 256 MiB
_LEAST_FILES = 16
_SAMPLE_PIECES = 1  # of each file, with `quick`, and to notice soon that a card is bad
_ENOUGH_BAD_FILES = 2  # in a row: then the rest is not written any more
_SPARE_UNITS = 8  # for the folder that grows


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


def room_to_test(fs: CardFS) -> int:
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

    `run` is 16 random hexadecimal digits, `size` what the card claims to hold in bytes, `clock` counts
    seconds. With `quick` only samples are read back, which finds a card that is smaller than it says but not
    every bad place. `progress` is called with "write" and "verify". The test stops as soon as samples show
    that the card is bad. Raises CardRefusedError when there is no room for a test, or somebody's files lie in
    the folder of its name; CardFailedError when the card can't even be written to; KeyboardInterrupt, like
    anything else, after the test's files were deleted.
    """
    with card_failures(card, begun=False), fs.alone():
        remove_leftovers(fs)
        test = _Test(fs, run, room_to_test(fs) // PIECE_SIZE, progress)
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
    """Delete what a killed test left on a card, and return the paths. Raises CardRefusedError, with nothing
    deleted, when anything else lies in that folder."""
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
    """Write files until the space is full, or samples show that the card does not keep them."""
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
            # A full card ends the writing; one that fails at it is judged by what it gives back.
            test.files[-1] = _File(path, first, test.written - first)
            test.stopped_early = error.errno != errno.ENOSPC
            if not test.written:
                raise
            with suppress(OSError):
                test.fs.barrier()
            return
        bad_in_a_row = 0 if _sample_is_good(test, test.files[-1]) else bad_in_a_row + 1
        if not _sample_is_good(test, test.files[0]):
            bad_in_a_row = _ENOUGH_BAD_FILES  # what came later was written over it
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
    """Note the first `count` pieces of a file. What comes after an error of the card can't be read."""
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
    """A file in pieces of PIECE_SIZE, however small those are that the system gives."""
    waiting = b""
    for data in fs.read(path):
        waiting += data
        while len(waiting) >= PIECE_SIZE:
            yield waiting[:PIECE_SIZE]
            waiting = waiting[PIECE_SIZE:]


def _remove_own(test: _Test) -> tuple[str, ...]:
    """Delete the test's own files; return the paths of those that a bad card does not let go of."""
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
    test: _Test,
    tally: Tally,
    *,
    size: int,
    quick: bool,
    leftovers: tuple[str, ...],
    times: tuple[float, float, float],
) -> Capacity:
    sampled = quick and not test.stopped_early
    of_a_file = min(_SAMPLE_PIECES, test.a_file) if sampled else test.a_file
    # The first bad sample may be bad but for its last piece.
    least = max(2, _ENOUGH_BAD_FILES * of_a_file - _SAMPLE_PIECES + 1)
    verdict = capacity_verdict(tally, sampled=sampled, least=least)
    true_size = None
    if verdict is CapacityVerdict.FAKE:
        before = max(size - test.total * PIECE_SIZE, 0)  # what was not tested, as it was in use
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
