"""DOCX: Word documents, read by Word's own structure, and Word's XML in one file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from packager.reading.chapters import ParsedDocument
from packager.reading.file_types import FileType, register
from packager.reading.formats.office_xml import document_properties, hanzi_in, refuse_entities, unpack_xml
from packager.reading.formats.word_body import BodyReader
from packager.reading.formats.word_fields import Fields
from packager.reading.formats.word_numbering import W, read_numbering
from packager.reading.formats.word_styles import read_styles
from packager.reading.formats.xml_tree import body_children, damaged, parse_xml
from packager.reading.outline import Block
from packager.reading.source import SourceFile
from packager.reading.structure import FOOTNOTE, About, Page, assemble

_MAIN = "word/document.xml"
_TRANSITIONAL = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
# The same elements in other namespaces: Strict Open XML, and the XML of Word 2003.
_ALIKE = (b"http://purl.oclc.org/ooxml/wordprocessingml/main", b"http://schemas.microsoft.com/office/word/2003/wordml")
_FALLBACK = re.compile(rb"<mc:Fallback\b(?:(?!<mc:Fallback\b).)*?</mc:Fallback>", re.DOTALL)
_PREFIX = re.compile(rb"xmlns:(\w{1,20})=[\"']" + re.escape(_TRANSITIONAL))
_PACKAGE = b"http://schemas.microsoft.com/office/2006/xmlPackage"
_HEAD = 4096  # bytes
_RELATION = re.compile(rb"<Relationship\b[^<>]*>")
_TARGET = re.compile(rb"Target\s*=\s*[\"']/?([^\"']+)")
_MAIN_RELATION = b"/relationships/officeDocument"


@dataclass(frozen=True)
class _Parts:
    """The parts of a document as XML: `main` in any case, the others empty where there are none."""

    main: bytes
    others: Mapping[str, bytes]  # by name: styles, numbering, footnotes, endnotes
    core: bytes = b""


def read_docx(file: SourceFile) -> ParsedDocument:
    """Parse a Word document. Raises InputError when it is damaged or hostile."""
    members = unpack_xml(file, (".xml", ".rels"))
    name = _main_part(members)
    if name not in members:
        raise damaged(file.path, name, "-")
    folder = name.rpartition("/")[0]
    others = {key: members.get(f"{folder}/{key}.xml", b"") for key in ("styles", "numbering", "footnotes", "endnotes")}
    return _read(_Parts(members[name], others, members.get("docProps/core.xml", b"")), file)


def read_word_xml(file: SourceFile) -> ParsedDocument:
    """Parse a Word document that is one XML file (Word 2003, or flat OPC). Raises InputError."""
    refuse_entities(file.data, file.path, file.path.name)
    if _PACKAGE not in file.data[:_HEAD]:
        return _read(_Parts(file.data, {}), file)
    parts = _flat_parts(file)
    return _read(_Parts(parts.get("document", b""), parts, parts.get("core", b"")), file)


def _flat_parts(file: SourceFile) -> dict[str, bytes]:
    """The parts of a package that is one XML file, by their names without folder and ending."""
    from lxml import etree

    root = parse_xml(file.data, file.path, file.path.name)
    parts: dict[str, bytes] = {}
    for part in root.iterchildren("{*}part"):
        name = next((value for key, value in part.attrib.items() if key.endswith("}name")), "")
        data = next((child for child in part.iterchildren("{*}xmlData") if len(child)), None)
        if data is not None:
            parts[name.rpartition("/")[2].removesuffix(".xml")] = etree.tostring(
                next(data.iterchildren("*"), data), encoding="utf-8"
            )
    return parts


def _read(parts: _Parts, file: SourceFile) -> ParsedDocument:
    main = _transitional(parts.main)
    page = Page()
    styles = read_styles(_root(parts, "styles", file))
    notes = dict(_notes(parts, file))
    marks = [main.count(b'fldCharType="' + kind + b'"') for kind in (b"begin", b"end")]
    reader = BodyReader(
        page,
        file.options,
        styles,
        read_numbering(_root(parts, "numbering", file), styles.list_styles),
        notes,
        Fields(are_paired=marks[0] == marks[1]),
    )
    for child in body_children(main, f"{W}body", (f"{W}p", f"{W}tbl", f"{W}sdt"), file.path, _MAIN):
        reader.read(child)
    reader.finish()
    for key in notes.keys() - reader.used_notes:
        text = "".join(each.text or "" for each in notes[key].iter(f"{W}t"))
        if text.strip():
            page.leave_out(FOOTNOTE, text)
    written = [_FALLBACK.sub(b"", main), *(_transitional(parts.others.get(key, b"")) for key in _NOTES)]
    metadata = _metadata(reader)
    return assemble(page, About(metadata, document_properties(parts.core)), sum(map(_hanzi, written)))


_NOTES = ("footnotes", "endnotes")


def _root(parts: _Parts, name: str, file: SourceFile) -> Any:
    xml = parts.others.get(name, b"")
    return parse_xml(_transitional(xml), file.path, f"word/{name}.xml") if xml else None


def _notes(parts: _Parts, file: SourceFile) -> Iterator[tuple[tuple[str, str], Any]]:
    for kind in _NOTES:
        root = _root(parts, kind, file)
        for note in root if root is not None else ():
            if note.get(f"{W}type", "normal") == "normal":
                yield (kind, note.get(f"{W}id", "")), note


def _metadata(reader: BodyReader) -> dict[str, str]:
    """Title and author by their styles. Several titles are headings: they are given a rank."""
    found: dict[str, str] = {"author": reader.author} if reader.author else {}
    blocks = reader.page.blocks
    if len(reader.titles) == 1 and not any(block.rank is not None for block in blocks[: reader.titles[0]]):
        found["title"] = blocks[reader.titles[0]].text
        if reader.titles[0]:  # what stands above the title is not a part of it
            blocks.insert(0, blocks.pop(reader.titles[0]))
        return found
    for place in reader.titles:
        blocks[place] = Block(blocks[place].text, 0)
    return found


def _main_part(members: Mapping[str, bytes]) -> str:
    """The name of the main part: word/document.xml, unless the package says otherwise."""
    if _MAIN in members:
        return _MAIN
    for relation in _RELATION.findall(members.get("_rels/.rels", b"")):
        target = _TARGET.search(relation)
        if _MAIN_RELATION in relation and target:
            return target[1].decode("utf-8", "replace")
    return _MAIN


def _transitional(xml: bytes) -> bytes:
    for namespace in _ALIKE:
        xml = xml.replace(namespace, _TRANSITIONAL)
    return xml


def _hanzi(xml: bytes) -> int:
    """The Hanzi in the text elements of `xml`, counted without the parser."""
    prefix = _PREFIX.search(xml)
    name = re.escape(prefix[1]) if prefix else b"w"
    return hanzi_in(b"".join(re.findall(rb"<" + name + rb":t(?:\s[^<>]*)?>([^<]*)</" + name + rb":t>", xml)))


def _matches(file: SourceFile) -> bool:
    return file.is_archive and (_MAIN in file.members or any(name.startswith("word/document") for name in file.members))


def _matches_xml(file: SourceFile) -> bool:
    head = file.data[:_HEAD]
    return _ALIKE[1] in head or (_PACKAGE in head and b"Word.Document" in head)


register(FileType("docx", "DOCX", (".docx",), _matches, read_docx))
register(FileType("wordxml", "Word XML", (), _matches_xml, read_word_xml))
