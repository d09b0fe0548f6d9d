"""Whether a card holds what it claims: real ones, fakes of two kinds, worn ones, and interrupted tests."""

import errno
import itertools
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from card_kit import folder_card

from packager.base.errors import CardFailedError, CardRefusedError
from packager.cards.filesystem import PIECE_SIZE
from packager.cards.prepare.capacity import (
    TEST_FOLDER,
    CapacityVerdict,
    Tally,
    capacity_verdict,
    check_capacity,
    file_name,
    found_elsewhere,
    is_file_name,
    piece,
    remove_leftovers,
)

RUN = "0123456789abcdef"
MIB = PIECE_SIZE
CLAIMED = 24 * MIB


class SmallMedium:
    """A card of CLAIMED bytes, kept in a folder; what lies behind `real` bytes is wrapped or lost."""

    def __init__(self, root: Path, *, real: int = CLAIMED, wraps: bool = False, worn: tuple[int, ...] = ()) -> None:
        self._medium = folder_card(root)
        self._real = real
        self._wraps = wraps
        self._worn = worn  # pieces, by their place in the order of writing, that can't be read
        self._cells: dict[int, bytes] = {}
        self._where: dict[str, list[int]] = {}
        self._next = 0
        self.interrupt_at = -1  # a piece

    def __getattr__(self, name: str) -> object:
        return getattr(self._medium, name)

    def free_space(self) -> int:
        used = sum(len(cells) for cells in self._where.values())
        return CLAIMED - used * MIB

    def create(self, path: str, pieces: Iterable[bytes]) -> None:
        self._medium.create(path, ())
        cells = self._where.setdefault(path, [])
        for data in pieces:
            if self._next == self.interrupt_at:
                raise KeyboardInterrupt
            if self.free_space() < MIB:
                raise OSError(errno.ENOSPC, "full")
            cells.append(self._next)
            place = self._next
            self._next += 1
            if place * MIB >= self._real:
                if not self._wraps:
                    continue
                place %= self._real // MIB
            self._cells[place] = data

    def read(self, path: str) -> Iterator[bytes]:
        for place in self._where[path]:
            if place in self._worn:
                raise OSError(errno.EIO, "worn")
            if self._wraps:
                yield self._cells[place % (self._real // MIB)]
            else:
                yield self._cells.get(place, bytes(MIB))

    def delete(self, path: str) -> None:
        self._medium.delete(path)
        self._where.pop(path, None)


def check(medium, **options):
    ticks = itertools.count()
    return check_capacity(medium, "the card", run=RUN, size=CLAIMED, clock=lambda: float(next(ticks)), **options)


def test_a_card_with_its_claimed_capacity_is_real_and_is_not_changed(tmp_path) -> None:
    medium = SmallMedium(tmp_path / "card")
    (tmp_path / "card" / "song.mp3").write_bytes(b"somebody's")
    seen: list[tuple[str, int, int]] = []
    result = check(medium, progress=lambda *step: seen.append(step))
    assert result.verdict is CapacityVerdict.REAL
    assert CLAIMED - 2 * MIB <= result.written == result.read <= CLAIMED
    assert (result.bad, result.first_bad, result.true_size, result.leftovers) == (0, None, None, ())
    assert [path.name for path in (tmp_path / "card").iterdir()] == ["song.mp3"]
    for stage in ("write", "verify"):
        steps = [(done, total) for name, done, total in seen if name == stage]
        assert steps == [(n * MIB, result.written) for n in range(1, result.written // MIB + 1)]


@pytest.mark.parametrize("quick", [False, True])
@pytest.mark.parametrize("wraps", [False, True])
@pytest.mark.parametrize("real", [5, 12])
def test_a_fake_is_reported_with_its_true_size_before_it_is_full(tmp_path, wraps, real, quick) -> None:
    result = check(SmallMedium(tmp_path / "card", real=real * MIB, wraps=wraps), quick=quick)
    assert result.verdict is CapacityVerdict.FAKE
    assert result.stopped_early
    assert result.written < CLAIMED - 2 * MIB
    # What was free when the test began is CLAIMED but for the spare for the folder.
    assert result.true_size is not None
    assert abs(result.true_size - real * MIB) <= 2 * MIB
    assert list((tmp_path / "card").iterdir()) == []


def test_a_worn_card_is_failing_and_its_first_bad_place_is_named(tmp_path) -> None:
    result = check(SmallMedium(tmp_path / "card", worn=(7, 15)))
    assert result.verdict is CapacityVerdict.FAILING
    assert result.first_bad == 7 * MIB
    assert result.true_size is None


def test_a_quick_test_reads_samples_and_does_not_call_a_card_real(tmp_path) -> None:
    result = check(SmallMedium(tmp_path / "card"), quick=True)
    assert result.verdict is CapacityVerdict.SAMPLED
    assert result.read < result.written


@pytest.mark.parametrize("at", [0, 1, 20])
def test_an_interruption_leaves_nothing_of_a_test_behind(tmp_path, at) -> None:
    medium = SmallMedium(tmp_path / "card")
    medium.interrupt_at = at
    with pytest.raises(KeyboardInterrupt):
        check(medium)
    assert list((tmp_path / "card").iterdir()) == []


def test_the_next_test_removes_the_files_of_a_killed_one(tmp_path) -> None:
    medium = SmallMedium(tmp_path / "card")
    folder = tmp_path / "card" / TEST_FOLDER
    folder.mkdir()
    for index in (0, 7):
        (folder / file_name("f" * 16, index)).write_bytes(b"part")
    assert check(medium).verdict is CapacityVerdict.REAL
    assert list((tmp_path / "card").iterdir()) == []


@pytest.mark.parametrize("name", ["holiday.jpg", "0123456789abcdef-00001-00000000.tst"])
def test_a_foreign_folder_of_that_name_is_not_changed(tmp_path, name) -> None:
    medium = folder_card(tmp_path / "card")
    folder = tmp_path / "card" / TEST_FOLDER
    folder.mkdir()
    (folder / file_name(RUN, 1)).write_bytes(b"ours")
    (folder / name).write_bytes(b"somebody's")
    with pytest.raises(CardRefusedError, match="not ours"):
        check(medium)
    assert sorted(path.name for path in folder.iterdir()) == sorted([file_name(RUN, 1), name])


def test_a_file_of_the_folders_name_is_left_alone(tmp_path) -> None:
    medium = folder_card(tmp_path / "card")
    (tmp_path / "card" / TEST_FOLDER).write_bytes(b"somebody's")
    with pytest.raises(CardRefusedError, match="not ours"):
        remove_leftovers(medium)


def test_a_full_card_and_a_read_only_card_are_refused(tmp_path) -> None:
    full = SmallMedium(tmp_path / "full")
    full.free_space = lambda: MIB
    with pytest.raises(CardRefusedError, match="full"):
        check(full)
    dead = SmallMedium(tmp_path / "dead")

    def fail(path: str, pieces: Iterable[bytes]) -> None:
        raise OSError(errno.EIO, "dead")

    dead.create = fail
    with pytest.raises(CardFailedError):
        check(dead)


def test_no_two_pieces_are_alike_and_each_names_its_place() -> None:
    pieces = [piece(RUN, number) for number in range(4)] + [piece("f" * 16, 0)]
    assert {len(one) for one in pieces} == {MIB}
    assert len({one[offset : offset + 512] for one in pieces for offset in range(0, MIB, 512)}) == 5 * MIB // 512
    assert found_elsewhere(RUN, 1, pieces[2])
    assert found_elsewhere(RUN, 1, pieces[0][MIB // 2 :] + pieces[1][: MIB // 2])
    assert not found_elsewhere(RUN, 1, pieces[1])
    assert not found_elsewhere(RUN, 1, pieces[4])  # of another run
    assert not found_elsewhere(RUN, 1, bytes(MIB))


def test_only_the_tests_own_file_names_are_accepted() -> None:
    assert is_file_name(file_name(RUN, 12))
    assert not is_file_name(file_name(RUN, 12).replace("00012", "00013"))
    assert not is_file_name("song.mp3")


@pytest.mark.parametrize("bad", [{3}, {3, 9}, {0}, set(range(4, 12)), {19}, {18, 19}])
def test_single_bad_places_are_no_fake(bad) -> None:
    tally = Tally()
    for number in range(20):
        tally.note(RUN, number, None if number in bad else piece(RUN, number))
    assert capacity_verdict(tally, sampled=False, least=4) is CapacityVerdict.FAILING


def test_a_pattern_is_made_faster_than_cards_write() -> None:
    began = time.process_time()
    for number in range(32):
        piece(RUN, number)
    assert 32 / (time.process_time() - began) > 60  # MiB a second, on a slow core shared with others
