"""Every command block of the handbook works, run in the order of the pages, in one workspace."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import pytest
from tones import Tones

from packager.base.i18n.language import choose_language
from packager.cli import run
from packager.cli.ui.proposals import PRACTICE, TAKE_PRACTICE
from packager.speech import pool

HANDBOOK = Path(__file__).parent.parent / "docs" / "handbook"
LANGUAGES = ("zh", "en")

_BLOCK = re.compile(r"(?:^<!-- (?P<what>[^\n]+) -->\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
# A station waits for cards that people insert; tests/cli/station inserts them.
_ANSWERS = {"players forget": ["--yes"], "station": ["--help"]}


@dataclass(frozen=True)
class Block:
    """One block of a page, with the comment before it."""

    page: str
    what: str
    kind: str
    text: str


def blocks(language: str) -> Iterator[Block]:
    for path in sorted((HANDBOOK / language).glob("[1-9]-*.md")):
        for match in _BLOCK.finditer(path.read_text("utf-8")):
            yield Block(path.name, match["what"] or "", match["kind"], match["text"])


def test_the_pages_of_both_languages_show_the_same_blocks() -> None:
    chinese, english = ([(b.page, b.what, b.kind, b.text) for b in blocks(language)] for language in LANGUAGES)
    assert chinese == english


def test_every_link_and_picture_of_the_handbook_is_there() -> None:
    for path in HANDBOOK.rglob("*.md"):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text("utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


_REPEATED = 16  # characters in a row, without blanks and signs: more than a name or a command has


def _passages(path: Path) -> set[str]:
    """All runs of characters of a document, without its code, as long as `_REPEATED`."""
    text = re.sub(r"^```.*?^```$|<!--.*?-->", "|", path.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    plain = re.sub(r"`[^`]*`|\]\([^)]*\)|\*\*|\s+", "", text)
    runs = (plain[place : place + _REPEATED] for place in range(len(plain) - _REPEATED + 1))
    return {run for run in runs if "|" not in run}


def test_nothing_is_said_in_two_chinese_documents() -> None:
    root = HANDBOOK.parent.parent
    documents = [root / "README.zh.md", root / "docs" / "GUIDE.zh.md", *sorted((HANDBOOK / "zh").glob("*.md"))]
    passages = {path: _passages(path) for path in documents}
    assert all(passages.values())
    repeated = [
        f"{one.name} and {other.name}: {sorted(both)[0]}"
        for one, other in combinations(documents, 2)
        if (both := passages[one] & passages[other])
    ]
    assert not repeated, "say it once, and link to it:\n" + "\n".join(repeated)


def test_every_command_of_the_handbook_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pool, "local_processes", lambda jobs, lifeline: Tones())
    monkeypatch.delenv("LANGUAGE", raising=False)
    for letter in "EFGHI":
        (tmp_path / "cards" / letter).mkdir(parents=True)
    assert run(["init", str(tmp_path / "tingshu")]) == 0
    monkeypatch.chdir(tmp_path / "tingshu")
    for block in blocks("zh"):
        verb, _space, rest = block.what.partition(" ")
        if verb in ("file", "add"):
            path = Path(rest)
            path.write_text((path.read_text("utf-8") if verb == "add" else "") + block.text, "utf-8")
            continue
        codes = {int(code) for code in re.findall(r"\d+", rest)} if verb == "ends" else {0}
        for line in block.text.splitlines():
            code = run(_words(line, tmp_path / "cards"))
            told = capfd.readouterr()
            assert code in codes, f"{block.page}: {line}\n{told.out}{told.err}"
    choose_language("en")


def _words(line: str, cards: Path) -> list[str]:
    """The arguments of a shown command, with folders in place of cards."""
    program, *words = line.split()
    assert program == "packager"
    words = [re.sub(r"(^|=)([E-I]):\\$", lambda place: f"{place[1]}{cards / place[2]}", word) for word in words]
    command = " ".join(words[2 if words[0] == "--workspace" else 0 :][:2])
    takes_card = any(str(cards) in word for word in words)
    if takes_card and any(command == name or command.startswith(f"{name} ") for name in TAKE_PRACTICE):
        words.append(PRACTICE)
    for name, answers in _ANSWERS.items():
        if command == name or command.startswith(f"{name} "):
            words += answers
    return words
