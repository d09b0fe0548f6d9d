"""A file in texts/ becomes a Book."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.reading.chapter_rule import ChapterRule, apply_rule
from packager.reading.chapters import FrontMatter
from packager.reading.cleaning import clean, doubtful_characters
from packager.reading.decoding import decode
from packager.reading.file_types import ENDINGS, FileType, detect_file_type
from packager.reading.formats.epub import open_epub
from packager.reading.formats.html import open_html
from packager.reading.formats.markdown import (
    MAX_MARKDOWN_CHARACTERS,
    MAX_MARKDOWN_ROWS,
    read_markdown,
    refuse_flood,
)
from packager.reading.formats.office import open_docx, open_odt
from packager.reading.formats.pandoc_ast import Choice
from packager.reading.formats.pandoc_documents import read_source_document
from packager.reading.formats.pdf import read_pdf
from packager.reading.formats.plain import MAX_CHARACTERS, MAX_ROWS, read_plain
from packager.reading.nouns import Book, Chapter, ReadBook
from packager.reading.outline import Block, outline
from packager.reading.source import MAX_TEXT_BYTES, read_source, refuse_overlong

__all__ = [
    "ENDINGS",
    "MAX_TEXT_BYTES",
    "Book",
    "Chapter",
    "ChapterRule",
    "Choice",
    "ReadBook",
    "read_book",
]

_ENCODED = (FileType.TEXT, FileType.MARKDOWN, FileType.HTML)


@dataclass(frozen=True)
class _Read:
    """What a reader found in a file."""

    front: FrontMatter
    blocks: list[Block]
    left_out: Counter[str]
    warnings: tuple[str, ...]
    encoding: str = ""


def read_book(
    path: Path,
    *,
    encoding: str | None = None,
    rule: ChapterRule | None = None,
    choice: Choice | None = None,
) -> ReadBook:
    """Read the file `path` (TXT, Markdown, HTML, DOCX, ODT, EPUB or PDF with text) as a Book of chapters.

    What the file is its content decides, not its ending. `encoding` forces one for text files; without it,
    see `decoding.decode`. `rule` says what begins a chapter instead of what is found, `choice` whether
    tables and footnotes are heard. Raises InputError when the file can't be read, or has nothing to say. What
    looks implausible is in the ReadBook's `warnings`; nothing is thrown away without being counted in
    `left_out`.
    """
    data = read_source(path)
    kind = FileType.TEXT if encoding and path.suffix.lower() == ".txt" else detect_file_type(data, path)
    if encoding and kind not in _ENCODED:
        message = _("{path} is {kind}, which says itself how it is encoded: leave out --encoding")
        raise InputError(message.format(path=path, kind=kind.name))
    read = _read(kind, data, path, encoding, choice or Choice())
    if not read.blocks:
        raise InputError(_("{path} has nothing to say: no letter, no Hanzi, no digit").format(path=path))
    blocks, rule_warnings = apply_rule(rule, read.blocks, path) if rule else (read.blocks, ())
    chapters, outline_warnings = outline(blocks)
    if len(chapters) == 1 and not chapters[0].title:
        outline_warnings = (_("no chapters were found: the whole text is one"), *outline_warnings)
    return ReadBook(
        book=Book(read.front.title or path.stem, read.front.author, chapters),
        source=path,
        encoding=read.encoding,
        left_out=MappingProxyType(dict(read.left_out)),
        warnings=(
            *_ending_warning(kind, path),
            *read.warnings,
            *rule_warnings,
            *outline_warnings,
            *doubtful_characters("\n".join(block.text for block in read.blocks)),
        ),
        format=kind.value,
    )


def _read(kind: FileType, data: bytes, path: Path, encoding: str | None, choice: Choice) -> _Read:
    if kind in (FileType.TEXT, FileType.MARKDOWN):
        text, found = decode(data, path, encoding)
        text, left_out = clean(text)
        plain = kind is FileType.TEXT
        rows, characters = (MAX_ROWS, MAX_CHARACTERS) if plain else (MAX_MARKDOWN_ROWS, MAX_MARKDOWN_CHARACTERS)
        refuse_overlong(text, path, rows=rows, characters=characters)
        if not plain:
            refuse_flood(text, path)
        front, blocks, counted, warnings = (read_plain if plain else read_markdown)(text)
        return _Read(front, blocks, left_out + counted, warnings, found)
    if kind is FileType.PDF:
        return _Read(*read_pdf(data, path))
    if kind is FileType.HTML:
        source, found = open_html(data, path, encoding)
        return _Read(*read_source_document(source, path, choice), found)
    opened = {FileType.DOCX: open_docx, FileType.ODT: open_odt, FileType.EPUB: open_epub}[kind](data, path)
    return _Read(*read_source_document(opened, path, choice))


def _ending_warning(kind: FileType, path: Path) -> tuple[str, ...]:
    expected = ENDINGS.get(path.suffix.lower())
    if expected in (None, kind) or {expected, kind} == {FileType.HTML, FileType.TEXT}:
        return ()
    message = _("the file's ending is '{ending}', but it is {kind} and was read as that")
    return (message.format(ending=path.suffix, kind=kind.name),)
