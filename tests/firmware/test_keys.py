"""What number keys play, and where a player goes on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from packager.firmware.catalog import FIRMWARES, find_firmware, is_recording
from packager.firmware.keys import answer, bookmark, certainty_of, resumed
from packager.firmware.model import Aspect, Certainty, FirmwareRule, ListedEntry, Listing, NumberKeys


def row(*names: str, start: int = 10) -> tuple[ListedEntry, ...]:
    return tuple(
        ListedEntry(name, size=100 + n, short_name=name.upper(), start_cluster=start + n, slot=n)
        for n, name in enumerate(names)
    )


def folder(name: str, start: int) -> ListedEntry:
    return ListedEntry(name, is_folder=True, start_cluster=start)


CARD: Listing = {
    "": (*row("welcome.mp3"), folder("02", 3), folder("01", 4), folder("MP3", 5), folder("00", 6), folder("99", 7)),
    "02": row("002 b.mp3", "001.mp3", "0012.mp3", start=20),
    "01": row("001.txt", "001x.mp3", "255.mp3", "256.mp3", start=30),
    "MP3": row("0007.mp3", "12.mp3", "0012 c.mp3", start=40),
    "00": row("001.mp3", start=50),
    "99": row("000.mp3", "001.mp3", start=60),
}


@pytest.mark.parametrize(
    ("name", "number", "path"),
    [
        ("jieli", 1, "welcome.mp3"),
        ("jieli", 2, "02/002 b.mp3"),
        ("bluetrum", 5, "01/001x.mp3"),
        ("actions", 10, "MP3/0012 c.mp3"),
        ("actions", 11, "00/001.mp3"),
        ("actions", 14, None),
        ("mountain-view", 0, None),
        ("dfplayer", 2002, "02/002 b.mp3"),
        ("dfplayer", 1001, "01/001x.mp3"),
        ("dfplayer", 2012, None),  # four digits are another number
        ("dfplayer", 1255, "01/255.mp3"),
        ("dfplayer", 1256, None),  # a byte
        ("dfplayer", 99001, "99/001.mp3"),
        ("dfplayer", 1, None),  # no folder 0, and no file 0
        ("dfplayer", 99000, None),
        ("dfplayer", 3001, None),
        ("dfplayer-mp3", 7, "MP3/0007.mp3"),
        ("dfplayer-mp3", 12, "MP3/0012 c.mp3"),
        ("dfplayer-place", 3, "02/001.mp3"),
        ("rockbox", 1, None),
    ],
)
def test_a_number_plays_what_the_family_makes_of_it(name: str, number: int, path: str | None) -> None:
    assert answer(find_firmware(name), CARD, number).path == path


def test_a_doubt_is_told_where_it_changes_what_plays() -> None:
    jieli, bluetrum = find_firmware("jieli"), find_firmware("bluetrum")
    assert answer(jieli, CARD, 2).is_certain
    assert answer(bluetrum, CARD, 1).is_certain
    found = answer(bluetrum, CARD, 2)
    assert [(other.reason, other.path) for other in found.others] == [("if it goes by name", "00/001.mp3")]
    recorded: Listing = {"": (folder("JL_REC", 2), folder("01", 3)), "JL_REC": row("AC1.MP3"), "01": row("1.mp3")}
    found = answer(jieli, recorded, 1)
    assert found.path == "JL_REC/AC1.MP3"
    assert ("if it leaves out the recordings in JL_REC", "01/1.mp3") in [(o.reason, o.path) for o in found.others]


@pytest.mark.parametrize("name", ["jieli", "mountain-view", "actions", "bluetrum", "rockbox"])
def test_a_player_goes_on_where_the_listener_stopped(name: str) -> None:
    firmware = find_firmware(name)
    mark = bookmark(firmware, CARD, "02/001.mp3")
    assert mark is not None
    assert resumed(firmware, CARD, mark) == "02/001.mp3"


def test_a_module_without_the_folder_is_silent() -> None:
    for name in ("dfplayer", "dfplayer-mp3"):
        for card in ({}, {"": ()}, {"": (folder("01", 3), folder("mp3", 4))}):
            assert answer(find_firmware(name), card, 1001).path is None


def test_what_is_remembered_tells_the_same_entry_of_two_folders_apart() -> None:
    twins: Listing = {
        "": (folder("a", 3), folder("b", 4)),
        "a": (folder("b", 5), *row("1.mp3")),
        "a/b": row("1.mp3"),
        "b": row("1.mp3"),
    }
    for name in ("mountain-view", "actions"):
        firmware = find_firmware(name)
        for path in ("a/1.mp3", "a/b/1.mp3", "b/1.mp3"):
            mark = bookmark(firmware, twins, path)
            assert mark is not None
            assert resumed(firmware, twins, mark) == path
    assert bookmark(find_firmware("actions"), {"": row("1.mp3")}, "1.mp3") == (0, 0, 100)
    assert bookmark(find_firmware("bluetrum"), CARD, "02/001.mp3") == (3, "001.MP3")
    long_name: Listing = {"": (ListedEntry("abcdefghi.mp3", short_name="ABCDEF~1.MP3"),)}
    assert bookmark(find_firmware("bluetrum"), long_name, "abcdefghi.mp3") == (1, "ABCDEF~1")


def test_a_family_is_certain_if_all_that_decides_what_plays_is_stated() -> None:
    assert {each.name for each in FIRMWARES if certainty_of(each) is Certainty.STATED} == {"actions", "rockbox"}
    told = (
        FirmwareRule(Aspect.ORDER, "as it stands", "the code"),
        FirmwareRule(Aspect.MEMORY, "nothing", "no code", Certainty.GUESS),
    )
    assert certainty_of(replace(find_firmware("jieli"), rules=told)) is Certainty.STATED
    for aspect in (Aspect.FILES, Aspect.FOLDERS, Aspect.ORDER, Aspect.NUMBERS):
        rules = (*told, FirmwareRule(aspect, "so", "no code", Certainty.GUESS))
        assert certainty_of(replace(find_firmware("jieli"), rules=rules)) is Certainty.GUESS


def changed(path: str, **values: int) -> Listing:
    where, _slash, name = path.rpartition("/")
    entries = tuple(ListedEntry(**{**vars(entry), **values}) if entry.name == name else entry for entry in CARD[where])
    return {**CARD, where: entries}


@pytest.mark.parametrize(
    ("name", "what", "kept"),
    [
        ("jieli", {"start_cluster": 99}, False),
        ("jieli", {"slot": 99}, True),
        ("mountain-view", {"start_cluster": 99}, False),
        ("mountain-view", {"slot": 15}, True),  # the same sector of the directory
        ("mountain-view", {"slot": 16}, False),
        ("actions", {"start_cluster": 99}, True),
        ("actions", {"slot": 99}, False),
        ("bluetrum", {"start_cluster": 99, "slot": 99}, True),
        ("rockbox", {"start_cluster": 99, "slot": 99, "size": 1}, True),
        ("jieli", {"size": 1}, False),
    ],
)
def test_a_rewritten_file_loses_its_place_by_what_the_family_remembers(
    name: str, what: dict[str, int], kept: bool
) -> None:
    firmware = find_firmware(name)
    mark = bookmark(firmware, CARD, "02/001.mp3")
    assert mark is not None
    assert (resumed(firmware, changed("02/001.mp3", **what), mark) == "02/001.mp3") == kept


def test_what_a_mounted_card_does_not_tell_makes_no_bookmark() -> None:
    bare: Listing = {"": (ListedEntry("1.mp3", size=5),)}
    assert bookmark(find_firmware("jieli"), bare, "1.mp3") is None
    assert bookmark(find_firmware("dfplayer"), CARD, "02/001.mp3") is None


def test_recordings_are_known_by_their_folder() -> None:
    for path in ("JL_REC/AC690001.MP3", "rec/1.mp3", "RECORD/MIC/1.wav", "Voice/a.amr"):
        assert is_recording(path)
    for path in ("REC.mp3", "01/001.mp3", "voices of spring/1.mp3"):
        assert not is_recording(path)


def test_every_family_says_what_it_does_and_where_that_is_known_from() -> None:
    for firmware in FIRMWARES:
        told = {rule.aspect for rule in firmware.rules}
        assert {Aspect.FILES, Aspect.FOLDERS, Aspect.ORDER, Aspect.NUMBERS, Aspect.MEMORY, Aspect.LIMITS} <= told
        assert all(rule.source and rule.text for rule in firmware.rules)
        guesses = [rule for rule in firmware.rules if rule.certainty is Certainty.GUESS and rule.aspect is Aspect.ORDER]
        assert firmware.doubts or not guesses or firmware.keys is not NumberKeys.PLACE
        assert bool(firmware.sidecars) == (Aspect.SIDECARS in told)
