"""Reads a file in texts/ as a Book: detects its format, applies a playlist's chapter rule, reports doubts."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import packager.reading.formats  # noqa: F401 - registers the formats
from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.reading.chapter_rule import ChapterRule, apply_rule
from packager.reading.chapters import ParsedDocument
from packager.reading.cleaning import doubtful_characters
from packager.reading.file_types import PLAIN_TEXT, FileType, detect_file_type, file_type_of
from packager.reading.nouns import Book, Doubt, DoubtKind, ReadBook, ReadOptions
from packager.reading.outline import outline, outline_doubts
from packager.reading.source import SourceFile, read_source
from packager.reading.text_doubts import text_doubts
from packager.reading.title_lines import title_in_name

_ALIKE = {"html", PLAIN_TEXT}  # a page without tags is a text, and a text may have some


def read_book(
    path: Path, *, encoding: str | None = None, rule: ChapterRule | None = None, options: ReadOptions | None = None
) -> ReadBook:
    """Read the file `path` (see `formats`) as a Book of chapters.

    The content decides the format, not the file's suffix. `encoding` forces one for text files; without it,
    see `decoding.decode`. `rule` says where chapters begin, instead of detecting it; `options` say whether
    tables and footnotes are spoken. Raises InputError when the file can't be read, or has no words. The
    ReadBook's `doubts` say what looks wrong, its `left_out` counts everything that is not spoken.
    """
    file = SourceFile(path, read_source(path), encoding, options or ReadOptions())
    found = detect_file_type(file)
    if encoding and not found.is_text:
        message = _("{path} is {kind}, which declares its own encoding: leave out --encoding")
        raise InputError(message.format(path=path, kind=found.name))
    document = _parsed(found, file)
    if not document.blocks:
        raise InputError(_("{path} has nothing to say: no letter, no Hanzi, no digit").format(path=path))
    blocks, rule_doubts = apply_rule(rule, document.blocks, path) if rule else (document.blocks, ())
    made = outline(blocks)
    return ReadBook(
        book=Book(document.front.title or title_in_name(path.stem), document.front.author, made.chapters),
        source=path,
        encoding=document.encoding,
        left_out=MappingProxyType(dict(document.left_out)),
        doubts=(
            *_suffix_doubt(found, file),
            *document.doubts,
            *rule_doubts,
            *outline_doubts(blocks, made),
            *text_doubts(blocks, made, () if rule else document.proposal),
            *doubtful_characters("\n".join(block.text for block in document.blocks)),
        ),
        left_out_texts=document.left_out_texts,
        format=found.id,
    )


def _parsed(found: FileType, file: SourceFile) -> ParsedDocument:
    """The document. A file that is too large or too deep for a parser is refused as one that is damaged."""
    try:
        return found.read(file)
    except RecursionError as error:
        reason = _("it is nested too deep")
        raise _unreadable(file.path, reason) from error
    except MemoryError as error:
        raise _unreadable(file.path, _("it takes too much memory, or is damaged")) from error


def _unreadable(path: Path, reason: str) -> InputError:
    message = _("{path} can't be read: {reason}. Open it in its program, and save it anew or as plain text")
    return InputError(message.format(path=path, reason=reason))


def _suffix_doubt(found: FileType, file: SourceFile) -> tuple[Doubt, ...]:
    expected = file_type_of(file.suffix)
    if expected in (None, found) or (expected is not None and {expected.id, found.id} == _ALIKE):
        return ()
    message = _("the file's ending is '{ending}', but it is {kind} and was read as that")
    return (Doubt(DoubtKind.FORMAT, message.format(ending=file.path.suffix, kind=found.name)),)
