"""The number ledger: each number has one meaning, and within a series no released number moves."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from packager.arranging.number_ledger import (
    NumberLedger,
    NumberRange,
    assign_numbers,
    ledger_bytes,
    load_ledger,
    start_series,
)
from packager.base.errors import DocumentError, InputError

BOOK = "texts/a.txt"
ONE_LINE = st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])  # as reading leaves a title
TITLES = ("第一章", "第二章", "第三章")


def ledger_of(titles: tuple[str, ...] = TITLES, given: tuple[int, ...] = (1, 2, 3)) -> NumberLedger:
    ledger = start_series(NumberLedger("s"), week_shelf=20, keep=0)
    return assign_numbers(ledger, BOOK, titles, given=given, book_shelf=10)


def test_a_series_begins_with_the_week_and_the_kept_weeks() -> None:
    assert start_series(NumberLedger("s"), week_shelf=20, keep=0).ranges == (NumberRange("week", 1, 20),)
    for keep in (1, 4):
        assert start_series(NumberLedger("s"), week_shelf=20, keep=keep).ranges == (
            NumberRange("week", 1, 20),
            NumberRange("kept", 21, 20 * keep),
        )


@pytest.mark.parametrize(("chapters", "size"), [(1, 10), (9, 10), (10, 20), (25, 30)])
def test_a_book_gets_a_range_with_at_least_one_free_number(chapters: int, size: int) -> None:
    shelf = ledger_of(tuple(f"第{n}章" for n in range(chapters)), given=(1,)).find(BOOK)
    assert shelf is not None
    assert (shelf.first, shelf.size, shelf.last) == (21, size, 20 + size)


def test_books_keep_their_ranges_when_others_are_added() -> None:
    ledger = assign_numbers(ledger_of(), "texts/b.txt", ["甲"], given=[1], book_shelf=10)
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
        assign_numbers(ledger_of(), BOOK, titles, given=[1], book_shelf=10)


@pytest.mark.parametrize(
    "titles",
    [
        ("第一章", "第二章（改）", "第三章"),
        ("第一章", "第二章", "第三章", "第四章"),
        ("第一章", "第二章"),
        ("第一章", "第一章", "第三章"),
    ],
)
def test_the_title_at_a_number_may_change(titles: tuple[str, ...]) -> None:
    shelf = assign_numbers(ledger_of(), BOOK, titles, given=[1, 2], book_shelf=10).find(BOOK)
    assert shelf is not None
    assert shelf.titles[2] == titles[1]


def test_equal_titles_do_not_count_as_moved() -> None:
    alike = ("第一节", "第二节", "第一节", "第二节")
    ledger = ledger_of(alike, (1, 2, 3, 4))
    assert assign_numbers(ledger, BOOK, alike, given=[1, 2, 3, 4], book_shelf=10) == ledger


def test_tracks_that_were_never_released_may_move() -> None:
    ledger = ledger_of(given=(1,))
    moved = assign_numbers(ledger, BOOK, ("第一章", "新章", "第二章"), given=[1, 2, 3], book_shelf=10)
    assert moved.ranges[1].titles == {1: "第一章", 2: "新章", 3: "第二章"}


def test_a_book_that_outgrew_its_range_is_refused() -> None:
    with pytest.raises(InputError, match=r"texts/a\.txt has 11 tracks now, .* 10 numbers \(21 to 30\)"):
        assign_numbers(ledger_of(), BOOK, [*TITLES, *"12345678"], given=[1], book_shelf=10)


@pytest.mark.parametrize(
    ("began", "wanted", "says"),
    [
        ((20, 0), (30, 0), "week_shelf 20, now it is 30"),
        ((20, 0), (10, 0), "week_shelf 20, now it is 10"),
        ((20, 0), (20, 2), "keep 0, now it is 2"),
        ((20, 2), (20, 3), "keep 2, now it is 3"),
        ((20, 2), (20, 1), "keep 2, now it is 1"),
        ((20, 2), (20, 0), "keep 2, now it is 0"),
    ],
)
def test_ranges_of_another_size_need_a_new_series(began: tuple[int, int], wanted: tuple[int, int], says: str) -> None:
    ledger = start_series(NumberLedger("s"), week_shelf=began[0], keep=began[1])
    assert start_series(ledger, week_shelf=began[0], keep=began[1]) == ledger
    with pytest.raises(InputError, match=f"began with {says}.* new 'series:'"):
        start_series(ledger, week_shelf=wanted[0], keep=wanted[1])


def test_a_book_that_just_fills_its_range_is_accepted() -> None:
    full = [*TITLES, *"1234567"]
    ledger = assign_numbers(ledger_of(), BOOK, full, given=range(1, 11), book_shelf=10)
    own = ledger.find(BOOK)
    assert own is not None
    assert (own.size, own.number(10), own.titles[10]) == (10, 30, "7")
    assert assign_numbers(ledger, "texts/b.txt", ["甲"], given=[1], book_shelf=10).ranges[-1].first == 31


def test_a_range_has_numbers_from_1_and_titles_only_at_its_own_places() -> None:
    assert NumberRange("week", 1, 1, {1: "only"}).number(1) == 1
    assert NumberRange("week", 5, 3, {1: "first", 3: "last"}).last == 7
    for first, size, titles in ((0, 5, {}), (1, 0, {}), (1, 5, {0: "before"}), (1, 5, {6: "after"})):
        with pytest.raises(ValueError, match="not a number range"):
            NumberRange("week", first, size, titles)


def test_ranges_may_touch_but_not_overlap() -> None:
    week, far = NumberRange("week", 1, 10), NumberRange("far", 20, 5)
    assert NumberLedger("s", 0, (week, NumberRange("a", 11, 9), far)).next_number == 25
    for wrong in (NumberRange("a", 10, 2), NumberRange("a", 11, 10)):
        with pytest.raises(ValueError, match="overlap"):
            NumberLedger("s", 0, (week, wrong, far))


def test_numbers_begin_at_1_and_new_ranges_come_after_all_others() -> None:
    assert NumberLedger("s").next_number == 1
    ledger = assign_numbers(ledger_of(), "texts/b.txt", ["甲"], given=[1], book_shelf=5)
    assert [(each.key, each.first, each.size) for each in ledger.ranges] == [
        ("week", 1, 20),
        (BOOK, 21, 10),
        ("texts/b.txt", 31, 5),
    ]
    assert (ledger.next_number, ledger.find("texts/c.txt")) == (36, None)


def test_the_first_new_place_of_a_moved_title_is_named() -> None:
    ledger = ledger_of(("甲", "乙", "甲"), (1, 2, 3))
    with pytest.raises(InputError, match=r"'乙' was given number 22 .* would now be 24"):
        assign_numbers(ledger, BOOK, ("甲", "丁", "甲", "乙", "乙"), given=[], book_shelf=10)


def test_the_same_title_twice_has_not_moved_if_one_of_them_keeps_its_place() -> None:
    ledger = ledger_of(("甲", "乙"), (1, 2))
    assert assign_numbers(ledger, BOOK, ("甲", "乙", "甲"), given=[3], book_shelf=10).ranges[1].titles[3] == "甲"


def test_a_title_that_is_left_at_one_of_its_two_places_has_not_moved() -> None:
    ledger = ledger_of(("甲", "乙", "甲"), (1, 2, 3))
    changed = assign_numbers(ledger, BOOK, ("丙", "乙", "甲"), given=[1], book_shelf=10).find(BOOK)
    assert changed is not None
    assert changed.titles == {1: "丙", 2: "乙", 3: "甲"}


def test_released_titles_stay_known_when_other_tracks_are_released_later() -> None:
    ledger = assign_numbers(ledger_of(given=(3,)), BOOK, TITLES, given=[1], book_shelf=10)
    own = ledger.find(BOOK)
    assert own is not None
    assert list(own.titles.items()) == [(1, "第一章"), (3, "第三章")]


def test_parts_are_those_of_the_book_as_it_is_now() -> None:
    ledger = assign_numbers(ledger_of(), BOOK, TITLES, given=[1], book_shelf=10, parts={1: 3})
    assert ledger.ranges[1].parts == {1: 3}
    assert b"parts:\n    1: 3\n" in ledger_bytes(ledger)
    assert assign_numbers(ledger, BOOK, TITLES, given=[1], book_shelf=10).ranges[1].parts == {}


def test_titles_and_parts_are_read_in_order_and_written_only_where_there_are_any(tmp_path: Path) -> None:
    path = tmp_path / "s.numbers.yaml"
    path.write_text(
        "series: s\nsequence: 3\nshelves:\n- {shelf: week, first: 1, size: 10}\n"
        "- {shelf: a, first: 11, size: 10, titles: {12: b, 11: a}, parts: {'2': 4, '1': 3}}\n",
        encoding="utf-8",
    )
    week, book = load_ledger(path, "s").ranges
    assert (list(book.titles.items()), list(book.parts.items())) == ([(1, "a"), (2, "b")], [(1, 3), (2, 4)])
    written = ledger_bytes(NumberLedger("s", 3, (week, book))).decode("utf-8")
    assert written.endswith(
        "- shelf: week\n  first: 1\n  size: 10\n"
        "- shelf: a\n  first: 11\n  size: 10\n  parts:\n    1: 3\n    2: 4\n  titles:\n    11: a\n    12: b\n"
    )


def test_a_missing_file_is_an_empty_ledger(tmp_path: Path) -> None:
    assert load_ledger(tmp_path / "s.numbers.yaml", "s") == NumberLedger("s")


@given(
    sizes=st.lists(st.integers(1, 30), min_size=1, max_size=5),
    titles=st.lists(st.text(ONE_LINE, min_size=1, max_size=8), max_size=5),
    sequence=st.integers(0, 10**6),
)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_ledger_survives_writing_and_reading(
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
    text = ledger_bytes(ledger_of()).decode("utf-8")
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
            "series: s\nsequence: 0\nshelves:\n- {shelf: week, first: 1, size: 10}\n- {shelf: a, first: 11, size: 10}\n"
            "- {shelf: b, first: 15, size: 10}\n",
            "shelf 'b'",
        ),
        ("series: s\nsequence: 0\nshelves:\n- {shelf: week, first: 1, size: 10, titles: {11: x}}\n", "shelf 'week'"),
        ("series: s\nsequence: 0\nshelves:\n- {shelf: week, first: 1, size: 10, titles: {x: x}}\n", "shelf 'week'"),
        ("series: s\nsequence: -1\nshelves: []\n", "from 0"),
    ],
)
def test_a_wrong_ledger_is_refused(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "s.numbers.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DocumentError, match=says):
        load_ledger(path, "s")


def test_a_series_without_the_ranges_of_weeks_began_with_none() -> None:
    ledger = NumberLedger("s", 0, (NumberRange("book", 1, 10),))
    with pytest.raises(InputError, match="began with week_shelf 0, now it is 20"):
        start_series(ledger, week_shelf=20, keep=0)
