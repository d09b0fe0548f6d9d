"""Loudness and true peak of finished audio (ITU-R BS.1770), and the search for the gain that reaches a target."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.mastering.container import container_of
from packager.mastering.ffmpeg import FfmpegError, file_argument, run_ffmpeg

TARGET_LUFS = -18.0  # integrated; AES TD1008 for speech
TOLERANCE_LU = 0.5  # of a finished file
CLOSE_LU = 0.25  # close enough not to encode again
CEILING_DBTP = -3.0  # true peak of the decoded file
SILENT_LUFS = -69.0  # below this is silence: the meter's absolute gate is at -70 LUFS

_LOWEST_PEAK = 1e-6  # -120 dBTP stands for digital silence
_FIRST_CEILING = -3.5  # decibels; encoding adds overshoot, more at low bit rates
_LOUD_CEILING = -5.0  # the encoder overshoots more at higher loudness
_FIRST_LOSS = 0.55  # decibels that LAME (0.44) and the limiter take from speech, measured at -18 LUFS
_LOUD_LOSS = 1.2  # the same at -16 LUFS: 0.5 to 1.5 by the voice
_PEAKS = 14.0  # decibels over the loudness: the headroom under the ceiling less what the stretch adds
_LOUD_PEAKS = 10.5  # the same at -16 LUFS
_PEAK_MARGIN = 0.35  # decibels under the ceiling to aim at, since each encode overshoots differently
_USUAL_RESPONSE = 0.75  # LU a decibel, of speech that the limiter works on
_LEAST_RESPONSE = 0.3  # a flatter secant would leap
_NEAR_LU = 0.4


@dataclass(frozen=True)
class Loudness:
    """The measurements of a decoded file."""

    lufs: float  # integrated, -70 for silence
    true_peak: float  # dBTP, -120 for silence
    seconds: float  # of all frames, the encoder's delay and padding (under 0.1 s) included
    sample_rate: int  # hertz
    channels: int


@dataclass(frozen=True)
class Level:
    """The gain and limiter settings for stretched speech."""

    gain: float  # decibels
    ceiling: float  # decibels of full scale that the limiter lets through


@dataclass(frozen=True)
class Attempt:
    """A level, and the measurements of the file encoded with it."""

    level: Level
    heard: Loudness


def measure(path: Path) -> Loudness:
    """Decode the track at `path` and measure all of it, with its silences, by BS.1770-4 with gating.

    A mono file is measured as one channel. The meter's blocks are 400 ms long, so a shorter word is measured with the
    silence around it. Raises InputError for a file that can't be decoded.
    """
    container = container_of(path)
    if not path.is_file():
        raise InputError(_("{path}: there is no such file").format(path=path))
    arguments = ["-threads", "1", "-i", file_argument(path), "-af", meter(true_peak=True), "-f", "null", "-"]
    try:
        report = run_ffmpeg(arguments)
        about = container.stream_info(path)
    except (FfmpegError, ValueError) as error:
        message = _("{path}: can't be decoded ({reason})")
        raise InputError(message.format(path=path, reason=getattr(error, "reason", error))) from error
    lufs, peak = read_meter(report)
    return Loudness(lufs, peak, about.seconds, about.sample_rate, about.channels)


def meter(*, true_peak: bool) -> str:
    """ffmpeg filters that pass audio through and print the meter's values to standard output."""
    peak = ":peak=true" if true_peak else ""
    return f"ebur128=metadata=1{peak},ametadata=mode=print:file=-"


def read_meter(report: str) -> tuple[float, float]:
    """Integrated loudness (LUFS) and true peak (dBTP, exact to 0.02) from the output of `meter`."""
    integrated = re.findall(r"lavfi\.r128\.I=(\S+)", report)
    peaks = re.findall(r"lavfi\.r128\.true_peak=(\S+)", report)
    lufs = float(integrated[-1]) if integrated else -math.inf
    peak = max((float(value) for value in peaks), default=0.0)
    return max(lufs, -70.0), round(20 * math.log10(max(peak, _LOWEST_PEAK)), 2)


def first_level(lufs: float, target: float) -> Level:
    """The level to try first for speech of `lufs` with the target `target`."""
    if target > TARGET_LUFS:
        return Level(target - lufs + _LOUD_LOSS, _LOUD_CEILING)
    return Level(target - lufs + _FIRST_LOSS, _FIRST_CEILING)


def peaks_over(target: float) -> float:
    """The highest peaks of a clip, in decibels over its loudness, in a track of `target` LUFS.

    They are low enough that the track's limiter, which would affect clips unequally, has little to do.
    """
    return _LOUD_PEAKS if target > TARGET_LUFS else _PEAKS


def nearer(attempts: Sequence[Attempt], target: float) -> Level:
    """The level to try after `attempts` for `target` (LUFS): a secant search.

    Because of the limiter, loudness grows more slowly than gain. Far from the target the slope comes from the last
    two attempts; near it their difference is mostly the encoder's noise.
    """
    last = attempts[-1]
    missing = target - last.heard.lufs
    response = _USUAL_RESPONSE
    if len(attempts) > 1 and abs(missing) > _NEAR_LU:
        before = attempts[-2]
        rise = last.level.gain - before.level.gain
        measured = (last.heard.lufs - before.heard.lufs) / rise if rise else _USUAL_RESPONSE
        response = min(1.0, max(_LEAST_RESPONSE, measured))
    ceiling = last.level.ceiling + CEILING_DBTP - _PEAK_MARGIN - last.heard.true_peak
    return Level(last.level.gain + missing / response, min(CEILING_DBTP, ceiling))


def is_close(heard: Loudness, target: float) -> bool:
    """Whether no further encode is needed."""
    return abs(heard.lufs - target) <= CLOSE_LU and heard.true_peak <= CEILING_DBTP


def is_acceptable(heard: Loudness, target: float) -> bool:
    """Whether a finished track may have these measurements."""
    return abs(heard.lufs - target) <= TOLERANCE_LU and heard.true_peak <= CEILING_DBTP
