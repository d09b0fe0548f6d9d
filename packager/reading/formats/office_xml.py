"""XML of DOCX, ODT and EPUB: checked before pandoc sees it, and cut into pieces of a size that suits pandoc.

Pandoc's time grows with the square of an ODT's length, and its memory with a DOCX's: a book of a million
characters takes a minute, or half a gigabyte. In pieces it takes seconds.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.reading.archive import pack, unpack
from packager.reading.cleaning import one_space
from packager.reading.source import SourceFile
from packager.reading.structure import count_hanzi

_MAX_NESTING = 400
_PIECE_BYTES = 256 * 1024
_PROPERTY = re.compile(rb"<dc:(title|creator)\b[^<>]*>([^<]*)</dc:\1>")
_ENTITY = re.compile(rb"<!\s*ENTITY", re.IGNORECASE)


def refuse_entities(xml: bytes, path: Path, member: str) -> None:
    """Raise InputError when `xml` declares entities: no office program writes them, but attacks do (XXE)."""
    head = xml.replace(b"\0", b"") if b"\0" in xml[:64] else xml  # UTF-16
    if _ENTITY.search(head):
        raise InputError(
            _("{path} is not read: '{member}' in it declares XML entities, which may be an attack").format(
                path=path, member=member
            )
        )


@dataclass
class _Cuts:
    """Where the children of an element begin, as far as the parser has come."""

    body: str
    joins: Callable[[str, dict[str, str]], bool]
    depth: int = 0
    body_depth: int = 0
    inside: bool = False  # the body has begun and not ended
    starts: list[int] = field(default_factory=list)
    bound: list[bool] = field(default_factory=list)  # may not be cut off from the child before it
    end: int = 0


def body_pieces(
    xml: bytes, body: str, path: Path, member: str, joins: Callable[[str, dict[str, str]], bool]
) -> tuple[bytes, list[bytes], bytes]:
    """The XML before, inside and after the element `body`, the inside in pieces.

    A piece is some children of `body`, about 256 KiB. `joins` says for each element whether the child around
    it must stay with the child before. Raises InputError when `xml` is damaged or nested too deep.
    """
    cuts = _Cuts(body, joins)
    parser = _parser(cuts, path, member)
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise _damaged(path, member, str(error)) from error
    if not cuts.end:
        raise _damaged(path, member, _("it has no text"))
    starts = cuts.starts or [cuts.end]
    pieces: list[bytes] = []
    begin = starts[0]
    longest = max(_PIECE_BYTES, 2 * starts[0])  # the XML before it is repeated with each piece
    for start, bound in zip(starts[1:], cuts.bound[1:], strict=True):
        if start - begin >= longest and not bound:
            pieces.append(xml[begin:start])
            begin = start
    pieces.append(xml[begin : cuts.end])
    return xml[: starts[0]], pieces, xml[cuts.end :]


def _parser(cuts: _Cuts, path: Path, member: str) -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def start(name: str, attributes: dict[str, str]) -> None:
        cuts.depth += 1
        if cuts.depth > _MAX_NESTING:
            raise _damaged(path, member, _("it is nested too deep"))
        if cuts.inside:
            if cuts.depth == cuts.body_depth + 1:
                cuts.starts.append(parser.CurrentByteIndex)
                cuts.bound.append(False)
            if cuts.joins(name, attributes):
                cuts.bound[-1] = True
        elif name == cuts.body and not cuts.end:
            cuts.inside, cuts.body_depth = True, cuts.depth

    def end(_name: str) -> None:
        if cuts.inside and cuts.depth == cuts.body_depth:
            cuts.inside, cuts.end = False, parser.CurrentByteIndex
        cuts.depth -= 1

    def entity(*_declaration: object) -> None:
        refuse_entities(b"<!ENTITY", path, member)

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.EntityDeclHandler = entity
    return parser


def _damaged(path: Path, member: str, reason: str) -> InputError:
    message = _("{path} is damaged ('{member}': {reason}); open it in its program and save it anew")
    return InputError(message.format(path=path, member=member, reason=reason))


def unpack_xml(file: SourceFile, wanted: tuple[str, ...]) -> dict[str, bytes]:
    """The members with the names or suffixes in `wanted`. Raises InputError as `unpack`, and for XML entities."""
    members = unpack(file.data, file.path, wanted)
    for name, content in members.items():
        refuse_entities(content, file.path, name)
    return members


def repack(members: dict[str, bytes], name: str, before: bytes, pieces: list[bytes], after: bytes) -> Iterator[bytes]:
    """An archive for each of `pieces`, in which the member `name` has only that piece."""
    for piece in pieces:
        yield pack({**members, name: before + piece + after})


def hanzi_in(text: bytes) -> int:
    """The number of Hanzi in UTF-8 `text`."""
    return count_hanzi(text.decode("utf-8", "replace"))


def without_office_ruby(
    xml: bytes, opening: re.Pattern[bytes], closing: re.Pattern[bytes], before: bytes, after: bytes
) -> tuple[bytes, int]:
    """`xml` with the markup around a ruby's base replaced by `before` and `after`, and the number of rubies."""
    xml, count = opening.subn(before, xml)
    return (closing.sub(after, xml), count) if count else (xml, 0)


def boxes_after_paragraphs(xml: bytes, box: tuple[re.Pattern[bytes], bytes], paragraph_end: bytes) -> bytes:
    """Moves text boxes from inside the paragraph that they are anchored in to after it.

    `box`: the tag that begins one, not one that is empty, and the tag that ends it.
    """
    opening, closing = box
    out: list[bytes] = []
    at = 0
    while found := opening.search(xml, at):
        inner_end = xml.find(closing, found.end())
        end = xml.find(paragraph_end, inner_end) if inner_end >= 0 else -1
        if end < 0:
            break
        end += len(paragraph_end)
        out += [xml[at : found.start()], xml[inner_end + len(closing) : end], xml[found.end() : inner_end]]
        at = end
    return b"".join([*out, xml[at:]])


def document_properties(xml: bytes) -> dict[str, str]:
    """`title` and `author` of a document's properties."""
    names = {b"title": "title", b"creator": "author"}
    found = {names[key]: value.decode("utf-8", "replace") for key, value in _PROPERTY.findall(xml)}
    return {key: one_space(html.unescape(value)) for key, value in found.items()}
