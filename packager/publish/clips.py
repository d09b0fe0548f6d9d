"""The audio of a chapter cut into clips for books that read along: one for each sentence, without gaps. Pure.

A reading system plays clip after clip. So a clip lasts until the next one begins: the pauses are heard too.
"""

from __future__ import annotations

from dataclasses import dataclass

from packager.publish.publication import PublishedChapter


@dataclass(frozen=True)
class AudioClip:
    """The time (seconds) of a sentence in its chapter; `place` counts the chapter's sentences from 0."""

    place: int
    begins: float
    ends: float


def clips_of(chapter: PublishedChapter) -> tuple[AudioClip, ...]:
    """The clips of a chapter, from 0 to its end. Where no sentence is heard, the first one has the whole audio."""
    heard = [(place, each.begins) for place, each in enumerate(chapter.sentences) if each.ends > each.begins]
    if not heard:
        heard = [(0, 0.0)]
    ends = [*(begins for _place, begins in heard[1:]), chapter.seconds]
    begins = [0.0, *(begins for _place, begins in heard[1:])]
    return tuple(
        AudioClip(place, start, end)
        for (place, _begins), start, end in zip(heard, begins, ends, strict=True)
        if round(end, 3) > round(start, 3)
    )


def sentence_places(chapter: PublishedChapter) -> list[list[int]]:
    """For each passage the places of its sentences among those of the chapter, from 0."""
    numbers = iter(range(len(chapter.sentences)))
    return [[next(numbers) for _sentence in passage.sentences] for passage in chapter.passages]
