"""The bytes that a capacity test writes, and what their reading back comes to. Pure.

Every piece (1 MiB) is different, and begins with the run and its own number: a card that is smaller than it
says, and writes what does not fit over what is there, gives back a piece of the same run in another's place.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from enum import Enum

from packager.cards.io.filesystem import PIECE_SIZE

TEST_FOLDER = "packager-test"
_MARK = b"packager capacity test "
_RUN = re.compile(r"[0-9a-f]{16}")
_NAME = re.compile(r"([0-9a-f]{16})-([0-9]{5})-([0-9a-f]{8})\.tst")
_IN_A_ROW = 0.9  # of a fake's end, at least so much is bad


def piece(run: str, number: int) -> bytes:
    """Piece `number` of `run` (16 hexadecimal digits): PIECE_SIZE bytes that no other piece has."""
    head = _mark_of(run) + number.to_bytes(8, "big")
    body = hashlib.shake_128(head).digest(PIECE_SIZE - len(head))
    return head + body


def file_name(run: str, index: int) -> str:
    """The name of a test file. Its last part is a check over the rest, so that no other file is taken for
    one."""
    if not _RUN.fullmatch(run) or not 0 <= index <= 99999:
        raise ValueError("a run has 16 hexadecimal digits, and its files numbers up to 99999")
    return f"{run}-{index:05}-{_check(run, index)}.tst"


def is_file_name(name: str) -> bool:
    """Whether a test of ours made a file of that name."""
    match = _NAME.fullmatch(name)
    return match is not None and match[3] == _check(match[1], int(match[2]))


def found_elsewhere(run: str, number: int, data: bytes) -> bool:
    """Whether what stands at a piece's place is another piece of the same run."""
    mark = _mark_of(run)
    place = data.find(mark)
    while place >= 0:
        told = data[place + len(mark) : place + len(mark) + 8]
        if len(told) == 8 and (place != 0 or int.from_bytes(told, "big") != number):
            return True
        place = data.find(mark, place + 1)
    return False


class CapacityVerdict(str, Enum):
    """What a capacity test came to."""

    REAL = "real"  # everything that was written was read back
    SAMPLED = "sampled"  # the samples that were read were right
    FAKE = "fake"  # the card is smaller than it says
    FAILING = "failing"  # single places don't keep what is written


@dataclass
class Tally:
    """What was read back so far, in pieces."""

    good: int = 0
    bad: list[int] = field(default_factory=list)  # numbers, ascending
    moved: int = 0  # of the bad ones, those where another piece of the run stood
    since_bad: int = 0  # how many were read from the first bad one on, that one counted

    @property
    def read(self) -> int:
        """How many were read at all."""
        return self.good + len(self.bad)

    def note(self, run: str, number: int, data: bytes | None) -> None:
        """Count a piece that was read; None when it could not be."""
        if data == piece(run, number):
            self.good += 1
        else:
            self.bad.append(number)
            self.moved += data is not None and found_elsewhere(run, number, data)
        self.since_bad += bool(self.bad)


@dataclass(frozen=True)
class Capacity:
    """What a capacity test came to. All sizes in bytes."""

    verdict: CapacityVerdict
    written: int
    read: int
    bad: int
    first_bad: int | None  # bytes from the beginning of what was tested
    true_size: int | None  # of a fake, as far as it can be told
    past_cache: bool  # whether what was read came from the card, not from the system's memory
    stopped_early: bool  # the card was seen to be bad before it was full
    leftovers: tuple[str, ...]  # test files that could not be removed
    write_seconds: float
    read_seconds: float


def capacity_verdict(tally: Tally, *, sampled: bool, least: int) -> CapacityVerdict:
    """Judge what was read. A fake fails from one place to its end (`least` pieces of it at the least), or
    gives one piece for another; a worn card fails here and there."""
    if not tally.bad:
        return CapacityVerdict.SAMPLED if sampled else CapacityVerdict.REAL
    to_the_end = tally.since_bad >= least and len(tally.bad) >= _IN_A_ROW * tally.since_bad
    return CapacityVerdict.FAKE if tally.moved or to_the_end else CapacityVerdict.FAILING


def _mark_of(run: str) -> bytes:
    return _MARK + bytes.fromhex(run)


def _check(run: str, index: int) -> str:
    return hashlib.sha256(f"packager-test {run} {index}".encode()).hexdigest()[:8]
