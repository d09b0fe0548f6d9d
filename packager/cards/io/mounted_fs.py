"""MountedFS: the CardFS of a mounted card, or of a folder that is used as one."""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property, lru_cache
from pathlib import Path
from threading import Thread

from packager.base.errors import CardRefusedError
from packager.base.formats import safe_relative_path, sha256_bytes
from packager.base.i18n.language import _
from packager.cards.filesystem import READ_SIZE, SLOT_SIZE, DirEntry, DirEntryKind, EntryFacts, always
from packager.cards.io.os_errors import card_failures
from packager.cards.plan.state_slots import CARD_FOLDER
from packager.cards.platform.boot_sector import root_slots_on
from packager.cards.platform.dirty_mark import is_marked_dirty
from packager.cards.platform.entry_facts import even_if_read_only, read_facts, show
from packager.cards.platform.repair_commands import check_command
from packager.cards.platform.volumes import Volume

_BINARY = getattr(os, "O_BINARY", 0)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_F_FULLFSYNC = 51  # <sys/fcntl.h> of macOS; Python's fcntl has it there only
_F_NOCACHE = 48


class MountedFS:
    """A folder of this computer as a card. Only FAT volumes have `keeps_order`."""

    def __init__(self, root: Path, *, keeps_order: bool, read_only: bool = False, volume: Volume | None = None) -> None:
        self.root = root
        self.read_only = read_only
        self._volume = volume
        self._keeps_order = keeps_order
        self._unsettled: set[str] = set()
        self._had_barrier = False
        self._is_settled = False
        self._closing: dict[str, Thread] = {}

    @property
    def keeps_order(self) -> bool:
        """Whether this is a FAT volume."""
        return self._keeps_order

    @property
    def fills_tail_first(self) -> bool:
        """True on Windows: its driver uses holes only when the folder's last cluster is full."""
        return sys.platform == "win32"

    @cached_property
    def root_slots(self) -> int | None:
        """Those of FAT12 and FAT16, by the boot sector where it can be read."""
        clusters = _disk_usage(self.root)[0] // self.allocation_unit
        device = self._volume.device if self._volume is not None else ""
        return (root_slots_on(device, clusters) if self._keeps_order else 0) or None

    @property
    def reads_past_cache(self) -> bool:
        """True on Linux, where `posix_fadvise` drops cached pages."""
        return sys.platform == "linux"

    @property
    def allocation_unit(self) -> int:
        """The allocation unit in bytes; 4096 if the system does not tell."""
        if sys.platform == "win32":
            return _windows_allocation_unit(self.root)
        return os.statvfs(self.root).f_frsize

    @property
    def check_command(self) -> str:
        """Of this system, for this volume."""
        return "" if self._volume is None else check_command(self._volume, sys.platform)

    @property
    def is_marked_dirty(self) -> bool:
        """By the allocation table on Linux, by the driver on Windows."""
        return self._volume is not None and is_marked_dirty(self._volume.device)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Lock the card against other loads of this computer until the block or the process ends. All files on
        the card are closed then."""
        with card_failures(str(self.root), begun=False):
            handle = _lock_place(self.root)
        try:
            _lock(handle, self.root)
            try:
                yield
            finally:
                for path in tuple(self._closing):
                    self._wait_until_closed(path)
        finally:
            os.close(handle)

    def free_space(self) -> int:
        """Bytes free for this user."""
        return _disk_usage(self.root)[2]

    def used_space(self) -> int | None:
        """Bytes that are not free, on a FAT volume."""
        total, _used, free = _disk_usage(self.root)
        return total - free if self._keeps_order else None

    def facts_of(self, path: str) -> EntryFacts:
        """What the system shows of a file or folder on a FAT volume."""
        return read_facts(f"{self.root}{os.sep}{safe_relative_path(path)}") if self._keeps_order else EntryFacts()

    def show(self, path: str) -> None:
        """Remove the attributes "hidden" and "system"."""
        self._is_settled = False
        show(self._inside(path))

    def scan(self, folder: str) -> tuple[DirEntry, ...]:
        """The entries of a folder in the order of the system: on FAT, directory order."""
        with os.scandir(self._inside(folder) if folder else self._same_root()) as found:
            return tuple(_entry(item) for item in found)

    def read(self, path: str) -> Iterator[bytes]:
        """The content of a file. It is flushed first, since dirty pages are not dropped from the cache."""
        handle = os.open(self._inside(path), os.O_RDONLY | _BINARY | _NO_FOLLOW)
        with os.fdopen(handle, "rb", buffering=0) as stream:
            if sys.platform == "linux":
                # After a barrier only later writes can be unsettled. Our own small files are settled when they are
                # written; a flush for each would take much of the time of a weekly update.
                if path in self._unsettled or not (self._had_barrier or path.startswith(f"{CARD_FOLDER}/")):
                    os.fsync(handle)
                os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            elif sys.platform == "darwin":
                import fcntl

                fcntl.fcntl(handle, _F_NOCACHE, 1)
            while piece := stream.read(READ_SIZE):
                yield piece

    def make_folder(self, path: str) -> None:
        """Make a folder."""
        self._is_settled = False
        self._inside(path).mkdir()

    def create(
        self,
        path: str,
        pieces: Iterable[bytes],
        *,
        modified: float | None = None,
        is_placed: Callable[[], bool] = always,
    ) -> bool:
        """Write a new file. Raises FileExistsError if the name is taken, even by a dangling link."""
        place, rest = self._inside(path), iter(pieces)
        first = next(rest, None)
        # An empty file need not be open for writing, which would make closing slow.
        access = os.O_RDONLY if first is None else os.O_WRONLY
        self._is_settled = False
        handle = os.open(place, access | os.O_CREAT | os.O_EXCL | _BINARY | _NO_FOLLOW, 0o666)
        self._unsettled.add(path)
        if not is_placed():
            self._close_written(path, handle)
            self.delete(path)
            return False
        if first is None:
            os.close(handle)
            return True
        try:
            _write(handle, first)
            for piece in rest:
                _write(handle, piece)
            if modified is not None and os.utime in os.supports_fd:
                os.utime(handle, (modified, modified))
        finally:
            self._close_written(path, handle)
        if modified is not None and os.utime not in os.supports_fd:
            os.utime(place, (modified, modified))
        return True

    def delete(self, path: str) -> None:
        """Delete a file or an empty folder. Anything else, such as a symbolic link, is refused."""
        self._is_settled = False
        # The clusters of an open file are freed only when it is closed, perhaps after the barrier.
        self._wait_until_closed(path)
        place = self._inside(path)
        mode = place.lstat().st_mode
        if stat.S_ISDIR(mode):
            even_if_read_only(place, place.rmdir)
        elif stat.S_ISREG(mode):
            even_if_read_only(place, place.unlink)
        else:
            raise OSError(errno.EINVAL, "neither a file nor a folder", str(place))
        self._unsettled.discard(path)

    def barrier(self) -> None:
        """Settle everything: `syncfs` on Linux, F_FULLFSYNC on macOS, a flush of every written file on Windows.

        Windows can't flush a folder without administrator rights, so this is the strongest barrier there. Without
        any operation since the last barrier, it does nothing.
        """
        if self._is_settled:
            return
        root = self._same_root()
        if sys.platform == "linux":
            _syncfs(root)
        else:
            for path in sorted(self._unsettled):
                _flush_file(self._inside(path))
            if sys.platform == "darwin":
                _flush_file(self.root)
        self._unsettled.clear()
        self._had_barrier = self._is_settled = True

    def overwrite_slot(self, path: str, data: bytes) -> None:
        """Write a state slot in place."""
        if len(data) != SLOT_SIZE:
            raise ValueError(f"a slot has {SLOT_SIZE} bytes, not {len(data)}")
        place = self._inside(path)
        if not stat.S_ISREG(place.lstat().st_mode):  # opening a pipe would block
            raise OSError(errno.EINVAL, "not a state slot", path)
        handle = even_if_read_only(place, lambda: os.open(place, os.O_WRONLY | _BINARY | _NO_FOLLOW))
        try:
            # A second hard link could be somebody's copy; FAT has no hard links.
            if os.fstat(handle).st_size != SLOT_SIZE or os.fstat(handle).st_nlink > 1:
                raise OSError(errno.EINVAL, "not a state slot", path)
            self._is_settled = False
            _write(handle, data)
        finally:
            self._close_written(path, handle)
        self._unsettled.add(path)

    def _close_written(self, path: str, handle: int) -> None:
        """Close a written file, in a thread where closing is slow.

        With the mount option `flush`, which desktops set, the driver sleeps for a tenth of a second in each close
        (`fat_file_release` in the kernel's fs/fat/file.c): ten seconds for a hundred tracks. The barrier settles
        the file whether it is closed or not, and closing reports no error there.
        """
        if not self._sleeps_at_close:
            os.close(handle)
            return
        self._wait_until_closed(path)
        self._closing = {other: thread for other, thread in self._closing.items() if thread.is_alive()}
        closing = self._closing[path] = Thread(target=_close, args=(handle,))
        try:
            closing.start()
        except RuntimeError:  # the system has no thread to give
            _close(handle)

    @cached_property
    def _sleeps_at_close(self) -> bool:
        return sys.platform == "linux" and self._keeps_order and _is_mounted_with_flush(self.root)

    def _wait_until_closed(self, path: str) -> None:
        closing = self._closing.pop(path, None)
        if closing is not None and closing.is_alive():
            closing.join()

    @cached_property
    def _stood_first(self) -> tuple[int, int]:
        return mount_id(self.root)

    def _same_root(self) -> Path:
        """The root. Raises OSError (ENODEV) if another card is mounted there since the first look, so that nothing
        is written on the wrong card."""
        first = self._stood_first
        if mount_id(self.root) != first:
            raise OSError(errno.ENODEV, "another card is mounted there", str(self.root))
        return self.root

    def _inside(self, path: str) -> Path:
        """The absolute path of `path`, checked: same card, and no symbolic link on the way."""
        root = self._same_root()
        safe_relative_path(path)
        end = path.find("/")
        while end > 0:
            parent = f"{root}{os.sep}{path[:end]}"
            if os.path.islink(parent):  # noqa: PTH114 (the hot path of a visit)
                raise CardRefusedError(
                    _("{path} is a symbolic link; a card has none. Remove it and try again.").format(path=parent)
                )
            end = path.find("/", end + 1)
        return root / path


def _disk_usage(root: Path) -> tuple[int, int, int]:
    """The total, used and free bytes."""
    import shutil  # not needed for what only reads

    return shutil.disk_usage(root)


def mount_id(root: Path) -> tuple[int, int]:
    """An id of the file system mounted at `root`, different for another card. Raises OSError."""
    found = os.stat(root)  # noqa: PTH116 (the hot path of a visit)
    return found.st_dev, found.st_ino


def _entry(item: os.DirEntry[str]) -> DirEntry:
    if item.is_file(follow_symlinks=False):
        return DirEntry(item.name, item.stat(follow_symlinks=False).st_size, DirEntryKind.FILE)
    if item.is_dir(follow_symlinks=False):
        return DirEntry(item.name, 0, DirEntryKind.FOLDER)
    return DirEntry(item.name, 0, DirEntryKind.OTHER)


def _lock_place(root: Path) -> int:
    """A handle to lock: the card's root, so nothing is written on it. Windows can't lock a folder: there it is a
    temporary file."""
    if sys.platform != "win32":
        return os.open(root, os.O_RDONLY)
    import tempfile

    name = sha256_bytes(str(root).casefold().encode("utf-8", "surrogatepass"))[:32]
    return os.open(Path(tempfile.gettempdir()) / f"packager-{name}.lock", os.O_RDWR | os.O_CREAT)


def _lock(handle: int, root: Path) -> None:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        # A file system without locks (ENOTSUP, ENOLCK) is loaded without one.
        if error.errno in (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLOCK):
            raise CardRefusedError(
                _("another load is writing on {card}; wait until it has ended, then run this again").format(card=root)
            ) from error


def _write(handle: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _is_mounted_with_flush(root: Path) -> bool:
    """Whether the file system of `root` is mounted with `flush`, by /proc/self/mountinfo (proc(5))."""
    try:
        device = root.stat().st_dev
        lines = Path("/proc/self/mountinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        return False
    number = f"{os.major(device)}:{os.minor(device)}"
    found = (fields for line in lines if len(fields := line.split()) > 2 and fields[2] == number)
    return any("flush" in fields[-1].split(",") for fields in found)


def _close(handle: int) -> None:
    with suppress(OSError):  # the barrier reports write errors
        os.close(handle)


@lru_cache
def _c_library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _syncfs(root: Path) -> None:
    library = _c_library()
    if not hasattr(library, "syncfs"):
        os.sync()
        return
    handle = os.open(root, os.O_RDONLY)
    try:
        if library.syncfs(handle) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(root))
    finally:
        os.close(handle)


def _flush_file(place: Path) -> None:
    handle = os.open(place, os.O_RDONLY if place.is_dir() else os.O_RDWR | _BINARY)
    try:
        if sys.platform == "darwin":
            import fcntl

            fcntl.fcntl(handle, _F_FULLFSYNC)
        else:
            os.fsync(handle)
    finally:
        os.close(handle)


def _windows_allocation_unit(root: Path) -> int:
    sectors, sector_bytes, free, total = (ctypes.c_ulong() for _each in range(4))
    windows = getattr(ctypes, "windll", None)
    if windows is None or not windows.kernel32.GetDiskFreeSpaceW(
        str(root.anchor), *(ctypes.byref(value) for value in (sectors, sector_bytes, free, total))
    ):
        return 4096
    return sectors.value * sector_bytes.value
