"""What a file is, by its content and not only by its ending; and what to do with one that can't be read."""

from __future__ import annotations

import codecs
import re
from enum import Enum
from pathlib import Path

from packager.base.errors import InputError
from packager.base.i18n.language import N_, _
from packager.reading.archive import member_names


class FileType(str, Enum):
    """A kind of file that is read."""

    TEXT = "txt"
    MARKDOWN = "markdown"
    HTML = "html"
    DOCX = "docx"
    EPUB = "epub"
    ODT = "odt"
    PDF = "pdf"


ENDINGS = {
    ".txt": FileType.TEXT,
    ".text": FileType.TEXT,
    ".md": FileType.MARKDOWN,
    ".markdown": FileType.MARKDOWN,
    ".html": FileType.HTML,
    ".htm": FileType.HTML,
    ".xhtml": FileType.HTML,
    ".docx": FileType.DOCX,
    ".epub": FileType.EPUB,
    ".odt": FileType.ODT,
    ".pdf": FileType.PDF,
}
"""The file endings that can be read, and what they should be."""

# Plain text under these endings is read as text: the ending is wrong, or an office program would open it too.
_OTHER_TEXT_ENDINGS = ("", ".doc", ".rtf", ".wps", ".asc", ".log")

_SAVE_AS_DOCX = N_("open it in a word processor and save it as DOCX")
_SAVE_AS_TEXT = N_("save its text as a UTF-8 .txt file")
_RECOGNIZE = N_("run text recognition (OCR) on it first, and proof-read the result")
_UNPACK = N_("unpack it and name one text file from it")
_NO_DRM = N_("ask the publisher for a copy without protection")

_IMAGE = (N_("an image"), _RECOGNIZE)
_ARCHIVE = (N_("an archive"), _UNPACK)
_SOUND = (N_("a sound or video file"), N_("name a text file"))
_PROGRAM = (N_("a program or a database"), N_("name a text file"))
_MOBI = (N_("a Kindle e-book"), N_("convert it to EPUB, with Calibre for example"))

# Offset, first bytes, what it is and what to do.
_SIGNATURES = (
    (0, b"{\\rtf", (N_("a rich text file (RTF)"), _SAVE_AS_DOCX)),
    (0, b"\x89PNG", _IMAGE),
    (0, b"\xff\xd8\xff", _IMAGE),
    (0, b"GIF8", _IMAGE),
    (0, b"II*\x00", _IMAGE),
    (0, b"MM\x00*", _IMAGE),
    (8, b"WEBP", _IMAGE),
    (4, b"ftyphei", _IMAGE),
    (4, b"ftypmif1", _IMAGE),
    (0, b"AT&TFORM", (N_("a DjVu scan"), _RECOGNIZE)),
    (0, b"7z\xbc\xaf\x27\x1c", _ARCHIVE),
    (0, b"Rar!\x1a\x07", _ARCHIVE),
    (0, b"\x1f\x8b", _ARCHIVE),
    (0, b"BZh", _ARCHIVE),
    (0, b"\xfd7zXZ\x00", _ARCHIVE),
    (0, b"\x28\xb5\x2f\xfd", _ARCHIVE),
    (257, b"ustar", _ARCHIVE),
    (60, b"BOOKMOBI", _MOBI),
    (0, b"\xeaDRMION", _MOBI),
    (0, b"CONT\x02\x00", _MOBI),
    (0, b"ITSF\x03", (N_("a Windows help file (CHM)"), N_("convert it to EPUB or HTML"))),
    (0, b"CAJ", (N_("a CAJ document"), N_("print it to a PDF with its text"))),
    (0, b"%!PS", (N_("a PostScript file"), N_("convert it to PDF"))),
    (0, b"ID3", _SOUND),
    (0, b"\xff\xfb", _SOUND),
    (0, b"OggS", _SOUND),
    (0, b"fLaC", _SOUND),
    (8, b"WAVE", _SOUND),
    (4, b"ftyp", _SOUND),
    (0, b"MZ\x90", _PROGRAM),
    (0, b"\x7fELF", _PROGRAM),
    (0, b"SQLite format 3", _PROGRAM),
    (0, b"MIME-Version:", (N_("a saved web page in one file (MHT)"), N_("save it as HTML instead"))),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PDF_MARK_WITHIN = 1024
_HTML_START = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.DOTALL | re.IGNORECASE,
)
_HTML_TAG = re.compile(rb"<(?:p|div|br|h[1-6]|span|table|ul|ol|a|meta|title)\b[^<>]*>", re.IGNORECASE)
_JUDGED_BYTES = 4096

