"""The chain of trust files: each version lists keys and what each may do, and is signed by the one before. Pure.

A version counts when its number is one above the version before, and enough keys that may change trust signed it: by
the thresholds of the version before, and by its own. So whoever knows one version can verify all later ones, from
any file that brought them (The Update Framework, section 5.3).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from typing import Any

from packager.base.errors import DocumentError
from packager.base.formats import can_be_shown, canonical_json, is_moment, sha256_bytes
from packager.base.i18n.language import _
from packager.trust.errors import SignatureError, TrustError
from packager.trust.minisign import PublicKey, Signature, SigningKey, digest_of, verify
from packager.trust.secret_key import grouped

FORMAT = 1
KIND = "packager trust"
MAX_VERSIONS = 1000
MAX_KEYS = 200
MAX_SIGNATURES = 20  # of one version; each takes a tenth of a millisecond to verify
MAX_CHAIN_BYTES = 16 * 1024 * 1024
MAX_NAME = 200
_DIGITS = 30  # of a fingerprint: 99 bits


class Power(str, Enum):
    """What a key may do."""

    APPROVE = "approve"  # approve and withdraw releases
    EXCHANGE = "exchange"  # sign exports and backups of registries
    TRUST = "trust"  # sign trust files


@dataclass(frozen=True)
class TrustedKey:
    """A key in a trust file. `revoked` says why nothing that it signed counts any more; empty: it counts."""

    name: str  # whose key it is
    public: PublicKey
    may: frozenset[Power]
    revoked: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The key as JSON values."""
        values: dict[str, Any] = {"name": self.name, "key": self.public.to_text(), "may": sorted(self.may)}
        return values | ({"revoked": self.revoked} if self.revoked else {})


@dataclass(frozen=True)
class TrustFile:
    """One version."""

    version: int
    office: str
    made: str  # UTC, for people
    keys: Mapping[str, TrustedKey]  # by id
    thresholds: Mapping[Power, int] = field(default_factory=lambda: dict.fromkeys(Power, 1))

    def who_may(self, power: Power) -> frozenset[str]:
        """The ids of keys that may do this and are not revoked."""
        return frozenset(key for key, one in self.keys.items() if power in one.may and not one.revoked)

    @cached_property
    def data(self) -> bytes:
        """The file's bytes, canonical JSON."""
        keys = {key: one.to_dict() for key, one in self.keys.items()}
        thresholds = {power.value: self.thresholds[power] for power in Power}
        head = {"format": FORMAT, "kind": KIND, "version": self.version, "office": self.office, "made": self.made}
        return canonical_json({**head, "keys": keys, "thresholds": thresholds})

    @classmethod
    def from_bytes(cls, data: bytes, source: str) -> TrustFile:
        """Parse a trust file strictly. Raises DocumentError."""
        try:
            values = json.loads(data.decode("utf-8"))
            made = _trust_file(values)
            if made.data != data:
                raise ValueError("not in canonical form")
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise DocumentError(source, [_("this is no trust file: {reason}").format(reason=error)]) from error
        return made

    @property
    def fingerprint(self) -> str:
        """Six groups of five digits by which people compare trust files."""
        return grouped(f"{int(sha256_bytes(self.data), 16):078d}"[-_DIGITS:])


@dataclass(frozen=True)
class TrustChain:
    """All versions from the first on with their signatures; `verified_chain` and `extended` make only valid ones."""

    files: tuple[TrustFile, ...]
    signatures: tuple[tuple[str, ...], ...]  # of each version; each one verifies, one a key, by key id

    @property
    def last(self) -> TrustFile:
        """The version in force."""
        return self.files[-1]

    def to_values(self) -> list[dict[str, Any]]:
        """The chain as JSON values, as it travels."""
        return [
            {"file": one.data.decode(), "signatures": list(signed)}
            for one, signed in zip(self.files, self.signatures, strict=True)
        ]

    def version_of(self, fingerprint: str) -> int:
        """The number of the version that has this fingerprint, 0 where none has; spaces do not matter."""
        wanted = "".join(fingerprint.split())
        return next((one.version for one in self.files if one.fingerprint.replace(" ", "") == wanted), 0)


