"""Output streams: results on standard output, the rest on standard error, progress bars on terminals only."""

from __future__ import annotations

import json
import os
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest
from command_line import Cli, environment, tone_command
from tones import Tones

from packager.cli.ui import console
from packager.cli.ui.console import table


@pytest.mark.parametrize(
    "arguments",
    [
        "read texts/book.md",
        "voices",
        "build week --dry-run",
        "build week",
        "players list",
        "audit",
        "load card --player P001 --new --allow-folder --dry-run",
        "load card --player P001 --new --allow-folder",
        "update card --allow-folder",
        "audit card --allow-folder",
    ],
)
def test_only_json_is_on_standard_output(cli: Cli, office: Path, tones: Tones, arguments: str) -> None:
    (office / "card").mkdir()
    if arguments.startswith(("update", "audit card")):
        cli("load", "card", "--player", "P001", "--new", "--allow-folder").require()
    answer = cli(*arguments.split(), "--json")
    assert answer.code in (0, 5)
    assert json.loads(answer.out)
    assert answer.err == ""


@pytest.mark.parametrize(
    ("arguments", "result", "message"),
    [
        ("players list", "P001", "2 players"),
        ("players add P003", "", "P003 added"),
        ("build week", "No change", "Next: packager station"),
        ("build week --dry-run", "01/001.mp3", "Nothing was written"),
        ("init new", "packager.yaml", "Next: packager --workspace new weekly --dry-run"),
    ],
)
def test_results_go_to_standard_output_and_messages_to_standard_error(
    cli: Cli, office: Path, arguments: str, result: str, message: str
) -> None:
    answer = cli(*arguments.split()).require()
    assert result in answer.out
    assert message not in answer.out
    assert message in answer.err


def test_progress_is_hidden_without_a_terminal(cli: Cli, office: Path, tones: Tones) -> None:
    (office / "texts" / "news.md").write_text("# 通知\n\n## 停水\n\n今天停水。\n", "utf-8")
    built = cli("build", "week").require()
    assert built.err.startswith("Insert one card after another to load them")
    assert built.err.count("\n") == 1
    assert "synthesized" in built.out


def test_with_cards_in_the_field_the_next_step_is_the_station(cli: Cli, office: Path, tones: Tones) -> None:
    (office / "card").mkdir()
    cli("load", "card", "--player", "P001", "--new", "--allow-folder").require()
    (office / "texts" / "news.md").write_text("# 通知\n\n## 停水\n\n今天停水。\n", "utf-8")
    assert cli("build", "week").require().err.endswith("Next: packager station\n")


@pytest.mark.skipif(os.name != "posix", reason="a pseudo-terminal")
def test_progress_is_shown_on_a_terminal_with_the_time_left(office: Path) -> None:
    import fcntl
    import termios

    (office / "texts" / "news.md").write_text("# 通知\n\n## 停水\n\n今天停水。\n", "utf-8")
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    try:
        done = subprocess.run(
            tone_command("build", "week", "--jobs", 1),
            cwd=office,
            env=environment(TONE_SECONDS="0.3"),
            stdout=subprocess.PIPE,
            stderr=theirs,
            check=True,
        )
        shown = os.read(ours, 100_000).decode("utf-8", "replace")
    finally:
        os.close(ours)
        os.close(theirs)
    assert "synthesizing" in shown
    assert "characters" in shown
    assert b"synthesizing" not in done.stdout


def test_the_summary_counts_rendered_and_reused_tracks(cli: Cli, office: Path, tones: Tones) -> None:
    (office / "texts" / "news.md").write_text("# 通知\n\n## 停水\n\n今天停水。\n", "utf-8")
    out = cli("build", "week").require().out
    assert "New release main-0003" in out
    assert "4 tracks" in out
    assert "Tracks: 1 rendered, 3 reused" in out
    assert "1 synthesized" in out
    out = cli("build", "week", "--force").require().out
    assert "Tracks: 4 rendered, 0 reused. Sentences of rendered tracks: 0 synthesized" in out


def test_a_name_that_the_terminal_can_not_encode_is_escaped(office: Path) -> None:
    env = environment(PYTHONIOENCODING="latin-1")
    done = subprocess.run(tone_command("read", "texts/book.md"), cwd=office, env=env, capture_output=True, check=False)
    assert done.returncode == 0
    assert b"\\u7b2c\\u4e00\\u7ae0" in done.stdout  # 第一章


def test_a_table_escapes_control_characters() -> None:
    rows = [("\x1b[2J社区", "a\nb\u202e"), ("\ue123　李", "\x9b")]
    assert table(("one", "two"), rows).splitlines() == [
        "one            two",
        "\\u001b[2J社区  a\\u000ab\\u202e",
        "\ue123　李          \\u009b",
    ]


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [{"b": 1, "a": "说", "c": None}],
        [{"player": "P001", "reasons": ["failed", "说"], "weeks": None}, {"player": "P002", "reasons": []}],
    ],
)
def test_streamed_json_equals_one_document(rows: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]) -> None:
    console.print_json(rows)
    whole = capsys.readouterr().out
    console.print_json_rows(iter(rows))
    assert capsys.readouterr().out == whole


def test_columns_with_many_and_few_texts_have_the_same_format() -> None:
    rows = [(f"P{number}", "社区", "\x1b[2J") for number in range(1, 1500)]
    lines = table("abc", rows).splitlines()
    assert lines[0] == "a      b     c"
    assert lines[1] == "P1     社区  \\u001b[2J"
    assert lines[-1] == "P1499  社区  \\u001b[2J"
    assert lines[1:100] == table("abc", [*rows[:99], rows[-1]]).splitlines()[1:100]


def test_a_table_fits_the_terminal_and_breaks_no_word(monkeypatch: pytest.MonkeyPatch) -> None:
    from packager.cli.ui.columns import display_width
    from packager.cli.ui.console import table

    rows = [
        ("kokoro:zf_xiaobei", "Player with a chip: folders 01 to 99", "12"),
        ("folders", "普通播放器，一本书一个文件夹", "3"),
    ]
    heads = ("profile", "title", "tracks")
    monkeypatch.setenv("COLUMNS", "46")
    shown = table(heads, rows, right=(2,))
    assert max(map(display_width, shown.splitlines())) <= 46 and len(shown.splitlines()) == 5
    assert "kokoro:zf_xiaobei" in shown and "".join(shown.split()).count("普通播放器") == 1
    monkeypatch.setenv("COLUMNS", "20")  # nothing fits there: one line a row is easier to read than pieces of words
    assert len(table(heads, rows).splitlines()) == 3
    monkeypatch.setenv("COLUMNS", "0")  # a pipe
    assert len(table(heads, rows).splitlines()) == 3
