"""A file in texts/ becomes a Book."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

from packager.errors import InputError
from packager.language import _
from packager.reading.book import Book, Chapter, Reading
from packager.reading.cleaning import clean, doubtful_characters
from packager.reading.decoding import decode
from packager.reading.markdown import read_markdown
from packager.reading.outline import outline
from packager.reading.plain import read_plain
from packager.reading.source import MAX_TEXT_BYTES, read_source

__all__ = ["FORMATS", "MAX_TEXT_BYTES", "Book", "Chapter", "Reading", "read_book"]

FORMATS = {".txt": read_plain, ".md": read_markdown, ".markdown": read_markdown}
"""The file endings that can be read, and what reads them."""


def read_book(path: Path, *, encoding: str | None = None) -> Reading:
    """Read the text file `path` (TXT or Markdown) as a Book of chapters.

    `encoding` forces one; without it, see `decoding.decode`. Raises InputError when the file can't be read,
    is no text, or has nothing to say. What looks implausible is in the Reading's `warnings`; nothing is
    thrown away without being counted in `left_out`.
    """
    reader = FORMATS.get(path.suffix.lower())
    data = read_source(path)  # a folder, or nothing at all, is named as such whatever its ending
    if reader is None:
        raise InputError(
            _("{path}: '{ending}' files can't be read yet; save the text as one of {known}").format(
                path=path, ending=path.suffix or path.name, known=", ".join(FORMATS)
            )
        )
    text, found_encoding = decode(data, path, encoding)
    text, left_out = clean(text)
    front, blocks, counted, warnings = reader(text)
    left_out.update(counted)
    if not blocks:
        raise InputError(_("{path} has nothing to say: no letter, no Hanzi, no digit").format(path=path))
    chapters, outline_warnings = outline(blocks)
    if len(chapters) == 1 and not chapters[0].title:
        outline_warnings = (_("no chapters were found: the whole text is one"), *outline_warnings)
    return Reading(
        book=Book(front.title or path.stem, front.author, chapters),
        source=path,
        encoding=found_encoding,
        left_out=MappingProxyType(dict(left_out)),
        warnings=(*warnings, *outline_warnings, *doubtful_characters(text)),
    )
