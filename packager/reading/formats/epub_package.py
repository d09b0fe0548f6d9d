"""The package of an e-book: where its pages are and in which order, read as tolerantly as e-readers do.

Namespaces, media types, dates and duplicate ids are often wrong in real books; only the names of elements count.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.reading.cleaning import one_space
from packager.reading.formats.xml_tree import local_name, parse_tolerantly

_PAGE_SUFFIXES = (".xhtml", ".html", ".htm", ".xml")
_PAGE_TYPES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml", "text/x-oeb1-document")
_HIDES = re.compile(r"display\s{0,20}:\s{0,20}none", re.IGNORECASE)
_CLASS_ALONE = re.compile(r"[\w-]*\.([\w-]+)")


@dataclass(frozen=True)
class Entry:
    """A line of a book's contents: its title, the page and anchor that it leads to, and its depth from 0."""

    title: str
    page: str
    anchor: str
    depth: int


@dataclass(frozen=True)
class Package:
    """`pages` are in reading order, `asides` outside it; `nav` and `ncx` are the two kinds of contents lists."""

    title: str
    author: str
    pages: tuple[str, ...]
    asides: tuple[str, ...]
    nav: str
    ncx: str
    styles: tuple[str, ...]


def root_file(container: bytes, members: Collection[str]) -> str:
    """The name of the package file, from META-INF/container.xml, or else the only one there is. Empty: none."""
    root = parse_tolerantly(container)
    plain = _plain_names(members)
    for element in root.iter() if root is not None else ():
        if local_name(element) == "rootfile":
            name = _found(unquote(element.get("full-path") or ""), members, plain)
            if name:
                return name
    return min((name for name in members if name.lower().endswith(".opf")), key=len, default="")


def read_package(xml: bytes, name: str, members: Collection[str], path: Path) -> Package:
    """The package file `name` of the book `path`, which has the files `members`. Raises InputError: no pages."""
    root = parse_tolerantly(xml)
    elements = list(root.iter()) if root is not None else []
    folder = posixpath.dirname(name)
    plain = _plain_names(members)
    items: dict[str, tuple[str, Any]] = {}
    for element in elements:
        if local_name(element) == "item":
            href = posixpath.normpath(posixpath.join(folder, unquote(element.get("href") or "")))
            file = _found(href, members, plain)
            if file:
                items.setdefault(element.get("id") or file, (file, element))
    pages: dict[str, None] = {}
    asides: dict[str, None] = {}
    for element in elements:
        if local_name(element) == "itemref":
            file, _item = items.get(element.get("idref") or "", ("", None))
            if file:
                (asides if element.get("linear") == "no" else pages)[file] = None
    if not pages:  # no order is given: that of the list of files
        pages = {file: None for file, item in items.values() if _is_page(file, item)}
    if not pages:
        raise InputError(_("{path} is damaged (it does not say where its text is); fetch it again").format(path=path))
    nav = next((file for file, item in items.values() if "nav" in (item.get("properties") or "").split()), "")
    ncx = next((file for file, item in items.values() if file.endswith(".ncx") or "ncx" in _type(item)), "")
    others = (file for file, item in items.values() if _is_page(file, item) and file not in pages)
    return Package(
        _title(elements),
        _author(elements),
        tuple(pages),
        tuple(dict.fromkeys((*(file for file in asides if file not in pages), *others))),
        nav,
        ncx,
        tuple(file for file, item in items.values() if file.endswith(".css") or _type(item) == "text/css"),
    )


def nav_entries(tree: Any, name: str) -> list[Entry]:
    """The entries of the contents list in the page `name` (EPUB 3)."""
    lists = [element for element in tree.iter() if local_name(element) == "nav"]
    chosen = next((each for each in lists if "toc" in _types(each)), lists[0] if lists else tree)
    return list(_nav_list(chosen, name, 0))


def ncx_entries(xml: bytes, name: str) -> list[Entry]:
    """The entries of the contents list `xml` in the file `name` (EPUB 2)."""
    root = parse_tolerantly(xml)
    return list(_ncx_points(root, name, 0)) if root is not None else []


