"""Cards of every profile after weeks of updates and of what listeners do, under each firmware that it names."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from card_kit import audit, load
from fat_card import FatCard, blank_disk
from fat_model import ModelCard
from walked_cards import Series, listing_of_card, listing_of_disk

from packager.arranging.profiles.catalog import BUILT_IN, load_profile, parse_profile, profile_names
from packager.arranging.profiles.profile import FindsBy, Profile
from packager.base.errors import DocumentError
from packager.base.findings import FindingKind
from packager.base.manifest import Manifest
from packager.cards.plan.player_walk import is_keyed, known_firmwares, wrong_numbers
from packager.firmware.catalog import FIRMWARES, find_firmware
from packager.firmware.keys import Bookmark, answer, bookmark, resumed
from packager.firmware.model import Listing, Memory
from packager.firmware.walk import walk

PROFILES = {name: load_profile(name, None) for name in profile_names(None)}
WEEKS = 6


def assert_played(listing: Listing, manifest: Manifest, profile: Profile) -> None:
    """Number n plays track n where there are number keys for it, and the tracks follow each other in any case."""
    for firmware in map(find_firmware, profile.firmware):
        if is_keyed(firmware, manifest):
            for track in manifest.tracks:
                assert answer(firmware, listing, track.number).path == track.path, (firmware.name, track.number)
        ours = {track.path for track in manifest.tracks}
        played = [path for path in walk(listing, firmware.walk).played if path in ours]
        assert played == [track.path for track in manifest.tracks], firmware.name


def live(card: ModelCard, series: Series, folder: Path, luck: random.Random, week: int) -> Manifest:
    """One week: the readings change, a book may come or get a chapter, and the card is updated."""
    series.readings[week] = luck.randint(1, 4)
    if luck.random() < 0.4:
        series.books[f"book-{week}"] = luck.randint(1, 3)
    manifest = series.release(folder / str(week), week)
    load(card, manifest, folder / str(week))
    return manifest


@pytest.mark.parametrize("tail_first", [False, True])
@pytest.mark.parametrize("name", PROFILES)
def test_number_n_plays_track_n_after_weeks_of_updates(name: str, tail_first: bool, tmp_path: Path) -> None:
    for seed in range(3):
        luck = random.Random(f"{name} {seed}")
        card, series = ModelCard(tail_first=tail_first), Series(PROFILES[name], keep=luck.randint(0, 2))
        for week in range(1, WEEKS + 1):
            manifest = live(card, series, tmp_path / str(seed), luck, week)
            listing = listing_of_card(card)
            assert_played(listing, manifest, PROFILES[name])
            assert wrong_numbers(listing, manifest) == ()
            assert audit(card).is_good


COUNTING = {"jieli", "mountain-view", "bluetrum", "actions", "dfplayer-place"}
FITS = {
    "daisy": {*COUNTING, "dfplayer", "rockbox"},
    "dfplayer": {*COUNTING, "dfplayer"},
    "dfplayer-mp3": {*COUNTING, "dfplayer-mp3"},
    "folders": {*COUNTING, "dfplayer", "rockbox"},
    "keypad": COUNTING,
    "keypad-folders": {*COUNTING, "dfplayer"},
    "weekly": {*COUNTING, "dfplayer", "rockbox"},
}
"""The families for which each built-in profile can be used; all others are refused when the profile is read."""


def profile_for(name: str, firmware: str) -> Profile:
    """The built-in profile `name` for players of one family. Raises DocumentError where it is not for them."""
    lines = (BUILT_IN / f"{name}.yaml").read_text("utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("firmware:")]
    kept += [] if "limits:" in lines else ["limits: {tracks: 99, files_per_folder: 99, folders: 9}"]
    return parse_profile(name, "\n".join([*kept, f"firmware: [{firmware}]"]).encode(), source=f"{name}.yaml")


@pytest.mark.parametrize("firmware", [firmware.name for firmware in FIRMWARES])
@pytest.mark.parametrize("name", PROFILES)
def test_each_profile_plays_its_numbers_on_each_family_or_is_refused_for_it(
    name: str, firmware: str, tmp_path: Path
) -> None:
    try:
        profile = profile_for(name, firmware)
    except DocumentError as error:
        assert firmware in str(error)
        assert firmware not in FITS[name]
        return
    assert firmware in FITS[name]
    card, series, luck = ModelCard(tail_first=True), Series(profile, keep=1), random.Random(name)
    for week in range(1, 4):
        manifest = live(card, series, tmp_path, luck, week)
        assert_played(listing_of_card(card), manifest, profile)


STRANGERS = (
    ("JL_REC", "AC690001.MP3"),
    ("RECORD", "REC001.WAV"),
    ("REC", "001.MP3"),
    ("Music", "song.mp3"),
    ("", "ring.mp3"),
    ("", "._001.mp3"),
    ("", "notes.txt"),
)


def put(card: ModelCard, folder: str, name: str) -> None:
    if folder and folder not in card.rows:
        card.make_folder(folder)
    path = f"{folder}/{name}" if folder else name
    if path not in card.files:
        card.create(path, [b"strange"])
        card.barrier()


@pytest.mark.parametrize("name", PROFILES)
def test_an_audit_says_so_wherever_a_stranger_makes_a_number_play_another_track(name: str, tmp_path: Path) -> None:
    """By each firmware of the profile alone, since only then is it known which player it is."""
    told = 0
    for seed in range(4):
        luck = random.Random(f"{name} {seed}")
        card, series = ModelCard(tail_first=luck.random() < 0.5), Series(PROFILES[name], keep=1)
        for week in range(1, WEEKS):
            manifest = live(card, series, tmp_path / str(seed), luck, week)
            listing = listing_of_card(card)
            for firmware in known_firmwares(manifest.firmware):
                alone = replace(manifest, firmware=(firmware.name,))
                wrong = [
                    track.number
                    for track in (manifest.tracks if is_keyed(firmware, manifest) else ())
                    if answer(firmware, listing, track.number).path != track.path
                ]
                sure = [each for each in wrong_numbers(listing, alone) if not each.reason]
                assert bool(sure) == bool(wrong)
                if wrong:
                    told += 1
                    assert (sure[0].number, sure[0].count) == (wrong[0], len(wrong))
                    assert FindingKind.MISNUMBERED in {finding.kind for finding in audit(card).findings}
            put(card, *luck.choice(STRANGERS))
    assert told > 0 or not name.startswith("keypad")


@pytest.mark.parametrize("name", PROFILES)
def test_a_player_goes_on_in_a_book_after_each_update(name: str, tmp_path: Path) -> None:
    """What each firmware remembers of a track of a book leads to the same track after the next weeks.

    Not so where the place on the card is remembered and no number is kept free: it moves with the week's tracks.
    """
    series = Series(PROFILES[name], keep=1)
    card = FatCard(blank_disk(6000, 1))
    series.books["book"] = 3
    counts = PROFILES[name].finds_by is FindsBy.PLACE
    firmwares = [find_firmware(each) for each in PROFILES[name].firmware]
    marks: dict[str, Bookmark] = {}
    for week in range(1, 5):
        series.readings[week] = 1 + week % 3
        manifest = series.release(tmp_path / str(week), week)
        load(card, manifest, tmp_path / str(week))
        path = next(track.path for track in manifest.tracks if track.title == "book第2章")
        listing = listing_of_disk(card)
        assert_played(listing, manifest, PROFILES[name])
        for firmware in firmwares:
            mark = bookmark(firmware, listing, path)
            assert (mark is None) == (firmware.memory is Memory.NOTHING)
            if mark is not None and (counts or firmware.memory is not Memory.PLACE_AND_NAME):
                assert resumed(firmware, listing, marks.setdefault(firmware.name, mark)) == path, (firmware.name, week)
