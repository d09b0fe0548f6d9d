"""The trust files of a workspace: `trust/1.json` with `trust/1.KEYID.minisig`, `trust/2.json`, and so on."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from packager.base.errors import StorageError
from packager.base.formats import write_atomic
from packager.base.i18n.language import _, reason_of
from packager.trust.chain import (
    MAX_CHAIN_BYTES,
    MAX_SIGNATURES,
    MAX_VERSIONS,
    TrustChain,
    TrustFile,
    merged,
    verified_chain,
)
from packager.trust.errors import TrustError
from packager.trust.minisign import MAX_SIGNATURE_TEXT, Signature

TRUST_FOLDER = "trust"
_SIGNATURE_SUFFIX = ".minisig"


class TrustMode(str, Enum):
    """What happens with a file that no allowed key signed; `trust` in packager.yaml."""

    OFF = "off"
    WARN = "warn"
    REQUIRED = "required"


@dataclass
class TrustStore:
    """The trust files in a folder, read when they are first needed. Without a folder there are none."""

    folder: Path | None = None
    mode: TrustMode = TrustMode.OFF
    least: int = 0  # the version that was seen here before
    _chain: TrustChain | None = field(default=None, repr=False)
    _is_read: bool = field(default=False, repr=False)

    @property
    def chain(self) -> TrustChain | None:
        """The verified chain, None where nobody started or joined. Raises TrustError or DocumentError."""
        if not self._is_read and self.folder is not None:
            self._chain = read_chain(self.folder)
            self._is_read = True
        return self._chain

    @property
    def last(self) -> TrustFile | None:
        """The version in force. Raises TrustError when an older one was put in its place, and as `chain`."""
        if self.chain is None:
            return None
        if self.chain.last.version < self.least:
            raise TrustError(
                _(
                    "{folder} has version {found} of the trust files, and version {expected} was here before. Put the "
                    "newer files back, or import any newer file of the office: packager registry import FILE"
                ).format(folder=self.folder, found=self.chain.last.version, expected=self.least)
            )
        return self.chain.last

    @property
    def is_required(self) -> bool:
        """Whether what no allowed key signed is refused."""
        return self.mode is TrustMode.REQUIRED

    def offer(self, offered: TrustChain, source: str) -> TrustFile | None:
        """Take over newer versions that follow from the own ones; return the newest if it is new here.

        Raises TrustError, with nothing changed, when the offered chain contradicts the own one.
        """
        new = merged(self.chain, offered, source)
        if new is None or new is self.chain:
            return None
        self.save(new)
        return new.last

    def save(self, chain: TrustChain) -> None:
        """Write the versions that are missing. Raises StorageError."""
        if self.folder is None:
            raise TrustError(_("there is no workspace for trust files here"))
        write_chain(self.folder, chain)
        self._chain, self._is_read = chain, True


def set_aside(folder: Path) -> None:
    """Move a folder of trust files aside, for an office that starts anew. Raises StorageError."""
    number = 1
    while (aside := folder.with_name(f"{folder.name}.old-{number}")).exists():
        number += 1
    try:
        if folder.is_dir():
            folder.rename(aside)
    except OSError as error:
        raise StorageError(_("{path} can't be moved: {reason}").format(path=folder, reason=reason_of(error))) from error


def read_chain(folder: Path) -> TrustChain | None:
    """The verified chain in a folder, None where there is none. Raises TrustError, DocumentError or StorageError."""
    try:
        if not (folder / "1.json").is_file():
            if any(folder.glob("*.json")):
                raise TrustError(
                    _(
                        "{folder} lacks the first trust file; put a copy of it in its place, or: packager trust join"
                    ).format(folder=folder)
                )
            return None
        return verified_chain(_versions(folder), str(folder))
    except OSError as error:
        raise StorageError(_("{path} can't be read: {reason}").format(path=folder, reason=reason_of(error))) from error


def _versions(folder: Path) -> Iterator[tuple[bytes, tuple[str, ...]]]:
    left = MAX_CHAIN_BYTES
    for version in range(1, MAX_VERSIONS + 1):
        path = folder / f"{version}.json"
        if not path.is_file():
            if any((folder / f"{later}.json").is_file() for later in (version + 1, version + 2)):
                raise TrustError(_("{path} is missing; put a copy of it in its place").format(path=path))
            return
        data = _limited(path, left)
        left -= len(data)
        found = sorted(folder.glob(f"{version}.*{_SIGNATURE_SUFFIX}"))[:MAX_SIGNATURES]
        yield data, tuple(_limited(one, MAX_SIGNATURE_TEXT).decode("utf-8", "replace") for one in found)


def _limited(path: Path, limit: int) -> bytes:
    with path.open("rb") as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise TrustError(_("{path} is larger than a trust file can be").format(path=path))
    return data


def write_chain(folder: Path, chain: TrustChain) -> None:
    """Write the files of a verified chain; each version after its signatures.

    All are written aside and read back first. Raises TrustError, with the folder as it was, where that fails.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".trust-", dir=folder.parent) as aside:
            texts = dict(_named(chain))
            for name, data in texts.items():
                (Path(aside) / name).write_bytes(data)
            if read_chain(Path(aside)) != chain:
                raise TrustError(_("the new trust files do not read back; nothing of them was taken over"))
        for name, data in texts.items():
            path = folder / name
            if not path.exists() or path.read_bytes() != data:
                write_atomic(path, data)
    except OSError as error:
        raise StorageError(
            _("{path} can't be written: {reason}").format(path=folder, reason=reason_of(error))
        ) from error


def _named(chain: TrustChain) -> Iterator[tuple[str, bytes]]:
    for file, signatures in zip(chain.files, chain.signatures, strict=True):
        for text in signatures:
            yield f"{file.version}.{Signature.from_text(text).key}{_SIGNATURE_SUFFIX}", text.encode()
        yield f"{file.version}.json", file.data
