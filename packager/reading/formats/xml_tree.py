"""XML and HTML trees of untrusted documents: no entities, no network, no files, and a cap on their size and depth."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packager.base.errors import InputError
from packager.base.i18n.language import _

_MOST_TAGS = 12_000_000  # a node takes about 120 bytes; a book of a million characters has some 600,000
_TOO_DEEP = "Excessive depth"


def parse_xml(data: bytes, path: Path, member: str) -> Any:
    """The root element of `data`, the `member` of the archive `path`. Raises InputError when it is damaged."""
    from lxml import etree

    _refuse_flood(data, path, member)
    try:
        return etree.fromstring(data, _xml_parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise damaged(path, member, error) from error


def body_children(data: bytes, body: str, frequent: tuple[str, ...], path: Path, member: str) -> Iterator[Any]:
    """The children of the element `body`, one after another, each valid until the next one is asked for.

    The tree is never whole in memory: a child is dropped when its successor of the kinds in `frequent` is complete.
    Raises InputError when `data` is damaged.
    """
    from lxml import etree

    _refuse_flood(data, path, member)
    events = etree.iterparse(
        io.BytesIO(data),
        events=("end",),
        tag=frequent,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,
    )
    parent: Any = None
    try:
        for _event, element in events:
            above = element.getparent()
            if above is None or above.tag != body:
                continue
            passed = parent is above
            parent = above
            # What stands before is complete; the first of it is the child that was read last.
            waiting = list(element.itersiblings(preceding=True))[::-1]
            yield from waiting[1 if passed else 0 :]
            yield element
            element.clear()
            while element.getprevious() is not None:
                del above[0]
    except (etree.XMLSyntaxError, ValueError) as error:
        raise damaged(path, member, error) from error
    root = events.root
    if parent is None:
        parent = next(iter([root] if root.tag == body else root.iter(body)), None)
        if parent is None:
            raise damaged(path, member, _("it has no text"))
        yield from parent
    else:
        yield from list(parent)[1:]


def damaged(path: Path, member: str, reason: object) -> InputError:
    """The error about the damaged `member` of the document `path`."""
    shown = str(reason)
    if _TOO_DEEP in shown:
        shown = _("it is nested too deep")
    message = _("{path} is damaged ('{member}': {reason}); open it in its program and save it anew")
    return InputError(message.format(path=path, member=member, reason=shown))


def _xml_parser() -> Any:
    from lxml import etree

    return etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True, remove_pis=True, huge_tree=False
    )


def _refuse_flood(data: bytes, path: Path, member: str) -> None:
    if data.count(b"<") > _MOST_TAGS:
        raise InputError(
            _("{path}: '{member}' in it has more than {n} tags: is it really a text?").format(
                path=path, member=member, n=_MOST_TAGS
            )
        )
