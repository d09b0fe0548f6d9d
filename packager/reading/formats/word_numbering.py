"""Word's automatic numbering: from numbering.xml to the label that Word shows before a paragraph. Pure.

A paragraph names a list (`w:num`) and a level. Lists that name the same `w:abstractNum` count on together, unless one
of them restarts (`w:startOverride`). ECMA-376, part 1, 17.9.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from packager.reading.formats.word_numerals import numeral
from packager.reading.formats.xml_tree import whole_number

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
"""The namespace of WordprocessingML, as lxml writes it before a name."""

_LEVELS = 9
_MOST_LINKS = 20  # a list style that names itself would be followed for ever
_PLACE = re.compile(r"%([1-9])")
_NOTHING = "\u200b"
_LONGEST_TEXT = 255  # characters around the numbers of a level: Word's own limit
_NO_SPACE_AFTER = tuple("、，。．.）)】》」：:；;—")


@dataclass(frozen=True)
class ListLevel:
    """One level of a list. `restart`: 0 never, else the level (from 1) that makes it start anew."""

    start: int = 1
    form: str = "decimal"
    text: str = ""
    suffix: str = "tab"
    legal: bool = False
    restart: int | None = None
    style: str = ""


@dataclass(frozen=True)
class ListLabel:
    """What stands before a paragraph, as 第一章, and whether white space follows it."""

    text: str
    spaced: bool

    def before(self, text: str) -> str:
        """`text` after its number, with a space where the two would run together."""
        touching = self.text[-1:].isascii() and text[:1].isascii() and text[:1].isalnum()
        apart = self.spaced and not self.text.endswith(_NO_SPACE_AFTER)
        return self.text + (" " if touching or apart else "") + text


@dataclass(frozen=True)
class _List:
    counted_as: str  # lists with the same key count on together
    levels: dict[int, ListLevel]
    restarts: frozenset[int]


@dataclass
class WordNumbering:
    """The lists of a document, and how far each has counted. A `label` counts one paragraph on."""

    lists: dict[str, _List] = field(default_factory=dict)
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)
    _begun: set[tuple[str, int]] = field(default_factory=set)

    def level_of_style(self, num: str, style: str) -> int | None:
        """The level of the list `num` that is linked to the paragraph style `style`."""
        found = self.lists.get(num)
        if not found or not style:
            return None
        return next((index for index, level in found.levels.items() if level.style == style), None)

    def label(self, num: str, index: int) -> ListLabel | None:
        """The label of the next paragraph at the level `index` (from 0) of the list `num`; None: it has none."""
        found = self.lists.get(num)
        level = found.levels.get(index) if found else None
        if found is None or level is None:
            return None
        counts = self._counts.setdefault(found.counted_as, {})
        self._restart(num, found, counts)
        counts[index] = counts[index] + 1 if index in counts else level.start
        for higher in range(index):  # 1.1 without a 1 before it: the next one of the higher level is 2
            counts.setdefault(higher, found.levels.get(higher, ListLevel()).start)
        for lower in [lower for lower in counts if lower > index]:
            restart = found.levels.get(lower, ListLevel()).restart
            if restart is None or (restart and index < restart):
                del counts[lower]
        if level.form == "bullet":
            return None
        text = _PLACE.sub(lambda place: self._number(found, counts, int(place[1]) - 1, level), level.text)
        text = text.replace(_NOTHING, "").strip()
        return ListLabel(text, level.suffix != "nothing") if text else None

    def _restart(self, num: str, found: _List, counts: dict[int, int]) -> None:
        """Restarts the levels that the list `num` overrides, once, when its first paragraph comes."""
        for index in found.restarts:
            if (num, index) not in self._begun:
                self._begun.add((num, index))
                for lower in [lower for lower in counts if lower >= index]:
                    del counts[lower]

    @staticmethod
    def _number(found: _List, counts: dict[int, int], index: int, shown_in: ListLevel) -> str:
        level = found.levels.get(index, ListLevel())
        value = counts.get(index, level.start)
        if level.form == "bullet":
            return ""
        return numeral(value, "decimal" if shown_in.legal else level.form)


def read_numbering(root: Any, list_styles: dict[str, str]) -> WordNumbering:
    """The numbering of the element `w:numbering`. `list_styles`: the list that each numbering style names."""
    if root is None:
        return WordNumbering()
    abstracts = {each.get(f"{W}abstractNumId", ""): each for each in root.iterchildren(f"{W}abstractNum")}
    nums = {each.get(f"{W}numId", ""): each for each in root.iterchildren(f"{W}num")}
    of_styles: dict[str, str] = {}
    for key, each in abstracts.items():
        of_styles.setdefault(value_of(each, "styleLink"), key)
    found: dict[str, dict[int, ListLevel]] = {}  # the levels of each abstract list, read once
    lists: dict[str, _List] = {}
    for num, element in nums.items():
        own = value_of(element, "abstractNumId")
        if own not in found:
            found[own] = dict(_levels(_linked(own, abstracts, nums, list_styles, of_styles)))
        levels = dict(found[own])
        restarts: set[int] = set()
        for override in element.iterchildren(f"{W}lvlOverride"):
            index = whole_number(override.get(f"{W}ilvl"), 0)
            if not 0 <= index < _LEVELS:
                continue
            changed = override.find(f"{W}lvl")
            if changed is not None:
                levels[index] = _level(changed)
            start = override.find(f"{W}startOverride")
            if start is not None:
                restarts.add(index)
                levels[index] = replace(levels.get(index, ListLevel()), start=whole_number(start.get(f"{W}val"), 1))
        lists[num] = _List(own, levels, frozenset(restarts))
    return WordNumbering(lists)


def value_of(element: Any, name: str) -> str:
    """The `w:val` of the child `name` of `element`, or an empty string."""
    child = element.find(W + name) if element is not None else None
    return str(child.get(f"{W}val", "")) if child is not None else ""


def is_on(element: Any) -> bool:
    """Whether a property that is on or off (`w:vanish`) is on: without a value it is."""
    return element is not None and element.get(f"{W}val", "1") not in ("0", "false", "off")


def _linked(
    own: str, abstracts: dict[str, Any], nums: dict[str, Any], list_styles: dict[str, str], of_styles: dict[str, str]
) -> Any:
    """The abstract list with the levels: one may only name a numbering style that has them.

    `of_styles`: the abstract list that says it belongs to a style, by the style.
    """
    at = own
    for _ in range(_MOST_LINKS):
        element = abstracts.get(at)
        style = value_of(element, "numStyleLink")
        if element is None or not style:
            return element
        num = nums.get(list_styles.get(style, ""))
        linked = value_of(num, "abstractNumId")
        at = linked or of_styles.get(style, "")  # of a style that is missing
    return None


def _levels(abstract: Any) -> Iterator[tuple[int, ListLevel]]:
    for element in abstract.iterchildren(f"{W}lvl") if abstract is not None else ():
        index = whole_number(element.get(f"{W}ilvl"), 0)
        if 0 <= index < _LEVELS:
            yield index, _level(element)


def _level(element: Any) -> ListLevel:
    form = next(element.iter(f"{W}numFmt"), None)  # a new format stands in mc:AlternateContent, before its fallback
    restart = value_of(element, "lvlRestart")
    picture = element.find(f"{W}lvlPicBulletId") is not None
    return ListLevel(
        start=whole_number(value_of(element, "start"), 0),
        form="bullet" if picture else _form(form),
        text=value_of(element, "lvlText")[:_LONGEST_TEXT],
        suffix=value_of(element, "suff") or "tab",
        legal=is_on(element.find(f"{W}isLgl")),
        restart=whole_number(restart, 0) if restart else None,
        style=value_of(element, "pStyle"),
    )


def _form(element: Any) -> str:
    if element is None:
        return "decimal"
    form = str(element.get(f"{W}val", "decimal"))
    written = str(element.get(f"{W}format", "")).split(",")[0].strip()
    if form == "custom" and written.isdigit():
        return f"zeros{len(written)}"
    return form
