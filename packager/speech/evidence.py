"""Evidence of completeness: duration, level and silence of a clip's samples, and whether they fit its text. Pure."""

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

# Limits for every voice, measured or not. The voices on offer take 0.13 to 0.3 s a Hanzi over a sentence. A few
# characters alone take longer; the letters of a Latin word share a syllable.
_FASTEST = 0.09  # seconds a Hanzi
_FASTEST_LETTER = 0.02  # seconds
_SLOWEST = 0.55  # seconds a character
_ALLOWANCE_SECONDS = 0.6
_MAX_SILENCE = 1.5  # seconds
_MIN_PEAK, _MAX_PEAK = 0.01, 0.99  # of full scale
# Samples that were clipped at full scale stay constant; a wave, however loud, does not for so long.
_CLIPPING_LEVEL = 0.985  # of full scale
_CONSTANT = 1e-4
_CONSTANT_SAMPLES = 4


def trim_silence(samples: Samples, sample_rate: int) -> Samples:
    """`samples` without the silence at head and tail."""
    loud = np.flatnonzero(_loud_frames(samples, sample_rate))
    if not loud.size:
        return samples[:0]
    frame = round(_FRAME_SECONDS * sample_rate)
    margin = round(_MARGIN_SECONDS * sample_rate)
    return samples[max(int(loud[0]) * frame - margin, 0) : (int(loud[-1]) + 1) * frame + margin]


def limit_peak(samples: Samples) -> Samples:
    """`samples`, made softer if they exceed full scale: float samples may, 16-bit sound can't."""
    peak = float(np.max(np.abs(samples), initial=0.0))
    return samples * np.float32(_MAX_PEAK / peak) if peak > _MAX_PEAK else samples


def join_pieces(pieces: Sequence[Samples], sample_rate: int) -> Samples:
    """The pieces of one sentence, with a short pause between them."""
    pause = np.zeros(round(_JOIN_SECONDS * sample_rate), dtype=np.float32)
    parts = [part for piece in pieces for part in (pause, piece)]
    return np.concatenate(parts[1:])


def clipped_samples(samples: Samples) -> int:
    """How many of an engine's `samples` were clipped at full scale."""
    level = np.abs(samples)
    constant = (level[1:] >= _CLIPPING_LEVEL) & (np.abs(np.diff(samples)) <= _CONSTANT)
    lengths = _run_lengths(constant) + 1
    return int(lengths[lengths >= _CONSTANT_SAMPLES].sum())


def measure_evidence(samples: Samples, sample_rate: int, *, characters: int, phonemes: int) -> Evidence:
    """The evidence in `samples`, which were made from so many audible characters and phonemes."""
    quiet = ~_loud_frames(samples, sample_rate)
    return Evidence(
        seconds=round(len(samples) / sample_rate, 4),
        spoken=characters,
        phonemes=phonemes,
        peak=round(float(np.max(np.abs(samples), initial=0.0)), 4),
        longest_silence=round(int(_run_lengths(quiet).max(initial=0)) * _FRAME_SECONDS, 2),
    )


def find_defect(evidence: Evidence, text: str, bounds: DurationBounds | None = None) -> str | None:
    """Why a clip with this evidence can't be the whole of `text`, for people; None if nothing is wrong.

    `bounds` are those of its voice, if they were measured.
    """
    letters = sum(character.isascii() and character.isalpha() for character in text)
    shortest = (evidence.spoken - letters) * _FASTEST + letters * _FASTEST_LETTER
    longest = evidence.spoken * _SLOWEST + _ALLOWANCE_SECONDS
    if bounds is not None:
        least, most = bounds.limits(text)
        shortest, longest = max(shortest, least), min(longest, most)
    if not np.isfinite(evidence.peak) or evidence.peak < _MIN_PEAK:
        return _("silence")
    if evidence.peak >= 1.0 or evidence.clipped:
        return _("clipped")
    if evidence.seconds < shortest:
        return _("{seconds:.1f} s is too short").format(seconds=evidence.seconds)
    if evidence.seconds > longest:
        return _("{seconds:.1f} s is too long").format(seconds=evidence.seconds)
    if evidence.longest_silence > _MAX_SILENCE:
        return _("a silence of {seconds:.1f} s in it").format(seconds=evidence.longest_silence)
    return None


def _loud_frames(samples: Samples, sample_rate: int) -> _Flags:
    """Frames of 10 ms whose loudest sample is above silence."""
    frame = round(_FRAME_SECONDS * sample_rate)
    padded = np.pad(np.abs(samples), (0, -len(samples) % frame))
    peaks = padded.reshape(-1, frame).max(axis=1, initial=0.0)
    loudest = peaks.max(initial=0.0)
    flags: _Flags = (peaks > loudest * _SILENCE) & (loudest > 0)
    return flags


def _run_lengths(flags: _Flags) -> npt.NDArray[np.intp]:
    """The length of each run of true flags."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return edges[1::2] - edges[::2]
