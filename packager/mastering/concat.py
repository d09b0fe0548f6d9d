"""Concatenate clips to one PCM stream: levelled, with faded edges, stretched, with pauses; one clip in memory."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from packager.mastering.breaths import breaths_at_marks
from packager.mastering.clip_leveler import levelled, room_tone
from packager.mastering.speech_rate import Piece, SpeechTiming, longer_breaths, planned_silences
from packager.mastering.time_stretch import lengthened
from packager.speech.clip import Clip, Samples
from packager.textnorm.chunk import Chunk

FADE_SECONDS = 0.005  # at both edges of what is between two silences: too short to hear, long enough to avoid a click
SAMPLE_BYTES = 4  # signed 32-bit PCM, so that a quiet voice keeps its resolution

_FULL_SCALE = 2**30  # half of the range, so that samples a little over full scale survive until the limiter


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
            samples = levelled(each.clip.samples, each.clip.sample_rate, peaks)
            stream.write(_numbers(samples).tobytes())
            breaths = breaths_at_marks(each.chunk.text, each.clip.samples, each.clip.sample_rate)
            pieces.append(Piece.of(each.chunk, len(samples) / each.clip.sample_rate, breaths))
    return Assembly(speech, rates.pop() if rates else 0, tuple(pieces))


def stretched_track(assembly: Assembly, timing: SpeechTiming) -> Iterator[bytes]:
    """The PCM of the track at its tempo, over the room tone, one clip at a time.

    Each clip is stretched by itself; silences, and what makes pauses inside clips longer, are put in afterwards.
    """
    rate = assembly.sample_rate
    silences = planned_silences(assembly.pieces, timing.pause_scale, timing.around)
    room = _RoomTone(rate)
    yield room.under_silence(silences[0])
    with assembly.speech.open("rb") as stream:
        all_breaths = longer_breaths(assembly.pieces, timing)
        for piece, silence, breaths in zip(assembly.pieces, silences[1:], all_breaths, strict=True):
            data = stream.read(round(piece.seconds * rate) * SAMPLE_BYTES)
            samples = (np.frombuffer(data, "<i4") / _FULL_SCALE).astype(np.float32)
            *parts, last = lengthened(samples, rate, timing.tempo, breaths)
            for part, pause in [*((part, timing.breath) for part in parts), (last, silence)]:
                yield room.under(_faded(part, rate))
                yield room.under_silence(pause)


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


def _numbers(samples: Samples) -> npt.NDArray[np.int32]:
    return np.rint(np.clip(samples, -1.9, 1.9).astype(np.float64) * _FULL_SCALE).astype("<i4")


def _faded(samples: Samples, sample_rate: int) -> npt.NDArray[np.int32]:
    """`samples` as PCM, with faded edges."""
    data = _numbers(samples).tobytes()
    segment = _audio_segment()(data=data, sample_width=SAMPLE_BYTES, frame_rate=sample_rate, channels=1)
    if milliseconds := min(round(FADE_SECONDS * 1000), len(segment) // 2):
        segment = segment.fade_in(milliseconds).fade_out(milliseconds)
    faded = np.frombuffer(segment.raw_data, "<i4")[: len(samples)]
    return np.pad(faded, (0, len(samples) - len(faded)))  # pydub cuts at whole milliseconds


@cache
def _audio_segment() -> Any:
    with warnings.catch_warnings():
        # pydub warns at import when there is no ffmpeg on PATH; it is not needed here.
        warnings.filterwarnings("ignore", message="Couldn't find ffmpeg or avconv", category=RuntimeWarning)
        from pydub import AudioSegment
    return AudioSegment
