"""EPUB: its pages in the order of the spine, without ruby readings, parsed by pandoc."""

from __future__ import annotations

import html
import posixpath
import re
from collections import Counter
from pathlib import Path
from urllib.parse import unquote

from packager.base.errors import InputError
from packager.base.i18n.language import N_, _
from packager.reading.archive import pack
from packager.reading.chapters import ParsedDocument
from packager.reading.cleaning import has_words, one_space
from packager.reading.file_types import FileType, register
from packager.reading.formats.html import text_of, without_ruby
from packager.reading.formats.office_xml import unpack_xml
from packager.reading.formats.pandoc import PandocInput, read_with_pandoc
from packager.reading.source import SourceFile
from packager.reading.structure import RUBY, count_hanzi

ASIDE = N_("page outside the reading order")

_CONTAINER = "META-INF/container.xml"
_RIGHTS = ("META-INF/rights.xml", "META-INF/sinf.xml")
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


def read_epub(file: SourceFile) -> ParsedDocument:
    """Parse an e-book. Raises InputError when it is protected, damaged or hostile."""
    _refuse_protection(any(name in file.members for name in _RIGHTS), file.path)
    members = unpack_xml(file, _WANTED)
    # Fonts are often scrambled, which does not hinder reading; any other encryption is protection.
    algorithms = _ALGORITHM.findall(members.get("META-INF/encryption.xml", b""))
    _refuse_protection(not all(algorithm.startswith(_FONTS) for algorithm in algorithms), file.path)
    pages, asides, contents = _pages(members, file.path)
    rubies = 0
    for name in pages:
        members[name], count = without_ruby(members[name])
        rubies += count
    source = PandocInput(
        "epub",
        iter([pack(members)]),
        sum(count_hanzi(text_of(members[name])) for name in pages),
        Counter({kind: n for kind, n in ((RUBY, rubies), (ASIDE, len(asides))) if n}),
        named=_titles(members, contents),
    )
    return read_with_pandoc(source, file)


def _refuse_protection(is_protected: bool, path: Path) -> None:
    if is_protected:
        raise InputError(
            _(
                "{path} is an e-book with copy protection (DRM), which can't be read: ask the publisher for "
                "a copy without protection"
            ).format(path=path)
        )


def _pages(members: dict[str, bytes], path: Path) -> tuple[list[str], list[str], list[str]]:
    """The names of the pages in reading order (spine), of pages outside it, and of contents lists."""
    container = members.get(_CONTAINER, b"").decode("utf-8", "replace")
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


register(FileType("epub", "EPUB", (".epub",), lambda file: _CONTAINER in file.members, read_epub))
