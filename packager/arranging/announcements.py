"""What is announced besides the text, and in which words: the usual ones, or a playlist's own. Pure.

What is said to the listener is Mandarin; it does not pass through gettext.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any

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
_USUAL: Mapping[str, str] = {
    "number": "第{number}号。",
    "book": "{book}。",
    "chapter": "{chapter}。",
    "part": "第{part}部分。",
    "tail": "本集完。",
    "opening": "各位听众，大家好！本周是{date}，{weekday}，到{last_date}，{last_weekday}。祝您收听愉快！",
    "contents": "播放机目录。",
}
_MEANT_AS_SWITCH = ("yes", "no", "on", "off", "none", "是", "否", "开", "关")
_WEEKDAYS = "一二三四五六日"
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_SENTENCE = re.compile(r"[^。！？；!?;]+[。！？；!?;]*|[。！？；!?;]+")
_TWO_ENDS = re.compile("(?<=[。！？…!?；;])[。；;]")  # a title that asks keeps its own mark
_ENDS = ("。", "！", "？", "…", "!", "?", "；", ";")


@dataclass(frozen=True)
class Announcements:
    """What is announced: each of them in the usual words (True), not at all (False), or in these words."""

    number: Words = True  # of each track
    book: Words = True
    chapter: Words = True
    part: Words = True  # of a chapter that was divided
    tail: Words = True  # that a track has ended
    opening: Words = True  # at number 1, before the contents: a greeting and the days of the week
    contents: Words = True  # at number 1: what the player holds

    def changed(self, values: Mapping[str, Words]) -> Announcements:
        """These, but for what `values` say: the keys of a document's `announce`."""
        values = dict(values)
        lead_in = values.pop("lead_in", None)
        for key in ("number", "book"):
            if lead_in is False or (lead_in and not getattr(self, key)):
                values.setdefault(key, bool(lead_in))
        return replace(self, **values)

    def said(self, key: str, values: Mapping[str, str]) -> str:
        """The announcement `key` with the values of its placeholders; empty where it is not said.

        A sentence with a placeholder for which there is nothing is left out.
        """
        words: Words = getattr(self, key)
        if words is False:
            return ""
        text = _USUAL[key] if words is True else str(words)
        sentences = _SENTENCE.findall(text)
        spoken = "".join(
            _PLACEHOLDER.sub(lambda found: values[found[1]], sentence)
            for sentence in sentences
            if all(values[name] for name in _PLACEHOLDER.findall(sentence))
        )
        return ended(_TWO_ENDS.sub("", spoken).strip())

    def opens(self, week: str) -> bool:
        """Whether a playlist of `week` has an opening: the usual one tells the days of a week."""
        return isinstance(self.opening, str) or (self.opening and bool(week))

    def asks_for_week(self) -> Iterator[str]:
        """The announcements whose own words have a day in them."""
        for key, words in self._own_words():
            if set(_PLACEHOLDER.findall(words)) & set(_DAYS):
                yield key

    def _own_words(self) -> Iterator[tuple[str, str]]:
        for field in fields(self):
            words = getattr(self, field.name)
            if isinstance(words, str):
                yield field.name, words


def announcement_problems(values: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """What is wrong with the words of a document's `announce`, which fits its schema, and the place of it."""
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
                _("'announce.{key}': braces stand only around a placeholder (known: {known})").format(
                    key=key, known=listed
                ),
            )
        elif rest == words and not any(map(str.isalnum, words)):
            yield ("announce", key), _("'announce.{key}': there is nothing in it to say").format(key=key)


def days_of(week: str) -> dict[str, str]:
    """What is said of an ISO week as 2026-W48, by placeholder; all empty for no week."""
    if not week:
        return dict.fromkeys(_DAYS, "")
    year, number = (int(part) for part in week.split("-W"))
    first = date.fromisocalendar(year, number, 1)
    last = first + timedelta(days=6)
    same_year = first.year == last.year
    return {
        "week": f"{year}年第{number}周",
        "date": _day(first),
        "weekday": _weekday(first),
        "last_date": f"{last.month}月{last.day}日" if same_year else _day(last),
        "last_weekday": _weekday(last),
    }


def ended(text: str) -> str:
    """`text` with a mark at its end, for the pause there."""
    return text if not text or text.endswith(_ENDS) else f"{text}。"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _weekday(day: date) -> str:
    return f"星期{_WEEKDAYS[day.weekday()]}"
