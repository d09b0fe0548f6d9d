"""Every line of the threat model names a test, and the test exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "THREATS.md").read_text("utf-8")
ROWS = [line for line in TEXT.splitlines() if line.startswith("| ") and not line.startswith("| who, what")]


def test_there_is_a_line_for_every_kind_of_file() -> None:
    for kind in ("archive", "export", "backup", "card", "roster", "playlist", "profile", "trust files"):
        assert any(kind in row for row in ROWS), kind


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip()[:50])
def test_a_line_of_the_threat_model_names_a_test_that_exists(row: str) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", row)
    assert named
    for file, test in named:
        text = (ROOT / file).read_text("utf-8")
        assert not test or f"\ndef {test}(" in text, f"{file}::{test}"
