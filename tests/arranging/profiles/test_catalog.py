"""Profiles are loaded from files and saved to them."""

from __future__ import annotations

from pathlib import Path

import pytest

from packager.arranging.profiles.catalog import BUILT_IN, BUILT_IN_TITLES, load_profile, profile_names, save_profile
from packager.arranging.profiles.profile import FindsBy, Layout, Numbering
from packager.base.errors import DocumentError, InputError
from packager.base.yaml_documents import load_document

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
    assert profile_names(None) == ("daisy", "dfplayer", "dfplayer-mp3", "folders", "keypad", "keypad-folders", "weekly")
    chip, weekly = load_profile("dfplayer", None), load_profile("weekly", None)
    assert (chip.numbering, chip.limits.folders, chip.limits.files_per_folder) == (Numbering.FOLDER, 99, 255)
    assert (weekly.layout, weekly.numbering) == (Layout.WEEKS, Numbering.CARD)
    assert load_profile("dfplayer-mp3", None).folder == "mp3"


def test_every_built_in_title_is_offered_for_translation() -> None:
    titles = {load_document(path, "profile")["title"] for path in BUILT_IN.glob("*.yaml")}
    assert titles == set(BUILT_IN_TITLES)


def test_a_file_of_audio_has_the_size_that_its_bit_rate_gives() -> None:
    assert load_profile("folders", None).audio.size_of(60) == 480_000


def test_a_workspace_s_own_profile_goes_first(tmp_path: Path) -> None:
    (tmp_path / "keypad.yaml").write_text(OWN, encoding="utf-8")
    (tmp_path / "library.yaml").write_text(OWN, encoding="utf-8")
    assert set(profile_names(tmp_path)) == {*profile_names(None), "library"}
    own = load_profile("keypad", tmp_path)
    assert (own.name, own.title, own.limits.tracks, own.limits.folders) == ("keypad", "图书馆的插卡音箱", 99, 1)
    assert own.tags.id3v1_gbk


@pytest.mark.parametrize("name", ["folder", "../secret"])
def test_an_unknown_profile_is_answered_with_those_that_are_known(tmp_path: Path, name: str) -> None:
    with pytest.raises(
        InputError, match="known: daisy, dfplayer, dfplayer-mp3, folders, keypad, keypad-folders, weekly"
    ) as caught:
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


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ("layout: flat\nnumbering: folder", "needs a layout with folders"),
        ("layout: folders\nfolder: mp3", "only for 'layout: flat'"),
        ("layout: flat\nfolder: con", "device"),
        ("layout: flat\nfile_digits: 1", "there are only 9"),
        ("layout: weeks\nfolder_digits: 1", "there are only 9"),
    ],
)
def test_values_that_contradict_each_other_are_told_with_their_line(tmp_path: Path, changed: str, says: str) -> None:
    text = OWN.replace("file_digits: 2\n", "" if "file_digits" in changed else "file_digits: 2\n")
    text = text.replace("layout: flat", changed).replace("minutes_per_track", "folders: 99, minutes_per_track")
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DocumentError, match=says) as caught:
        load_profile("own", tmp_path)
    place = next(n for n, text in enumerate(text.splitlines(), start=1) if _key(changed, says) in text)
    assert f"line {place}: " in str(caught.value)


def test_all_contradictions_are_told_at_once(tmp_path: Path) -> None:
    text = OWN.replace("bit_rate: 32", "bit_rate: 192").replace("layout: flat", "layout: flat\nnumbering: folder")
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        load_profile("own", tmp_path)
    assert len(caught.value.problems) == 2


def test_a_profile_is_saved_once_and_replaced_only_when_told_to(tmp_path: Path) -> None:
    path = save_profile("k6", OWN.encode(), tmp_path / "profiles")
    assert load_profile("k6", tmp_path / "profiles").limits.tracks == 99
    other = OWN.replace("tracks: 99", "tracks: 50").encode()
    with pytest.raises(InputError, match="--replace"):
        save_profile("k6", other, tmp_path / "profiles")
    assert path.read_bytes() == OWN.encode()
    save_profile("k6", other, tmp_path / "profiles", replace=True)
    assert load_profile("k6", tmp_path / "profiles").limits.tracks == 50


@pytest.mark.parametrize("name", ["", "..", "a/b", "con", "a:b", ".k6", "k6."])
def test_a_profile_is_not_saved_under_a_name_that_is_no_file_s(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="can't be the name"):
        save_profile(name, OWN.encode(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_invalid_profile_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="'title' is missing"):
        save_profile("k6", b"layout: flat", tmp_path)
    assert list(tmp_path.iterdir()) == []


def _key(changed: str, says: str) -> str:
    return "limits:" if "only 9" in says else changed.splitlines()[1].partition(":")[0] + ":"
