"""People with computers of their own, who exchange nothing but files."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Cli
from trust_kit import PASSPHRASE, People, Person, cheap_passphrases


@pytest.fixture
def people(office: Path, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> People:
    """Makes a person with an empty workspace; the person called "office" has two releases."""
    cheap_passphrases(monkeypatch)
    monkeypatch.setenv("PACKAGER_PASSPHRASE", PASSPHRASE)

    def make(name: str) -> Person:
        root = tmp_path / name
        if name != "office":
            root.mkdir()
            (root / "packager.yaml").touch()
        return Person(root, tmp_path / f"keys of {name}", cli, monkeypatch)

    return make


@pytest.fixture
def sticks(tmp_path: Path) -> Path:
    """The folder for what people give each other."""
    folder = tmp_path / "sticks"
    folder.mkdir()
    return folder
