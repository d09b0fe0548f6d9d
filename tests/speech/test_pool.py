import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import psutil
import pytest

from packager.arranging.tracklist import Role
from packager.base.errors import SpeechError
from packager.speech import Clip, ClipCache, EngineSource, Evidence, SpeechPool, Spoken, Voice
from packager.speech.cache import clip_key
from packager.speech.pool import load_engine
from packager.textnorm import Break, Chunk

VOICE = Voice("kokoro", "zf_xiaoyi")


def chunk(text: str) -> Chunk:
    return Chunk(text, Role.PARAGRAPH, Break.SENTENCE, sum(map(str.isalnum, text)))


def no_executor() -> NoReturn:
    raise AssertionError("nothing should have to be spoken")


def one_thread() -> Executor:
    return ThreadPoolExecutor(1)


def test_cached_clips_are_answered_without_an_engine_or_a_process(clips: Path, tmp_path: Path) -> None:
    source = EngineSource("kokoro", tmp_path / "there is no model", "engine 1")
    cache = ClipCache(clips)
    clip = Clip(np.ones(2400, dtype=np.float32) / 2, 24_000, Evidence(0.1, 2, 8, 0.5, 0.0))
    cache.store(clip_key("你好", "engine 1", VOICE), clip)
    with SpeechPool(source, cache, make_executor=no_executor) as pool:
        spoken = pool.submit(chunk("你好"), VOICE).result(timeout=0)
    assert (spoken.anew, spoken.evidence) == (False, clip.evidence)


class Loads(Executor):
    """Counts the processes that are made ready."""

    def __init__(self) -> None:
        self.count = 0

    def submit(self, work: Callable[..., Any], /, *arguments: Any, **_options: Any) -> Future[Any]:
        assert work is load_engine
        self.count += 1
        return Future()


def test_no_more_processes_are_made_ready_than_there_are_clips_or_cores(clips: Path, tmp_path: Path) -> None:
    source = EngineSource("kokoro", tmp_path / "there is no model", "engine 1")
    cache = ClipCache(clips)
    clip = Clip(np.ones(2400, dtype=np.float32) / 2, 24_000, Evidence(0.1, 2, 8, 0.5, 0.0))
    cache.store(clip_key("你好", "engine 1", VOICE), clip)
    loads = Loads()
    with SpeechPool(source, cache, jobs=3, make_executor=lambda: loads) as pool:
        for texts, count in (("你好", 0), ("甲", 1), ("甲", 1), ("甲乙", 2), ("丙丁戊己", 3)):
            pool.get_ready([chunk(text) for text in (texts if count else [texts])], VOICE)
            assert loads.count == count


@pytest.mark.speech
def test_a_sentence_that_can_not_be_spoken_is_an_error_at_once(source: EngineSource, clips: Path) -> None:
    with (
        SpeechPool(source, ClipCache(clips), make_executor=one_thread) as pool,
        pytest.raises(SpeechError, match="の"),
    ):
        pool.submit(chunk("の"), VOICE)


@pytest.mark.speech
def test_speech_is_plausible_and_the_same_again_from_an_empty_cache(source: EngineSource, tmp_path: Path) -> None:
    text = "社区食堂今天开门，欢迎大家。"
    sounds = []
    for name in ("first", "second"):
        cache = ClipCache(tmp_path / name)
        with SpeechPool(source, cache, make_executor=one_thread) as pool:
            spoken = pool.submit(chunk(text), VOICE).result()
        assert spoken.anew
        assert 0.12 < spoken.evidence.seconds_per_character < 0.35
        assert 0.05 < spoken.evidence.peak < 1
        sounds.append(cache.load(spoken.key).samples.tobytes())
    assert sounds[0] == sounds[1]


@pytest.mark.speech
def test_a_chunk_asked_for_twice_is_spoken_once_and_a_damaged_clip_again(source: EngineSource, clips: Path) -> None:
    cache = ClipCache(clips)
    with SpeechPool(source, cache, make_executor=one_thread) as pool:
        asked: list[Future[Spoken]] = [pool.submit(chunk("大家好。"), VOICE) for _ in range(3)]
        assert [future.result().anew for future in asked] == [True, False, False]
    (entry,) = clips.rglob("*.clip")
    whole = entry.read_bytes()
    entry.write_bytes(whole[:-1])
    with SpeechPool(source, cache, make_executor=one_thread) as pool:
        assert pool.submit(chunk("大家好。"), VOICE).result().anew
    assert entry.read_bytes() == whole


