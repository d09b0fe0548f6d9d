"""Speech rate: how far to stretch a track's speech and pauses so that its body has the wanted pace. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from packager.textnorm.chunk import Break, Chunk

PACES = (160, 190, 220)  # the presets: slow, usual, brisk; spoken characters a minute
PAUSE_SECONDS: Mapping[Break, float] = MappingProxyType(
    {Break.CLAUSE: 0.3, Break.SENTENCE: 0.6, Break.PARAGRAPH: 1.2, Break.HEADING: 2.0}
)
# When the stretch is at its limit, pauses change between these bounds.
SHORTEST_PAUSES: Mapping[Break, float] = MappingProxyType(
    {Break.CLAUSE: 0.15, Break.SENTENCE: 0.3, Break.PARAGRAPH: 0.6, Break.HEADING: 1.0}
)
LONGEST_PAUSES: Mapping[Break, float] = MappingProxyType(
    {Break.CLAUSE: 0.9, Break.SENTENCE: 1.8, Break.PARAGRAPH: 3.0, Break.HEADING: 3.5}
)
HEAD_SECONDS = 0.7  # of silence before the first word
TAIL_SECONDS = 1.5  # of silence after the last word, in place of that chunk's pause
SLOWEST_TEMPO = 0.6  # below this the stretch is audible
SLOWER = 0.9  # of the usual pace at most, in a slower variant
SLOWER_TEMPO = 0.96  # of the usual tempo, where pauses can do the rest: this costs 0.03 to 0.09 DistillMOS
# Seconds added to each pause that the voice makes at a mark inside a clip, which lasts 0.13 to 0.21 s: shortest, usual,
# longest.
BREATH_SECONDS = (0.0, 0.15, 0.4)
LONGER_AROUND = 1.2  # times the usual pauses outside the body, in a slower variant
FASTEST_TEMPO = 1.0  # speech is slowed down for these listeners, never sped up

# Where each piece of a finished track begins and ends, in seconds.
Times = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Piece:
    """The timing of one spoken chunk."""

    seconds: float  # of speech, before the stretch
    ends: Break
    spoken: int  # characters heard
    is_body: bool
    breaths: tuple[float, ...] = ()  # where it pauses inside, in seconds before the stretch

    @classmethod
    def of(cls, chunk: Chunk, seconds: float, breaths: tuple[float, ...] = ()) -> Piece:
        """The piece of `chunk`, whose clip lasts `seconds` and pauses inside at `breaths`."""
        return cls(seconds, chunk.ends, chunk.spoken, chunk.role.is_body, breaths)

    def pause(self, pause_scale: float = 0.0) -> float:
        """Seconds of silence after the piece in the finished track."""
        return pause_of(self.ends, pause_scale)


@dataclass(frozen=True)
class SpeechTiming:
    """How a track's speech is stretched, and the resulting pace of its body."""

    tempo: float  # speech lasts 1 / tempo times as long as it was spoken
    pause_scale: float  # of pauses inside the body: 0 usual, 1 longest, -1 shortest
    spoken: int  # characters heard in the body
    pace: float  # characters a minute over the body, 0 for a track without one
    around: float = 1.0  # how many times as long pauses outside the body are as usual
    breath: float = 0.0  # seconds added to each pause inside a piece of the body


def pause_of(ends: Break, pause_scale: float) -> float:
    """Seconds of silence after a chunk that `ends` so, in the finished track; `pause_scale` as in SpeechTiming."""
    usual = PAUSE_SECONDS[ends]
    limit = LONGEST_PAUSES[ends] if pause_scale > 0 else SHORTEST_PAUSES[ends]
    return usual + abs(pause_scale) * (limit - usual)


def breath_of(pause_scale: float) -> float:
    """Seconds added to each pause inside a clip of the body; `pause_scale` as in SpeechTiming."""
    shortest, usual, longest = BREATH_SECONDS
    limit = longest if pause_scale > 0 else shortest
    return round(usual + abs(pause_scale) * (limit - usual), 4)


def time_track(pieces: Sequence[Piece], pace: int) -> SpeechTiming:
    """The timing that gives the body of `pieces` `pace` characters a minute, within the limits of tempo and pauses.

    A body of S seconds of speech, P seconds of inner pauses and n characters lasts S / tempo + P seconds; the target
    is 60 n / pace. When the tempo is at a limit, P changes. When P is at a limit too, `SpeechTiming.pace` differs from
    `pace`. A track without a body (a placeholder) gets the tempo of a body, and the usual pauses.
    """
    body = body_of(pieces)
    tempo = _tempo(body or pieces, pace)
    spoken = sum(piece.spoken for piece in body)
    pause_scale = (
        _pause_scale(body, 60 * spoken / pace - _speech(body) / tempo)
        if tempo in (SLOWEST_TEMPO, FASTEST_TEMPO)
        else 0.0
    )
    return _timing(body, tempo, pause_scale)


