"""A variant has the numbers, paths and texts of its profile, at another pace or loudness."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from packager.arranging.arrange import arrange
from packager.arranging.number_ledger import NumberLedger
from packager.arranging.playlist import PlaylistItem
from packager.arranging.profiles.catalog import load_profile, profile_names
from packager.arranging.profiles.variant import base_profile, split_profile, variants_of, with_variants
from packager.base.errors import InputError
from packager.reading import Book, Chapter
from playlists import playlist_of

TEXT = "张师傅耳朵不大好，说话的声音却很响亮。"
BOOK = Book("读本", "", (Chapter("长的一章", (TEXT * 20,) * 12), Chapter("短的一章", (TEXT,))))
PLAYLIST = playlist_of(PlaylistItem("book.md"), id="week", title="一周", series="main")


def tracklist(profile: str, pace: int = 190):
    return arrange(replace(PLAYLIST, pace=pace), load_profile(profile, None), {"book.md": BOOK}, NumberLedger("main"))


def test_every_profile_has_every_variant_under_one_name_each() -> None:
    for name in profile_names(None):
        for variant in variants_of(name):
            profile = load_profile(variant, None)
            assert (profile.name, base_profile(variant)) == (variant, name)
            assert with_variants(name, [each.name for each in reversed(profile.variants)]) == variant
    assert variants_of("keypad") == ("keypad+slow", "keypad+loud", "keypad+slow+loud")


def test_a_variant_has_the_numbers_paths_and_words_of_all_even_of_chapters_that_are_divided() -> None:
    usual, ledger = tracklist("folders")
    slow, ledger_of_slow = tracklist("folders+slow+loud")
    assert len(usual.tracks) > 3  # the contents, the long chapter's parts, the short one
    assert slow.tracks == usual.tracks
    assert ledger_of_slow == ledger
    assert (usual.pace, slow.pace) == (190, 160)
    assert (usual.profile.lufs, slow.profile.lufs) == (None, -16.0)


def test_slow_is_a_sixth_slower_than_a_playlist_that_is_slow_itself() -> None:
    paces = {pace: tracklist("folders+slow", pace=pace)[0] for pace in (150, 160, 190, 220)}
    assert {pace: found.pace for pace, found in paces.items()} == {150: 126, 160: 135, 190: 160, 220: 160}
    assert {pace: found.usual_pace for pace, found in paces.items()} == {150: 150, 160: 160, 190: 190, 220: 190}
    loud = tracklist("folders+loud", pace=220)[0]
    assert (loud.pace, loud.usual_pace) == (220, 0)


def test_a_track_that_a_slower_variant_makes_too_long_is_refused(tmp_path: Path) -> None:
    usual = load_profile("folders", None)
    limits = replace(usual.limits, minutes_per_track=30, megabytes=12)
    arrange(PLAYLIST, replace(usual, limits=limits), {"book.md": BOOK}, NumberLedger("main"))
    slow = replace(load_profile("folders+slow", None), limits=limits)
    with pytest.raises(InputError, match=r"profile 'folders\+slow' takes"):
        arrange(PLAYLIST, slow, {"book.md": BOOK}, NumberLedger("main"))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("folders+slwo", "no variant 'slwo' - did you mean 'slow'"),
        ("folders+", "no variant ''"),
        ("folders+loud+slow", r"is written 'folders\+slow\+loud'"),
        ("folders+slow+slow", r"is written 'folders\+slow'"),
        ("folder+slow", "no profile 'folder' - did you mean 'folders'"),
        ("+slow", "no profile ''"),
    ],
)
def test_a_name_that_means_no_variant_is_refused_with_a_hint(name: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        load_profile(name, None)


def test_a_workspaces_own_profile_has_variants_too_and_takes_no_variants_name(tmp_path: Path) -> None:
    text = Path(load_profile.__code__.co_filename).parent / "keypad.yaml"
    (tmp_path / "own.yaml").write_bytes(text.read_bytes())
    (tmp_path / "own+slow.yaml").write_text("title: never read\n", "utf-8")
    assert load_profile("own+slow", tmp_path).layout == load_profile("keypad", None).layout
    assert "own+slow" not in profile_names(tmp_path)
    assert split_profile("own") == ("own", ())
