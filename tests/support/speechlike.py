"""Clips that are speech to a meter, the same on every machine; and ears that are not the program's own."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import numpy.typing as npt
import soundfile

from packager.arranging.profiles.profile import AudioFormat, TagFormat
from packager.arranging.tracklist import Role
from packager.base.evidence import Evidence
from packager.mastering import MasteredTrack, SpokenChunk, TrackTags, master
from packager.speech.clip import Clip
from packager.textnorm.chunk import Break, Chunk

RATE = 24_000
CHARACTERS_A_SECOND = 305 / 60

Samples = npt.NDArray[np.float32]


def speech_like(seconds: float, peak: float = 0.6, seed: int = 1) -> Samples:
    """Voiced syllables, five a second, hiss between them, at full level from the first sample to the last."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * RATE)) / RATE
    pitch = 170 + 40 * np.sin(2 * np.pi * 0.6 * time + seed)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    voice = sum(np.cos(k * phase) / k for k in range(1, 16))
    syllables = 0.15 + 0.85 * np.abs(np.cos(np.pi * 2.5 * time))
    sound = voice * syllables + 0.3 * rng.standard_normal(len(time)) * (1.2 - syllables)
    return (peak * sound / np.max(np.abs(sound))).astype(np.float32)


def chunk_of(samples: Samples, role: Role, ends: Break, spoken: int | None = None) -> SpokenChunk:
    seconds = len(samples) / RATE
    count = round(seconds * CHARACTERS_A_SECOND) if spoken is None else spoken
    clip = Clip(samples, RATE, Evidence(seconds, count, 0, float(np.max(np.abs(samples), initial=0.0)), 0.0))
    return SpokenChunk(Chunk("字" * count, role, ends, count), clip)


def chapter(peak: float = 0.6, seed: int = 1) -> list[SpokenChunk]:
    """A lead-in, a heading, two paragraphs, a tail: about 17 seconds of speech."""
    parts = [
        (1.5, Role.LEAD_IN, Break.HEADING),
        (1.2, Role.HEADING, Break.HEADING),
        (4.0, Role.PARAGRAPH, Break.SENTENCE),
        (3.0, Role.PARAGRAPH, Break.CLAUSE),
        (2.5, Role.PARAGRAPH, Break.PARAGRAPH),
        (3.5, Role.PARAGRAPH, Break.PARAGRAPH),
        (1.0, Role.TAIL, Break.SENTENCE),
    ]
    return [
        chunk_of(speech_like(seconds, peak, seed + place), role, ends)
        for place, (seconds, role, ends) in enumerate(parts)
    ]


TAGS = TrackTags(title="第一章　总则", album="读本", artist="编写组", place=1, places=12, number=37)


def make(spoken: Iterable[SpokenChunk], destination: Path, **changes: object) -> MasteredTrack:
    options: dict[str, object] = {
        "pace": 190,
        "audio": AudioFormat(44_100, 64),
        "tags": TAGS,
        "tag_format": TagFormat(),
        **changes,
    }
    return master(spoken, destination=destination, **options)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Heard:
    lufs: float
    true_peak: float


def meter(path: Path) -> Heard:
    """What ffmpeg's own summary says of the file, to a tenth."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-hide_banner", "-i", str(path)]
    command += ["-filter_complex", "ebur128=peak=true", "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, check=True).stderr.decode("utf-8", "replace")
    summary = said[said.rindex("Summary:") :]
    lufs = re.search(r"I:\s+(\S+) LUFS", summary)
    peak = re.search(r"Peak:\s+(\S+) dBFS", summary)
    assert lufs is not None
    assert peak is not None
    return Heard(float(lufs[1]), float(peak[1]))


@dataclass(frozen=True)
class Decoded:
    samples: npt.NDArray[np.float64]
    rate: int

    def silences(self, at_least: float = 0.15) -> list[tuple[float, float]]:
        """Begin and length in seconds of every stretch below -55 dB of the loudest sample."""
        level = np.abs(self.samples) > 10 ** (-55 / 20) * np.max(np.abs(self.samples))
        edges = np.flatnonzero(level)
        begins = np.concatenate(([0], edges + 1))
        ends = np.concatenate((edges, [len(self.samples)]))
        lengths = (ends - begins) / self.rate
        return [
            (float(begin) / self.rate, float(length))
            for begin, length in zip(begins, lengths, strict=True)
            if length >= at_least
        ]


def decode(path: Path) -> Decoded:
    samples, rate = soundfile.read(path)
    assert samples.ndim == 1
    return Decoded(samples, rate)
