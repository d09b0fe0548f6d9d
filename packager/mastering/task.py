"""A mastering task: everything that a worker needs to master one track, wherever it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from packager.arranging.profiles.profile import AudioFormat, TagFormat
from packager.mastering.concat import SpokenChunk
from packager.mastering.container import TrackTags
from packager.mastering.sentence_pauses import sentence_pauses
from packager.mastering.track import MasteredTrack, master
from packager.speech.clip import Clip
from packager.textnorm.chunk import Chunk

Pauses = Mapping[int, tuple[tuple[float, float], ...]]
"""By the chunk's place: begin and end (seconds in its clip) of the pause between each two of its sentences."""


class ClipSource(Protocol):
    """Where the clips of a track are."""

    def load(self, key: str) -> Clip:
        """The clip with this key. Raises SpeechError if it is missing."""


@dataclass(frozen=True)
class MasteringTask:
    """One track to master. `sentences` has the spoken characters of each sentence of a chunk that holds several."""

    clips: ClipSource
    keys: tuple[str, ...]  # of the clips, one for each chunk
    chunks: tuple[Chunk, ...]
    sentences: Mapping[int, tuple[int, ...]]  # by the chunk's place
    pace: int
    usual_pace: int
    lufs: float
    audio: AudioFormat
    tags: TrackTags
    tag_format: TagFormat
    destination: Path


@dataclass(frozen=True)
class MasteredSpeech:
    """The measurements of a finished track, and where its speech pauses between sentences."""

    track: MasteredTrack
    pauses: Pauses


def master_task(task: MasteringTask) -> MasteredSpeech:
    """Master the track of `task`; see `master`."""
    pauses: dict[int, tuple[tuple[float, float], ...]] = {}
    track = master(
        _spoken(task, pauses),
        pace=task.pace,
        usual_pace=task.usual_pace,
        lufs=task.lufs,
        audio=task.audio,
        tags=task.tags,
        tag_format=task.tag_format,
        destination=task.destination,
    )
    return MasteredSpeech(track, pauses)


def _spoken(task: MasteringTask, pauses: dict[int, tuple[tuple[float, float], ...]]) -> Iterator[SpokenChunk]:
    """The chunks with their clips, one in memory at a time; adds the pauses between sentences to `pauses`."""
    for place, (chunk, key) in enumerate(zip(task.chunks, task.keys, strict=True)):
        clip = task.clips.load(key)
        if place in task.sentences:
            pauses[place] = sentence_pauses(clip.samples, clip.sample_rate, task.sentences[place])
        yield SpokenChunk(chunk, clip)
