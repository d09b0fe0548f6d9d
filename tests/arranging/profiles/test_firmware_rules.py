"""What follows from a profile's chip families, and what contradicts them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from packager.arranging.arrange import arrange
from packager.arranging.number_ledger import NumberLedger
from packager.arranging.playlist import PlaylistItem
from packager.arranging.profiles.catalog import load_profile, parse_profile, profile_names
from packager.arranging.profiles.profile import FindsBy, Naming, Numbering, Profile
from packager.base.errors import DocumentError, InputError
from packager.base.fat_names import gbk_bytes
from packager.firmware.catalog import FIRMWARES, find_firmware
from packager.firmware.model import NumberKeys
from packager.reading import Book, Chapter
from playlists import playlist_of


def profile(text: str) -> Profile:
    lines = [line for line in text.strip().split("; ") if line]
    body = "\n".join(["title: x", "audio: {sample_rate: 44100, bit_rate: 64}", *lines])
    return parse_profile("own", body.encode(), source="own.yaml")


def test_limits_and_the_way_of_finding_tracks_follow_from_the_family() -> None:
    chip = profile("firmware: [dfplayer]; layout: folders; file_digits: 3; saying: digits")
    assert (chip.finds_by, chip.numbering, chip.folder_digits) == (FindsBy.NAME, Numbering.FOLDER, 2)
    assert (chip.limits.tracks, chip.limits.folders, chip.limits.files_per_folder) == (25245, 99, 255)
    assert (chip.limits.megabytes, chip.limits.minutes_per_track) == (32000, 60)
    limits = "limits: {files_per_folder: 255, folders: 99}"
    keyed = profile(f"firmware: [jieli]; layout: folders; file_digits: 3; saying: digits; {limits}")
    assert (keyed.finds_by, keyed.limits.tracks) == (FindsBy.PLACE, 65535)
    stepped = profile(f"firmware: [jieli]; layout: folders; file_digits: 3; {limits}")
    assert stepped.finds_by is FindsBy.NAME


def test_of_several_families_the_lowest_limit_holds() -> None:
    text = "firmware: [jieli, mountain-view, actions]; layout: flat; file_digits: 4; limits: {files_per_folder: 999}"
    assert (profile(text).limits.tracks, profile(text).limits.name_bytes) == (10000, 60)


FLAT = "layout: flat; file_digits: 3"
FOLDERS = "layout: folders; file_digits: 3; limits: {tracks: 99, files_per_folder: 99, folders: 9}"
CONTRADICTIONS = {
    f"firmware: [jiely]; {FOLDERS}": "line 3: 'firmware': there is no firmware 'jiely' - did you mean 'jieli'?",
    f"firmware: [dfplayer]; {FLAT}": "'layout' is flat, but dfplayer needs folders",
    f"firmware: [dfplayer]; numbering: card; {FOLDERS}": "line 4: 'numbering' is card, but dfplayer needs folder",
    "firmware: [dfplayer]; layout: folders; file_digits: 4": "line 5: 'file_digits' is 4, but dfplayer needs 3",
    f"firmware: [dfplayer]; finds_by: place; {FOLDERS}": "line 4: 'finds_by' is place, but dfplayer needs name",
    "firmware: [dfplayer-mp3]; layout: flat; folder: music; file_digits: 4": (
        "'folder' is music, but dfplayer-mp3 needs mp3"
    ),
    f"firmware: [jieli]; finds_by: name; saying: digits; {FOLDERS}": "'finds_by' is name, but jieli needs place",
    f"firmware: [rockbox]; saying: digits; {FOLDERS}": "'saying' is digits, but rockbox needs number",
    "firmware: [car-radio]; layout: folders; file_digits: 3; limits: {tracks: 999}": (
        "line 6: 'limits.tracks' is 999, but car-radio takes at most 255"
    ),
    f"firmware: [bluetrum, dfplayer-place]; sidecars: [m3u8]; {FOLDERS}": (
        "line 4: 'sidecars' has m3u8, which none of bluetrum, dfplayer-place reads"
    ),
    FOLDERS: "'finds_by' is missing, and there is no 'firmware' from which it follows",
    f"finds_by: name; {FLAT}": "'limits.tracks' is missing, and there is no 'firmware' from which it follows",
    f"firmware: [jieli]; {FLAT}": (
        "line 3: 'limits.files_per_folder' is missing, and for jieli no limit is known; say how many you want"
    ),
}


@pytest.mark.parametrize("text", CONTRADICTIONS)
def test_a_value_that_contradicts_the_family_is_an_error_with_its_line(text: str) -> None:
    with pytest.raises(DocumentError) as caught:
        profile(text)
    assert CONTRADICTIONS[text] in str(caught.value)


def test_a_container_that_the_family_does_not_play_is_an_error() -> None:
    text = "title: x\nfirmware: [dfplayer]\nlayout: folders\nfile_digits: 3\n"
    text += "audio:\n  container: m4a\n  sample_rate: 44100\n  bit_rate: 64\n"
    with pytest.raises(DocumentError, match=r"line 6: 'audio.container' is m4a, which dfplayer does not play"):
        parse_profile("own", text.encode(), source="own.yaml")


@pytest.mark.parametrize("name", profile_names(None))
def test_every_built_in_profile_names_families_and_stays_within_their_limits(name: str) -> None:
    made = load_profile(name, None)
    assert made.firmware or name == "daisy"  # no code of talking-book players is public
    for firmware in map(find_firmware, made.firmware):
        for limit, most in vars(firmware.limits).items():
            own = getattr(made.limits, limit)
            assert most is None or (own is not None and own <= most), (firmware.name, limit)


def test_every_family_with_number_keys_has_a_built_in_profile() -> None:
    named = {firmware for name in profile_names(None) for firmware in load_profile(name, None).firmware}
    assert {firmware.name for firmware in FIRMWARES if firmware.keys is not NumberKeys.NONE} <= named


def tracks_of(profile: Profile, chapters: int, title: str = "第{n}章") -> list[str]:
    book = Book("b", "", tuple(Chapter(title.format(n=n), ("有人敲门。",)) for n in range(1, chapters + 1)))
    items = playlist_of(PlaylistItem("b"), profile=profile.name, week_shelf=5, book_shelf=5)
    return [track.path for track in arrange(items, profile, {"b": book}, NumberLedger("s"))[0].tracks]


def test_files_and_folders_are_counted_together_with_sidecars_and_our_own() -> None:
    car = "firmware: [car-radio]; layout: folders; file_digits: 3"
    radio = profile(car)
    assert radio.limits.files_and_folders == 255
    # Of 255 there are 8 for our own files, two folders, and the contents track.
    assert len(tracks_of(radio, 244)) == 245
    with pytest.raises(InputError, match="counts files and folders together, and takes 255"):
        tracks_of(radio, 245)
    shown = replace(radio, sidecars=("lrc",))
    assert len(tracks_of(shown, 121)) == 122
    with pytest.raises(InputError, match="leave out 'sidecars'"):
        tracks_of(shown, 122)
    # A DAISY book has two files more beside each track and in each folder; one lists the books.
    talking = replace(radio, sidecars=("daisy",))
    assert len(tracks_of(talking, 79)) == 80
    with pytest.raises(InputError, match="leave out 'sidecars'"):
        tracks_of(talking, 80)


def test_titles_in_names_are_cut_to_the_bytes_that_the_family_keeps() -> None:
    folders = replace(load_profile("folders", None), naming=Naming.TITLE)
    paths = tracks_of(folders, 3, title="第{n}章" + "春眠不觉晓" * 20)
    sizes = [gbk_bytes(path.rpartition("/")[2]) for path in paths[1:]]
    assert all(size in (59, 60) for size in sizes)  # a Hanzi has two bytes
    assert all("春眠" in path for path in paths[1:])
