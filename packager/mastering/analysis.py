"""An independent analysis of a finished track: its audio is decoded and measured again.

It shares only the standard (ITU-R BS.1770-4) with the mastering code, so that a fault there can't hide itself.
Memory holds one block of samples, and a few numbers for each hundredth of a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from packager.base.errors import InputError
from packager.base.i18n.language import _, reason_of
from packager.mastering.container import SampleReader, container_of

FRAME_SECONDS = 0.01
TICKS = 10  # in a frame, the resolution for clicks

_Doubles = npt.NDArray[np.float64]

_BLOCK_FRAMES = 300
_RUN_IN_FRAMES = 20  # longer than the filters ring (30 ms)
_OVERSAMPLED_RATE = 176_400  # hertz, at least: four times that of a compact disc
_GATE_FRAMES, _GATE_STEP = 40, 10  # blocks of 400 ms, every 100 ms
_ABSOLUTE_GATE = -70.0  # LUFS
_RELATIVE_GATE = -10.0  # LU
_OFFSET = -0.691  # decibels
# The two filters of BS.1770-4, annex 1, tables 1 and 2, for 48 kHz: numerator, denominator.
_SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
_RUMBLE = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
_STANDARD_RATE = 48_000


@dataclass(frozen=True)
class AudioAnalysis:
    """The measurements of a track by frames of 10 ms."""

    sample_rate: int  # hertz
    channels: int
    seconds: float
    true_peak: float  # dBTP, -120 for digital silence
    power: _Doubles  # K-weighted mean square of each frame, summed over channels
    level: _Doubles  # root mean square of each frame, of full scale
    roughness: _Doubles  # the greatest second difference in each tenth of a frame, shape (frames, TICKS)


def listen(path: Path) -> AudioAnalysis:
    """Decode and measure the track at `path`. Raises InputError for a file that can't be decoded."""
    try:
        with container_of(path).decoded(path) as samples:
            return _heard(samples)
    except (ValueError, OSError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else str(error)
        raise InputError(_("{path}: can't be decoded ({reason})").format(path=path, reason=reason)) from error


def loudness_of(power: _Doubles) -> float:
    """The integrated loudness (LUFS) of consecutive frames, with both gates of BS.1770-4; -70 for silence.

    Fewer frames than the standard's block are one block.
    """
    if len(power) < _GATE_FRAMES:
        blocks = np.array([power.mean()]) if len(power) else np.zeros(1)
    else:
        sums = np.concatenate([[0.0], np.cumsum(power)])
        begins = np.arange(0, len(power) - _GATE_FRAMES + 1, _GATE_STEP)
        blocks = (sums[begins + _GATE_FRAMES] - sums[begins]) / _GATE_FRAMES
    heard = blocks[_lufs(blocks) > _ABSOLUTE_GATE]
    if not heard.size:
        return _ABSOLUTE_GATE
    heard = heard[_lufs(heard) > _lufs(heard.mean()) + _RELATIVE_GATE]
    return float(_lufs(heard.mean()))


def decibels(amplitude: _Doubles | float) -> _Doubles:
    """An amplitude in decibels of full scale, not below -120."""
    values: _Doubles = 20 * np.log10(np.maximum(np.asarray(amplitude, np.float64), 1e-6))
    return values


def _lufs(power: _Doubles | float) -> _Doubles:
    values: _Doubles = 10 * np.log10(np.maximum(power, 1e-12)) + _OFFSET
    return values


def _heard(samples: SampleReader) -> AudioAnalysis:
    rate, channels = samples.sample_rate, samples.channels
    frame = rate * FRAME_SECONDS
    run_in = round(_RUN_IN_FRAMES * frame)
    kept = np.zeros((run_in, channels))
    parts: list[tuple[_Doubles, _Doubles, _Doubles]] = []
    peak, total = 0.0, 0
    while True:
        # A frame of 22.05 kHz has 220.5 samples, so edges are rounded over the whole track.
        first = len(parts) * _BLOCK_FRAMES
        begin, end = round(first * frame), round((first + _BLOCK_FRAMES) * frame)
        fresh = samples.read(end - begin)
        if not len(fresh):
            break
        total += len(fresh)
        sound = np.concatenate([kept, fresh])
        peak = max(peak, _true_peak(sound, rate))
        count = max(1, round(len(fresh) / frame))
        edges = np.round((first + np.arange(count + 1)) * frame).astype(int) - begin
        parts.append(_frames(sound, run_in, np.minimum(edges, len(fresh)), rate))
        kept = sound[-run_in:]
    power, level, roughness = (
        (np.concatenate(each) for each in zip(*parts, strict=True)) if parts else (np.zeros(0),) * 3
    )
    return AudioAnalysis(rate, channels, total / rate, float(decibels(peak)), power, level, roughness)


def _frames(
    sound: _Doubles, run_in: int, edges: npt.NDArray[np.int_], rate: int
) -> tuple[_Doubles, _Doubles, _Doubles]:
    """Weighted power, level and roughness of the frames between `edges`, counted from after the run-in."""
    size = 1 << (len(sound) - 1).bit_length()
    weighted = np.fft.irfft(np.fft.rfft(sound, size, axis=0) * _weighting(rate, size)[:, None], size, axis=0)
    lengths = np.maximum(np.diff(edges), 1)
    places = np.minimum(edges[:-1], len(sound) - run_in - 1)
    fresh = sound[run_in:]
    power = np.add.reduceat(np.square(weighted[run_in : len(sound)]).sum(axis=1), places) / lengths
    level = np.sqrt(np.add.reduceat(np.square(fresh).mean(axis=1), places) / lengths)
    rough = np.abs(np.diff(sound[run_in - 2 :], 2, axis=0)).max(axis=1)
    ticks = places[:, None] + (lengths[:, None] * np.arange(TICKS)[None, :]) // TICKS
    roughness = np.maximum.reduceat(rough, np.minimum(ticks, len(rough) - 1).ravel())
    return power, level, roughness.reshape(-1, TICKS)


def _true_peak(sound: _Doubles, rate: int) -> float:
    """The greatest amplitude, also between samples. The ends, where the transform wraps, are inside other blocks."""
    factor = -(-_OVERSAMPLED_RATE // rate)
    if len(sound) < 4 or factor < 2:
        return float(np.abs(sound).max(initial=0.0))
    window = np.ones(len(sound))
    edge = min(64, len(sound) // 2)
    window[:edge] = window[-edge:][::-1] = np.sin(np.linspace(0, np.pi / 2, edge)) ** 2
    size = len(sound) * factor
    between = np.fft.irfft(np.fft.rfft(sound * window[:, None], axis=0), size, axis=0) * factor
    return float(max(np.abs(between).max(), np.abs(sound).max()))


@lru_cache(maxsize=4)
def _weighting(rate: int, size: int) -> npt.NDArray[np.complex128]:
    """The response of the standard's filters for a transform of `size` at `rate`."""
    turn = np.exp(-2j * np.pi * np.fft.rfftfreq(size, 1 / rate) / _STANDARD_RATE)
    response: npt.NDArray[np.complex128] = np.ones_like(turn)
    for over, under in (_SHELF, _RUMBLE):
        response *= np.polynomial.polynomial.polyval(turn, over)
        response /= np.polynomial.polynomial.polyval(turn, under)
    return response
