"""The pitch of speech: the fundamental frequency by normalized autocorrelation. Pure."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from packager.speech.clip import Samples

_LOWEST, _HIGHEST = 60, 450  # hertz
_WINDOW, _HOP = 0.04, 0.01  # seconds
_VOICED = 0.6  # of a perfect repetition


def pitches(samples: Samples, rate: int) -> npt.NDArray[np.float64]:
    """The fundamental frequency (hertz) of each voiced window."""
    window, hop = round(_WINDOW * rate), round(_HOP * rate)
    least, most = rate // _HIGHEST, rate // _LOWEST
    if len(samples) < window + most:
        return np.empty(0)
    loud = np.sqrt(np.mean(np.square(samples, dtype=np.float64)))
    found = []
    for start in range(0, len(samples) - window - most, hop):
        frame = samples[start : start + window + most].astype(np.float64)
        head = frame[:window]
        if np.sqrt(np.mean(head**2)) < loud / 4:
            continue
        lags = np.arange(least, most + 1)
        products = np.correlate(frame, head, mode="valid")[lags]
        energy = np.concatenate(([0.0], np.cumsum(frame**2)))
        norms = np.sqrt((energy[lags + window] - energy[lags]) * np.sum(head**2)) + 1e-12
        alike = products / norms
        # Take the first near-best repetition: twice the period also repeats.
        best = int(np.argmax(alike >= 0.95 * alike.max()))
        while best + 1 < len(alike) and alike[best + 1] > alike[best]:
            best += 1
        if alike[best] < _VOICED or not 0 < best < len(alike) - 1:
            continue
        before, here, after = alike[best - 1 : best + 2]
        bend = before - 2 * here + after
        shift = 0.5 * (before - after) / bend if bend else 0.0
        found.append(rate / (lags[best] + shift))
    return np.array(found)
