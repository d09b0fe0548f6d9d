"""DOCX: Word documents, with text that pandoc would drop moved to where it reads it."""

from __future__ import annotations

import re
from collections import Counter

from packager.reading.chapters import ParsedDocument
from packager.reading.file_types import FileType, register
from packager.reading.formats.office_xml import (
    body_pieces,
    boxes_after_paragraphs,
    document_properties,
    hanzi_in,
    repack,
    unpack_xml,
    without_office_ruby,
)
from packager.reading.formats.pandoc import PandocInput, read_with_pandoc
from packager.reading.source import SourceFile
from packager.reading.structure import RUBY

_MAIN = "word/document.xml"
# Ruby's base is a run inside a run: pandoc drops both.
_RUBY = (
    re.compile(rb"<w:ruby>(?:(?!<w:ruby>).)*?<w:rubyBase>", re.DOTALL),
    re.compile(rb"</w:rubyBase>\s*</w:ruby>"),
    b"</w:r>",
    b"<w:r>",
)
# Word writes a text box twice, for new readers and for old ones.
_FALLBACK = re.compile(rb"<mc:Fallback\b(?:(?!<mc:Fallback\b).)*?</mc:Fallback>", re.DOTALL)
_BOX = re.compile(rb"<w:txbxContent>(.*?)</w:txbxContent>", re.DOTALL)
_TEXT = re.compile(rb"<w:t(?:\s[^<>]*)?>([^<]*)</w:t>")
_PARAGRAPH_END = b"</w:p>"


def read_docx(file: SourceFile) -> ParsedDocument:
    """Parse a Word document. Raises InputError when it is damaged or hostile."""
    members = unpack_xml(file, (".xml", ".rels"))
    main = members.pop(_MAIN)
    before, found, after = body_pieces(main, "w:body", file.path, _MAIN, _Fields().join)
    rubies = 0
    pieces: list[bytes] = []
    for written in found:
        piece, count = without_office_ruby(_FALLBACK.sub(b"", written), *_RUBY)
        rubies += count
        pieces.append(boxes_after_paragraphs(piece, _BOX, _PARAGRAPH_END))
    notes = [members.get(f"word/{name}.xml", b"") for name in ("footnotes", "endnotes")]
    source = PandocInput(
        "docx",
        repack(members, _MAIN, before, pieces, after),
        sum(hanzi_in(b"".join(_TEXT.findall(piece))) for piece in (*pieces, *notes)),
        Counter({RUBY: rubies} if rubies else {}),
        document_properties(members.get("docProps/core.xml", b"")),
    )
    return read_with_pandoc(source, file)


class _Fields:
    """Tells which paragraphs must stay together: those of a list, and those of a field, as a contents list."""

    def __init__(self) -> None:
        self.open = 0

    def join(self, name: str, attributes: dict[str, str]) -> bool:
        """Whether the paragraph around the element must stay with the one before."""
        was_open = self.open > 0
        if name == "w:fldChar":
            kind = attributes.get("w:fldCharType")
            self.open += (kind == "begin") - (kind == "end")
        return was_open or name == "w:numPr"


register(FileType("docx", "DOCX", (".docx",), lambda file: _MAIN in file.members, read_docx))
