"""A year of weekly releases of a profile, arranged by the program itself: kept weeks, books that come and go.

Only paths, numbers and kinds are the program's; in place of speech each track has bytes that follow from its script.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from manifests import manifest_with, track_of

from packager.arranging.number_ledger import ledger_bytes
from packager.arranging.prepare import prepare_tracklist
from packager.arranging.tracklist import Tracklist
from packager.base.manifest import Manifest
from packager.base.workspace import open_workspace

PROFILES = ("dfplayer", "dfplayer-mp3", "folders", "keypad", "keypad-folders", "weekly")
_FIRST_MONDAY = date(2026, 11, 2)
_KEEP = 2
_BOOKS = {"a": (1, 99), "b": (1, 30), "c": (9, 99), "d": (21, 99)}  # from which week, until which


@dataclass(frozen=True)
class Week:
    """One release: its manifest, its folder and the bytes of its tracks."""

    manifest: Manifest
    folder: Path
    files: dict[str, bytes]


def year_of(profile: str, folder: Path, weeks: int) -> list[Week]:
    """The releases of the first `weeks` weeks, written under `folder`."""
    root = folder / profile
    (root / "texts").mkdir(parents=True)
    (root / "playlists").mkdir()
    (root / "packager.yaml").write_text(f"keep: {_KEEP}\nweek_shelf: 6\nbook_shelf: 8\n", "utf-8")
    for name in _BOOKS:
        _write_text(root / "texts" / f"book-{name}.md", f"书{name}", chapters=6)
    made: list[Week] = []
    for week in range(1, weeks + 1):
        _write_text(root / "texts" / f"news-{week}.md", f"第{week}周", chapters=2 + week % 3)
        playlist = root / "playlists" / f"w{week}.yaml"
        playlist.write_text(_playlist(week), "utf-8")
        prepared = prepare_tracklist(open_workspace(root), playlist, profile=profile)
        (root / "playlists" / "main.numbers.yaml").write_bytes(ledger_bytes(prepared.ledger))
        made.append(_release(prepared.tracklist, profile, week, folder / f"{profile}-{week}"))
    return made


def _write_text(path: Path, title: str, *, chapters: int) -> None:
    parts = [f"# {title}\n"]
    parts += [f"\n## 第{n}章\n\n这是{title}的第{n}章，讲一个小故事。\n" for n in range(1, chapters + 1)]
    path.write_text("".join(parts), "utf-8")


def _playlist(week: int) -> str:
    lines = [f"playlist: w{week}", f"title: 第{week}周", f"week: {_name(week)}", "items:"]
    lines.append(f"- {{book: texts/news-{week}.md, shelf: week}}")
    for age in range(1, _KEEP + 1):
        if week > age:
            lines.append(f"- {{book: texts/news-{week - age}.md, shelf: kept, week: {_name(week - age)}}}")
    lines += [f"- book: texts/book-{name}.md" for name, (first, last) in _BOOKS.items() if first <= week <= last]
    return "\n".join(lines) + "\n"


def _name(week: int) -> str:
    year, number, _day = (_FIRST_MONDAY + timedelta(weeks=week)).isocalendar()
    return f"{year}-W{number:02}"


def _release(tracklist: Tracklist, profile: str, week: int, folder: Path) -> Week:
    files: dict[str, bytes] = {}
    tracks = []
    for entry in tracklist.tracks:
        script = "\n".join(passage.text for passage in entry.script)
        data = random.Random(f"{entry.number} {script}").randbytes(1500 + 7 * len(script))
        files[entry.path] = data
        (folder / entry.path).parent.mkdir(parents=True, exist_ok=True)
        (folder / entry.path).write_bytes(data)
        tracks.append(track_of(entry.number, entry.path, data, kind=entry.kind, book=entry.book, title=entry.title))
    finds_by = tracklist.profile.finds_by
    manifest = manifest_with(
        *tracks,
        sequence=week,
        profile=profile,
        finds_by=getattr(finds_by, "value", finds_by),
        release=f"main-{week:04}",
    )
    (folder / "manifest.json").write_bytes(manifest.to_bytes())
    return Week(manifest, folder, files)
