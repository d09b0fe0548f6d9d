"""Compare how figures are said with a labelled corpus and with the test lines of other normalizers.

    python benchmarks/figures.py --bmes FILE      labelled characters (as FlatTN's dev.char.bmes)
    python benchmarks/figures.py --pairs FILE     lines `written<TAB>spoken` or `suite<TAB>written<TAB>spoken`
    python benchmarks/figures.py ... --show all   the differing places too, or those of one family alone

Data is given by path; nothing of it is part of this project.

Labelled characters: one character and its label a line (`2 B-DIGIT`), an empty line behind each sentence. The labels
say how a number is read: CARDINAL as a quantity, DIGIT figure by figure. Each sentence is put together as its labels
say it and compared with `normalize`; a number token differs where a character of it is not at its place in ours.
Equal are 一 and 幺, 二百 and 两百, and marks do not count.

A token is junk where nobody can read it as its label says. `_junk` states the rule: it looks at the written text and
the label alone, never at what the program says.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from pathlib import Path

from packager.textnorm import normalize
from packager.textnorm.zh.numbers import read_digits, read_integer

_NUMBERS = ("DIGIT", "CARDINAL", "NUM_TWO_LIANG", "MINUTE_CARDINAL", "DAY_CARDINAL", "MONTH_CARDINAL", "NUM_ENG")
_SHARES = {"%": "百分之", "％": "百分之", "‰": "千分之"}
_JOINTS = {
    "POINT": "点",
    "HYPHEN_RANGE": "到",
    "HYPHEN_RATIO": "比",
    "HYPHEN_SUBZERO": "零下",
    "HYPHEN_MINUS": "负",
    "SLASH_PER": "每",
    "SLASH_YEAR": "年",
    "SLASH_MONTH": "月",
    "COLON_HOUR": "点",
    "COLON_MINUTE": "分",
    "HYPHEN_IGNORE": "",
    "PUNC": "",
}


@dataclass
class Token:
    """A stretch of a sentence with one label."""

    text: str
    label: str
    start: int = 0


@dataclass(frozen=True)
class Difference:
    """A place where ours is not what was expected."""

    family: str
    context: str
    expected: str
    ours: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bmes", type=Path)
    parser.add_argument("--pairs", type=Path)
    parser.add_argument("--show", metavar="FAMILY", default="")
    options = parser.parse_args()
    if options.bmes:
        _print_labelled(options.bmes, options.show)
    if options.pairs:
        _print_pairs(options.pairs, options.show)


def _print_labelled(path: Path, show: str) -> None:
    counted: Counter[str] = Counter()
    junk: Counter[str] = Counter()
    differing: list[Difference] = []
    for tokens in _sentences(path.read_text("utf-8").splitlines()):
        reasons = {token.start: _junk(tokens, place) for place, token in enumerate(tokens) if _is_number(token)}
        for token in tokens:
            if _is_number(token):
                counted[_family(token)] += 1
                junk[reasons[token.start]] += bool(reasons[token.start])
        differing += [each for start, each in _differences(tokens) if not reasons[start]]
    _print_table(counted, junk, differing)
    _show(differing, show)


def _print_table(counted: Counter[str], junk: Counter[str], differing: Sequence[Difference]) -> None:
    wrong = Counter(each.family for each in differing)
    total, aside = sum(counted.values()), sum(junk.values())
    print(f"{'family':24} {'tokens':>7} {'differ':>7}")
    for family, number in counted.most_common():
        print(f"{family:24} {number:>7} {wrong[family]:>7}")
    print(f"junk set aside: {aside} ({', '.join(f'{name} {number}' for name, number in junk.most_common() if number)})")
    rest = total - aside
    print(f"{len(differing)} of {rest} number tokens differ: {len(differing) / rest:.2%}")


def _show(differing: Sequence[Difference], show: str) -> None:
    for each in differing:
        if show in ("all", each.family):
            print(f"{each.family}\t{each.context}\t{each.expected}\t{each.ours}")


def _sentences(lines: Sequence[str]) -> Iterator[list[Token]]:
    """The sentences of labelled characters, each as its tokens."""
    for is_empty, group in groupby(lines, key=lambda line: not line.strip()):
        if is_empty:
            continue
        tokens: list[Token] = []
        place = 0
        for line in group:
            character, _, label = line.rpartition(" ")
            position, _, kind = label.partition("-")
            if not kind:
                position, kind = "S", "SELF"
            if position in "BS" or not tokens:
                tokens.append(Token(character, kind, place))
            else:
                tokens[-1].text += character
            place += len(character)
        yield tokens


def _is_number(token: Token) -> bool:
    return token.label in _NUMBERS and bool(re.fullmatch(r"[0-9]+", token.text))


def _family(token: Token) -> str:
    digits = len(token.text)
    return f"{token.label} of {digits if digits < 5 else '5 or more'}"


def _junk(tokens: Sequence[Token], place: int) -> str:
    """Why the token at `place` cannot be read as it is labelled, or nothing.

    glued: another number token follows or precedes at once, so that what stood between them is lost (`21[16]21`).
    markup: in an address or a formula (`%20`, `formula_32`), or the raised figure of a unit (`km2`).
    torn: a dash or slash beside it has no other side (`2013-/`), or one number is cut in two (`123,677`).
    against its unit: figure by figure before a unit, a counted noun, 月 or 日 (`313公里` as 三一三).
    against its year: a quantity directly before 年 or alone in brackets, though it is a year (`2000年完成` as 两千年).
    """
    token = tokens[place]
    before = "".join(each.text for each in tokens[max(0, place - 12) : place])
    after = "".join(each.text for each in tokens[place + 1 : place + 13])
    if re.search(r"[0-9]\Z", before) or re.match(r"[0-9]", after):
        return "glued"
    if re.search(r"(?:formula|%|href|http)[^\u4e00-\u9fff，。]*\Z", before) or re.search(r"[0-9]?[kcm]m\Z", before):
        return "markup"
    if re.search(r"(?:^|[^0-9A-Za-z\u4e00-\u9fff）)”\"])[-/]\Z", before) or re.match(
        r"[-/](?![0-9A-Za-z\u4e00-\u9fff（(“\"])", after
    ):
        return "torn"
    if (
        re.match(r",[0-9]{3}(?![0-9])", after)
        or re.search(r"(?<![0-9])[0-9]{1,3},\Z", before)
        or _is_cut(tokens, place)
    ):
        return "torn"
    if token.label == "DIGIT" and token.text[0] != "0" and re.match(_COUNTED, after):
        return "against its unit"
    is_year = len(token.text) == 4 and "1000" <= token.text < "2100"
    if token.label == "CARDINAL" and is_year and re.match(r"年(?![前间来]|的?历史|之久|左右|以[上下])|[)）]", after):
        return "against its year"
    return ""


_COUNTED = r"公里|千米|米(?!兰)|万|亿|辆|世纪|[个家](?!庭)|日|号线|月"


def _is_cut(tokens: Sequence[Token], place: int) -> bool:
    """Whether a point beside the token is labelled as a mark and not as the point of a decimal."""
    sides = [(place + 1, place + 2), (place - 1, place - 2)]
    return any(
        0 <= mark < len(tokens)
        and 0 <= other < len(tokens)
        and tokens[mark].text == "."
        and tokens[mark].label == "PUNC"
        and tokens[other].text.isdigit()
        for mark, other in sides
    )


def _said(tokens: Sequence[Token], place: int) -> str:
    token = tokens[place]
    if token.label in ("DIGIT",):
        return read_digits(token.text)
    if token.label == "NUM_TWO_LIANG":
        return "两"
    if token.label == "MINUTE_CARDINAL":
        return "" if token.text == "00" else ("零" if token.text[0] == "0" else "") + read_integer(token.text) + "分"
    if _is_number(token):
        return read_integer(token.text)
    if token.label in _JOINTS:
        return _JOINTS[token.label]
    return token.text


def _expected(tokens: Sequence[Token]) -> tuple[str, dict[int, tuple[int, int]]]:
    """The sentence as its labels say it, and the place of each number token in it, by where it is written."""
    parts: list[str] = []
    places: dict[int, tuple[int, int]] = {}
    length = 0
    for place, token in enumerate(tokens):
        said = _said(tokens, place)
        if _is_number(token) and said:
            places[token.start] = (length, length + len(said))
        parts.append(said)
        length += len(said)
    return "".join(parts), places


def _differences(tokens: Sequence[Token]) -> Iterator[tuple[int, Difference]]:
    said, places = _expected(tokens)
    if not places:
        return
    written = "".join(token.text for token in tokens)
    ours = normalize(written)
    there, here = _plain(said), _plain(ours)
    index = {place: number for number, (place, _) in enumerate(there)}
    a, b = "".join(c for _, c in there), "".join(c for _, c in here)
    equal = bytearray(len(a))
    breaks = bytearray(len(a) + 1)
    for kind, i1, i2, j1, j2 in SequenceMatcher(a=a, b=b, autojunk=False).get_opcodes():
        if kind == "equal":
            equal[i1:i2] = b"\1" * (i2 - i1)
        elif kind == "insert" and re.search("[零一二三四五六七八九十百千万亿负]", b[j1:j2]):
            breaks[i1] = 1
    for start, (first, last) in places.items():
        i, j = index[first], index[last - 1] + 1
        if all(equal[i:j]) and not any(breaks[i + 1 : j]):
            continue
        if said[first:last] == "一百" and "百分之百" in ours:
            continue
        token = next(token for token in tokens if token.start == start)
        context = f"{written[max(0, start - 12) : start]}[{token.text}]{written[start + len(token.text) :][:12]}"
        yield start, Difference(_family(token), context, said[first:last], _around(ours, a, b, i, j))


def _around(ours: str, a: str, b: str, first: int, last: int) -> str:
    place = 0
    for _kind, i1, i2, j1, j2 in SequenceMatcher(a=a, b=b, autojunk=False).get_opcodes():
        if i1 <= first <= i2:
            place = j1 + min(first - i1, j2 - j1)
            break
    return b[max(0, place - 6) : place + last - first + 8]


def _plain(text: str) -> list[tuple[int, str]]:
    """The characters that are heard, each with its place; what counts as equal in one form."""
    equal = {"幺": "一", "两": "二", "〇": "零"}
    return [(place, equal.get(c, c).lower()) for place, c in enumerate(text) if c.isalnum()]


def _print_pairs(path: Path, show: str) -> None:
    counted: Counter[str] = Counter()
    differing: list[Difference] = []
    for line in path.read_text("utf-8").splitlines():
        cells = line.split("\t")
        if line.startswith(("#", "[")) or len(cells) < 2:
            continue
        suite, written, spoken = cells if len(cells) == 3 else ("pairs", *cells)
        counted[suite] += 1
        ours = normalize(written)
        if _words(ours) != _words(spoken):
            differing.append(Difference(suite, written, spoken, ours))
    wrong = Counter(each.family for each in differing)
    for suite, number in counted.items():
        print(f"{suite:28} {number:>5} lines {wrong[suite]:>5} differ")
    print(f"{len(differing)} of {sum(counted.values())} lines differ")
    _show(differing, show)


def _words(text: str) -> str:
    return "".join(character for _, character in _plain(text))


if __name__ == "__main__":
    main()
