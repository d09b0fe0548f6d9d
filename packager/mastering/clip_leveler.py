"""Level each clip to the same loudness and noise floor, so that no splice between clips is audible. Pure.

A voice speaks a few words alone about 2 LU louder than a long sentence, and its own pauses have a noise floor. Both
would be audible against the silence that mastering inserts. A deep voice has peaks up to 24 dB over its loudness,
more in some sentences than in others. The limiter of the finished track would take more from those clips and make
them uneven again, so peaks are lowered here.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from packager.mastering.limiter import Doubles, peaks_lowered
from packager.speech.clip import Samples

CLIP_LUFS = -26.0  # of every clip; the level of the finished track is set later
MOST_GAIN = 20.0  # decibels; a clip that needs more is not speech
ROOM_BELOW = 63.0  # decibels under the speech: the room tone under the whole track
QUIETED = 20.0  # decibels by which the pauses inside a clip are lowered, so that only the room tone is heard
ROOM_LUFS = CLIP_LUFS - ROOM_BELOW

_BLOCK_SECONDS = 0.4 * 0.65  # the meter's block, as long as it is before the stretch
_STEP_SECONDS = _BLOCK_SECONDS / 4
_ROUNDS = 6  # of lowering peaks, since that also lowers the loudness they are compared with
_SETTLED = 0.02  # decibels
_LEAST_SLOPE = 0.5
_SILENT = 10 ** (-70 / 10)  # the meter's absolute gate
_RELATIVE_GATE = 0.1  # -10 LU
_FRAME_SECONDS = 0.01
_PAUSE_BELOW = 10 ** (-38 / 20)  # of the clip's loudness; the floor of a synthetic voice is at about -46 dB
_PAUSE_FRAMES = 8  # no speech sound is so faint for so long
_ROOM_SAMPLES = 2**17


def levelled(samples: Samples, sample_rate: int, peaks: float = math.inf) -> Samples:
    """`samples` at `CLIP_LUFS`, with the pauses inside lowered; silence is unchanged.

    Peaks more than `peaks` decibels over the loudness are lowered to that first.
    """
    samples, power = _softened(samples, sample_rate, peaks)
    if power <= _SILENT:
        return samples
    most = 10 ** (MOST_GAIN / 20)
    gain = min(most, max(1 / most, float(np.sqrt(10 ** (CLIP_LUFS / 10) / power))))
    return (samples * (gain * _pauses_lowered(samples, sample_rate, float(np.sqrt(power))))).astype(np.float32)


def speech_power(samples: Samples, sample_rate: int) -> float:
    """The mean square of `samples`, weighted and gated by ITU-R BS.1770-4: 10^(LUFS / 10).

    Blocks are between the first sound and the last. Blocks over the ends would measure single words too low.
    Speech shorter than a block is one block with the silence around it.
    """
    block, step = round(_BLOCK_SECONDS * sample_rate), round(_STEP_SECONDS * sample_rate)
    padded = np.pad(samples.astype(np.float64), block)
    size = 1 << (len(padded) - 1).bit_length()
    weighed = np.fft.irfft(np.fft.rfft(padded, size) * _weighting(sample_rate, size), size)[: len(padded)]
    energy = np.concatenate([[0.0], np.cumsum(weighed * weighed)])
    begin, end = _sound_in(padded, sample_rate)
    begin, end = min(begin, (begin + end - block) // 2), max(end, (begin + end + block) // 2)
    begins = np.arange(max(begin, 0), max(end - block, begin) + 1, step)
    powers = (energy[begins + block] - energy[begins]) / block * 10 ** (-0.0691)
    heard = powers[powers > _SILENT]
    if not heard.size:
        return 0.0
    return float(heard[heard > heard.mean() * _RELATIVE_GATE].mean())


def pauses_inside(samples: Samples, sample_rate: int) -> list[tuple[float, float]]:
    """Begin and end (seconds) of each pause inside speech, not at its ends."""
    loudness = float(np.sqrt(speech_power(samples, sample_rate)))
    frames = -(-len(samples) // round(_FRAME_SECONDS * sample_rate))
    found = _pauses(samples, sample_rate, loudness) if loudness else []
    return [(begin * _FRAME_SECONDS, end * _FRAME_SECONDS) for begin, end in found if begin > 0 and end < frames]


@lru_cache(maxsize=2)
def room_tone(sample_rate: int) -> Samples:
    """A few seconds of soft noise at `ROOM_LUFS` that loops without a seam; always the same samples.

    It is pink noise, as in a real room, with peaks 12 dB over its mean.
    """
    generator = np.random.default_rng(1)
    phases = np.exp(2j * np.pi * generator.random(_ROOM_SAMPLES // 2 + 1))
    frequencies = np.maximum(np.fft.rfftfreq(_ROOM_SAMPLES, 1 / sample_rate), 50.0)
    noise = np.fft.irfft(phases / np.sqrt(frequencies), _ROOM_SAMPLES)
    noise *= 10 ** (ROOM_LUFS / 20) / float(np.sqrt(np.mean(noise * noise)))
    return noise.astype(np.float32)


def _softened(samples: Samples, sample_rate: int, peaks: float) -> tuple[Samples, float]:
    """`samples` with no peak more than `peaks` decibels over their power, and that power.

    Samples that can't be lowered so far, as a row of clicks, keep the lowest peaks that were reached.
    """
    best = samples, speech_power(samples, sample_rate)
    least = over = _over(*best) - peaks
    limit = float(np.max(np.abs(samples), initial=0.0))
    slope = 1.0  # decibels of change for each decibel of the limit
    for _round in range(_ROUNDS):
        if over <= _SETTLED:
            break
        before, step = over, over / slope
        limit *= 10 ** (-step / 20)
        softened = peaks_lowered(samples, sample_rate, limit)
        power = speech_power(softened, sample_rate)
        over = _over(softened, power) - peaks
        slope = min(1.0, max(_LEAST_SLOPE, (before - over) / step))
        if over < least:
            best, least = (softened, power), over
    return best


def _over(samples: Samples, power: float) -> float:
    """Decibels of the highest peak over the loudness; minus infinity for silence."""
    peak = float(np.max(np.abs(samples), initial=0.0))
    return 20 * math.log10(peak) - 10 * math.log10(power) if peak and power > _SILENT else -math.inf


def _sound_in(samples: Doubles, sample_rate: int) -> tuple[int, int]:
    """The sample where the first sound begins and the one after the last; all of `samples` for silence."""
    frame = round(_FRAME_SECONDS * sample_rate)
    frames = samples[: len(samples) // frame * frame].reshape(-1, frame)
    power = np.mean(np.square(frames), axis=1)
    loud = power[power > power.max(initial=0.0) / 100]
    heard = np.flatnonzero(power > loud.mean() * _PAUSE_BELOW**2) if loud.size else loud
    return (int(heard[0]) * frame, (int(heard[-1]) + 1) * frame) if heard.size else (0, len(samples))


def _pauses(samples: Samples, sample_rate: int, loudness: float) -> list[tuple[int, int]]:
    """First frame and the one after the last of each pause."""
    frame = round(_FRAME_SECONDS * sample_rate)
    frames = np.pad(samples.astype(np.float64), (0, -len(samples) % frame)).reshape(-1, frame)
    faint = np.sqrt(np.mean(frames * frames, axis=1)) < loudness * _PAUSE_BELOW
    edges = np.flatnonzero(np.diff(np.concatenate(([False], faint, [False])).astype(np.int8))).tolist()
    runs = zip(edges[::2], edges[1::2], strict=True)
    return [(begin, end) for begin, end in runs if end - begin >= _PAUSE_FRAMES]


def _pauses_lowered(samples: Samples, sample_rate: int, loudness: float) -> Doubles:
    """A factor for each sample: below 1 in the pauses inside the clip, with a frame of fade at each side."""
    frame = round(_FRAME_SECONDS * sample_rate)
    factors = np.ones(-(-len(samples) // frame))
    for begin, end in _pauses(samples, sample_rate, loudness):
        factors[begin + 1 : end - 1] = 10 ** (-QUIETED / 20)
    centres = (np.arange(len(factors)) + 0.5) * frame
    return np.interp(np.arange(len(samples)), centres, factors)


@lru_cache(maxsize=16)
def _weighting(sample_rate: int, size: int) -> npt.NDArray[np.complex128]:
    """The two K-weighting filters of BS.1770-4 for a transform of `size` at this sample rate.

    They are derived from the analogue prototypes of the standard's coefficients for 48 kHz.
    """
    turn = np.exp(-2j * np.pi * np.fft.rfftfreq(size))
    shelf = np.tan(np.pi * 1681.974450955533 / sample_rate)
    high, quality = 10 ** (3.999843853973347 / 20), 0.7071752369554196
    band = high**0.4996667741545416
    over = (
        (high + band * shelf / quality + shelf**2)
        + 2 * (shelf**2 - high) * turn
        + (high - band * shelf / quality + shelf**2) * turn**2
    )
    under = (1 + shelf / quality + shelf**2) + 2 * (shelf**2 - 1) * turn + (1 - shelf / quality + shelf**2) * turn**2
    corner, quality = np.tan(np.pi * 38.13547087602444 / sample_rate), 0.5003270373238773
    scale = 1 + corner / quality + corner**2
    rumble = (1 - turn) ** 2 / (
        1 + 2 * (corner**2 - 1) / scale * turn + (1 - corner / quality + corner**2) / scale * turn**2
    )
    weighting: npt.NDArray[np.complex128] = over / under * rumble
    return weighting
