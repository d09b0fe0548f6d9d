"""`page`: one folder that plays in a browser, from a file or a web host, with the text lit as it is read."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from packager.base.errors import InputError
from packager.base.html import render
from packager.base.i18n.language import _
from packager.publish.cover import cover_png
from packager.publish.folder import OutputFile, audio_file, audio_pieces, bytes_file, text_file
from packager.publish.options import Work
from packager.publish.publication import Publication, PublishedChapter

INDEX = "index.html"
AUDIO = "audio"
COVER = "cover.png"

_GROUP = 3 * 1024  # bytes that base64 takes without padding
_MARK = "\x00"  # stands for audio in a single file; the text of a publication holds no such character


def produce(work: Work) -> Iterator[OutputFile]:
    """`index.html`, `cover.png` and the audio with titles in its names; with `single` one HTML file."""
    picture = work.options.cover or cover_png(work.publication.title)
    if work.options.single:
        yield _single(work, picture)
        return
    html = page_html(
        work.publication,
        {each.number: f"{AUDIO}/{each.name}" for each in work.publication.chapters},
        work.options.office,
    )
    yield text_file(INDEX, html)
    yield bytes_file(COVER, picture)
    for chapter in work.publication.chapters:
        yield audio_file(f"{AUDIO}/{chapter.name}", chapter, work.advance)


def page_html(publication: Publication, paths: dict[int, str], office: str, *, cover: str = COVER) -> str:
    """The page of a publication whose audio files, by number, have these paths beside it."""
    return _rendered(publication, lambda chapter: quote(paths[chapter.number]), office, cover)


def _rendered(publication: Publication, address: object, office: str, cover: str) -> str:
    return render(
        "publish/page.html",
        title=publication.title,
        key=f"{publication.series}/{publication.profile}/{publication.playlist}",
        office=office,
        cover=cover,
        books=publication.books,
        chapters=publication.chapters,
        seconds=publication.seconds,
        places={chapter.number: place for place, chapter in enumerate(publication.chapters, start=1)},
        address=address,
        clock=_clock,
    )


def _single(work: Work, picture: bytes) -> OutputFile:
    publication = work.publication
    if publication.size * 4 / 3 > work.options.part_bytes:
        raise InputError(
            _(
                "'{release}' is too large for one HTML file: {found} MB of audio make more than {most} MB. Leave out "
                "--single, or raise --part-mb"
            ).format(release=publication.release, found=publication.size // 10**6, most=round(work.options.part_mb))
        )
    kind = "jpeg" if picture.startswith(b"\xff\xd8") else "png"
    cover = f"data:image/{kind};base64,{base64.b64encode(picture).decode()}"

    def write(place: Path) -> None:
        marked = _rendered(publication, lambda chapter: _MARK, work.options.office, cover)
        parts = marked.split(_MARK)
        with place.open("xb") as stream:
            stream.write(parts[0].encode())
            for chapter, part in zip(publication.chapters, parts[1:], strict=True):
                stream.write(f"data:{chapter.media_type};base64,".encode())
                for piece in _base64(chapter, work):
                    stream.write(piece)
                stream.write(part.encode())

    return OutputFile(f"{publication.file_name}.html", write)


def _base64(chapter: PublishedChapter, work: Work) -> Iterator[bytes]:
    left = b""
    for piece in audio_pieces(chapter, work.advance):
        left += piece
        whole = len(left) - len(left) % _GROUP
        yield base64.b64encode(left[:whole])
        left = left[whole:]
    yield base64.b64encode(left)


def _clock(seconds: float) -> str:
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} 小时 {minutes} 分钟" if hours else f"{max(minutes, 1)} 分钟"
