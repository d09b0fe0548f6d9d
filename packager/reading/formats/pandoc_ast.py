"""Turns pandoc's syntax tree (AST) into headings and paragraphs, and counts the rest. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from packager.reading.cleaning import has_words, one_space
from packager.reading.nouns import ReadOptions
from packager.reading.outline import Block
from packager.reading.rows import join_rows
from packager.reading.structure import (
    CODE,
    FOOTNOTE,
    FOOTNOTE_MARK,
    FORMULA,
    HTML_TAG,
    IMAGE,
    NOTE,
    TABLE,
    UNKNOWN,
    Page,
    count_hanzi,
    leading_number,
)

_TAG = re.compile(r"<[^<>]*>")
_MAX_NESTING = 200
_PARAGRAPH = "\x00"
_ROW = "\n"

Node = dict[str, Any]


class TooDeepError(Exception):
    """Lists, quotes or tables are nested deeper than in any book."""


@dataclass
class _Walk:
    page: Page
    options: ReadOptions
    notes: list[list[Node]] = field(default_factory=list)

    def say(self, texts: Sequence[str]) -> None:
        self.page.blocks.extend(Block(text) for text in texts if text)


def read_tree(blocks: Sequence[Node], page: Page, options: ReadOptions) -> None:
    """Add the blocks of a syntax tree to `page`. Raises TooDeepError."""
    _blocks(_Walk(page, options), blocks, 0)


def inline_text(inlines: Sequence[Node]) -> str:
    """The text of inlines, as of a title in the metadata."""
    return one_space("".join(_pieces(_Walk(Page(), ReadOptions()), inlines, 0)).replace(_PARAGRAPH, " "))


def _blocks(walk: _Walk, blocks: Sequence[Node], depth: int, first: str = "") -> None:
    """Adds `blocks`; `first`, as a list's number, goes before the first paragraph."""
    if depth > _MAX_NESTING:
        raise TooDeepError
    for block in blocks:
        if block["t"] in ("Para", "Plain"):
            texts = _paragraphs(walk, block["c"], depth)
            if texts:
                texts[0] = first + texts[0]
                first = ""
            walk.say(texts)
            _say_notes(walk, depth)
        else:
            _other_block(walk, block, depth, first)
            first = ""


def _other_block(walk: _Walk, block: Node, depth: int, first: str) -> None:  # noqa: PLR0912 - a kind a branch
    kind: str = block["t"]
    content: Any = block.get("c")
    if kind == "Header":
        text = " ".join(_paragraphs(walk, content[2], depth))
        walk.page.blocks.append(Block(text, content[0], leading_number(text)))
        _say_notes(walk, depth)
    elif kind == "LineBlock":
        for line in content:
            walk.say(_paragraphs(walk, line, depth))
    elif kind == "BlockQuote":
        _blocks(walk, content, depth + 1, first)
    elif kind == "Div":
        _blocks(walk, content[1], depth + 1, first)
    elif kind == "Figure":
        _blocks(walk, content[2], depth + 1, first)
        _blocks(walk, content[1][1], depth + 1)
    elif kind == "OrderedList":
        for number, item in enumerate(content[1], start=content[0][0]):
            _blocks(walk, item, depth + 1, f"{number}、")
    elif kind == "BulletList":
        for item in content:
            _blocks(walk, item, depth + 1)
    elif kind == "DefinitionList":
        for term, meanings in content:
            walk.say(_paragraphs(walk, term, depth))
            for meaning in meanings:
                _blocks(walk, meaning, depth + 1)
    elif kind == "Table":
        _table(walk, content, depth)
    elif kind == "CodeBlock":
        walk.page.leave_out(CODE, content[1])
    elif kind == "RawBlock":
        _raw(walk, content[1])
    elif kind != "HorizontalRule":
        walk.page.leave_out(UNKNOWN)


def _paragraphs(walk: _Walk, inlines: Sequence[Node], depth: int) -> list[str]:
    """The text of inlines, as paragraphs: a line break in the document begins a new one."""
    parts = "".join(_pieces(walk, inlines, depth)).split(_PARAGRAPH)
    rows = [[one_space(row) for row in part.split(_ROW) if row.strip()] for part in parts]
    return [join_rows(part) for part in rows if part]


