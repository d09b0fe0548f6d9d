"""How many tasks of a build are under way at once, and in which order tracks are made."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from tones import Built, Office, Tones, Watcher, tree

from packager.base.errors import SpeechError
from packager.mastering.task import master_task
from packager.speech import pool as speech_pool

LONG = "# 读本\n\n" + "".join(f"## 第{n}章\n\n{'有人敲门。' * 60}\n\n" for n in "一二三四五六")


class Counted(Tones):
    """Tones in two threads; remembers the most tasks that were under way, and the tasks in order."""

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        super().__init__()
        self.threads = threads
        self.under_way: list[Future[Any]] = []
        self.most = 0
        self.order: list[str] = []

    def submit(self, work: Callable[..., Any], /, *arguments: Any, **options: Any) -> Future[Any]:
        self.order.append("master" if work is master_task else getattr(arguments[0], "text", ""))
        future = self.threads.submit(lambda: super(Counted, self).submit(work, *arguments).result())
        self.under_way = [*(each for each in self.under_way if not each.done()), future]
        self.most = max(self.most, len(self.under_way))
        return future


def test_no_more_tasks_are_under_way_than_the_window_holds(new_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech_pool, "_WINDOW", 3)
    monkeypatch.setattr(speech_pool, "_TASKS_A_WORKER", 0)
    new_office.write({"book.md": LONG})
    with ThreadPoolExecutor(2) as threads:
        tones = Counted(threads)
        built = new_office.build(tones=tones)
    assert 1 < tones.most <= 4  # and one that has ended when it is counted
    assert built.result.chunks_spoken > 12
    assert 0 < tones.order.index("master") < len(tones.order) / 2  # mastered while others are spoken


def test_what_can_not_be_spoken_is_found_before_anything_is_spoken(new_office: Office) -> None:
    new_office.write({"other.md": "# 末\n\n## 末章\n\nの。\n"})
    playlist = new_office.root / "playlists" / "week.yaml"
    playlist.write_text(playlist.read_text("utf-8") + "  - book: texts/other.md\n", "utf-8")
    tones = Tones()
    with pytest.raises(SpeechError, match="の"):
        new_office.build(tones=tones)
    assert tones.spoken == []


def test_a_track_that_can_not_be_mastered_stops_the_build_and_the_next_goes_on(
    new_office: Office, first_office: tuple[Office, Built]
) -> None:
    class Fails(Tones):
        def submit(self, work: Callable[..., Any], /, *arguments: Any, **options: Any) -> Future[Any]:
            if work is master_task and arguments[0].tags.title == "第二章 上门":
                future: Future[Any] = Future()
                future.set_exception(SpeechError("there is no sound in it"))
                return future
            return super().submit(work, *arguments)

    with pytest.raises(SpeechError, match="no sound"):
        new_office.build(tones=Fails())
    again = new_office.build(watcher=Watcher())
    assert tree(again.folder) == tree(first_office[1].folder)


def test_ctrl_c_in_the_middle_of_a_step_leaves_no_lock_behind(new_office: Office) -> None:
    lock = threading.Lock()

    class Locking(Watcher):
        """Shows the progress as tqdm does: without `finally`."""

        def heard(self, characters: int) -> None:
            lock.acquire()
            signal.raise_signal(signal.SIGINT)
            lock.release()
            super().heard(characters)

    watcher = Locking()
    with pytest.raises(KeyboardInterrupt):
        new_office.build(watcher=watcher)
    assert not lock.locked()
    assert watcher.characters > 0
