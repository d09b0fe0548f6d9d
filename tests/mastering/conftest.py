"""Puts `speechlike` in reach of the tests beside it, and makes one track that several of them look at."""

from __future__ import annotations

from pathlib import Path

import pytest
from shared import made_once

from packager.mastering import MasteredTrack


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, MasteredTrack]:
    """One ordinary track: where it is, and what mastering says of it."""
    from speechlike import chapter, make

    def track(folder: Path) -> tuple[Path, MasteredTrack]:
        return folder / "037.mp3", make(chapter(), folder / "037.mp3")

    return made_once(tmp_path_factory, "finished track", track)
