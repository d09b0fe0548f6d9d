"""A proposed version of the trust files: goes from one key holder to the next until enough have signed it. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from packager.base.errors import DocumentError
from packager.base.formats import canonical_json
from packager.base.i18n.language import _
from packager.trust.chain import (
    MAX_SIGNATURES,
    Power,
    TrustChain,
    TrustedKey,
    TrustFile,
    extended,
    sign_file,
    signers_of,
)
from packager.trust.errors import TrustError
from packager.trust.minisign import SigningKey

MAX_PROPOSAL_BYTES = 1024 * 1024
_KIND = "packager trust proposal"


@dataclass(frozen=True)
class TrustProposal:
    """A version of the trust files and the signatures that it has so far."""

    file: TrustFile
    signatures: tuple[str, ...]

    def to_bytes(self) -> bytes:
        """The proposal as a file, canonical JSON."""
        values = {"file": self.file.data.decode(), "kind": _KIND, "signatures": list(self.signatures)}
        return canonical_json(values)

    @classmethod
    def from_bytes(cls, data: bytes, source: str) -> TrustProposal:
        """Parse a proposal strictly. Raises DocumentError."""
        try:
            values = json.loads(data.decode("utf-8"))
            if values["kind"] != _KIND or len(values["signatures"]) > MAX_SIGNATURES:
                raise ValueError("of another kind")
            made = cls(TrustFile.from_bytes(values["file"].encode(), source), tuple(values["signatures"]))
            if made.to_bytes() != data or not all(type(text) is str for text in made.signatures):
                raise ValueError("not in canonical form")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise DocumentError(source, [_("this is no proposed change of trust")]) from error
        return made


class TooFewSignersError(TrustError):
    """A change needs signatures of more keys."""

    def __init__(self, proposal: TrustProposal, missing: int) -> None:
        message = _("this change of trust needs {count} more signatures: packager trust sign")
        super().__init__(message.format(count=missing))
        self.proposal, self.missing = proposal, missing


def missing_signers(chain: TrustChain, proposal: TrustProposal) -> int:
    """How many more keys have to sign, by the version in force and by the proposed one."""
    counts = (
        judge.thresholds[Power.TRUST] - len(signers_of(judge, Power.TRUST, proposal.file.data, proposal.signatures))
        for judge in (chain.last, proposal.file)
    )
    return max(0, *counts)


def require_next(chain: TrustChain, proposal: TrustProposal, source: str) -> None:
    """Raise TrustError unless the proposal follows the version in force."""
    if proposal.file.version == chain.last.version + 1:
        return
    message = _(
        "{file} proposes version {version} of the trust files, and version {known} is in force here; propose the "
        "change again"
    )
    raise TrustError(message.format(file=source, version=proposal.file.version, known=chain.last.version))


def signed(proposal: TrustProposal, key: SigningKey) -> TrustProposal:
    """The proposal with one more signature."""
    return replace(proposal, signatures=tuple(dict.fromkeys((*proposal.signatures, *sign_file(proposal.file, [key])))))


def adopted(chain: TrustChain, proposal: TrustProposal, source: str) -> TrustChain:
    """The chain with the proposed version. Raises TooFewSignersError, or TrustError for one that does not follow."""
    missing = missing_signers(chain, proposal)
    if missing:
        raise TooFewSignersError(proposal, missing)
    return extended(chain, proposal.file.data, proposal.signatures, source)


def changes(old: TrustFile, new: TrustFile) -> Iterator[str]:
    """What a new version changes, a line each, for the person who signs it."""
    if new.office != old.office:
        yield _("the office is called {new}, not {old}").format(new=new.office, old=old.office)
    for key in sorted({*old.keys, *new.keys}):
        before, after = old.keys.get(key), new.keys.get(key)
        if before == after:
            continue
        if after is None:
            yield _("the key {key} of {name} is left out").format(key=key, name=before.name if before else "")
        elif after.revoked and not (before and before.revoked):
            yield _("the key {key} of {name} is revoked: {reason}").format(
                key=key, name=after.name, reason=after.revoked
            )
        else:
            yield _("the key {key} of {name} may: {powers}").format(key=key, name=after.name, powers=_powers(after))
    for power in Power:
        if new.thresholds[power] != old.thresholds[power]:
            yield _("{power} takes {new} keys, not {old}").format(
                power=power.value, new=new.thresholds[power], old=old.thresholds[power]
            )


def _powers(key: TrustedKey) -> str:
    return ", ".join(power.value for power in Power if power in key.may)
