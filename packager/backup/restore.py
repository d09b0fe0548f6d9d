"""Restore: a workspace from its backup, fully checked before anything is written or replaced."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import shutil
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from packager.backup.backup import BUILT, CONTENTS, FILES, FOLDERS, FORMAT, KIND, REGISTRY, SIGNATURE, Progress
from packager.base.errors import InputError, StorageError
from packager.base.formats import safe_relative_path, sha256_file
from packager.base.i18n.language import _, reason_of
from packager.base.workspace import SETTINGS_FILE, open_workspace
from packager.registry.database import OWN_IDENTITY, Registry, open_registry
from packager.registry.number_blocks import MAX_NUMBER, Reservation, read_blocks, reserve, take_back_registry
from packager.registry.own_settings import write_setting
from packager.sync.exchange import import_file
from packager.sync.merge import Merged
from packager.sync.vouching import require_sender
from packager.trust.chain import TrustChain, require_fingerprint
from packager.trust.errors import TrustError
from packager.trust.minisign import MAX_SIGNATURE_TEXT, digest_of
from packager.trust.store import TRUST_FOLDER, TrustMode, TrustStore, read_chain, write_chain

if TYPE_CHECKING:
    from sqlalchemy import Connection

_MAX_CONTENTS = 64 * 1024 * 1024  # bytes
_MAX_FILES = 1_000_000
_MAX_SIZE = 2**60  # bytes of one file
_PIECE = 1024 * 1024
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BLOCK = 100  # numbers reserved for a copy
_APART = 1000  # a copy's block begins at a multiple of this, at least half of it above all numbers
_SHOWN = 8
_LOCK = ".lock"  # in the folder being unpacked into; no member has this name
_PARTIAL = re.compile(r"\.restore-[0-9a-f]{8}\.part")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_IDENTITY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class _BackupMember:
    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class _Contents:
    handover: bool
    registry: str
    members: tuple[_BackupMember, ...]
    data: bytes = b""  # of contents.json
    signature: str = ""  # of that, unverified; empty: none


@dataclass(frozen=True)
class Restored:
    """What was restored. `takes_over`: the registry continues as the one in the backup.

    `merged` is None where the workspace keeps its registry elsewhere, which was not changed; `block` is the
    block reserved for a copy. `sender` is the name of who signed the backup, and `warning` why no signature counts.
    `trust_version` is that of trust files which came with it and hold from now on, 0: none. `left_aside`: it has
    trust files which nobody compared, so they were not restored.
    """

    files: int
    takes_over: bool
    merged: Merged | None
    block: Reservation | None
    sender: str = ""
    warning: str = ""
    trust_version: int = 0
    left_aside: bool = False


@dataclass(frozen=True)
class _Judged:
    """The trust files that hold in the folder, what they say of the backup, and new ones to write there."""

    trust: TrustStore
    sender: str = ""
    warning: str = ""
    adopted: TrustChain | None = None
    left_aside: bool = False


@dataclass(frozen=True)
class RestoreOptions:
    """How a backup is restored; by default as carefully as possible."""

    original_is_gone: bool = False
    overwrite: bool = False
    unsigned: bool = False  # the volunteer knows where the backup comes from
    fingerprint: str = ""  # of the office's trust files, as it was read to the volunteer


CAREFULLY = RestoreOptions()


def restore(
    file: Path, root: Path, options: RestoreOptions = CAREFULLY, *, progress: Progress = lambda _bytes: None
) -> Restored:
    """Restore the backup `file` into the folder `root`; a registry in `root` merges the one in the backup.

    With `original_is_gone`, and after a handover, the registry continues as the one in the backup. Raises
    InputError, with nothing changed, for a file that is damaged or no backup, and for files that differ from
    those in `root` unless `overwrite`; TrustError where trust is required and no allowed key signed the backup. Newer
    trust files are taken over in any case, for they prove themselves.
    """
    with _opened(file) as archive:
        contents = _contents(archive, file)
        try:
            root.mkdir(parents=True, exist_ok=True)
            with _aside(root) as aside:
                _require_room(root, contents)
                _extract(archive, contents, aside, file, progress)
                judged = _judged(contents, aside, root, options, str(file))
                done = _put_in_place(contents, aside, root, options, judged)
        except OSError as error:
            raise StorageError(
                _("{path} can't be written: {reason}").format(path=error.filename or root, reason=reason_of(error))
            ) from error
    version = judged.adopted.last.version if judged.adopted is not None else 0
    return replace(
        done, sender=judged.sender, warning=judged.warning, trust_version=version, left_aside=judged.left_aside
    )


def _judged(contents: _Contents, aside: Path, root: Path, options: RestoreOptions, source: str) -> _Judged:
    """What holds in `root`, and who signed the backup. Raises TrustError.

    The trust files in a backup are its sender's own word. Only the fingerprint says that they are the office's; then
    the backup must be signed, whatever its settings say.
    """
    settings = root if (root / SETTINGS_FILE).is_file() else aside
    mode = open_workspace(settings).settings.trust if (settings / SETTINGS_FILE).is_file() else TrustMode.OFF.value
    trust, offered = TrustStore(root / TRUST_FOLDER, TrustMode(mode)), read_chain(aside / TRUST_FOLDER)
    if options.fingerprint:
        if offered is None:
            raise TrustError(
                _("{path} carries no trust files; give an archive, export or backup of the office").format(path=source)
            )
        require_fingerprint(offered, options.fingerprint, source)
        trust = replace(trust, mode=TrustMode.REQUIRED)
    adopted, judge = None, trust
    if trust.chain is None:
        if settings is root and trust.is_required and not (options.fingerprint or options.unsigned):
            raise TrustError(
                _(
                    "{folder} requires trust and follows no office; join it first: packager trust join, or give the "
                    "fingerprint that the office read to you: --fingerprint"
                ).format(folder=root)
            )
        adopted = offered if options.fingerprint else None
        if adopted is not None or settings is aside:
            judge = TrustStore(aside / TRUST_FOLDER, trust.mode)
    elif offered is not None:
        trust.offer(offered, source)
    if options.unsigned and judge.is_required:
        judge = replace(judge, mode=TrustMode.WARN)
    advice = _("nothing was restored; if you know where the backup comes from, add --unsigned")
    sender, warning = require_sender(judge, contents.signature, digest_of([contents.data]), source, advice=advice)
    if adopted is not None:
        return _Judged(judge, sender, warning, adopted)
    if trust.chain is None:
        return _Judged(trust, "", warning, left_aside=offered is not None)
    return _Judged(trust, sender, warning)


@contextmanager
def _aside(root: Path) -> Iterator[Path]:
    """A temporary folder in `root`. Deletes those of killed processes first."""
    for left in [*root.glob(".restore-*.part")]:
        if _PARTIAL.fullmatch(left.name) and left.is_dir() and not left.is_symlink():
            with suppress(OSError, Timeout):  # another process uses it
                FileLock(left / _LOCK).acquire(timeout=0).lock.release()
                shutil.rmtree(left, ignore_errors=True)  # after the release: Windows deletes no open file
    aside = root / f".restore-{secrets.token_hex(4)}.part"
    aside.mkdir(mode=0o700)
    try:
        with FileLock(aside / _LOCK):
            yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(file)
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise InputError(_("{path} is no backup, or damaged: {reason}").format(path=file, reason=error)) from error
    with archive:
        yield archive


def _contents(archive: zipfile.ZipFile, file: Path) -> _Contents:
    """The archive's own list of members, if it matches its members."""
    names = archive.namelist()
    if any(one.compress_type not in _COMPRESSIONS for one in archive.infolist()):
        raise _damaged(file, _("its members differ from its list"))
    try:
        info = archive.getinfo(CONTENTS)
        with archive.open(info) as stream:
            data = stream.read(_MAX_CONTENTS + 1)[:_MAX_CONTENTS]
        signed = SIGNATURE in names
        contents = replace(
            _parsed_contents(json.loads(data)), data=data, signature=_signature(archive) if signed else ""
        )
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError, NotImplementedError,
    RuntimeError, OSError, zipfile.BadZipFile, zlib.error, EOFError) as error:  # fmt: skip
        raise InputError(
            _("{path} is no backup of a workspace, or damaged; get it again from where it was made").format(path=file)
        ) from error
    listed = [*(member.path for member in contents.members), CONTENTS, *([SIGNATURE] if signed else [])]
    if sorted(names) != sorted(listed):
        raise _damaged(file, _("its members differ from its list"))
    return contents


