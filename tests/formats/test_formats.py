"""This version reads every format that version 1.0 wrote; `make.py` made the files in `1.0`."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from command_line import Outcome

from packager.base.manifest import Manifest
from packager.cli import run

WRITTEN = Path(__file__).parent / "1.0"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workspace of version 1.0, and the current folder."""
    root = tmp_path / "office"
    shutil.copytree(WRITTEN, root)
    (root / "registry.db").write_bytes(gzip.decompress((root / "registry.sqlite.gz").read_bytes()))
    monkeypatch.setenv("PACKAGER_KEYS", str(tmp_path / "no keys"))
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def told(capfd: pytest.CaptureFixture[str]) -> Any:
    def call(*arguments: object, code: int = 0) -> Outcome:
        capfd.readouterr()
        ended = run(["--lang", "en", *map(str, arguments)])
        captured = capfd.readouterr()
        return Outcome(ended, captured.out, captured.err).require(code)

    return call


def test_settings_playlist_profile_lexicon_and_numbers(office: Path, told: Any) -> None:
    shown = told("build", "week", "--profile", "mine", "--dry-run").out
    assert "01/002.mp3" in shown and "02/011.mp3" in shown
    assert "02/011.mp3" in told("week", "2026-W49", "--dry-run").out
    assert json.loads(told("profiles", "show", "mine", "--json").out)["title"] == "我的播放器"
    assert "shan4" in told("say", "单老师", "--pinyin").out


def test_the_manifest_of_a_release(office: Path) -> None:
    manifest = Manifest.from_bytes((office / "manifest.json").read_bytes(), "manifest.json")
    assert (manifest.release, manifest.profile) == ("main-0001", "mine")
    assert [track.path for track in manifest.tracks] == ["01/002.mp3", "02/011.mp3"]
    assert manifest.to_bytes() == (office / "manifest.json").read_bytes()


def test_the_registry(office: Path, told: Any) -> None:
    (player,) = json.loads(told("players", "list", "--json", "--with-names").out)
    assert (player["player"], player["community"], player["state"]) == ("P001", "东风社区", "active")
    assert "王秀兰" in told("players", "show", "P001", "--with-names").out
    told("registry", "check")


def test_a_card(office: Path, told: Any) -> None:
    found = json.loads(told("audit", "card", "--allow-folder", "--json").out)
    assert found["verdict"] == "good" and found["release"] == "main-0001"


def test_an_export_of_a_registry(office: Path, told: Any) -> None:
    (office / "registry.db").unlink()
    told("registry", "import", "registry.events")
    (player,) = json.loads(told("players", "list", "--json", "--with-names").out)
    assert (player["player"], player["community"]) == ("P001", "东风社区")


def test_a_release_archive(office: Path, told: Any) -> None:
    told("release", "unpack", "main-0001.packager.zip")
    (release,) = json.loads(told("release", "list", "--json").out)
    assert (release["release"], release["state"]) == ("main-0001", "approved")


def test_a_backup(office: Path, told: Any, tmp_path: Path) -> None:
    fingerprint = json.loads(told("trust", "show", "--json").out)["fingerprint"]
    told("restore", "office.backup", tmp_path / "new", "--fingerprint", fingerprint)
    restored = tmp_path / "new"
    assert (restored / "texts" / "news.md").read_bytes() == (WRITTEN / "texts" / "news.md").read_bytes()
    (player,) = json.loads(told("--workspace", restored, "players", "list", "--json").out)
    assert player["player"] == "P001"


def test_trust_files(office: Path, told: Any) -> None:
    shown = json.loads(told("trust", "show", "--json").out)
    assert shown["office"] == "街道办公室" and shown["version"] == 1


def test_published_folders(office: Path, told: Any) -> None:
    told("publish", "verify", "published")
