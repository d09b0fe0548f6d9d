"""DAISY 2.02 talking books, published and on cards, by the rules of the specification."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import pytest
from card_kit import audit, load
from fat_model import ModelCard
from lxml import etree
from publish_fixtures import Write, publication_of
from tones import BOOK, Built, Office, open_office, tree
from two_weeks import of_model

from packager.base.formats import sha256_bytes
from packager.publish.publication import Publication, PublishedChapter

HTML = "{http://www.w3.org/1999/xhtml}"
PARSER = etree.XMLParser(load_dtd=False, no_network=True)


@dataclass(frozen=True)
class Book:
    """A folder with a book, and what should be in it."""

    folder: Path
    title: str
    chapters: tuple[PublishedChapter, ...]


@pytest.fixture(params=["published", "on a card"])
def book(
    request: pytest.FixtureRequest, publication: Publication, write: Write, shared_book: tuple[Office, Built]
) -> Book:
    if request.param == "on a card":
        office, _built = shared_book
        built = office.build(profile="daisy")
        chapters = publication_of(office, built).books[-1].chapters
        return Book(built.folder / "02", publication.books[-1].title, chapters)
    return Book(write("daisy", publication) / "03", publication.books[-1].title, publication.books[-1].chapters)


def parsed(path: Path) -> etree._Element:
    return etree.fromstring(path.read_bytes(), PARSER)


def metas(root: etree._Element) -> dict[str, str]:
    return {each.get("name"): each.get("content") for each in root.iter() if each.get("name")}


def seconds(clock: str) -> int:
    hours, minutes, rest = map(int, clock.split(":"))
    return 3600 * hours + 60 * minutes + rest


def npt(value: str) -> float:
    return float(re.fullmatch(r"(?:npt=)?([0-9.]+)s", value)[1])  # type: ignore[index]


def test_the_navigation_names_every_chapter_and_counts_right(book: Book) -> None:
    chapters = book.chapters
    ncc = parsed(book.folder / "ncc.html")
    headings = list(ncc.iter(f"{HTML}h1"))
    assert headings[0].get("class") == "title"
    assert [each[0].text for each in headings] == [book.title, *(each.title for each in chapters)]
    values = metas(ncc)
    assert int(values["ncc:tocItems"]) == len(headings)
    assert int(values["ncc:files"]) == len(list(book.folder.iterdir()))
    assert seconds(values["ncc:totalTime"]) == pytest.approx(sum(each.seconds for each in chapters), abs=0.51)
    required = ("dc:title", "dc:creator", "dc:date", "dc:format", "dc:identifier", "dc:language", "dc:publisher")
    required += ("ncc:charset", "ncc:pageFront", "ncc:pageNormal", "ncc:pageSpecial", "ncc:tocItems", "ncc:totalTime")
    assert set(required) <= values.keys()
    assert values["dc:format"] == "Daisy 2.02"


def test_every_link_leads_to_its_place(book: Book) -> None:
    ids = {
        path.name: {each.get("id") for each in parsed(path).iter() if each.get("id")}
        for path in book.folder.glob("*.*l")
    }
    for path in book.folder.glob("*.*l"):
        for each in parsed(path).iter():
            for target in (each.get("href"), each.get("src")):
                if target and "." in target:
                    name, _hash, place = target.partition("#")
                    assert (book.folder / name).is_file()
                    assert not place or place in ids[name], target


def test_times_follow_each_other_and_add_up(book: Book) -> None:
    chapters = book.chapters
    smils = [parsed(path) for path in sorted(book.folder.glob("s0*.smil"))]
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
        if "ncc:totalElapsedTime" in values:  # optional
            assert seconds(values["ncc:totalElapsedTime"]) == pytest.approx(elapsed, abs=0.51)
    master = metas(parsed(book.folder / "master.smil"))
    assert seconds(master["ncc:timeInThisSmil"]) == pytest.approx(before[-1], abs=0.51)


def test_the_text_is_whole_and_the_audio_is_the_release_s(book: Book) -> None:
    pages = sorted(book.folder.glob("s0*.html"))
    for chapter, path, page in zip(book.chapters, sorted(book.folder.glob("*.mp3")), pages, strict=True):
        assert sha256_bytes(path.read_bytes()) == chapter.sha256
        content = "".join(parsed(page).find(f"{HTML}body").itertext())
        for passage in chapter.passages:
            assert passage.text in content


def test_names_are_ascii_for_old_players(book: Book) -> None:
    assert all(path.name.isascii() and len(path.stem) <= 8 for path in book.folder.iterdir())


def test_a_card_lists_its_books(shared_book: tuple[Office, Built]) -> None:
    built = shared_book[0].build(profile="daisy")
    listed = [(each.get("href"), each.text) for each in parsed(built.folder / "discinfo.html").iter(f"{HTML}a")]
    assert listed == [("01/ncc.html", "week"), ("02/ncc.html", "读本")]
    assert metas(parsed(built.folder / "02/ncc.html"))["dc:creator"] == "佚名"


def test_an_update_of_a_card_writes_only_what_changed(tmp_path: Path) -> None:
    office = open_office(tmp_path / "office")
    office.write({"book.md": BOOK + "\n## 第三章 关门\n\n天黑以前，先把门关好。\n"})
    first = office.build(profile="daisy").result.release
    card = ModelCard()
    assert len(load(card, first.manifest, first.folder).written) == len(first.manifest.files)
    assert audit(card).is_good
    office.write({"book.md": BOOK.replace("先问是谁", "先问一问是谁") + "\n## 第三章 关门\n\n天黑以前，先把门关好。\n"})
    second = office.build(profile="daisy").result.release
    result = load(card, second.manifest, second.folder)
    changed = {"02/011.mp3", "02/s00011.smil", "02/s00011.html"}
    assert changed <= set(result.written) <= changed | {"02/ncc.html", "02/master.smil"}
    assert of_model(card) == {path: data for path, data in tree(second.folder).items() if path != "manifest.json"}
    assert audit(card).is_good
    card.files["02/s00012.smil"] = b"?"
    assert [each.path for each in audit(card).findings] == ["02/s00012.smil"]