def _signature(archive: zipfile.ZipFile) -> str:
    with archive.open(SIGNATURE) as stream:
        return stream.read(MAX_SIGNATURE_TEXT).decode("utf-8", "replace")


def _parsed_contents(said: Any) -> _Contents:
    """Raises ValueError, KeyError, TypeError or AttributeError for invalid contents."""
    if said["kind"] != KIND or said["format"] != FORMAT:
        raise ValueError("of another kind")
    if not isinstance(said["handover"], bool) or not _IDENTITY.fullmatch(said["registry"]):
        raise ValueError("no registry")
    members = tuple(_BackupMember(one["path"], one["size"], one["sha256"]) for one in said["files"])
    for member in members:
        if type(member.size) is not int or not 0 <= member.size <= _MAX_SIZE or not _SHA256.fullmatch(member.sha256):
            raise ValueError("a size or hash")
        _require_allowed_path(member.path)
    plain = {unicodedata.normalize("NFC", member.path).casefold() for member in members}
    if len(plain) < len(members) or len(members) > _MAX_FILES:
        raise ValueError("one path twice")
    if REGISTRY not in {member.path for member in members}:
        raise ValueError("no registry")
    return _Contents(said["handover"], said["registry"], members)


def _require_allowed_path(path: str) -> None:
    """Raise ValueError unless a backup may have a member `path`."""
    try:
        safe_relative_path(path)
    except InputError as error:
        raise ValueError(str(error)) from error
    if path in (*FILES, REGISTRY):
        return
    inside = any(path.startswith(f"{folder}/") for folder in (*FOLDERS, *BUILT))
    if not inside or any(part.startswith(".") or part != part.strip() for part in path.split("/")):
        raise ValueError(path)


