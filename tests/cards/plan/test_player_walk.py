"""A card as the firmwares of its players walk it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from card_kit import manifest_of
from snapshots import clean, snapshot_of

from packager.base.findings import FindingKind
from packager.base.manifest import Manifest
from packager.cards.audit import findings
from packager.cards.filesystem import EntryFacts
from packager.cards.plan.foreign import Effect, disturbances
from packager.cards.plan.player_walk import WrongNumbers, listing_of, wrong_numbers
from packager.cards.plan.snapshot import CardSnapshot

FILES = {f"{path}.mp3": path.encode() for path in ("01/001", "01/002", "02/003", "02/004")}
ALL = ("jieli", "mountain-view", "bluetrum", "actions")


def manifest_for(*firmware: str) -> Manifest:
    return replace(manifest_of(FILES, finds_by="place"), firmware=firmware)


def card(manifest: Manifest, *others: str, first: bool = False) -> CardSnapshot:
    strange = dict.fromkeys(others, b"strange")
    files = {**strange, **FILES} if first else {**FILES, **strange}
    return snapshot_of(files, clean(manifest), [manifest])


def test_a_whole_card_has_no_wrong_number_on_any_family() -> None:
    manifest = manifest_for(*ALL)
    assert wrong_numbers(listing_of(card(manifest)), manifest) == ()


def test_lyrics_beside_the_tracks_are_a_doubt_on_a_family_that_may_count_files_of_every_kind() -> None:
    manifest = manifest_for("jieli", "actions")
    paths = [path for track in FILES for path in (track, track.replace(".mp3", ".lrc"))]
    listing = listing_of(snapshot_of(dict.fromkeys(paths, b"x"), clean(manifest), [manifest]))
    (wrong,) = wrong_numbers(listing, manifest)
    assert (wrong.firmwares, wrong.number, wrong.found) == (("actions",), 2, "01/001.lrc")
    assert wrong.reason == "if it counts files of every kind"


def test_a_hidden_track_moves_the_numbers_of_families_that_skip_it() -> None:
    manifest = manifest_for(*ALL)
    seen = replace(card(manifest), facts={"01/002.mp3": EntryFacts(hidden=True)})
    sure = [wrong for wrong in wrong_numbers(listing_of(seen), manifest) if not wrong.reason]
    assert sure == [WrongNumbers(("jieli",), 2, "01/002.mp3", "02/003.mp3", 3)]
    doubtful = {wrong.firmwares for wrong in wrong_numbers(listing_of(seen), manifest) if wrong.reason}
    assert doubtful == {("bluetrum",)}
    # One of four families is sure, so it is a warning beside the finding that the track is hidden.
    told = {(finding.kind, finding.warning) for finding in findings(seen, quick=True)}
    assert told == {(FindingKind.HIDDEN, False), (FindingKind.MISNUMBERED, True)}


@pytest.mark.parametrize(
    ("firmware", "path", "effect"),
    [
        (ALL, "00/song.mp3", Effect.SHIFTS),
        (ALL, "REC/001.MP3", Effect.MAY_SHIFT),  # Mountain View leaves it out
        (("mountain-view",), "REC/001.MP3", Effect.MAY_SHIFT),  # but for some builds
        (("actions",), "RECORD/001.MP3", None),
        (("actions",), "record/001.MP3", Effect.SHIFTS),  # it looks for capitals
        (("jieli",), "JL_REC/AC690001.MP3", Effect.SHIFTS),
        (("jieli",), "00/._song.mp3", None),
        (("bluetrum",), "00/._song.mp3", Effect.SHIFTS),
        (("jieli",), "00/song.ogg", None),
    ],
)
def test_a_file_before_the_tracks_shifts_numbers_where_the_family_counts_it(
    firmware: tuple[str, ...], path: str, effect: Effect | None
) -> None:
    manifest = manifest_for(*firmware)
    found = {each.path: each.effect for each in disturbances(card(manifest, path, first=True), manifest)}
    assert found.get(path) is effect


@pytest.mark.parametrize("path", ["zz/song.mp3", "JL_REC/AC690001.MP3"])
def test_a_file_behind_the_tracks_shifts_nothing_until_a_folder_comes_behind_it(path: str) -> None:
    manifest = manifest_for("actions", "jieli")
    seen = card(manifest, path)
    assert list(disturbances(seen, manifest)) == []
    grown = replace(manifest_of({**FILES, "03/005.mp3": b"new"}, finds_by="place"), firmware=manifest.firmware)
    assert [each.effect for each in disturbances(seen, grown)] == [Effect.SHIFTS]


def test_recordings_are_told_from_other_foreign_files() -> None:
    manifest = manifest_for("jieli")
    found = disturbances(card(manifest, "JL_REC/AC690001.MP3", "00/song.mp3", first=True), manifest)
    assert {each.path: each.is_recording for each in found} == {"JL_REC/AC690001.MP3": True, "00/song.mp3": False}


def test_a_family_of_a_newer_program_is_left_out() -> None:
    manifest = manifest_for("jieli", "chip-of-2040")
    seen = card(manifest, "00/song.mp3", first=True)
    wrong = wrong_numbers(listing_of(seen), manifest)
    assert wrong == (WrongNumbers(("jieli",), 1, "01/001.mp3", "00/song.mp3", 4),)
