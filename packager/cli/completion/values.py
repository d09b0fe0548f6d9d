"""The values of a workspace that complete a placeholder: players, releases, playlists, weeks and more.

Reads the workspace without opening the registry: that would need SQLAlchemy, and would create files.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

from packager.base.workspace import Workspace
from packager.cli.completion.command_table import BUILT_IN_VALUES, built_in_values

Value = tuple[str, str]
"""A value, and an explanation for shells that show one."""

_WEEK = re.compile(r"\d{4}-W\d{2}", re.IGNORECASE)
_NO_PLAYLISTS = ("timetable",)
_TYPED_WHOLE = re.compile(r"""[^\s"'`$&|;<>()*?\\]+""")  # what every shell takes without quotes


def values_of(placeholder: str, workspace: Workspace) -> Iterator[Value]:
    """The values of `workspace` for a placeholder such as PLAYER; none for placeholders that it doesn't know."""
    if placeholder in BUILT_IN_VALUES:
        yield from ((value, "") for value in built_in_values(placeholder))
    source = _SOURCES.get(placeholder)
    if source is not None:
        yield from (value for value in source(workspace) if _TYPED_WHOLE.fullmatch(value[0]))


def _players(workspace: Workspace) -> Iterator[Value]:
    yield from _rows(workspace, "SELECT id, community FROM players ORDER BY length(id), id")


def _communities(workspace: Workspace) -> Iterator[Value]:
    yield from _rows(workspace, "SELECT DISTINCT community, '' FROM players WHERE community != '' ORDER BY community")


def _rows(workspace: Workspace, query: str) -> Iterator[Value]:
    path = workspace.registry
    if not isinstance(path, Path) or not path.is_file():
        return  # a server is not asked at each press of a key
    # A log beside the file means that another command has it open. Without a log, `immutable` creates no files.
    log = path.with_name(path.name + "-wal")
    mode = "mode=ro" if log.exists() else "immutable=1"
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, timeout=0.2)) as connection:
        yield from connection.execute(query)


def _releases(workspace: Workspace) -> Iterator[Value]:
    names = {folder.parent.parent.name for folder in workspace.releases.glob("[!.]*/[!.]*/manifest.json")}
    yield from ((name, "") for name in sorted(names, reverse=True))  # the newest first


def _playlists(workspace: Workspace) -> Iterator[Value]:
    for path in sorted(workspace.playlists.glob("*.yaml"), reverse=True):
        if "." not in path.stem and path.stem not in _NO_PLAYLISTS:
            yield path.stem, ""


def _weeks(workspace: Workspace) -> Iterator[Value]:
    timetable = workspace.playlists / "timetable.yaml"
    text = timetable.read_bytes().decode("utf-8", "replace") if timetable.is_file() else ""
    weeks = {week.upper() for week in _WEEK.findall(text)}
    for day in (date.today(), date.today() + timedelta(days=7)):
        year, week, _weekday = day.isocalendar()
        weeks.add(f"{year}-W{week:02d}")
    yield from ((week, "") for week in sorted(weeks, reverse=True))


def _own_profiles(workspace: Workspace) -> Iterator[Value]:
    yield from ((path.stem, "") for path in sorted(workspace.profiles.glob("*.yaml")))


_SOURCES: Mapping[str, Callable[[Workspace], Iterator[Value]]] = {
    "COMMUNITY": _communities,
    "NEW": _players,
    "OLD": _players,
    "PLAYER": _players,
    "PLAYLIST": _playlists,
    "PROFILE": _own_profiles,
    "RELEASE": _releases,
    "WEEK": _weeks,
}
