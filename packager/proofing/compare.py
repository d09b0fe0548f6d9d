"""A finished track is heard piece by piece, and what differs from what was to be said is told with its time.

The recognizer hears stretches of at most half a minute, cut in the pauses between pieces: so a loop that it
falls into, or a sentence that it skips, ends where the stretch does. Where it heard much that was not to be
said, it listens again to those pieces together and then to each alone, and the nearest hearing counts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from packager.proofing.alignment import Run, align
from packager.proofing.phonetic_tokens import Syllable, sounds_heard, sounds_of
from packager.proofing.recognizer import LONGEST_HEARING
from packager.releases.text_sync import SyncedText

# Differences close together; a recognizer's own slips are mostly shorter (benchmarks/proof.py).
DOUBTFUL_SOUNDS = 4

_LONGEST_STRETCH = 24.0  # seconds; see LONGEST_HEARING
_MARGIN_SECONDS = 0.3  # of the pauses around a stretch that are heard with it
_CONTEXT = 12  # characters shown before and after what differs

Hear = Callable[[float, float], str]
"""What is said between two times (seconds) of the track."""


_Home = tuple[int, float, float]
"""Of a sound: its piece, and when it begins and ends."""


@dataclass(frozen=True)
class HeardDifference:
    """A place where something else was heard than was to be said."""

    first_piece: int
    last_piece: int
    begins: float  # seconds in the track
    ends: float
    before: str
    expected: str
    after: str
    heard: str
    lost: int  # sounds
    added: int
    other: int

    @property
    def length(self) -> int:
        """Sounds that differ."""
        return self.lost + self.added + self.other

    @property
    def is_doubtful(self) -> bool:
        """Whether somebody should listen to it."""
        return self.length >= DOUBTFUL_SOUNDS


@dataclass(frozen=True)
class Heard:
    """What came of listening to some pieces of a track."""

    seconds: float  # listened to
    sounds: int  # that were to be heard
    first_errors: int  # sounds that differed at the first hearing
    differences: tuple[HeardDifference, ...]
    tones: tuple[HeardDifference, ...] = ()  # sounds that were heard in another tone: of the length 0

    @property
    def errors(self) -> int:
        """Sounds that differ after listening again, tones aside."""
        return _errors(self.differences)

    @property
    def errors_with_tones(self) -> int:
        """Sounds that differ after listening again, or were heard in another tone."""
        return self.errors + len(self.tones)


NOTHING = Heard(0.0, 0, 0, ())


@dataclass(frozen=True)
class _Stretch:
    """Neighbouring pieces, `first` to `last`, that are heard in one go."""

    first: int
    last: int

    def times(self, pieces: Sequence[SyncedText]) -> tuple[float, float]:
        """From when to when it is heard."""
        before = pieces[self.first - 1].ends if self.first else 0.0
        after = pieces[self.last + 1].begins if self.last + 1 < len(pieces) else float("inf")
        begins, ends = pieces[self.first].begins, pieces[self.last].ends
        return (
            round(max(begins - _MARGIN_SECONDS, (before + begins) / 2), 3),
            round(min(ends + _MARGIN_SECONDS, (ends + after) / 2), 3),
        )


def hear_pieces(pieces: Sequence[SyncedText], chosen: Collection[int], hear: Hear) -> Heard:
    """Listen to the pieces at the places `chosen`."""
    results = [_hear_twice(pieces, stretch, hear) for stretch in _stretches(pieces, chosen)]
    return Heard(
        seconds=sum(pieces[place].ends - pieces[place].begins for place in chosen),
        sounds=sum(result.sounds for result in results),
        first_errors=sum(result.first_errors for result in results),
        differences=tuple(each for result in results for each in result.differences),
        tones=tuple(each for result in results for each in result.tones),
    )


def _stretches(pieces: Sequence[SyncedText], chosen: Collection[int]) -> list[_Stretch]:
    stretches: list[_Stretch] = []
    for place in sorted(chosen):
        last = stretches[-1] if stretches else None
        joins = last is not None and last.last == place - 1
        if last and joins and pieces[place].ends - pieces[last.first].begins <= _LONGEST_STRETCH:
            stretches[-1] = _Stretch(last.first, place)
        else:
            stretches.append(_Stretch(place, place))
    return stretches


def _hear_twice(pieces: Sequence[SyncedText], stretch: _Stretch, hear: Hear) -> Heard:
    sounds, first = _differences(pieces, stretch, hear)
    differences = first
    for doubtful in [each for each in first if each.is_doubtful]:
        place = _Stretch(doubtful.first_piece, doubtful.last_piece)
        for parts in _reframed(pieces, place, stretch):
            if not any(each.is_doubtful for each in _within(differences, place)):
                break
            before = _within(differences, place)
            again = [each for part in parts for each in _within(_differences(pieces, part, hear)[1], place)]
            if _errors(again) <= _errors(before):  # as many: told of fewer pieces
                differences = [*(each for each in differences if each not in before), *again]
    differences = sorted(differences, key=lambda each: each.begins)
    begins, ends = stretch.times(pieces)
    return Heard(
        ends - begins,
        sounds,
        _errors(first),
        tuple(each for each in differences if each.length),
        tuple(each for each in differences if not each.length),
    )


def _reframed(pieces: Sequence[SyncedText], place: _Stretch, heard: _Stretch) -> Iterator[tuple[_Stretch, ...]]:
    """Other ways to listen to the pieces of `place`: together, or with their neighbours, then each alone.

    One that a recognizer trips over takes the others with it only while they are heard together.
    """
    wider = _Stretch(max(place.first - 1, 0), min(place.last + 1, len(pieces) - 1))
    if place != heard:
        yield (place,)
    elif pieces[wider.last].ends - pieces[wider.first].begins <= LONGEST_HEARING:
        yield (wider,)
    if place.first < place.last:
        yield tuple(_Stretch(alone, alone) for alone in range(place.first, place.last + 1))


def _errors(differences: Iterable[HeardDifference]) -> int:
    return sum(each.length for each in differences)


def _within(differences: Sequence[HeardDifference], place: _Stretch) -> list[HeardDifference]:
    return [each for each in differences if place.first <= each.first_piece <= place.last]


def _differences(pieces: Sequence[SyncedText], stretch: _Stretch, hear: Hear) -> tuple[int, list[HeardDifference]]:
    """How many sounds were to be heard in the stretch, and what was heard otherwise or in another tone."""
    expected: list[Syllable] = []
    homes: list[_Home] = []
    for place in range(stretch.first, stretch.last + 1):
        piece = pieces[place]
        sounds = sounds_of(piece.text, piece.readings)
        each = (piece.ends - piece.begins) / max(len(sounds), 1)
        homes += [
            (place, piece.begins + each * index, piece.begins + each * (index + 1)) for index in range(len(sounds))
        ]
        expected += sounds
    if not expected:
        return 0, []
    heard = sounds_heard(hear(*stretch.times(pieces)), expected)
    aligned = align(expected, heard)
    runs = sorted((*aligned.runs, *aligned.tones), key=lambda run: run.start)
    return len(expected), [_difference(pieces, expected, homes, run) for run in runs]


def _difference(
    pieces: Sequence[SyncedText], expected: Sequence[Syllable], homes: Sequence[_Home], run: Run
) -> HeardDifference:
    """A run with its texts and times. What was added stands between two sounds, at the second of them."""
    start = min(run.start, len(homes) - 1)
    end = max(min(run.end, len(homes)) - 1, start)
    (first, begins, _end), (last, _begin, ends) = homes[start], homes[end]
    before, said, after = _in_context(pieces, expected, homes, run)
    return HeardDifference(
        first, last, round(begins, 2), round(ends, 2), before, said, after, run.heard, run.lost, run.added, run.other
    )


def _in_context(
    pieces: Sequence[SyncedText], expected: Sequence[Syllable], homes: Sequence[_Home], run: Run
) -> tuple[str, str, str]:
    """What is written before, at and after a run of differences."""
    first, last = homes[0][0], homes[-1][0]
    text = "".join(pieces[place].text for place in range(first, last + 1))
    offsets = {first: 0}
    for place in range(first, last):
        offsets[place + 1] = offsets[place] + len(pieces[place].text)
    places = [offsets[home[0]] + sound.place for home, sound in zip(homes, expected, strict=True)]
    start = places[run.start] if run.start < len(places) else len(text)
    end = places[run.end - 1] + 1 if run.end > run.start else start
    return text[max(start - _CONTEXT, 0) : start], text[start:end], text[end : end + _CONTEXT]
