"""Detects a file's format by its content (magic bytes), not by its suffix alone: the registry of formats.

A file that can't be read is refused with advice for the volunteer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from packager.base.errors import InputError
from packager.base.i18n.language import N_, _
from packager.reading.chapters import ParsedDocument
from packager.reading.source import SourceFile

PLAIN_TEXT = "txt"
"""The id of the format that is used for text which no other format matches."""


@dataclass(frozen=True)
class FileType:
    """A format that can be read.

    `matches` recognizes a file of the format by its content. `read` parses it, and raises InputError when it
    can't. An `is_text` format has no signature that a binary file could have: it is tried after all others,
    and its encoding can be forced.
    """

    id: str  # as in JSON output
    name: str  # as in messages
    suffixes: tuple[str, ...]
    matches: Callable[[SourceFile], bool]
    read: Callable[[SourceFile], ParsedDocument]
    is_text: bool = False


_FILE_TYPES: dict[str, FileType] = {}


def register(file_type: FileType) -> None:
    """Add a format. Raises ValueError when its id or a suffix is taken."""
    if file_type.id in _FILE_TYPES or any(file_type_of(suffix) for suffix in file_type.suffixes):
        raise ValueError(f"{file_type.id} or its suffixes {file_type.suffixes} are registered already")
    _FILE_TYPES[file_type.id] = file_type


def file_type_of(suffix: str) -> FileType | None:
    """The format that a suffix as `.txt` stands for, or None."""
    return next((each for each in _FILE_TYPES.values() if suffix in each.suffixes), None)


# Plain text with these suffixes is read: the suffix is wrong, or an office program would open the file too.
_OTHER_TEXT_SUFFIXES = ("", ".doc", ".rtf", ".wps", ".asc", ".log")

_SAVE_AS_DOCX = N_("open it in a word processor and save it as DOCX, or install LibreOffice")
_SAVE_AS_TEXT = N_("save its text as a UTF-8 .txt file")
_RECOGNIZE = N_("run text recognition (OCR) on it first, and proof-read the result")
_UNPACK = N_("unpack it and name one text file from it")

_IMAGE = (N_("an image"), _RECOGNIZE)
_ARCHIVE = (N_("an archive"), _UNPACK)
_SOUND = (N_("a sound or video file"), N_("name a text file"))
_PROGRAM = (N_("a program or a database"), N_("name a text file"))
_MOBI = (N_("a Kindle e-book"), N_("convert it to EPUB, with Calibre for example"))

# Offset, signature (magic bytes), what the file is and what to do.
_SIGNATURES = (
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

_OF_ARCHIVE = (
    ("xl/workbook.xml", N_("a spreadsheet"), _SAVE_AS_TEXT),
    ("ppt/presentation.xml", N_("a presentation"), _SAVE_AS_TEXT),
    ("FixedDocSeq.fdseq", N_("an XPS document"), N_("print it to a PDF with its text")),
    ("Index/Document.iwa", N_("an Apple Pages document"), N_("export it as DOCX or EPUB")),
    ("OFD.xml", N_("an OFD document"), N_("export it as a PDF with its text, or as DOCX")),
)


def detect_file_type(file: SourceFile) -> FileType:
    """The format of `file`. Raises InputError with what the file is and what to do, if it can't be read."""
    if file.encoding and file.suffix == ".txt":
        return _FILE_TYPES[PLAIN_TEXT]
    binary = [each for each in _FILE_TYPES.values() if not each.is_text]
    for file_type in binary:
        if file_type.matches(file):
            return file_type
    _refuse_unreadable(file)
    for file_type in _FILE_TYPES.values():
        if file_type.is_text and file_type.matches(file):
            return file_type
    expected = file_type_of(file.suffix)
    if expected is None and file.suffix not in _OTHER_TEXT_SUFFIXES:
        known = ", ".join(suffix for each in _FILE_TYPES.values() for suffix in each.suffixes)
        message = _("{path}: '{ending}' files can't be read; save the text as one of {known}")
        raise InputError(message.format(path=file.path, ending=file.suffix, known=known))
    if expected in binary and _looks_binary(file.head):
        message = _("{path} is damaged: it does not begin as a {ending} file does; fetch or save it again")
        raise InputError(message.format(path=file.path, ending=file.suffix))
    return _FILE_TYPES[PLAIN_TEXT]


def _refuse_unreadable(file: SourceFile) -> None:
    if file.is_archive:
        for member, what, advice in _OF_ARCHIVE:
            if member in file.members:
                raise _refusal(file.path, _(what), _(advice))
        raise _refusal(file.path, _("an archive"), _(_UNPACK))
    if file.data.startswith(_OLE):
        raise _old_office(file.data, file.path)
    for offset, signature, (what, advice) in _SIGNATURES:
        if file.data.startswith(signature, offset):
            raise _refusal(file.path, _(what), _(advice))


def _looks_binary(head: bytes) -> bool:
    return sum(byte < 9 or 14 <= byte < 27 for byte in head) > len(head) // 100


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
