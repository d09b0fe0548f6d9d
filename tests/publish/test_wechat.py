"""Articles for an official account: what is uploaded and what is pasted."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile
from lxml import html
from publish_fixtures import Write

from packager.base.formats import sha256_bytes
from packager.publish import articles as articles_module
from packager.publish.articles import articles_of
from packager.publish.formats import wechat
from packager.publish.limits import ArticleLimits, load_limits
from packager.publish.publication import Publication

SMALL = ArticleLimits(audio_minutes=0.25, audio_mb=30, title=20, digest=12, article=30)


def test_files_are_numbered_in_the_order_of_the_list(publication: Publication, write: Write) -> None:
    folder = write("wechat", publication)
    audio = sorted(path.name for path in folder.glob("*.mp3"))
    assert [name[:3] for name in audio] == [f"{number:03d}" for number in range(1, len(publication.chapters) + 1)]
    page = html.fromstring((folder / "上传清单.html").read_text("utf-8"))
    assert [heading.text.split(". ", 1)[1] for heading in page.iter("h2")] == audio
    for chapter, name in zip(publication.chapters, audio, strict=True):
        assert sha256_bytes((folder / name).read_bytes()) == chapter.sha256
    for button in page.xpath("//button"):
        assert page.get_element_by_id(button.get("data-of")).text_content()


def test_texts_keep_the_limits(publication: Publication) -> None:
    for limits in (load_limits("wechat"), SMALL):
        for article in articles_of(publication.chapters, limits):
            assert len(article.title) <= limits.title
            assert len(article.digest) <= limits.digest
            assert all(len(text) <= limits.article for text in article.texts)
            assert article.ends - article.begins <= limits.audio_minutes * 60


def test_nothing_of_a_chapter_is_lost_in_its_pieces(publication: Publication) -> None:
    for chapter in publication.chapters:
        pieces = articles_of([chapter], SMALL)
        assert [piece.begins for piece in pieces] == [0.0, *(piece.ends for piece in pieces[:-1])]
        assert pieces[-1].ends == chapter.seconds
        assert "".join("".join(piece.texts).replace("\n", "") for piece in pieces) == chapter.text.replace("\n", "")


def test_long_audio_is_cut_without_encoding(
    publication: Publication, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wechat, "load_limits", lambda channel: SMALL)
    folder = write("wechat", publication)
    pieces = articles_of(publication.chapters, SMALL)
    assert len(pieces) > len(publication.chapters)
    for piece in pieces:
        (path,) = folder.glob(f"{piece.number:03d} *.mp3")
        assert seconds(path) == pytest.approx(piece.ends - piece.begins, abs=0.12)
    assert articles_module.articles_of(publication.chapters, SMALL) == pieces


def seconds(path: Path) -> float:
    return float(soundfile.info(path).duration)
