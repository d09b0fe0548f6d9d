"""The text of a track as it is written, and when each sentence of it is heard. Pure.

script + chunks -> plan_passages: which sentences stand in which chunks
each clip of a chunk that holds several sentences -> the pauses between them (`mastering.sentence_pauses`)
plan + times of the chunks in the track + pauses -> synced_passages
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from packager.arranging.tracklist import Passage, Role
from packager.mastering.speech_rate import TrackClock
from packager.mastering.task import Pauses
from packager.reading.nouns import TITLE_JOINT
from packager.releases.text_sync import SyncedPassage, SyncedSentence, WrittenRole
from packager.textnorm import Break, Chunk, spoken_characters
from packager.textnorm.sentence_pairs import SentencePair, pair_sentences

_LIST_ITEM = re.compile(r"[（(]?(?:[0-9]{1,3}|[一二三四五六七八九十]{1,4})[)）.．、](?![0-9])|[①-⑳•·●○◆■▪‣*-]\s*\S")
_LONGEST_ITEM = 400  # characters; a longer paragraph with a number is prose
_LONGEST_VERSE = 24  # characters of a line
_VERSE_LINES = 3  # consecutive short lines that are verse
_UNSEEN = {"Cf", "Cs"}


@dataclass(frozen=True)
class PlannedPassage:
    """A passage with its role and its sentences, and the chunks that speak it (from, to; equal for none)."""

    role: WrittenRole
    sentences: tuple[SentencePair, ...]
    first: int
    after: int


@dataclass(frozen=True)
class TrackPassages:
    """The passages of a track, and where its chunks are cut into sentences."""

    chunks: tuple[Chunk, ...]
    passages: tuple[PlannedPassage, ...]
    cuts: Mapping[int, tuple[int, ...]]  # by the chunk's place: places in its text where a sentence begins

    def sentences(self) -> dict[int, tuple[int, ...]]:
        """The characters that are heard of each sentence in the chunks that have cuts, by the chunk's place."""
        return {place: self._sentences_of(place) for place in self.cuts}

    def _sentences_of(self, place: int) -> tuple[int, ...]:
        text = self.chunks[place].text
        edges = [0, *self.cuts[place], len(text)]
        return tuple(spoken_characters(text[start:end]) for start, end in pairwise(edges))


def plan_passages(
    script: Sequence[Passage], chunks: Sequence[Chunk], title: str, normalize: Callable[[str], str]
) -> TrackPassages:
    """The passages of a track. `title` is the track's title, as written.

    `normalize` is called only where a passage may have nothing to say.
    """
    groups = _groups(chunks)
    heard: Sequence[bool] = [True] * len(script)
    if len(groups) != len(script):
        heard = [bool(normalize(passage.text)) for passage in script]
    passages: list[PlannedPassage] = []
    cuts: dict[int, tuple[int, ...]] = {}
    place = 0
    remaining = iter(groups)
    for (role, written), is_title, is_heard in zip(
        written_passages(script, title), (passage.is_title for passage in script), heard, strict=True
    ):
        after = next(remaining, place) if is_heard else place
        texts = [chunk.text for chunk in chunks[place:after]]
        spoken = "".join(texts)
        sentences = (SentencePair(written, 0, len(spoken)),) if is_title else pair_sentences(written, spoken)
        passages.append(PlannedPassage(role, sentences, place, after))
        begins = {pair.start for pair in sentences}
        starts = [0, *accumulate(map(len, texts))]
        for number, (start, end) in enumerate(pairwise(starts), start=place):
            inside = tuple(sorted(at - start for at in begins if start < at < end))
            if inside:
                cuts[number] = inside
        place = after
    return TrackPassages(tuple(chunks), tuple(passages), cuts)


def written_passages(script: Sequence[Passage], title: str) -> tuple[tuple[WrittenRole, str], ...]:
    """Each passage as written, with its role; the title is the track's title, not its announcement."""
    title = title.replace(TITLE_JOINT, " ")
    return tuple(
        (role, _shown(title if passage.is_title else passage.text))
        for role, passage in zip(_roles(script), script, strict=True)
    )


def synced_passages(planned: TrackPassages, clock: TrackClock, pauses: Pauses) -> tuple[SyncedPassage, ...]:
    """The passages with the times of their sentences in the finished track, whose clock is `clock`."""
    sentences = _Sentences(planned, clock, pauses)
    return tuple(
        SyncedPassage(each.role, tuple(sentences.synced(pair, each) for pair in each.sentences))
        for each in planned.passages
    )


@dataclass(frozen=True)
class _Sentences:
    """Says when the sentences of a track are heard; fields as in `synced_passages`."""

    planned: TrackPassages
    clock: TrackClock
    pauses: Pauses

    def synced(self, pair: SentencePair, passage: PlannedPassage) -> SyncedSentence:
        """The sentence with its times."""
        times = self.clock.times
        if passage.first == passage.after or pair.start == pair.end:  # nothing of it is heard
            at = times[min(passage.first, len(times) - 1)][0] if times else 0.0
            return SyncedSentence(pair.written, at, at)
        start, begins, ends = 0, 0.0, 0.0
        for place in range(passage.first, passage.after):
            end = start + len(self.planned.chunks[place].text)
            edges = dict(zip(self.planned.cuts.get(place, ()), self.pauses.get(place, ()), strict=True))
            if start <= pair.start < end:
                begins = self.clock.at(place, edges[pair.start - start][1]) if pair.start > start else times[place][0]
            if start < pair.end <= end:
                ends = self.clock.at(place, edges[pair.end - start][0]) if pair.end < end else times[place][1]
            start = end
        return SyncedSentence(pair.written, round(begins, 3), round(max(begins, ends), 3))


def _groups(chunks: Sequence[Chunk]) -> list[int]:
    """Where the chunks of each passage end: only the last chunk of a passage ends a paragraph or a heading."""
    return [place for place, chunk in enumerate(chunks, start=1) if chunk.ends in (Break.PARAGRAPH, Break.HEADING)]


def _roles(script: Sequence[Passage]) -> list[WrittenRole]:
    roles = [_role(passage) for passage in script]
    run: list[int] = []
    for place in range(len(script) + 1):
        if place < len(script) and _may_be_verse(script[place], roles[place]):
            run.append(place)
            continue
        if len(run) >= _VERSE_LINES and _is_verse([script[each].text for each in run]):
            for each in run:
                roles[each] = WrittenRole.VERSE
        run = []
    return roles


def _role(passage: Passage) -> WrittenRole:
    if passage.is_title or passage.role is Role.HEADING:
        return WrittenRole.HEADING
    if not passage.role.is_body:
        return WrittenRole.ANNOUNCEMENT
    is_item = len(passage.text) <= _LONGEST_ITEM and _LIST_ITEM.match(passage.text)
    return WrittenRole.LIST if is_item else WrittenRole.PARAGRAPH


def _may_be_verse(passage: Passage, role: WrittenRole) -> bool:
    return role is WrittenRole.PARAGRAPH and len(passage.text) <= _LONGEST_VERSE


def _is_verse(lines: Sequence[str]) -> bool:
    """Whether short lines are verse: most have the same number of characters in each clause, or end in no full stop."""
    lengths = [tuple(map(len, re.findall(r"\w+", line))) for line in lines]
    most = max(map(lengths.count, lengths))
    return most * 2 > len(lines) and not any("“" in line or "：" in line for line in lines)


def _shown(text: str) -> str:
    """The text in one line, without what can't be seen."""
    kept = (character for character in text if unicodedata.category(character) not in _UNSEEN)
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", "".join(kept))
