"""OS junk: find and remove files that computers leave on a card, by name *and* content.

A name alone is not enough, since a listener may give a file any name. The Trash of a Mac may hold files that
somebody wants back, so it is removed only when it is empty. Windows creates `System Volume Information` again
each time, so it is left alone.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from packager.base.errors import CardRefusedError, InputError
from packager.base.formats import safe_relative_path
from packager.base.i18n.language import _, reason_of
from packager.cards.filesystem import CardFS, DirEntry, DirEntryKind
from packager.cards.io.card import Card
from packager.cards.io.os_errors import card_failures
from packager.cards.plan.foreign import is_audio
from packager.cards.plan.snapshot import CardSnapshot

_HEAD = 8192  # bytes: enough for every mark
_MOST_SETTINGS = 64 * 1024  # bytes
_APPLE_DOUBLE = struct.Struct(">II16xH")
_APPLE_ENTRY = struct.Struct(">III")
_APPLE_IDS = frozenset(range(2, 16))  # 1 would be the file's own data, which such a file never has
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_DS_STORE = b"\x00\x00\x00\x01Bud1"
_INI = re.compile(
    r"\s*(?:;[^\n]*\s*)*\[(?:\.ShellClassInfo|ViewState|LocalizedFileNames|DeleteOnCopy)\]", re.IGNORECASE
)
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_EVENT_LOG = re.compile(r"[0-9a-f]{16}")
_SPOTLIGHT_LISTS = ("VolumeConfiguration.plist", "VolumeConfig.plist")


@dataclass(frozen=True)
class OsJunk:
    """OS junk on a card: paths in the order of removal, and files that only look like junk, with the reason."""

    files: tuple[str, ...]
    folders: tuple[str, ...]  # the deepest first; empty once the files are gone
    kept: tuple[tuple[str, str], ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """All paths to remove."""
        return self.files + self.folders


NO_OS_JUNK = OsJunk((), ())


def find_os_junk(fs: CardFS, snapshot: CardSnapshot) -> OsJunk:
    """Find OS junk. Reads the beginning of files with such names; writes nothing."""
    files: list[str] = []
    folders: list[str] = []
    kept: list[tuple[str, str]] = []
    special = {name for name in _FOLDERS if _is_folder(snapshot, name)}
    for folder in sorted(special):
        inside = [path for path in snapshot.entries if path.startswith(folder + "/")]
        if _FOLDERS[folder](fs, snapshot, folder, inside):
            own = [path for path in inside if snapshot.entries[path].kind is DirEntryKind.FOLDER]
            files += sorted(set(inside) - set(own))
            folders += [*sorted(own, key=lambda path: (-path.count("/"), path)), folder]
        else:
            kept.append((folder, _("it contains a file that no operating system is known to leave")))
    ours = {file.path for manifest in snapshot.manifests.values() for file in manifest.files}
    for path, entry in snapshot.entries.items():
        if path.partition("/")[0] in special or path in ours or entry.kind is not DirEntryKind.FILE:
            continue
        if _check_of(entry.name) is not None:
            reason = _reason_to_keep(fs, snapshot, path, entry)
            if reason:
                kept.append((path, reason))
            else:
                files.append(path)
    return OsJunk(tuple(files), tuple(folders), tuple(kept))


def remove_os_junk(card: Card, os_junk: OsJunk) -> OsJunk:
    """Delete OS junk, files before folders; returns what was deleted and what was kept.

    A file that can't be deleted is kept, with the system's reason. The caller holds the card's lock. Raises
    CardFailedError when the card itself fails.
    """
    if card.read_only:
        raise CardRefusedError(_("{card} can't be written; nothing was removed").format(card=card.name))
    kept = list(os_junk.kept)
    with card_failures(card.name, begun=False):
        files = tuple(_deleted(card.fs, os_junk.files, kept))
        card.fs.barrier()
        folders = tuple(_deleted(card.fs, os_junk.folders, kept))
        card.fs.barrier()
    return OsJunk(files, folders, tuple(kept))


def _deleted(fs: CardFS, paths: Sequence[str], kept: list[tuple[str, str]]) -> Iterator[str]:
    for path in paths:
        try:
            fs.delete(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            kept.append((path, reason_of(error)))
        else:
            yield path


def _check_of(name: str) -> Callable[[bytes, int], bool] | None:
    """The content check for a file with the name of OS junk; None for any other name."""
    if name.startswith("._") and len(name) > 2:
        return _is_apple_double
    if name == ".DS_Store":
        return _is_ds_store
    return _WINDOWS.get(name.casefold())


def _reason_to_keep(fs: CardFS, snapshot: CardSnapshot, path: str, entry: DirEntry) -> str:
    """Why a file with the name of OS junk is kept; empty if it is junk."""
    folder, _slash, name = path.rpartition("/")
    if name.startswith("._"):
        beside = f"{folder}/{name[2:]}" if folder else name[2:]
        if beside not in snapshot.entries:
            return _("its main file is missing")
    is_os_junk = _check_of(name)
    if is_os_junk is None or not is_os_junk(_head(fs, path), entry.size):
        return _("its content is not that of such a file")
    return ""


def _head(fs: CardFS, path: str) -> bytes:
    """The first bytes of a file; empty if it can't be read or its path is not safe."""
    data = b""
    try:
        safe_relative_path(path)
        for piece in fs.read(path):
            data += piece
            if len(data) >= _HEAD:
                break
    except (OSError, InputError):
        return b""
    return data[:_HEAD]


