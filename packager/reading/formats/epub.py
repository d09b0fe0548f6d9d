"""EPUB for pandoc: its text in the order of its spine, without what would be heard twice or can't be."""

from __future__ import annotations

import html
import posixpath
import re
from collections import Counter
from pathlib import Path
from urllib.parse import unquote

from packager.base.errors import InputError
from packager.base.i18n.language import N_, _
from packager.reading.archive import pack, unpack
from packager.reading.cleaning import has_words, one_space
from packager.reading.formats.html import text_of, without_ruby
from packager.reading.formats.office import RUBY, Source
from packager.reading.formats.xml import refuse_entities
from packager.reading.structure import count_hanzi

ASIDE = N_("page outside of the order of reading")

_PAGES = (".xhtml", ".html", ".htm", ".xml")
_WANTED = (*_PAGES, ".opf", ".ncx", "mimetype")
_FONTS = (b"http://www.idpf.org/2008/embedding", b"http://ns.adobe.com/pdf/enc#RC")
_ALGORITHM = re.compile(rb"<(?:\w+:)?EncryptionMethod\b[^<>]*Algorithm\s*=\s*[\"']([^\"']*)")
_ROOTFILE = re.compile(r"<rootfile\b[^<>]*full-path\s*=\s*[\"']([^\"']+)")
_ITEM = re.compile(r"<(?:opf:)?item\b[^<>]*>")
_ITEMREF = re.compile(r"<(?:opf:)?itemref\b[^<>]*>")
_ATTRIBUTE = re.compile(r"\b([\w:-]{1,40})\s*=\s*[\"']([^\"']*)[\"']")
_NCX_TITLE = re.compile(r"<navLabel\b[^<>]*>\s*<text\b[^<>]*>([^<]*)</text>")
_NAV_TITLE = re.compile(r"<a\b[^<>]*>((?:(?!<a\b).)*?)</a>", re.DOTALL)
_INNER_TAG = re.compile(r"<[^<>]*>")


def open_epub(data: bytes, path: Path) -> Source:
    """The e-book `data` for pandoc; InputError when it is protected, damaged or hostile."""
    members = unpack(data, path, _WANTED)
    _refuse_protection(members.get("META-INF/encryption.xml", b""), path)
    for name, content in members.items():
        refuse_entities(content, path, name)
    pages, asides, contents = _pages(members, path)
    rubies = 0
    for name in pages:
        members[name], count = without_ruby(members[name])
        rubies += count
    left_out = Counter({kind: n for kind, n in ((RUBY, rubies), (ASIDE, len(asides))) if n})
    return Source(
        "epub",
        iter([pack(members)]),
        sum(count_hanzi(text_of(members[name])) for name in pages),
        left_out,
        named=_titles(members, contents),
    )


def _refuse_protection(encryption: bytes, path: Path) -> None:
    """Fonts are often scrambled, which keeps nobody from the text; anything else is protection."""
    if any(not algorithm.startswith(_FONTS) for algorithm in _ALGORITHM.findall(encryption)):
        raise InputError(
            _(
                "{path} is an e-book with copy protection (DRM), which can't be read: ask the publisher for "
                "a copy without protection"
            ).format(path=path)
        )


def _pages(members: dict[str, bytes], path: Path) -> tuple[list[str], list[str], list[str]]:
    """The names of the pages in the order of reading, of those outside of it, and of contents lists."""
    container = members.get("META-INF/container.xml", b"").decode("utf-8", "replace")
    root = _ROOTFILE.search(container)
    package = members.get(unquote(root[1])) if root else None
    if root is None or package is None:
        raise InputError(_("{path} is damaged (it does not say where its text is); fetch it again").format(path=path))
    folder = posixpath.dirname(unquote(root[1]))
    text = package.decode("utf-8", "replace")
    items = {item.get("id"): item for item in map(_attributes, _ITEM.findall(text))}
    pages: list[str] = []
    asides: list[str] = []
    for reference in map(_attributes, _ITEMREF.findall(text)):
        item = items.get(reference.get("idref"), {})
        name = posixpath.normpath(posixpath.join(folder, unquote(item.get("href", ""))))
        if name in members and name not in pages:
            is_contents = "nav" in item.get("properties", "").split()
            if reference.get("linear") != "no":
                pages.append(name)
            elif not is_contents and has_words(text_of(members[name])):
                asides.append(name)
    contents = [
        posixpath.normpath(posixpath.join(folder, unquote(item.get("href", ""))))
        for item in items.values()
        if "nav" in item.get("properties", "").split() or item.get("href", "").endswith(".ncx")
    ]
    return pages, asides, contents


def _attributes(tag: str) -> dict[str, str]:
    return {key: html.unescape(value) for key, value in _ATTRIBUTE.findall(tag)}


def _titles(members: dict[str, bytes], contents: list[str]) -> tuple[str, ...]:
    titles: dict[str, None] = {}
    for name in contents:
        text = members.get(name, b"").decode("utf-8", "replace")
        pattern = _NCX_TITLE if name.endswith(".ncx") else _NAV_TITLE
        for found in pattern.findall(text):
            titles[one_space(html.unescape(_INNER_TAG.sub("", found)))] = None
    return tuple(title for title in titles if title)
