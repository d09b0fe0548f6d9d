"""Polling of card readers: insertions, removals, and the media that count."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from packager.cards.platform.volumes import Bus, Volume
from packager.station.card_readers import Readers, Sighting, changes, look_around
from packager.station.model import Appeared, Vanished


def sighting(reader: str, serial: str = "one", refusal: str = "") -> Sighting:
    return Sighting(reader, Path("/media") / reader, serial, None, refusal)


def volume(place: str = "/media/CARD", **values) -> Volume:
    given = {"device": "/dev/sdb1", "size": 8 * 10**9, "serial": "1A2B-3C4D", "bus": Bus.USB} | values
    return Volume(Path(place), given.pop("file_system", "vfat"), given.pop("read_only", False), **given)


def test_a_card_that_comes_stays_and_goes_is_told_once_each() -> None:
    readers, came = changes(Readers(), [sighting("A")])
    assert [type(event) for event in came] == [Appeared]
    readers, stayed = changes(readers, [sighting("A")])
    assert stayed == ()
    readers, went = changes(readers, [])
    assert went == (Vanished(1),)


def test_another_card_in_the_same_reader_between_two_looks_is_another_insertion() -> None:
    readers, _events = changes(Readers(), [sighting("A")])
    _readers, events = changes(readers, [sighting("A", "two")])
    assert isinstance(events[0], Vanished)
    assert isinstance(events[1], Appeared)
    assert (events[0].insertion, events[1].card.insertion) == (1, 2)


def test_a_card_that_turns_read_only_while_it_is_loaded_is_the_same_card() -> None:
    writable = look_around(volumes=lambda: [volume()])
    locked = look_around(volumes=lambda: [replace(volume(), read_only=True)])
    assert locked[0].refusal
    readers, _events = changes(Readers(), writable)
    assert changes(readers, locked)[1] == ()


def test_a_card_that_was_dropped_and_appears_again_is_another_insertion() -> None:
    readers, _events = changes(Readers(), [sighting("A"), sighting("B")])
    (card, _sighting) = readers.inside["A"]
    assert readers.has(card, [sighting("A")])
    assert not readers.has(card, [sighting("A", "two"), sighting("B")])
    readers, events = changes(readers.without(card.insertion), [sighting("A"), sighting("B")])
    assert [type(event) for event in events] == [Appeared]
    assert not readers.has(card, [sighting("A")])


def test_the_volume_of_a_card_is_known_while_the_card_is_inserted() -> None:
    readers, _events = changes(Readers(), look_around(volumes=lambda: [volume()]))
    (card, _sighting) = readers.inside["/dev/sdb1"]
    assert readers.volume(card) == volume()
    assert readers.volume(replace(card, insertion=2)) is None
    assert readers.without(card.insertion).volume(card) is None


def test_cards_are_listed_and_unfit_media_are_listed_with_a_reason() -> None:
    volumes = [
        volume("/", file_system="ext4", device="/dev/sda1", system=True, bus=Bus.INTERNAL),
        volume("/media/a", device="/dev/sdb1"),
        volume("/media/b", device="/dev/sdc1", file_system="exfat"),
        volume("E:", device="E:", file_system="", size=None),  # a slot without a card
        volume("F:", device="F:", file_system="", size=8 * 10**9),
    ]
    seen = {one.reader: one.refusal for one in look_around(volumes=lambda: volumes)}
    assert list(seen) == ["/dev/sdb1", "/dev/sdc1", "F:"]
    assert seen["/dev/sdb1"] == ""
    assert "exFAT" in seen["/dev/sdc1"]


def test_below_a_named_folder_mounts_count_and_plain_folders_only_when_allowed(tmp_path) -> None:
    for name in ("mounted", "folder", ".hidden"):
        (tmp_path / name).mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    image = volume(str(tmp_path / "mounted"), bus=Bus.VIRTUAL)
    elsewhere = volume("/media/other")

    def look(allow_folder: bool) -> list[tuple[str, str]]:
        seen = look_around(tmp_path, allow_folder=allow_folder, volumes=lambda: [image, elsewhere])
        return [(one.place.name, one.refusal) for one in seen]

    assert look(False) == [("mounted", "")]
    assert look(True) == [("folder", ""), ("mounted", "")]


def test_a_network_drive_below_a_named_folder_is_refused(tmp_path) -> None:
    (tmp_path / "share").mkdir()
    share = volume(str(tmp_path / "share"), file_system="cifs", bus=Bus.NETWORK)
    (seen,) = look_around(tmp_path, volumes=lambda: [share])
    assert "network drive" in seen.refusal
