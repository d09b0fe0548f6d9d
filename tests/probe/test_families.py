"""The probe card tells chip families apart, and the answers name the family and its certainty."""

from __future__ import annotations

from dataclasses import replace

import pytest
from probe_players import Image, require_fat_tools
from tones import NOW, Tones, tone_engines
from walked_cards import listing_of_names

from packager.arranging.profiles.catalog import parse_profile
from packager.firmware.catalog import FIRMWARES, find_firmware
from packager.firmware.keys import played_by
from packager.firmware.model import Firmware, Listing, NumberKeys, WalkRules
from packager.firmware.walk import variants_of, walk
from packager.probe.answers import Answers, proposal_bytes, propose
from packager.probe.families import fitting_families, probe_listing
from packager.probe.release import build_probe
from packager.probe.tracks import probe_tracks
from packager.speech import ClipCache, SpeechPool, parse_voice

NUMBERS = {track.path: track.number for track in probe_tracks()}
ALIKE = {"bluetrum", "dfplayer-place"}  # they walk and count alike, as far as is known
KEYED = [firmware for firmware in FIRMWARES if firmware.keys is not NumberKeys.NONE]


def answers_of(
    firmware: Firmware,
    listing: Listing,
    rules: WalkRules | None = None,
    *,
    keyed: bool = True,
    deaf: tuple[int, ...] = (),
) -> Answers:
    """What somebody writes down who probes a player with this firmware that decodes all but the tracks `deaf`."""
    rules = rules or firmware.walk
    heard: list[int] = []
    for path in walk(listing, rules).played:
        if NUMBERS[path] > 1000:
            break
        heard += [NUMBERS[path]] if NUMBERS[path] not in deaf else []

    def says(number: int) -> int:
        path = played_by(firmware.keys, listing, rules, number)
        said = NUMBERS[path] if path is not None else 0
        return 0 if said in deaf or said > 1000 else said

    by_folder = firmware.keys is NumberKeys.FOLDER_AND_FILE
    keys = {f"key_{n}": says(n) for n in (1, 2, 4, 5, 7)} if keyed and not by_folder else {}
    pairs = {"folder_3_file_1": says(3001), "folder_6_file_3": says(6003)} if keyed and by_folder else {}
    return Answers("found", tuple(heard), digits=3 if keyed else 0, **keys, **pairs)


@pytest.mark.parametrize("firmware", KEYED, ids=lambda firmware: firmware.name)
@pytest.mark.parametrize("deaf", [(), (43, 44, 45), (51, 53, 62, 64)])
def test_a_family_with_number_keys_is_known_by_its_answers(firmware: Firmware, deaf: tuple[int, ...]) -> None:
    found = {fit.firmware.name for fit in fitting_families(answers_of(firmware, probe_listing(), deaf=deaf))}
    assert found == (ALIKE if firmware.name in ALIKE else {firmware.name})


@pytest.mark.parametrize("name", ["jieli", "mountain-view", "actions", "rockbox"])
def test_some_families_are_known_without_number_keys(name: str) -> None:
    fits = fitting_families(answers_of(find_firmware(name), probe_listing(), keyed=False))
    assert [(fit.firmware.name, fit.reason) for fit in fits] == [(name, "")]


def test_a_build_that_differs_is_named_with_the_doubt_that_makes_it_fit() -> None:
    jieli = find_firmware("jieli")
    reason, rules = next(iter(variants_of(jieli)))
    fits = fitting_families(answers_of(jieli, probe_listing(), rules))
    assert [(fit.firmware.name, fit.reason) for fit in fits] == [("jieli", reason)]


def test_no_family_is_named_without_evidence_or_against_it() -> None:
    whole = answers_of(find_firmware("jieli"), probe_listing())
    assert fitting_families(replace(whole, heard=whole.heard[:4])) == ()
    turned = replace(whole, heard=tuple(reversed(whole.heard)))
    assert fitting_families(turned) == ()
    assert fitting_families(replace(whole, key_2=99)) == ()


@pytest.mark.parametrize("firmware", KEYED, ids=lambda firmware: firmware.name)
def test_the_proposed_profile_names_the_family_and_its_certainty(firmware: Firmware) -> None:
    proposal = propose(answers_of(firmware, probe_listing()))
    profile = parse_profile("found", proposal_bytes(proposal), source="found")
    certain = "no other family that is known fits all that was heard"
    if firmware.name in ALIKE:
        assert set(profile.firmware) == ALIKE
        assert proposal.reasons["firmware"] == "a guess: each of these fits all that was heard"
    else:
        assert (profile.firmware, proposal.reasons["firmware"]) == ((firmware.name,), certain)
    assert (profile.file_digits, profile.limits.tracks) == ((4, 999) if profile.folder else (3, profile.limits.tracks))
    assert f"firmware: {list(profile.firmware)!r}".replace("'", '"') in proposal_bytes(proposal).decode()


@pytest.mark.fat
def test_the_card_that_is_made_is_the_one_that_families_are_judged_by(tmp_path_factory: pytest.TempPathFactory) -> None:
    require_fat_tools()
    folder = tmp_path_factory.mktemp("probe")
    with SpeechPool(ClipCache(folder / "clips"), engines=tone_engines(), make_executor=Tones) as pool:
        made = build_probe(probe_tracks(), pool, parse_voice("kokoro:zf_xiaoyi"), folder, now=NOW)
    image = Image(folder / "probe.img", made.folder, [track.path for track in made.manifest.tracks])
    names = {folder: [name.rstrip("/") for name in row] for folder, row in image.listing.items()}
    listing = listing_of_names(names)
    for firmware in FIRMWARES:
        assert walk(listing, firmware.walk).played == walk(probe_listing(), firmware.walk).played, firmware.name