@pytest.mark.speech
def test_question_and_exclamation_are_heard(source: EngineSource, clips: Path) -> None:
    with SpeechPool(source, ClipCache(clips), make_executor=one_thread) as pool:
        clip_of = {
            mark: pool.cache.load(pool.submit(chunk("你今天来吗" + mark), VOICE).result().key) for mark in "。？！"
        }
    assert len({clip.samples.tobytes() for clip in clip_of.values()}) == 3


@pytest.mark.speech
def test_a_model_that_is_none_is_an_error_with_its_path(clips: Path, tmp_path: Path) -> None:
    (tmp_path / "wrong.onnx").write_bytes(b"no weights")
    source = EngineSource("kokoro", tmp_path / "wrong.onnx", "wrong")
    with (
        SpeechPool(source, ClipCache(clips), make_executor=one_thread) as pool,
        pytest.raises(SpeechError, match=r"wrong\.onnx"),
    ):
        pool.submit(chunk("你好。"), VOICE).result()


PROGRAM = """
import sys
from pathlib import Path
from packager.arranging.tracklist import Role
from packager.speech import ClipCache, EngineSource, SpeechPool, Voice
from packager.textnorm import Break, Chunk

if __name__ == "__main__":
    source = EngineSource("kokoro", Path(sys.argv[1]), "test")
    voice = Voice("kokoro", "zf_xiaoyi")
    text = "第{}句，大家来社区食堂吃饭，今天有红烧肉和小白菜，还有热汤。"
    chunks = [Chunk(text.format(n), Role.PARAGRAPH, Break.SENTENCE, 28) for n in "一二三四五六七八九十"]
    with SpeechPool(source, ClipCache(Path(sys.argv[2])), jobs=1) as pool:
        asked = [pool.submit(chunk, voice) for chunk in chunks]
        print("first", asked[0].result().anew, flush=True)
        for future in asked:
            future.result()
"""


@pytest.fixture
def speaking(source: EngineSource, clips: Path, tmp_path: Path) -> subprocess.Popen[str]:
    """A program in the middle of speaking ten chunks, the first of which is done."""
    (tmp_path / "program.py").write_text(PROGRAM, "utf-8")
    command = [sys.executable, str(tmp_path / "program.py"), str(source.model), str(clips)]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert program.stdout is not None
    assert program.stdout.readline() == "first True\n"
    return program


def gone_within(seconds: float, processes: list[psutil.Process]) -> bool:
    _gone, alive = psutil.wait_procs(processes, timeout=seconds)
    for process in alive:
        process.kill()
    return not alive


@pytest.mark.speech
@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_however_a_build_ends_its_workers_end_soon_and_what_was_spoken_stays(
    speaking: subprocess.Popen[str], clips: Path, how: signal.Signals
) -> None:
    workers = psutil.Process(speaking.pid).children(recursive=True)
    assert workers
    time.sleep(0.3)
    speaking.send_signal(how)
    assert gone_within(3, workers)
    _out, problems = speaking.communicate(timeout=3)
    assert ("KeyboardInterrupt" in problems) == (how is signal.SIGINT)
    cached = list(clips.rglob("*.clip"))
    assert 1 <= len(cached) < 10
    assert all(ClipCache(clips).evidence(entry.stem) for entry in cached)
    assert not list(clips.rglob("*.part"))


@pytest.mark.speech
@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_worker_that_is_killed_is_an_error_that_says_what_to_do(speaking: subprocess.Popen[str]) -> None:
    for worker in psutil.Process(speaking.pid).children():
        if "spawn_main" in " ".join(worker.cmdline()):
            worker.kill()
    _out, problems = speaking.communicate(timeout=10)
    assert "SpeechError" in problems
    assert "--jobs" in problems
