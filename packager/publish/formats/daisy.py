"""`daisy`: a DAISY 2.02 talking book for each book, with its full text, for players of libraries for the blind."""

from __future__ import annotations

from collections.abc import Iterator

from packager.publish.folder import OutputFile, audio_file, text_file
from packager.publish.options import Work
from packager.publish.publication import PublishedBook
from packager.releases.talking_book import TalkingBook, TalkingSection, talking_book_files


def produce(work: Work) -> Iterator[OutputFile]:
    """A folder for each book; the folder of a single book is the channel's own."""
    books = work.publication.books
    for place, book in enumerate(books, start=1):
        yield from _book(book, f"{place:02d}/" if len(books) > 1 else "", work)


def _book(book: PublishedBook, folder: str, work: Work) -> Iterator[OutputFile]:
    names = [f"s{place:04d}" for place in range(1, len(book.chapters) + 1)]
    sections = tuple(
        TalkingSection(name, name + chapter.suffix, chapter.title, chapter.seconds, chapter.passages)
        for name, chapter in zip(names, book.chapters, strict=True)
    )
    publication = work.publication
    talking = TalkingBook(
        title=book.title,
        author=book.author,
        publisher=work.options.office or "packager",
        identity=book.identity,
        day=publication.created[:10],
        sections=sections,
    )
    for name, text in talking_book_files(talking, with_elapsed=True):
        yield text_file(folder + name, text)
    for section, chapter in zip(sections, book.chapters, strict=True):
        yield audio_file(folder + section.audio, chapter, work.advance)