def _pieces(walk: _Walk, inlines: Sequence[Node], depth: int) -> Iterator[str]:  # noqa: PLR0912 - a kind a branch
    if depth > _MAX_NESTING:
        raise TooDeepError
    for inline in inlines:
        kind: str = inline["t"]
        content: Any = inline.get("c")
        if kind == "Str":
            yield content
        elif kind == "Space":
            yield " "
        elif kind == "SoftBreak":
            yield _ROW
        elif kind == "LineBreak":
            yield _PARAGRAPH
        elif kind in ("Emph", "Underline", "Strong", "Strikeout", "Superscript", "Subscript", "SmallCaps"):
            yield from _pieces(walk, content, depth + 1)
        elif kind in ("Cite", "Link", "Span"):
            yield from _pieces(walk, content[1], depth + 1)
        elif kind == "Quoted":
            marks = "‘’" if content[0]["t"] == "SingleQuote" else "“”"
            yield marks[0]
            yield from _pieces(walk, content[1], depth + 1)
            yield marks[1]
        elif kind == "Code":
            yield content[1]
        elif kind == "Math":
            yield from _formula(walk, content[1])
        elif kind == "Image":
            walk.page.leave_out(IMAGE)
        elif kind == "Note":
            walk.notes.append(content)
        else:
            _raw(walk, content[1] if kind == "RawInline" else "")


def _raw(walk: _Walk, written: str) -> None:
    """Counts code of the document's own format: a tag unknown to pandoc, or something it did not read."""
    text = _TAG.sub("", written)
    walk.page.leave_out(UNKNOWN if has_words(text) else HTML_TAG, text)


def _formula(walk: _Walk, text: str) -> Iterator[str]:
    """Speaks a formula of letters and digits; counts one with TeX commands."""
    if "\\" in text or "{" in text:
        walk.page.leave_out(FORMULA, text)
    else:
        yield text


def _say_notes(walk: _Walk, depth: int) -> None:
    notes, walk.notes = walk.notes, []
    for note in notes:
        inner = _Walk(Page(), walk.options)
        _blocks(inner, note, depth + 1)
        text = "".join(block.text for block in inner.page.blocks)
        walk.page.left_out.update(inner.page.left_out)
        walk.page.hanzi_left_out += inner.page.hanzi_left_out
        if walk.options.notes:
            walk.page.left_out[FOOTNOTE_MARK] += 1
            walk.say([NOTE + text] if text else [])
            walk.page.hanzi_left_out -= count_hanzi(NOTE) if text else 0  # spoken, but not of the text
        else:
            walk.page.leave_out(FOOTNOTE, text)


def _table(walk: _Walk, content: list[Any], depth: int) -> None:
    """Adds a table row by row. One with a single column is a frame around paragraphs, and read as those."""
    _attributes, caption, columns, head, bodies, foot = content
    rows = [*head[1], *(row for body in bodies for row in (*body[2], *body[3])), *foot[1]]
    _blocks(walk, caption[1], depth + 1)
    if len(columns) == 1:
        for row in rows:
            for cell in row[1]:
                _blocks(walk, cell[4], depth + 1)
        return
    inner = _Walk(Page(), walk.options)
    spoken: list[str] = []
    for row in rows:
        spoken.append("，".join(filter(None, (_cell(inner, cell[4], depth + 1) for cell in row[1]))))
    walk.page.left_out.update(inner.page.left_out)
    walk.page.hanzi_left_out += inner.page.hanzi_left_out
    if walk.options.tables:
        walk.say(spoken)
    else:
        walk.page.leave_out(TABLE, "".join(spoken))


def _cell(walk: _Walk, blocks: Sequence[Node], depth: int) -> str:
    start = len(walk.page.blocks)
    _blocks(walk, blocks, depth)
    texts = [block.text for block in walk.page.blocks[start:]]
    del walk.page.blocks[start:]
    return " ".join(texts)
