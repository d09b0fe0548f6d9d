"""Which paths are taken for a card, and how each of the others is refused."""

from pathlib import Path

import pytest
from card_kit import NOW, files_of, folder_card, load, make_release, sound

from packager.base.errors import CardRefusedError, NeedsCheckError
from packager.cards import open_card
from packager.cards.io.card import CardAccess
from packager.cards.io.mount_guard import open_fs, volume_at, volume_of
from packager.cards.platform.volumes import Volume


def opened(root: Path, *, allow_folder: bool = True, claim: bool = False):
    return open_card(root, CardAccess(allow_folder=allow_folder, claim=claim, clock=lambda: NOW))


def mounted(root: Path, file_system: str, *, read_only: bool = False):
    volume = Volume(root.resolve(), file_system, read_only)
    return open_fs(root, allow_folder=False, volumes=lambda: (volume,))


@pytest.mark.parametrize("file_system", ["vfat", "msdos", "fat32", "fat"])
def test_a_mounted_fat_volume_keeps_its_directory_order(tmp_path, file_system) -> None:
    assert mounted(tmp_path, file_system).keeps_order


@pytest.mark.parametrize(
    ("file_system", "words"),
    [("exfat", "exFAT"), ("ntfs", "ntfs"), ("ext4", "ext4"), ("cifs", "network drive"), ("nfs4", "network drive")],
)
def test_another_volume_is_refused_with_its_kind(tmp_path, file_system, words) -> None:
    with pytest.raises(CardRefusedError, match=words):
        mounted(tmp_path, file_system)


def test_a_card_that_is_read_only_without_being_locked_needs_a_check(tmp_path) -> None:
    with pytest.raises(NeedsCheckError, match="read-only"):
        mounted(tmp_path, "vfat", read_only=True)


@pytest.mark.parametrize("sign", ["EFI/BOOT", "Windows/System32", "bootcode.bin"])
def test_a_fat_volume_with_a_system_on_it_is_refused(tmp_path, sign) -> None:
    (tmp_path / sign).mkdir(parents=True)
    with pytest.raises(CardRefusedError, match="system"):
        mounted(tmp_path, "vfat")


def test_a_folder_is_no_card_without_allow_folder(tmp_path) -> None:
    with pytest.raises(CardRefusedError, match="--allow-folder"):
        opened(tmp_path, allow_folder=False, claim=True)


@pytest.mark.parametrize("path", ["/home", "/etc", "/usr/share", "/tmp", "/var", "/boot", "/proc/self"])
def test_folders_of_the_system_are_refused_even_then(path) -> None:
    with pytest.raises(CardRefusedError, match="is a folder of this computer's system"):
        opened(Path(path), claim=True)


def test_the_root_of_this_computer_is_its_own_disk() -> None:
    with pytest.raises(CardRefusedError, match="/ is this computer's own disk"):
        opened(Path("/"), claim=True)


def test_of_two_volumes_at_one_place_the_one_mounted_later_counts(tmp_path) -> None:
    hidden, seen = (Volume(tmp_path, kind, read_only=False) for kind in ("ext4", "vfat"))
    elsewhere = Volume(tmp_path / "x", "vfat", read_only=False)
    assert volume_at(tmp_path, [hidden, seen, elsewhere]) is seen
    assert volume_at(tmp_path / "y", [hidden, seen]) is None
    (tmp_path / "link").symlink_to(tmp_path)
    linked = Volume(tmp_path / "link", "vfat", read_only=False)
    assert volume_at(tmp_path, [linked]) is linked
    assert volume_of(tmp_path / "gone", lambda: [hidden]) is None
    assert volume_of(tmp_path / "link", lambda: [hidden]) is hidden


def test_a_home_folder_and_its_parents_are_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "people" / "ann")
    (tmp_path / "people" / "ann" / "card").mkdir(parents=True)
    for place in (tmp_path / "people" / "ann", tmp_path / "people"):
        with pytest.raises(CardRefusedError, match="home"):
            opened(place, claim=True)
    assert opened(tmp_path / "people" / "ann" / "card", claim=True).is_new


