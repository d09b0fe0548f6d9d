"""Finds contents pages in lines of text, and the titles that they list. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from packager.reading.heading_patterns import Mark, heading_mark, is_contents_word, is_piece_name, plain_number

_FEWEST = 3
_LONGEST_LINE = 100
_MOST_UNREPEATED = 8  # lines in a row of a contents list that the text does not repeat
_LONGEST_ENTRY = 50
_LONGEST_REPLY = 8  # a quotation that is longer and stands twice is a title
_CLAUSE_ENDS = tuple("。；：，、…")
_SPEECH_ENDS = tuple('。！？，…”’」』"')
_QUOTES = tuple('“‘「『"')
# "第一章 总纲 …… 12": dots, or a gap, and a page number.
_PAGE_NUMBER = re.compile(r"(?:[\s.．·…‥—-]{2,}|[\s…·])[(（]?\d{1,4}[)）]?$")
_NUMBER_ENDS = frozenset("0123456789)）")
_HEADING_ENDS = _NUMBER_ENDS | {"篇"}
_SIGNS = re.compile(r"[\W_]+")


def find_contents(lines: Sequence[str], marks: Sequence[Mark | None]) -> tuple[set[int], set[str]]:
    """The indexes of the lines of contents pages, and the keys of the titles they list. `marks` are the lines' marks.

    A contents page is a run of headings with no text between them that are all repeated later. After the word
    目录, any lines that are repeated later count, and a few short lines in a row between them that are not, until a
    listed title comes again and the line after it too.
    """
    announced = [index for index, line in enumerate(lines) if is_contents_word(line)]
    after = min(announced, default=len(lines))
    headings = [
        mark is not None or (line[-1:] in _HEADING_ENDS and _looks_like_heading(line))
        for line, mark in zip(lines, marks, strict=True)
    ]
    keys = [title_key(line) if index > after or headings[index] else "" for index, line in enumerate(lines)]
    last = {key: index for index, key in enumerate(keys)}
    contents = _unannounced(headings, keys, last)
    listed: set[str] = set()
    for start in announced:
        if start not in contents:
            run = _announced(lines, keys, last, start)
            repeated = [index for index in run if last[keys[index]] > index]
            if len(repeated) + 1 >= _FEWEST and len(repeated) * 2 >= len(run):
                contents.update((start, *run))
                listed.update(keys[index] for index in repeated)
    return contents, listed


def title_key(text: str) -> str:
    """A key that is the same for a title and for its line in a contents page.

    It has no page number, no spaces and no signs, and 第一章 is 第1章. It is empty for lines that are no title.
    """
    if len(text) > _LONGEST_LINE:
        return ""
    text = _PAGE_NUMBER.sub("", text) if text[-1:] in _NUMBER_ENDS else text
    return _SIGNS.sub("", plain_number(text)).casefold()


def _unannounced(headings: Sequence[bool], keys: Sequence[str], last: dict[str, int]) -> set[int]:
    """Headings that follow each other without text and are repeated later, without a word above them."""
    contents: set[int] = set()
    run: list[int] = []
    for index, is_heading in enumerate((*headings, False)):
        if is_heading:
            run.append(index)
        elif run:
            repeated = [each for each in run if last[keys[each]] > each]
            if len(repeated) >= _FEWEST:
                contents.update(repeated)
            run = []
    return contents


def _announced(lines: Sequence[str], keys: Sequence[str], last: dict[str, int], start: int) -> list[int]:
    """The indexes of the lines of the contents list under the word at `start`."""
    run: list[int] = []
    seen: set[str] = set()
    gap: list[int] = []  # lines that are not repeated later
    for index in range(start + 1, len(lines)):
        key, line = keys[index], lines[index]
        begins_again = key in seen and (len(seen) == 1 or any(each in seen for each in keys[index + 1 : index + 3]))
        if is_contents_word(line) or (not key and _SIGNS.sub("", line)) or begins_again:
            break
        if key and last[key] > index and not (gap and _is_sentence(line)):
            run += [*gap, index]
            seen.add(key)
            gap = []
        elif len(gap) < _MOST_UNREPEATED and not _is_sentence(line) and not _is_quotation(line):
            gap.append(index)
        else:
            break
    return run


def _is_sentence(text: str) -> bool:
    """Whether `text` is no entry of a contents list: it ends as a clause does, or is what somebody says."""
    is_speech = len(text) <= _LONGEST_REPLY and _is_quotation(text)
    return not text.startswith("第") and (text.endswith(_CLAUSE_ENDS) or is_speech or len(text) > _LONGEST_ENTRY)


def _is_quotation(text: str) -> bool:
    return text.startswith(_QUOTES) and text.endswith(_SPEECH_ENDS)


def _looks_like_heading(text: str) -> bool:
    if text[-1:] in _NUMBER_ENDS:
        text = _PAGE_NUMBER.sub("", text)
        return heading_mark(text) is not None or is_piece_name(text)
    return is_piece_name(text)
