"""Markdown: headings and paragraphs. Everything else is counted, and every Hanzi is accounted for."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from packager.base.errors import InputError
from packager.base.i18n.language import N_, _
from packager.reading.chapters import ParsedDocument
from packager.reading.cleaning import one_space
from packager.reading.file_types import FileType, register
from packager.reading.outline import Block
from packager.reading.rows import join_rows
from packager.reading.source import SourceFile, clean_text
from packager.reading.structure import (
    CODE,
    FOOTNOTE_MARK,
    HTML_TAG,
    IMAGE,
    Page,
    count_hanzi,
    leading_number,
    structure,
)

if TYPE_CHECKING:
    from markdown_it.token import Token

HTML_COMMENT = N_("HTML comment")
FORMAT_MARK = N_("formatting mark")
METADATA_LINE = N_("line of metadata")

_SUFFIXES = (".md", ".markdown")
_PLAIN_SUFFIXES = (".txt", ".text")
_MAX_ROWS = 60_000  # the parser takes about 0.1 ms a row
_MAX_CHARACTERS = 4_000_000
_MAX_NESTING = 200
_SIGNS = "[*_`<&\\~"
_MANY_SIGNS = 100_000
_MANY_BRACKETS = 500  # in one paragraph: the parser's time grows with their square
_MANY_CELLS = 100_000  # of tables; a bar without a word beside it makes a cell too
_LONGEST_UNDERLINED = 40
_PARAGRAPH = "\n\n"
_METADATA = re.compile(r"---[ \t]*\n((?:[\w-]+[ \t]*:.*\n|[ \t]+.*\n|#.*\n){1,50})---[ \t]*(?:\n|$)")
_METADATA_ENTRY = re.compile(r"^(title|author)[ \t]*:[ \t]*[\"']?(.*?)[\"']?[ \t]*$", re.MULTILINE)
# "#标题" without the space that CommonMark wants; not "#话题#".
_TIGHT_HEADING = re.compile("^(#{1,6})\u3000*(?=[\u4e00-\u9fff《“（])(?!.*#[ \t]*$)", re.MULTILINE)
# The sign of a heading as a Chinese keyboard writes it; not "＃话题＃".
_WIDE_HEADING = re.compile("^＃{1,6}(?=[ \\t\u3000\u4e00-\u9fff《“（])(?!.*＃[ \\t]*$)", re.MULTILINE)
# A heading in a file called .txt, in bytes of UTF-8 or GBK: signs (also full-width) at the beginning of a line.
_SIGN = rb"(?:#|\xef\xbc\x83|\xa3\xa3)"
_SIGNED_LINE = re.compile(rb"^" + _SIGN + rb".*$", re.MULTILINE)
_HEADING_LINE = re.compile(_SIGN + rb"{1,6}(?:[ \t]+[^\s#]|[\x80-\xff])[^#\r\n]{0,120}[ \t\r]*")
_SENTENCE_ENDS = tuple("。！？；，、")
# Not CommonMark: it would take "[^1]: text" for the address of a link, and drop it.
_FOOTNOTE = re.compile(r"^ {0,3}\[\^[^\]\s]{1,40}\]:[ \t]*|\[\^[^\]\s]{1,40}\]", re.MULTILINE)
# CommonMark leaves ** standing between a quotation mark and a Hanzi.
_STRAY_EMPHASIS = re.compile(r"\*\*|__|~~")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


def read_markdown(file: SourceFile) -> ParsedDocument:
    """Parse a Markdown text. Raises InputError when it can't be decoded, or would take the parser minutes.

    The Markdown is CommonMark with tables, but indented code is read as text: in Chinese files an indented
    line is a paragraph. A document with no headings but its title is divided by Chinese numbering, as plain
    text is.
    """
    from markdown_it import MarkdownIt

    found = clean_text(file, max_rows=_MAX_ROWS, max_characters=_MAX_CHARACTERS)
    _refuse_flood(found.text, file.path)
    page = Page(left_out=found.left_out)
    metadata, body = _metadata(found.text, page)
    parser = MarkdownIt("commonmark", {"maxNesting": _MAX_NESTING})
    parser.enable(["table", "strikethrough"]).disable(["code"])
    body = _WIDE_HEADING.sub(lambda sign: "#" * len(sign[0]), body)
    if file.suffix not in _SUFFIXES:  # in plain text each line is a paragraph
        body = body.replace("\n", _PARAGRAPH)
    body = _without_floods(_without_footnote_marks(_TIGHT_HEADING.sub(r"\1 ", body), page))
    if body.count("|") > _MANY_CELLS:
        parser.disable("table")
    _read_tokens(parser.parse(body), page)
    document = structure(page, metadata, count_hanzi(found.text) + sum(map(count_hanzi, metadata.values())))
    return replace(document, encoding=found.encoding, doubts=(*found.doubts, *document.doubts))


def _metadata(text: str, page: Page) -> tuple[dict[str, str], str]:
    """`title` and `author` of a block of `key: value` lines at the head, and the text after it."""
    found = _METADATA.match(text)
    if not found:
        return {}, text
    for line in found[1].splitlines():
        page.leave_out(METADATA_LINE, line)
    entries = {key: one_space(value) for key, value in _METADATA_ENTRY.findall(found[1])}
    return {key: value for key, value in entries.items() if value}, text[found.end() :]


def _read_tokens(tokens: Sequence[Token], page: Page) -> None:
    opened: Token | None = None
    cells: list[str] | None = None
    item = ""
    for token in tokens:
        if token.type in ("heading_open", "paragraph_open"):
            opened = token
        elif token.type == "list_item_open":
            # The number is spoken; a bullet is not.
            item = f"{token.info}、" if token.info else ""
        elif token.type == "tr_open":
            cells = []
        elif token.type == "tr_close":
            page.blocks.append(Block("，".join(cell for cell in cells or [] if cell)))
            cells = None
        elif token.type == "fence":
            page.leave_out(CODE, token.info + token.content)
        elif token.type == "html_block":
            page.blocks.extend(Block(text) for text in _html_paragraphs(token.content, page))
        elif token.type == "inline":
            texts = _inline(token, page)
            if cells is not None:
                cells.append(" ".join(texts))
            elif texts:
                page.blocks.extend(_blocks(opened, [item + texts[0], *texts[1:]]))
                item = ""


def _blocks(opened: Token | None, texts: Sequence[str]) -> Iterable[Block]:
    if opened is not None and opened.type == "heading_open":
        text = " ".join(texts)
        # CommonMark takes lines over a row of hyphens for a heading; a sentence over a rule is meant.
        underlined = opened.markup in ("-", "=")
        if not (underlined and (len(text) > _LONGEST_UNDERLINED or text.endswith(("。", "；", "！", "：")))):
            yield Block(text, int(opened.tag[1]), leading_number(text))
            return
    yield from (Block(text) for text in texts)


def _inline(token: Token, page: Page) -> list[str]:
    """The text of an inline token, as paragraphs: a hard line break begins a new one."""
    pieces: list[str] = []
    for child in token.children or []:
        if child.type in ("text", "code_inline"):
            pieces.append(child.content)
        elif child.type == "softbreak":
            pieces.append("\n")
        elif child.type == "hardbreak" or (child.type == "html_inline" and _LINE_BREAK.match(child.content)):
            pieces.append(_PARAGRAPH)
        elif child.type == "html_inline":
            kind = HTML_COMMENT if child.content.startswith("<!--") else HTML_TAG
            page.leave_out(kind, child.content)
        elif child.type == "image":
            page.leave_out(IMAGE, child.content)
    text, stray = _STRAY_EMPHASIS.subn("", "".join(pieces))
    if stray:
        page.left_out[FORMAT_MARK] += stray
    rows = [[one_space(row) for row in part.split("\n") if row.strip()] for part in text.split(_PARAGRAPH)]
    return [join_rows(part) for part in rows if part]


def _without_footnote_marks(text: str, page: Page) -> str:
    for mark in _FOOTNOTE.findall(text):
        page.leave_out(FOOTNOTE_MARK, mark)
    return _FOOTNOTE.sub("", text)


def _refuse_flood(text: str, path: Path) -> None:
    """Raises InputError for a `text` full of Markdown's signs: the parser would take minutes."""
    if sum(map(text.count, _SIGNS)) > _MANY_SIGNS:
        message = _("{path} has more than {n} Markdown characters: save it as a .txt file")
        raise InputError(message.format(path=path, n=_MANY_SIGNS))


