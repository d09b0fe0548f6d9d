"""Finds the headings of a book that follow no fixed pattern, by what they have in common. Pure.

Data flow: short lines -> groups of lines with one shape (a number that counts up, the same words before it, the same
brackets, a row of hyphens above, another indentation) -> the group that divides the text best.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from packager.reading.heading_patterns import heading_text, parse_numeral

_LONGEST = 40
_LONGEST_UNNUMBERED = 25
_SENTENCE = re.compile(r"[。！!；;]|[，,：:、…]$|^[“”‘’\"'「」『』—…）)]|[”’\"」』]$")
_NUMERALS = "〇零○一二三四五六七八九十百千两廿卅"
_ROMAN = re.compile(r"(?=[IVXLivxl])(?:XL|L?X{0,3})(?:IX|IV|V?I{0,3})", re.IGNORECASE)
_ROMAN_SIGNS = "ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ"
# Before the number, the number, what stands between it and the title, the title.
_NUMBERED = re.compile(
    rf"(?P<before>[^0-9０-９{_NUMERALS}]{{0,16}}?)(?P<number>[0-9０-９]{{1,4}}|[{_NUMERALS}]{{1,6}})"
    r"(?P<after>[)）】》］\]]?[、，．.：:·|｜　 ]*)(?P<title>.*)"
)
_CAPTIONS = ("图", "表", "注", "例", "式", "附图", "附表", "照片")
_LAST = re.compile(rf"(?P<before>.{{1,20}}[之其])(?P<number>[0-9０-９]{{1,4}}|[{_NUMERALS}]{{1,6}})")
_FEWEST = 3
_FEWEST_UNNUMBERED = 5
_MOST_SKIPPED = 2  # numbers that may be missing in a row
_SHORTEST_COUNTED = 16  # characters of text under most headings whose numbers have no gap
_SHORTEST = 120  # characters of text under most headings
_SHORTEST_UNNUMBERED = 400
_MOST_LONG = 0.1  # of the rows farther to the left
_COVERAGE = 0.6  # of the text, from the first heading to the last and the end
_LARGEST = 0.5  # of the text, that may be in one chapter
_MANY = 20
_LARGEST_OF_MANY = 0.7  # a book may go on after its last numbered part


@dataclass(frozen=True, slots=True)
class Row:
    """A line of text as schemes see it: `indent` before it, and whether a row of hyphens or stars stands above it."""

    text: str
    indent: str = ""
    divided: bool = False


@dataclass(frozen=True)
class Scheme:
    """Headings of one shape: index and number (None: unnumbered) of each. A `sure` one may be applied unasked."""

    headings: dict[int, int | None]
    sure: bool


def find_scheme(rows: Sequence[Row]) -> Scheme | None:
    """The shape of headings that divides the text of `rows` best, or None."""
    short = [index for index, row in enumerate(rows) if _may_be_heading(row.text)]
    sizes = _Sizes(rows)
    numbered = [Scheme(dict(chain), sure=True) for chain in _chains(rows, short)]
    found = [
        each
        for each in numbered
        if _divides(each.headings, sizes, _SHORTEST_COUNTED if _is_unbroken(each.headings) else _SHORTEST)
    ]
    if found:
        return max(found, key=lambda each: len(each.headings) * _spread(each.headings, sizes))
    groups = _groups(rows, [index for index in short if len(rows[index].text) <= _LONGEST_UNNUMBERED])
    for group, sure in groups:
        if len(group) >= _FEWEST_UNNUMBERED and _divides(group, sizes, _SHORTEST_UNNUMBERED):
            return Scheme(dict.fromkeys(group), sure)
    return None


class _Sizes:
    """Characters of text up to each row."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.before = [0]
        for row in rows:
            self.before.append(self.before[-1] + len(row.text))

    @property
    def total(self) -> int:
        return self.before[-1]

    def chapters(self, headings: Iterable[int]) -> list[int]:
        """The characters from each heading to the next, and from the last to the end."""
        places = sorted(headings)
        starts = [self.before[index] for index in places]
        return [after - start for start, after in pairwise([*starts, self.total])]


def _may_be_heading(text: str) -> bool:
    return 0 < len(text) <= _LONGEST and _SENTENCE.search(text) is None


def _divides(headings: Iterable[int], sizes: _Sizes, shortest: int) -> bool:
    """Whether headings stand over most of the text, at distances that chapters have."""
    chapters = sizes.chapters(headings)
    covered = sum(chapters)
    largest = _LARGEST if len(chapters) < _MANY else _LARGEST_OF_MANY
    long_enough = sum(size >= shortest for size in chapters)
    return (
        bool(chapters)
        and covered >= _COVERAGE * sizes.total
        and long_enough >= 0.8 * len(chapters)
        and max(chapters) <= max(largest * sizes.total, sizes.total / len(chapters) * 2.5)
    )


def _is_unbroken(headings: dict[int, int | None]) -> bool:
    return [number for _index, number in sorted(headings.items())] == list(range(1, len(headings) + 1))


