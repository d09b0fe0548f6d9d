"""Doubts about a read text as lines for people and as JSON values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from packager.base.i18n.language import _
from packager.reading import Doubt, LeftOutText

_MOST_OF_A_KIND = 8
_LONGEST_QUOTE = 40


def doubt_lines(doubts: Sequence[Doubt]) -> Iterator[str]:
    """A line for each doubt with its place; of many of one kind the first ones and the number of the others."""
    shown: dict[str, int] = {}
    for doubt in doubts:
        shown[doubt.kind] = shown.get(doubt.kind, 0) + 1
        if shown[doubt.kind] <= _MOST_OF_A_KIND:
            yield _line(doubt)
    more = sum(max(count - _MOST_OF_A_KIND, 0) for count in shown.values())
    if more:
        yield _("… and {n} more; --json lists all of them").format(n=more)


def doubt_value(doubt: Doubt) -> dict[str, Any]:
    """A doubt for JSON, without the parts of its place that are not known."""
    places = {name: getattr(doubt, name) for name in ("chapter", "paragraph", "line", "page")}
    return {
        "kind": doubt.kind.value,
        "grave": doubt.grave,
        "message": doubt.message,
        "count": doubt.count,
        **{name: value for name, value in places.items() if value or (name == "paragraph" and doubt.chapter)},
        **({"excerpt": doubt.excerpt} if doubt.excerpt else {}),
    }


def left_out_place(text: LeftOutText) -> str:
    """The place and the beginning of a text that is not spoken."""
    quoted = text.text if len(text.text) <= _LONGEST_QUOTE else text.text[: _LONGEST_QUOTE - 1] + "…"
    return _joined(text.page, text.line, 0, quoted)


def _line(doubt: Doubt) -> str:
    where = _joined(doubt.page, doubt.line, doubt.chapter, doubt.excerpt)
    return _("{message} ({where})").format(message=doubt.message, where=where) if where else doubt.message


def _joined(page: int, line: int, chapter: int, excerpt: str) -> str:
    parts = [
        *([_("page {n}").format(n=page)] if page else []),
        *([_("line {n}").format(n=line)] if line else []),
        *([_("chapter {n}").format(n=chapter)] if chapter else []),
        *([_("'{text}'").format(text=excerpt)] if excerpt else []),
    ]
    return _(", ").join(parts)
