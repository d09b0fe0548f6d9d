"""The attribute "hidden" on tracks and folders of ours: a finding, which the next load mends in place."""

from __future__ import annotations

from itertools import pairwise

import pytest
from card_kit import audit, card_on, load, make_release, plan_of, sound
from fat_model import ModelCard

from packager.base.findings import FindingKind

FILES = {f"0{shelf}/00{n}.mp3": sound(f"{shelf}.{n}", 5000) for shelf in (1, 2) for n in (1, 2, 3)}


@pytest.fixture
def card(tmp_path) -> ModelCard:
    made = ModelCard()
    load(made, make_release(tmp_path / "release", FILES), tmp_path / "release")
    made.create("own.mp3", [b"own"])
    made.barrier()
    return made


def test_hidden_tracks_and_folders_are_findings_and_shown_again_without_a_write(tmp_path, card) -> None:
    card.hidden = {"01/002.mp3", "02", "own.mp3"}
    found = [(finding.kind, finding.path) for finding in audit(card).findings if not finding.warning]
    assert found == [(FindingKind.HIDDEN, "01/002.mp3"), (FindingKind.HIDDEN, "02")]
    assert not audit(card).is_good
    manifest = make_release(tmp_path / "release", FILES)
    assert plan_of(card_on(card), manifest).shows == ("01/002.mp3", "02")
    result = load(card, manifest, tmp_path / "release")
    assert (result.written, result.deleted) == ((), ())
    assert card.hidden == {"own.mp3"}
    assert audit(card).is_good


def test_a_hidden_track_that_is_replaced_is_written_without_the_attribute(tmp_path, card) -> None:
    card.hidden = {"01/002.mp3"}
    files = {**FILES, "01/002.mp3": sound("new", 4000)}
    manifest = make_release(tmp_path / "next", files, sequence=2)
    assert plan_of(card_on(card), manifest).shows == ()
    load(card, manifest, tmp_path / "next")
    assert card.hidden == set()
    assert audit(card).is_good


def test_a_hidden_folder_that_is_made_again_is_not_shown_twice(tmp_path) -> None:
    card = ModelCard()
    shelf = {f"02/00{n}.mp3": sound(f"2.{n}", 5000) for n in (1, 2, 3)}
    card.create("first.txt", ())  # so that no place is kept free before it
    load(card, make_release(tmp_path / "a", shelf), tmp_path / "a")
    card.hidden = {"02"}
    files = {"01/001.mp3": sound("new", 4000), **shelf}
    load(card, make_release(tmp_path / "b", files, sequence=2), tmp_path / "b")
    assert card.hidden == set()
    assert audit(card).is_good


def test_modification_times_rise_in_playing_order_after_updates(tmp_path, card) -> None:
    files = {**FILES, "01/002.mp3": sound("new", 4000), "02/004.mp3": sound("more", 4000)}
    load(card, make_release(tmp_path / "next", files, sequence=2), tmp_path / "next")
    times = [card.modified[path] for path in files]
    assert None not in times
    assert times == sorted(set(times))
    assert min(b - a for a, b in pairwise(times)) >= 86_400
