"""The real medium: four operations and a slot, each refusing what it must not do."""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from card_kit import folder_card

from packager.base.errors import CardFailedError, CardRefusedError, InputError
from packager.cards.filesystem import PIECE_SIZE, SLOT_SIZE, DirEntryKind
from packager.cards.io import mounted_fs
from packager.cards.io.mounted_fs import MountedFS


@pytest.fixture
def card(tmp_path):
    return folder_card(tmp_path / "card")


def test_a_file_is_created_in_pieces_and_read_back(card) -> None:
    data = os.urandom(2 * PIECE_SIZE + 5)
    card.create("a.mp3", (data[:10], b"", data[10:]))
    card.barrier()
    assert b"".join(card.read("a.mp3")) == data
    assert card.scan("") == (type(card.scan("")[0])("a.mp3", len(data), DirEntryKind.FILE),)


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
    for work in (lambda: card.create("01/b", (b"x",)), lambda: card.delete("01/a"), lambda: list(card.read("01/a"))):
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


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_in_the_place_of_a_slot_is_not_waited_for(card) -> None:
    os.mkfifo(card.root / "state.a")
    with pytest.raises(OSError, match="not a state slot"):
        card.overwrite_slot("state.a", b"x" * SLOT_SIZE)


def test_a_slot_with_a_second_name_is_not_written_through(card, tmp_path) -> None:
    copy = tmp_path / "copy"
    copy.write_bytes(bytes(SLOT_SIZE))
    (card.root / "state.a").hardlink_to(copy)
    with pytest.raises(OSError, match="not a state slot"):
        card.overwrite_slot("state.a", b"x" * SLOT_SIZE)
    assert copy.read_bytes() == bytes(SLOT_SIZE)


def test_one_load_at_a_time_is_let_on_a_card(card) -> None:
    with (
        card.exclusive(),
        pytest.raises(CardRefusedError, match="another load"),
        MountedFS(card.root, keeps_order=False).exclusive(),
    ):
        pass
    with card.exclusive():  # the lock went with the block
        pass


def test_a_card_that_is_gone_can_not_be_locked(card) -> None:
    card.root.rmdir()
    with pytest.raises(CardFailedError, match="insert it again"), card.exclusive():
        pass


def test_another_card_at_the_same_mount_point_is_not_changed(card) -> None:
    card.create("song.mp3", [b"ours"])
    card.make_folder("01")
    card.root.rename(card.root.with_name("pulled"))
    other = folder_card(card.root)
    other.create("song.mp3", [b"theirs"])
    for act in (
        lambda: card.create("new.mp3", [b"x"]),
        lambda: card.make_folder("02"),
        lambda: card.delete("song.mp3"),
        lambda: list(card.read("song.mp3")),
        lambda: card.scan(""),
        card.barrier,
    ):
        with pytest.raises(OSError, match="another card"):
            act()
    assert [entry.name for entry in other.scan("")] == ["song.mp3"]
    assert b"".join(other.read("song.mp3")) == b"theirs"


def test_a_source_that_fails_at_once_leaves_nothing_on_the_card(card) -> None:
    def broken():
        raise CardFailedError("the source is gone")
        yield b""

    with pytest.raises(CardFailedError, match="gone"):
        card.create("a.mp3", broken())
    assert card.scan("") == ()


@pytest.fixture
def closes_slowly(tmp_path, monkeypatch):
    """A card that takes its time to close what was written, as FAT with the mount option `flush` does."""

    def close(handle: int) -> None:
        time.sleep(SECONDS_TO_CLOSE)
        os.close(handle)

    monkeypatch.setattr(mounted_fs, "_close", close)
    monkeypatch.setattr(mounted_fs, "_is_mounted_with_flush", lambda _root: True)
    (tmp_path / "card").mkdir()
    return MountedFS(tmp_path / "card", keeps_order=True)


SECONDS_TO_CLOSE = 0.5
only_linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems close at once")


def open_files(fs: MountedFS) -> set[str]:
    """The files on the card that this process has open."""
    names = set()
    for handle in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            target = handle.readlink()
            if target.is_relative_to(fs.root):
                names.add(str(target.relative_to(fs.root)))
    return names


