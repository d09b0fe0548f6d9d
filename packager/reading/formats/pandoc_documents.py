"""What pandoc reads becomes front matter, headings and paragraphs."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.reading.chapters import FrontMatter
from packager.reading.cleaning import clean
from packager.reading.formats.office import Source
from packager.reading.formats.pandoc import convert
from packager.reading.formats.pandoc_ast import Choice, TooDeepError, inline_text, read_tree
from packager.reading.outline import Block
from packager.reading.structure import Page, structure

# What programs put into a document's properties when nobody does.
_SENSELESS = re.compile(
    r"(?i)microsoft\b.*|.*\.(?:docx?|wps|indd|odt|txt|html?|pdf)|untitled.*|document\d*|文档\d*|无标题.*|unknown"
    r"|user\d*|admin\w*|administrator|lenovo|dell|hp|windows.*|apache.*|python.*|pandoc|\W*|\d+|未知|佚名"
)


def read_source_document(
    source: Source, path: Path, choice: Choice
) -> tuple[FrontMatter, list[Block], Counter[str], tuple[str, ...]]:
    """As `read_plain`, of a document that pandoc reads; InputError when it can't."""
    page = Page()
    metadata: dict[str, str] = {}
    for piece in source.pieces:
        tree = convert(piece, source.form, path)
        for key, value in _metadata(tree["meta"]).items():
            metadata.setdefault(key, value)
        try:
            read_tree(tree["blocks"], page, choice)
        except TooDeepError as error:
            message = _("{path} can't be read: its lists, quotes or tables are nested too deep")
            raise InputError(message.format(path=path)) from error
    for index, block in enumerate(page.blocks):
        text, counted = clean(block.text)
        if text != block.text:
            page.blocks[index] = Block(text, block.rank, block.number)
            page.left_out.update(counted)
    page.left_out.update(source.left_out)
    properties = {key: value for key, value in source.properties.items() if not is_senseless(value)}
    if page.blocks and page.blocks[0].text == properties.get("title"):
        metadata.setdefault("title", properties["title"])
    front, blocks, left_out, warnings = structure(page, metadata, source.hanzi, named=source.named)
    front = FrontMatter(front.title or properties.get("title", ""), front.author or properties.get("author", ""))
    return front, blocks, left_out, warnings


def is_senseless(value: str) -> bool:
    """Whether a title or author in a document's properties is one that a program put there."""
    return _SENSELESS.fullmatch(value) is not None


def _metadata(meta: dict[str, Any]) -> dict[str, str]:
    found = {
        "title": _meta_text(meta.get("title")),
        "author": _meta_text(meta.get("author")) or _meta_text(meta.get("creator")),
    }
    return {key: value for key, value in found.items() if value and not is_senseless(value)}


def _meta_text(value: Any) -> str:  # noqa: PLR0911 - a kind of value a return
    """Text of a value in pandoc's metadata; more than one author are joined as a reader names them."""
    if not value:
        return ""
    kind, content = value["t"], value.get("c")
    if kind == "MetaString":
        return str(content)
    if kind == "MetaInlines":
        return inline_text(content)
    if kind == "MetaBlocks":
        page = Page()
        read_tree(content, page, Choice())
        return " ".join(block.text for block in page.blocks)
    if kind == "MetaList":
        return "、".join(filter(None, map(_meta_text, content)))
    if kind == "MetaMap":  # EPUB's titles and creators with a role
        return _meta_text(content.get("text"))
    return ""
