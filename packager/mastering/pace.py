"""How long a track's speech is to last: the pauses, and the tempo that brings a body to its pace. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from packager.wording.chunk import Break, Chunk

PAUSE_SECONDS: Mapping[Break, float] = MappingProxyType(
    {Break.CLAUSE: 0.3, Break.SENTENCE: 0.6, Break.PARAGRAPH: 1.2, Break.HEADING: 2.0}
)
HEAD_SECONDS = 0.7  # of silence before the first word
TAIL_SECONDS = 1.5  # of silence after the last word, in place of that chunk's pause
SLOWEST_TEMPO = 0.6  # below this the stretch itself is heard
FASTEST_TEMPO = 1.0  # speech is slowed down for these listeners, never hurried


@dataclass(frozen=True)
class Piece:
    """What of one spoken chunk counts for time."""

    seconds: float  # of speech, before the stretch
    pause: float  # seconds of silence after it, after the stretch
    spoken: int  # characters heard
    is_body: bool

    @classmethod
    def of(cls, chunk: Chunk, seconds: float) -> Piece:
        """The piece that `chunk` makes when its clip lasts `seconds`."""
        return cls(seconds, PAUSE_SECONDS[chunk.ends], chunk.spoken, chunk.role.is_body)


@dataclass(frozen=True)
class Timing:
    """How a track's speech is stretched, and the pace that its body then has."""

    tempo: float  # speech lasts 1 / tempo times as long as it was spoken
    spoken: int  # characters heard in the body
    pace: float  # characters a minute over the body, 0 for a track without one


def time_track(pieces: Sequence[Piece], pace: int) -> Timing:
    """The tempo at which the body of `pieces` has `pace` characters a minute, as far as its limits allow.

    A body of S seconds of speech, P seconds of pauses inside it and n characters lasts S / tempo + P seconds,
    and shall last 60 n / pace. Where the limits forbid that, `Timing.pace` says what comes out. A track
    without a body (a placeholder) is timed as if all of it were body, so that it sounds like its neighbours.
    """
    body = body_of(pieces)
    measured = body or pieces
    tempo = _tempo(measured, pace)
    seconds = _speech(body) / tempo + _pauses(body)
    spoken = sum(piece.spoken for piece in body)
    return Timing(tempo, spoken, 60 * spoken / seconds if seconds > 0 else 0.0)


def body_of(pieces: Sequence[Piece]) -> Sequence[Piece]:
    """The pieces from the first of the body to the last of it; nothing where a track has no body."""
    places = [place for place, piece in enumerate(pieces) if piece.is_body]
    return pieces[places[0] : places[-1] + 1] if places else ()


def _tempo(pieces: Sequence[Piece], pace: int) -> float:
    wanted = 60 * sum(piece.spoken for piece in pieces) / pace - _pauses(pieces)
    if wanted <= 0:
        return FASTEST_TEMPO
    # Four digits are exact to a tenth of a second in a quarter of an hour, and read the same in every log.
    return round(min(FASTEST_TEMPO, max(SLOWEST_TEMPO, _speech(pieces) / wanted)), 4)


def _speech(pieces: Sequence[Piece]) -> float:
    return sum(piece.seconds for piece in pieces)


def _pauses(pieces: Sequence[Piece]) -> float:
    """Seconds of silence between the first word and the last."""
    return sum(piece.pause for piece in pieces[:-1])
