"""What a job asks of a worker, and how a good answer is kept: the clip in the cache, the track in its place."""

from __future__ import annotations

from typing import Any

from packager.base.formats import write_atomic
from packager.cluster.jobs import Job
from packager.cluster.wire import Message, SpeechRequest, clip_in, mastering_request, track_in
from packager.speech.cache import ClipCache
from packager.speech.workers import SpeechTask, SpokenClip


def request_of(job: Job) -> Message:
    """What a worker is asked to do; a track with its clips."""
    if isinstance(job.task, SpeechTask):
        return SpeechRequest.of(job.task).to_message()
    cache = job.task.clips
    assert isinstance(cache, ClipCache)
    return mastering_request(job.task, {key: cache.entry(key) for key in job.task.keys})


def kept(job: Job, answer: Message) -> Any:
    """The result of a job, whose file is in its place. Raises WireError for an answer that is wrong."""
    if isinstance(job.task, SpeechTask):
        entry, clip = clip_in(answer, job.task.key, job.task.characters)
        job.task.cache.store_entry(job.task.key, entry)
        return SpokenClip(job.task.key, clip.evidence, is_new=True)
    data, made = track_in(answer, job.task)
    write_atomic(job.task.destination, data)
    return made
