"""DOCX and ODT: what pandoc drops is brought where it sees it, and the document is cut into pieces for it."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from packager.base.i18n.language import N_
from packager.reading.archive import pack, unpack
from packager.reading.cleaning import one_space
from packager.reading.formats.xml import body_pieces, refuse_entities
from packager.reading.structure import count_hanzi

RUBY = N_("reading above characters (ruby)")

_TAG = re.compile(rb"<[^<>]*>")


@dataclass
class Source:
    """A document made ready for pandoc: `pieces` in pandoc's format `form`, in the order of reading.

    `hanzi` is how many its text has; `properties` are the title and author in its properties, where an office
    program often has written something senseless.
    """

    form: str
    pieces: Iterator[bytes]
    hanzi: int
    left_out: Counter[str] = field(default_factory=Counter)
    properties: dict[str, str] = field(default_factory=dict)
    named: tuple[str, ...] = ()


# Ruby's base stands in a run of its own within a run: pandoc drops both.
_DOCX_RUBY = (
    re.compile(rb"<w:ruby>(?:(?!<w:ruby>).)*?<w:rubyBase>", re.DOTALL),
    re.compile(rb"</w:rubyBase>\s*</w:ruby>"),
    b"</w:r>",
    b"<w:r>",
)
_ODT_RUBY = (
    re.compile(rb"<text:ruby\b[^<>]*>\s*<text:ruby-base\b[^<>]*>"),
    re.compile(rb"</text:ruby-base>(?:(?!<text:ruby[\s>]).)*?</text:ruby>", re.DOTALL),
    b"",
    b"",
)
# Word writes a text box twice, for new readers and for old ones.
_DOCX_FALLBACK = re.compile(rb"<mc:Fallback\b(?:(?!<mc:Fallback\b).)*?</mc:Fallback>", re.DOTALL)
_DOCX_BOX = re.compile(rb"<w:txbxContent>(.*?)</w:txbxContent>", re.DOTALL)
_ODT_BOX = re.compile(rb"<draw:text-box\b[^<>]*>(.*?)</draw:text-box>", re.DOTALL)
_DOCX_TEXT = re.compile(rb"<w:t(?:\s[^<>]*)?>([^<]*)</w:t>")
_DOCX_PARAGRAPH_END = b"</w:p>"
_ODT_PARAGRAPH_END = b"</text:p>"
_ODT_NOT_TEXT = re.compile(
    rb"<(office:annotation|text:tracked-changes|text:note-citation|svg:title|svg:desc|text:sequence-decls"
    rb"|office:forms|math:math)\b(?:(?!<\1\b).)*?</\1>",
    re.DOTALL,
)
_PROPERTY = re.compile(rb"<dc:(title|creator)\b[^<>]*>([^<]*)</dc:\1>")


def open_docx(data: bytes, path: Path) -> Source:
    """The Word document `data` for pandoc; InputError when it is damaged or hostile."""
    members = _members(data, path, (".xml", ".rels"))
    main = members.pop("word/document.xml")
    before, found, after = body_pieces(main, "w:body", path, "word/document.xml", _Fields().join)
    rubies = 0
    pieces: list[bytes] = []
    for written in found:
        piece, count = _without_ruby(_DOCX_FALLBACK.sub(b"", written), *_DOCX_RUBY)
        rubies += count
        pieces.append(_boxes_after_paragraphs(piece, _DOCX_BOX, _DOCX_PARAGRAPH_END))
    notes = [members.get(f"word/{name}.xml", b"") for name in ("footnotes", "endnotes")]
    return Source(
        "docx",
        _packed(members, "word/document.xml", before, pieces, after),
        sum(_hanzi(b"".join(_DOCX_TEXT.findall(piece))) for piece in (*pieces, *notes)),
        Counter({RUBY: rubies} if rubies else {}),
        _properties(members.get("docProps/core.xml", b"")),
    )


def open_odt(data: bytes, path: Path) -> Source:
    """The OpenDocument text `data` for pandoc; InputError when it is damaged or hostile."""
    members = _members(data, path, (".xml", "mimetype"))
    main = members.pop("content.xml")
    before, found, after = body_pieces(main, "office:text", path, "content.xml", lambda *_: False)
    rubies = 0
    pieces: list[bytes] = []
    for written in found:
        piece, count = _without_ruby(written, *_ODT_RUBY)
        rubies += count
        pieces.append(_boxes_after_paragraphs(piece, _ODT_BOX, _ODT_PARAGRAPH_END))
    return Source(
        "odt",
        _packed(members, "content.xml", before, pieces, after),
        sum(_hanzi(_TAG.sub(b"", _ODT_NOT_TEXT.sub(b"", piece))) for piece in pieces),
        Counter({RUBY: rubies} if rubies else {}),
        _properties(members.get("meta.xml", b"")),
    )


class _Fields:
    """Which paragraphs of a DOCX must stay together: those of a list, and of a field (as a contents list)."""

    def __init__(self) -> None:
        self.open = 0

    def join(self, name: str, attributes: dict[str, str]) -> bool:
        """Whether the paragraph that the element stands in must stay with the one before."""
        was_open = self.open > 0
        if name == "w:fldChar":
            kind = attributes.get("w:fldCharType")
            self.open += (kind == "begin") - (kind == "end")
        return was_open or name == "w:numPr"


def _members(data: bytes, path: Path, wanted: tuple[str, ...]) -> dict[str, bytes]:
    members = unpack(data, path, wanted)
    for name, content in members.items():
        refuse_entities(content, path, name)
    return members


def _packed(members: dict[str, bytes], name: str, before: bytes, pieces: list[bytes], after: bytes) -> Iterator[bytes]:
    for piece in pieces:
        yield pack({**members, name: before + piece + after})


def _hanzi(text: bytes) -> int:
    return count_hanzi(text.decode("utf-8", "replace"))


def _without_ruby(
    xml: bytes, opening: re.Pattern[bytes], closing: re.Pattern[bytes], before: bytes, after: bytes
) -> tuple[bytes, int]:
    xml, count = opening.subn(before, xml)
    return (closing.sub(after, xml), count) if count else (xml, 0)


def _boxes_after_paragraphs(xml: bytes, box: re.Pattern[bytes], paragraph_end: bytes) -> bytes:
    """Text boxes, which stand within the paragraph that they are anchored in, as paragraphs after it."""
    out: list[bytes] = []
    at = 0
    found = box.search(xml)
    while found:
        content = found[1]
        end = xml.find(paragraph_end, found.end())
        if end < 0:
            break
        end += len(paragraph_end)
        rest = xml[found.end() : end]
        out += [xml[at : found.start()], rest, content]
        at = end
        found = box.search(xml, at)
    return b"".join([*out, xml[at:]])


def _properties(xml: bytes) -> dict[str, str]:
    names = {b"title": "title", b"creator": "author"}
    found = {names[key]: value.decode("utf-8", "replace") for key, value in _PROPERTY.findall(xml)}
    return {key: one_space(html.unescape(value)) for key, value in found.items()}
