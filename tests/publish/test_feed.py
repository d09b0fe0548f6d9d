"""The podcast feed, as programs that others wrote read it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import feedparser
import podcastparser
import pytest
from publish_fixtures import Write, publication_of
from tones import BOOK, Office

from packager.base.errors import InputError
from packager.base.formats import sha256_bytes
from packager.publish.options import PublishOptions
from packager.publish.publication import Publication

OPTIONS = PublishOptions(base_url="https://example.org/podcast")


def episodes(folder: Path) -> list[dict[str, Any]]:
    data = (folder / "feed.xml").read_bytes()
    found: list[dict[str, Any]] = podcastparser.parse("https://example.org/podcast/feed.xml", io.BytesIO(data))[
        "episodes"
    ]
    return found


def test_two_readers_find_every_episode(publication: Publication, write: Write) -> None:
    folder = write("feed", publication, OPTIONS)
    parsed = feedparser.parse((folder / "feed.xml").read_bytes())
    assert not parsed.bozo
    assert len(parsed.entries) == len(publication.chapters) == 6
    assert [entry.title for entry in parsed.entries] == [chapter.title for chapter in publication.chapters]
    assert sorted(each["guid"] for each in episodes(folder)) == sorted(each.sha256 for each in publication.chapters)
    assert parsed.feed.language == "zh-CN"


def test_each_address_is_a_file_beside_the_feed(publication: Publication, write: Write) -> None:
    folder = write("feed", publication, OPTIONS)
    parsed = feedparser.parse((folder / "feed.xml").read_bytes())
    for entry, chapter in zip(parsed.entries, publication.chapters, strict=True):
        (enclosure,) = entry.enclosures
        audio = folder / enclosure.href.removeprefix("https://example.org/podcast/")
        assert sha256_bytes(audio.read_bytes()) == chapter.sha256
        assert int(enclosure.length) == chapter.size
        for what in (entry.podcast_chapters, entry.podcast_transcript):
            assert (folder / what["url"].removeprefix("https://example.org/podcast/")).is_file()


def test_apps_show_the_tracks_in_their_order(publication: Publication, write: Write) -> None:
    newest_first = sorted(episodes(write("feed", publication, OPTIONS)), key=lambda each: -each["published"])
    assert [each["guid"] for each in newest_first] == [each.sha256 for each in publication.chapters]


def test_a_corrected_track_comes_once_more_and_no_other(office: Office, write: Write) -> None:
    def guids() -> set[str]:
        publication = publication_of(office, office.build(), with_week_notices=False)
        return {each["guid"] for each in episodes(write("feed", publication, OPTIONS))}

    before = guids()
    office.write({"book.md": BOOK.replace("先问是谁", "先问一问是谁")})
    after = guids()
    assert len(after - before) == 1
    assert len(before & after) == len(before) - 1


def test_the_transcript_has_every_sentence_as_written_at_its_time(publication: Publication, write: Write) -> None:
    folder = write("feed", publication, OPTIONS)
    chapter = next(each for each in publication.chapters if "引号" in each.title)
    (transcript,) = folder.glob(f"{chapter.number:04d}-*.vtt")
    cues = [cue.split("\n", 1) for cue in transcript.read_text("utf-8").split("\n\n")[1:]]
    heard = [each for each in chapter.sentences if each.ends > each.begins]
    assert [text.strip().replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") for _time, text in cues] == [
        each.text.strip() for each in heard
    ]
    minutes, seconds = cues[-1][0].split(" --> ")[0].split(":")[1:]
    assert 60 * int(minutes) + float(seconds) == pytest.approx(heard[-1].begins, abs=0.001)
    (chapters,) = folder.glob(f"{chapter.number:04d}-*.json")
    assert json.loads(chapters.read_bytes())["chapters"][0]["startTime"] == 0


def test_without_an_address_it_says_what_is_missing(publication: Publication, write: Write) -> None:
    with pytest.raises(InputError, match="--base-url"):
        write("feed", publication)
