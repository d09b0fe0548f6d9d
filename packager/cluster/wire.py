"""Tasks and answers as bytes between the parent and a worker: a header in JSON, and blobs. Pure.

Whatever arrives is data of another computer: every field is checked, and nothing is unpickled.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from packager.arranging.profiles.profile import AudioFormat, TagFormat
from packager.base.formats import canonical_json, sha256_bytes
from packager.mastering.container import TrackTags
from packager.mastering.speech_rate import TrackClock
from packager.mastering.task import ClipSource, MasteredSpeech, MasteringTask
from packager.mastering.track import MasteredTrack
from packager.speech.cache import decoded_clip
from packager.speech.clip import Clip
from packager.speech.voice_catalog import Voice
from packager.speech.workers import SpeechTask
from packager.textnorm.chunk import Chunk

MOST_HEADER_BYTES = 64 * 1024 * 1024
_LENGTH_BYTES = 8
_SECONDS_OFF, _PEAK_OFF = 0.001, 0.002  # between evidence and samples, which are rounded to 16 bits
_SHA256 = re.compile(r"[0-9a-f]{64}")


class WireError(Exception):
    """What arrived is no message, or not what it says that it is."""


@dataclass(frozen=True)
class Message:
    """A header, whose member `op` says what it is, and its blobs."""

    header: Mapping[str, Any]
    blobs: tuple[bytes, ...] = ()

    @property
    def op(self) -> str:
        """What the message asks for, or which answer it is."""
        return str(self.header.get("op", ""))

    def to_bytes(self) -> bytes:
        """The message with the digests of its blobs."""
        digests = [[len(blob), sha256_bytes(blob)] for blob in self.blobs]
        header = canonical_json({**self.header, "blobs": digests})
        return b"".join([len(header).to_bytes(_LENGTH_BYTES, "big"), header, *self.blobs])

    @classmethod
    def from_bytes(cls, data: object) -> Message:
        """Parse `data`. Raises WireError for a blob that does not have its digest, and for anything else."""
        if not isinstance(data, bytes | bytearray | memoryview):
            raise WireError("not bytes")
        view = memoryview(data)
        size = int.from_bytes(view[:_LENGTH_BYTES], "big")
        if size > min(len(view), MOST_HEADER_BYTES):
            raise WireError("the header is cut off")
        at = _LENGTH_BYTES + size
        try:
            header = json.loads(bytes(view[_LENGTH_BYTES:at]))
            blobs = []
            for length, digest in header.pop("blobs"):
                blob = bytes(view[at : at + length])
                at += length
                if len(blob) != length or sha256_bytes(blob) != digest:
                    raise WireError("a blob does not have its digest")
                blobs.append(blob)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise WireError(f"no message: {error}") from error
        if at != len(view):
            raise WireError("there is more than the message")
        return cls(header, tuple(blobs))


@dataclass(frozen=True)
class SpeechRequest:
    """A text to speak, as a worker gets it."""

    voice: Voice
    fingerprint: str
    key: str
    prepared: str
    text: str
    characters: int

    @classmethod
    def of(cls, task: SpeechTask) -> SpeechRequest:
        """The request of `task`."""
        source = task.source
        return cls(source.voice, source.fingerprint, task.key, task.prepared, task.text, task.characters)

    def to_message(self) -> Message:
        """The request as a message."""
        return Message({"op": "speak", **asdict(self)})

    @classmethod
    def from_message(cls, message: Message) -> SpeechRequest:
        """The request in `message`. Raises WireError."""
        values = message.header
        try:
            return cls(
                voice=Voice(**values["voice"]),
                fingerprint=str(values["fingerprint"]),
                key=str(values["key"]),
                prepared=str(values["prepared"]),
                text=str(values["text"]),
                characters=int(values["characters"]),
            )
        except (TypeError, KeyError, ValueError) as error:
            raise WireError(f"no speech request: {error}") from error


@dataclass(frozen=True)
class SentClips(ClipSource):
    """The clips that came with a message."""

    entries: Mapping[str, bytes]

    def load(self, key: str) -> Clip:
        """See `ClipSource`."""
        return decoded_clip(self.entries[key])


def mastering_request(task: MasteringTask, entries: Mapping[str, bytes]) -> Message:
    """The mastering task with its clips, by key, as a message."""
    values = {
        "op": "master",
        "entries": list(entries),
        "keys": task.keys,
        "chunks": [asdict(chunk) for chunk in task.chunks],
        "sentences": [[place, list(counts)] for place, counts in task.sentences.items()],
        "pace": task.pace,
        "usual_pace": task.usual_pace,
        "lufs": task.lufs,
        "audio": asdict(task.audio),
        "tags": asdict(task.tags),
        "tag_format": asdict(task.tag_format),
    }
    return Message(values, tuple(entries.values()))


def mastering_task_of(message: Message, destination: Path) -> MasteringTask:
    """The mastering task in `message`, with another destination. Raises WireError."""
    values = message.header
    try:
        return MasteringTask(
            clips=SentClips(dict(zip(values["entries"], message.blobs, strict=True))),
            keys=tuple(values["keys"]),
            chunks=tuple(map(Chunk.from_dict, values["chunks"])),
            sentences={place: tuple(counts) for place, counts in values["sentences"]},
            pace=values["pace"],
            usual_pace=values["usual_pace"],
            lufs=values["lufs"],
            audio=AudioFormat(**values["audio"]),
            tags=TrackTags(**values["tags"]),
            tag_format=TagFormat(**values["tag_format"]),
            destination=destination,
        )
    except (TypeError, KeyError, ValueError) as error:
        raise WireError(f"no mastering task: {error}") from error


def clip_answer(key: str, entry: bytes) -> Message:
    """A spoken clip as a message."""
    return Message({"op": "clip", "key": key}, (entry,))


def clip_in(message: Message, key: str, characters: int) -> tuple[bytes, Clip]:
    """The entry and the clip of `key` in an answer. Raises WireError where evidence and samples contradict."""
    if message.op != "clip" or message.header.get("key") != key or len(message.blobs) != 1:
        raise WireError("not the clip that was asked for")
    try:
        clip = decoded_clip(message.blobs[0])
    except ValueError as error:
        raise WireError(f"no clip: {error}") from error
    _check_evidence(clip, characters)
    return message.blobs[0], clip


def _check_evidence(clip: Clip, characters: int) -> None:
    known = clip.evidence
    numbers = [known.seconds, known.peak, known.longest_silence]
    counts = [known.spoken, known.phonemes, known.clipped, known.covered, known.again, known.pieces]
    if not all(isinstance(each, int | float) and math.isfinite(each) for each in numbers):
        raise WireError("evidence that is no number")
    if not all(type(each) is int and each >= 0 for each in counts):
        raise WireError("evidence that is no count")
    if clip.samples.ndim != 1 or not len(clip.samples) or known.spoken != characters:
        raise WireError("evidence of another text")
    seconds = len(clip.samples) / clip.sample_rate
    peak = max(float(clip.samples.max()), -float(clip.samples.min()))
    if abs(seconds - known.seconds) > _SECONDS_OFF or abs(peak - known.peak) > _PEAK_OFF:
        raise WireError("samples that contradict their evidence")


def track_answer(made: MasteredSpeech, data: bytes) -> Message:
    """A mastered track as a message."""
    pauses = [[place, [list(pause) for pause in found]] for place, found in made.pauses.items()]
    return Message({"op": "track", "track": asdict(made.track), "pauses": pauses}, (data,))


def track_in(message: Message, task: MasteringTask) -> tuple[bytes, MasteredSpeech]:
    """The file and the measurements of a track in an answer. Raises WireError where they contradict each other."""
    if message.op != "track" or len(message.blobs) != 1:
        raise WireError("not the track that was asked for")
    try:
        track = _track(dict(message.header["track"]))
        pauses = {
            int(place): tuple((_number(begin), _number(end)) for begin, end in found)
            for place, found in message.header["pauses"]
        }
    except (TypeError, KeyError, ValueError) as error:
        raise WireError(f"no track: {error}") from error
    (data,) = message.blobs
    cuts = {place: len(counts) - 1 for place, counts in task.sentences.items()}
    if (track.size, track.sha256) != (len(data), sha256_bytes(data)):
        raise WireError("a track that does not have its digest")
    if len(track.times) != len(task.chunks) or {place: len(found) for place, found in pauses.items()} != cuts:
        raise WireError("times of another track")
    return data, MasteredSpeech(track, pauses)


def _track(values: dict[str, Any]) -> MasteredTrack:
    clock = values.pop("clock")
    numbers = {name: _number(values[name]) for name in ("seconds", "pace", "tempo", "lufs", "true_peak")}
    times: Sequence[Sequence[Any]] = clock["times"]
    if not _SHA256.fullmatch(values["sha256"]):
        raise ValueError("no hash")
    return MasteredTrack(
        **numbers,
        spoken=int(values["spoken"]),
        size=int(values["size"]),
        sha256=values["sha256"],
        clock=TrackClock(
            times=tuple((_number(begin), _number(end)) for begin, end in times),
            tempo=_number(clock["tempo"]),
            breaths=tuple(tuple(map(_number, breaths)) for breaths in clock["breaths"]),
            breath=_number(clock["breath"]),
        ),
    )


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError("no number")
    return float(value)


def refusal(message: str, *, kind: str = "speech") -> Message:
    """An answer that says why there is none. `kind` is `speech`, or `worker` where the worker itself is unfit."""
    return Message({"op": "refused", "kind": kind, "reason": message})


def is_same_speech(first: Clip, second: Clip) -> bool:
    """Whether two clips have the same samples."""
    return first.sample_rate == second.sample_rate and first.samples.tobytes() == second.samples.tobytes()
