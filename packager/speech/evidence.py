"""What a clip's samples tell: how long, how loud, where silent; and whether that can be the whole text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from packager.base.evidence import Evidence
from packager.base.i18n.language import _
from packager.speech.clip import Samples
from packager.speech.duration_bounds import DurationBounds

_Flags = npt.NDArray[np.bool_]

_FRAME_SECONDS = 0.01
_SILENCE = 10 ** (-50 / 20)  # of the clip's own peak: -50 dB
_MARGIN_SECONDS = 0.02  # kept around the sound, so that soft beginnings and ends are not cut
_JOIN_SECONDS = 0.15

# Outside of these no voice is believed, measured or not. The voices on offer take 0.13 to 0.3 s a Hanzi over
# a sentence; a few characters alone take longer, and the letters of a Latin word share a syllable.
_FASTEST = 0.09  # seconds a Hanzi
_FASTEST_LETTER = 0.02  # seconds
_SLOWEST = 0.55
_ALLOWANCE_SECONDS = 0.6
_LONGEST_SILENCE = 1.5  # seconds
_HIGHEST_PEAK = 0.99  # of full scale
# Sound that was cut off at full scale stands still there; a wave, however loud, does not for so long.
_CUT_OFF = 0.985  # of full scale
_STILL = 1e-4
_STILL_SAMPLES = 4


def trimmed(samples: Samples, sample_rate: int) -> Samples:
    """`samples` without the silence at head and tail."""
    loud = np.flatnonzero(_loud_frames(samples, sample_rate))
    if not loud.size:
        return samples[:0]
    frame = round(_FRAME_SECONDS * sample_rate)
    margin = round(_MARGIN_SECONDS * sample_rate)
    return samples[max(int(loud[0]) * frame - margin, 0) : (int(loud[-1]) + 1) * frame + margin]


def held(samples: Samples) -> Samples:
    """`samples`, softer where they go beyond full scale: numbers can do that unharmed, 16-bit sound can't."""
    peak = float(np.max(np.abs(samples), initial=0.0))
    return samples * np.float32(_HIGHEST_PEAK / peak) if peak > _HIGHEST_PEAK else samples


def joined(pieces: Sequence[Samples], sample_rate: int) -> Samples:
    """The pieces of one sentence behind each other, a breath between them."""
    breath = np.zeros(round(_JOIN_SECONDS * sample_rate), dtype=np.float32)
    parts = [part for piece in pieces for part in (breath, piece)]
    return np.concatenate(parts[1:])


def clipped_samples(samples: Samples) -> int:
    """How many of `samples`, as the engine made them, were cut off at full scale."""
    level = np.abs(samples)
    still = (level[1:] >= _CUT_OFF) & (np.abs(np.diff(samples)) <= _STILL)
    lengths = _runs(still) + 1
    return int(lengths[lengths >= _STILL_SAMPLES].sum())


def evidence_of(samples: Samples, sample_rate: int, *, spoken: int, phonemes: int) -> Evidence:
    """What `samples` tell of themselves; of `spoken` characters and `phonemes` they were made from."""
    quiet = ~_loud_frames(samples, sample_rate)
    return Evidence(
        seconds=round(len(samples) / sample_rate, 4),
        spoken=spoken,
        phonemes=phonemes,
        peak=round(float(np.max(np.abs(samples), initial=0.0)), 4),
        longest_silence=round(int(_runs(quiet).max(initial=0)) * _FRAME_SECONDS, 2),
    )


def doubt(evidence: Evidence, text: str, band: DurationBounds | None = None) -> str | None:
    """Why a clip with this evidence can't be the whole of `text`; None when nothing speaks against it.

    `band` is that of its voice, where it was measured.
    """
    letters = sum(character.isascii() and character.isalpha() for character in text)
    shortest = (evidence.spoken - letters) * _FASTEST + letters * _FASTEST_LETTER
    longest = evidence.spoken * _SLOWEST + _ALLOWANCE_SECONDS
    if band is not None:
        least, most = band.limits(text)
        shortest, longest = max(shortest, least), min(longest, most)
    if not np.isfinite(evidence.peak) or evidence.peak < 0.01:
        return _("silence")
    if evidence.peak >= 1.0 or evidence.clipped:
        return _("clipped")
    if evidence.seconds < shortest:
        return _("{seconds:.1f} s is too short").format(seconds=evidence.seconds)
    if evidence.seconds > longest:
        return _("{seconds:.1f} s is too long").format(seconds=evidence.seconds)
    if evidence.longest_silence > _LONGEST_SILENCE:
        return _("a silence of {seconds:.1f} s in it").format(seconds=evidence.longest_silence)
    return None


def _loud_frames(samples: Samples, sample_rate: int) -> _Flags:
    """Frames of 10 ms whose loudest sample stands above silence."""
    frame = round(_FRAME_SECONDS * sample_rate)
    padded = np.pad(np.abs(samples), (0, -len(samples) % frame))
    peaks = padded.reshape(-1, frame).max(axis=1, initial=0.0)
    loudest = peaks.max(initial=0.0)
    flags: _Flags = (peaks > loudest * _SILENCE) & (loudest > 0)
    return flags


def _runs(flags: _Flags) -> npt.NDArray[np.intp]:
    """The length of each run of true flags."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return edges[1::2] - edges[::2]
