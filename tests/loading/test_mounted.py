"""The real medium: four operations and a slot, each refusing what it must not do."""

import os

import pytest
from card_kit import folder_card

from packager.errors import CardFailedError, CardRefusedError, InputError
from packager.loading.medium import PIECE_SIZE, SLOT_SIZE, EntryKind
from packager.loading.mounted import MountedMedium


@pytest.fixture
def card(tmp_path):
    return folder_card(tmp_path / "card")


def test_a_file_is_created_in_pieces_and_read_back(card) -> None:
    data = os.urandom(2 * PIECE_SIZE + 5)
    card.create("a.mp3", (data[:10], b"", data[10:]))
    card.barrier()
    assert b"".join(card.read("a.mp3")) == data
    assert card.scan("") == (type(card.scan("")[0])("a.mp3", len(data), EntryKind.FILE),)


def test_an_existing_file_is_never_overwritten_not_even_through_a_dangling_link(card, tmp_path) -> None:
    card.create("a.mp3", (b"one",))
    with pytest.raises(FileExistsError):
        card.create("a.mp3", (b"two",))
    assert (card.root / "a.mp3").read_bytes() == b"one"
    (card.root / "b.mp3").symlink_to(tmp_path / "outside")
    with pytest.raises(OSError, match="exists"):
        card.create("b.mp3", (b"two",))
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", "a/../../b", "", "a\\b", "C:/x"])
def test_a_path_that_leaves_the_root_is_refused_by_every_operation(card, path) -> None:
    for work in (
        lambda: card.create(path, (b"x",)),
        lambda: card.make_folder(path),
        lambda: card.delete(path),
        lambda: list(card.read(path)),
        lambda: card.overwrite_slot(path, bytes(512)),
    ):
        with pytest.raises(InputError):
            work()


def test_a_link_on_the_way_is_refused(card, tmp_path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a").write_bytes(b"x")
    (card.root / "01").symlink_to(tmp_path / "outside")
    for work in (
        lambda: card.create("01/b", (b"x",)),
        lambda: card.delete("01/a"),
        lambda: list(card.read("01/a")),
    ):
        with pytest.raises(CardRefusedError, match="symbolic link"):
            work()
    with pytest.raises(OSError, match="neither"):
        card.delete("01")
    assert (tmp_path / "outside" / "a").read_bytes() == b"x"


def test_a_folder_is_deleted_only_when_it_is_empty(card) -> None:
    card.make_folder("01")
    card.create("01/a", (b"x",))
    with pytest.raises(OSError, match="empty"):
        card.delete("01")
    card.delete("01/a")
    card.delete("01")
    assert card.scan("") == ()


def test_a_slot_is_written_in_place_and_only_when_it_is_one(card) -> None:
    card.create("state.a", (bytes(512),))
    inode = (card.root / "state.a").stat().st_ino
    card.overwrite_slot("state.a", b"x" * 512)
    assert (card.root / "state.a").read_bytes() == b"x" * 512
    assert (card.root / "state.a").stat().st_ino == inode
    with pytest.raises(ValueError, match="512"):
        card.overwrite_slot("state.a", b"x")
    card.create("short", (b"x",))
    with pytest.raises(OSError, match="slot"):
        card.overwrite_slot("short", bytes(512))
    with pytest.raises(FileNotFoundError):
        card.overwrite_slot("state.b", bytes(512))


def test_free_space_and_allocation_unit_are_those_of_the_file_system(card) -> None:
    system = os.statvfs(card.root)
    assert card.allocation_unit == system.f_frsize
    assert abs(card.free_space() - system.f_bavail * system.f_frsize) < 1 << 30


def test_a_slot_with_a_second_name_is_not_written_through(card, tmp_path) -> None:
    copy = tmp_path / "copy"
    copy.write_bytes(bytes(SLOT_SIZE))
    (card.root / "state.a").hardlink_to(copy)
    with pytest.raises(OSError, match="not a state slot"):
        card.overwrite_slot("state.a", b"x" * SLOT_SIZE)
    assert copy.read_bytes() == bytes(SLOT_SIZE)


def test_one_load_at_a_time_is_let_on_a_card(card) -> None:
    with (
        card.alone(),
        pytest.raises(CardRefusedError, match="another load"),
        MountedMedium(card.root, keeps_order=False).alone(),
    ):
        pass
    with card.alone():  # the lock went with the block
        pass


def test_a_card_that_is_gone_can_not_be_locked(card) -> None:
    card.root.rmdir()
    with pytest.raises(CardFailedError, match="plug it in again"), card.alone():
        pass
