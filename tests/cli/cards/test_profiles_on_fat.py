"""Each profile, built from the sample and loaded under the real vfat driver; order is judged from outside."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from command_line import run_apart, tone_command
from fat_machine import FatMachine, require_machine
from probe_players import tool

from packager.base.manifest import Manifest
from packager.cards.plan.directory_order import play_order
from packager.releases.store import list_releases, open_release

pytestmark = pytest.mark.fat

PROFILES = ("dfplayer", "folders", "keypad", "weekly")
SCRIPT = Path(__file__).parents[2] / "support" / "card_command.py"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's workspace with a release for every profile, and a probe card's release."""
    require_machine()
    root = tmp_path_factory.mktemp("profiles") / "office"
    run_apart(tone_command("init", root), Path.cwd()).require()
    run_apart(tone_command("players", "add", "P001"), root).require()
    for name in PROFILES:
        run_apart(tone_command("build", "2026-w48", "--profile", name), root).require()
    return root


def orders(image: Path) -> list[dict[str, list[str]]]:
    """The names in every folder in directory order, as mtools and as fatsort read them."""
    seen: list[dict[str, list[str]]] = [{}, {}]
    for line in tool("mdir", "-i", image, "-a", "-b", "-/", "::").splitlines():
        folder, _slash, name = line.removeprefix("::/").rstrip("/").rpartition("/")
        if line.startswith("::/") and name not in (".", ".."):
            seen[0].setdefault(folder, []).append(name)
    for line in tool("fatsort", "-l", image).splitlines()[1:]:
        if line.startswith("/"):
            names = seen[1].setdefault(line.strip("/"), [])
        elif line:
            names.append(line)
    return seen


def assert_stands_in_order(image: Path, manifest: Manifest) -> None:
    for witness in orders(image):
        for folder, wanted in play_order(track.path for track in manifest.tracks).items():
            assert [name for name in witness[folder] if name in wanted] == list(wanted)


@pytest.mark.parametrize("name", PROFILES)
def test_a_release_of_every_profile_is_in_playing_order_on_the_card(office: Path, tmp_path: Path, name: str) -> None:
    stored = next(r for r in list_releases(office / "output" / "releases") if r.manifest.profile == name)
    machine = FatMachine(tmp_path / "machine")
    arguments = ("load", "CARD", "--player", "P001", "--new", "--replace-card", "--switch")
    done = machine.run(SCRIPT, office, *arguments, "--release", stored.manifest.release)
    assert done.status == 0, done.output
    assert_stands_in_order(machine.image, stored.manifest)


@pytest.mark.skipif(
    os.environ.get("PACKAGER_LONG") != "1", reason="429 files take the machine a minute; PACKAGER_LONG=1"
)
def test_the_probe_card_has_a_directory_order_that_differs_from_the_names(office: Path, tmp_path: Path) -> None:
    (tmp_path / "practice").mkdir()
    practice = tmp_path / "practice"
    run_apart(tone_command("probe", practice, "--new", "--allow-folder"), office).require()
    machine = FatMachine(tmp_path / "machine")
    done = machine.run(SCRIPT, office, "probe", "CARD", "--new")
    assert done.status == 0, done.output
    manifest = open_release(office / "output" / "probe" / "card").manifest
    assert_stands_in_order(machine.image, manifest)
    root = [name for name in orders(machine.image)[0][""] if name.endswith(".mp3")]
    assert root[:3] == ["003.mp3", "001.mp3", "002.mp3"]