def time_slower_track(pieces: Sequence[Piece], pace: int, usual_pace: int) -> SpeechTiming:
    """The timing of a slower variant of the track that has `usual_pace`: slower whatever the text, and as natural.

    Stretching costs naturalness, so the tempo is `SLOWER_TEMPO` times that of the usual track, and pauses do the rest.
    A body that would still be faster than `SLOWER` times the usual pace is stretched until it is not.
    """
    usual = time_track(pieces, usual_pace)
    body = body_of(pieces)
    if not usual.pace:
        return SpeechTiming(_down(SLOWER * usual.tempo), 0.0, usual.spoken, 0.0, LONGER_AROUND)
    tempo = _down(SLOWER_TEMPO * usual.tempo)
    wanted = 60 * usual.spoken / min(pace, usual.pace * pace / usual_pace)
    pause_scale = max(usual.pause_scale, _pause_scale(body, wanted - _speech(body) / tempo))
    left = 60 * usual.spoken / (SLOWER * usual.pace) - _pauses(body, pause_scale)
    tempo = min(tempo, _down(_speech(body) / left))
    return replace(_timing(body, tempo, pause_scale), around=LONGER_AROUND)


def planned_silences(pieces: Sequence[Piece], pause_scale: float, around: float = 1.0) -> list[float]:
    """Seconds of silence before the first piece and after each one, in the finished track."""
    inside = body_places(pieces)
    pauses = [
        piece.pause(pause_scale) if place in inside[:-1] else around * piece.pause()
        for place, piece in enumerate(pieces[:-1])
    ]
    return [HEAD_SECONDS, *pauses, TAIL_SECONDS]


def longer_breaths(pieces: Sequence[Piece], timing: SpeechTiming) -> list[tuple[float, ...]]:
    """The pauses inside each piece that become longer: those of the body, where `timing` says so."""
    inside = body_places(pieces) if timing.breath else range(0)
    return [piece.breaths if place in inside else () for place, piece in enumerate(pieces)]


@dataclass(frozen=True)
class TrackClock:
    """When the pieces of a track, and the moments inside them, are heard in the finished track."""

    times: Times
    tempo: float
    breaths: tuple[tuple[float, ...], ...]  # of each piece, where `breath` seconds are added
    breath: float

    def at(self, place: int, seconds: float) -> float:
        """The time in the track of a moment in the piece at `place`; `seconds` are before the stretch."""
        longer = sum(each < seconds for each in self.breaths[place])
        return self.times[place][0] + seconds / self.tempo + self.breath * longer


def clock_of(pieces: Sequence[Piece], timing: SpeechTiming) -> TrackClock:
    """The clock of a track of `pieces`."""
    return TrackClock(times_of(pieces, timing), timing.tempo, tuple(longer_breaths(pieces, timing)), timing.breath)


def times_of(pieces: Sequence[Piece], timing: SpeechTiming) -> Times:
    """Begin and end (seconds) of each piece in the finished track, without the silences around it."""
    times: list[tuple[float, float]] = []
    end = 0.0
    silences = planned_silences(pieces, timing.pause_scale, timing.around)
    for piece, silence, breaths in zip(pieces, silences, longer_breaths(pieces, timing), strict=False):
        begin = end + silence
        end = begin + piece.seconds / timing.tempo + timing.breath * len(breaths)
        times.append((round(begin, 3), round(end, 3)))
    return tuple(times)


def body_of(pieces: Sequence[Piece]) -> Sequence[Piece]:
    """The pieces from the first to the last of the body; empty without a body."""
    inside = body_places(pieces)
    return pieces[inside.start : inside.stop]


def body_places(pieces: Sequence[Piece]) -> range:
    """The indices of the body in `pieces`; empty without a body."""
    places = [place for place, piece in enumerate(pieces) if piece.is_body]
    return range(places[0], places[-1] + 1) if places else range(0)


def _timing(body: Sequence[Piece], tempo: float, pause_scale: float) -> SpeechTiming:
    spoken = sum(piece.spoken for piece in body)
    seconds = _speech(body) / tempo + _pauses(body, pause_scale)
    pace = 60 * spoken / seconds if seconds > 0 else 0.0
    return SpeechTiming(tempo, pause_scale, spoken, pace, breath=breath_of(pause_scale))


def _tempo(pieces: Sequence[Piece], pace: int) -> float:
    wanted = 60 * sum(piece.spoken for piece in pieces) / pace - _pauses(pieces, 0.0)
    if wanted <= 0:
        return FASTEST_TEMPO
    # Four digits are exact to a tenth of a second in a quarter of an hour.
    return round(min(FASTEST_TEMPO, max(SLOWEST_TEMPO, _speech(pieces) / wanted)), 4)


def _down(tempo: float) -> float:
    """`tempo` in four digits, not faster."""
    return math.floor(tempo * 10_000 + 1e-6) / 10_000


def _pause_scale(body: Sequence[Piece], wanted: float) -> float:
    """The pause scale, to a thousandth, at which the pauses last `wanted` seconds together."""
    usual = _pauses(body, 0.0)
    room = _pauses(body, 1.0) - usual if wanted > usual else usual - _pauses(body, -1.0)
    return round(min(1.0, max(-1.0, (wanted - usual) / room)), 3) if room else 0.0


def _speech(pieces: Sequence[Piece]) -> float:
    return sum(piece.seconds for piece in pieces)


def _pauses(pieces: Sequence[Piece], pause_scale: float) -> float:
    """Seconds of silence that are set between the first word and the last."""
    breaths = sum(len(piece.breaths) for piece in pieces)
    return sum(piece.pause(pause_scale) for piece in pieces[:-1]) + breaths * breath_of(pause_scale)
