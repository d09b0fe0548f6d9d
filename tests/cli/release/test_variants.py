"""Slow and loud variants: build, roster, load."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


@pytest.fixture
def card(tmp_path: Path) -> Path:
    (tmp_path / "card").mkdir()
    return tmp_path / "card"


def test_a_variant_is_built_listed_assigned_and_loaded(cli, office, tones, card) -> None:
    built = json.loads(cli("build", "week", "--variant", "slow", "--json").require().out)
    assert (built["release"], built["new"], built["chunks_spoken"]) == ("main-0003", True, 0)
    assert tones.spoken == []
    assert Path(built["folder"]).name == "folders+slow"
    again = json.loads(cli("build", "week", "--profile", "folders+slow", "--json").require().out)
    assert (again["release"], again["new"]) == ("main-0003", False)
    cli("players", "add", "P050", "--profile", "folders+slow").require()
    out = cli("load", card, "--player", "P050", "--new", "--allow-folder", "--json").require().out
    assert json.loads(out)["release"] == "main-0003"


def test_update_follows_the_variant_in_the_roster(cli, office, tones, card) -> None:
    cli("load", card, "--player", "P001", "--new", "--allow-folder").require()
    cli("players", "change", "P001", "--profile", "folders+slow+loud").require()
    told = cli("update", card, "--allow-folder").require(3).err
    assert "packager build PLAYLIST --profile folders+slow+loud" in told
    found = cli("audit", card, "--allow-folder").require().out
    assert "its player takes folders+slow+loud, but it holds folders" in found
    (first, *_) = json.loads(cli("audit", "--json").require(5).out)
    assert (first["status"], first["behind"], first["needs_action"]) == ("behind", 1, True)
    cli("build", "week", "--variant", "loud", "--variant", "slow").require()
    out = json.loads(cli("update", card, "--allow-folder", "--json").require().out)
    assert (out["before"], out["release"], out["done"]) == ("main-0002", "main-0003", True)
    assert out["untouched"] == 0  # every MP3 sounds otherwise
    assert json.loads(cli("update", card, "--allow-folder", "--json").require().out)["write"] == []
    cli("players", "change", "P001", "--profile", "folders").require()
    out = json.loads(cli("update", card, "--allow-folder", "--json").require().out)
    assert (out["before"], out["release"]) == ("main-0003", "main-0002")
    cli("audit", card, "--allow-folder").require()


def test_another_base_profile_still_needs_switch(cli, office, tones, card) -> None:
    cli("build", "week", "--profile", "keypad+slow").require()
    cli("load", card, "--player", "P001", "--new", "--allow-folder").require()
    cli("players", "change", "P001", "--profile", "keypad+slow").require()
    told = cli("load", card, "--player", "P001", "--release", "main-0003", "--allow-folder").require(4).err
    assert "--switch" in told
    told = cli("update", card, "--allow-folder").require(4).err
    assert "player P001 takes keypad+slow" in told


def test_the_variants_are_listed_and_shown(cli, office) -> None:
    told = cli("profiles").require().err
    for name in ("folders+slow ", "folders+loud ", "folders+slow+loud "):
        assert name in told
    values = json.loads(cli("profiles", "--json").require().out)
    assert values[0]["variants"] == [f"{values[0]['name']}{each}" for each in ("+slow", "+loud", "+slow+loud")]
    shown = cli("profiles", "show", "keypad+loud").require()
    assert "-16 LUFS" in shown.err
    assert shown.out == cli("profiles", "show", "keypad").require().out
    assert json.loads(cli("profiles", "show", "keypad+loud", "--json").require().out)["variants"] == ["loud"]


def test_an_unknown_variant_is_refused_by_every_command(cli, office, tmp_path) -> None:
    for arguments in (
        ("players", "add", "P060", "--profile", "folders+slwo"),
        ("build", "week", "--profile", "folders+slwo"),
        ("profiles", "show", "folders+slwo"),
    ):
        assert "no variant 'slwo' - did you mean 'slow'?" in cli(*arguments).require(3).err
    roster = tmp_path / "roster.csv"
    roster.write_text("number,profile\nP070,folders+lout\n", "utf-8")
    assert "did you mean 'loud'" in cli("players", "import", roster).require(3).err
    roster.write_text("number,profile\nP070,folders+loud\n", "utf-8")
    cli("players", "import", roster, "--yes").require()
    told = cli("build", "week", "--variant", "slow", "--pace", "200").require(3).err
    assert "has a pace of its own" in told
    assert not (office / "output" / "releases" / "main-0003").exists()
