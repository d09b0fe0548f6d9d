"""Chapters become articles with audio: cut at sentence ends where a limit asks for it. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from packager.publish.limits import ArticleLimits
from packager.publish.publication import PublishedChapter
from packager.releases.text_sync import SyncedPassage, WrittenRole

_SAFETY = 0.95  # of a limit: a cut is made at a sentence end near the wanted place


@dataclass(frozen=True)
class Article:
    """A file to upload, and the texts to paste. The audio is the chapter's from `begins` to `ends` (seconds)."""

    number: int  # the order of upload, from 1
    title: str
    digest: str
    texts: tuple[str, ...]  # of the article; several where it is too long for one
    chapter: PublishedChapter
    begins: float
    ends: float

    @property
    def is_whole(self) -> bool:
        """Whether the audio is all of the chapter's."""
        return self.begins == 0.0 and self.ends == self.chapter.seconds


def articles_of(chapters: Sequence[PublishedChapter], limits: ArticleLimits) -> tuple[Article, ...]:
    """The articles in the order of upload."""
    articles: list[Article] = []
    for chapter in chapters:
        pieces = list(_pieces(chapter, limits))
        for place, (begins, ends) in enumerate(pieces, start=1):
            number = f"（{place}）" if len(pieces) > 1 else ""
            text = _text(chapter, begins, ends)
            articles.append(
                Article(
                    len(articles) + 1,
                    _shortened(chapter.title, limits.title - len(number)) + number,
                    _shortened(" ".join(text.split()), limits.digest),
                    tuple(_divided(text, limits.article)),
                    chapter,
                    begins,
                    ends,
                )
            )
    return tuple(articles)


def _pieces(chapter: PublishedChapter, limits: ArticleLimits) -> Iterator[tuple[float, float]]:
    """Where the audio is cut: at the sentence ends nearest to equal parts."""
    most = max(chapter.seconds / (limits.audio_minutes * 60), chapter.size / (limits.audio_mb * 1e6))
    if most <= 1:
        yield 0.0, chapter.seconds
        return
    count = math.ceil(most / _SAFETY)
    begins = [each.begins for each in chapter.sentences if each.ends > each.begins]
    start = 0.0
    for part in range(1, count):
        wanted = chapter.seconds * part / count
        near = min(begins, key=lambda each: abs(each - wanted), default=wanted)
        cut = near if abs(near - wanted) < chapter.seconds / count * (1 - _SAFETY) else wanted
        yield start, cut
        start = cut
    yield start, chapter.seconds


def _text(chapter: PublishedChapter, begins: float, ends: float) -> str:
    """The text that is heard between two times, a line for each paragraph."""
    is_last = ends >= chapter.seconds
    lines: list[str] = []
    for passage in chapter.passages:
        if passage.role in (WrittenRole.ANNOUNCEMENT, WrittenRole.HEADING):
            continue
        lines.append(_heard(passage, begins, math.inf if is_last else ends))
    return "\n".join(line for line in lines if line)


def _heard(passage: SyncedPassage, begins: float, ends: float) -> str:
    return "".join(each.text for each in passage.sentences if begins <= each.begins < ends).strip()


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _divided(text: str, most: int) -> Iterator[str]:
    """`text` in parts of at most `most` characters, cut at line ends where there are any."""
    while len(text) > most:
        cut = text.rfind("\n", 0, most) + 1 or text.rfind("。", 0, most) + 1 or most
        yield text[:cut].rstrip("\n")
        text = text[cut:]
    yield text
