"""Makes the pictures of the handbook and the README from real runs.

    python docs/handbook/pictures.py          # needs tmux, and Chromium for the page

Runs the commands of the handbook in a temporary workspace, with the tones of the tests for speech and folders for
cards; a picture shows a folder as the drive of a card. Terminals become SVG, whose text can be searched.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from html import escape
from itertools import groupby
from pathlib import Path

from packager.cli.ui.columns import display_width

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PROGRAM = [sys.executable, "-W", "ignore", str(ROOT / "tests" / "support" / "tone_packager.py")]
COLUMNS, LINE, COLUMN = 80, 21, 8.2  # the size of a terminal's cell in pixels
PATIENCE_SECONDS = 120
CARDS = {"E": "P001", "F": "P002"}
SESSION = "packager-pictures"


def main() -> None:
    """Write all pictures."""
    for language in ("zh", "en"):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in terminals(Path(folder), language):
                (HERE / "pictures").mkdir(exist_ok=True)
                (HERE / "pictures" / f"{language}-{name}.svg").write_text(svg(text), "utf-8")
            if language == "zh":
                page = Path(folder, "tingshu", "output", "review")
                photograph(next(page.rglob("index.html")), HERE / "pictures" / "zh-review.png")


def terminals(folder: Path, language: str) -> Iterator[tuple[str, str]]:
    """Run the commands of the handbook in `folder`, and yield each picture's name and text."""
    root = folder / "tingshu"
    for letter in CARDS:
        (folder / "cards" / letter).mkdir(parents=True)

    def run(line: str) -> str:
        return told(line, folder, language)

    told(f"packager init {root}", folder, language, cwd=folder)
    yield "read", run("packager read texts/fangzha.md")
    yield "build", run("packager build 2026-w48 --dry-run")
    run("packager build 2026-w48")
    run("packager players add P001 P002 --community 东风社区")
    yield "load", run("packager load E:\\ --player P001 --new")
    run("packager load F:\\ --player P002 --new")
    yield "audit", run("packager audit E:\\")
    for page in ("2-week.md", "5-approval.md"):
        write_files(HERE / "zh" / page, root)
    yield "weekly", run("packager weekly 2026-W49")
    run("packager release review main-0002")
    yield "station", station(folder, language)


def write_files(page: Path, root: Path) -> None:
    """Write the files that a page of the handbook shows into the workspace; the settings stay."""
    for name, text in re.findall(r"<!-- file (\S+) -->\n```\w+\n(.*?)^```", page.read_text("utf-8"), re.M | re.S):
        (root / name).write_text(text, "utf-8")


def environment(language: str, **more: str) -> dict[str, str]:
    """The environment of the runs."""
    return os.environ | {
        "COLUMNS": str(COLUMNS),
        "LANGUAGE": language,
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
        **more,
    }


def told(line: str, folder: Path, language: str, cwd: Path | None = None) -> str:
    """The typed line and what the program says; a drive stands for a folder in `cards`."""
    words = [re.sub(r"^([EF]):\\$", lambda drive: str(folder / "cards" / drive[1]), word) for word in line.split()[1:]]
    practice = ["--allow-folder"] if str(folder / "cards") in " ".join(words) else []
    done = subprocess.run(
        [*PROGRAM, *words, *practice],
        cwd=cwd or folder / "tingshu",
        env=environment(language),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    return f"> {line}\n" + shown(done.stdout, folder)


def shown(text: str, folder: Path) -> str:
    """What a program said, with the drives in place of the folders."""
    text = re.sub(rf"{re.escape(str(folder / 'cards'))}/([A-Z])", r"\1:\\", text.rsplit("\r", maxsplit=1)[-1])
    return text.replace(" --allow-folder", "").replace(str(folder / "tingshu"), "tingshu").rstrip()


def station(folder: Path, language: str) -> str:
    """The screen of a station with one card done, one being written and a new one."""
    watched = folder / "cards in readers"
    watched.mkdir()
    command = [*PROGRAM, "station", "--watch-dir", str(watched), "--allow-folder", "--no-sound"]
    slow = {"CARD_SECONDS": "0.4", "TERM": "xterm-256color"}
    start = ["env", *(f"{name}={environment(language, **slow)[name]}" for name in ("LANGUAGE", "PYTHONPATH", *slow))]
    size = ["-x", str(COLUMNS), "-y", "14"]
    tmux("new-session", "-d", "-s", SESSION, *size, "-c", str(folder / "tingshu"), shlex.join([*start, *command]))
    try:
        shutil.copytree(folder / "cards" / "E", watched / "E")
        wait_for("P001", "100%|取出|[Rr]emove")
        (watched / "G").mkdir()
        shutil.copytree(folder / "cards" / "F", watched / "F")
        text = wait_for("P002", r"[1-9]\d? ?%")
    finally:
        tmux("kill-session", "-t", SESSION)
    return "> packager station\n" + re.sub(rf"{re.escape(str(watched))}/([A-Z])", r"\1:\\", text).rstrip()


def wait_for(player: str, pattern: str) -> str:
    """The screen as soon as the player's line matches the pattern, or as it is in the end."""
    text = ""
    for _turn in range(PATIENCE_SECONDS * 10):
        text = tmux("capture-pane", "-p", "-t", SESSION)
        if any(player in line and re.search(pattern, line) for line in text.splitlines()):
            break
        time.sleep(0.1)
    return text


def tmux(*arguments: str) -> str:
    """What tmux prints."""
    return subprocess.run(["tmux", *arguments], capture_output=True, encoding="utf-8", check=True).stdout


def svg(text: str) -> str:
    """A terminal with this text. Each run of Hanzi or Latin gets its width, so that columns stand in line."""
    lines = text.splitlines()
    width, height = round(COLUMN * max(COLUMNS, *map(display_width, lines))) + 32, LINE * len(lines) + 28
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
        f'<rect width="{width}" height="{height}" rx="8" fill="#14202b"/>',
        "<g font-family=\"Consolas, Menlo, 'Noto Sans Mono', 'Noto Sans Mono CJK SC', 'PingFang SC', "
        '\'Microsoft YaHei\', monospace" font-size="15" fill="#e8eef2">',
    ]
    for number, line in enumerate(lines):
        bold = ' fill="#ffd479"' if line.startswith("> ") else ""
        for column, piece in _pieces(line):
            x, y = round(16 + column * COLUMN, 1), 26 + number * LINE
            length = round(display_width(piece) * COLUMN, 1)
            parts.append(f'<text x="{x}" y="{y}" textLength="{length}"{bold}>{escape(piece)}</text>')
    return "\n".join([*parts, "</g>", "</svg>", ""])


def _pieces(line: str) -> Iterator[tuple[int, str]]:
    """The words of a line with their columns, cut where Hanzi and Latin meet: their fonts differ in width."""
    for word in re.finditer(r"\S+", line):
        column = display_width(line[: word.start()])
        for _wide, run in groupby(word[0], key=lambda character: display_width(character) == 2):
            piece = "".join(run)
            yield column, piece
            column += display_width(piece)


def photograph(page: Path, picture: Path) -> None:
    """A picture of a page, as on a small window."""
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=760,820"]
    subprocess.run(["chromium", *flags, f"--screenshot={picture}", page.as_uri()], capture_output=True, check=True)


if __name__ == "__main__":
    main()
