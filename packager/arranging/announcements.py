"""Announcements around the text: which are spoken, in the usual words of a language or a playlist's own. Pure.

The voice decides the language. A language is a module that implements `AnnouncementTexts`, as `announcements_zh`, and
an entry in `_LANGUAGES`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol

from packager.arranging import announcements_zh
from packager.arranging.profiles.profile import Saying
from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.base.yaml_documents import Place, did_you_mean

Words = bool | str

_DAYS = ("week", "date", "weekday", "last_date", "last_weekday")
_PLACEHOLDERS: Mapping[str, tuple[str, ...]] = {
    "number": ("number",),
    "book": ("number", "book", "author"),
    "chapter": ("number", "book", "author", "chapter"),
    "part": ("number", "book", "author", "chapter", "part", "parts"),
    "tail": ("number", "book", "author", "chapter"),
    "opening": ("number", "title", *_DAYS),
    "contents": ("number", "title", *_DAYS),
}
_MEANT_AS_SWITCH = ("yes", "no", "on", "off", "none", "是", "否", "开", "关")
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_SENTENCE = re.compile(r"[^。！？；!?;]+[。！？；!?;]*|[。！？；!?;]+")
_TWO_ENDS = re.compile("(?<=[。！？…!?；;])[。；;]")  # a title that asks keeps its own mark


@dataclass(frozen=True)
class HeldBook:
    """A book on the player: its title as announced, and the numbers and titles of its tracks."""

    book: str
    tracks: tuple[tuple[int, str], ...]


class AnnouncementTexts(Protocol):
    """The words spoken around a book's text in one language."""

    USUAL: Mapping[str, str]  # templates by the keys of `announce`
    CONTENTS_TITLE: str
    OPENING_TITLE: str
    NOTHING_HERE: str
    BOOKS_INTRO: str
    KEPT_INTRO: str
    WEEK_INTRO: str

    def days(self, week: str) -> dict[str, str]:
        """The days of an ISO week as 2026-W48, by placeholder; all empty for no week."""

    def ended(self, text: str) -> str:
        """`text` with a mark at its end."""

    def keyed_number(self, number: int, saying: Saying) -> str:
        """A track's number alone."""

    def said_number(self, number: int, saying: Saying) -> str:
        """A track's number as "number 12"."""

    def numeral(self, number: int) -> str:
        """A number in words; empty for 0."""

    def count(self, number: int) -> str:
        """A number before the word for what is counted."""

    def quoted(self, title: str) -> str:
        """A book's title in quotation marks."""

    def spoken_title(self, title: str) -> str:
        """A title with marks for its pauses."""

    def part_title(self, number: int) -> str:
        """The title of a part of a divided chapter, from 1."""

    def placeholder(self, number: int, saying: Saying) -> str:
        """The words at a number that holds nothing."""

    def title_by_title(self, held: HeldBook, saying: Saying) -> str:
        """A held book with the number and title of each track."""

    def as_a_whole(self, held: HeldBook, saying: Saying) -> str:
        """A held book with the ranges of its numbers."""


MANDARIN: AnnouncementTexts = announcements_zh
_LANGUAGES: dict[str, AnnouncementTexts] = {"zh": MANDARIN}

LanguageOf = Callable[[str], str]
"""Tells the language code, as `zh`, of a voice as `kokoro:zf_xiaoyi`."""


def always_mandarin(_voice: str) -> str:
    """The language of every voice where only Mandarin is spoken."""
    return "zh"


def announcements_for(language: str) -> AnnouncementTexts:
    """The announcements in the language with that code. Raises InputError when there are none."""
    if language not in _LANGUAGES:
        raise InputError(
            _("there are no announcements in the language '{language}' (known: {known}); choose another voice").format(
                language=language, known=", ".join(_LANGUAGES)
            )
        )
    return _LANGUAGES[language]


@dataclass(frozen=True)
class Announcements:
    """Which announcements are spoken: in the usual words (True), not at all (False), or in these words."""

    number: Words = True  # of each track
    book: Words = True
    chapter: Words = True
    part: Words = True  # of a chapter that was divided
    tail: Words = True  # that a track has ended
    opening: Words = True  # at number 1, before the contents: a greeting and the days of the week
    contents: Words = True  # at number 1: what the player holds

    def changed(self, values: Mapping[str, Words]) -> Announcements:
        """A copy changed by `values`, the content of a document's `announce`."""
        values = dict(values)
        lead_in = values.pop("lead_in", None)
        for key in ("number", "book"):
            if lead_in is False or (lead_in and not getattr(self, key)):
                values.setdefault(key, bool(lead_in))
        return replace(self, **values)

    def said(self, key: str, values: Mapping[str, str], texts: AnnouncementTexts = MANDARIN) -> str:
        """The announcement `key` with the values of its placeholders; empty if it is not spoken.

        A sentence is left out if one of its placeholders is empty.
        """
        words: Words = getattr(self, key)
        if words is False:
            return ""
        text = texts.USUAL[key] if words is True else str(words)
        sentences = _SENTENCE.findall(text)
        spoken = "".join(
            _PLACEHOLDER.sub(lambda found: values[found[1]], sentence)
            for sentence in sentences
            if all(values[name] for name in _PLACEHOLDER.findall(sentence))
        )
        return texts.ended(_TWO_ENDS.sub("", spoken).strip())

    def opens(self, week: str) -> bool:
        """Whether a playlist of `week` has an opening: the usual one tells the week's days."""
        return isinstance(self.opening, str) or (self.opening and bool(week))

    def asks_for_week(self) -> Iterator[str]:
        """The keys of announcements whose own words have a placeholder for a day."""
        for key, words in self._own_words():
            if set(_PLACEHOLDER.findall(words)) & set(_DAYS):
                yield key

    def _own_words(self) -> Iterator[tuple[str, str]]:
        for field in fields(self):
            words = getattr(self, field.name)
            if isinstance(words, str):
                yield field.name, words


def announcement_problems(values: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """The mistakes in a document's `announce` that its schema does not see, each with its place."""
    for key, words in values.get("announce", {}).items():
        if not isinstance(words, str):
            continue
        if words.strip().lower() in _MEANT_AS_SWITCH:
            yield (
                ("announce", key),
                _("'announce.{key}': for '{words}' write true or false").format(key=key, words=words.strip()),
            )
        known = _PLACEHOLDERS[key]
        listed = ", ".join(f"{{{name}}}" for name in known)
        for name in _PLACEHOLDER.findall(words):
            if name not in known:
                hint = did_you_mean(name, known)
                yield (
                    ("announce", key),
                    _("'announce.{key}': there is no {placeholder}{hint} (known: {known})").format(
                        key=key, placeholder=f"{{{name}}}", hint=hint, known=listed
                    ),
                )
        rest = _PLACEHOLDER.sub("", words)
        if "{" in rest or "}" in rest:
            yield (
                ("announce", key),
                _("'announce.{key}': braces are only allowed around a placeholder (known: {known})").format(
                    key=key, known=listed
                ),
            )
        elif rest == words and not any(map(str.isalnum, words)):
            yield ("announce", key), _("'announce.{key}': there is nothing in it to say").format(key=key)
