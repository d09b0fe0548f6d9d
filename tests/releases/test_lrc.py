"""Lyrics beside each track: built, carried to the card, and readable for the players that look for them."""

from __future__ import annotations

import re
from pathlib import Path
from unicodedata import normalize

import pytest
from card_kit import audit, load, manifest_of
from fat_model import ModelCard
from hypothesis import given
from hypothesis import strategies as st
from tones import open_office
from walked_cards import listing_of_card

from packager.arranging.profiles.catalog import BUILT_IN
from packager.base.errors import DocumentError
from packager.firmware.catalog import find_firmware
from packager.firmware.walk import walk
from packager.releases.sidecars import ReleaseContent
from packager.releases.sidecars.lrc import MOST_BYTES, produce
from packager.releases.text_sync import SyncedPassage, SyncedSentence, TextSync, WrittenRole

TRACKS = manifest_of({"01/001.mp3": b"1", "01/002.mp3": b"2"}).tracks
LINE = re.compile(r"\[(\d\d+):(\d\d)\.(\d\d)\](.*)")


def lyrics(*sentences: SyncedSentence) -> list[str]:
    """The lines of the file of a track with these sentences, without tags."""
    text = TextSync("v", (), (SyncedPassage(WrittenRole.PARAGRAPH, sentences),))
    files = produce(ReleaseContent("t", TRACKS, {TRACKS[1].sha256: text}))
    assert list(files) == ["01/002.lrc"]  # nothing is known of the other
    lines = files["01/002.lrc"].decode("gbk").split("\r\n")
    assert (lines[0], lines[1], lines[-1]) == ("[ti:track 2]", "[al:book]", "")
    return lines[2:-1]


def test_each_sentence_has_its_time() -> None:
    said = lyrics(
        SyncedSentence("有人敲门。", 1.5, 3.0),
        SyncedSentence("谁啊？", 61.239, 62.0),
        SyncedSentence("我。", 6000, 6001),
    )
    assert said == ["[00:01.50]有人敲门。", "[01:01.24]谁啊？", "[100:00.00]我。"]


def test_a_long_sentence_is_cut_behind_punctuation_and_its_parts_have_their_share_of_the_time() -> None:
    part = "春" * 39 + "，"
    said = lyrics(SyncedSentence(part * 3, 0, 12))
    assert said == [f"[00:00.00]{part}", f"[00:04.00]{part}", f"[00:08.00]{part}"]


def test_characters_that_gbk_lacks_and_brackets_break_nothing() -> None:
    assert lyrics(SyncedSentence("𠀀[注1]é😀\n好。", 0, 1)) == ["[00:00.00]□（注1）é□ 好。"]
    # A letter and its accent as two characters, letters with accents of other languages, and one of double width.
    assert lyrics(SyncedSentence("e\u0301ñŠ𝐀①½—·、", 0, 1)) == ["[00:00.00]énSA①□—·、"]


@given(st.lists(st.tuples(st.text(min_size=1), st.floats(0, 9000), st.floats(0, 600)), max_size=6))
def test_any_text_gives_lines_that_every_firmware_keeps_whole(rows: list[tuple[str, float, float]]) -> None:
    said = lyrics(*(SyncedSentence(text, begins, begins + lasts) for text, begins, lasts in rows))
    for line in said:
        found = LINE.fullmatch(line)
        assert found is not None, line
        assert int(found[2]) < 60
        assert 0 < len(found[4].encode("gbk")) <= MOST_BYTES
    shown = "".join(LINE.fullmatch(line)[4] for line in said)  # type: ignore[index]
    assert len(shown) == sum(len(" ".join(normalize("NFC", text).split())) for text, _begins, _lasts in rows)


@pytest.mark.parametrize("firmware", ["jieli", "mountain-view", "bluetrum"])
def test_lyrics_are_built_loaded_verified_and_count_as_no_track(firmware: str, tmp_path: Path) -> None:
    office = open_office(tmp_path / "office")
    profiles = office.root / "profiles"
    profiles.mkdir(exist_ok=True)
    text = (BUILT_IN / "keypad-folders.yaml").read_text("utf-8")
    text = re.sub("firmware: .*", f"firmware: [{firmware}]", text)
    (profiles / "shown.yaml").write_text(f"{text}sidecars: [lrc]\n", "utf-8")
    release = office.build(profile="shown").result.release
    manifest = release.manifest
    assert [each.path for each in manifest.sidecars] == [t.path.replace(".mp3", ".lrc") for t in manifest.tracks]
    spoken = (release.folder / manifest.sidecars[1].path).read_bytes().decode("gbk")
    assert len(spoken.splitlines()) > 3
    card = ModelCard()
    load(card, manifest, release.folder)
    assert audit(card).is_good
    played = walk(listing_of_card(card), find_firmware(firmware).walk).played
    assert played == tuple(track.path for track in manifest.tracks)


def test_a_profile_of_players_that_read_no_lyrics_is_refused(tmp_path: Path) -> None:
    office = open_office(tmp_path / "office")
    (office.root / "profiles").mkdir(exist_ok=True)
    text = (BUILT_IN / "dfplayer.yaml").read_text("utf-8")
    (office.root / "profiles" / "chip.yaml").write_text(f"{text}sidecars: [lrc]\n", "utf-8")
    with pytest.raises(DocumentError, match="'sidecars' has lrc, which none of dfplayer reads"):
        office.build(profile="chip")
