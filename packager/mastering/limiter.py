"""A peak limiter with look-ahead: lowers the highest peaks of speech and a few milliseconds around them. Pure."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from packager.speech.clip import Samples

MOST_LOWERED = 15.0  # decibels; a higher peak is not speech

Doubles = npt.NDArray[np.float64]

# A deep voice has a pulse each 10 ms: this lowers a vowel as a whole, not pulse by pulse, without lowering the
# next syllable.
_AROUND_SECONDS = 0.006


def peaks_lowered(samples: Samples, sample_rate: int, limit: float) -> Samples:
    """`samples` with no peak over `limit`, lowered by at most `MOST_LOWERED`. Samples far from peaks are unchanged.

    The gain falls before a peak as smoothly as it rises after it; nothing is clipped.
    """
    level = np.abs(samples.astype(np.float64))
    if float(level.max(initial=0.0)) <= limit:
        return samples
    factors = np.maximum(limit / np.maximum(level, limit), 10 ** (-MOST_LOWERED / 20))
    around = 2 * max(1, round(_AROUND_SECONDS * sample_rate / 2))
    lowest = _lowest_around(np.pad(factors, 2 * around, constant_values=1.0), around)
    smooth = _mean_around(_mean_around(lowest, around // 2), around // 2)
    return (samples * smooth).astype(np.float32)


def _lowest_around(values: Doubles, around: int) -> Doubles:
    """The lowest of each value and of `around` on both its sides; `around` fewer at each end."""
    width, lowest = 1, values
    while 2 * width <= 2 * around + 1:
        lowest = np.minimum(lowest[:-width], lowest[width:])
        width *= 2
    rest = 2 * around + 1 - width
    return np.minimum(lowest[: len(lowest) - rest], lowest[rest:])


def _mean_around(values: Doubles, around: int) -> Doubles:
    """The mean of each value and of `around` on both its sides; `around` fewer at each end."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    width = 2 * around + 1
    mean: Doubles = (sums[width:] - sums[:-width]) / width
    return mean
