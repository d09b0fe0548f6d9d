"""A source file: its bytes, read so that no device, pipe or giant file can hold the program up; its text."""

from __future__ import annotations

import codecs
import stat
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from packager.base.errors import InputError
from packager.base.file_hints import similar_file
from packager.base.i18n.language import N_, _, ngettext, reason_of
from packager.reading.archive import member_names
from packager.reading.cleaning import clean
from packager.reading.decoding import Decoded, decode
from packager.reading.nouns import Doubt, DoubtKind, ReadOptions

DAMAGED = N_("damaged character")
MAX_TEXT_BYTES = 64 * 1024 * 1024
_HEAD_BYTES = 4096
_MOST_LINES = 10  # named in a doubt
_ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")


@dataclass(frozen=True)
class SourceFile:
    """The content of a file, and how to read it. `encoding` is the one that the user forces, or None."""

    path: Path
    data: bytes
    encoding: str | None = None
    options: ReadOptions = field(default_factory=ReadOptions)

    @property
    def suffix(self) -> str:
        """The end of the file's name, as `.txt`."""
        return self.path.suffix.lower()

    @property
    def is_archive(self) -> bool:
        """Whether it is a ZIP archive, as DOCX, EPUB and ODT are."""
        return self.data[:4] in _ZIP_MARKS

    @cached_property
    def members(self) -> frozenset[str]:
        """The names in the archive, empty for other files. Raises InputError for a damaged archive."""
        return member_names(self.data, self.path) if self.is_archive else frozenset()

    @cached_property
    def head(self) -> bytes:
        """The first 4 KiB without a byte order mark; of UTF-16, its ASCII characters."""
        head = self.data[:_HEAD_BYTES]
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            head = head.replace(b"\0", b"")[2:]
        return head.removeprefix(codecs.BOM_UTF8)


def read_source(path: Path) -> bytes:
    """The content of the regular file `path`, at most `MAX_TEXT_BYTES`. Raises InputError.

    The file's kind is checked before it is opened: opening a pipe would wait for ever.
    """
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise InputError(_("{path} is a folder; name one text file in it").format(path=path))
        if not stat.S_ISREG(status.st_mode):
            raise InputError(_("{path} is not a regular file; copy the text to one").format(path=path))
        if status.st_size > MAX_TEXT_BYTES:
            raise _too_large(path)
        with path.open("rb") as stream:
            data = stream.read(MAX_TEXT_BYTES + 1)  # a size can lie: some files grow, some report 0
    except FileNotFoundError as error:
        hint = similar_file(path)
        raise InputError(_("{path} does not exist; check the name{hint}").format(path=path, hint=hint)) from error
    except (OSError, ValueError) as error:
        reason = reason_of(error)
        raise InputError(_("{path} can't be read: {reason}").format(path=path, reason=reason)) from error
    if len(data) > MAX_TEXT_BYTES:
        raise _too_large(path)
    if not data:
        raise InputError(_("{path} is empty").format(path=path))
    return data


@dataclass(frozen=True)
class CleanText:
    """A decoded and cleaned text, the removed characters by kind, its encoding, and doubts about damaged bytes."""

    text: str
    left_out: Counter[str]
    encoding: str
    doubts: tuple[Doubt, ...]


def clean_text(file: SourceFile, *, max_rows: int, max_characters: int) -> CleanText:
    """The decoded and cleaned text of `file`.

    Raises InputError when the text can't be decoded, or has more rows or characters than any book.
    """
    found = decode(file.data, file.path, file.encoding, replace_damaged=file.options.replace_damaged)
    text, left_out = clean(found.text)
    rows = text.count("\n") + 1
    if rows > max_rows or len(text) > max_characters:
        message = _(
            "{path} has {rows} lines and {characters} characters, more than a book has; split it, or save it "
            "as a .txt file"
        )
        raise InputError(message.format(path=file.path, rows=rows, characters=len(text)))
    if found.damages:
        left_out[DAMAGED] = len(found.damages)
    return CleanText(text, left_out, found.encoding, damage_doubts(found, accepted=file.options.replace_damaged))


def damage_doubts(found: Decoded, *, accepted: bool) -> tuple[Doubt, ...]:
    """A doubt about damaged bytes, grave unless they are `accepted`."""
    count = len(found.damages)
    if not count:
        return ()
    first = found.damages[0]
    lines = list(dict.fromkeys(str(damage.line) for damage in found.damages))
    message = ngettext(
        "{n} damaged place is no character in {encoding}, and is left out",
        "{n} damaged places are no characters in {encoding}, and are left out",
        count,
    ).format(n=count, encoding=found.encoding)
    if len(lines) > 1:
        listed = _(", ").join([*lines[:_MOST_LINES], *(["…"] if len(lines) > _MOST_LINES else [])])
        message = _("{message} (lines {lines})").format(message=message, lines=listed)
    if not accepted:
        advice = _("if the text is right otherwise, say --replace-damaged, or in the playlist: replace_damaged: true")
        message = _("{message}; {advice}").format(message=message, advice=advice)
    return (Doubt(DoubtKind.DAMAGED, message, grave=not accepted, line=first.line, excerpt=first.excerpt, count=count),)


def _too_large(path: Path) -> InputError:
    mib = MAX_TEXT_BYTES // 1024 // 1024
    return InputError(_("{path} is larger than {mib} MiB; is it a text? Split it if so").format(path=path, mib=mib))
