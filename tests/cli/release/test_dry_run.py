"""`packager build --dry-run`: what a build would change and synthesize, and which numbers would move."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from command_line import Cli
from tones import BOOK, NEWS, Tones, tree


def forecast(cli: Cli) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(cli("build", "week", "--dry-run", "--json").require().out)
    return found


def changed(values: dict[str, Any]) -> dict[str, list[str]]:
    return {each["title"]: each["changes"] for each in values["changes"] if each["changes"] != ["same"]}


def test_without_a_change_nothing_is_to_be_done(office: Path, cli: Cli) -> None:
    values = forecast(cli)
    assert (values["compared_with"], changed(values), values["characters_to_synthesize"]) == ("main-0002", {}, 0)
    assert "Nothing is to be synthesized" in cli("build", "week", "--dry-run").require().out


def test_edited_and_new_tracks_are_named_and_nothing_is_written(office: Path, cli: Cli) -> None:
    (office / "texts/news.md").write_text(NEWS.replace("明天停水", "大后天停水"), "utf-8")
    (office / "texts/book.md").write_text(BOOK + "\n## 第三章 再来\n\n又有人敲门。\n", "utf-8")
    before = tree(office)
    values = forecast(cli)
    # The tags of a chapter name the number of chapters.
    again = {"第一章 敲门": ["made again"], "第二章 上门": ["made again"]}
    assert changed(values) == {"目录": ["edited"], "停水": ["edited"], "第三章 再来": ["added"], **again}
    told = cli("build", "week", "--dry-run").require().out
    assert "- 后天停水。\n    + 大后天停水。" in told and "To be synthesized: about" in told
    assert tree(office) == before


def test_a_forecast_names_what_the_build_then_makes(office: Path, cli: Cli, tones: Tones) -> None:
    (office / "texts/news.md").write_text(NEWS.replace("明天停水", "大后天停水"), "utf-8")
    (office / "lexicon.yaml").write_text("words:\n  开门: 敞门\n", "utf-8")
    values = forecast(cli)
    assert changed(values) == {"停水": ["edited"], "第二章 上门": ["spoken anew"]}
    (anew,) = [each for each in values["changes"] if each["title"] == "第二章 上门"]
    assert "敞门" in anew["reasons"][0]
    cli("build", "week").require()
    told = json.loads(cli("release", "diff", "main-0002", "main-0003", "--json").require().out)
    made = {each["title"]: each["changes"] for each in told["tracks"] if each["new_audio"]}
    assert made == changed(values)
    assert forecast(cli)["characters_to_synthesize"] == 0


def test_before_a_new_series_is_asked_for_the_numbers_that_would_move_are_shown(office: Path, cli: Cli) -> None:
    (office / "packager.yaml").write_text("keep: 2\n", "utf-8")
    before = tree(office)
    for command in (("build", "week", "--dry-run"), ("build", "week")):
        told = cli(*command)
        told.require_error(3, "began with keep 0")
        assert "In a new series main-2, compared with main-0002, 2 tracks would have another number and 2" in told.err
        assert "moved 11 → 31  读本  第一章 敲门" in told.err and "moved 12 → 32" in told.err
        assert "moved 2" not in told.err
    assert tree(office).keys() == before.keys()


def test_a_week_that_outgrows_its_numbers_is_shown_with_more(office: Path, cli: Cli) -> None:
    more = NEWS + "".join(f"\n## 通知{number}\n\n第{number}件事。\n" for number in range(10))
    (office / "texts/news.md").write_text(more, "utf-8")
    told = cli("build", "week", "--dry-run")
    told.require_error(3, "no number is left for it")
    assert "moved 11 → 21" in told.err


def test_chapters_in_another_order_are_shown_at_their_new_numbers(office: Path, cli: Cli) -> None:
    title, first, second = BOOK.split("\n## ")
    (office / "texts/book.md").write_text(f"{title}\n## {second.rstrip()}\n\n## {first}\n", "utf-8")
    told = cli("build", "week", "--dry-run")
    told.require_error(3, "Put the chapters back in their order")
    assert "moved 12 → 11" in told.err and "moved 11 → 12" in told.err
