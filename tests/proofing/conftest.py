"""Puts the offices that speak tones in reach of these tests, and what was recorded of real speech."""

from __future__ import annotations

import pytest
from recording import RecordedTrack, load_recorded


@pytest.fixture(scope="session")
def recorded() -> list[RecordedTrack]:
    return load_recorded()