def _spread(headings: Iterable[int], sizes: _Sizes) -> float:
    return sum(sizes.chapters(headings)) / max(sizes.total, 1)


def _chains(rows: Sequence[Row], short: Sequence[int]) -> list[list[tuple[int, int]]]:
    """Rows whose numbers count up from 1 or 2, by what stands before and after the number; they may start anew."""
    shapes: dict[tuple[str, str, str], list[tuple[int, int]]] = defaultdict(list)
    for index in short:
        text = heading_text(rows[index].text)
        for shape, number in _numbers(text):
            shapes[shape].append((index, number))
    chains = []
    for found in shapes.values():
        chain: list[tuple[int, int]] = []
        for index, number in found:
            last = chain[-1][1] if chain else 0
            if 0 < number - last <= 1 + (_MOST_SKIPPED if chain else 1) or (number == 1 and last >= _FEWEST):
                chain.append((index, number))
        if len(chain) >= _FEWEST:
            chains.append(chain)
    return chains


def _numbers(text: str) -> Iterable[tuple[tuple[str, str, str], int]]:
    """The shape of a numbered line and its number: what is before the number, its kind, whether a title follows."""
    if _ROMAN.fullmatch(text.rstrip(".．、")):
        yield ("", "roman", ""), _roman(text.rstrip(".．、").upper())
        return
    if text in _ROMAN_SIGNS:
        yield ("", "roman", ""), _ROMAN_SIGNS.index(text) + 1
        return
    last = _LAST.fullmatch(text)
    if last and (number := parse_numeral(last["number"])) is not None:
        yield (last["before"], "last", ""), number
        return
    found = _NUMBERED.fullmatch(text)
    number = parse_numeral(found["number"]) if found else None
    if found is None or number is None or found["before"].endswith(_CAPTIONS):
        return
    kind = "digit" if found["number"][0] in "0123456789０１２３４５６７８９" else "hanzi"
    title, after = found["title"], found["after"].strip()
    glued = bool(title) and not found["after"]
    # 第一夜: the word after the number belongs to the shape; 三月 and 1967年 count nothing.
    unit = title if glued and len(title) == 1 and found["before"].endswith("第") else ""
    if glued and not unit and (kind == "hanzi" or not "\u4e00" <= title[0] <= "\u9fff"):
        return
    shape = after[:1] if after else ("glued" if glued else "")
    yield (found["before"].strip(), kind + unit, shape), number
    if (title and not glued) or not title:
        yield (found["before"].strip(), kind, "any"), number


def _roman(text: str) -> int:
    values = [{"I": 1, "V": 5, "X": 10, "L": 50}[each] for each in text]
    return sum(-value if value < after else value for value, after in pairwise([*values, 0]))


def _groups(rows: Sequence[Row], short: Sequence[int]) -> Iterable[tuple[list[int], bool]]:
    """Groups of short rows that are alike, the surest first."""
    yield [index for index in short if rows[index].divided], True
    words: dict[str, list[int]] = defaultdict(list)
    brackets: dict[str, list[int]] = defaultdict(list)
    for index in short:
        text = rows[index].text
        first, space, rest = text.partition(" ")
        if space and rest and 2 <= len(first) <= 10:
            words[first].append(index)
        inner = heading_text(text)
        if inner != text:
            brackets[text[0]].append(index)
    for groups in (words, brackets):
        yield from ((group, True) for group in sorted(groups.values(), key=len, reverse=True))
    for group in _outdented(rows, short):
        yield group, True
    yield _otherwise_indented(rows, short), False


def _outdented(rows: Sequence[Row], short: Sequence[int]) -> Iterator[list[int]]:
    """Groups of short rows that stand farther to the left than the paragraphs, at one indentation each."""
    body = _body_indent(rows)
    if body is None:
        return
    indents: dict[str, list[int]] = defaultdict(list)
    long: Counter[str] = Counter()
    for index, row in enumerate(rows):
        if len(row.indent) < len(body):
            indents[row.indent].append(index)
            long[row.indent] += len(row.text) > _LONGEST_UNNUMBERED
    kept = set(short)
    for indent, group in indents.items():
        if long[indent] <= _MOST_LONG * len(group):
            yield [index for index in group if index in kept and (index == 0 or rows[index - 1].indent != indent)]


def _body_indent(rows: Sequence[Row]) -> str | None:
    """The indentation of nearly all long rows, or None."""
    indents = Counter(row.indent for row in rows if len(row.text) > _LONGEST_UNNUMBERED)
    if not indents:
        return None
    body, count = indents.most_common(1)[0]
    return body if count >= 0.9 * indents.total() else None


def _otherwise_indented(rows: Sequence[Row], short: Sequence[int]) -> list[int]:
    """Short rows with another indentation than the paragraphs, not next to each other."""
    body = _body_indent(rows)
    if body is None:
        return []
    other = [index for index in short if rows[index].indent != body]
    near = {index for pair in pairwise(other) if pair[1] - pair[0] == 1 for index in pair}
    return [index for index in other if index not in near]
