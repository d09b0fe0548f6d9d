"""Puts the offices that speak tones in reach of these tests, and what was recorded of real speech."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent / "releasing"))

from recording import RecordedTrack, load_recorded  # noqa: E402 - by the lines before


@pytest.fixture(scope="session")
def recorded() -> list[RecordedTrack]:
    return load_recorded()