@pytest.mark.parametrize(
    "place", ["", "office", "office/texts", "office/output/releases/main-0001", "office/output", "other/.."]
)
def test_a_folder_with_a_workspace_or_with_other_files_is_no_card(tmp_path: Path, place: str) -> None:
    for folder in ("office/texts", "office/output/releases/main-0001", "office/cards/output", "other"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "office" / "packager.yaml").touch()
    with pytest.raises(CardRefusedError, match="folder of work"):
        open_fs(tmp_path / place, allow_folder=True, volumes=list)
    for card in ("office/cards", "office/cards/output"):
        assert open_fs(tmp_path / card, allow_folder=True, volumes=list).root == tmp_path / card


@pytest.mark.parametrize("sign", ["packager.yaml", ".git"])
def test_a_workspace_or_a_repository_is_refused(tmp_path, sign) -> None:
    (tmp_path / sign).mkdir()
    with pytest.raises(CardRefusedError, match="folder of work"):
        opened(tmp_path, claim=True)


def test_the_working_folder_is_refused(tmp_path, monkeypatch) -> None:
    (tmp_path / "deeper").mkdir()
    monkeypatch.chdir(tmp_path / "deeper")
    with pytest.raises(CardRefusedError, match="folder of work"):
        opened(tmp_path, claim=True)


def test_a_missing_path_and_a_file_are_refused(tmp_path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for name, words in (("missing", "can't be opened"), ("file", "is a file")):
        with pytest.raises(CardRefusedError, match=words):
            opened(tmp_path / name, claim=True)


def test_a_device_is_refused_with_the_place_where_it_is_mounted(tmp_path: Path, monkeypatch) -> None:
    device = tmp_path.resolve() / "sdb1"
    device.touch()
    monkeypatch.setattr(Path, "is_block_device", lambda path: path == device)
    others = (
        Volume(Path("/media/none"), "vfat", False),
        Volume(Path("/media/other"), "vfat", False, device="/dev/sdz1"),
    )
    card = Volume(Path("/media/card"), "vfat", False, device=str(device))
    with pytest.raises(CardRefusedError, match="is a device; give the place where it is mounted: /media/card"):
        open_fs(device, allow_folder=False, volumes=lambda: (*others, card))
    with pytest.raises(CardRefusedError, match="is a device that is not mounted"):
        open_fs(device, allow_folder=False, volumes=lambda: others)


def test_an_unknown_card_is_refused_until_it_is_claimed(tmp_path) -> None:
    with pytest.raises(CardRefusedError, match="--new"):
        opened(tmp_path)
    assert opened(tmp_path, claim=True).is_new


def test_a_folder_with_somebodys_files_is_refused_until_it_is_claimed(tmp_path) -> None:
    (tmp_path / "thesis.doc").write_bytes(b"years of work")
    with pytest.raises(CardRefusedError, match="holds files"):
        opened(tmp_path)
    assert opened(tmp_path, claim=True).is_new
    assert files_of(tmp_path) == {"thesis.doc": b"years of work"}


def test_a_loaded_card_is_known_again_without_a_claim(tmp_path) -> None:
    card = folder_card(tmp_path / "card")
    result = load(card, make_release(tmp_path / "release", {"01/001.mp3": sound("1")}), tmp_path / "release")
    known = opened(card.root)
    assert known.identity.id == result.card
    assert not known.is_new
    assert known.snapshot.is_clean


def test_a_card_whose_identity_is_damaged_asks_for_a_check_before_it_is_claimed(tmp_path) -> None:
    (tmp_path / ".packager").mkdir()
    (tmp_path / ".packager" / "card.json").write_bytes(b'{"format":1')
    with pytest.raises(CardRefusedError, match=r"file system.*--new"):
        opened(tmp_path)
    assert opened(tmp_path, claim=True).is_new


def test_a_file_with_the_name_of_the_packager_folder_is_foreign(tmp_path) -> None:
    (tmp_path / ".packager").write_bytes(b"somebody's")
    with pytest.raises(CardRefusedError, match=r"\.packager"):
        opened(tmp_path, claim=True)
