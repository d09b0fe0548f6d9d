"""Splice checks of a finished track: silences, clicks and jumps of loudness where clips meet. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from packager.mastering.analysis import FRAME_SECONDS, TICKS, AudioAnalysis, loudness_of
from packager.mastering.loudness import TARGET_LUFS

Spans = list[tuple[int, int]]  # of frames: the first, and the one after the last

_SILENCE_BELOW = 38.0  # decibels under the track's loudness; the softest speech sounds are at about -35
_SHORTEST_SILENCE = 12  # frames
_CLICK_TIMES = 8.0  # as rough as its surroundings; two hours of real speech reached 6.6
_CLICK_ROUGHNESS = 0.008  # of full scale, in speech at TARGET_LUFS; softer clicks are inaudible
_CLICK_GAP = 3  # ticks left out beside a click
# Ticks compared with it beyond them. In a creaky voice the last pulses of the glottis are 20 ticks apart.
_CLICK_BEFORE, _CLICK_AFTER = 22, 6
_CLICK_EDGE = 30  # ticks around a silence that belong to the splice
_SLACK_SECONDS = 0.15  # for the encoder's delay, and for soft ends that count as silence
_SHORTEST_PASSAGE = 100  # frames; the loudness of a word or two is not comparable
_ENDS = 10  # frames of silence around a passage, so that its ends count as much as its middle


def measured_silences(sound: AudioAnalysis, lufs: float) -> Spans:
    """The silences of a track with the loudness `lufs`."""
    quiet = sound.level < 10 ** ((lufs - _SILENCE_BELOW) / 20)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], quiet, [False])).astype(np.int8)))
    spans = [(int(begin), int(end)) for begin, end in zip(edges[::2], edges[1::2], strict=True)]
    return [(begin, end) for begin, end in spans if end - begin >= _SHORTEST_SILENCE]


def clicks_of(sound: AudioAnalysis, silences: Spans, lufs: float) -> tuple[float, ...]:
    """The times (seconds) of clicks in silences and at their edges, at least 0.05 s apart.

    A click is a tick (1 ms) far rougher than the ticks before and after it. The onset of a sound is followed, and its
    end preceded, by sound, so neither counts.
    """
    rough = sound.roughness.ravel()
    before, after = _CLICK_GAP + _CLICK_BEFORE, _CLICK_GAP + _CLICK_AFTER
    if len(rough) <= before + after:
        return ()
    windows = sliding_window_view(np.pad(rough, (before, after), mode="edge"), before + 1 + after)
    beside = np.maximum(windows[:, :_CLICK_BEFORE].max(axis=1), windows[:, -_CLICK_AFTER:].max(axis=1))
    least = _CLICK_ROUGHNESS * 10 ** ((lufs - TARGET_LUFS) / 20)
    found = np.flatnonzero((rough >= least) & (rough >= _CLICK_TIMES * beside) & _near(silences, len(rough)))
    times: list[float] = []
    for tick in found:
        time = round(float(tick) * FRAME_SECONDS / TICKS, 2)
        if not times or time - times[-1] > 0.05:
            times.append(time)
    return tuple(times)


def passage_near(silences: Spans, begin: float, end: float) -> tuple[int, int] | None:
    """The frames from the first sound to the last of the speech between about `begin` and `end` (seconds).

    None where either end has no silence near it.
    """
    first = _nearest([after for _before, after in silences], begin)
    last = _nearest([before for before, _after in silences], end)
    return (first, last) if first is not None and last is not None and first < last else None


def dead_air_of(silences: Spans, spoken: Sequence[tuple[float, float]]) -> tuple[float, float] | tuple[None, None]:
    """The begin and length (seconds) of the longest silence within one of the passages `spoken` (begin, end)."""
    within = [
        (round(max(first * FRAME_SECONDS, begins), 2), min(last * FRAME_SECONDS, ends))
        for first, last in silences
        for begins, ends in spoken
    ]
    found = [(begin, round(end - begin, 2)) for begin, end in within if end > begin]
    return max(found, key=lambda each: each[1], default=(None, None))


def jumps_of(sound: AudioAnalysis, passages: Spans) -> tuple[tuple[float, float], ...]:
    """For neighbouring passages: when (seconds) the later one begins, and how much louder (LU) it is.

    The meter's blocks include some silence at both ends. Otherwise a word of a second that fades out would measure up
    to 1 LU louder than a whole sentence.
    """
    long_enough = [(begin, end) for begin, end in passages if end - begin >= _SHORTEST_PASSAGE]
    heard = [(begin, loudness_of(sound.power[max(0, begin - _ENDS) : end + _ENDS])) for begin, end in long_enough]
    return tuple(
        (round(begin * FRAME_SECONDS, 2), round(lufs - before, 2))
        for (_begin, before), (begin, lufs) in pairwise(heard)
    )


def _nearest(edges: Sequence[int], seconds: float) -> int | None:
    frame = min(edges, key=lambda edge: abs(edge * FRAME_SECONDS - seconds), default=None)
    return frame if frame is not None and abs(frame * FRAME_SECONDS - seconds) <= _SLACK_SECONDS else None


def _near(silences: Spans, ticks: int) -> npt.NDArray[np.bool_]:
    near = np.zeros(ticks, dtype=np.bool_)
    for begin, end in silences:
        near[max(begin * TICKS - _CLICK_EDGE, 0) : end * TICKS + _CLICK_EDGE] = True
    return near
