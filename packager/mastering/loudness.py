"""Loudness and true peak of finished audio (ITU-R BS.1770), and how to come nearer to what is wanted."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.mastering.container import container_of
from packager.mastering.ffmpeg import FfmpegError, file_argument, run_ffmpeg

TARGET_LUFS = -18.0  # integrated; AES TD1008 for speech
TOLERANCE_LU = 0.5  # what a finished file may be off
CLOSE_LU = 0.25  # what is good enough not to encode again
CEILING_DBTP = -3.0  # true peak of the decoded file
SILENT_LUFS = -69.0  # the meter's absolute gate is at -70 LUFS: below this nothing was heard

_LOWEST_PEAK = 1e-6  # -120 dBTP stands for digital silence
_FIRST_CEILING = -3.5  # decibels; encoding adds overshoot, more at low bit rates
_LOUD_CEILING = -5.0  # the louder, the more the encoder overshoots
_FIRST_LOSS = 0.55  # decibels that LAME (0.44, measured) and the limiter take from speech
_LOUD_LOSS = 1.2  # and from speech 2 LU louder: 0.5 to 1.5 by the voice
_PEAKS = 14.0  # decibels over the loudness: what the ceiling leaves room for, less what the stretch adds
_LOUD_PEAKS = 10.5  # for speech 2 LU louder, which the encoder overshoots more
_PEAK_MARGIN = 0.35  # decibels under the ceiling to aim at: each encode overshoots a little differently
_USUAL_RESPONSE = 0.75  # LU a decibel, of speech that the limiter works on
_LEAST_RESPONSE = 0.3  # a flatter secant would leap
_NEAR_LU = 0.4


@dataclass(frozen=True)
class Loudness:
    """What a file measures when it is decoded."""

    lufs: float  # integrated, -70 for silence
    true_peak: float  # dBTP, -120 for silence
    seconds: float  # of all frames, the encoder's delay and padding (under 0.1 s) included
    sample_rate: int  # hertz
    channels: int


@dataclass(frozen=True)
class Level:
    """How the stretched speech is brought to its level."""

    gain: float  # decibels
    ceiling: float  # decibels of full scale that the limiter lets through


@dataclass(frozen=True)
class Attempt:
    """A level, and what came out of it."""

    level: Level
    heard: Loudness


def measure(path: Path, *, stop: threading.Event | None = None) -> Loudness:
    """Decode the track at `path` and measure all of it, its silences included, by BS.1770-4 with gating.

    A mono file is measured as the one channel that it is. The meter's blocks are 400 ms long, so a word
    shorter than that counts together with the silence around it: the figure is the one that every meter gives
    for the file, and a finished track always has one, since its silences alone last longer. Raises InputError
    for what can't be decoded.
    """
    container = container_of(path)
    if not path.is_file():
        raise InputError(_("{path}: there is no such file").format(path=path))
    arguments = ["-threads", "1", "-i", file_argument(path), "-af", meter(true_peak=True), "-f", "null", "-"]
    try:
        report = run_ffmpeg(arguments, stop=stop)
        about = container.stream_info(path)
    except (FfmpegError, ValueError) as error:
        message = _("{path}: can't be decoded ({reason})")
        raise InputError(message.format(path=path, reason=getattr(error, "reason", error))) from error
    lufs, peak = read_meter(report)
    return Loudness(lufs, peak, about.seconds, about.sample_rate, about.channels)


def meter(*, true_peak: bool) -> str:
    """The filters that pass audio through and print the meter to standard output, ten times a second."""
    peak = ":peak=true" if true_peak else ""
    return f"ebur128=metadata=1{peak},ametadata=mode=print:file=-"


def read_meter(report: str) -> tuple[float, float]:
    """Integrated loudness (LUFS) and true peak (dBTP, exact to 0.02) that `meter` printed."""
    integrated = re.findall(r"lavfi\.r128\.I=(\S+)", report)
    peaks = re.findall(r"lavfi\.r128\.true_peak=(\S+)", report)
    lufs = float(integrated[-1]) if integrated else -math.inf
    peak = max((float(value) for value in peaks), default=0.0)
    return max(lufs, -70.0), round(20 * math.log10(max(peak, _LOWEST_PEAK)), 2)


def first_level(lufs: float, target: float) -> Level:
    """The level to try first for speech that measures `lufs` and is to come to `target`."""
    if target > TARGET_LUFS:
        return Level(target - lufs + _LOUD_LOSS, _LOUD_CEILING)
    return Level(target - lufs + _FIRST_LOSS, _FIRST_CEILING)


def peaks_over(target: float) -> float:
    """How high (decibels over its loudness) a clip's peaks may be in a track that is to come to `target`.

    So low that the limiter of the track has little to do, which would be more in one clip than in the next.
    """
    return _LOUD_PEAKS if target > TARGET_LUFS else _PEAKS


def nearer(attempts: Sequence[Attempt], target: float) -> Level:
    """The level to try after `attempts` to come to `target` (LUFS).

    What the limiter takes away makes loudness grow more slowly than gain. Far from the target the last two
    attempts tell how much more slowly; near it their difference is more the encoder's than the gain's.
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
    """Whether `heard` needs no further encode."""
    return abs(heard.lufs - target) <= CLOSE_LU and heard.true_peak <= CEILING_DBTP


def is_acceptable(heard: Loudness, target: float) -> bool:
    """Whether `heard` keeps what is promised of a finished track."""
    return abs(heard.lufs - target) <= TOLERANCE_LU and heard.true_peak <= CEILING_DBTP