def _is_apple_double(head: bytes, size: int) -> bool:
    """Whether this is an AppleDouble header: a Mac's metadata of the file beside it. Source: RFC 1740, appendix B."""
    if len(head) < _APPLE_DOUBLE.size:
        return False
    magic, version, count = _APPLE_DOUBLE.unpack_from(head)
    table = _APPLE_DOUBLE.size + count * _APPLE_ENTRY.size
    if magic != 0x00051607 or version != 0x00020000 or not 0 < count < 16 or table > len(head):
        return False
    entries = [_APPLE_ENTRY.unpack_from(head, _APPLE_DOUBLE.size + n * _APPLE_ENTRY.size) for n in range(count)]
    return all(kind in _APPLE_IDS and offset >= table and offset + length <= size for kind, offset, length in entries)


def _is_ds_store(head: bytes, _size: int) -> bool:
    return head.startswith(_DS_STORE)


def _is_thumbs(head: bytes, _size: int) -> bool:
    return head.startswith(_OLE)


def _is_folder_settings(head: bytes, size: int) -> bool:
    if size > _MOST_SETTINGS:
        return False
    is_wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    return _INI.match(head.decode("utf-16" if is_wide else "latin-1", "replace").lstrip("\ufeffï»¿")) is not None


def _is_folder(snapshot: CardSnapshot, path: str) -> bool:
    entry = snapshot.entries.get(path)
    return entry is not None and entry.kind is DirEntryKind.FOLDER


def _is_empty_trash(fs: CardFS, snapshot: CardSnapshot, folder: str, inside: Sequence[str]) -> bool:
    """Whether the Trash of a Mac holds only an empty folder per user and `.DS_Store` files."""
    return all(
        snapshot.entries[path].kind is DirEntryKind.FOLDER
        or (path.endswith("/.DS_Store") and _is_ds_store(_head(fs, path), snapshot.entries[path].size))
        for path in inside
    ) and all(path.count("/") <= 2 for path in inside)


def _is_event_log(fs: CardFS, snapshot: CardSnapshot, folder: str, inside: Sequence[str]) -> bool:
    """Whether a folder holds only the event log of a Mac."""
    for path in inside:
        name, entry = path.removeprefix(folder + "/"), snapshot.entries[path]
        head = _head(fs, path) if entry.kind is DirEntryKind.FILE else b""
        if entry.kind is not DirEntryKind.FILE:
            return False
        is_log = _EVENT_LOG.fullmatch(name) is not None and head.startswith(b"\x1f\x8b")
        is_id = name == "fseventsd-uuid" and _UUID.fullmatch(head.decode("ascii", "replace").strip()) is not None
        if not (is_log or is_id or (name == "no_log" and entry.size == 0)):
            return False
    return True


def _is_search_index(fs: CardFS, snapshot: CardSnapshot, folder: str, inside: Sequence[str]) -> bool:
    """Whether a folder has the structure of a Spotlight index (a list, and stores by UUID) and no audio."""
    for path in inside:
        parts, entry = path.removeprefix(folder + "/").split("/"), snapshot.entries[path]
        if entry.kind is DirEntryKind.OTHER or is_audio(parts[-1]):
            return False
        if len(parts) == 1 and entry.kind is DirEntryKind.FILE:
            if parts[0] not in _SPOTLIGHT_LISTS or not _head(fs, path).startswith((b"<?xml", b"bplist00")):
                return False
        elif parts[0] not in ("Store-V1", "Store-V2") or not all(map(_UUID.fullmatch, parts[1:2])):
            return False
    return True


_WINDOWS = {"thumbs.db": _is_thumbs, "desktop.ini": _is_folder_settings}
_FOLDERS = {".Trashes": _is_empty_trash, ".fseventsd": _is_event_log, ".Spotlight-V100": _is_search_index}
