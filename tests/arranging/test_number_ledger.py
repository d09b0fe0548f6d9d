"""The ledger: a number is a place with a meaning, and within a series nothing moves."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from packager.arranging import NumberLedger, NumberRange, ledger_bytes, load_ledger
from packager.arranging.number_ledger import assign_numbers, start_series
from packager.base.errors import DocumentError, InputError

BOOK = "texts/a.txt"
ONE_LINE = st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])  # as reading leaves a title
TITLES = ("第一章", "第二章", "第三章")


def shelved(titles: tuple[str, ...] = TITLES, given: tuple[int, ...] = (1, 2, 3)) -> NumberLedger:
    ledger = start_series(NumberLedger("s"), week_shelf=20, keep=0)
    return assign_numbers(ledger, BOOK, titles, given=given, book_shelf=10)


def test_a_series_begins_with_the_week_and_the_kept_weeks() -> None:
    assert start_series(NumberLedger("s"), week_shelf=20, keep=0).ranges == (NumberRange("week", 1, 20),)
    assert start_series(NumberLedger("s"), week_shelf=20, keep=4).ranges == (
        NumberRange("week", 1, 20),
        NumberRange("kept", 21, 80),
    )


@pytest.mark.parametrize(("chapters", "size"), [(1, 10), (9, 10), (10, 20), (25, 30)])
def test_a_book_gets_a_shelf_with_room_for_one_more_at_least(chapters: int, size: int) -> None:
    shelf = shelved(tuple(f"第{n}章" for n in range(chapters)), given=(1,)).find(BOOK)
    assert shelf is not None
    assert (shelf.first, shelf.size, shelf.last) == (21, size, 20 + size)


def test_books_keep_their_shelves_when_others_come_and_go() -> None:
    ledger = assign_numbers(shelved(), "texts/b.txt", ["甲"], given=[1], book_shelf=10)
    again = assign_numbers(start_series(ledger, week_shelf=20, keep=0), BOOK, TITLES, given=[1], book_shelf=10)
    assert again == ledger


@pytest.mark.parametrize(
    "titles",
    [
        ("新章", "第一章", "第二章", "第三章"),
        ("第二章", "第三章"),
        ("第一章", "第三章", "第二章"),
        ("第一章", "第三章"),
    ],
)
def test_a_chapter_that_would_get_another_number_is_refused(titles: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match=r"texts/a\.txt: '第.章' was given number 2.* new 'series:'"):
        assign_numbers(shelved(), BOOK, titles, given=[1], book_shelf=10)


@pytest.mark.parametrize(
    "titles",
    [
        ("第一章", "第二章（改）", "第三章"),
        ("第一章", "第二章", "第三章", "第四章"),
        ("第一章", "第二章"),
        ("第一章", "第一章", "第三章"),
    ],
)
def test_a_title_may_change_where_it_stands(titles: tuple[str, ...]) -> None:
    shelf = assign_numbers(shelved(), BOOK, titles, given=[1, 2], book_shelf=10).find(BOOK)
    assert shelf is not None
    assert shelf.titles[2] == titles[1]


def test_titles_that_are_alike_do_not_count_as_moved() -> None:
    alike = ("第一节", "第二节", "第一节", "第二节")
    ledger = shelved(alike, (1, 2, 3, 4))
    assert assign_numbers(ledger, BOOK, alike, given=[1, 2, 3, 4], book_shelf=10) == ledger


def test_what_was_never_given_out_may_still_move() -> None:
    ledger = shelved(given=(1,))
    moved = assign_numbers(ledger, BOOK, ("第一章", "新章", "第二章"), given=[1, 2, 3], book_shelf=10)
    assert moved.ranges[1].titles == {1: "第一章", 2: "新章", 3: "第二章"}


def test_a_book_that_outgrew_its_shelf_is_refused() -> None:
    with pytest.raises(InputError, match=r"texts/a\.txt has 11 tracks now, .* 10 numbers \(21 to 30\)"):
        assign_numbers(shelved(), BOOK, [*TITLES, *"12345678"], given=[1], book_shelf=10)


@pytest.mark.parametrize(("week_shelf", "keep", "says"), [(30, 0, "week_shelf 20"), (20, 2, "keep 0")])
def test_shelves_of_another_size_need_a_new_series(week_shelf: int, keep: int, says: str) -> None:
    with pytest.raises(InputError, match=f"began with {says}.* new 'series:'"):
        start_series(shelved(), week_shelf=week_shelf, keep=keep)


def test_a_missing_file_is_an_empty_ledger(tmp_path: Path) -> None:
    assert load_ledger(tmp_path / "s.numbers.yaml", "s") == NumberLedger("s")


@given(
    sizes=st.lists(st.integers(1, 30), min_size=1, max_size=5),
    titles=st.lists(st.text(ONE_LINE, min_size=1, max_size=8), max_size=5),
    sequence=st.integers(0, 10**6),
)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_is_read_back_the_same(
    tmp_path: Path, sizes: list[int], titles: list[str], sequence: int
) -> None:
    ledger = start_series(NumberLedger("s", sequence), week_shelf=sizes[0], keep=0)
    for index, size in enumerate(sizes[1:]):
        given = range(1, len(titles) + 1)
        ledger = assign_numbers(ledger, f"texts/{index}.txt", titles, given=given, book_shelf=size)
    path = tmp_path / "s.numbers.yaml"
    path.write_bytes(ledger_bytes(ledger))
    assert load_ledger(path, "s") == ledger
    assert ledger_bytes(load_ledger(path, "s")) == path.read_bytes()


def test_a_ledger_shows_the_numbers_themselves() -> None:
    text = ledger_bytes(shelved()).decode("utf-8")
    assert "- shelf: texts/a.txt\n  first: 21\n  size: 10\n  titles:\n    21: 第一章\n" in text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("series: other\nsequence: 0\nshelves: []\n", "expected 's'"),
        (
            "series: s\nsequence: 0\nshelves:\n- {shelf: week, first: 1, size: 10}\n- {shelf: a, first: 10, size: 5}\n",
            "shelf 'a'",
        ),
        (
            "series: s\nsequence: 0\nshelves:\n- {shelf: week, first: 1, size: 10, titles: {11: x}}\n",
            "shelf 'week'",
        ),
        (
            "series: s\nsequence: 0\nshelves:\n- {shelf: week, first: 1, size: 10, titles: {x: x}}\n",
            "shelf 'week'",
        ),
        ("series: s\nsequence: -1\nshelves: []\n", "from 0"),
    ],
)
def test_a_ledger_that_is_wrong_is_not_guessed_at(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "s.numbers.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DocumentError, match=says):
        load_ledger(path, "s")
