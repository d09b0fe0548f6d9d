"""What the week's releases changed, in `packager report`: on the page, as text and in JSON."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from command_line import Cli

from packager.base.formats import parse_utc
from packager.fleet.weeks import week_of
from packager.releases.store import find_release


@pytest.fixture
def built(office: Path) -> datetime:
    """When the second of two releases was built."""
    return parse_utc(find_release(office / "output/releases", "main-0002").manifest.created)


def rows(cli: Cli, week: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(cli("report", "--week", week, "--json").require().out)["changes"]
    return found


def test_the_first_week_has_all_tracks_with_the_release_that_brought_each(
    office: Path, cli: Cli, built: datetime
) -> None:
    (row,) = rows(cli, week_of(built).name)
    assert (row["release"], row["since"], row["counts"]) == ("main-0002", None, {"added": 4})
    brought = {track["title"]: track["release"] for track in row["tracks"]}
    assert brought == {"目录": "main-0001", "停水": "main-0002", "第一章 敲门": "main-0001", "第二章 上门": "main-0001"}


def test_a_later_week_has_what_was_spoken_anew_in_two_lines(office: Path, cli: Cli, built: datetime) -> None:
    at_once = find_release(office / "output/releases", "main-0001").folder / "manifest.json"
    earlier = parse_utc(json.loads(at_once.read_bytes())["created"]) - timedelta(days=7)
    data = at_once.read_bytes().replace(
        json.loads(at_once.read_bytes())["created"].encode(), earlier.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    )
    at_once.unlink()
    at_once.write_bytes(data)
    week = week_of(built).name
    (row,) = rows(cli, week)
    assert (row["since"], row["counts"]) == ("main-0001", {"edited": 1, "same": 3})
    assert [(track["title"], track["release"]) for track in row["tracks"]] == [("停水", "main-0002")]
    told = cli("report", "--week", week).require().out.splitlines()
    assert told[-2].startswith("main-0002 (week, folders), compared with main-0001: Tracks: edited 1, unchanged 3;")
    assert told[-1] == "Spoken anew: 2 停水 (main-0002)"
    html = (office / f"output/reports/{week}.html").read_text("utf-8")
    assert "Spoken anew: 2 停水 (main-0002)" in html
    (before,) = rows(cli, week_of(built - timedelta(days=7)).name)
    assert (before["release"], before["counts"]) == ("main-0001", {"added": 4})


def test_a_withdrawn_release_brought_nothing(office: Path, cli: Cli, built: datetime) -> None:
    cli("release", "withdraw", "main-0002", "--reason", "wrong", "--by", "Wang").require()
    (row,) = rows(cli, week_of(built).name)
    assert (row["release"], {track["release"] for track in row["tracks"]}) == ("main-0001", {"main-0001"})
