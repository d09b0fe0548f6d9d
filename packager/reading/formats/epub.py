"""EPUB: its pages in reading order, with the chapters of the book's own contents list."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from packager.base.errors import InputError
from packager.base.i18n.language import N_, _
from packager.reading.archive import unpack
from packager.reading.chapters import ParsedDocument
from packager.reading.cleaning import has_words
from packager.reading.file_types import FileType, register
from packager.reading.formats.epub_chapters import mark_chapters
from packager.reading.formats.epub_package import (
    Entry,
    Package,
    hidden_classes,
    nav_entries,
    ncx_entries,
    read_package,
    root_file,
)
from packager.reading.formats.html import text_of, without_ruby
from packager.reading.formats.office_xml import refuse_entities
from packager.reading.formats.xhtml_body import BookText, PageReader
from packager.reading.formats.xml_tree import parse_page, refuse_flood
from packager.reading.source import SourceFile
from packager.reading.structure import About, assemble, count_hanzi, is_default_property

ASIDE = N_("page outside the reading order")

_CONTAINER = "META-INF/container.xml"
_RIGHTS = ("META-INF/rights.xml", "META-INF/sinf.xml")
_ENCRYPTION = "META-INF/encryption.xml"
_FONTS = (b"http://www.idpf.org/2008/embedding", b"http://ns.adobe.com/pdf/enc#RC")
_ALGORITHM = re.compile(rb"<(?:\w+:)?EncryptionMethod\b[^<>]*Algorithm\s*=\s*[\"']([^\"']*)")


def read_epub(file: SourceFile) -> ParsedDocument:
    """Parse an e-book. Raises InputError when it is protected, damaged or hostile."""
    refuse_protection(any(name in file.members for name in _RIGHTS), file.path)
    about = _unpacked(file, (_CONTAINER, _ENCRYPTION, ".opf"))
    # Fonts are often scrambled, which does not hinder reading; any other encryption is protection.
    algorithms = _ALGORITHM.findall(about.get(_ENCRYPTION, b""))
    refuse_protection(not all(algorithm.startswith(_FONTS) for algorithm in algorithms), file.path)
    name = root_file(about.get(_CONTAINER, b""), file.members)
    if not name:
        raise InputError(
            _("{path} is damaged (it does not say where its text is); fetch it again").format(path=file.path)
        )
    if name not in about:
        about.update(_unpacked(file, (name,)))
    package = read_package(about[name], name, file.members, file.path)
    wanted = (*package.pages, *package.asides, package.nav, package.ncx, *package.styles)
    members = _unpacked(file, tuple(filter(None, wanted)))
    return _read(package, members, file)


def _read(package: Package, members: dict[str, bytes], file: SourceFile) -> ParsedDocument:
    names = [name for name in (*package.pages, *package.asides) if name in members]
    refuse_flood(file.path, ", ".join(names[:1]), *(members[name] for name in names))
    trees: dict[str, Any] = {name: parse_page(members[name], file.path, name) for name in names}
    trees = {name: tree for name, tree in trees.items() if tree is not None}
    styles = (members[name].decode("utf-8", "replace") for name in package.styles if name in members)
    text = BookText()
    hidden = {each for css in styles for each in hidden_classes(css)}
    reader = PageReader(text, file.options, trees, package.asides, hidden)
    pages = [name for name in package.pages if name in trees]
    for name in pages:
        if name == package.nav:
            reader.leave_out_contents(trees[name])
        else:
            reader.read(name)
    for name in package.asides:
        is_unread = name in trees and name != package.nav and name not in reader.used_asides
        if is_unread and has_words(_text(members[name])):
            text.page.leave_out(ASIDE)
    mark_chapters(text, _entries(package, members, trees), package.title)
    text.page.left_out = +text.page.left_out
    metadata = {"title": package.title, "author": package.author}
    metadata = {key: value for key, value in metadata.items() if value.isdigit() or not is_default_property(value)}
    metadata = {key: value for key, value in metadata.items() if value}
    return assemble(text.page, About(metadata), sum(count_hanzi(_text(members[name])) for name in pages))


def _entries(package: Package, members: dict[str, bytes], trees: dict[str, Any]) -> list[Entry]:
    """The longer of the two contents lists; the newer kind if they are equal."""
    found = nav_entries(trees[package.nav], package.nav) if package.nav in trees else []
    old = ncx_entries(members[package.ncx], package.ncx) if package.ncx in members else []
    return old if len(old) > len(found) else found


def _unpacked(file: SourceFile, names: tuple[str, ...]) -> dict[str, bytes]:
    members = unpack(file.data, file.path, names)
    for name, content in members.items():
        refuse_entities(content, file.path, name)
    return members


def _text(page: bytes) -> str:
    return text_of(without_ruby(page)[0])


def refuse_protection(is_protected: bool, path: Path) -> None:
    """Raise InputError when an e-book is protected."""
    if is_protected:
        raise InputError(
            _(
                "{path} is an e-book with copy protection (DRM), which can't be read: ask the publisher for "
                "a copy without protection"
            ).format(path=path)
        )


def _matches(file: SourceFile) -> bool:
    return file.is_archive and (
        _CONTAINER in file.members or any(name.lower().endswith(".opf") for name in file.members)
    )


register(FileType("epub", "EPUB", (".epub",), _matches, read_epub))
