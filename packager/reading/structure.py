"""Documents that mark their own headings: their structure, or, if they mark none, that of Chinese numbering. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from packager.base.i18n.language import N_, _
from packager.reading.chapters import CONTENTS_LINE, FrontMatter, Line, ParsedDocument, divide
from packager.reading.cleaning import clean
from packager.reading.contents_pages import title_key
from packager.reading.heading_patterns import heading_mark, is_contents_word, parse_numeral
from packager.reading.nouns import Doubt, DoubtKind
from packager.reading.outline import Block
from packager.reading.rows import only_words

IMAGE = N_("image")
CODE = N_("block of code")
HTML_TAG = N_("HTML tag")
FOOTNOTE_MARK = N_("footnote mark")
RUBY = N_("reading above characters (ruby)")
UNREAD = N_("Hanzi that could not be placed")
FOOTNOTE = N_("footnote")
FORMULA = N_("formula")
HIDDEN = N_("hidden text")
TABLE = N_("table")
UNKNOWN = N_("piece of an unknown kind")

NOTE = "注："
"""Spoken before a footnote, so it is Mandarin."""

_FEWEST_CONTENTS = 3
_HANZI = re.compile(r"[\u3400-\u9fff]")
_NUMBERED_HEADING = re.compile(r"第\s*([^\s章节回讲篇卷部]{1,9})\s*[章节回讲篇卷部]")
_LIST_NUMBER = re.compile(r"^\d+、")
_DEFAULT_PROPERTY = re.compile(
    r"(?i)microsoft\b.*|.*\.(?:docx?|wps|indd|odt|txt|html?|pdf)|untitled.*|document\d*|文档\d*|无标题.*|unknown"
    r"|user\d*|admin\w*|administrator|lenovo|dell|hp|windows.*|apache.*|python.*|pandoc|\W*|\d+|未知|佚名"
)


@dataclass
class Page:
    """The part of a document that was read so far: its blocks, and counts of parts that are not spoken."""

    blocks: list[Block] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    hanzi_left_out: int = 0

    def leave_out(self, kind: str, text: str = "") -> None:
        """Count one more of `kind`, whose `text` is not spoken."""
        self.left_out[kind] += 1
        self.hanzi_left_out += count_hanzi(text)


@dataclass(frozen=True)
class About:
    """What a document says of itself: `metadata` in the text, and `properties`, where programs often write defaults.

    Both may have `title` and `author`. `named` are titles in the document's own contents list, for a document that
    marks no headings.
    """

    metadata: dict[str, str] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    named: tuple[str, ...] = ()


def assemble(page: Page, about: About, written_hanzi: int) -> ParsedDocument:
    """The document that the blocks of `page` make, cleaned; see `structure`."""
    for index, block in enumerate(page.blocks):
        text, counted = clean(block.text)
        if text != block.text:
            page.blocks[index] = Block(text, block.rank, block.number)
            page.left_out.update(counted)
    properties = {key: value for key, value in about.properties.items() if not is_default_property(value)}
    metadata = dict(about.metadata)
    if page.blocks and page.blocks[0].text == properties.get("title"):
        metadata.setdefault("title", properties["title"])
    document = structure(page, metadata, written_hanzi, named=about.named)
    title = document.front.title or properties.get("title", "")
    return replace(document, front=FrontMatter(title, document.front.author or properties.get("author", "")))


def structure(
    page: Page, metadata: dict[str, str], written_hanzi: int, *, named: Collection[str] = ()
) -> ParsedDocument:
    """The document that the blocks of `page` make.

    `metadata` may have `title` and `author`. `written_hanzi` is the number of Hanzi in the file, counted
    independently of the parser, so that text which a parser drops is reported. `named` are titles in the
    document's own contents list, for a document that marks no headings.
    """
    texts = [block.text for block in page.blocks]
    spoken, dropped = only_words(texts)
    page.left_out.update(dropped)
    page.blocks = [block for block, text in zip(page.blocks, spoken, strict=True) if text]
    about = sum(map(count_hanzi, metadata.values()))  # pandoc takes a title's paragraph out of the text
    doubts = _missing_hanzi(written_hanzi - about, page)
    _leave_out_contents(page)
    title, blocks = _take_title(page.blocks, metadata.get("title", ""))
    author = ""
    if not any(block.rank for block in blocks):
        lines = [Line(block.text, apart=True) for block in blocks]
        divided = divide(lines, titled=bool(title or metadata.get("title")), named=named)
        page.left_out.update(divided.counted)
        blocks = divided.blocks
        title, author = title or divided.front.title, divided.front.author
    front = FrontMatter(metadata.get("title") or title, metadata.get("author") or author)
    return ParsedDocument(front, blocks, page.left_out, doubts)


def is_default_property(value: str) -> bool:
    """Whether a title or author in a document's properties was put there by a program, not by a person."""
    return _DEFAULT_PROPERTY.fullmatch(value) is not None


def count_hanzi(text: str) -> int:
    """The number of Hanzi in `text`."""
    return len(_HANZI.findall(text))


def leading_number(text: str) -> int | None:
    """The number of a heading as 第三章, or None."""
    found = _NUMBERED_HEADING.match(text)
    return parse_numeral(found[1]) if found else None


def _leave_out_contents(page: Page) -> None:
    """Drops a list of titles that are headings later, as `chapters.divide` does for plain text."""
    keys = [title_key(_LIST_NUMBER.sub("", block.text)) for block in page.blocks]
    last_heading = {
        key: i for i, (key, block) in enumerate(zip(keys, page.blocks, strict=True)) if block.rank is not None
    }
    contents: list[int] = []
    run: list[int] = []
    for index, (key, block) in enumerate(zip(keys, page.blocks, strict=True)):
        is_listed = bool(key) and block.rank is None and last_heading.get(key, -1) > index
        if is_listed or is_contents_word(block.text):
            run.append(index)
            continue
        contents += run if len(run) >= _FEWEST_CONTENTS else []
        run = []
    if contents:
        page.left_out[CONTENTS_LINE] += len(contents)
        dropped = set(contents)
        page.blocks = [block for index, block in enumerate(page.blocks) if index not in dropped]


def _take_title(blocks: Sequence[Block], known: str) -> tuple[str, list[Block]]:
    """The title and the other blocks, if the first block is the title: `known`, or the only highest heading."""
    ranks = [block.rank for block in blocks if block.rank is not None]
    if len(blocks) > 1 and known:
        return (known, list(blocks[1:])) if blocks[0].text == known else ("", list(blocks))
    alone = len(blocks) > 1 and ranks and blocks[0].rank == min(ranks) and ranks.count(min(ranks)) == 1
    if alone and heading_mark(blocks[0].text) is None:
        return blocks[0].text, list(blocks[1:])
    return "", list(blocks)


def _missing_hanzi(written: int, page: Page) -> tuple[Doubt, ...]:
    """A doubt about Hanzi that are neither in the blocks nor counted: parsers drop what they do not understand."""
    missing = written - sum(count_hanzi(block.text) for block in page.blocks) - page.hanzi_left_out
    if missing <= 0:
        return ()
    page.left_out[UNREAD] += missing
    message = _(
        "{n} Hanzi are in no paragraph (link definitions, text boxes, lists nested very deep): compare with the file"
    )
    return (Doubt(DoubtKind.LEFT_OUT, message.format(n=missing), count=missing),)
