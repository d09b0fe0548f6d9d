"""A page with its audio: in a folder beside the files, or as one HTML file with the audio inside.

publication + a function that renders the page for addresses of its audio -> files to be written
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.publish.folder import OutputFile, audio_file, audio_pieces, text_file
from packager.publish.options import Work
from packager.publish.publication import PublishedChapter

INDEX = "index.html"
AUDIO = "audio"

_GROUP = 3 * 1024  # bytes that base64 takes without padding
_MARK = "\x00"  # stands for audio in a single file; the text of a publication holds no such character

Address = Callable[[PublishedChapter], str]
"""Where a page finds the audio of a chapter."""


def page_in_folder(work: Work, render: Callable[[Address], str]) -> Iterator[OutputFile]:
    """`index.html`, and the audio with titles in its names."""
    yield text_file(INDEX, render(lambda chapter: quote(f"{AUDIO}/{chapter.name}")))
    for chapter in work.publication.chapters:
        yield audio_file(f"{AUDIO}/{chapter.name}", chapter, work.advance)


def page_in_one_file(work: Work, render: Callable[[Address], str]) -> OutputFile:
    """The page as one file. Raises InputError where it would be larger than a part may be."""
    publication = work.publication
    if publication.size * 4 / 3 > work.options.part_bytes:
        raise InputError(
            _(
                "'{release}' is too large for one HTML file: {found} MB of audio make more than {most} MB. Leave out "
                "--single, or raise --part-mb"
            ).format(release=publication.release, found=publication.size // 10**6, most=round(work.options.part_mb))
        )

    def write(place: Path) -> None:
        parts = render(lambda chapter: _MARK).split(_MARK)
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
