"""A workspace whose texts are spoken as tones: a whole build in a second, without the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from tone import tone

from packager.arranging.prepare import Prepared, prepare_tracklist
from packager.arranging.tracklist import TracklistEntry
from packager.base.errors import SpeechError
from packager.base.workspace import Workspace, open_workspace
from packager.mastering.task import master_task
from packager.releases.build import BuildPlaces, BuildResult, build_release
from packager.releases.plan import PlannedTrack
from packager.releases.track_store import TrackMeasurements
from packager.speech import (
    ClipCache,
    Engine,
    EngineOptions,
    EngineProvider,
    EngineRegistry,
    SpeechPool,
    SpokenClip,
    Voice,
)
from packager.speech.edge.provider import EdgeProvider
from packager.speech.kokoro.engine import KokoroEngine
from packager.speech.kokoro.provider import KokoroProvider
from packager.speech.workers import load_engine
from packager.textnorm import Lexicon

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=timezone.utc)


@dataclass(frozen=True)
class ToneProvider(KokoroProvider):
    """The Kokoro voices without a model: `Tones` speaks."""

    model: Path = Path("there is no model")
    name: str = "tones 1"

    def fingerprint(self, voice: Voice, options: EngineOptions) -> str:
        return self.name

    def open(self, voice: Voice, options: EngineOptions) -> Engine:
        return KokoroEngine(self.model, {})


def tone_engines(online: EngineProvider | None = None) -> EngineRegistry:
    return EngineRegistry.of([ToneProvider(), online or EdgeProvider()])


@dataclass
class Tones(Executor):
    """Speaks in this process, one text after the other, and remembers them; `stop_at` can't be spoken."""

    stop_at: str = ""
    before: Callable[[str], None] = lambda text: None
    spoken: list[str] = field(default_factory=list)
    made_ready: int = 0

    def submit(self, work: Callable[..., Any], /, *arguments: Any, **_options: Any) -> Future[Any]:
        future: Future[Any] = Future()
        (task,) = arguments
        if work is load_engine:
            self.made_ready += 1
            future.set_result(None)
        elif work is master_task:
            try:
                future.set_result(work(task))
            except Exception as error:
                future.set_exception(error)
        elif self.stop_at and self.stop_at in task.text:
            future.set_exception(SpeechError(f"“{task.text}” is not spoken right"))
        else:
            self.before(task.text)
            clip = tone(task.text, task.characters)
            task.cache.store(task.key, clip)
            self.spoken.append(task.text)
            future.set_result(SpokenClip(task.key, clip.evidence, is_new=True))
        return future


@dataclass
class Watcher:
    """The observer of a build: which tracks were made. At `stop_at`, a path, the power fails."""

    stop_at: str = ""
    made: list[str] = field(default_factory=list)
    characters: int = 0
    fallen_back: list[tuple[str, str]] = field(default_factory=list)

    def prepared(self) -> None:
        pass

    def planned(self, tracks: Sequence[PlannedTrack]) -> None:
        pass

    def heard(self, characters: int) -> None:
        self.characters += characters

    def finished(self, track: TracklistEntry, measured: TrackMeasurements) -> None:
        if track.path == self.stop_at:
            raise KeyboardInterrupt
        self.made.append(track.path)

    def fell_back(self, book: str, voice: str, reason: str) -> None:
        self.fallen_back.append((book, voice))


@dataclass(frozen=True)
class Built:
    """A build, with the texts that it spoke and the tracks that it made."""

    result: BuildResult
    spoken: tuple[str, ...]
    made: tuple[str, ...]

    @property
    def folder(self) -> Path:
        return self.result.release.folder

    def path_of(self, title: str) -> Path:
        """The file of the track with this title."""
        tracks = self.result.release.manifest.tracks
        return self.folder / next(track.path for track in tracks if track.title == title)


PLAYLIST = """\
playlist: {name}
title: {name}
items:
  - book: texts/news.md
    shelf: week
  - book: texts/book.md
"""
NEWS = "# 通知\n\n## 停水\n\n明天停水。请先接水。\n"
BOOK = "# 读本\n\n## 第一章 敲门\n\n有人敲门。先问是谁。\n\n## 第二章 上门\n\n不认识的人，不开门。\n"


@dataclass(frozen=True)
class Office:
    """A workspace in a folder, and what it builds."""

    root: Path

    @property
    def workspace(self) -> Workspace:
        return open_workspace(self.root)

    @property
    def places(self) -> BuildPlaces:
        workspace = self.workspace
        return BuildPlaces(workspace.releases, workspace.chunk_cache, workspace.numbers("main"))

    def write(self, texts: Mapping[str, str]) -> None:
        """Write texts by the names of their files."""
        (self.root / "texts").mkdir(exist_ok=True)
        for name, text in texts.items():
            (self.root / "texts" / name).write_text(text, "utf-8")

    def prepare(self, name: str = "week", profile: str | None = None) -> Prepared:
        return prepare_tracklist(self.workspace, self.root / "playlists" / f"{name}.yaml", profile=profile)

    def build(
        self,
        name: str = "week",
        *,
        profile: str | None = None,
        force: bool = False,
        tones: Tones | None = None,
        stop_at: str = "",
        now: datetime = NOW,
        lexicon: Lexicon | None = None,
        online: EngineProvider | None = None,
        watcher: Watcher | None = None,
    ) -> Built:
        prepared = self.prepare(name, profile)
        tones, watcher = tones or Tones(), watcher or Watcher(stop_at)
        cache = ClipCache(self.workspace.clip_cache)
        with SpeechPool(cache, engines=tone_engines(online), make_executor=lambda: tones) as pool:
            result = build_release(
                prepared.tracklist,
                prepared.ledger,
                pool,
                self.places,
                now=now,
                force=force,
                lexicon=lexicon,
                observer=watcher,
            )
        return Built(result, tuple(tones.spoken), tuple(watcher.made))


def open_office(root: Path) -> Office:
    """A new workspace with a playlist `week` of two short books."""
    root.mkdir()
    (root / "packager.yaml").touch()
    (root / "playlists").mkdir()
    (root / "playlists" / "week.yaml").write_text(PLAYLIST.format(name="week"), "utf-8")
    office = Office(root)
    office.write({"news.md": NEWS, "book.md": BOOK})
    return office


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below `folder` by its path, dot-files too."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