def _without_floods(text: str) -> str:
    """Brackets that can't be links, there being so many, as text."""
    if text.count("[") <= _MANY_BRACKETS:
        return text
    paragraphs = text.split(_PARAGRAPH)
    return _PARAGRAPH.join(
        part.replace("[", "\\[") if part.count("[") > _MANY_BRACKETS else part for part in paragraphs
    )


def _html_paragraphs(html: str, page: Page) -> list[str]:
    """The text between the tags of a block of HTML; comments, scripts and tags are counted."""
    for comment in _COMMENT.finditer(html):
        page.leave_out(HTML_COMMENT, comment[0])
    html = _COMMENT.sub("", html)
    for tag in _TAG.findall(html):
        page.leave_out(HTML_TAG, tag)
    return [text for row in _TAG.sub("\n", html).split("\n") if (text := one_space(row))]


def _matches(file: SourceFile) -> bool:
    return file.suffix in _SUFFIXES or (file.suffix in _PLAIN_SUFFIXES and _is_marked_text(file.data))


def _is_marked_text(data: bytes) -> bool:
    """Whether the text of a .txt file begins with a heading of Markdown, and all its lines with that sign are such."""
    if len(data) > _MAX_CHARACTERS or sum(data.count(sign.encode()) for sign in _SIGNS) > _MANY_SIGNS:
        return False
    begins = data.removeprefix(codecs.BOM_UTF8).lstrip()
    signed = _SIGNED_LINE.findall(begins)
    return bool(_SIGNED_LINE.match(begins)) and len(signed) < _MAX_ROWS and all(map(_is_heading, signed))


def _is_heading(line: bytes) -> bool:
    if not _HEADING_LINE.fullmatch(line):
        return False
    ends = (sign.encode(encoding) for sign in _SENTENCE_ENDS for encoding in ("utf-8", "gb18030"))
    return not line.rstrip().endswith(tuple(ends))


register(FileType("markdown", "MARKDOWN", _SUFFIXES, _matches, read_markdown, is_text=True))
