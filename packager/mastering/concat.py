"""Concatenate clips to one PCM stream: levelled, with faded edges and pauses, on disk except for one block."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from packager.mastering.clip_leveler import levelled, pauses_inside, room_tone
from packager.mastering.speech_rate import Piece, SpeechTiming, longer_breaths, planned_silences
from packager.speech.clip import Clip, Samples
from packager.textnorm.chunk import Chunk

FADE_SECONDS = 0.005  # at both edges of a clip: too short to hear, long enough to avoid a click
SAMPLE_BYTES = 4  # signed 32-bit PCM, so that a quiet voice keeps its resolution

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


def assemble(spoken: Iterable[SpokenChunk], speech: Path, *, peaks: float) -> Assembly:
    """Write the speech of `spoken` to the new file `speech`, one clip in memory at a time.

    Peaks of a clip are lowered to `peaks` decibels over its loudness. Raises ValueError for clips with different
    sample rates; a track has one voice.
    """
    pieces: list[Piece] = []
    rates: set[int] = set()
    with speech.open("wb") as stream:
        for each in spoken:
            rates.add(each.clip.sample_rate)
            if len(rates) > 1:
                raise ValueError(f"clips of one track have different sample rates: {sorted(rates)}")
            data = _faded(_segment(each.clip, peaks)).raw_data
            stream.write(data)
            breaths = pauses_inside(each.clip.samples, each.clip.sample_rate)
            pieces.append(Piece.of(each.chunk, len(data) / SAMPLE_BYTES / each.clip.sample_rate, breaths))
    return Assembly(speech, rates.pop() if rates else 0, tuple(pieces))


def with_pauses(assembly: Assembly, timing: SpeechTiming) -> Iterator[bytes]:
    """The PCM of the track before the stretch, over the room tone, in blocks of at most 1 MiB of speech.

    Silences are shortened by the tempo, so that they have their planned length after the stretch. So are those that
    make pauses inside clips longer.
    """
    silences = [
        seconds * timing.tempo for seconds in planned_silences(assembly.pieces, timing.pause_scale, timing.around)
    ]
    room = _RoomTone(assembly.sample_rate)
    yield room.under_silence(silences[0])
    with assembly.speech.open("rb") as stream:
        all_breaths = longer_breaths(assembly.pieces, timing)
        for piece, silence, breaths in zip(assembly.pieces, silences[1:], all_breaths, strict=True):
            done = 0
            for place in (*breaths, piece.seconds):
                samples = round(place * assembly.sample_rate) - done
                done += samples
                yield from _read(stream, samples, room)
                yield room.under_silence(silence if place == piece.seconds else timing.breath * timing.tempo)


def stretched_samples(assembly: Assembly, timing: SpeechTiming) -> int:
    """Number of samples of the track after the stretch."""
    speech = sum(piece.seconds for piece in assembly.pieces)
    silence = sum(planned_silences(assembly.pieces, timing.pause_scale, timing.around))
    breaths = sum(map(len, longer_breaths(assembly.pieces, timing)))
    return round((speech / timing.tempo + silence + timing.breath * breaths) * assembly.sample_rate)


def _read(stream: BinaryIO, samples: int, room: _RoomTone) -> Iterator[bytes]:
    left = samples * SAMPLE_BYTES
    while left and (block := stream.read(min(left, _BLOCK_BYTES))):
        left -= len(block)
        yield room.under(np.frombuffer(block, "<i4"))


class _RoomTone:
    """The tone of a quiet room, continuous under speech and silence."""

    def __init__(self, sample_rate: int) -> None:
        self._sample_rate = sample_rate
        self._tone = _numbers(room_tone(sample_rate))
        self._at = 0

    def under(self, sound: npt.NDArray[np.int32]) -> bytes:
        """`sound` mixed with the next part of the tone."""
        begin = self._at % len(self._tone)
        turns = (begin + len(sound)) // len(self._tone) + 1
        self._at += len(sound)
        return bytes((sound + np.tile(self._tone, turns)[begin : begin + len(sound)]).astype("<i4").tobytes())

    def under_silence(self, seconds: float) -> bytes:
        """The tone alone."""
        return self.under(np.zeros(round(seconds * self._sample_rate), np.int32))


@cache
def _audio_segment() -> Any:
    with warnings.catch_warnings():
        # pydub warns at import when there is no ffmpeg on PATH; it is not needed here.
        warnings.filterwarnings("ignore", message="Couldn't find ffmpeg or avconv", category=RuntimeWarning)
        from pydub import AudioSegment
    return AudioSegment


def _segment(clip: Clip, peaks: float) -> Any:
    data = _numbers(levelled(clip.samples, clip.sample_rate, peaks)).tobytes()
    return _audio_segment()(data=data, sample_width=SAMPLE_BYTES, frame_rate=clip.sample_rate, channels=1)


def _numbers(samples: Samples) -> npt.NDArray[np.int32]:
    return np.rint(np.clip(samples, -1.9, 1.9).astype(np.float64) * _FULL_SCALE).astype("<i4")


def _faded(segment: Any) -> Any:
    milliseconds = min(round(FADE_SECONDS * 1000), len(segment) // 2)
    if milliseconds == 0:
        return segment
    return segment.fade_in(milliseconds).fade_out(milliseconds)