def require_fingerprint(chain: TrustChain, fingerprint: str, source: str) -> None:
    """Raise TrustError unless the newest version has this fingerprint: a stolen key could sign a version after it."""
    version = chain.version_of(fingerprint)
    if version == chain.last.version:
        return
    if version:
        raise TrustError(
            _(
                "{file}: these digits are of version {given} of the trust files, and the file has version {found}. "
                "Nothing was taken over. Somebody changed the trust files since; a thief with an old key could. Ask "
                "the office by telephone for the digits that its packager trust show prints now"
            ).format(file=source, given=version, found=chain.last.version)
        )
    raise TrustError(
        _(
            "{file} has another fingerprint than {given}: a slip, an older file, or a forgery. Nothing was taken over. "
            "Ask the office by telephone for the digits again, and get a file from it"
        ).format(file=source, given=fingerprint)  # never the digits of the file: a person would type them
    )


def chain_of_values(values: Any, source: str) -> TrustChain:
    """Parse and verify a chain that came with a file. Raises DocumentError or TrustError."""
    try:
        if not isinstance(values, list) or not 0 < len(values) <= MAX_VERSIONS:
            raise ValueError("no list of versions")
        pairs = []
        for one in values:
            if not isinstance(one, dict) or one.keys() != {"file", "signatures"} or type(one["file"]) is not str:
                raise ValueError("no version")
            signatures = one["signatures"]
            if not isinstance(signatures, list) or not all(type(text) is str for text in signatures):
                raise ValueError("no signatures")
            if len(signatures) > MAX_SIGNATURES:
                raise ValueError("too many signatures")
            pairs.append((one["file"].encode(), tuple(signatures)))
    except (ValueError, TypeError) as error:
        raise DocumentError(source, [_("this is no trust file: {reason}").format(reason=error)]) from error
    return verified_chain(pairs, source)


def verified_chain(pairs: Iterable[tuple[bytes, tuple[str, ...]]], source: str) -> TrustChain:
    """The chain of (file, signatures) pairs, each verified by the one before. Raises DocumentError or TrustError."""
    chain: TrustChain | None = None
    for data, signatures in pairs:
        chain = extended(chain, data, signatures, source)
    if chain is None:
        raise TrustError(_("{file} has no trust file").format(file=source))
    return chain


def extended(chain: TrustChain | None, data: bytes, signatures: Sequence[str], source: str) -> TrustChain:
    """The chain with one more version and those of its signatures that verify, in the order of key ids.

    Raises DocumentError or TrustError, which say what was expected.
    """
    file = TrustFile.from_bytes(data, source)
    expected = chain.last.version + 1 if chain is not None else 1
    if file.version != expected:
        raise TrustError(
            _("{file}: expected version {expected} of the trust files, found {found}").format(
                file=source, expected=expected, found=file.version
            )
        )
    known = chain.last.keys if chain is not None else {}
    if any(key in known and known[key].public != one.public for key, one in file.keys.items()):
        raise DocumentError(
            source, [_("this is no trust file: {reason}").format(reason="another key under a known id")]
        )
    kept: dict[str, str] = {}  # what does not verify is never written or passed on: it could hide what does
    for judge in ([chain.last] if chain is not None else []) + [file]:
        signers = verified_signatures(judge, Power.TRUST, data, signatures)
        kept |= signers
        if len(signers) < judge.thresholds[Power.TRUST]:
            raise TrustError(
                _(
                    "{file}: version {version} of the trust files needs {needed} signatures of keys that may change "
                    "trust, and has {found}; nothing of it was taken over"
                ).format(file=source, version=file.version, needed=judge.thresholds[Power.TRUST], found=len(signers))
            )
    texts = tuple(kept[key] for key in sorted(kept))
    if chain is None:
        return TrustChain((file,), (texts,))
    return TrustChain((*chain.files, file), (*chain.signatures, texts))


def signers_of(file: TrustFile, power: Power, message: bytes, signatures: Iterable[str]) -> frozenset[str]:
    """The ids of keys that may do `power` by `file` and signed `message`. What does not verify does not count."""
    return frozenset(verified_signatures(file, power, message, signatures))


def verified_signatures(file: TrustFile, power: Power, message: bytes, signatures: Iterable[str]) -> dict[str, str]:
    """The first signature that verifies of each key that may do `power` by `file`."""
    found: dict[str, str] = {}
    allowed = file.who_may(power)
    for text in signatures:
        try:
            signature = Signature.from_text(text)
            if signature.key in allowed and signature.key not in found:
                verify(file.keys[signature.key].public, signature, message)
                found[signature.key] = text
        except SignatureError:
            continue
    return found


