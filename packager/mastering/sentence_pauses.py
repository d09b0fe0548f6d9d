"""Finds where sentences end inside a clip: at the pauses of the voice, chosen by how much text is on each side. Pure.

The n-th sentence end is expected where the voice has spoken the share of characters that stand before it. Pauses near
that place compete; a longer pause may be farther away. Where there is none, as voices run short sentences together,
the quietest moment near the expected place is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from packager.speech.clip import Samples

_FRAME_SECONDS = 0.01
_QUIET = 10 ** (-28 / 20)  # of the loud half of the frames
_SHORTEST_FRAMES = 4
_NEAR_FRAMES = 12
_SPREAD = 0.08  # of the speech: how far a sentence end is from its expected place, as a standard deviation
_LONG_SECONDS = 0.4  # pauses longer than this are no better
_WORTH = 4.0  # what a long pause outweighs, in squared standard deviations
_NO_PAUSE = 4.5  # the cost of a sentence end without a pause


_Power = npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Quiet:
    """A pause: its frames, and the frames of speech before it."""

    start: int
    end: int
    speech: float

    @property
    def cost(self) -> float:
        seconds = min((self.end - self.start) * _FRAME_SECONDS, _LONG_SECONDS)
        return _WORTH * (1 - seconds / _LONG_SECONDS)


def sentence_pauses(samples: Samples, sample_rate: int, characters: Sequence[int]) -> tuple[tuple[float, float], ...]:
    """The pauses (begin and end in seconds) between the sentences of a clip, one fewer than sentences.

    `characters` are the characters that are heard of each sentence. A sentence end without a pause has length 0.
    """
    frame = max(round(_FRAME_SECONDS * sample_rate), 1)
    count = len(samples) // frame
    if count == 0:
        return ((0.0, 0.0),) * (len(characters) - 1)
    blocks = np.asarray(samples[: count * frame], np.float64).reshape(count, frame)
    power = np.sqrt((blocks**2).mean(axis=1))
    is_quiet = power < _QUIET * np.median(power[power >= np.median(power)])
    spoken = np.concatenate([[0], np.cumsum(~is_quiet)])
    shares = np.cumsum(characters)[:-1] / max(sum(characters), 1)
    expected = [float(share * spoken[-1]) for share in shares]
    chosen = _chosen(_pauses(is_quiet, spoken), expected, max(_SPREAD * float(spoken[-1]), 1.0))
    found: list[tuple[float, float]] = []
    for pause, place in zip(chosen, expected, strict=True):
        start, end = (pause.start, pause.end) if pause else _quietest(power, int(np.searchsorted(spoken, place)))
        earliest = found[-1][1] if found else 0.0
        begins = max(start * _FRAME_SECONDS, earliest)
        found.append((begins, max(end * _FRAME_SECONDS, begins)))
    return tuple(found)


def _pauses(is_quiet: npt.NDArray[np.bool_], spoken: npt.NDArray[np.int64]) -> list[_Quiet]:
    """The pauses inside the clip, not at its ends."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_quiet, [False]]).astype(np.int8)))
    return [
        _Quiet(int(start), int(end), float(spoken[start]))
        for start, end in zip(edges[::2], edges[1::2], strict=True)
        if end - start >= _SHORTEST_FRAMES and start > 0 and end < len(is_quiet)
    ]


def _quietest(power: _Power, at: int) -> tuple[int, int]:
    """The quietest moment near the frame `at`, of length 0."""
    first = max(at - _NEAR_FRAMES, 0)
    smooth = np.convolve(power, np.ones(3) / 3, "same")[first : at + _NEAR_FRAMES]
    # Of equally quiet frames the one in the middle, so that an even sound is divided at the expected place.
    place = first + int(np.argmin(smooth + 1e-3 * power.max() * np.abs(np.arange(len(smooth)) - (at - first))))
    return place, place


def _chosen(pauses: Sequence[_Quiet], expected: Sequence[float], spread: float) -> list[_Quiet | None]:
    """The cheapest choice of a pause, or none, for each expected place, in order (dynamic programming)."""
    # best[k]: the cost of all places so far with only the first k pauses used, and the choice.
    best: list[tuple[float, tuple[_Quiet | None, ...]]] = [(0.0, ())] * (len(pauses) + 1)
    for place in expected:
        following: list[tuple[float, tuple[_Quiet | None, ...]]] = []
        for used in range(len(pauses) + 1):
            options = [(best[used][0] + _NO_PAUSE, (*best[used][1], None))]
            if used:
                pause = pauses[used - 1]
                cost = pause.cost + ((pause.speech - place) / spread) ** 2
                options += [(best[used - 1][0] + cost, (*best[used - 1][1], pause)), following[used - 1]]
            following.append(min(options, key=lambda option: option[0]))
        best = following
    return list(best[-1][1])
