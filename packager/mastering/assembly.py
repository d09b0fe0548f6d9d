"""Clips become one stretch of PCM: edges faded, pauses between, everything but a block of it on disk."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from packager.mastering.pace import HEAD_SECONDS, TAIL_SECONDS, Piece
from packager.speaking.clip import Clip
from packager.wording.chunk import Chunk

FADE_SECONDS = 0.005  # at both edges of a clip: too short to be heard, long enough not to click
SAMPLE_BYTES = 4  # signed 32-bit PCM: a quiet voice keeps its resolution until it is raised

_FULL_SCALE = 2**30  # half of the range, so that samples a little over full scale survive until the limiter
_BLOCK_BYTES = 1024 * 1024


@dataclass(frozen=True)
class SpokenChunk:
    """A Chunk and its speech."""

    chunk: Chunk
    clip: Clip


@dataclass(frozen=True)
class Assembly:
    """The speech of a track on disk, clip after clip without pauses, and the time that each clip takes."""

    speech: Path  # signed 32-bit little-endian mono PCM, level halved
    sample_rate: int  # hertz
    pieces: tuple[Piece, ...]


def assemble(spoken: Iterable[SpokenChunk], speech: Path) -> Assembly:
    """Write the speech of `spoken` to the new file `speech`, one clip in memory at a time.

    All clips of a track must have one sample rate (ValueError): a track is spoken by one voice.
    """
    pieces: list[Piece] = []
    rates: set[int] = set()
    with speech.open("wb") as stream:
        for each in spoken:
            rates.add(each.clip.sample_rate)
            if len(rates) > 1:
                raise ValueError(f"clips of one track have different sample rates: {sorted(rates)}")
            data = _faded(_segment(each.clip)).raw_data
            stream.write(data)
            pieces.append(Piece.of(each.chunk, len(data) / SAMPLE_BYTES / each.clip.sample_rate))
    return Assembly(speech, rates.pop() if rates else 0, tuple(pieces))


def with_pauses(assembly: Assembly, tempo: float) -> Iterator[bytes]:
    """The PCM of the track before the stretch, in blocks of at most 1 MiB of speech.

    Each silence is shortened by `tempo`, so that it has its fixed length after the stretch.
    """
    silences = silences_of(assembly.pieces)
    yield _silence(silences[0] * tempo, assembly.sample_rate)
    with assembly.speech.open("rb") as stream:
        for piece, silence in zip(assembly.pieces, silences[1:], strict=True):
            left = round(piece.seconds * assembly.sample_rate) * SAMPLE_BYTES
            while left and (block := stream.read(min(left, _BLOCK_BYTES))):
                left -= len(block)
                yield block
            yield _silence(silence * tempo, assembly.sample_rate)


def silences_of(pieces: Sequence[Piece]) -> list[float]:
    """Seconds of silence before the first piece and after each one, in the finished track."""
    return [HEAD_SECONDS, *(piece.pause for piece in pieces[:-1]), TAIL_SECONDS]


def stretched_samples(assembly: Assembly, tempo: float) -> int:
    """Samples that the track has after the stretch."""
    speech = sum(piece.seconds for piece in assembly.pieces)
    return round((speech / tempo + sum(silences_of(assembly.pieces))) * assembly.sample_rate)


@cache
def _audio_segment() -> Any:
    with warnings.catch_warnings():
        # pydub looks for an ffmpeg on PATH when it is imported, and warns; here it never needs one.
        warnings.filterwarnings("ignore", message="Couldn't find ffmpeg or avconv", category=RuntimeWarning)
        from pydub import AudioSegment
    return AudioSegment


def _segment(clip: Clip) -> Any:
    data = np.rint(np.clip(clip.samples, -1.9, 1.9).astype(np.float64) * _FULL_SCALE).astype("<i4").tobytes()
    return _audio_segment()(data=data, sample_width=SAMPLE_BYTES, frame_rate=clip.sample_rate, channels=1)


def _faded(segment: Any) -> Any:
    milliseconds = min(round(FADE_SECONDS * 1000), len(segment) // 2)
    if milliseconds == 0:
        return segment
    return segment.fade_in(milliseconds).fade_out(milliseconds)


def _silence(seconds: float, sample_rate: int) -> bytes:
    silence = _audio_segment().silent(duration=seconds * 1000, frame_rate=sample_rate)
    return bytes(silence.set_sample_width(SAMPLE_BYTES).raw_data)
