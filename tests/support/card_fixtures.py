"""Lets the tests of this room import what they share."""

import pytest
from card_kit import make_release
from shared import made_once
from two_weeks import WEEK_1, WEEK_2


@pytest.fixture
def weeks(tmp_path):
    """Two releases, each as (manifest, folder)."""
    return tuple(
        (make_release(tmp_path / f"week-{n}", files, sequence=n), tmp_path / f"week-{n}")
        for n, files in enumerate((WEEK_1, WEEK_2), start=1)
    )


@pytest.fixture(scope="session")
def fat_weeks(tmp_path_factory):
    """Releases and FAT32 cards for tests under the real driver; one boot of the machine for all of them."""
    from fat_machine import require_machine
    from fat_weeks import prepare

    require_machine()
    return made_once(tmp_path_factory, "fat-weeks", lambda folder: prepare(folder / "weeks"))
