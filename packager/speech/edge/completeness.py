"""Completeness of an online answer: are its MP3 frames, boundaries and length those of the whole text? Pure."""

from __future__ import annotations

import difflib
import io
import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from packager.base.i18n.language import _
from packager.speech.clip import Samples
from packager.speech.edge.client import Answer, Boundary

SAMPLE_RATE = 24_000  # hertz: audio-24khz-48kbitrate-mono-mp3 is what the library asks for

# The sound continues for almost a second after the last boundary. A frame is 0.024 s.
_MAX_SHORTER_SECONDS = 0.03
_MAX_LONGER_SECONDS = 1.5  # a word said twice, with the silence between, is longer

# Layer III by the version bits of a frame header: kilobits a second, hertz, and samples a frame.
_BIT_RATES = {
    3: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_SAMPLE_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


@dataclass(frozen=True)
class CompleteSpeech:
    """The sound of a complete answer."""

    samples: Samples  # shape (n,), float32, at SAMPLE_RATE
    covered: int  # audible characters that the service reported as spoken


def check_answer(answer: Answer, text: str) -> CompleteSpeech | str:
    """The sound of `answer`, or why it can't be the whole of `text`, for people."""
    if not answer.ended:
        return _("the connection ended before the service had finished")
    if not answer.audio:
        return _("no sound came")
    seconds = mp3_seconds(answer.audio)
    if seconds is None:
        return _("the sound is cut off or damaged")
    reason = _boundary_problem(answer.boundaries, text, seconds)
    if reason:
        return reason
    samples = _decoded(answer.audio)
    if samples is None or abs(len(samples) / SAMPLE_RATE - seconds) > 0.2:
        return _("the sound can't be decoded")
    return CompleteSpeech(samples, len(_audible(text)))


def mp3_seconds(data: bytes) -> float | None:
    """The duration of an MP3 that consists of complete frames from its first byte to its last; else None."""
    place = _after_id3(data)
    end = len(data) - 128 if data[-128:-125] == b"TAG" else len(data)
    seconds = 0.0
    while place < end:
        frame = _frame(data[place : place + 4])
        if frame is None or place + frame[0] > end:
            return None
        place += frame[0]
        seconds += frame[1]
    return seconds or None


def _after_id3(data: bytes) -> int:
    if data[:3] != b"ID3" or len(data) < 10:
        return 0
    size = 0
    for byte in data[6:10]:
        size = size << 7 | byte & 0x7F
    return 10 + size


def _frame(header: bytes) -> tuple[int, float] | None:
    """Bytes and seconds of the Layer III frame with this header (ISO 11172-3, 13818-3), or None."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return None
    version = header[1] >> 3 & 3
    rate, hertz, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if version == 1 or rate in (0, 15) or hertz == 3:
        return None
    bits = _BIT_RATES[3 if version == 3 else 2][rate - 1] * 1000
    sample_rate = _SAMPLE_RATES[version][hertz]
    samples = 1152 if version == 3 else 576
    return samples // 8 * bits // sample_rate + padding, samples / sample_rate


def _boundary_problem(boundaries: Sequence[Boundary], text: str, seconds: float) -> str | None:
    """How the reported boundaries differ from the text, or their times from the sound; None if they agree."""
    wanted = _audible(text)
    named = "".join(_audible(boundary.text) for boundary in boundaries)
    if named != wanted:
        common = difflib.SequenceMatcher(None, named, wanted, autojunk=False).get_matching_blocks()
        return _("the service named {found} of {n} characters as spoken, and {other} others").format(
            found=sum(block.size for block in common),
            n=len(wanted),
            other=len(named) - sum(block.size for block in common),
        )
    times = [boundary.start + boundary.seconds for boundary in boundaries]
    if not all(map(math.isfinite, times)) or times != sorted(times) or (times and times[0] < 0):
        return _("the times that the service gives make no sense")
    if not times or times[-1] == 0:
        return None
    if not times[-1] - _MAX_SHORTER_SECONDS <= seconds <= times[-1] + _MAX_LONGER_SECONDS:
        return _("{seconds:.1f} s of sound came for {expected:.1f} s of speech").format(
            seconds=seconds, expected=times[-1]
        )
    return None


def _audible(text: str) -> str:
    """The audible characters of `text`, normalized."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


def _decoded(audio: bytes) -> Samples | None:
    """Mono samples at SAMPLE_RATE; None if it is not an MP3."""
    import soundfile

    try:
        samples, sample_rate = soundfile.read(io.BytesIO(audio), dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, RuntimeError, ValueError):
        return None
    mono: Samples = samples.mean(axis=1, dtype=np.float32)
    return mono if sample_rate == SAMPLE_RATE else _resampled(mono, sample_rate)


def _resampled(samples: Samples, sample_rate: int) -> Samples:
    """`samples` at SAMPLE_RATE, if the service ever sends another rate: the spectrum is cut or padded."""
    count = round(len(samples) * SAMPLE_RATE / sample_rate)
    spectrum = np.fft.rfft(samples)[: count // 2 + 1]
    return (np.fft.irfft(spectrum, count) * (count / len(samples))).astype(np.float32)
