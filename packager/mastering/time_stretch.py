"""Stretch speech in time without a change of pitch, more where it is steady or silent than where it changes. Pure.

Waveform similarity overlap-add (WSOLA; Verhelst and Roelands, ICASSP 1993): overlapping windows of the speech are set
farther apart, each taken from where it continues the one before it best. Overlaps are heard where a sound changes,
and hardly in the middle of a vowel or in a pause; people who speak slowly also lengthen those. So the stretch follows
how fast the spectrum changes. Within `_EVEN_SECONDS` it is the same everywhere, so that the tempo stays even and a
moment is heard about where an even stretch would put it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from packager.speech.clip import Samples

Doubles = npt.NDArray[np.float64]

_WINDOW_SECONDS = 0.03  # three periods of a deep voice
_SEARCH_SECONDS = 0.012  # at both sides: a period of 80 Hz is found on either
_FRAME_SECONDS = 0.01
_SPECTRUM_SECONDS = 0.03
_BLOCK_FRAMES = 200  # at a time, for memory
_BANDS = 24
_LOWEST_BAND = 66.0  # hertz
_FAINTEST = 1e-7  # power of a band, so that silence does not change
_CHANGE_FRAMES = 2  # on both sides of a frame, whose spectra are compared
_STEADY = 1.5  # change of the spectrum (nepers of power) at which the stretch is half of that of a steady sound
_PAUSE_BELOW = 10 ** (-38 / 10)  # of the power of the speech
_PAUSE_STRETCH = 2.0  # times that of a steady sound
_SMOOTH_FRAMES = 7
_EVEN_SECONDS = 1.0
# Steps of the stretch. Logarithms and sums differ in their last bits between processors; the steps take that away, so
# that every x86 with AVX2 and FMA makes the same samples.
_STEPS = 1024


def lengthened(samples: Samples, sample_rate: int, tempo: float, cuts: Sequence[float] = ()) -> list[Samples]:
    """`samples` stretched to `1 / tempo` times their length, cut at the moments `cuts` (seconds before the stretch).

    The parts together have `round(len(samples) / tempo)` samples. A `tempo` of 1 changes nothing.
    """
    length = round(len(samples) / tempo)
    if length == len(samples):
        heard, stretched = np.arange(len(samples) + 1.0), samples
    else:
        heard = np.concatenate([[0.0], np.cumsum(stretch_of(samples, sample_rate, tempo))])
        heard *= length / heard[-1]
        stretched = _overlapped(samples.astype(np.float64), sample_rate, heard, length)
    places = [round(float(heard[min(round(cut * sample_rate), len(samples))])) for cut in cuts]
    return np.split(stretched, places)


def stretch_of(samples: Samples, sample_rate: int, tempo: float) -> Doubles:
    """How many samples are heard for each sample, on the whole about 1 / `tempo`: the same on every x86 with AVX2."""
    frame = round(_FRAME_SECONDS * sample_rate)
    padded = np.pad(samples.astype(np.float64), (0, -len(samples) % frame))
    power = np.square(padded.reshape(-1, frame)).mean(axis=1)
    pauses = power <= power[power >= power.max() / 100].mean() * _PAUSE_BELOW
    steady = 1 / (1 + np.square(_changes(padded, sample_rate, frame) / _STEADY))
    weights = _smooth(np.where(pauses, _PAUSE_STRETCH, steady), _SMOOTH_FRAMES)
    weights /= _smooth(weights, round(_EVEN_SECONDS / _FRAME_SECONDS) | 1)
    weights /= weights.mean()
    stretch = np.rint((1 + (1 / tempo - 1) * weights) * _STEPS) / _STEPS
    return np.repeat(stretch, frame)[: len(samples)]


def _overlapped(samples: Doubles, sample_rate: int, heard: Doubles, length: int) -> Samples:
    """The samples at the times `heard` (for each sample and the end, in samples), as overlapping windows."""
    hop = round(_WINDOW_SECONDS * sample_rate / 2)
    width, reach = 2 * hop, round(_SEARCH_SECONDS * sample_rate)
    window = 0.5 - 0.5 * np.cos(np.pi * (np.arange(width) + 0.5) / hop)
    centres = np.arange(length // hop + 2) * hop
    starts = np.rint(np.interp(centres, heard, np.arange(len(heard)))).astype(int) - hop
    before = width + reach
    padded = np.pad(samples, (before, 2 * before + hop))
    size = 1 << (2 * width + 2 * reach - 1).bit_length()
    stretched = np.zeros((len(centres) + 1) * hop)
    follows = 0
    for place, start in enumerate(starts.tolist()):
        begin = start
        if place > 0:
            # The silence beyond an end is no part of the sound until the window has to reach over it.
            first = max(start - reach, min(start, 0))
            last = min(start + reach, max(start, len(samples) - width))
            near = padded[before + first : before + last + width]
            begin = first + _likest(near, padded[before + follows : before + follows + width], size)
        stretched[place * hop : place * hop + width] += window * padded[before + begin : before + begin + width]
        follows = begin + hop
    return stretched[hop : hop + length].astype(np.float32)


def _likest(sound: Doubles, wanted: Doubles, size: int) -> int:
    """Where `sound` is most like `wanted`, by normalized correlation. `size` is that of the transforms."""
    places = len(sound) - len(wanted) + 1
    alike = np.fft.irfft(np.fft.rfft(sound, size) * np.conj(np.fft.rfft(wanted, size)), size)[:places]
    sums = np.concatenate([[0.0], np.cumsum(sound * sound)])
    energy = sums[len(wanted) :] - sums[:places]
    if energy.max() <= 0.0:
        return (places - 1) // 2
    return int(np.argmax(alike / np.sqrt(energy + 1e-6 * energy.max())))


def _changes(samples: Doubles, sample_rate: int, frame: int) -> Doubles:
    """How much the spectrum changes around each frame: the root mean square over bands, in nepers of power."""
    width = round(_SPECTRUM_SECONDS * sample_rate)
    count = len(samples) // frame
    padded = np.pad(samples, ((width - frame) // 2, width))
    frames = np.lib.stride_tricks.sliding_window_view(padded, width)[::frame][:count]
    lowest = _LOWEST_BAND * width / sample_rate
    edges = np.unique(np.round(np.geomspace(lowest, width // 2, _BANDS + 1)).astype(int))
    bands = np.empty((count, len(edges) - 1))
    for begin in range(0, count, _BLOCK_FRAMES):
        block = slice(begin, begin + _BLOCK_FRAMES)
        power = np.square(np.abs(np.fft.rfft(frames[block] * np.hanning(width), axis=1)))
        bands[block] = np.log(np.add.reduceat(power, edges[:-1], axis=1) / np.diff(edges) + _FAINTEST)
    around = np.pad(bands, ((_CHANGE_FRAMES, _CHANGE_FRAMES), (0, 0)), mode="edge")
    change: Doubles = np.sqrt(np.square(around[2 * _CHANGE_FRAMES :] - around[: -2 * _CHANGE_FRAMES]).mean(axis=1))
    return change


def _smooth(values: Doubles, frames: int) -> Doubles:
    """The mean around each value, weighted by a raised cosine over so many frames (an odd number)."""
    weights = np.hanning(frames + 2)[1:-1]
    sums = np.convolve(values, weights)[frames // 2 :][: len(values)]
    return sums / np.convolve(np.ones(len(values)), weights)[frames // 2 :][: len(values)]