_OF_ARCHIVE = (
    ("xl/workbook.xml", N_("a spreadsheet"), _SAVE_AS_TEXT),
    ("ppt/presentation.xml", N_("a presentation"), _SAVE_AS_TEXT),
    ("FixedDocSeq.fdseq", N_("an XPS document"), N_("print it to a PDF with its text")),
    ("Index/Document.iwa", N_("an Apple Pages document"), N_("export it as DOCX or EPUB")),
    ("OFD.xml", N_("an OFD document"), N_("export it as a PDF with its text, or as DOCX")),
)


def detect_file_type(data: bytes, path: Path) -> FileType:
    """What `data`, the content of the file `path`, is.

    Raises InputError that says what it is and what to do, for what can't be read.
    """
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"):
        return _archive_kind(data, path)
    if b"%PDF-" in data[:_PDF_MARK_WITHIN]:
        return FileType.PDF
    if data.startswith(_OLE):
        raise _old_office(data, path)
    for offset, signature, (what, advice) in _SIGNATURES:
        if data.startswith(signature, offset):
            raise _refusal(path, _(what), _(advice))
    return _text_kind(data, path)


def _text_kind(data: bytes, path: Path) -> FileType:
    ending = path.suffix.lower()
    head = data[:_JUDGED_BYTES]
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        head = head.replace(b"\0", b"")[2:]  # enough to see tags by
    head = head.removeprefix(codecs.BOM_UTF8)
    expected = ENDINGS.get(ending)
    if _HTML_START.match(head) and expected is not FileType.MARKDOWN:
        return FileType.HTML
    if expected is FileType.HTML and _HTML_TAG.search(head):
        return FileType.HTML
    if expected is FileType.MARKDOWN:
        return FileType.MARKDOWN
    if expected is not None or ending in _OTHER_TEXT_ENDINGS:
        if expected not in (None, FileType.TEXT, FileType.HTML) and _looks_binary(head):
            message = _("{path} is damaged: it does not begin as a {ending} file does; fetch or save it again")
            raise InputError(message.format(path=path, ending=ending))
        return FileType.TEXT
    raise InputError(
        _("{path}: '{ending}' files can't be read; save the text as one of {known}").format(
            path=path, ending=ending, known=", ".join(ENDINGS)
        )
    )


def _looks_binary(head: bytes) -> bool:
    return sum(byte < 9 or 14 <= byte < 27 for byte in head) > len(head) // 100


def _archive_kind(data: bytes, path: Path) -> FileType:
    names = member_names(data, path)
    if "META-INF/container.xml" in names:
        if {"META-INF/rights.xml", "META-INF/sinf.xml"} & names:
            raise _refusal(path, _("an e-book with copy protection (DRM)"), _(_NO_DRM))
        return FileType.EPUB
    if "word/document.xml" in names:
        return FileType.DOCX
    for member, what, advice in _OF_ARCHIVE:
        if member in names:
            raise _refusal(path, _(what), _(advice))
    if {"content.xml", "META-INF/manifest.xml"} <= names:
        return FileType.ODT
    raise _refusal(path, _("an archive"), _(_UNPACK))


def _old_office(data: bytes, path: Path) -> InputError:
    def holds(name: str) -> bool:
        return name.encode("utf-16-le") in data

    if holds("EncryptedPackage"):
        advice = _("open it with its password and save it without one")
        return _refusal(path, _("an office document locked with a password"), advice)
    if holds("WordDocument"):
        return _refusal(path, _("an old Word document (DOC)"), _(_SAVE_AS_DOCX))
    return _refusal(path, _("an old office document"), _(_SAVE_AS_DOCX))


def _refusal(path: Path, what: str, advice: str) -> InputError:
    return InputError(_("{path} is {what}, which can't be read: {advice}").format(path=path, what=what, advice=advice))
