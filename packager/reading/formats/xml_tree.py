"""XML and HTML trees of untrusted documents: no entities, no network, no files, and a cap on their size and depth."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packager.base.errors import InputError
from packager.base.i18n.language import _

_MOST_TAGS = 3_000_000  # a node takes some 300 bytes; a book of a million characters has some 600,000
_TOO_DEEP = "Excessive depth"
_MOST_DIGITS = 9
_DECLARED = re.compile(rb"encoding\s*=\s*[\"']([\w-]{1,40})|charset\s*=\s*[\"']?([\w-]{1,40})")
_DECLARED_WITHIN = 1024
_PROLOGUE_WITHIN = 4096  # characters: the time of the pattern grows with their square
_PROLOGUE = re.compile(r"<\?xml[^<>]*\?>|<!DOCTYPE[^<>\[]*(?:\[[^\]]*\])?[^<>]*>", re.IGNORECASE)
_NAMED_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)[A-Za-z][A-Za-z0-9]{1,30};")
_CLOSED_TAG = re.compile(r"<([A-Za-z][\w:-]{0,30})((?:\s[^<>]*)?)/>")
_VOID = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"))


def parse_xml(data: bytes, path: Path, member: str) -> Any:
    """The root element of `data`, the `member` of the archive `path`. Raises InputError when it is damaged."""
    from lxml import etree

    refuse_flood(path, member, data)
    try:
        return etree.fromstring(data, _xml_parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise damaged(path, member, error) from error


def parse_tolerantly(data: bytes) -> Any:
    """The root element of `data` as far as it can be read, or None: of small files that books often have wrong."""
    from lxml import etree

    if data.count(b"<") > _MOST_TAGS:
        return None
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,
        recover=True,
    )
    try:
        return etree.fromstring(_without_prologue(data), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def parse_page(data: bytes, path: Path, member: str) -> Any:
    """The body of a page of an e-book: as XML if it is, else as HTML. None for an empty page. Raises InputError."""
    from lxml import etree

    refuse_flood(path, member, data)
    page = _without_prologue(data)
    try:
        root = etree.fromstring(page, _xml_parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        if _TOO_DEEP in str(error):
            raise damaged(path, member, error) from error
        text = _CLOSED_TAG.sub(_opened, page.decode("utf-8"))
        parser = etree.HTMLParser(
            encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False
        )
        try:
            root = etree.fromstring(text.encode("utf-8"), parser)
        except (etree.XMLSyntaxError, ValueError) as broken:
            raise damaged(path, member, broken) from broken
    if root is None:
        return None
    return next((each for each in root.iter() if local_name(each) == "body"), root)


def whole_number(text: str | None, otherwise: int) -> int:
    """`text` as a whole number of at most nine characters, or `otherwise`: documents may have any text there."""
    try:
        return int(text) if text and len(text) <= _MOST_DIGITS else otherwise
    except ValueError:
        return otherwise


def local_name(element: Any) -> str:
    """The name of `element` without its namespace, declared or not; empty for comments and entities."""
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2] if isinstance(tag, str) else ""


def body_children(data: bytes, body: str, frequent: tuple[str, ...], path: Path, member: str) -> Iterator[Any]:
    """The children of the element `body`, one after another, each valid until the next one is asked for.

    The tree is never whole in memory: a child is dropped when its successor of the kinds in `frequent` is complete.
    Raises InputError when `data` is damaged.
    """
    from lxml import etree

    refuse_flood(path, member, data)
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


def _without_prologue(data: bytes) -> bytes:
    """`data` in UTF-8, without declarations, and with the named entities of HTML as characters."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", "replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            found = _DECLARED.search(data[:_DECLARED_WITHIN])
            name = (found[1] or found[2]).decode("ascii").lower() if found else "gb18030"
            try:
                text = data.decode("gb18030" if name in ("utf-8", "utf8", "gb2312", "gbk") else name, "replace")
            except LookupError:
                text = data.decode("utf-8", "replace")
    text = _NAMED_ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    return (_PROLOGUE.sub("", text[:_PROLOGUE_WITHIN]) + text[_PROLOGUE_WITHIN:]).strip().encode("utf-8", "replace")


def _opened(tag: re.Match[str]) -> str:
    """A tag as `<p/>`, which HTML takes for one that is not closed."""
    return tag[0] if tag[1].lower() in _VOID else f"<{tag[1]}{tag[2]}></{tag[1]}>"


def _xml_parser() -> Any:
    from lxml import etree

    return etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True, remove_pis=True, huge_tree=False
    )


def refuse_flood(path: Path, member: str, *data: bytes) -> None:
    """Raise InputError when `data`, the `member` of `path` or several parts of it, has more tags than any book."""
    if sum(each.count(b"<") for each in data) > _MOST_TAGS:
        raise InputError(
            _("{path}: '{member}' in it has more than {n} tags: is it really a text?").format(
                path=path, member=member, n=_MOST_TAGS
            )
        )
