"""`archive`: zip files to send to somebody who moved away, each playable alone, and a letter to go with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from packager.base.errors import InputError
from packager.base.formats import sha256_file
from packager.base.html import render
from packager.base.i18n.language import _
from packager.publish.audio_page import INDEX
from packager.publish.cover import cover_png
from packager.publish.folder import OutputFile
from packager.publish.formats.page import COVER, page_html
from packager.publish.options import Work
from packager.publish.publication import Publication, PublishedChapter, divided
from packager.publish.zip_files import Member, audio_member, bytes_member, text_member, write_zip

LETTER = "函.html"
SUMS = "校验.sha256"

_MOST_LISTED = 10  # parts whose checksums fit on the letter's page
_CHARACTER_BYTES = 12  # of the page, for each character of text
_PAGE_BYTES = 64 * 1024  # of the page without its text, the cover, and the zip file's own entries


@dataclass(frozen=True)
class _Part:
    name: str
    chapters: tuple[PublishedChapter, ...]


def produce(work: Work) -> Iterator[OutputFile]:
    """The zip files, their checksums, and the letter.

    With `since` only tracks that the earlier release did not have. Raises InputError when there are none.
    """
    publication = work.publication
    changed = [each for each in publication.chapters if each.sha256 not in work.options.known_audio]
    if not changed:
        raise InputError(
            _("nothing has changed in '{release}' since '{other}'").format(
                release=publication.release, other=work.options.since
            )
        )
    publication = publication.only(changed)
    parts = _parts(publication, work)
    for part in parts:
        yield OutputFile(part.name, _writer(publication, part, work))
    names = [part.name for part in parts]
    yield OutputFile(SUMS, _checksums(names))
    yield OutputFile(LETTER, _letter(publication, names, work))


def _parts(publication: Publication, work: Work) -> list[_Part]:
    text = sum(len(each.text) for chapter in publication.chapters for each in chapter.passages)
    groups = divided(publication.chapters, work.options.part_bytes - _PAGE_BYTES - text * _CHARACTER_BYTES)
    name = publication.file_name + ("（更新）" if work.options.since else "")
    if len(groups) == 1:
        return [_Part(f"{name}.zip", tuple(groups[0]))]
    return [
        _Part(f"{name}（{number}，共{len(groups)}部分）.zip", tuple(group))
        for number, group in enumerate(groups, start=1)
    ]


def _writer(publication: Publication, part: _Part, work: Work) -> Callable[[Path], None]:
    def write(place: Path) -> None:
        write_zip(place, _members(publication.only(part.chapters), work))

    return write


def _members(part: Publication, work: Work) -> Iterator[Member]:
    names = {chapter.number: chapter.name for chapter in part.chapters}
    yield text_member(INDEX, page_html(part, names, work.options.office))
    yield bytes_member(COVER, work.options.cover or cover_png(part.title))
    for chapter in part.chapters:
        yield audio_member(chapter.name, chapter, work.advance)


def _checksums(names: Sequence[str]) -> Callable[[Path], None]:
    """Writes the checksums of the parts, which are beside the file, as `sha256sum -c` reads them."""

    def write(place: Path) -> None:
        lines = [f"{sha256_file(place.parent / name)}  {name}\n" for name in names]
        place.write_bytes("".join(lines).encode("utf-8"))

    return write


def _letter(publication: Publication, names: Sequence[str], work: Work) -> Callable[[Path], None]:
    def write(place: Path) -> None:
        files = [
            {"name": name, "size": (place.parent / name).stat().st_size, "sha256": sha256_file(place.parent / name)}
            for name in names
        ]
        page = render(
            "publish/letter.html",
            publication=publication,
            options=work.options,
            files=files,
            listed=len(files) <= _MOST_LISTED,
            day=publication.created[:10],
        )
        place.write_bytes(page.encode("utf-8"))

    return write
