"""Progress lines: what they say, on a terminal and in a log file."""

from __future__ import annotations

import io
import sys

import pytest

from packager.cli.ui import progress
from packager.cli.ui.progress import ReadableProgress, _words


class Terminal(io.StringIO):
    """Standard error that is a terminal."""

    def isatty(self) -> bool:
        return True


def values(**changed: object) -> dict[str, object]:
    same = {"prefix": "synthesizing: ", "unit": " characters", "unit_scale": False, "rate": None, "initial": 0}
    return {**same, "n": 0, "total": 246, "elapsed": 0.0, "postfix": None, **changed}


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({}, "synthesizing 0% (0/246 characters)"),
        ({"elapsed": 4.2}, "synthesizing 0% (0/246 characters), 4 seconds so far"),
        ({"n": 18, "elapsed": 52}, "synthesizing 7% (18/246 characters), about 11 minutes left"),
        ({"n": 111, "initial": 111, "elapsed": 9}, "synthesizing 45% (111/246 characters), 9 seconds so far"),
        ({"n": 120, "initial": 111, "elapsed": 9}, "synthesizing 48% (120/246 characters), about 2 minutes left"),
        ({"n": 18, "elapsed": 9}, "synthesizing 7% (18/246 characters), about 2 minutes left"),
        ({"n": 1, "total": 10**6, "elapsed": 1}, "synthesizing 0% (1/1000000 characters), about 278 hours left"),
        ({"n": 245, "elapsed": 245}, "synthesizing 99% (245/246 characters), about 1 second left"),
        ({"n": 246, "elapsed": 9}, "synthesizing 100% (246/246 characters)"),
        (
            {"n": 3_200_000, "total": None, "unit": "B", "unit_scale": True, "elapsed": 61},
            "synthesizing: 3.20MB, 1 minute",
        ),
        ({"n": 82, "postfix": "01/002.mp3"}, "synthesizing 33% (82/246 characters) 01/002.mp3"),
    ],
)
def test_the_line_says_how_much_is_done_and_how_long_it_will_take(changed: dict[str, object], line: str) -> None:
    assert _words(values(**changed)) == line


def test_on_a_terminal_the_line_moves_by_itself_and_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr(progress, "_TICK", 0.01)
    with ReadableProgress(246, "synthesizing", unit=" characters", scale=False) as bar:
        while terminal.getvalue().count("\r") < 4:
            pass
        assert bar.n == 0
    assert terminal.getvalue().rpartition("\r")[2].strip() == ""


def test_a_log_file_gets_a_line_now_and_then_and_nothing_of_short_work(monkeypatch: pytest.MonkeyPatch) -> None:
    log = io.StringIO()
    monkeypatch.setattr("sys.stderr", log)
    with ReadableProgress(3, "synthesizing", unit=" characters", scale=False) as bar:
        bar.update(1)
    assert log.getvalue() == ""
    monkeypatch.setattr(progress, "_LINES_APART", 0)
    monkeypatch.setattr(progress, "_TICK", 3600)
    with ReadableProgress(3, "synthesizing", unit=" characters", scale=False) as bar:
        for _turn in range(2):
            bar.update(1)
            bar.refresh()
    lines = log.getvalue().splitlines()
    assert lines[0] == "synthesizing 0% (0/3 characters)"
    assert [line.partition(",")[0] for line in lines[1:]] == [
        "synthesizing 33% (1/3 characters)",
        "synthesizing 66% (2/3 characters)",
    ]


def test_a_log_file_gets_lines_while_the_first_piece_of_work_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    log = io.StringIO()
    monkeypatch.setattr("sys.stderr", log)
    monkeypatch.setattr(progress, "_LINES_APART", 0)
    monkeypatch.setattr(progress, "_TICK", 0.01)
    with ReadableProgress(246, "synthesizing", unit=" characters", scale=False) as bar:
        while log.getvalue().count("\n") < 3:
            pass
        assert bar.n == 0
    lines = log.getvalue().splitlines()
    assert all(line.startswith("synthesizing 0% (0/246 characters)") for line in lines)


def test_a_line_never_fills_a_narrow_terminal() -> None:
    assert progress._cropped("朗读 7%（18/246字）", 9) == "朗读 7%"
    assert progress._cropped("short", None) == "short"


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pseudo-terminal")
def test_a_terminal_that_does_not_know_its_size_gets_the_line_too() -> None:
    import pexpect

    code = (
        "import fcntl, struct, sys, termios, time\n"
        "fcntl.ioctl(2, termios.TIOCSWINSZ, struct.pack('HHHH', 0, 0, 0, 0))\n"
        "from packager.cli.ui.progress import ReadableProgress\n"
        "with ReadableProgress(246, 'synthesizing', unit=' characters', scale=False) as bar:\n"
        "    input()\n"
    )
    child = pexpect.spawn(sys.executable, ["-c", code], timeout=120, encoding="utf-8")
    child.expect_exact("synthesizing 0% (0/246 characters), 1 second so far")
    child.sendline("")
    child.expect(pexpect.EOF)
