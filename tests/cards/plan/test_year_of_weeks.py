"""Week after week, in every profile, an unchanged track keeps its place on the card: no load writes it again."""

from __future__ import annotations

from pathlib import Path

import pytest
from card_kit import audit, card_on, load, plan_of
from fat_model import ModelCard
from year_of_weeks import PROFILES, year_of

WEEKS = 12  # books come in week 9, and a kept week goes out each week from the fourth on


@pytest.mark.parametrize("profile", PROFILES)
def test_no_unchanged_track_is_ever_written_again(tmp_path: Path, profile: str) -> None:
    weeks = year_of(profile, tmp_path, WEEKS)
    for tail_first in (False, True):
        card = ModelCard(tail_first=tail_first)
        before: dict[str, bytes] = {}
        for week in weeks:
            plan = plan_of(card_on(card), week.manifest)
            result = load(card, week.manifest, week.folder)
            assert sorted(result.written) == sorted(file.path for file in plan.creates)
            unchanged = {path for path, data in week.files.items() if before.get(path) == data}
            assert not unchanged & set(result.written), week.manifest.release
            before = week.files
        assert audit(card).is_good
