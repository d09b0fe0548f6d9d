"""Measure the overhead of a build over synthesis, and the cost of a rebuild.

    python benchmarks/build.py [--text FILE] [--characters N] [--jobs N]

Builds one book in a temporary workspace and prints:

- the wall time of the build, and the synthesis time of the same chunks on the same number of warm workers;
- the rebuild without a change, and with one changed sentence: seconds, chunks spoken, tracks made;
- the peak memory of each process.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
import time
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import psutil

from packager.arranging.prepare import prepare_tracklist
from packager.base.workspace import Workspace, copy_sample, open_workspace
from packager.releases.build import BuildPlaces, BuildResult, build_release
from packager.releases.chunk_cache import chunks_of
from packager.speech import ClipCache, SpeechPool, parse_voice
from packager.textnorm import Chunk, load_lexicon

_PARAGRAPH = (
    "每周三上午九点，社区活动室里有读书会，大家围坐在一起，听一段书，说一说自己的想法。"
    "去年冬天下了一场大雪，路滑难走，几位年轻人就挨家挨户把书送上门，还帮老人扫了门前的雪。"
    "后来天气暖和了，来的人越来越多，椅子不够坐，隔壁的裁缝师傅搬来了自家的长凳。"
)


class _Quiet:
    def prepared(self) -> None: ...
    def planned(self, tracks: object) -> None: ...
    def heard(self, characters: int) -> None: ...
    def finished(self, track: object, sounds: object) -> None: ...
    def fell_back(self, book: str, voice: str, reason: str) -> None: ...


class _Memory:
    """Peak resident memory of this process and each of its children, sampled ten times a second."""

    def __init__(self) -> None:
        self.peaks: dict[int, tuple[str, int]] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> _Memory:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        me = psutil.Process()
        while not self._stop.wait(0.1):
            for process in (me, *me.children(recursive=True)):
                try:
                    name, size = process.name(), process.memory_info().rss
                except psutil.Error:
                    continue
                if size > self.peaks.get(process.pid, ("", 0))[1]:
                    self.peaks[process.pid] = (name, size)


def main() -> None:
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="packager-benchmark-") as folder:
        workspace = _workspace(Path(folder), arguments.text, arguments.characters)
        with _Memory() as memory:
            seconds, built = _build(workspace, arguments.jobs)
        tracks = built.release.manifest.tracks
        print(f"build: {len(tracks)} tracks, {built.chunks_spoken} chunks, {seconds:.1f} s")
        inference = _pure_inference(workspace, arguments.jobs)
        print(f"synthesis of the same chunks on {arguments.jobs} workers: {inference:.1f} s")
        print(f"build / synthesis: {seconds / inference:.3f} (at most 1.10)")
        speech = sum(track.seconds for track in tracks)
        print(f"finished speech: {speech / 60:.1f} min; {speech / seconds:.2f} min for each minute of wall time")
        again, rebuilt = _build(workspace, arguments.jobs)
        print(f"no change: {again:.2f} s, {rebuilt.chunks_spoken} spoken, {rebuilt.tracks_made} made")
        _change_a_sentence(workspace)
        changed, result = _build(workspace, arguments.jobs)
        print(
            f"one changed sentence: {changed:.2f} s, {result.chunks_spoken} spoken, "
            f"{result.chunks_cached} from the cache, {result.tracks_made} made"
        )
        for name, size in sorted(memory.peaks.values(), key=lambda peak: -peak[1])[: arguments.jobs + 2]:
            print(f"peak memory {name}: {size / 2**20:.0f} MiB")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--text", type=Path, help="a book (default: a generated one)")
    parser.add_argument("--characters", type=int, default=2400, help="length of the generated book")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    return parser.parse_args()


def _workspace(root: Path, text: Path | None, characters: int) -> Workspace:
    copy_sample("workspace", root)
    if text is not None:
        book = root / "texts" / f"book{text.suffix}"
        book.write_bytes(text.read_bytes())
    else:
        book = root / "texts" / "book.md"
        chapters = max(1, characters // 120 // 20)
        paragraphs = max(1, characters // len(_PARAGRAPH) // chapters)
        book.write_text(
            "# 测试用书\n\n"
            + "\n\n".join(
                f"## 第{chapter}章\n\n"
                + "\n\n".join(
                    f"第{chapter}章第{number}段。" + _PARAGRAPH.replace("三", "一二三四五六七"[number % 7])
                    for number in range(1, paragraphs + 1)
                )
                for chapter in range(1, chapters + 1)
            ),
            encoding="utf-8",
        )
    (root / "playlists" / "benchmark.yaml").write_text(
        f"playlist: benchmark\ntitle: 测试\nseries: benchmark\nitems:\n  - book: texts/{book.name}\n", "utf-8"
    )
    return open_workspace(root)


def _build(workspace: Workspace, jobs: int) -> tuple[float, BuildResult]:
    started = time.monotonic()
    prepared = prepare_tracklist(workspace, workspace.playlists / "benchmark.yaml")
    with SpeechPool(ClipCache(workspace.clip_cache), jobs=jobs) as pool:
        result = build_release(
            prepared.tracklist,
            prepared.ledger,
            pool,
            BuildPlaces(workspace.releases, workspace.chunk_cache, workspace.numbers(prepared.tracklist.series)),
            now=datetime.now(timezone.utc),
            observer=_Quiet(),
        )
    return time.monotonic() - started, result


def _pure_inference(workspace: Workspace, jobs: int) -> float:
    """The synthesis time of the same chunks on warm workers, in seconds."""
    chunks = _all_chunks(workspace)
    voice = parse_voice(workspace.settings.voice)
    with tempfile.TemporaryDirectory() as folder, SpeechPool(ClipCache(Path(folder)), jobs=jobs) as pool:
        warm = [
            replace(chunks[0], text=f"先说第{'一二三四五六七八'[number % 8]}句。", readings=())
            for number in range(2 * jobs)
        ]
        for future in [pool.submit(chunk, voice) for chunk in warm]:
            future.result()
        started = time.monotonic()
        for future in [pool.submit(chunk, voice) for chunk in chunks]:
            future.result()
        return time.monotonic() - started


def _all_chunks(workspace: Workspace) -> list[Chunk]:
    """All distinct chunks of the release, in order, from the chunk cache of the build."""
    tracklist = prepare_tracklist(workspace, workspace.playlists / "benchmark.yaml").tracklist
    lexicon = load_lexicon()
    chunks = {
        chunk.text: chunk
        for track in tracklist.tracks
        for chunk in chunks_of(track.script, workspace.chunk_cache, lexicon.for_book(track.book))
    }
    return list(chunks.values())


def _change_a_sentence(workspace: Workspace) -> None:
    book = next(path for path in (workspace.root / "texts").glob("book.*"))
    text = book.read_bytes()
    for old, new in (("椅子不够坐", "凳子不够坐"), ("的", "地")):
        if old.encode() in text:
            book.write_bytes(text.replace(old.encode(), new.encode(), 1))
            return


if __name__ == "__main__":
    main()
