"""Profiles as files."""

from __future__ import annotations

from pathlib import Path

import pytest

from packager.arranging import FindsBy, Layout, load_profile, profile_names
from packager.arranging.profiles import BUILT_IN, BUILT_IN_TITLES
from packager.documents import load_document
from packager.errors import DocumentError, InputError

OWN = """
title: 图书馆的插卡音箱
finds_by: place
layout: flat
file_digits: 2
audio: {sample_rate: 22050, bit_rate: 32}
tags: {id3v1_gbk: true}
limits: {tracks: 99, files_per_folder: 99, minutes_per_track: 30}
"""


def test_the_built_in_profiles_are_what_they_are_said_to_be() -> None:
    folders, keypad = load_profile("folders", None), load_profile("keypad", None)
    assert (folders.finds_by, folders.layout) == (FindsBy.NAME, Layout.FOLDERS)
    assert (keypad.finds_by, keypad.layout) == (FindsBy.PLACE, Layout.FLAT)
    assert {(p.audio.sample_rate, p.audio.bit_rate) for p in (folders, keypad)} == {(44100, 64)}
    assert folders.limits.files_per_folder == 255
    assert profile_names(None) == ("folders", "keypad")


def test_every_built_in_title_is_offered_for_translation() -> None:
    titles = {load_document(path, "profile")["title"] for path in BUILT_IN.glob("*.yaml")}
    assert titles == set(BUILT_IN_TITLES)


def test_a_file_of_audio_has_the_size_that_its_bit_rate_gives() -> None:
    assert load_profile("folders", None).audio.size_of(60) == 480_000


def test_a_workspace_s_own_profile_goes_first(tmp_path: Path) -> None:
    (tmp_path / "keypad.yaml").write_text(OWN, encoding="utf-8")
    (tmp_path / "library.yaml").write_text(OWN, encoding="utf-8")
    assert profile_names(tmp_path) == ("folders", "keypad", "library")
    own = load_profile("keypad", tmp_path)
    assert (own.name, own.title, own.limits.tracks, own.limits.folders) == (
        "keypad",
        "图书馆的插卡音箱",
        99,
        1,
    )
    assert own.tags.id3v1_gbk


@pytest.mark.parametrize("name", ["folder", "../secret"])
def test_an_unknown_profile_is_answered_with_those_that_are_known(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="known: folders, keypad") as caught:
        load_profile(name, tmp_path / "none")
    assert ("did you mean 'folders'" in str(caught.value)) == (name == "folder")


def test_all_mistakes_of_a_profile_are_told_at_once(tmp_path: Path) -> None:
    text = OWN.replace("place", "plaice").replace("22050", "22000").replace("tracks: 99", "trucks: 99")
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        load_profile("own", tmp_path)
    together = "\n".join(caught.value.problems)
    assert "did you mean 'place'" in together
    assert "22050" in together
    assert "did you mean 'tracks'" in together


def test_a_bit_rate_that_mp3_lacks_at_that_sample_rate_is_refused(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(OWN.replace("bit_rate: 32", "bit_rate: 192"), encoding="utf-8")
    with pytest.raises(DocumentError, match="at most 160"):
        load_profile("own", tmp_path)