def named_keys(file: TrustFile | None, keys: Iterable[str]) -> str:
    """Keys by id and, where the trust file has it, by name and why it does not count; for messages."""
    found = []
    for key in sorted(set(keys)):
        known = file.keys.get(key) if file is not None else None
        if known is None:
            found.append(_("key {key}, which nobody here knows").format(key=key))
        elif known.revoked:
            found.append(
                _("key {key} of {name}, revoked: {reason}").format(key=key, name=known.name, reason=known.revoked)
            )
        else:
            found.append(_("key {key} of {name}").format(key=key, name=known.name))
    return ", ".join(found) or _("nobody signed it")


def next_version(
    file: TrustFile, made: str, keys: Mapping[str, TrustedKey], thresholds: Mapping[Power, int] | None = None
) -> TrustFile:
    """The version after `file` with these keys."""
    return replace(
        file, version=file.version + 1, made=made, keys=dict(keys), thresholds=dict(thresholds or file.thresholds)
    )


def sign_file(file: TrustFile, keys: Iterable[SigningKey]) -> tuple[str, ...]:
    """Signatures of a version."""
    digest = digest_of([file.data])
    return tuple(key.sign(digest, f"packager trust version {file.version}") for key in keys)


def merged(own: TrustChain | None, offered: TrustChain, source: str) -> TrustChain | None:
    """The chain after a file offered another: the longer one if the shorter is its beginning.

    None where there is no own chain: nobody joined, so the offered one proves nothing. Raises TrustError when the two
    differ in a version that both have.
    """
    if own is None:
        return None
    for mine, other in zip(own.files, offered.files, strict=False):
        if mine.data != other.data:
            raise TrustError(
                _(
                    "{file} has another version {version} of the trust files than this workspace (here: {expected}). "
                    "Nothing was taken over. Ask the office which is right; to follow the other one, with the digits "
                    "that the office reads to you: packager trust join --again"
                ).format(file=source, version=mine.version, expected=mine.fingerprint)
            )
    return offered if len(offered.files) > len(own.files) else own


def _trust_file(values: Any) -> TrustFile:
    names = {"format", "kind", "version", "office", "made", "keys", "thresholds"}
    if not isinstance(values, dict) or values.keys() != names:
        raise ValueError("unknown or missing keys")
    if (values["format"], values["kind"]) != (FORMAT, KIND):
        raise ValueError("another format")
    if type(values["version"]) is not int or not 1 <= values["version"] <= MAX_VERSIONS:
        raise ValueError("no version")
    if type(values["made"]) is not str or not is_moment(values["made"]):
        raise ValueError("no moment")
    if not isinstance(values["keys"], dict) or not 0 < len(values["keys"]) <= MAX_KEYS:
        raise ValueError("no keys")
    keys = {key: _trusted_key(key, one) for key, one in values["keys"].items()}
    if len({one.public.data for one in keys.values()}) < len(keys):
        raise ValueError("one key under two ids")
    given = values["thresholds"]
    if not isinstance(given, dict) or given.keys() != {power.value for power in Power}:
        raise ValueError("no thresholds")
    if not all(type(count) is int and 1 <= count <= MAX_SIGNATURES for count in given.values()):
        raise ValueError("a threshold")
    thresholds = {power: given[power.value] for power in Power}
    made = TrustFile(values["version"], _line(values["office"]), values["made"], keys, thresholds)
    if len(made.who_may(Power.TRUST)) < thresholds[Power.TRUST]:
        raise ValueError("nobody may change it any more")
    return made


def _trusted_key(key: str, values: Any) -> TrustedKey:
    if not isinstance(values, dict) or not {"name", "key", "may"} <= values.keys() <= {"name", "key", "may", "revoked"}:
        raise ValueError("no key")
    public = PublicKey.from_text(values["key"])
    powers = [Power(power) for power in values["may"]]
    if public.id != key or "\n" in values["key"] or sorted(set(powers)) != powers:
        raise ValueError("a key")
    revoked = _line(values["revoked"]) if "revoked" in values else ""
    return TrustedKey(_line(values["name"]), public, frozenset(powers), revoked)


def _line(value: Any) -> str:
    if type(value) is not str or not 0 < len(value) <= MAX_NAME or not all(map(can_be_shown, value)):
        raise ValueError("a name")
    return value
