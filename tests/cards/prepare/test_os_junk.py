"""Which files are junk of operating systems, which only look like it, and foreign audio."""

import gzip
import struct
from pathlib import Path

import pytest
from card_kit import card_on, files_of, folder_card, load, make_release, sound

from packager.cards.prepare.os_junk import find_os_junk, remove_os_junk

DOUBLE = struct.pack(">II16xHIII", 0x00051607, 0x00020000, 1, 9, 38, 32) + bytes(32)
UUID = "7B4C2A10-1234-4F6A-9C0E-0123456789AB"


def card_with(root: Path, files: dict[str, bytes], folders: tuple[str, ...] = ()):
    fs = folder_card(root)
    for folder in folders:
        (root / folder).mkdir(parents=True)
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return card_on(fs)


LITTER = {
    "._song.mp3": DOUBLE,
    "Music/._Bach": DOUBLE,
    "._.Trashes": DOUBLE,
    ".DS_Store": b"\x00\x00\x00\x01Bud1" + bytes(100),
    "Music/Thumbs.db": bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504),
    "desktop.ini": b"\r\n; note\r\n[.ShellClassInfo]\r\nIconFile=x\r\n",
    "Music/Desktop.ini": "\ufeff[.ShellClassInfo]\r\n".encode("utf-16-le"),
    ".fseventsd/0000000000a1b2c3": gzip.compress(b"1SLD"),
    ".fseventsd/fseventsd-uuid": UUID.encode(),
    ".Spotlight-V100/VolumeConfiguration.plist": b"bplist00" + bytes(20),
    f".Spotlight-V100/Store-V2/{UUID}/store.db": b"8tsd",
}
KEPT = {"song.mp3": b"somebody's", "Music/Bach": b"somebody's", "System Volume Information/IndexerVolumeGuid": b"x"}


def test_os_junk_by_name_and_content_is_removed_and_nothing_else(tmp_path) -> None:
    card = card_with(tmp_path / "card", {**LITTER, **KEPT}, (".Trashes/501",))
    os_junk = find_os_junk(card.fs, card.snapshot)
    assert set(os_junk.files) == set(LITTER)
    assert os_junk.kept == ()
    removed = remove_os_junk(card, os_junk)
    assert (set(removed.files), set(removed.folders)) == (set(os_junk.files), set(os_junk.folders))
    assert files_of(tmp_path / "card") == KEPT
    assert not any((tmp_path / "card" / name).exists() for name in (".Trashes", ".fseventsd", ".Spotlight-V100"))
    again = card_on(card.fs)
    assert find_os_junk(again.fs, again.snapshot).paths == ()


@pytest.mark.parametrize(
    "files",
    [
        {"._song.mp3": b"my own song, oddly named", "song.mp3": b""},
        {"._song.mp3": DOUBLE},  # beside nothing
        {"._a": DOUBLE[:20], "a": b""},
        {"._a": struct.pack(">II16xHIII", 0x00051607, 0x00020000, 1, 1, 38, 32) + bytes(32), "a": b""},
        {"._a": struct.pack(">II16xHIII", 0x00051607, 0x00020000, 1, 9, 38, 9999) + bytes(32), "a": b""},
        {"._a": struct.pack(">II16xH", 0x00051607, 0x00020000, 65535), "a": b""},
        {"._": DOUBLE},
        {".DS_Store": b"a diary"},
        {".ds_store": b"\x00\x00\x00\x01Bud1"},
        {"Thumbs.db": b"a diary"},
        {"desktop.ini": b"dear diary [.ShellClassInfo]"},
        {"desktop.ini": b"[.ShellClassInfo]" + bytes(70_000)},
        {"desktop.ini": b""},
        {".Trashes/501/song.mp3": b"thrown away, perhaps wanted back"},
        {".Trashes/501/folder/deep/.DS_Store": b"\x00\x00\x00\x01Bud1"},
        {".fseventsd/diary.txt": b"x"},
        {".fseventsd/0000000000a1b2c3": b"not a log"},
        {".fseventsd/sub/0000000000a1b2c3": gzip.compress(b"")},
        {".Spotlight-V100/diary.txt": b"x"},
        {f".Spotlight-V100/Store-V2/{UUID}/song.mp3": b"x"},
        {".Spotlight-V100/Store-V2/mine/x": b"x"},
        {".Spotlight-V100/VolumeConfiguration.plist": b"x"},
        {"Music/.Trashes/x": b"x"},
        {"System Volume Information/WPSettings.dat": b"x"},
        {"$RECYCLE.BIN/S-1-5/x": b"x"},
    ],
)
def test_files_that_only_look_like_os_junk_stay(tmp_path, files) -> None:
    card = card_with(tmp_path / "card", files)
    os_junk = find_os_junk(card.fs, card.snapshot)
    assert os_junk.paths == ()
    remove_os_junk(card, os_junk)
    assert files_of(tmp_path / "card") == files


def test_hostile_names_and_links_are_left_alone(tmp_path) -> None:
    root = tmp_path / "card"
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / ".DS_Store").write_bytes(b"\x00\x00\x00\x01Bud1")
    odd = {"._back\\slash": DOUBLE, "back\\slash": b"", "._\udcff.mp3": DOUBLE, "\udcff.mp3": b"", "._\u202e": DOUBLE}
    card = card_with(root, odd)
    (root / ".Trashes").symlink_to(tmp_path / "outside")
    (root / "._link").symlink_to(tmp_path / "outside" / ".DS_Store")
    card = card_on(card.fs)
    os_junk = find_os_junk(card.fs, card.snapshot)
    assert os_junk.paths == ("._\udcff.mp3",)
    remove_os_junk(card, os_junk)
    assert (tmp_path / "outside" / ".DS_Store").exists()
    assert (root / "._back\\slash").exists()


def test_a_track_of_ours_is_never_os_junk(tmp_path) -> None:
    fs = folder_card(tmp_path / "card")
    load(fs, make_release(tmp_path / "r", {"01/001.mp3": sound("1"), "01/._001.mp3": DOUBLE}), tmp_path / "r")
    card = card_on(fs)
    assert find_os_junk(fs, card.snapshot).paths == ()


def test_a_file_that_can_not_be_deleted_stays_with_the_reason(tmp_path) -> None:
    card = card_with(tmp_path / "card", {".DS_Store": b"\x00\x00\x00\x01Bud1", "a/.DS_Store": b"\x00\x00\x00\x01Bud1"})
    os_junk = find_os_junk(card.fs, card.snapshot)

    def delete(path: str, real=card.fs.delete) -> None:
        if "/" in path:
            raise PermissionError(13, "no")
        real(path)

    card.fs.delete = delete
    removed = remove_os_junk(card, os_junk)
    assert removed.paths == (".DS_Store",)
    assert [path for path, _reason in removed.kept] == ["a/.DS_Store"]
