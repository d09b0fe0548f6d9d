"""What an audit sees on a card that somebody damaged, and what it never calls good."""

import os
import re
from pathlib import Path

import pytest
from card_kit import audit, files_of, folder_card, load, make_release, sound
from fat_model import ModelCard

from packager.base.findings import FindingKind
from packager.cards import Verification

FILES = {f"0{shelf}/00{n}.mp3": sound(f"{shelf}.{n}") for shelf in (1, 2) for n in (1, 2, 3)}


@pytest.fixture
def card(tmp_path):
    loaded = folder_card(tmp_path / "card")
    load(loaded, make_release(tmp_path / "release", FILES), tmp_path / "release")
    return loaded


def kinds(seen) -> list[tuple[str, str]]:
    return [(finding.kind.value, finding.path) for finding in seen.findings]


def test_names_alone_are_never_good(card) -> None:
    seen = audit(card, quick=True)
    assert seen.findings == ()
    assert seen.verification is Verification.NAMES
    assert not seen.is_good


def test_an_audit_reads_every_track(card) -> None:
    seen = audit(card)
    assert seen.is_good
    assert seen.is_in_order is None, "a folder that is used as a card has no playing order"


def test_a_flipped_bit_in_any_track_is_found(card) -> None:
    for path, data in FILES.items():
        place = card.root / path
        place.write_bytes(data[:7] + bytes([data[7] ^ 4]) + data[8:])
        assert kinds(audit(card)) == [("altered", path)]
        place.write_bytes(data)
    assert audit(card).is_good


def test_missing_truncated_and_lengthened_tracks_are_different_findings(card) -> None:
    (card.root / "01/001.mp3").unlink()
    os.truncate(card.root / "01/002.mp3", 17)
    (card.root / "02/003.mp3").write_bytes(FILES["02/003.mp3"] + b"more")
    for quick in (False, True):
        assert kinds(audit(card, quick=quick)) == [
            ("missing", "01/001.mp3"),
            ("truncated", "01/002.mp3"),
            ("altered", "02/003.mp3"),
        ]


def test_foreign_files_are_listed_and_left_alone(card) -> None:
    (card.root / "Music").mkdir()
    (card.root / "Music" / "song.mp3").write_bytes(b"song")
    (card.root / "note.txt").write_bytes(b"note")
    seen = audit(card)
    assert seen.is_good
    assert seen.foreign == ("Music/song.mp3", "note.txt")
    assert files_of(card.root)["Music/song.mp3"] == b"song"


def test_foreign_audio_among_the_tracks_is_a_warning_for_a_player_that_finds_tracks_by_name(card) -> None:
    (card.root / "01" / "song.MP3").write_bytes(b"song")
    (card.root / "01" / "._001.mp3").write_bytes(b"mac")
    seen = audit(card)
    assert sorted(kinds(seen)) == [("extra", "01/song.MP3"), ("os-junk", "01/._001.mp3")]
    assert seen.is_good


def test_foreign_audio_that_shifts_the_numbers_of_a_player_that_counts_files_is_a_finding(tmp_path) -> None:
    card = folder_card(tmp_path / "card")
    manifest = make_release(tmp_path / "release", {"001.mp3": b"1", "002.mp3": b"2"}, finds_by="place")
    load(card, manifest, tmp_path / "release")
    (card.root / "song.mp3").write_bytes(b"song")
    seen = audit(card)
    assert kinds(seen) == [("extra", "song.mp3")]
    assert not seen.is_good


def test_a_card_that_was_never_loaded_is_unknown(tmp_path) -> None:
    seen = audit(folder_card(tmp_path / "card"))
    assert [finding.kind for finding in seen.findings] == [FindingKind.UNKNOWN]
    assert not seen.is_good


def test_two_tracks_in_the_wrong_order_are_seen_on_a_medium_that_keeps_order(tmp_path) -> None:
    card = ModelCard()
    load(card, make_release(tmp_path / "release", FILES), tmp_path / "release")
    row = card.rows["01"]
    row[0:2], row[2:4] = row[2:4], row[0:2]
    assert kinds(audit(card)) == [("misordered", "01/002.mp3")]


def test_names_that_are_not_utf8_or_reverse_the_text_direction_can_be_listed_and_printed(card) -> None:
    root = os.fsencode(card.root)
    for name in (b"\xb8\xe8\xc7\xfa.mp3", "\u202e3pm.exe".encode(), b"01/\xff.mp3", b"tab\there"):
        with open(os.path.join(root, name), "wb") as stream:  # noqa: PTH118, PTH123 - names in bytes
            stream.write(b"x")
    seen = audit(card)
    assert len(seen.foreign) == 4
    told = [text for finding in seen.findings for text in (finding.message, finding.path)]
    for text in (*seen.foreign, *told):
        assert text.encode("utf-8").decode("utf-8").isprintable()


def test_a_link_on_the_card_is_listed_but_never_followed(card, tmp_path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "inside.txt").write_bytes(b"x")
    (card.root / "link").symlink_to(secret)
    seen = audit(card)
    assert seen.foreign == ("link",)
    assert seen.is_good


@pytest.mark.parametrize("name", ["card.json", "state.a", "state.b", "manifest"])
@pytest.mark.parametrize("damage", ["missing", "empty", "random", "folder"])
def test_no_damage_to_our_own_files_makes_an_audit_crash_or_lie(card, name, damage) -> None:
    own = card.root / ".packager"
    place = next(own.glob("manifest-*")) if name == "manifest" else own / name
    size = place.stat().st_size
    place.unlink()
    if damage == "empty":
        place.write_bytes(b"")
    elif damage == "random":
        place.write_bytes(os.urandom(size))
    elif damage == "folder":
        place.mkdir()
    os.truncate(card.root / "01/001.mp3", 1)
    assert not audit(card).is_good


def test_every_kind_of_finding_is_documented() -> None:
    text = (Path(__file__).parents[2] / "docs" / "FORMAT.md").read_text("utf-8")
    paragraph = next(part for part in text.split("\n\n") if part.startswith("`audit CARD --json`"))
    assert set(re.findall(r"`([a-z-]+)`", paragraph)) - {"kind", "path", "message", "warning", "findings"} == {
        kind.value for kind in FindingKind
    }