def _require_room(root: Path, contents: _Contents) -> None:
    needed, free = sum(member.size for member in contents.members), shutil.disk_usage(root).free
    if needed > free:
        raise StorageError(
            _("{path}: the backup needs {needed} MB, and {free} MB are free").format(
                path=root, needed=needed // 10**6, free=free // 10**6
            )
        )


def _extract(archive: zipfile.ZipFile, contents: _Contents, aside: Path, file: Path, progress: Progress) -> None:
    for member in contents.members:
        target_file = aside / member.path
        target_file.parent.mkdir(parents=True, exist_ok=True)
        digest, left = hashlib.sha256(), member.size
        try:
            with archive.open(member.path) as source, target_file.open("xb") as target:
                # The size in the zip may be false: never read more than was listed.
                while piece := source.read(min(_PIECE, left + 1)):
                    left -= len(piece)
                    if left < 0:
                        break
                    digest.update(piece)
                    target.write(piece)
                    progress(len(piece))
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
            raise _damaged(file, member.path) from error
        if left != 0 or digest.hexdigest() != member.sha256:
            raise _damaged(file, member.path)


def _damaged(file: Path, what: str) -> InputError:
    return InputError(
        _("{path} is damaged ({what}); nothing was restored. Get it again from where it was made").format(
            path=file, what=what
        )
    )


