"""Foreign names on a card: in GBK, with control characters, with bidirectional overrides.

They crash no listing, reach the terminal only in a form that can't move its cursor or turn its text around,
and leave JSON valid UTF-8.
"""

from __future__ import annotations

import json
import os
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from command_line import Cli, Outcome, run_apart, tone_command

ODD = (
    "读书.mp3".encode("gbk"),
    b"\xff\xfe\x80.mp3",
    "\u202e3pm.evil.mp3".encode(),
    b"two\nlines.mp3",
    b"\x1b[31mred\x1b]0;title\x07.mp3",
    "\x9b31m.mp3".encode(),
    "line\u2028break\u2066.mp3".encode(),
    b"carriage\rreturn\tand tab.mp3",
    "e\u0301 and \u200b nothing.txt".encode(),
    b"x" * 251 + b".mp3",
    "._\u202e.mp3".encode(),
    b"{braces} %s %(name)s.mp3",
)


def strange(text: str) -> list[str]:
    """The control characters of a text."""
    return [c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]


def assert_clean(answer: Outcome, *codes: int) -> Outcome:
    assert answer.code in codes, f"{answer.code}\n{answer.out}\n{answer.err}"
    for text in (answer.out, answer.err):
        assert strange(text) == []
        assert "Traceback" not in text
    return answer


@pytest.fixture
def card(office: Path, cli: Cli) -> Path:
    """A card of P001 with odd foreign names beside and inside our folders."""
    place = office / "ca\u202erd\n"
    place.mkdir()
    cli("load", place, "--player", "P001", "--new", "--release", "main-0001", "--allow-folder").require()
    for folder in (place, place / "01", place / "own\x1b[2J"):
        folder.mkdir(exist_ok=True)
        for name in ODD:
            Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(b"own")
    return place


def files(card: Path) -> dict[bytes, bytes]:
    """The names of foreign files, as bytes."""
    paths = (path for path in card.rglob("*") if path.is_file() and path.stat().st_size == 3)
    return {os.fsencode(path): path.read_bytes() for path in paths}


@pytest.mark.parametrize(
    ("command", "codes"),
    [
        ("audit {card}", (0,)),
        ("audit {card} --quick", (0, 5)),
        ("update {card} --dry-run --clean-junk", (0,)),
        ("update {card} --clean-junk", (0,)),
        ("load {card} --player P001 --dry-run --repair", (0,)),
        ("load {card} --player P002", (4,)),
        ("prepare {card} --dry-run", (0,)),
        ("prepare {card} --dry-run --clean-junk", (0,)),
        ("probe {card}", (4,)),
        ("probe {card} --new --dry-run", (4,)),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_every_listing_escapes_odd_names(
    cli: Cli, card: Path, command: str, codes: tuple[int, ...], as_json: bool
) -> None:
    before = files(card)
    words = [str(card) if word == "{card}" else word for word in command.split()]
    answer = assert_clean(cli(*words, "--allow-folder", *(["--json"] if as_json else [])), *codes)
    if as_json and answer.code in (0, 5):
        text = json.dumps(json.loads(answer.out), ensure_ascii=False)
        assert strange(text) == []
        assert text.encode("utf-8")
    assert files(card) == before


def test_a_listing_distinguishes_names_by_their_bytes(cli: Cli, card: Path) -> None:
    said: dict[str, Any] = json.loads(cli("audit", card, "--allow-folder", "--json").out)
    # A folder whose own name has control characters in it is left alone altogether.
    assert len(set(said["foreign"])) == len(said["foreign"]) == 2 * len(ODD)
    assert "01/\\xb6\\xc1\\xca\\xe9.mp3" in said["foreign"]
    assert "\\u202e3pm.evil.mp3" in said["foreign"]


@pytest.mark.parametrize("command", ["audit", "update"])
def test_output_to_a_pipe_is_utf_8_for_any_name(card: Path, office: Path, command: str) -> None:
    done = run_apart(tone_command(command, card, "--allow-folder"), office)
    assert_clean(done, 0, 5)
    assert "\ufffd" not in done.out + done.err
