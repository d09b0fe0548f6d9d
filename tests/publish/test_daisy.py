"""DAISY 2.02 talking books, by the rules of the specification."""

from __future__ import annotations

import re
from itertools import accumulate
from pathlib import Path

import pytest
from lxml import etree
from publish_fixtures import Write

from packager.base.formats import sha256_bytes
from packager.publish.publication import Publication

HTML = "{http://www.w3.org/1999/xhtml}"
PARSER = etree.XMLParser(load_dtd=False, no_network=True)


@pytest.fixture
def book(publication: Publication, write: Write) -> Path:
    return write("daisy", publication) / "03"


def parsed(path: Path) -> etree._Element:
    return etree.fromstring(path.read_bytes(), PARSER)


def metas(root: etree._Element) -> dict[str, str]:
    return {each.get("name"): each.get("content") for each in root.iter() if each.get("name")}


def seconds(clock: str) -> int:
    hours, minutes, rest = map(int, clock.split(":"))
    return 3600 * hours + 60 * minutes + rest


def npt(value: str) -> float:
    return float(re.fullmatch(r"(?:npt=)?([0-9.]+)s", value)[1])  # type: ignore[index]


def test_the_navigation_names_every_chapter_and_counts_right(book: Path, publication: Publication) -> None:
    chapters = publication.books[-1].chapters
    ncc = parsed(book / "ncc.html")
    headings = list(ncc.iter(f"{HTML}h1"))
    assert headings[0].get("class") == "title"
    assert [each[0].text for each in headings] == [publication.books[-1].title, *(each.title for each in chapters)]
    values = metas(ncc)
    assert int(values["ncc:tocItems"]) == len(headings)
    assert int(values["ncc:files"]) == len(list(book.iterdir()))
    assert seconds(values["ncc:totalTime"]) == pytest.approx(sum(each.seconds for each in chapters), abs=0.51)
    required = ("dc:title", "dc:creator", "dc:date", "dc:format", "dc:identifier", "dc:language", "dc:publisher")
    required += ("ncc:charset", "ncc:pageFront", "ncc:pageNormal", "ncc:pageSpecial", "ncc:tocItems", "ncc:totalTime")
    assert set(required) <= values.keys()
    assert values["dc:format"] == "Daisy 2.02"


def test_every_link_leads_to_its_place(book: Path) -> None:
    ids = {path.name: {each.get("id") for each in parsed(path).iter() if each.get("id")} for path in book.glob("*.*l")}
    for path in book.glob("*.*l"):
        for each in parsed(path).iter():
            for target in (each.get("href"), each.get("src")):
                if target and "." in target:
                    name, _hash, place = target.partition("#")
                    assert (book / name).is_file()
                    assert not place or place in ids[name], target


def test_times_follow_each_other_and_add_up(book: Path, publication: Publication) -> None:
    chapters = publication.books[-1].chapters
    smils = [parsed(path) for path in sorted(book.glob("s0*.smil"))]
    assert len(smils) == len(chapters)
    before = [0.0, *accumulate(round(each.seconds, 3) for each in chapters)]
    for smil, chapter, elapsed in zip(smils, chapters, before, strict=False):
        clips = [(npt(each.get("clip-begin")), npt(each.get("clip-end"))) for each in smil.iter("audio")]
        assert clips[0][0] == 0
        assert [begin for begin, _end in clips[1:]] == [end for _begin, end in clips[:-1]]
        assert clips[-1][1] == pytest.approx(chapter.seconds, abs=0.001)
        assert npt(smil.find("body/seq").get("dur")) == pytest.approx(clips[-1][1], abs=0.001)
        values = metas(smil)
        assert seconds(values["ncc:timeInThisSmil"]) == pytest.approx(chapter.seconds, abs=0.51)
        assert seconds(values["ncc:totalElapsedTime"]) == pytest.approx(elapsed, abs=0.51)
    master = metas(parsed(book / "master.smil"))
    assert seconds(master["ncc:timeInThisSmil"]) == pytest.approx(before[-1], abs=0.51)


def test_the_text_is_whole_and_the_audio_is_the_release_s(book: Path, publication: Publication) -> None:
    content = "".join(parsed(book / "content.html").find(f"{HTML}body").itertext())
    for chapter, path in zip(publication.books[-1].chapters, sorted(book.glob("*.mp3")), strict=True):
        assert sha256_bytes(path.read_bytes()) == chapter.sha256
        for passage in chapter.passages:
            assert passage.text in content


def test_names_are_ascii_for_old_players(book: Path) -> None:
    assert all(path.name.isascii() and len(path.stem) <= 8 for path in book.iterdir())
