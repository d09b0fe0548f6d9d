"""`wechat`: numbered audio files and a list with the texts to paste, for articles of a WeChat official account."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from packager.base.fat_names import fitting_name
from packager.base.html import render
from packager.mastering.ffmpeg import file_argument, run_ffmpeg
from packager.publish.articles import Article, articles_of
from packager.publish.folder import OutputFile, audio_file, audio_pieces, text_file
from packager.publish.limits import load_limits
from packager.publish.options import Work

LIST = "上传清单.html"

_LONGEST_NAME = 60  # UTF-16 code units of a title in a file's name


def produce(work: Work) -> Iterator[OutputFile]:
    """The list, and the audio in the order of upload."""
    articles = articles_of(work.publication.chapters, load_limits("wechat"))
    names = {article.number: _name(article) for article in articles}
    page = render("publish/wechat.html", publication=work.publication, articles=articles, names=names)
    yield text_file(LIST, page)
    for article in articles:
        if article.is_whole:
            yield audio_file(names[article.number], article.chapter, work.advance)
        else:
            yield _piece(names[article.number], article, work)


def _name(article: Article) -> str:
    title = fitting_name(article.title, _LONGEST_NAME)
    return fitting_name(f"{article.number:03d} {title}", _LONGEST_NAME + 12) + article.chapter.suffix


def _piece(name: str, article: Article, work: Work) -> OutputFile:
    """A part of a chapter's audio. Its frames are copied, so nothing is encoded again."""

    def write(place: Path) -> None:
        for _piece in audio_pieces(article.chapter, work.advance if article.begins == 0 else lambda size: None):
            pass  # its bytes are compared with the manifest
        between = ["-ss", f"{article.begins:.3f}", "-to", f"{article.ends:.3f}"]
        exact = ["-map", "0:a", "-c", "copy", "-map_metadata", "-1", "-fflags", "+bitexact"]
        run_ffmpeg([*between, "-i", file_argument(article.chapter.file), *exact, file_argument(place)])

    return OutputFile(name, write)