@only_linux
def test_a_load_goes_on_while_the_driver_closes_what_was_written(closes_slowly) -> None:
    with closes_slowly.exclusive():
        began = time.monotonic()
        for name in ("a", "b", "c", "d"):
            closes_slowly.create(name, (name.encode() * SLOT_SIZE,))
            closes_slowly.barrier()
            assert b"".join(closes_slowly.read(name)) == name.encode() * SLOT_SIZE
        closes_slowly.overwrite_slot("d", b"x" * SLOT_SIZE)  # once its first close has ended
        assert time.monotonic() - began < 3 * SECONDS_TO_CLOSE
        assert open_files(closes_slowly)
    assert open_files(closes_slowly) == set(), "the card may be unmounted"
    assert (closes_slowly.root / "d").read_bytes() == b"x" * SLOT_SIZE


@only_linux
def test_a_file_that_is_deleted_was_closed_before_so_that_its_space_is_free_at_the_barrier(closes_slowly) -> None:
    closes_slowly.create("a", (b"x",))
    closes_slowly.create("b", (b"x",))
    closes_slowly.delete("a")
    assert open_files(closes_slowly) <= {"b"}
    with closes_slowly.exclusive():
        pass
    assert open_files(closes_slowly) == set()


@only_linux
def test_an_empty_file_is_closed_at_once(closes_slowly) -> None:
    began = time.monotonic()
    closes_slowly.create("90000000.plg", ())
    closes_slowly.delete("90000000.plg")
    assert time.monotonic() - began < SECONDS_TO_CLOSE
    assert closes_slowly.scan("") == ()


