"""ODT: OpenDocument texts, with text that pandoc would drop moved to where it reads it."""

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

_MAIN = "content.xml"
_TAG = re.compile(rb"<[^<>]*>")
_RUBY = (
    re.compile(rb"<text:ruby\b[^<>]*>\s*<text:ruby-base\b[^<>]*>"),
    re.compile(rb"</text:ruby-base>(?:(?!<text:ruby[\s>]|</text:ruby-base>).)*?</text:ruby>", re.DOTALL),
    b"",
    b"",
)
_BOX = (re.compile(rb"<draw:text-box\b(?:[^<>]*[^<>/])?>"), b"</draw:text-box>")
_PARAGRAPH_END = b"</text:p>"
_NOT_TEXT = re.compile(
    rb"<(office:annotation|text:tracked-changes|text:note-citation|svg:title|svg:desc|text:sequence-decls"
    rb"|office:forms|math:math)\b(?:(?!<\1\b).)*?</\1>",
    re.DOTALL,
)


def read_odt(file: SourceFile) -> ParsedDocument:
    """Parse an OpenDocument text. Raises InputError when it is damaged or hostile."""
    members = unpack_xml(file, (".xml", "mimetype"))
    main = members.pop(_MAIN)
    before, found, after = body_pieces(main, "office:text", file.path, _MAIN, lambda *_: False)
    rubies = 0
    pieces: list[bytes] = []
    for written in found:
        piece, count = without_office_ruby(written, *_RUBY)
        rubies += count
        pieces.append(boxes_after_paragraphs(piece, _BOX, _PARAGRAPH_END))
    source = PandocInput(
        "odt",
        repack(members, _MAIN, before, pieces, after),
        sum(hanzi_in(_TAG.sub(b"", _NOT_TEXT.sub(b"", piece))) for piece in pieces),
        Counter({RUBY: rubies} if rubies else {}),
        document_properties(members.get("meta.xml", b"")),
    )
    return read_with_pandoc(source, file)


def _matches(file: SourceFile) -> bool:
    return {_MAIN, "META-INF/manifest.xml"} <= file.members


register(FileType("odt", "ODT", (".odt",), _matches, read_odt))
