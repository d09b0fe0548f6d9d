"""Messages of a cluster: what arrives is exactly what was sent, or it is refused."""

from __future__ import annotations

import os
import pickle
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tone import tone

from packager.arranging.profiles.profile import AudioFormat, TagFormat
from packager.cluster.admission import VoiceNeed, tools_probe
from packager.cluster.guard import PERMITTED, guarded_loads
from packager.cluster.jobs import Job, Seat, UsualTime, slow_job
from packager.cluster.wire import (
    Message,
    SentClips,
    WireError,
    clip_answer,
    clip_in,
    is_same_speech,
    mastering_request,
    mastering_task_of,
    track_answer,
    track_in,
)
from packager.mastering import TrackTags
from packager.mastering.task import MasteringTask, master_task
from packager.speech import ClipCache, EngineOptions, Voice
from packager.speech.cache import encoded_clip
from packager.speech.kokoro.provider import KokoroProvider
from packager.speech.workers import EngineSource, SpeechTask, speak_into_cache
from packager.textnorm import Chunk

CLIP = tone("有人敲门。", 4)
ENTRY = encoded_clip(CLIP)


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> MasteringTask:
    empty = MasteringTask(
        clips=SentClips({}),
        keys=(),
        chunks=(),
        sentences={},
        pace=190,
        usual_pace=0,
        lufs=-18.0,
        audio=AudioFormat(44_100, 64),
        tags=TrackTags("标题", "书", "", 1, 1, 1),
        tag_format=TagFormat(),
        destination=Path(),
    )
    return tools_probe(empty, tmp_path_factory.mktemp("track") / "probe.mp3")[1]


def test_a_clip_arrives_as_it_was_spoken() -> None:
    entry, clip = clip_in(Message.from_bytes(clip_answer("key", ENTRY).to_bytes()), "key", 4)
    assert entry == ENTRY
    assert clip.evidence == CLIP.evidence
    assert is_same_speech(clip, clip)
    assert not is_same_speech(clip, replace(clip, samples=clip.samples + np.float32(1 / 32768)))


def test_wherever_a_byte_of_a_clip_is_altered_it_is_refused() -> None:
    data = clip_answer("key", ENTRY).to_bytes()
    for place in (*range(400), *range(400, len(data), 97), len(data) - 1):
        with pytest.raises(WireError):
            clip_in(Message.from_bytes(data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :]), "key", 4)


@pytest.mark.parametrize(
    "entry",
    [
        encoded_clip(replace(CLIP, evidence=replace(CLIP.evidence, seconds=9.0))),
        encoded_clip(replace(CLIP, samples=CLIP.samples * np.float32(0.5))),
        encoded_clip(replace(CLIP, samples=CLIP.samples[:-2400])),
        encoded_clip(replace(CLIP, evidence=replace(CLIP.evidence, spoken=5))),
        b'{"seconds":"1"}\n' + ENTRY.partition(b"\n")[2],
        b"[]\n",
        b"",
    ],
)
def test_a_clip_that_contradicts_its_evidence_is_refused_though_its_digest_is_true(entry: bytes) -> None:
    with pytest.raises(WireError):
        clip_in(Message.from_bytes(clip_answer("key", entry).to_bytes()), "key", 4)


@given(st.binary(max_size=200))
def test_noise_is_no_message(data: bytes) -> None:
    with pytest.raises(WireError):
        Message.from_bytes(data)


def test_a_track_mastered_from_a_message_has_the_bytes_of_one_mastered_here(
    task: MasteringTask, tmp_path: Path
) -> None:
    here = master_task(task)
    assert isinstance(task.clips, SentClips)
    sent = Message.from_bytes(mastering_request(task, task.clips.entries).to_bytes())
    there = mastering_task_of(sent, tmp_path / "there.mp3")
    answer = Message.from_bytes(track_answer(master_task(there), there.destination.read_bytes()).to_bytes())
    data, made = track_in(answer, task)
    assert (data, made) == (task.destination.read_bytes(), here)
    for values in ({"pauses": [[0, [[0.0, 1.0]]]]}, {"track": {}}, {"track": {**answer.header["track"], "size": 1}}):
        with pytest.raises(WireError):
            track_in(Message({**answer.header, **values}, answer.blobs), task)
    with pytest.raises(WireError):
        track_in(Message(answer.header, (data[:-1] + b"x",)), task)


class Hostile:
    def __reduce__(self) -> tuple[object, ...]:
        return os.system, ("exit 1",)


def test_nothing_but_six_names_is_unpickled() -> None:
    assert len(PERMITTED) == 6
    assert guarded_loads(pickle.dumps([b"1", {"a": (1, "b")}])) == [b"1", {"a": (1, "b")}]
    for hostile in (Hostile(), os.system, eval, Chunk, Path()):
        with pytest.raises(pickle.UnpicklingError, match="not permitted"):
            guarded_loads(pickle.dumps(hostile))


def test_what_one_worker_has_for_too_long_is_given_to_an_idle_one_too(tmp_path: Path) -> None:
    source = EngineSource(KokoroProvider(), Voice("kokoro", "zf_xiaobei"), EngineOptions(), "tones 1")
    speech = SpeechTask(source, ClipCache(tmp_path), "key", "", "", 4)
    job: Job = Job(speak_into_cache, speech, Future(), begun=100.0, runs=1)
    need = VoiceNeed("tones 1", source.voice)
    slow = Seat("tls://a", is_known=True, able={need: True}, runs={job: None})
    idle = Seat("tls://b", is_known=True, able={need: True})
    usual = UsualTime()
    assert slow_job([slow, idle], idle, 10_000.0, usual.too_long) is None  # nothing is known of usual times
    for _clip in range(9):
        usual.add(6.0)
    assert usual.too_long == 30.0
    assert slow_job([slow, idle], idle, 129.0, usual.too_long) is None
    assert slow_job([slow, idle], idle, 131.0, usual.too_long) is job
    assert slow_job([slow], slow, 131.0, usual.too_long) is None
    assert slow_job([slow, idle], Seat("tls://c", is_known=True), 131.0, usual.too_long) is None  # it was not tried