def hidden_classes(css: str) -> set[str]:
    """The classes that a style sheet hides everywhere. Rules for one kind of device (@media) are ignored."""
    found: set[str] = set()
    for rule in _without_media(_without_comments(css)).split("}"):
        selectors, _brace, declarations = rule.rpartition("{")
        if not _HIDES.search(declarations):
            continue
        for selector in selectors.rpartition("{")[2].rpartition(";")[2].split(","):
            alone = _CLASS_ALONE.fullmatch(selector.strip())
            if alone:
                found.add(alone[1])
    return found


def _without_comments(css: str) -> str:
    first, *others = css.split("/*")
    return first + "".join(each.partition("*/")[2] for each in others)


def _without_media(css: str) -> str:
    kept: list[str] = []
    at = 0
    while (start := css.find("@media", at)) >= 0:
        kept.append(css[at:start])
        at = css.find("{", start) + 1
        depth = 1
        while at and depth and at < len(css):
            depth += (css[at] == "{") - (css[at] == "}")
            at += 1
        if not at:
            return "".join(kept)
    return "".join([*kept, css[at:]])


def _nav_list(element: Any, name: str, depth: int) -> Iterator[Entry]:
    for child in element:
        kind = local_name(child)
        if kind in ("ol", "ul"):
            for item in child:
                if local_name(item) == "li":
                    yield from _nav_item(item, name, depth)
        elif kind not in ("a", "li"):
            yield from _nav_list(child, name, depth)


def _nav_item(item: Any, name: str, depth: int) -> Iterator[Entry]:
    inner = [each for each in item.iter() if local_name(each) in ("ol", "ul")]
    below = list(_nav_list(item, name, depth + 1)) if inner else []
    label = next((each for each in item.iter() if local_name(each) in ("a", "span")), None)
    if label is not None:
        title = one_space("".join(label.itertext()))
        if not title:
            title = one_space(next((each.get("alt") or "" for each in label.iter() if each.get("alt")), ""))
        if label.get("href"):
            yield Entry(title, *_target(label.get("href"), name), depth)
        elif below:  # a heading in the contents only: it begins where its first entry does
            yield Entry(title, below[0].page, below[0].anchor, depth)
    yield from below


def _ncx_points(element: Any, name: str, depth: int) -> Iterator[Entry]:
    for child in element:
        kind = local_name(child)
        if kind == "navPoint":
            label = next((each for each in child if local_name(each) == "navLabel"), None)
            content = next((each for each in child if local_name(each) == "content"), None)
            if label is not None and content is not None and content.get("src"):
                yield Entry(one_space("".join(label.itertext())), *_target(content.get("src"), name), depth)
            yield from _ncx_points(child, name, depth + 1)
        elif kind in ("ncx", "navMap"):
            yield from _ncx_points(child, name, depth)


def _target(href: str, name: str) -> tuple[str, str]:
    page, _hash, anchor = href.partition("#")
    folder = posixpath.dirname(name)
    return (posixpath.normpath(posixpath.join(folder, unquote(page))) if page else name), unquote(anchor)


def _plain_names(members: Collection[str]) -> dict[str, str]:
    """The names of `members` by the same in small letters."""
    return {name.lower(): name for name in sorted(members, reverse=True)}


def _found(name: str, members: Collection[str], plain: Mapping[str, str]) -> str:
    """The file that `name` means: its case and its slashes are often wrong. `plain`: see `_plain_names`."""
    if name in members:
        return name
    return plain.get(name.replace("\\", "/").lstrip("/").lower(), "")


def _is_page(file: str, item: Any) -> bool:
    return (_type(item) in _PAGE_TYPES or file.lower().endswith(_PAGE_SUFFIXES)) and not file.endswith(".ncx")


def _type(item: Any) -> str:
    return str(item.get("media-type") or "")


def _types(element: Any) -> set[str]:
    return {word for key, value in element.attrib.items() if key.endswith("type") for word in value.split()}


def _title(elements: list[Any]) -> str:
    return next(filter(None, (_text(each) for each in elements if local_name(each) == "title")), "")


def _author(elements: list[Any]) -> str:
    creators = [each for each in elements if local_name(each) == "creator"]
    roles = [next((value for key, value in each.attrib.items() if key.endswith("role")), "aut") for each in creators]
    names = [_text(each) for each, role in zip(creators, roles, strict=True) if role in ("aut", "")]
    return "、".join(dict.fromkeys(filter(None, names or map(_text, creators))))


def _text(element: Any) -> str:
    return one_space("".join(element.itertext()))
