"""XML of documents: looked through before pandoc sees it, and cut into pieces that pandoc takes easily.

Pandoc's time grows with the square of an ODT's length, and its memory with a DOCX's: a book of a million
characters takes a minute, or half a gigabyte. In pieces it takes seconds.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from packager.base.errors import InputError
from packager.base.i18n.language import _

_MAX_NESTING = 400
_PIECE_BYTES = 256 * 1024
_ENTITY = re.compile(rb"<!\s*ENTITY", re.IGNORECASE)


def refuse_entities(xml: bytes, path: Path, member: str) -> None:
    """Raise InputError when `xml` declares entities: no office program writes them, bombs and spies do."""
    head = xml.replace(b"\0", b"") if b"\0" in xml[:64] else xml  # UTF-16
    if _ENTITY.search(head):
        raise InputError(
            _("{path} is not read: '{member}' in it declares XML entities, which may be an attack").format(
                path=path, member=member
            )
        )


@dataclass
class _Cuts:
    """Where the children of an element begin, as far as parsing has come."""

    body: str
    joins: Callable[[str, dict[str, str]], bool]
    depth: int = 0
    body_depth: int = 0
    inside: bool = False  # the body has begun and not ended
    starts: list[int] = field(default_factory=list)
    bound: list[bool] = field(default_factory=list)  # may not be cut off from what stands before it
    end: int = 0


def body_pieces(
    xml: bytes, body: str, path: Path, member: str, joins: Callable[[str, dict[str, str]], bool]
) -> tuple[bytes, list[bytes], bytes]:
    """What stands before, in and after the content of the element `body`, the content in pieces.

    A piece is some children of `body`, about 256 KiB. `joins` is asked of each element whether the child that
    it stands in must stay with the one before. Raises InputError when `xml` is damaged or nested too deep.
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
    longest = max(_PIECE_BYTES, 2 * starts[0])  # what stands before is repeated with each piece
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
