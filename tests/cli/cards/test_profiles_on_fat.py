"""Each profile, built and loaded under the real vfat driver; order is judged from outside."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from command_line import FIVE_DOORS, new_workspace, run_here
from fat_image import FatImage
from fat_machine import Machine, Mount, require_machine
from probe_players import tool
from shared import made_once
from walked_cards import listing_of_names

from packager.arranging.profiles.catalog import load_profile
from packager.base.manifest import Manifest
from packager.cards.plan.directory_order import play_order
from packager.cards.plan.player_walk import wrong_numbers
from packager.firmware.catalog import find_firmware
from packager.firmware.keys import answer
from packager.firmware.model import NumberKeys
from packager.firmware.walk import walk
from packager.releases.store import list_releases, open_release

pytestmark = pytest.mark.fat

PROFILES = ("daisy", "dfplayer", "dfplayer-mp3", "folders", "keypad", "keypad-folders", "weekly")
SCRIPT = Path(__file__).parents[2] / "support" / "card_command.py"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a release of three books for every profile."""
    require_machine()

    def make(folder: Path) -> Path:
        root = new_workspace(folder / "office")
        playlist = root / "playlists" / "week.yaml"
        playlist.write_text(playlist.read_text("utf-8") + "  - book: texts/doors.md\n", "utf-8")
        (root / "texts" / "doors.md").write_text(FIVE_DOORS, "utf-8")
        run_here(root, "players", "add", *(f"P{number:03d}" for number in range(1, len(PROFILES) + 1)))
        for name in PROFILES:
            run_here(root, "build", "week", "--profile", name)
        return root

    return made_once(tmp_path_factory, "profiles", make)


@pytest.fixture(scope="module")
def loaded(office: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Manifest]]:
    """By profile, the image of a card with its release; one boot of the machine."""

    def make(folder: Path) -> dict[str, tuple[Path, Manifest]]:
        stored = {
            release.manifest.profile: release.manifest for release in list_releases(office / "output" / "releases")
        }
        images = [FatImage(folder / f"{name}.img") for name in PROFILES]
        for image in images:
            image.format(megabytes=40)
        commands = [
            f"load CARD --player P{number:03d} --new --switch --release {stored[name].release}".split()
            for number, name in enumerate(PROFILES, start=1)
        ]
        mounts = [Mount(image) for image in images]
        done = Machine(folder / "machine").run(SCRIPT, mounts, office, json.dumps(commands))
        assert done.status == 0, done.output
        return {name: (image.path, stored[name]) for name, image in zip(PROFILES, images, strict=True)}

    return made_once(tmp_path_factory, "profiles-on-cards", make)


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
def test_a_release_of_every_profile_is_in_playing_order_on_the_card(
    loaded: dict[str, tuple[Path, Manifest]], name: str
) -> None:
    assert_stands_in_order(*loaded[name])


@pytest.mark.parametrize("name", PROFILES)
def test_number_n_plays_track_n_on_players_of_each_firmware_of_the_profile(
    loaded: dict[str, tuple[Path, Manifest]], name: str
) -> None:
    image, manifest = loaded[name]
    assert manifest.firmware == load_profile(name, None).firmware
    for witness in orders(image):
        listing = listing_of_names(witness)
        assert wrong_numbers(listing, manifest) == ()
        for firmware in map(find_firmware, manifest.firmware):
            assert walk(listing, firmware.walk).played == tuple(track.path for track in manifest.tracks)
            if firmware.keys is not NumberKeys.NONE and (manifest.finds_by == "place" or name.startswith("dfplayer")):
                played = [answer(firmware, listing, track.number) for track in manifest.tracks]
                assert [(each.path, each.is_certain) for each in played] == [(t.path, True) for t in manifest.tracks]


@pytest.mark.exhaustive
def test_the_probe_card_has_a_directory_order_that_differs_from_the_names(office: Path, tmp_path: Path) -> None:
    shutil.copytree(office, tmp_path / "office")
    (tmp_path / "practice").mkdir()
    run_here(tmp_path / "office", "probe", tmp_path / "practice", "--new", "--allow-folder")
    image = FatImage(tmp_path / "card.img")
    image.format(megabytes=64)
    commands = json.dumps([["probe", "CARD", "--new"]])
    done = Machine(tmp_path / "machine").run(SCRIPT, [Mount(image)], tmp_path / "office", commands)
    assert done.status == 0, done.output
    manifest = open_release(tmp_path / "office" / "output" / "probe" / "card").manifest
    assert_stands_in_order(image.path, manifest)
    root = [name for name in orders(image.path)[0][""] if name.endswith(".mp3")]
    assert root[:3] == ["003.mp3", "001.mp3", "002.mp3"]
