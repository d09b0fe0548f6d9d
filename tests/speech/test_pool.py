import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, NoReturn

import beep_engine
import numpy as np
import psutil
import pytest
from tones import tone_engines

from packager.arranging.tracklist import Role
from packager.base.errors import SpeechError
from packager.speech import Clip, ClipCache, EngineOptions, EngineRegistry, Evidence, SpeechPool, SpokenClip, Voice
from packager.speech import pool as pool_module
from packager.speech.cache import clip_key
from packager.speech.workers import load_engine
from packager.textnorm import Break, Chunk

VOICE = Voice("kokoro", "zf_xiaoyi")


def chunk(text: str) -> Chunk:
    return Chunk(text, Role.PARAGRAPH, Break.SENTENCE, sum(map(str.isalnum, text)))


def no_executor() -> NoReturn:
    raise AssertionError("nothing should have to be spoken")


def one_thread() -> Executor:
    return ThreadPoolExecutor(1)


def test_cached_clips_need_no_engine_and_no_process(clips: Path) -> None:
    cache = ClipCache(clips)
    clip = Clip(np.ones(2400, dtype=np.float32) / 2, 24_000, Evidence(0.1, 2, 8, 0.5, 0.0))
    cache.store(clip_key("你好", "tones 1", VOICE), clip)
    with SpeechPool(cache, engines=tone_engines(), make_executor=no_executor) as pool:
        spoken = pool.submit(chunk("你好"), VOICE).result(timeout=0)
    assert (spoken.is_new, spoken.evidence) == (False, clip.evidence)


class Loads(Executor):
    """Counts the processes that are made ready."""

    def __init__(self) -> None:
        self.count = 0

    def submit(self, work: Callable[..., Any], /, *arguments: Any, **_options: Any) -> Future[Any]:
        assert work is load_engine
        self.count += 1
        return Future()


def test_models_are_loaded_in_no_more_processes_than_clips_or_cores(clips: Path) -> None:
    cache = ClipCache(clips)
    clip = Clip(np.ones(2400, dtype=np.float32) / 2, 24_000, Evidence(0.1, 2, 8, 0.5, 0.0))
    cache.store(clip_key("你好", "tones 1", VOICE), clip)
    loads = Loads()
    with SpeechPool(cache, engines=tone_engines(), jobs=3, make_executor=lambda: loads) as pool:
        for texts, count in (("你好", 0), ("甲", 1), ("甲", 1), ("甲乙", 2), ("丙丁戊己", 3)):
            pool.expect([chunk(text) for text in (texts if count else [texts])], VOICE)
            assert loads.count == count


@pytest.mark.speech
def test_a_sentence_that_can_not_be_spoken_is_an_error_at_once(kokoro: EngineOptions, clips: Path) -> None:
    with (
        SpeechPool(ClipCache(clips), options=kokoro, make_executor=one_thread) as pool,
        pytest.raises(SpeechError, match="の"),
    ):
        pool.submit(chunk("の"), VOICE)


@pytest.mark.speech
def test_speech_is_plausible_and_the_same_again_from_an_empty_cache(kokoro: EngineOptions, tmp_path: Path) -> None:
    text = "社区食堂今天开门，欢迎大家。"
    sounds = []
    for name in ("first", "second"):
        cache = ClipCache(tmp_path / name)
        with SpeechPool(cache, options=kokoro, make_executor=one_thread) as pool:
            spoken = pool.submit(chunk(text), VOICE).result()
        assert spoken.is_new
        assert 0.12 < spoken.evidence.seconds_per_character < 0.35
        assert 0.05 < spoken.evidence.peak < 1
        sounds.append(cache.load(spoken.key).samples.tobytes())
    assert sounds[0] == sounds[1]


@pytest.mark.speech
def test_a_repeated_chunk_is_spoken_once_and_a_damaged_clip_again(kokoro: EngineOptions, clips: Path) -> None:
    cache = ClipCache(clips)
    with SpeechPool(cache, options=kokoro, make_executor=one_thread) as pool:
        asked: list[Future[SpokenClip]] = [pool.submit(chunk("大家好。"), VOICE) for _ in range(3)]
        assert [future.result().is_new for future in asked] == [True, False, False]
    (entry,) = clips.rglob("*.clip")
    whole = entry.read_bytes()
    entry.write_bytes(whole[:-1])
    with SpeechPool(cache, options=kokoro, make_executor=one_thread) as pool:
        assert pool.submit(chunk("大家好。"), VOICE).result().is_new
    assert entry.read_bytes() == whole


