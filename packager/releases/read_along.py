"""The text of a track for readers: passages as written, and the clips of its audio, one for each sentence. Pure.

Used by talking books on cards and by all that is published.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from packager.releases.text_sync import SyncedPassage, SyncedSentence, TextSync, WrittenRole

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class AudioClip:
    """The time (seconds) of a sentence in its track; `place` counts the track's sentences from 0."""

    place: int
    begins: float
    ends: float


def readable_passages(record: TextSync | None, title: str, seconds: float) -> tuple[SyncedPassage, ...]:
    """The passages of a track of `seconds`, with a heading, text that XML takes, and times inside the track.

    A record of an earlier program gives the normalized text, none only the title.
    """
    passages = record.passages if record else ()
    if record and not passages:
        passages = tuple(
            SyncedPassage(WrittenRole.PARAGRAPH, (SyncedSentence(piece.text, piece.begins, piece.ends),))
            for piece in record.pieces
        )
    if not any(passage.role is WrittenRole.HEADING for passage in passages):
        passages = (SyncedPassage(WrittenRole.HEADING, (SyncedSentence(title, 0.0, 0.0),)), *passages)
    return tuple(_within(passage, seconds) for passage in passages)


def clips_of(passages: Sequence[SyncedPassage], seconds: float) -> tuple[AudioClip, ...]:
    """The clips of a track of `seconds`, from 0 to its end. Where no sentence is heard, the first has the whole audio.

    A reading system plays clip after clip. So a clip lasts until the next one begins: the pauses are heard too.
    """
    sentences = [sentence for passage in passages for sentence in passage.sentences]
    heard = [(place, each.begins) for place, each in enumerate(sentences) if each.ends > each.begins] or [(0, 0.0)]
    ends = [*(begins for _place, begins in heard[1:]), seconds]
    begins = [0.0, *(begins for _place, begins in heard[1:])]
    return tuple(
        AudioClip(place, start, end)
        for (place, _begins), start, end in zip(heard, begins, ends, strict=True)
        if round(end, 3) > round(start, 3)
    )


def sentence_places(passages: Sequence[SyncedPassage]) -> list[list[int]]:
    """For each passage the places of its sentences among those of the track, from 0."""
    numbers = iter(range(sum(len(passage.sentences) for passage in passages)))
    return [[next(numbers) for _sentence in passage.sentences] for passage in passages]


def xml_text(text: str) -> str:
    """`text` without characters that XML 1.0 forbids, in one line."""
    return " ".join(_NOT_XML.sub("", text).split())


def _within(passage: SyncedPassage, seconds: float) -> SyncedPassage:
    return replace(
        passage,
        sentences=tuple(
            SyncedSentence(_text(each.text), min(each.begins, seconds), min(each.ends, seconds))
            for each in passage.sentences
        ),
    )


def _text(text: str) -> str:
    """As `xml_text`, but with the spaces at the ends of a sentence."""
    before, after = text[:1].isspace(), text[-1:].isspace()
    return (" " if before else "") + xml_text(text) + (" " if after and text.strip() else "")
