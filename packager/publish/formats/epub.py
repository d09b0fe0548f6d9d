"""`epub`: an EPUB 3 book with Media Overlays for each book: its text as written is lit as it is read aloud.

Sources: EPUB 3.3 (W3C), EPUB Accessibility 1.1; the NCX is for readers of EPUB 2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from packager.base.html import render
from packager.publish.cover import cover_png
from packager.publish.folder import OutputFile
from packager.publish.options import Work
from packager.publish.publication import PublishedBook
from packager.publish.zip_files import Member, audio_member, bytes_member, text_member, write_zip
from packager.releases.read_along import clips_of, sentence_places

_CONTAINER = """\
<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
_STYLE = """\
body { line-height: 1.8; }
h1 { line-height: 1.4; }
.announcement { opacity: 0.85; font-size: 0.9em; }
.list { margin-left: 1em; }
.verse { margin: 0 2em; }
.-epub-media-overlay-active { background-color: #ffe28a; color: #111111; }
"""


def produce(work: Work) -> Iterator[OutputFile]:
    """A file for each book."""
    for place, book in enumerate(work.publication.books, start=1):
        yield OutputFile(f"{book.name(place)}.epub", _writer(book, work))


def _writer(book: PublishedBook, work: Work) -> Callable[[Path], None]:
    def write(place: Path) -> None:
        write_zip(place, _members(book, work))

    return write


def _members(book: PublishedBook, work: Work) -> Iterator[Member]:
    picture = work.options.cover or cover_png(work.publication.title)
    kind = "jpeg" if picture.startswith(b"\xff\xd8") else "png"
    items = [{"chapter": chapter, "id": f"c{place:04d}"} for place, chapter in enumerate(book.chapters, start=1)]
    values = {
        "book": book,
        "publication": work.publication,
        "office": work.options.office,
        "items": items,
        "cover": f"cover.{kind}",
        "cover_type": f"image/{kind}",
        "moment": _moment,
    }
    yield bytes_member("mimetype", b"application/epub+zip")
    yield text_member("META-INF/container.xml", _CONTAINER)
    for name in ("package.opf", "nav.xhtml", "toc.ncx"):
        yield text_member(f"EPUB/{name}", render(f"publish/epub/{name}", **values))
    yield text_member("EPUB/style.css", _STYLE)
    yield bytes_member(f"EPUB/cover.{kind}", picture)
    for place, chapter in enumerate(book.chapters):
        name = str(items[place]["id"])
        overlay = {
            "id": name,
            "chapter": chapter,
            "clips": clips_of(chapter.passages, chapter.seconds),
            "numbers": sentence_places(chapter.passages),
        }
        yield text_member(f"EPUB/{name}.xhtml", render("publish/epub/chapter.xhtml", **overlay))
        yield text_member(f"EPUB/{name}.smil", render("publish/epub/overlay.smil", **overlay))
        yield audio_member(f"EPUB/{chapter.ascii_name}", chapter, work.advance)


def _moment(seconds: float) -> str:
    """A SMIL clock value."""
    whole = round(seconds * 1000)
    return f"{whole // 3_600_000}:{whole // 60_000 % 60:02d}:{whole // 1000 % 60:02d}.{whole % 1000:03d}"
