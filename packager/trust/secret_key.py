"""Secret keys: minisign's key file with a passphrase, and the printed spare as digits. Pure.

A key file holds the seed encrypted with a stream that scrypt derives from the passphrase, and a BLAKE2b-256 checksum
inside, so that a wrong passphrase is noticed. `minisign -S -s` and this module read each other's files.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import secrets
import struct
from dataclasses import dataclass

from packager.base.i18n.language import _
from packager.trust.errors import SignatureError
from packager.trust.minisign import ALGORITHM, SigningKey, id_bytes, id_text

_LAYOUT = struct.Struct("<2s2s2s32sQQ104s")
_SCRYPT, _NO_SCRYPT, _CHECKSUM = b"Sc", b"\0\0", b"B2"
OPERATIONS, MEMORY = 1 << 22, 1 << 27  # 128 MiB, half a second; minisign itself takes 1 GiB
_MOST_MEMORY = 1 << 30  # a key file of minisign
_MOST_WORK = 1 << 25
_BLOCK = 8  # scrypt's r
_SPARE_DIGITS = 100  # 8 bytes of id and 32 of seed are 97 digits; 3 check
_GROUP = 5


class WrongPassphraseError(SignatureError):
    """The passphrase does not open the key file, or the file is damaged."""


@dataclass(frozen=True)
class KeyFile:
    """A parsed key file, still encrypted."""

    salt: bytes
    operations: int
    memory: int
    encrypted: bytes
    is_open: bool  # without a passphrase

    @classmethod
    def from_text(cls, text: str) -> KeyFile:
        """Parse a key file. Raises SignatureError."""
        lines = text.strip().splitlines()
        if len(lines) != 2:
            raise SignatureError(_("expected a comment and a line of Base64"))
        try:
            raw = base64.b64decode(lines[1], validate=True)
        except (binascii.Error, ValueError) as error:
            raise SignatureError(_("expected a line of Base64")) from error
        if len(raw) != _LAYOUT.size:
            raise SignatureError(
                _("expected {size} bytes in Base64, found {found}").format(size=_LAYOUT.size, found=len(raw))
            )
        algorithm, kdf, checksum, salt, operations, memory, encrypted = _LAYOUT.unpack(raw)
        if (algorithm, checksum) != (ALGORITHM, _CHECKSUM) or kdf not in (_SCRYPT, _NO_SCRYPT):
            raise SignatureError(_("expected a secret key of minisign"))
        if memory > _MOST_MEMORY or operations > _MOST_WORK:
            raise SignatureError(_("expected a secret key that opens with at most 1 GiB of memory"))
        return cls(salt, operations, memory, encrypted, kdf == _NO_SCRYPT)

    def unlock(self, passphrase: str) -> SigningKey:
        """The key. Raises WrongPassphraseError."""
        plain = self.encrypted
        if not self.is_open:
            plain = _xored(plain, _stream(passphrase, self.salt, self.operations, self.memory))
        raw_id, seed, public, checksum = plain[:8], plain[8:40], plain[40:72], plain[72:]
        if hashlib.blake2b(ALGORITHM + plain[:72], digest_size=32).digest() != checksum:
            raise WrongPassphraseError(_("the passphrase does not open the key"))
        key = SigningKey.of_seed(id_text(raw_id), seed)
        if key.public.data != public:
            raise WrongPassphraseError(_("the passphrase does not open the key"))
        return key


def new_key() -> SigningKey:
    """A new random key."""
    return SigningKey.of_seed(id_text(secrets.token_bytes(8)), secrets.token_bytes(32))


def locked(key: SigningKey, passphrase: str) -> str:
    """The key file of `key`, encrypted with the passphrase."""
    salt = secrets.token_bytes(32)
    plain = id_bytes(key.id) + key.seed() + key.public.data
    plain += hashlib.blake2b(ALGORITHM + plain, digest_size=32).digest()
    encrypted = _xored(plain, _stream(passphrase, salt, OPERATIONS, MEMORY))
    raw = _LAYOUT.pack(ALGORITHM, _SCRYPT, _CHECKSUM, salt, OPERATIONS, MEMORY, encrypted)
    return f"untrusted comment: minisign encrypted secret key {key.id}\n{base64.b64encode(raw).decode()}\n"


def spare_digits(key: SigningKey) -> str:
    """The whole key as 20 groups of 5 digits, to be printed and locked away."""
    number = int.from_bytes(id_bytes(key.id) + key.seed(), "big")
    return grouped(f"{number:0{_SPARE_DIGITS - 3}d}{_checksum(number):03d}")


def key_of_spare(text: str) -> SigningKey:
    """The key of printed digits; spaces and dashes do not matter. Raises SignatureError for a slip."""
    digits = re.sub(r"[\s-]", "", text)
    if not re.fullmatch(f"[0-9]{{{_SPARE_DIGITS}}}", digits):
        raise SignatureError(_("expected {size} digits, found {found}").format(size=_SPARE_DIGITS, found=len(digits)))
    number = int(digits[:-3])
    if _checksum(number) != int(digits[-3:]) or number >= 1 << 320:
        raise SignatureError(_("the digits do not fit each other: look for a slip"))
    raw = number.to_bytes(40, "big")
    return SigningKey.of_seed(id_text(raw[:8]), raw[8:])


def grouped(digits: str) -> str:
    """Digits in groups of five."""
    return " ".join(digits[start : start + _GROUP] for start in range(0, len(digits), _GROUP))


def _checksum(number: int) -> int:
    # 997 is prime, so each wrong digit and each swap of neighbours changes the remainder.
    return number % 997


def _xored(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _stream(passphrase: str, salt: bytes, operations: int, memory: int) -> bytes:
    cost, parallel = _scrypt_parameters(operations, memory)
    return hashlib.scrypt(
        passphrase.encode(), salt=salt, n=1 << cost, r=_BLOCK, p=parallel, maxmem=_MOST_MEMORY + (1 << 26), dklen=104
    )


def _scrypt_parameters(operations: int, memory: int) -> tuple[int, int]:
    """scrypt's log2(N) and p by libsodium's rule for `opslimit` and `memlimit`."""
    operations = max(operations, 32768)
    if operations < memory // 32:
        return _log2_below(operations // (_BLOCK * 4)), 1
    cost = _log2_below(memory // (_BLOCK * 128))
    return cost, max(1, min(operations // 4 >> cost, 0x3FFFFFFF) // _BLOCK)


def _log2_below(most: int) -> int:
    """The smallest n from 1 on with 2**n above half of `most`."""
    return next(n for n in range(1, 63) if 1 << n > most // 2)