@only_linux
def test_without_a_free_thread_a_file_is_closed_directly(closes_slowly, monkeypatch) -> None:
    def refuse(_thread: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(mounted_fs.Thread, "start", refuse)
    with closes_slowly.exclusive():
        closes_slowly.create("a", (b"x",))
        closes_slowly.delete("a")
    assert open_files(closes_slowly) == set()


def test_only_on_mounts_with_the_option_flush_are_files_closed_in_a_thread(card, monkeypatch) -> None:
    def start(_thread: object) -> None:
        pytest.fail("closed by a thread")

    monkeypatch.setattr(mounted_fs.Thread, "start", start)
    here = MountedFS(card.root, keeps_order=True)
    here.create("a", (b"x",))
    here.delete("a")
    assert here.scan("") == ()


# ── What is settled when ──


@pytest.fixture
def calls(monkeypatch) -> list[str]:
    """The calls that settle data or drop it from the cache."""
    made: list[str] = []
    sync, drop = os.fsync, os.posix_fadvise
    settle = mounted_fs._syncfs
    monkeypatch.setattr(os, "fsync", lambda handle: (made.append("flush"), sync(handle))[1])
    monkeypatch.setattr(os, "posix_fadvise", lambda *given: (made.append("drop"), drop(*given))[1])
    monkeypatch.setattr(mounted_fs, "_syncfs", lambda root: (made.append("settle"), settle(root))[1])
    return made


@only_linux
def test_a_file_is_flushed_and_dropped_from_the_cache_before_it_is_read_unless_it_is_settled(card, calls) -> None:
    card.create("a", (b"x",))
    assert b"".join(card.read("a")) == b"x"
    assert calls == ["flush", "drop"]
    card.barrier()
    calls.clear()
    assert b"".join(card.read("a")) == b"x"
    assert calls == ["drop"]
    card.create("b", (b"y",))
    calls.clear()
    assert b"".join((*card.read("b"), *card.read("a"))) == b"yx"
    assert calls == ["flush", "drop", "drop"]
    card.delete("b")
    (card.root / "b").write_bytes(b"z")
    calls.clear()
    assert b"".join(card.read("b")) == b"z"
    assert calls == ["drop"]


@only_linux
def test_our_own_small_files_are_flushed_only_if_this_load_wrote_them(card, calls) -> None:
    card.make_folder(".packager")
    (card.root / ".packager/card.json").write_bytes(b"{}")
    list(card.read(".packager/card.json"))
    assert calls == ["drop"]
    card.create(".packager/state.a", (bytes(SLOT_SIZE),))
    card.barrier()
    card.overwrite_slot(".packager/state.a", b"x" * SLOT_SIZE)
    calls.clear()
    list(card.read(".packager/state.a"))
    assert calls == ["flush", "drop"]


@only_linux
def test_one_barrier_syncs_everything_before_it(card, calls) -> None:
    card.barrier()
    assert calls == ["settle"], "what was done before this program began is not known"
    card.barrier()
    assert calls == ["settle"]
    operations = (
        lambda: card.make_folder("f"),
        lambda: card.create("s", (bytes(SLOT_SIZE),)),
        lambda: card.create("empty", ()),
        lambda: card.overwrite_slot("s", b"x" * SLOT_SIZE),
        lambda: card.delete("s"),
        lambda: card.delete("f"),
    )
    for number, operation in enumerate(operations, start=2):
        operation()
        card.barrier()
        card.barrier()
        assert calls == ["settle"] * number


@only_linux
def test_a_failed_operation_is_synced_too(card, calls) -> None:
    card.barrier()
    card.create("a", (b"x",))
    card.barrier()
    with pytest.raises(FileExistsError):
        card.create("a", (b"x",))
    card.barrier()
    with pytest.raises(FileNotFoundError):
        card.delete("b")
    card.barrier()
    assert calls == ["settle"] * 4


@only_linux
def test_a_failed_sync_is_an_error(card, monkeypatch) -> None:
    class Library:
        def syncfs(self, _handle: int) -> int:
            return -1

    monkeypatch.setattr(mounted_fs, "_c_library", Library)
    card.create("a", (b"x",))
    with pytest.raises(OSError, match=str(card.root)):
        card.barrier()


def test_kinds_of_entries_are_told_without_following_links(card, tmp_path) -> None:
    (card.root / "f").mkdir()
    (card.root / "a").write_bytes(b"xyz")
    (card.root / "to_file").symlink_to(card.root / "a")
    (card.root / "to_folder").symlink_to(card.root / "f")
    os.mkfifo(card.root / "pipe")
    found = {entry.name: (entry.size, entry.kind) for entry in card.scan("")}
    other = (0, DirEntryKind.OTHER)
    assert found == {
        "f": (0, DirEntryKind.FOLDER),
        "a": (3, DirEntryKind.FILE),
        "to_file": other,
        "to_folder": other,
        "pipe": other,
    }
    with pytest.raises(OSError, match="neither a file nor a folder"):
        card.delete("to_file")


@pytest.mark.parametrize("size", [0, SLOT_SIZE - 1, SLOT_SIZE + 1])
def test_only_a_whole_slot_is_written_over_a_whole_slot(card, size: int) -> None:
    card.create("s", (bytes(size),) if size else ())
    with pytest.raises(OSError, match="not a state slot"):
        card.overwrite_slot("s", b"x" * SLOT_SIZE)
    with pytest.raises(ValueError, match=str(size)):
        card.overwrite_slot("s", b"x" * size)
    assert (card.root / "s").read_bytes() == bytes(size)


@contextmanager
def as_nobody(folder: Path) -> Iterator[None]:
    """Without the rights of root, whom no attribute stops, but as the owner of `folder` and all in it."""
    if os.geteuid() != 0:
        yield
        return
    for place in (folder, *folder.rglob("*")):
        os.chown(place, 65534, 65534)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_slot_and_a_track_with_the_attribute_read_only_are_written_and_deleted() -> None:
    with tempfile.TemporaryDirectory(prefix="card-") as folder:  # that every user can reach
        card = folder_card(Path(folder))
        card.create("slot", (bytes(SLOT_SIZE),))
        card.create("a.mp3", (b"one",))
        for path in ("slot", "a.mp3"):
            (card.root / path).chmod(0o444)
        with as_nobody(card.root):
            card.overwrite_slot("slot", b"x" * SLOT_SIZE)
            card.delete("a.mp3")
            card.barrier()
        assert (card.root / "slot").read_bytes() == b"x" * SLOT_SIZE
        assert [entry.name for entry in card.scan("")] == ["slot"]
