"""Compares audio that publishing cut or transcoded with the tracks that it was made of.

A cut track keeps its packets, so their hashes follow each other in the track's. Transcoded audio has other bytes, so
its samples are compared: by correlation in short windows, where there is sound.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from packager.mastering.ffmpeg import FfmpegError, file_argument, run_ffmpeg

Samples = np.ndarray[tuple[int], np.dtype[np.float32]]

_HASH_COLUMN = 5  # of ffmpeg's framehash
_RATE = 8000  # hertz: speech has its energy below 4 kHz
_WINDOW = _RATE // 2  # samples
_MOST_SHIFT = _RATE // 10  # samples between the two decoders
_LEAST_CORRELATION = 0.7  # of a window; the same sound stays near 1, other speech of the same voice is near 0
_AUDIBLE = 0.05  # of the loudest window's level; below it the encoders' noise counts as much as the sound


def is_cut_from(piece: Path, track: Path) -> bool:
    """Whether all packets of `piece` follow each other in `track`. Raises FfmpegError for what is no audio."""
    wanted, there = _packets(piece), _packets(track)
    if not wanted:
        return False
    starts = (place for place, packet in enumerate(there) if packet == wanted[0])
    return any(there[start : start + len(wanted)] == wanted for start in starts)


def sounds_like(book: Path, begins: float, track: Path, seconds: float) -> bool:
    """Whether `book` holds the sound of `track`, which lasts `seconds`, from `begins` (seconds)."""
    found = _samples(book, "-ss", f"{begins:.3f}", "-t", f"{seconds:.3f}")
    wanted = _samples(track, "-t", f"{seconds:.3f}")
    length = min(len(found), len(wanted))
    if length < len(wanted) - 2 * _MOST_SHIFT or not length:
        return False
    found, wanted = _aligned(found[:length], wanted[:length])
    count = len(found) // _WINDOW
    if count == 0:
        return True
    pairs = found[: count * _WINDOW].reshape(count, -1), wanted[: count * _WINDOW].reshape(count, -1)
    levels = [np.sqrt((each**2).sum(axis=1)) for each in pairs]
    floor = _AUDIBLE * max(float(each.max()) for each in levels)
    audible = np.maximum(*levels) > floor
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = np.nan_to_num((pairs[0] * pairs[1]).sum(axis=1) / (levels[0] * levels[1]))
    return bool((correlation[audible] >= _LEAST_CORRELATION).all())


def _packets(file: Path) -> Sequence[str]:
    """The hash of each packet of audio."""
    lines = run_ffmpeg(["-i", file_argument(file), "-map", "0:a", "-c", "copy", "-f", "framehash", "-hash", "md5", "-"])
    # Side data of a packet may follow its hash.
    return [line.split(",")[_HASH_COLUMN].strip() for line in lines.splitlines() if not line.startswith("#")]


def _samples(file: Path, *part: str) -> Samples:
    with TemporaryDirectory(prefix="packager-") as folder:
        raw = Path(folder) / "raw"
        try:
            run_ffmpeg(
                [
                    *part,
                    "-i",
                    file_argument(file),
                    "-map",
                    "0:a",
                    "-f",
                    "f32le",
                    "-ar",
                    str(_RATE),
                    "-ac",
                    "1",
                    file_argument(raw),
                ]
            )
        except FfmpegError:
            return np.zeros(0, np.float32)
        return np.fromfile(raw, "<f4")


def _aligned(one: Samples, other: Samples) -> tuple[Samples, Samples]:
    """Both without what one begins earlier than the other, at most `_MOST_SHIFT`."""
    size = 2 * len(one)
    both = np.fft.irfft(np.fft.rfft(one, size) * np.conj(np.fft.rfft(other, size)))
    near = np.concatenate([both[-_MOST_SHIFT:], both[: _MOST_SHIFT + 1]])
    shift = int(np.argmax(near)) - _MOST_SHIFT
    if shift >= 0:
        return one[shift:], other[: len(other) - shift]
    return one[: len(one) + shift], other[-shift:]