def _put_in_place(contents: _Contents, aside: Path, root: Path, options: RestoreOptions, judged: _Judged) -> Restored:
    # Trust files are written as a verified chain or not at all.
    files = [one for one in contents.members if one.path != REGISTRY and not one.path.startswith(f"{TRUST_FOLDER}/")]
    different = [one.path for one in files if _differs(root / one.path, one)]
    if different and not options.overwrite:
        shown = ", ".join(different[:_SHOWN]) + (" …" if len(different) > _SHOWN else "")
        raise InputError(
            _(
                "{count} files in {folder} differ from those of the backup: {files}. Restore into an empty "
                "folder, or add --overwrite to replace them"
            ).format(count=len(different), folder=root, files=shown)
        )
    settings = aside if (aside / SETTINGS_FILE).is_file() else root
    if not (settings / SETTINGS_FILE).is_file():
        raise InputError(_("the backup has no {file}, and there is none here").format(file=SETTINGS_FILE))
    address = open_workspace(settings).registry
    merged, block = None, None
    takes_over = contents.handover or options.original_is_gone
    inside = isinstance(address, Path) and address.resolve().is_relative_to(settings.resolve())
    if isinstance(address, Path) and inside:
        inner = address.resolve().relative_to(settings.resolve())
        _require_unused(inner.as_posix(), files, root)
        database = root / inner
        database.parent.mkdir(parents=True, exist_ok=True)
        is_new = not database.exists()
        with open_registry(database, trust=judged.trust) as registry:
            merged = import_file(registry, aside / REGISTRY, vouched=True)
            takes_over = takes_over and _take_over(registry, contents.registry, is_new=is_new)
            block = None if takes_over or not is_new else _block_for_copy(registry)
    if judged.adopted is not None:
        write_chain(root / TRUST_FOLDER, judged.adopted)
    for member in files:
        target = root / member.path
        target.parent.mkdir(parents=True, exist_ok=True)
        (aside / member.path).replace(target)
    return Restored(len(files), takes_over, merged, block)


def _require_unused(registry: str, files: Iterable[_BackupMember], root: Path) -> None:
    """Raise InputError when a member would replace the registry, or has its path as a folder."""
    if any(f"{member.path}/".startswith(f"{registry}/") for member in files):
        raise InputError(
            _("{path} can't be the registry (see {file}): the backup has files in its place").format(
                path=root / registry, file=SETTINGS_FILE
            )
        )


def _differs(path: Path, member: _BackupMember) -> bool:
    if path.is_symlink() or (path.exists() and not path.is_file()):
        return True
    return path.exists() and (path.stat().st_size != member.size or sha256_file(path) != member.sha256)


def _take_over(registry: Registry, identity: str, *, is_new: bool) -> bool:
    """Take the identity of the registry in the backup, unless this one has a block of its own."""
    with registry.write() as connection:
        blocks = read_blocks(connection)
        if blocks.own == identity:
            return True
        if not is_new and any(one.registry == blocks.own for one in blocks.reservations):
            return False
        write_setting(connection, OWN_IDENTITY, identity)
        take_back_registry(connection)
    return True


def _block_for_copy(registry: Registry) -> Reservation | None:
    """Reserve a block far above all numbers that the original may give out in the meantime."""
    with registry.read() as connection:
        blocks = read_blocks(connection)
        if any(one.registry == blocks.own for one in blocks.reservations):
            return None
        highest = max([_highest(connection), *(one.high for one in blocks.reservations)])
    low = ((highest + _APART // 2) // _APART + 1) * _APART + 1
    return reserve(registry, low, low + _BLOCK - 1) if low + _BLOCK <= MAX_NUMBER else None


def _highest(connection: Connection) -> int:
    from sqlalchemy import select

    from packager.registry.schema import players

    return max((int(player[1:]) for player in connection.execute(select(players.c.id)).scalars()), default=0)
