"""`packager read`: what is understood of a book, before anything is spoken."""

from __future__ import annotations

from pathlib import Path

import click

from packager.arranging import heard_characters
from packager.cli.console import minutes, note, print_json, table, workspace_or_defaults
from packager.language import _
from packager.reading import Chapter, Choice, Reading, read_book


@click.command(
    help=_(
        "Show what is understood of the book in FILE (TXT, Markdown, HTML, DOCX, ODT, EPUB, or PDF with "
        "text): its chapters, how many characters each has, about how long it will be, what is left out, and "
        "what looks doubtful. Nothing is spoken or written."
    )
)
@click.argument("file", type=click.Path(readable=False, path_type=Path))
@click.option(
    "--encoding", help=_("The encoding of a TXT file, when it is not recognized: utf-8, gb18030, big5 …")
)
@click.option("--tables/--no-tables", default=True, help=_("Read tables row by row, or leave them out."))
@click.option("--notes/--no-notes", default=True, help=_("Read footnotes after their paragraph, or not."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(
    ctx: click.Context, file: Path, *, encoding: str | None, tables: bool, notes: bool, as_json: bool
) -> None:
    reading = read_book(file, encoding=encoding, choice=Choice(tables, notes))
    pace = workspace_or_defaults(ctx).settings.pace
    if as_json:
        print_json(_values(reading, pace))
        return
    book = reading.book
    click.echo(_("Title: {title}").format(title=book.title))
    if book.author:
        click.echo(_("Author: {author}").format(author=book.author))
    click.echo(_("Format: {format}").format(format=reading.format))
    if reading.encoding:
        click.echo(_("Encoding: {encoding}").format(encoding=reading.encoding))
    rows = [
        (str(place), _indented(chapter), str(chapter.characters), minutes(_seconds(chapter, pace)))
        for place, chapter in enumerate(book.chapters, start=1)
    ]
    total = minutes(sum(_seconds(chapter, pace) for chapter in book.chapters))
    rows.append(("", _("in all"), str(book.characters), total))
    click.echo(table(("", _("chapter"), _("characters"), _("minutes")), rows, right=(0, 2, 3)))
    for kind, count in reading.left_out.items():
        click.echo(_("Left out: {count} x {kind}").format(count=count, kind=_(kind)))
    for warning in reading.warnings:
        note(_("Warning: {message}").format(message=warning))


def _indented(chapter: Chapter) -> str:
    return "  " * (chapter.level - 1) + (chapter.title or _("(before the first heading)"))


def _seconds(chapter: Chapter, pace: int) -> float:
    return sum(heard_characters(text) for text in (chapter.title, *chapter.paragraphs)) * 60 / pace


def _values(reading: Reading, pace: int) -> dict[str, object]:
    book = reading.book
    return {
        "title": book.title,
        "author": book.author,
        "format": reading.format,
        "encoding": reading.encoding,
        "characters": book.characters,
        "chapters": [
            {
                "place": place,
                "title": chapter.title,
                "level": chapter.level,
                "paragraphs": len(chapter.paragraphs),
                "characters": chapter.characters,
                "seconds": round(_seconds(chapter, pace)),
            }
            for place, chapter in enumerate(book.chapters, start=1)
        ],
        "left_out": dict(reading.left_out),
        "warnings": list(reading.warnings),
    }
