"""Weekly updates under the real vfat driver: in every profile an unchanged track keeps its first cluster."""

from __future__ import annotations

from pathlib import Path

import pytest
from real_weeks import run_weeks
from year_of_weeks import PROFILES

pytestmark = pytest.mark.fat


def test_unchanged_tracks_keep_their_first_clusters_in_every_profile(tmp_path: Path) -> None:
    for found in run_weeks(tmp_path, weeks=6, weeks_a_boot=3):
        assert found.faults == [], found.profile
        assert found.moved == [], found.profile
        assert found.unchanged > 10
    assert len(PROFILES) == 6
