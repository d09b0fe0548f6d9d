"""Lets the tests of this room import what they share."""

import pytest
from card_kit import make_release
from two_weeks import WEEK_1, WEEK_2


@pytest.fixture
def weeks(tmp_path):
    """Two releases, each as (manifest, folder)."""
    return tuple(
        (make_release(tmp_path / f"week-{n}", files, sequence=n), tmp_path / f"week-{n}")
        for n, files in enumerate((WEEK_1, WEEK_2), start=1)
    )
