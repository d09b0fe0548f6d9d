"""The one form of a release archive: its members, and every byte that is not content. Pure.

docs/FORMAT.md describes it; docs/decisions/release-archive.md gives the reasons.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from packager.base.errors import DocumentError, InputError
from packager.base.formats import can_be_shown, canonical_json
from packager.base.i18n.language import _
from packager.base.manifest import Manifest, ManifestFile
from packager.releases.store import MANIFEST_FILE
from packager.releases.text_sync import MAX_TEXT_SYNC_BYTES

ARCHIVE_SUFFIX = ".packager.zip"
SINCE_FILE = "since.json"  # after the manifest, in an archive that leaves out what the other end has
DECISIONS_FILE = "decisions.json"
TRUST_FILE = "trust.json"  # signatures of the decisions and the trust files; not in every archive
TEXT_SYNC_FILE = "spoken.json"  # last, and not in every archive
MAX_SINCE_BYTES = 4 * 1024 * 1024
MAX_DECISIONS_BYTES = 1024 * 1024
MAX_TRUST_BYTES = 64 * 1024 * 1024
MAX_DIRECTORY_BYTES = 16 * 1024 * 1024  # of the central directory: more than a manifest of usual names can need

MEMBER_LIMITS = {
    DECISIONS_FILE: MAX_DECISIONS_BYTES,
    TRUST_FILE: MAX_TRUST_BYTES,
    TEXT_SYNC_FILE: MAX_TEXT_SYNC_BYTES,
}  # of the members after the release's files, in their order

_SINCE_FORMAT = 1
_MOST_NAME = 500  # characters
_HASH = re.compile("[0-9a-f]{64}")
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
LOCAL_SIGNATURE = b"PK\x03\x04"


@dataclass(frozen=True)
class ArchiveMember:
    """A file in an archive, and where it is."""

    name: str
    size: int  # bytes
    offset: int  # of its header in the archive

    @property
    def header_size(self) -> int:
        """Bytes of the header before the content."""
        return _LOCAL.size + len(self.name.encode())

    @property
    def end(self) -> int:
        """Where the next member begins."""
        return self.offset + self.header_size + self.size


@dataclass(frozen=True)
class Difference:
    """What an archive leaves out: the files of `release` that the packed release has too, by hash."""

    release: str
    left_out: frozenset[str]

    def to_bytes(self) -> bytes:
        """`since.json`, canonical JSON."""
        return canonical_json({"format": _SINCE_FORMAT, "left_out": sorted(self.left_out), "release": self.release})

    @classmethod
    def from_bytes(cls, data: bytes, manifest: Manifest, source: str) -> Difference:
        """Parse `since.json` strictly. Raises DocumentError unless it leaves out files of `manifest`."""
        try:
            values = json.loads(data.decode("utf-8"))
            hashes, release = values["left_out"], values["release"]
            made = cls(release, frozenset(hashes))
            is_name = type(release) is str and 0 < len(release) <= _MOST_NAME and all(map(can_be_shown, release))
            if not is_name or not all(type(one) is str and _HASH.fullmatch(one) for one in hashes):
                raise ValueError("no release or no hash")
            if made.to_bytes() != data or not made.left_out or not made.left_out <= manifest.hashes:
                raise ValueError("not canonical, or of another release")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise DocumentError(source, [_("this does not say what the archive leaves out")]) from error
        return made


def difference_of(manifest: Manifest, since: Manifest) -> Difference:
    """What an archive of `manifest` leaves out for somebody who has `since`. Raises InputError if it is nothing."""
    shared = manifest.hashes & since.hashes
    if not shared:
        message = _("'{release}' and '{since}' have no file in common; pack it without --since")
        raise InputError(message.format(release=manifest.release, since=since.release))
    return Difference(since.release, shared)


def members_of(
    manifest: Manifest, manifest_size: int, rest: Mapping[str, int], since: Difference | None = None
) -> list[ArchiveMember]:
    """The members of an archive; those of `rest` by name and size, without the empty ones."""
    sizes = [(MANIFEST_FILE, manifest_size)]
    if since is not None:
        sizes.append((SINCE_FILE, len(since.to_bytes())))
    sizes += [(file.path, file.size) for file in packed_files(manifest, since)]
    sizes += [(name, size) for name, size in rest.items() if size]
    members: list[ArchiveMember] = []
    offset = 0
    for name, size in sizes:
        if size > _LARGEST:  # no card could take it either
            raise InputError(_("{member} is larger than 4 GiB").format(member=name))
        members.append(ArchiveMember(name, size, offset))
        offset = members[-1].end
    return members


def packed_files(manifest: Manifest, since: Difference | None) -> tuple[ManifestFile, ...]:
    """The files of a release that its archive holds, in their order."""
    return tuple(file for file in manifest.files if since is None or file.sha256 not in since.left_out)


def archive_size(members: Sequence[ArchiveMember]) -> int:
    """Bytes of an archive with these members."""
    return members[-1].end + len(directory(members, [0] * len(members)))


def local_header(member: ArchiveMember, checksum: int) -> bytes:
    """The header of a member. APPNOTE.TXT of the zip format, 4.3.7."""
    name = member.name.encode()
    fields = (_PLAIN, _NAMES_ARE_UTF8, 0, 0, _DAY, checksum, member.size, member.size, len(name), 0)
    return _LOCAL.pack(LOCAL_SIGNATURE, *fields) + name


def directory(members: Sequence[ArchiveMember], sums: Sequence[int]) -> bytes:
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


def _central_header(member: ArchiveMember, checksum: int) -> bytes:
    name, far = member.name.encode(), member.offset >= _FAR
    more = struct.pack("<2HQ", 1, 8, member.offset) if far else b""
    version = _WITH_64 if far else _PLAIN
    fields = (_MADE_BY | version, version, _NAMES_ARE_UTF8, 0, 0, _DAY, checksum, member.size, member.size)
    place = (len(name), len(more), 0, 0, 0, _READABLE, _FAR_FIELD if far else member.offset)
    return _CENTRAL.pack(b"PK\x01\x02", *fields, *place) + name + more
