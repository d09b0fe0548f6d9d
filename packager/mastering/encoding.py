"""Speech on disk becomes an audio file of the right length and loudness: stretch, level, encode, measure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from packager.arranging.profiles.profile import AudioFormat
from packager.mastering.concat import Assembly, stretched_track
from packager.mastering.container import find_container
from packager.mastering.ffmpeg import file_argument, run_ffmpeg
from packager.mastering.loudness import (
    Attempt,
    Level,
    Loudness,
    first_level,
    is_acceptable,
    is_close,
    measure,
    meter,
    nearer,
    read_meter,
)
from packager.mastering.speech_rate import SpeechTiming

MOST_ENCODES = 6  # speech takes one or two; a single word under half a second takes more

_LIMITER_RATE = 96_000  # hertz, so that peaks between samples are limited too
_ONE_THREAD = ("-filter_threads", "1", "-threads", "1")


@dataclass(frozen=True)
class Stretched:
    """A whole track at its tempo: 32-bit float little-endian mono PCM."""

    path: Path
    sample_rate: int  # hertz
    lufs: float  # integrated loudness, -70 for silence


def stretch(assembly: Assembly, timing: SpeechTiming, path: Path) -> Stretched:
    """Write the track of `assembly`, stretched by `timing`, to `path`, with unchanged pitch and exact length."""
    report = run_ffmpeg(
        [
            *_pcm("s32le", assembly.sample_rate, "pipe:0"),
            *("-af", meter(true_peak=False), "-f", "f32le", file_argument(path)),
        ],
        feed=stretched_track(assembly, timing),
    )
    return Stretched(path, assembly.sample_rate, read_meter(report)[0])


def encode_to_level(track: Stretched, path: Path, *, lufs: float, audio: AudioFormat) -> Loudness:
    """Encode `track` to `path` until it decodes close to `lufs` and under the peak ceiling; return its measurements.

    After `MOST_ENCODES` the best acceptable attempt is taken, else the last, which the caller has to check.
    """
    attempts: list[Attempt] = []
    while len(attempts) < MOST_ENCODES:
        level = nearer(attempts, lufs) if attempts else first_level(track.lufs, lufs)
        _encode(track, path, level, audio=audio)
        attempts.append(Attempt(level, measure(path)))
        if is_close(attempts[-1].heard, lufs):
            break
    good = [attempt for attempt in attempts if is_acceptable(attempt.heard, lufs)]
    if good and attempts[-1] not in good:
        # The last attempt went too far; encoding is deterministic, so an earlier one can be repeated.
        best = min(good, key=lambda attempt: abs(attempt.heard.lufs - lufs))
        _encode(track, path, best.level, audio=audio)
        return best.heard
    return attempts[-1].heard


def encoding_filters(level: Level, audio: AudioFormat) -> str:
    """The ffmpeg filters that bring a stretched track to `level` and to the sample rate of its file."""
    limit = 10 ** (level.ceiling / 20)
    return (
        f"volume={level.gain:.3f}dB,aresample={_LIMITER_RATE},"
        f"alimiter=limit={limit:.5f}:level=disabled,aresample={audio.sample_rate}"
    )


def _encode(track: Stretched, path: Path, level: Level, *, audio: AudioFormat) -> None:
    encoder = find_container(audio.container).encoder_arguments(audio)
    pcm = _pcm("f32le", track.sample_rate, file_argument(track.path))
    run_ffmpeg([*pcm, "-af", encoding_filters(level, audio), *encoder, file_argument(path)])


def _pcm(sample_format: str, sample_rate: int, source: str) -> list[str]:
    return [*_ONE_THREAD, "-f", sample_format, "-ar", str(sample_rate), "-ac", "1", "-i", source]
