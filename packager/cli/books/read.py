"""`packager read`: show how a book is read, before anything is synthesized."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from packager.base.file_hints import typed_path
from packager.base.i18n.language import _
from packager.cli.books._read_page import estimated_seconds, require_reading_page, write_page
from packager.cli.books._read_spoken import (
    doubt_values,
    lost_line,
    lost_passages,
    lost_values,
    number_values,
    previews,
    print_doubts,
    print_numbers,
    print_spoken,
    print_unspoken,
    spoken_values,
    unspoken,
)
from packager.cli.ui.console import minutes, note, print_json, table, warn, workspace_or_defaults
from packager.cli.ui.page_file import overwrite_option
from packager.cli.ui.text_doubts import doubt_lines, doubt_value, left_out_place
from packager.reading import Chapter, ReadBook, ReadOptions, read_book
from packager.textnorm import (
    LEXICON_FILE,
    ChapterPreview,
    DoubtfulNumber,
    Lexicon,
    ReadingReview,
    load_lexicon,
    review_numbers,
    review_readings,
)


@click.command(
    help=_(
        "Show how the book in FILE (TXT, Markdown, HTML, DOCX, DOC, ODT, RTF, EPUB, MOBI, or PDF) is read: its "
        "chapters with characters and estimated minutes, what is left out, and what looks doubtful. With "
        "--spoken or --html, also show the spoken text where it differs from the written text. No speech "
        "is synthesized."
    )
)
@click.argument("file", type=click.Path(readable=False, path_type=Path))
@click.option("--encoding", help=_("The encoding of a TXT file, if detection fails: utf-8, gb18030, big5 …"))
@click.option("--tables/--no-tables", default=True, help=_("Read tables row by row, or leave them out."))
@click.option("--notes/--no-notes", default=True, help=_("Read footnotes after their paragraph, or leave them out."))
@click.option("--replace-damaged", is_flag=True, help=_("Leave damaged bytes of a text file out."))
@click.option("--ocr", is_flag=True, help=_("Recognize the text in the pictures of a scanned PDF (extra: ocr)."))
@click.option("--spoken", is_flag=True, help=_("Print written and spoken text side by side where they differ."))
@click.option("--doubts", is_flag=True, help=_("As --spoken, with all readings and numbers to check."))
@click.option(
    "--html",
    "page",
    metavar="PAGE",
    type=click.Path(path_type=Path),
    help=_("Write a page with the whole written and spoken text, for proof-reading."),
)
@overwrite_option(pages=True)
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(
    ctx: click.Context,
    file: Path,
    *,
    encoding: str | None,
    tables: bool,
    notes: bool,
    replace_damaged: bool,
    ocr: bool,
    spoken: bool,
    doubts: bool,
    page: Path | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    file = typed_path(file)
    spoken = spoken or doubts
    workspace = workspace_or_defaults(ctx)
    pace = workspace.settings.pace
    lexicon = load_lexicon(workspace.root / LEXICON_FILE) if spoken or page else Lexicon()
    reading = read_book(file, encoding=encoding, options=ReadOptions(tables, notes, replace_damaged, ocr))
    if page is not None:
        require_reading_page(page, file, overwrite=overwrite)
    own_words = lexicon.for_book(reading.book.title)
    said = list(previews(reading.book, own_words)) if spoken or page else []
    texts = [pair.spoken for preview in said for pair in preview.pairs]
    review = ReadingReview((), ())
    numbers: tuple[DoubtfulNumber, ...] = ()
    if said:  # the review loads numpy
        review = review_readings(texts, own_words, own=[*lexicon.own_readings(reading.book.title)])
        numbers = review_numbers([pair.written for preview in said for pair in preview.pairs], own_words)
    if page is not None:
        write_page(page, reading, said, own_words, review.doubts, pace=pace)
    if as_json:
        print_json(_values(reading, pace, said if spoken else (), own_words, review, numbers=numbers))
    else:
        _print_outline(reading, pace)
        if spoken:
            print_spoken(reading.book.chapters, said, own_words)
            print_unspoken(reading.book.chapters)
            print_numbers(numbers, **({"most": None} if doubts else {}))
            print_doubts(review.doubts, **({"most": None} if doubts else {}))
    for pair, lost in () if as_json else lost_passages(said, own_words):
        warn(lost_line(pair, lost))
    lexicon_warnings = (*_lexicon_warnings(lexicon, reading.book.title), *_unmatched_warnings(review.unmatched))
    for warning in (*(() if as_json else doubt_lines(reading.doubts)), *lexicon_warnings):
        warn(warning)
    if page is not None:
        note(_("{path}: open it in a browser").format(path=page))


def _lexicon_warnings(lexicon: Lexicon, title: str) -> tuple[str, ...]:
    """A warning if the lexicon has entries for books, but none for this title."""
    strangers = lexicon.unmatched_books([title])
    if not strangers or len(strangers) < len(lexicon.books):
        return ()
    message = _("lexicon.yaml has entries for {titles}, but none for this book, “{title}”")
    return (message.format(titles=", ".join(f"《{name}》" for name in strangers), title=title),)


def _unmatched_warnings(words: Sequence[str]) -> tuple[str, ...]:
    """Entries of the lexicon whose pinyin is used nowhere in the book."""
    if not words:
        return ()
    message = _(
        "these entries of lexicon.yaml match nothing in this book: {words}; a longer word may contain part of "
        "them, so add that longer word"
    )
    return (message.format(words=", ".join(words)),)


def _print_outline(reading: ReadBook, pace: int) -> None:
    book = reading.book
    click.echo(_("Title: {title}").format(title=book.title))
    if book.author:
        click.echo(_("Author: {author}").format(author=book.author))
    click.echo(_("Format: {format}").format(format=reading.format))
    if reading.encoding:
        click.echo(_("Encoding: {encoding}").format(encoding=reading.encoding))
    rows = [
        (str(place), _indented(chapter), str(chapter.characters), minutes(estimated_seconds(chapter, pace)))
        for place, chapter in enumerate(book.chapters, start=1)
    ]
    total = minutes(sum(estimated_seconds(chapter, pace) for chapter in book.chapters))
    rows.append(("", _("total"), str(book.characters), total))
    click.echo(table(("", _("chapter"), _("characters"), _("minutes")), rows, right=(0, 2, 3)))
    for kind, count in reading.left_out.items():
        first = next((each for each in reading.left_out_texts if each.kind == kind), None)
        line = _("Left out: {count} x {kind}").format(count=count, kind=_(kind))
        click.echo(_("{message} ({where})").format(message=line, where=left_out_place(first)) if first else line)


def _indented(chapter: Chapter) -> str:
    return "  " * (chapter.level - 1) + (chapter.title or _("(before the first heading)"))


def _values(
    reading: ReadBook,
    pace: int,
    said: Sequence[ChapterPreview],
    lexicon: Lexicon,
    review: ReadingReview,
    *,
    numbers: Sequence[DoubtfulNumber],
) -> dict[str, object]:
    book = reading.book
    differences = [{"differences": spoken_values(preview, lexicon)} for preview in said]
    return {
        **{name: getattr(book, name) for name in ("title", "author", "characters")},
        "format": reading.format,
        "encoding": reading.encoding,
        "chapters": [
            {
                "place": place,
                "title": chapter.title,
                "level": chapter.level,
                "paragraphs": len(chapter.paragraphs),
                "characters": chapter.characters,
                "seconds": round(estimated_seconds(chapter, pace)),
                **(differences[place - 1] if differences else {}),
            }
            for place, chapter in enumerate(book.chapters, start=1)
        ],
        "left_out": dict(reading.left_out),
        "left_out_texts": [
            {name: value for name, value in asdict(each).items() if value} for each in reading.left_out_texts
        ],
        "doubts": [doubt_value(doubt) for doubt in reading.doubts],
        **(
            {
                "doubtful_readings": doubt_values(review.doubts),
                "doubtful_numbers": number_values(numbers),
                "not_said": dict(unspoken(book.chapters)),
                "not_found": lost_values(said, lexicon),
            }
            if said
            else {}
        ),
    }
