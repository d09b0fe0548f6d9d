"""Archives for members who moved away."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace

import pytest
from lxml import html
from publish_fixtures import Write, publication_of
from tones import BOOK, NEWS, Office

from packager.base.errors import InputError
from packager.base.fat_names import path_problems
from packager.base.formats import sha256_bytes, sha256_file
from packager.publish.options import PublishOptions
from packager.publish.publication import Publication


def test_each_part_plays_alone_and_keeps_its_size(publication: Publication, write: Write) -> None:
    folder = write("archive", publication, PublishOptions(part_mb=0.7))
    parts = sorted(folder.glob("*.zip"))
    assert len(parts) > 1
    found: list[str] = []
    for part in parts:
        assert part.stat().st_size <= 0.7e6
        with zipfile.ZipFile(part) as archive:
            assert archive.testzip() is None
            names = archive.namelist()
            page = html.fromstring(archive.read("index.html").decode())
            audio = [name for name in names if name.endswith(".mp3")]
            found += [sha256_bytes(archive.read(name)) for name in audio]
            assert len(page.xpath("//article//audio")) == len(audio) > 0
            assert path_problems(names) == ()
    assert found == [chapter.sha256 for chapter in publication.chapters]


def test_the_checksums_are_those_of_the_parts(publication: Publication, write: Write) -> None:
    folder = write("archive", publication)
    lines = (folder / "校验.sha256").read_text("utf-8").splitlines()
    letter = (folder / "函.html").read_text("utf-8")
    for line in lines:
        digest, name = line.split("  ", 1)
        assert sha256_file(folder / name) == digest
        assert digest in letter
    assert len(lines) == len(list(folder.glob("*.zip"))) == 1
    assert not re.search(r"https?://|src=", letter)


def test_an_archive_since_a_release_has_what_changed(office: Office, write: Write) -> None:
    first = office.build()
    known = frozenset(track.sha256 for track in first.result.release.manifest.tracks)
    office.write({"news.md": NEWS.replace("明天", "后天"), "book.md": BOOK})
    publication = publication_of(office, office.build(), with_week_notices=False)
    options = PublishOptions(since="main-0001", known_audio=known)
    folder = write("archive", publication, options)
    (part,) = folder.glob("*.zip")
    with zipfile.ZipFile(part) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".mp3"))
    assert name == "002 停水.mp3"
    everything = frozenset(chapter.sha256 for chapter in publication.chapters)
    with pytest.raises(InputError, match="nothing has changed"):
        write("archive", publication, replace(options, known_audio=everything))


def test_the_same_release_makes_the_same_bytes(publication: Publication, write: Write) -> None:
    one, other = (write("archive", publication) for _ in range(2))
    for path in one.iterdir():
        assert path.read_bytes() == (other / path.name).read_bytes()
