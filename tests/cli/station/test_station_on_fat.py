"""The station over FAT images under the real vfat driver: cards come and go, one fails in the middle, one is
pulled early, and the power goes. What is on the cards afterwards is judged from outside."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from command_line import run_apart, tone_command
from fat_image import FatImage
from fat_machine import Machine, Mount, require_machine

from packager.base.manifest import Manifest
from packager.cards.plan.directory_order import play_order
from packager.fleet.status import PlayerStatusKind, fleet
from packager.registry.database import open_registry
from packager.releases.store import list_releases

pytestmark = pytest.mark.fat

SCRIPT = Path(__file__).parents[2] / "support" / "station_fat_script.py"
MEGABYTES = 40
ENOUGH_TO_BEGIN = 900_000  # bytes: the tables of such a card take 650,000


def players(office: Path, count: int) -> None:
    for number in range(3, count + 1):
        run_apart(tone_command("players", "add", f"P{number:03d}"), office).require()


def cards(folder: Path, count: int) -> list[FatImage]:
    images = [FatImage(folder / f"card{number}.img") for number in range(count)]
    for image in images:
        image.format(megabytes=MEGABYTES)
    return images


def run(machine: Machine, images: list[FatImage], office: Path, which: str, cut=None) -> dict:
    outcome = machine.run(SCRIPT, [Mount(image) for image in images], office, which, cut=cut)
    if cut is not None:
        assert outcome.status is None, outcome.output
        return {}
    assert outcome.status == 0, outcome.output
    return {**json.loads(outcome.output.splitlines()[-1]), "output": outcome.output}


def newest(office: Path) -> tuple[Manifest, dict[str, bytes]]:
    release = list_releases(office / "output" / "releases")[-1]
    return release.manifest, {
        track.path: (release.folder / track.path).read_bytes() for track in release.manifest.tracks
    }


def assert_holds(image: FatImage, office: Path, *, was_cut: bool = False) -> None:
    """Assert that the image is consistent and holds the newest release in playing order."""
    manifest, files = newest(office)
    assert image.check(was_cut=was_cut) == []
    assert image.files() == files
    for folder, wanted in play_order(track.path for track in manifest.tracks).items():
        assert [name for name in image.directory(folder) if name in wanted] == list(wanted)


def statuses(office: Path) -> dict[str, PlayerStatusKind]:
    with open_registry(office / "registry.db") as registry:
        return {status.player.id: status.kind for status in fleet(registry)}


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    require_machine()
    return Machine(tmp_path / "machine")


def test_an_afternoon_with_three_readers(machine: Machine, office: Path) -> None:
    players(office, 5)
    images = cards(office, 5)
    os.truncate(images[2].path, ENOUGH_TO_BEGIN)
    images[4].put("film.avi", bytes(images[4].free_bytes() - 300_000))
    seen = run(machine, images, office, "afternoon")
    assert sorted(seen["good"]) == ["A", "B"]  # ejected, while the third was failing
    assert seen["code"] == 4
    assert "Done: 3" in seen["end"]
    assert "Not done: 2" in seen["end"]
    for number in (0, 1, 3):
        assert_holds(images[number], office, was_cut=number == 3)
    assert images[4].directory() == ["film.avi"]
    after = statuses(office)
    failed = [player for player, status in after.items() if status is not PlayerStatusKind.CURRENT]
    assert len(failed) == 2
    assert after["P004"] is PlayerStatusKind.CURRENT
    assert after["P005"] is PlayerStatusKind.NEVER_LOADED
    (of_the_failing,) = [player for player in failed if player != "P005"]
    assert after[of_the_failing] in (PlayerStatusKind.FAILED, PlayerStatusKind.NEEDS_CHECK)


def test_a_power_cut_with_three_cards_at_work_is_finished_the_next_day(machine: Machine, office: Path) -> None:
    players(office, 3)
    images = cards(office, 3)
    run(machine, images, office, "begun", cut=lambda signal: signal.exists())
    after = list(statuses(office).values())
    assert PlayerStatusKind.INTERRUPTED in after
    # A quick one may have been done before the power went; then it is whole.
    _manifest, files = newest(office)
    whole = [image for image in images if image.files_if_readable() == files]
    assert len(whole) >= after.count(PlayerStatusKind.CURRENT)
    seen = run(machine, images, office, "finished")
    assert seen["code"] == 0, seen["output"]
    for image in images:
        assert_holds(image, office, was_cut=True)
    assert set(statuses(office).values()) == {PlayerStatusKind.CURRENT}
