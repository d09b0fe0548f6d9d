"""Puts `tones` in reach of the tests beside it, and opens an office with a release."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from shared import made_once
from tones import Built, Office, open_office


@pytest.fixture(scope="session")
def first_office(tmp_path_factory: pytest.TempPathFactory) -> tuple[Office, Built]:
    """An office that has built its first release, not to be changed."""
    return made_once(tmp_path_factory, "first office", _first)


def _first(folder: Path) -> tuple[Office, Built]:
    office = open_office(folder / "office")
    return office, office.build()


@pytest.fixture
def office(first_office: tuple[Office, Built], tmp_path: Path) -> Office:
    """A copy of the first office, with its release and its cache."""
    shutil.copytree(first_office[0].root, tmp_path / "office")
    return Office(tmp_path / "office")


@pytest.fixture
def new_office(tmp_path: Path) -> Office:
    """An office that has built nothing yet."""
    return open_office(tmp_path / "new")
