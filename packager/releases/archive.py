"""Release archives: pack a release into one file, and unpack it without trusting it.

The archive is a plain zip file that any computer opens. It stores, without compression, the manifest, the tracks
in playing order, the sidecars, the decisions about the release and, where they are known, signatures and the text of
the tracks.
An archive has one form: the manifest determines every byte that is not content. `unpacked` compares each header
with the expected one, so an archive can't hide anything or be read in two ways.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from packager.base.errors import DocumentError, InputError, StorageError
from packager.base.fat_names import name_problems, path_problems
from packager.base.formats import write_atomic, written_aside
from packager.base.i18n.language import _, reason_of
from packager.base.manifest import MAX_MANIFEST_BYTES, Manifest, ManifestFile
from packager.releases.store import MANIFEST_FILE, StoredRelease
from packager.releases.text_sync import MAX_TEXT_SYNC_BYTES

ARCHIVE_SUFFIX = ".packager.zip"
DECISIONS_FILE = "decisions.json"
TRUST_FILE = "trust.json"  # signatures of the decisions and the trust files; not in every archive
TEXT_SYNC_FILE = "spoken.json"  # last, and not in every archive
UNPACKING, REPLACED = ".unpacking.part", ".replaced.part"  # temporary folders beside the releases
MAX_DECISIONS_BYTES = 1024 * 1024
MAX_TRUST_BYTES = 64 * 1024 * 1024
MAX_DIRECTORY_BYTES = 16 * 1024 * 1024  # of the central directory: more than a manifest of usual names can need

MEMBER_LIMITS = {
    DECISIONS_FILE: MAX_DECISIONS_BYTES,
    TRUST_FILE: MAX_TRUST_BYTES,
    TEXT_SYNC_FILE: MAX_TEXT_SYNC_BYTES,
}  # of the members after the release's files, in their order

NO_DECISIONS = b"[]\n"
Progress = Callable[[int, int], None]  # bytes done and in all

_PIECE = 1024 * 1024
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_END_64 = struct.Struct("<4sQ2H2I4Q")
_END_64_PLACE = struct.Struct("<4sIQI")
_PLAIN, _WITH_64 = 20, 45  # versions of the format that a reader needs
_MADE_BY = 3 << 8  # Unix, so that the permissions below are understood
_NAMES_ARE_UTF8 = 0x800
_DAY = 1 << 5 | 1  # the format's first day, so that nothing depends on a clock
_READABLE = 0o100644 << 16
_LARGEST = 0xFFFFFFFE
_FAR, _MANY = 0xFFFFFFFF, 0xFFFF  # from here on values have 64 bits, in a record of their own
_FAR_FIELD, _MANY_FIELD = 0xFFFFFFFF, 0xFFFF  # in a short field: look into that record
_LOCAL_SIGNATURE = b"PK\x03\x04"


def _no_progress(_done: int, _total: int) -> None:
    pass


@dataclass(frozen=True)
class _ArchiveMember:
    name: str
    size: int  # bytes
    offset: int  # of its header in the archive

    @property
    def header_size(self) -> int:
        return _LOCAL.size + len(self.name.encode())

    @property
    def end(self) -> int:
        return self.offset + self.header_size + self.size


def pack_release(
    release: StoredRelease,
    file: Path,
    *,
    decisions: bytes = NO_DECISIONS,
    trust: bytes = b"",
    spoken: bytes = b"",
    progress: Progress = _no_progress,
) -> int:
    """Write `release` to the archive `file`, and return its size in bytes.

    `decisions`, `trust` and `spoken` (the text sync, empty if unknown) are canonical JSON. The same input makes the
    same bytes. `file` appears when it is complete. Raises InputError when the release on this disk is damaged,
    StorageError when the archive can't be written.
    """
    manifest = release.manifest
    data = manifest.to_bytes()
    rest = {DECISIONS_FILE: decisions, TRUST_FILE: trust, TEXT_SYNC_FILE: spoken}
    members = _members(manifest, len(data), {name: len(content) for name, content in rest.items()})
    total = _archive_size(members)
    try:
        with written_aside(file) as archive:
            sums = [_pack_bytes(data, members[0], archive)]
            for member, item in zip(members[1:], manifest.files, strict=False):
                sums.append(_pack_file(release.folder / item.path, item, member, archive))
                progress(member.end, total)
            for member in members[len(sums) :]:
                sums.append(_pack_bytes(rest[member.name], member, archive))
            archive.write(_directory(members, sums))
    except OSError as error:
        raise StorageError(_("{path} can't be written: {reason}").format(path=file, reason=reason_of(error))) from error
    return total


def _pack_bytes(data: bytes, member: _ArchiveMember, archive: BinaryIO) -> int:
    checksum = zlib.crc32(data)
    archive.write(_local_header(member, checksum) + data)
    return checksum


def _pack_file(path: Path, wanted: ManifestFile, member: _ArchiveMember, archive: BinaryIO) -> int:
    """Copy one file into the archive, and return its CRC-32, which is also written into the header before it."""
    digest, checksum, size = hashlib.sha256(), 0, 0
    archive.write(_local_header(member, 0))
    try:
        with path.open("rb") as source:
            while piece := source.read(_PIECE):
                digest.update(piece)
                checksum = zlib.crc32(piece, checksum)
                size += len(piece)
                archive.write(piece)
    except FileNotFoundError:
        size = -1
    if size != wanted.size or digest.hexdigest() != wanted.sha256:
        raise InputError(
            _("{file} is missing or was altered; build the playlist again, then pack it").format(file=path)
        )
    archive.seek(member.offset)
    archive.write(_local_header(member, checksum))
    archive.seek(member.end)
    return checksum


@dataclass(frozen=True)
class Unpacked:
    """A release from an archive, in a temporary folder beside the releases."""

    folder: Path
    manifest: Manifest
    decisions: bytes  # as they were packed
    trust: bytes  # as it was packed, or empty
    spoken: bytes  # as it was packed, or empty


@contextmanager
def unpacked(file: Path, releases: Path, *, progress: Progress = _no_progress) -> Iterator[Unpacked]:
    """Unpack the archive `file` beside the releases; at the end the folder is deleted unless `keep_unpacked` took it.

    Verifies the form, the manifest, and every size and hash. Raises InputError or DocumentError when the archive is
    damaged or not from `pack_release`, StorageError when the disk is full or read-only.
    """
    folder = releases / UNPACKING
    try:
        with _reading(file) as archive:
            reader = _Reader(archive, file)
            manifest = reader.manifest
            _require_room(releases, manifest)
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            rest = reader.unpack(folder, progress)
        write_atomic(folder / MANIFEST_FILE, manifest.to_bytes())
        others = (rest.get(name, b"") for name in (DECISIONS_FILE, TRUST_FILE, TEXT_SYNC_FILE))
        yield Unpacked(folder, manifest, *others)
    except OSError as error:
        raise StorageError(
            _("{path} can't be unpacked: {reason}").format(
                path=file, reason=f"{error.filename or releases}: {reason_of(error)}"
            )
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def keep_unpacked(release: Unpacked, releases: Path) -> StoredRelease:
    """Move the unpacked release to its place among the releases, in place of a damaged one."""
    place = releases / release.manifest.release / release.manifest.profile
    place.parent.mkdir(parents=True, exist_ok=True)
    old = releases / REPLACED
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    release.folder.rename(place)
    shutil.rmtree(old, ignore_errors=True)
    return StoredRelease(place, release.manifest)


@contextmanager
def _reading(file: Path) -> Iterator[BinaryIO]:
    if not file.is_file():
        raise InputError(_("{path} is no file; give the archive that was packed").format(path=file))
    try:
        archive = file.open("rb")
    except OSError as error:
        raise InputError(_("{path} can't be read: {reason}").format(path=file, reason=reason_of(error))) from error
    with archive:
        yield archive


class _SmallReads:
    """The archive for zipfile, which reads the central directory in one piece and makes an object of each entry.

    A directory of hundreds of megabytes would take gigabytes of memory before anything is compared with the manifest.
    """

    def __init__(self, archive: BinaryIO) -> None:
        self.seek, self.tell, self.seekable = archive.seek, archive.tell, archive.seekable
        self._read = archive.read

    def read(self, size: int = -1) -> bytes:
        data = self._read(MAX_DIRECTORY_BYTES + 1 if size < 0 else min(size, MAX_DIRECTORY_BYTES + 1))
        if len(data) > MAX_DIRECTORY_BYTES:
            raise zipfile.BadZipFile("the central directory is too large")
        return data


class _Reader:
    """Reads an archive, and requires that every byte that is not content is as `pack_release` writes it."""

    def __init__(self, archive: BinaryIO, file: Path) -> None:
        self._archive = archive
        self._file = file
        self._size = os.fstat(archive.fileno()).st_size
        if archive.read(4) != _LOCAL_SIGNATURE:
            raise _no_release(file)
        try:
            with zipfile.ZipFile(_SmallReads(archive)) as listed:
                infos = listed.infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, struct.error) as error:
            raise self._damaged(_("its list of contents can't be read")) from error
        self._checksums = [info.CRC for info in infos]
        self.manifest, self._members = self._expected([(info.filename, info.file_size) for info in infos])
        self._require_form()

    def unpack(self, folder: Path, progress: Progress) -> dict[str, bytes]:
        """Write the files into `folder`, and return the content of the members after them."""
        listed = list(zip(self._members, self._checksums, strict=True))
        files = self.manifest.files
        for (member, checksum), file in zip(listed[1:], files, strict=False):
            self._copy(member, checksum, folder / file.path, file.sha256)
            progress(member.end, self._size)
        return {member.name: self._content(member, checksum) for member, checksum in listed[1 + len(files) :]}

    def _expected(self, listed: Sequence[tuple[str, int]]) -> tuple[Manifest, list[_ArchiveMember]]:
        """The manifest, and the members that follow from it if they are those of the list."""
        name, size = listed[0] if listed else ("", 0)
        if name != MANIFEST_FILE:
            raise _no_release(self._file)
        sizes = dict(listed)
        rest = {name: sizes.get(name, 0) for name in MEMBER_LIMITS}
        if not 0 < size <= MAX_MANIFEST_BYTES:
            raise self._damaged(_("its manifest is larger than a manifest can be"))
        if rest[DECISIONS_FILE] == 0 or any(size > MEMBER_LIMITS[name] for name, size in rest.items()):
            raise self._damaged(_("its size is not what its manifest makes"))
        data = self._content(_ArchiveMember(MANIFEST_FILE, size, 0), self._checksums[0])
        manifest = Manifest.from_bytes(data, f"{self._file}: {MANIFEST_FILE}")
        self._require_places(manifest)
        members = _members(manifest, size, rest)
        if [(member.name, member.size) for member in members] != list(listed):
            raise self._damaged(_("{member} is not as it was packed").format(member=_("its list of contents")))
        return manifest, members

    def _require_form(self) -> None:
        for member, checksum in zip(self._members, self._checksums, strict=True):
            self._require(_local_header(member, checksum), member.offset, member.name)
        directory = _directory(self._members, self._checksums)
        self._require(directory, self._members[-1].end, _("its list of contents"))
        if self._archive.read(1):
            raise self._damaged(_("something was added to it"))

    def _require(self, expected: bytes, offset: int, what: str) -> None:
        self._archive.seek(offset)
        if self._archive.read(len(expected)) != expected:
            raise self._damaged(_("{member} is not as it was packed").format(member=what))

    def _copy(self, member: _ArchiveMember, checksum: int, path: Path, sha256: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        digest, found = hashlib.sha256(), 0
        with path.open("xb") as target:
            for piece in self._pieces(member):
                digest.update(piece)
                found = zlib.crc32(piece, found)
                target.write(piece)
            target.flush()
            os.fsync(target.fileno())
        if (found, digest.hexdigest()) != (checksum, sha256):
            raise self._damaged(_("{member} was altered").format(member=member.name))

    def _content(self, member: _ArchiveMember, checksum: int) -> bytes:
        data = b"".join(self._pieces(member))
        if zlib.crc32(data) != checksum:
            raise self._damaged(_("{member} was altered").format(member=member.name))
        return data

    def _pieces(self, member: _ArchiveMember) -> Iterator[bytes]:
        self._archive.seek(member.offset + member.header_size)
        left = member.size
        while left:
            piece = self._archive.read(min(left, _PIECE))
            if not piece:
                raise self._damaged(_("it ends too early"))
            yield piece
            left -= len(piece)

    def _require_places(self, manifest: Manifest) -> None:
        """The release becomes a folder of this computer, so its names must be valid on every system."""
        problems = [*name_problems(manifest.release), *name_problems(manifest.profile)]
        own = [MANIFEST_FILE, *MEMBER_LIMITS, *(file.path for file in manifest.files)]
        problems += path_problems(own)
        if problems:
            raise DocumentError(f"{self._file}: {MANIFEST_FILE}", problems)

    def _damaged(self, reason: str) -> InputError:
        return InputError(
            _("{path} is damaged: {reason}. Get it again from where it was packed").format(
                path=self._file, reason=reason
            )
        )


def _no_release(file: Path) -> InputError:
    return InputError(_("{path} is no packed release; make one with: packager release pack NAME").format(path=file))


def _require_room(releases: Path, manifest: Manifest) -> None:
    releases.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(releases).free
    if free < manifest.size:
        raise StorageError(
            _("{path} has {free} MB free, and the release needs {needed} MB; make room").format(
                path=releases, free=free // 10**6, needed=manifest.size // 10**6 + 1
            )
        )


def _members(manifest: Manifest, manifest_size: int, rest: Mapping[str, int]) -> list[_ArchiveMember]:
    """The members of an archive; those of `rest` by name and size, without the empty ones."""
    sizes = [(MANIFEST_FILE, manifest_size), *((file.path, file.size) for file in manifest.files)]
    sizes += [(name, size) for name, size in rest.items() if size]
    members: list[_ArchiveMember] = []
    offset = 0
    for name, size in sizes:
        if size > _LARGEST:  # no card could take it either
            raise InputError(_("{member} is larger than 4 GiB").format(member=name))
        members.append(_ArchiveMember(name, size, offset))
        offset = members[-1].end
    return members


def _archive_size(members: Sequence[_ArchiveMember]) -> int:
    return members[-1].end + len(_directory(members, [0] * len(members)))


def _local_header(member: _ArchiveMember, checksum: int) -> bytes:
    """The header of a member. APPNOTE.TXT of the zip format, 4.3.7."""
    name = member.name.encode()
    fields = (_PLAIN, _NAMES_ARE_UTF8, 0, 0, _DAY, checksum, member.size, member.size, len(name), 0)
    return _LOCAL.pack(_LOCAL_SIGNATURE, *fields) + name


def _directory(members: Sequence[_ArchiveMember], sums: Sequence[int]) -> bytes:
    """The central directory and the end of the archive. APPNOTE.TXT 4.3.12 to 4.3.16."""
    entries = [_central_header(member, checksum) for member, checksum in zip(members, sums, strict=True)]
    size, start = sum(map(len, entries)), members[-1].end
    long = len(entries) >= _MANY or start >= _FAR or size >= _FAR
    if long:
        version = _MADE_BY | _WITH_64
        counts = (len(entries), len(entries), size, start)
        entries.append(_END_64.pack(b"PK\x06\x06", _END_64.size - 12, version, _WITH_64, 0, 0, *counts))
        entries.append(_END_64_PLACE.pack(b"PK\x06\x07", 0, start + size, 1))
    count, size, start = (_MANY_FIELD, _FAR_FIELD, _FAR_FIELD) if long else (len(members), size, start)
    return b"".join([*entries, _END.pack(b"PK\x05\x06", 0, 0, count, count, size, start, 0)])


def _central_header(member: _ArchiveMember, checksum: int) -> bytes:
    name, far = member.name.encode(), member.offset >= _FAR
    more = struct.pack("<2HQ", 1, 8, member.offset) if far else b""
    version = _WITH_64 if far else _PLAIN
    fields = (_MADE_BY | version, version, _NAMES_ARE_UTF8, 0, 0, _DAY, checksum, member.size, member.size)
    place = (len(name), len(more), 0, 0, 0, _READABLE, _FAR_FIELD if far else member.offset)
    return _CENTRAL.pack(b"PK\x01\x02", *fields, *place) + name + more