@pytest.mark.speech
def test_question_and_exclamation_marks_change_the_sound(kokoro: EngineOptions, clips: Path) -> None:
    with SpeechPool(ClipCache(clips), options=kokoro, make_executor=one_thread) as pool:
        clip_of = {
            mark: pool.cache.load(pool.submit(chunk("你今天来吗" + mark), VOICE).result().key) for mark in "。？！"
        }
    assert len({clip.samples.tobytes() for clip in clip_of.values()}) == 3


def test_engines_are_opened_once_in_a_process_and_the_first_of_too_many_is_dropped(clips: Path) -> None:
    opened = []

    class Counted(type(beep_engine.PROVIDER)):  # type: ignore[misc]
        def fingerprint(self, voice: Voice, options: EngineOptions) -> str:
            return f"counted {voice.name}"

        def open(self, voice: Voice, options: EngineOptions) -> beep_engine.BeepEngine:
            opened.append(voice.name)
            return beep_engine.BeepEngine()

    engines = EngineRegistry.of([Counted()])
    with SpeechPool(ClipCache(clips), engines=engines, make_executor=one_thread) as pool:
        for name in ("a", "a", "b", "a", "c", "c", "a"):
            pool.submit(chunk(f"{len(opened)}{name}好"), Voice("beep", name)).result()
    assert opened == ["a", "b", "c", "a"]


PROGRAM = """
import sys
from pathlib import Path
import beep_engine
from packager.arranging.tracklist import Role
from packager.speech import ClipCache, EngineRegistry, SpeechPool, Voice
from packager.textnorm import Break, Chunk

if __name__ == "__main__":
    engines = EngineRegistry.of([beep_engine.PROVIDER])
    texts = ["大家好。", *(f"第{n}句，等一等。" for n in "一二三四五六七八九")]
    chunks = [Chunk(text, Role.PARAGRAPH, Break.SENTENCE, 6) for text in texts]
    with SpeechPool(ClipCache(Path(sys.argv[1])), engines=engines, jobs=1) as pool:
        clips = [pool.submit(chunk, Voice("beep", "low")) for chunk in chunks]
        print("first", clips[0].result().is_new, flush=True)
        for future in clips:
            future.result()
"""


@pytest.fixture
def speaking(clips: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A program that has spoken one of ten chunks, and whose worker does not finish the second."""
    (tmp_path / "program.py").write_text(PROGRAM, "utf-8")
    command = [sys.executable, str(tmp_path / "program.py"), str(clips)]
    environment = {**os.environ, "BEEP_GATE": str(tmp_path / "never"), "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "first True\n"
        yield program
        program.kill()


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_however_a_build_ends_its_workers_end_and_spoken_clips_stay(
    speaking: subprocess.Popen[str], clips: Path, how: signal.Signals
) -> None:
    workers = psutil.Process(speaking.pid).children(recursive=True)
    assert workers
    speaking.send_signal(how)
    _gone, alive = psutil.wait_procs(workers, timeout=60)
    for worker in alive:
        worker.kill()
    assert not alive
    _out, problems = speaking.communicate(timeout=60)
    assert ("KeyboardInterrupt" in problems) == (how is signal.SIGINT)
    (clip,) = clips.rglob("*.clip")
    assert ClipCache(clips).evidence(clip.stem)
    assert not list(clips.rglob("*.part"))


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_worker_that_is_killed_is_an_error_that_says_what_to_do(speaking: subprocess.Popen[str]) -> None:
    for worker in psutil.Process(speaking.pid).children():
        if "spawn_main" in " ".join(worker.cmdline()):
            worker.kill()
    _out, problems = speaking.communicate(timeout=60)
    assert "SpeechError" in problems
    assert "--jobs" in problems


def test_an_executor_that_does_not_end_does_not_hold_an_interrupted_build(
    clips: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Endless(Executor):
        """An executor that waits for an answer that never comes."""

        ended = threading.Event()

        def submit(self, work: Callable[..., Any], /, *arguments: Any, **options: Any) -> Future[Any]:
            return Future()

        def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
            self.ended.wait()

    monkeypatch.setattr(pool_module, "_GIVE_UP_SECONDS", 0.01)
    with pytest.raises(KeyboardInterrupt), SpeechPool(ClipCache(clips), make_executor=Endless) as pool:
        pool.submit_task(str, 1)
        raise KeyboardInterrupt
    Endless.ended.set()
