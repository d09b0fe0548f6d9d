"""Signatures and public keys in minisign's format (jedisct1.github.io/minisign): parse, write, sign, verify. Pure.

A signature is four lines: an untrusted comment, Base64 of algorithm, key id and Ed25519 signature, a trusted comment,
and Base64 of a second signature over the first one and the trusted comment. `ED` signs the BLAKE2b-512 hash of the
message, `Ed`, the older form, the message itself. This module writes `ED` and verifies both.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from packager.base.i18n.language import _
from packager.trust.errors import SignatureError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PREHASHED, LEGACY, ALGORITHM = b"ED", b"Ed", b"Ed"
KEY_ID_BYTES = 8
MAX_COMMENT = 4096  # bytes; minisign itself reads at most 8191
MAX_SIGNATURE_TEXT = 16 * 1024

_UNTRUSTED, _TRUSTED = "untrusted comment: ", "trusted comment: "
_KEY_ID = re.compile(r"[0-9A-F]{16}")


@dataclass(frozen=True)
class PublicKey:
    """A public key. `id` is the 16 hexadecimal digits that minisign prints."""

    id: str
    data: bytes  # 32 bytes

    @classmethod
    def from_text(cls, text: str) -> PublicKey:
        """The key of a line of Base64, or of a key file with its comment. Raises SignatureError."""
        raw = _decoded(text.strip().splitlines()[-1] if text.strip() else "", 42)
        if raw[:2] != ALGORITHM:
            raise SignatureError(_("expected a key of algorithm Ed, found {found}").format(found=repr(raw[:2])))
        return cls(id_text(raw[2:10]), raw[10:])

    def to_text(self) -> str:
        """One line of Base64, as minisign takes it after -P."""
        return base64.b64encode(ALGORITHM + id_bytes(self.id) + self.data).decode()

    def to_file(self) -> str:
        """A key file, as minisign takes it after -p."""
        return f"{_UNTRUSTED}minisign public key {self.id}\n{self.to_text()}\n"


@dataclass(frozen=True)
class Signature:
    """A parsed signature; nothing is verified yet."""

    key: str  # id
    algorithm: bytes
    signature: bytes  # 64 bytes
    comment: str  # the trusted comment
    both: bytes  # 64 bytes, over signature and comment

    @classmethod
    def from_text(cls, text: str) -> Signature:
        """Parse the four lines. Raises SignatureError for anything else."""
        if any("\ud800" <= sign <= "\udfff" for sign in text):  # a lone surrogate, which JSON can bring
            raise SignatureError(_("expected the four lines of a signature"))
        lines = text.split("\n")
        if len(text) > MAX_SIGNATURE_TEXT or len(lines) != 5 or lines[4]:
            raise SignatureError(_("expected the four lines of a signature"))
        if not lines[0].startswith(_UNTRUSTED) or not lines[2].startswith(_TRUSTED):
            raise SignatureError(_("expected the four lines of a signature"))
        raw = _decoded(lines[1], 74)
        if raw[:2] not in (PREHASHED, LEGACY):
            raise SignatureError(
                _("expected a signature of algorithm ED or Ed, found {found}").format(found=repr(raw[:2]))
            )
        return cls(id_text(raw[2:10]), raw[:2], raw[10:], lines[2].removeprefix(_TRUSTED), _decoded(lines[3], 64))


@dataclass(frozen=True)
class SigningKey:
    """A secret key that is unlocked. `seed` never appears in a representation of this object."""

    id: str
    _private: Ed25519PrivateKey

    def __repr__(self) -> str:
        return f"SigningKey({self.id})"

    @classmethod
    def of_seed(cls, key_id: str, seed: bytes) -> SigningKey:
        """The key of an Ed25519 seed of 32 bytes."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return cls(key_id, Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def public(self) -> PublicKey:
        """The public half."""
        return PublicKey(self.id, self._private.public_key().public_bytes_raw())

    def seed(self) -> bytes:
        """The 32 secret bytes, for the key file and the printed spare alone."""
        return self._private.private_bytes_raw()

    def sign(self, digest: bytes, comment: str) -> str:
        """The signature over a message with this BLAKE2b-512 `digest`, as the text of a .minisig file."""
        _require_comment(comment)
        signature = self._private.sign(digest)
        both = self._private.sign(signature + comment.encode())
        first = base64.b64encode(PREHASHED + id_bytes(self.id) + signature).decode()
        second = base64.b64encode(both).decode()
        return f"{_UNTRUSTED}signature by packager\n{first}\n{_TRUSTED}{comment}\n{second}\n"


def digest_of(pieces: Iterable[bytes]) -> bytes:
    """The BLAKE2b-512 hash of a message in pieces, over which a prehashed signature is."""
    hashed = hashlib.blake2b()
    for piece in pieces:
        hashed.update(piece)
    return hashed.digest()


def verify(key: PublicKey, signature: Signature, message: bytes) -> str:
    """The trusted comment, after both signatures were verified over `message`.

    Raises SignatureError when the key is another one, or the message or the comment was altered.
    """
    prehashed = signature.algorithm == PREHASHED
    return _verify(key, signature, digest_of([message]) if prehashed else message)


def verify_digest(key: PublicKey, signature: Signature, digest: bytes) -> str:
    """As `verify`, for a message of which only the BLAKE2b-512 `digest` is known; refuses the older form."""
    if signature.algorithm != PREHASHED:
        raise SignatureError(_("expected a prehashed signature (ED), found Ed"))
    return _verify(key, signature, digest)


def _verify(key: PublicKey, signature: Signature, signed: bytes) -> str:
    from cryptography.exceptions import InvalidSignature

    if key.id != signature.key:
        raise SignatureError(
            _("expected a signature by key {expected}, found {found}").format(expected=key.id, found=signature.key)
        )
    try:
        public = _public(key.data)
        public.verify(signature.signature, signed)
        public.verify(signature.both, signature.signature + signature.comment.encode())
    except (InvalidSignature, ValueError) as error:
        raise SignatureError(_("the signature by key {key} does not fit").format(key=key.id)) from error
    return signature.comment


@lru_cache(maxsize=256)
def _public(data: bytes) -> Ed25519PublicKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    return Ed25519PublicKey.from_public_bytes(data)


def id_text(raw: bytes) -> str:
    """The key id of 8 bytes as minisign prints it: the hexadecimal digits of a little-endian number."""
    return raw[::-1].hex().upper()


def id_bytes(key_id: str) -> bytes:
    """The 8 bytes of a key id. Raises SignatureError for anything but 16 hexadecimal digits."""
    if not _KEY_ID.fullmatch(key_id):
        raise SignatureError(_("expected a key id of 16 hexadecimal digits"))
    return bytes.fromhex(key_id)[::-1]


def _decoded(text: str, size: int) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise SignatureError(_("expected a line of Base64")) from error
    # Base64 has spare bits: only one text for one value.
    if len(raw) != size or base64.b64encode(raw).decode() != text:
        raise SignatureError(_("expected {size} bytes in Base64, found {found}").format(size=size, found=len(raw)))
    return raw


def _require_comment(comment: str) -> None:
    if not comment or not comment.isprintable() or len(comment.encode()) > MAX_COMMENT:
        raise SignatureError(_("expected one printable line as comment"))
