"""Word's fields: a code that is not shown, and its result that is. Pure. ECMA-376, part 1, 17.16."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_CONTENTS = re.compile(r"\s*TOC\b", re.IGNORECASE)
_EQUATION = re.compile(r"\s*EQ\b", re.IGNORECASE)
_SWITCH = re.compile(r"\\\*\s*\S+|\"[^\"]*\"|\\[a-z]{1,3}[0-9]*", re.IGNORECASE)
_PARTS = re.compile(r"[(),，]+")


@dataclass
class _Field:
    code: str = ""
    in_result: bool = False
    is_contents: bool = False


@dataclass
class Fields:
    """The fields that are open at a place in the text.

    `are_paired`: each field in the document has an end. Without that, codes are still left out, but no text is taken
    for a contents list: it would go on to the end of the document.
    """

    are_paired: bool = True
    _open: list[_Field] = field(default_factory=list)

    @property
    def in_code(self) -> bool:
        """Whether the place is in the code of a field, which is not shown."""
        return self.are_paired and any(not each.in_result for each in self._open)

    @property
    def in_contents(self) -> bool:
        """Whether the place is in a contents list that Word made."""
        return self.are_paired and any(each.is_contents for each in self._open)

    def mark(self, kind: str) -> None:
        """Passes a `w:fldChar`: begin, separate or end."""
        if kind == "begin":
            self._open.append(_Field())
        elif kind == "separate" and self._open:
            top = self._open[-1]
            top.in_result, top.is_contents = True, _CONTENTS.match(top.code) is not None
        elif kind == "end" and self._open:
            self._open.pop()

    def code(self, text: str) -> bool:
        """Adds `text` to the code of the innermost field; whether that is now an equation with all its brackets."""
        if not self._open:
            return False
        top = self._open[-1]
        top.code += text
        opened, closed = top.code.count("("), top.code.count(")")
        return bool(_EQUATION.match(top.code)) and opened == closed > 0 and len(self._open) == 1

    def take_code(self) -> str:
        """The code of the innermost field, which then has none."""
        code, self._open[-1].code = self._open[-1].code, ""
        return code


def enclosed_text(code: str) -> str:
    r"""The characters that an equation field shows, as 1 in ``EQ \o\ac(○,1)``: Word's enclosed characters and ruby."""
    parts = [part.strip() for part in _PARTS.split(_SWITCH.sub("", _EQUATION.sub("", code, count=1)))]
    shown = [part for part in parts if part and part != "○"]
    return shown[-1] if shown else ""
