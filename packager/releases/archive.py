"""Release archives: pack a release into one file, and unpack it without trusting it.

The archive is a plain zip file that any computer opens. It stores, without compression, the manifest, the tracks
in playing order, the sidecars, the decisions about the release and, where they are known, signatures and the text of
the tracks. It may leave out files that the other end has in its releases, by hash.
An archive has one form (`archive_form`): the manifest and what is left out determine every byte that is not content.
`unpacked` compares each header with the expected one, so an archive can't hide anything or be read in two ways.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from packager.base.errors import DocumentError, InputError, StorageError
from packager.base.fat_names import name_problems, path_problems
from packager.base.formats import write_atomic, written_aside
from packager.base.i18n.language import _, reason_of
from packager.base.manifest import MAX_MANIFEST_BYTES, Manifest, ManifestFile
from packager.releases.archive_form import (
    DECISIONS_FILE,
    LOCAL_SIGNATURE,
    MAX_DIRECTORY_BYTES,
    MAX_SINCE_BYTES,
    MEMBER_LIMITS,
    SINCE_FILE,
    TEXT_SYNC_FILE,
    TRUST_FILE,
    ArchiveMember,
    Difference,
    archive_size,
    directory,
    local_header,
    members_of,
    packed_files,
)
from packager.releases.left_out import take_from_here
from packager.releases.store import MANIFEST_FILE, StoredRelease, list_releases

UNPACKING, REPLACED = ".unpacking.part", ".replaced.part"  # temporary folders beside the releases
NO_DECISIONS = b"[]\n"
Progress = Callable[[int, int], None]  # bytes done and in all

_PIECE = 1024 * 1024


def _no_progress(_done: int, _total: int) -> None:
    pass


def pack_release(
    release: StoredRelease,
    file: Path,
    *,
    decisions: bytes = NO_DECISIONS,
    trust: bytes = b"",
    spoken: bytes = b"",
    since: Difference | None = None,
    progress: Progress = _no_progress,
) -> int:
    """Write `release` to the archive `file` without what `since` leaves out, and return its size in bytes.

    `decisions`, `trust` and `spoken` (the text sync, empty if unknown) are canonical JSON. The same input makes the
    same bytes. `file` appears when it is complete. Raises InputError when the release on this disk is damaged,
    StorageError when the archive can't be written.
    """
    manifest = release.manifest
    heads = [manifest.to_bytes(), *([since.to_bytes()] if since is not None else [])]
    rest = {DECISIONS_FILE: decisions, TRUST_FILE: trust, TEXT_SYNC_FILE: spoken}
    members = members_of(manifest, len(heads[0]), {name: len(content) for name, content in rest.items()}, since)
    total = archive_size(members)
    try:
        with written_aside(file) as archive:
            sums = [_pack_bytes(data, member, archive) for data, member in zip(heads, members, strict=False)]
            for member, item in zip(members[len(heads) :], packed_files(manifest, since), strict=False):
                sums.append(_pack_file(release.folder / item.path, item, member, archive))
                progress(member.end, total)
            for member in members[len(sums) :]:
                sums.append(_pack_bytes(rest[member.name], member, archive))
            archive.write(directory(members, sums))
    except OSError as error:
        raise StorageError(_("{path} can't be written: {reason}").format(path=file, reason=reason_of(error))) from error
    return total


def _pack_bytes(data: bytes, member: ArchiveMember, archive: BinaryIO) -> int:
    checksum = zlib.crc32(data)
    archive.write(local_header(member, checksum) + data)
    return checksum


def _pack_file(path: Path, wanted: ManifestFile, member: ArchiveMember, archive: BinaryIO) -> int:
    """Copy one file into the archive, and return its CRC-32, which is also written into the header before it."""
    digest, checksum, size = hashlib.sha256(), 0, 0
    archive.write(local_header(member, 0))
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
    archive.write(local_header(member, checksum))
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
    from_here: int = 0  # files that the archive leaves out, taken from other releases


@contextmanager
def unpacked(file: Path, releases: Path, *, progress: Progress = _no_progress) -> Iterator[Unpacked]:
    """Unpack the archive `file` beside the releases; at the end the folder is deleted unless `keep_unpacked` took it.

    Verifies the form, the manifest, and every size and hash. What the archive leaves out comes from any of the
    releases. Raises InputError or DocumentError when the archive is damaged or not from `pack_release`, or when a file
    that it leaves out is not here intact; StorageError when the disk is full or read-only.
    """
    folder = releases / UNPACKING
    try:
        with _reading(file) as archive:
            reader = _Reader(archive, file)
            manifest, since = reader.manifest, reader.since
            _require_room(releases, sum(file.size for file in packed_files(manifest, since)))
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            from_here = take_from_here(folder, manifest, since, list_releases(releases), file) if since else 0
            rest = reader.unpack(folder, progress)
        write_atomic(folder / MANIFEST_FILE, manifest.to_bytes())
        decisions, trust, spoken = (rest.get(name, b"") for name in (DECISIONS_FILE, TRUST_FILE, TEXT_SYNC_FILE))
        yield Unpacked(folder, manifest, decisions, trust, spoken, from_here)
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
        if archive.read(4) != LOCAL_SIGNATURE:
            raise _no_release(file)
        try:
            with zipfile.ZipFile(_SmallReads(archive)) as listed:
                infos = listed.infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, struct.error) as error:
            raise self._damaged(_("its list of contents can't be read")) from error
        self._checksums = [info.CRC for info in infos]
        self.since: Difference | None = None
        self.manifest, self._members = self._expected([(info.filename, info.file_size) for info in infos])
        self._require_form()

    def unpack(self, folder: Path, progress: Progress) -> dict[str, bytes]:
        """Write the files into `folder`, and return the content of the members after them."""
        listed = list(zip(self._members, self._checksums, strict=True))
        files, heads = packed_files(self.manifest, self.since), 1 if self.since is None else 2
        for (member, checksum), file in zip(listed[heads:], files, strict=False):
            self._copy(member, checksum, folder / file.path, file.sha256)
            progress(member.end, self._size)
        return {member.name: self._content(member, checksum) for member, checksum in listed[heads + len(files) :]}

    def _expected(self, listed: Sequence[tuple[str, int]]) -> tuple[Manifest, list[ArchiveMember]]:
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
        data = self._content(ArchiveMember(MANIFEST_FILE, size, 0), self._checksums[0])
        manifest = Manifest.from_bytes(data, f"{self._file}: {MANIFEST_FILE}")
        self._require_places(manifest)
        self.since = self._difference(manifest, listed, size)
        members = members_of(manifest, size, rest, self.since)
        if [(member.name, member.size) for member in members] != list(listed):
            raise self._damaged(_("{member} is not as it was packed").format(member=_("its list of contents")))
        return manifest, members

    def _difference(
        self, manifest: Manifest, listed: Sequence[tuple[str, int]], manifest_size: int
    ) -> Difference | None:
        """What the archive leaves out, if it says that it does."""
        name, size = listed[1] if len(listed) > 1 else ("", 0)
        if name != SINCE_FILE:
            return None
        if not 0 < size <= MAX_SINCE_BYTES:
            raise self._damaged(_("its size is not what its manifest makes"))
        place = ArchiveMember(SINCE_FILE, size, ArchiveMember(MANIFEST_FILE, manifest_size, 0).end)
        data = self._content(place, self._checksums[1])
        return Difference.from_bytes(data, manifest, f"{self._file}: {SINCE_FILE}")

    def _require_form(self) -> None:
        for member, checksum in zip(self._members, self._checksums, strict=True):
            self._require(local_header(member, checksum), member.offset, member.name)
        self._require(directory(self._members, self._checksums), self._members[-1].end, _("its list of contents"))
        if self._archive.read(1):
            raise self._damaged(_("something was added to it"))

    def _require(self, expected: bytes, offset: int, what: str) -> None:
        self._archive.seek(offset)
        if self._archive.read(len(expected)) != expected:
            raise self._damaged(_("{member} is not as it was packed").format(member=what))

    def _copy(self, member: ArchiveMember, checksum: int, path: Path, sha256: str) -> None:
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

    def _content(self, member: ArchiveMember, checksum: int) -> bytes:
        data = b"".join(self._pieces(member))
        if zlib.crc32(data) != checksum:
            raise self._damaged(_("{member} was altered").format(member=member.name))
        return data

    def _pieces(self, member: ArchiveMember) -> Iterator[bytes]:
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
        own = [MANIFEST_FILE, SINCE_FILE, *MEMBER_LIMITS, *(file.path for file in manifest.files)]
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


def _require_room(releases: Path, size: int) -> None:
    releases.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(releases).free
    if free < size:
        raise StorageError(
            _("{path} has {free} MB free, and the release needs {needed} MB; make room").format(
                path=releases, free=free // 10**6, needed=size // 10**6 + 1
            )
        )
