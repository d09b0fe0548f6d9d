"""The dispatcher of a build, without a network."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from pathlib import Path

from packager.cluster.dispatcher import Dispatcher
from packager.cluster.executor import ClusterOptions
from packager.cluster.jobs import Job, Seat
from packager.speech import ClipCache, EngineOptions, Voice
from packager.speech.kokoro.provider import KokoroProvider
from packager.speech.workers import EngineSource, SpeechTask, speak_into_cache


def test_a_job_whose_worker_is_lost_before_it_begins_is_given_again(tmp_path: Path) -> None:
    cache = ClipCache(tmp_path)
    source = EngineSource(KokoroProvider(), Voice("kokoro", "zf_xiaobei"), EngineOptions(), "")
    job = Job(speak_into_cache, SpeechTask(source, cache, "key", "hao3", "好。", 1), Future())
    options = ClusterOptions("tls://127.0.0.1:1", None, home_jobs=0, goes_on_at_home=False)

    async def lose() -> None:
        dispatcher = Dispatcher(options, cache, lambda _line: None)
        dispatcher._seats["first"] = first = Seat("first", is_known=True, able={job.need: True})
        dispatcher.add(job)
        assert list(first.runs) == [job]
        dispatcher._seat([])
        await asyncio.wait(dispatcher._background)
        await asyncio.sleep(0)  # its callbacks
        dispatcher._seats["second"] = second = Seat("second", is_known=True, able={job.need: True})
        dispatcher._assign()
        assert list(second.runs) == [job]
        dispatcher.end()

    asyncio.run(lose())
