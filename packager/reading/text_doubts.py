"""Finds doubts about a read text: mojibake, implausible titles, giant chapters, foreign text. Pure.

The formats report what they see in a file; here the blocks are judged, whatever file they come from.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate

from packager.base.i18n.language import _, ngettext
from packager.reading.frequent_characters import FREQUENT, everyday_share, frequent_share, hanzi_of
from packager.reading.nouns import TITLE_JOINT, Doubt, DoubtKind
from packager.reading.outline import Block, Outline, doubt_at

_AROUND = 20  # characters quoted
_LONGEST_TITLE = 40
_SENTENCE_INSIDE = re.compile(r"[。；]")
_GOES_ON = ("，", "、", "；", "：", ",", ";", ":")
_ADDRESS = re.compile(r"https?://|www[.．]|\.(?:com|net|org|cn|cc|txt)\b", re.IGNORECASE)
_GIANT = 50_000  # characters; about four hours of speech
_GIANT_SHARE = 0.5  # of the book
_MOST_STARTS = 500  # of a chapter rule
_MANY = 0.2  # of the headings
_FEWEST_MANY = 5
# What became of U+FFFD and of fresh memory when they were decoded as GBK.
_REPLACED = re.compile("锟斤拷|锟捷|(?:烫){3,}|(?:屯){3,}")
_LOST = ("锟", "烫烫烫", "屯屯屯")
_UNKNOWN = re.compile("[?\ufffd]+")
_HALF = re.compile("[\u00a0-\u00ff\u0152-\u0178\u02c6-\u02dc\u2013-\u203a\u20ac\u2122]")
_HALVES = 0.4  # of the characters; Western languages have fewer accents
# The encoding in which a text was read, and the one in which it was written.
_MISTAKES = (
    ("cp1252", "utf-8"),
    ("latin-1", "utf-8"),
    ("cp1252", "gb18030"),
    ("latin-1", "gb18030"),
    ("latin-1", "big5hkscs"),
    ("gb18030", "utf-8"),
    ("gb18030", "big5hkscs"),
    ("big5hkscs", "gb18030"),
)
_STRANGE_SHARE = 0.1  # of frequent characters; text that is decoded wrongly has less
_RIGHT_SHARE = 0.25
_EVERYDAY_WRONG = 0.7  # most, and least, everyday Hanzi of wrong and of right text
_EVERYDAY_RIGHT = 0.9
_FEWEST_HANZI = 4
_OF_HANZI = ("gb18030", "big5hkscs")  # as which wrong text has rare Hanzi
_FEWEST_STRANGE = 6
_STRANGE_HANZI = 0.25
_FEW_HANZI = 12
_FREQUENT = "".join(sorted(FREQUENT))
_FIRST = 60  # characters of a paragraph
_FEW_FREQUENT = 0.06  # of them; prose has more
# For each length, what matches a text of it with more frequent characters than that.
_ENOUGH_FREQUENT = [
    re.compile(f"(?:[^{_FREQUENT}]*[{_FREQUENT}]){{{int(_FEW_FREQUENT * length) + 1}}}") for length in range(_FIRST + 1)
]
_WIDTH_OF_HAN = 2.5  # bytes a character, in UTF-8, of text of Hanzi and their punctuation
_WIDTH_OF_CHINESE = 2.0  # of text that has more of them than of other letters
_SHORTEST = 6  # characters that are judged
_JUDGED = 400
_LETTERS = re.compile(r"[^\W\d_]")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_KANA = re.compile(r"[\u3041-\u30fe\uac00-\ud7a3][^\n]*")  # the first in a line, and the rest of it
_FOREIGN_LETTERS = 60
_FOREIGN_SHARE = 0.8
_FOREIGN_BOOK = 0.5  # of the letters


def text_doubts(blocks: Sequence[Block], made: Outline, proposal: Sequence[str] = ()) -> tuple[Doubt, ...]:
    """The doubts about the text of `blocks`, of which `made` was made. `proposal` are lines that may be headings."""
    widths = [_width(block.text) for block in blocks]
    whole = "\n".join(block.text for block in blocks)
    return (
        *_mojibake(blocks, widths, made, whole),
        *_titles(blocks, made),
        *_repeated(blocks, made),
        *_giants(made),
        *_proposed(proposal),
        *_foreign(blocks, widths, made, whole),
    )


def repaired(text: str) -> str:
    """What `text` was before it was decoded with a wrong encoding, or nothing if it was decoded well."""
    before = frequent_share(text)
    run = max(_UNKNOWN.split(text), key=len)
    if before >= _STRANGE_SHARE or _is_everyday_line(text) or len(run) < _SHORTEST or run.isascii():
        return ""
    for wrong, right in _MISTAKES:
        if wrong in _OF_HANZI and len(hanzi_of(run)) < max(_FEWEST_STRANGE, _STRANGE_HANZI * len(run)):
            continue
        data = run.encode(wrong, "ignore")
        for start in (0, 1):  # the run may begin within a character
            found = data[start:].decode(right, "ignore")
            kept = len(found.encode(right, "ignore")) >= 0.9 * len(data) >= 0.8 * len(run)
            hanzi = len(_HAN.findall(found))
            likely = frequent_share(found) >= _RIGHT_SHARE and everyday_share(found) >= _EVERYDAY_RIGHT
            if kept and likely and hanzi >= max(0.4 * len(found.strip()), _FEWEST_HANZI):
                return found
    return ""


def _is_everyday_line(text: str) -> bool:
    """Whether a short line has everyday Hanzi: a few names without a frequent character are no sign of anything."""
    return len(hanzi_of(text)) < _FEW_HANZI and everyday_share(text) > _EVERYDAY_WRONG


def _mojibake(blocks: Sequence[Block], widths: Sequence[float], made: Outline, whole: str) -> Iterator[Doubt]:
    places: list[tuple[int, str]] = []
    is_lost = any(lost in whole for lost in _LOST)
    for index, (block, width) in enumerate(zip(blocks, widths, strict=True)):
        text = block.text
        if is_lost and any(lost in text for lost in _LOST) and (found := _REPLACED.search(text)):
            places.append((index, _around(text, found.start())))
        elif not (width > _WIDTH_OF_HAN and _has_frequent(text)) and (was := _looks_wrong(text[:_JUDGED], width)):
            places.append((index, was))
    if places:
        message = ngettext(
            "{n} paragraph seems to be decoded wrongly (mojibake): find a better copy, or say the right encoding with "
            "--encoding, in the playlist encoding:",
            "{n} paragraphs seem to be decoded wrongly (mojibake): find a better copy, or say the right encoding with "
            "--encoding, in the playlist encoding:",
            len(places),
        ).format(n=len(places))
        doubt = doubt_at(DoubtKind.MOJIBAKE, message, places[0][0], blocks, made)
        yield replace(doubt, grave=True, excerpt=places[0][1], count=len(places))


def _looks_wrong(text: str, width: float) -> str:
    """The beginning of `text`, and what it was, if it was decoded wrongly; else nothing."""
    if width <= _WIDTH_OF_HAN and len(_HALF.findall(text)) > max(_HALVES * len(text), _SHORTEST):
        return text[:_AROUND]
    if _has_frequent(text):
        return ""
    was = repaired(text)
    return f"{text[:_AROUND]} → {was[:_AROUND]}" if was else ""


def _has_frequent(text: str) -> bool:
    """Whether the beginning of `text` has as many frequent characters as prose."""
    return _ENOUGH_FREQUENT[min(len(text), _FIRST)].match(text, 0, _FIRST) is not None


def _width(text: str) -> float:
    """The bytes that a character of `text` takes in UTF-8: three for Hanzi, their punctuation, kana."""
    return len(text.encode("utf-8", "replace")) / (len(text) or 1)


def _titles(blocks: Sequence[Block], made: Outline) -> Iterator[Doubt]:
    headings = [index for index, block in enumerate(blocks) if block.rank is not None]
    wrong = [index for index in headings if made.places[index][1] == 0 and _title_problem(blocks[index].text)]
    many = len(wrong) >= _FEWEST_MANY and len(wrong) > _MANY * len(headings)
    for index in wrong:
        problem = _title_problem(blocks[index].text)
        excerpt = blocks[index].text[: 2 * _AROUND]
        doubt = doubt_at(DoubtKind.TITLE, problem, index, blocks, made)
        yield replace(doubt, excerpt=excerpt, grave=many and index == wrong[0])


def _title_problem(title: str) -> str:
    if _ADDRESS.search(title):
        return _("a title contains an internet address")
    if any(len(part) > _LONGEST_TITLE for part in title.split(TITLE_JOINT)):
        return _("a title is very long: is it a sentence of the text?")
    if title.endswith(_GOES_ON) or _SENTENCE_INSIDE.search(title):
        return _("a title looks like a sentence of the text")
    return ""


def _repeated(blocks: Sequence[Block], made: Outline) -> Iterator[Doubt]:
    """Titles that stand twice under the same heading."""
    seen: dict[tuple[int, str], int] = {}
    above: dict[int, int] = {}
    for index, block in enumerate(blocks):
        if block.rank is None:
            continue
        key = (max((place for rank, place in above.items() if rank < block.rank), default=-1), block.text)
        above = {rank: place for rank, place in above.items() if rank < block.rank} | {block.rank: index}
        if key in seen and block.number is not None:
            message = _("the heading '{title}' stands twice").format(title=block.text)
            yield doubt_at(DoubtKind.REPEATED, message, index, blocks, made)
        seen[key] = index


def _giants(made: Outline) -> Iterator[Doubt]:
    sizes = [chapter.characters for chapter in made.chapters]
    if not any(chapter.title for chapter in made.chapters) and sum(sizes) < _GIANT:
        return
    for place, (chapter, size) in enumerate(zip(made.chapters, sizes, strict=True), start=1):
        if size >= _GIANT and size >= _GIANT_SHARE * sum(sizes):
            message = _(
                "this chapter has {n} characters, {share} percent of the book: are its headings not recognised? Say "
                "where chapters begin in the playlist, under chapters: with pattern: or starts:"
            ).format(n=size, share=round(100 * size / sum(sizes)))
            yield Doubt(DoubtKind.GIANT_CHAPTER, message, grave=True, chapter=place, excerpt=chapter.title)


def _proposed(proposal: Sequence[str]) -> Iterator[Doubt]:
    if proposal:
        starts = json.dumps(list(dict.fromkeys(proposal))[:_MOST_STARTS], ensure_ascii=False)
        message = _("these lines may be headings; to begin chapters with them, write in the playlist: {line}")
        yield Doubt(DoubtKind.ONE_CHAPTER, message.format(line=f"chapters: {{starts: {starts}}}"), count=len(proposal))


def _foreign(blocks: Sequence[Block], widths: Sequence[float], made: Outline, whole: str) -> Iterator[Doubt]:
    """Paragraphs that are not Chinese; the whole book, if most of its letters are not Hanzi."""
    letters = hanzi = 0
    with_kana = _blocks_with_kana(blocks, whole)
    foreign: list[int] = []
    for index, (block, width) in enumerate(zip(blocks, widths, strict=True)):
        if width >= _WIDTH_OF_CHINESE and index not in with_kana:
            letters, hanzi = letters + len(block.text), hanzi + len(block.text)
            continue
        all_letters = len(_LETTERS.findall(block.text))
        han = len(_HAN.findall(block.text))
        letters, hanzi = letters + all_letters, hanzi + han
        if all_letters >= _FOREIGN_LETTERS and han < (1 - _FOREIGN_SHARE) * all_letters:
            foreign.append(index)
    if not foreign:
        return
    is_whole = hanzi < _FOREIGN_BOOK * letters
    message = ngettext("{n} paragraph is not in Chinese", "{n} paragraphs are not in Chinese", len(foreign)).format(
        n=len(foreign)
    )
    if is_whole:
        message = _("most of the text is not in Chinese")
    doubt = doubt_at(DoubtKind.LANGUAGE, message, foreign[0], blocks, made)
    yield replace(doubt, grave=is_whole, excerpt=blocks[foreign[0]].text[: 2 * _AROUND], count=len(foreign))


def _blocks_with_kana(blocks: Sequence[Block], whole: str) -> set[int]:
    """The indexes of the blocks with kana in their first characters; `whole` has the blocks, one after another."""
    if not _KANA.search(whole):
        return set()
    starts = list(accumulate((len(block.text) + 1 for block in blocks), initial=0))
    found = ((bisect_right(starts, kana.start()) - 1, kana.start()) for kana in _KANA.finditer(whole))
    return {index for index, place in found if place - starts[index] < _JUDGED}


def _around(text: str, place: int) -> str:
    return text[max(place - _AROUND // 2, 0) : place + _AROUND // 2]
