"""Decodes a text with damaged bytes: finds each damaged place, and the characters after it. Pure.

In GB18030 and Big5 a lost or added byte shifts the characters after it, and the decoder notices late. So every place in
the run before an error is tried, and the one that gives the most frequent characters wins.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from packager.reading.frequent_characters import FREQUENT

_REPLACED = "\ufffd"
_WINDOW = 4096  # bytes decoded at once
_LONGEST_CHARACTER = 4  # bytes
_TRIED = 400  # characters before an error, at each of which the damage may be
_JUDGED = 60  # bytes after it
# The first bytes of the everyday Hanzi (level 1 of GB 2312 and of Big5).
_EVERYDAY = {"gb18030": range(0xB0, 0xD8), "big5hkscs": range(0xA4, 0xC7)}
_AROUND = 16  # characters shown on either side


@dataclass(frozen=True)
class Damage:
    """Bytes that are no character: the line they stand in, from 1, and the text around them."""

    line: int
    before: str
    bad: bytes
    after: str

    @property
    def excerpt(self) -> str:
        """The place as messages show it."""
        return f"{self.before}>>>{self.bad.hex(' ')}<<<{self.after}"


def mend(data: bytes, encoding: str) -> tuple[str, tuple[Damage, ...]]:
    """The text in `data` without its damaged places, and the places."""
    lines = data.split(b"\n") if encoding in ("utf-8", *_EVERYDAY) else [data]
    texts: list[str] = []
    damages: list[Damage] = []
    for line in lines:
        text, bad = _mend_line(line, encoding)
        for place, wrong in bad:
            before, after = text[max(place - _AROUND, 0) : place], text[place : place + _AROUND]
            number = len(texts) + 1 + text.count("\n", 0, place)
            damages.append(Damage(number, _one_line(before), wrong, _one_line(after)))
        texts.append(text)
    return "\n".join(texts), tuple(damages)


def damage_at(data: bytes, start: int, end: int, encoding: str) -> Damage:
    """The place of the bytes from `start` to `end` that are no character."""
    before = data[max(start - 60, 0) : start].decode(encoding, "ignore")
    after = data[end : end + 60].decode(encoding, "replace")
    line = data.count(b"\n", 0, start) + 1
    return Damage(line, _one_line(before)[-_AROUND:], data[start:end][:8], _one_line(after)[:_AROUND])


def _mend_line(line: bytes, encoding: str) -> tuple[str, list[tuple[int, bytes]]]:
    """The text of a line, and the damaged bytes in it with their places in the text."""
    pieces: list[str] = []
    length = 0
    bad: list[tuple[int, bytes]] = []
    for text, wrong in _pieces(line, encoding):
        pieces.append(text)
        length += len(text)
        if wrong:
            bad.append((length, wrong))
    return "".join(pieces), bad


def _pieces(line: bytes, encoding: str) -> Iterator[tuple[str, bytes]]:
    """Decoded pieces of `line`, each with the damaged bytes after it, or none."""
    at = 0
    while at < len(line):
        window = line[at : at + _WINDOW]
        try:
            yield window.decode(encoding), b""
            at += len(window)
        except UnicodeDecodeError as error:
            is_cut = at + len(window) < len(line) and error.start >= len(window) - _LONGEST_CHARACTER
            if is_cut and error.start:
                yield window[: error.start].decode(encoding), b""
                at += error.start
                continue
            start, end = _damaged(window, error.start, error.end, encoding)
            yield window[:start].decode(encoding), window[start:end]
            at += end


def _damaged(window: bytes, start: int, end: int, encoding: str) -> tuple[int, int]:
    """Where the damage before an error from `start` to `end` is."""
    if encoding not in _EVERYDAY:
        return start, end
    run = window[:start].decode(encoding)[-_TRIED:]
    run = run[max((place + 1 for place, each in enumerate(run) if each.isascii()), default=0) :]
    try:
        sizes = [len(character.encode(encoding)) for character in run]
    except UnicodeEncodeError:  # Big5 writes a few pairs of characters as one
        return start, end
    begin = start - sum(sizes)
    worth = [0, *accumulate(_worth(character, encoding) for character in run)]
    best, chosen = float("-inf"), start
    tried = begin
    for place, size in enumerate([*sizes, 0]):
        after = window[tried + 1 : tried + 1 + (start - tried) + _JUDGED].decode(encoding, "replace")[:-1]
        score = worth[place] + sum(_worth(each, encoding) for each in after)
        if score > best:
            best, chosen = score, tried
        tried += size
    return chosen, chosen + 1


@lru_cache(maxsize=20_000)
def _worth(character: str, encoding: str) -> int:
    """How much `character` speaks for the right place: frequent ones most, strange ones against it."""
    if character in FREQUENT:
        return 3
    if character == _REPLACED or "\ue000" <= character <= "\uf8ff":
        return -3
    return int(character.encode(encoding, "replace")[0] in _EVERYDAY[encoding] or not character.isalpha())


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in " ".join(text.split()))
