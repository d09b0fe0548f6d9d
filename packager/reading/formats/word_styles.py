"""Word's paragraph and character styles: what each inherits from the style that it is based on. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from packager.reading.formats.word_numbering import W, is_on, value_of
from packager.reading.formats.xml_tree import whole_number

_MOST_LINKS = 40  # a style that is based on itself would be followed for ever
_HEADING = re.compile(r"(?:heading|标题|標題)\s*([1-9])")
_LEVELS = 9


@dataclass(frozen=True)
class Style:
    """A style with all that it inherits. `outline` is 0 to 8 for headings, else None."""

    name: str = ""  # in small letters
    outline: int | None = None
    num: str = ""  # the list; "0": none
    level: int | None = None
    num_style: str = ""  # the id of the style that names the list
    hidden: bool = False


@dataclass
class Styles:
    """The styles of a document by id."""

    elements: dict[str, Any] = field(default_factory=dict)
    default: str = ""
    list_styles: dict[str, str] = field(default_factory=dict)
    _found: dict[str, Style] = field(default_factory=dict)

    def style(self, id_: str) -> Style:
        """The style `id_`, or for an empty or unknown id the default paragraph style."""
        key = id_ if id_ in self.elements else self.default
        if key not in self._found:
            self._found[key] = self._resolved(key)
        return self._found[key]

    def is_hidden(self, id_: str) -> bool:
        """Whether the character style `id_` hides its text."""
        return id_ in self.elements and self.style(id_).hidden

    def _resolved(self, id_: str) -> Style:
        name, outline, num, level, num_style = "", None, "", None, ""
        hidden: bool | None = None
        at = id_
        for _ in range(_MOST_LINKS):
            element = self.elements.get(at)
            if element is None:
                break
            own_name = value_of(element, "name").strip().lower()
            name = name or own_name
            properties = element.find(f"{W}pPr")
            if outline is None:
                outline = _outline(properties, own_name)
            numbered = properties.find(f"{W}numPr") if properties is not None else None
            if numbered is not None:
                if level is None and value_of(numbered, "ilvl"):
                    level = whole_number(value_of(numbered, "ilvl"), 0)
                if not num and value_of(numbered, "numId"):
                    num, num_style = value_of(numbered, "numId"), at
            vanish = element.find(f"{W}rPr/{W}vanish")
            hidden = is_on(vanish) if hidden is None and vanish is not None else hidden
            at = value_of(element, "basedOn")
        shown = outline if outline is not None and outline < _LEVELS else None
        return Style(name, shown, num, level, num_style, bool(hidden))


def read_styles(root: Any) -> Styles:
    """The styles of the element `w:styles`."""
    styles = Styles()
    for element in root.iterchildren(f"{W}style") if root is not None else ():
        id_, kind = element.get(f"{W}styleId", ""), element.get(f"{W}type", "paragraph")
        styles.elements[id_] = element
        if kind == "paragraph" and element.get(f"{W}default") in ("1", "true", "on"):
            styles.default = id_
        num = value_of(element.find(f"{W}pPr/{W}numPr"), "numId")
        if kind == "numbering" and num:
            styles.list_styles[id_] = num
    return styles


def _outline(properties: Any, name: str) -> int | None:
    """The outline level that a style itself sets, or that its name stands for; 9 is body text."""
    written = value_of(properties, "outlineLvl")
    if written:
        return whole_number(written, _LEVELS)
    found = _HEADING.fullmatch(name)
    return int(found[1]) - 1 if found else None
