"""Signatures of decisions, and the judgement which decisions count by the trust files.

A signature is an event of its own, so a decision can be signed later, and by several keys. Its identity follows from
its content: nobody can take the identity of another's signature.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

from packager.base.formats import canonical_json, sha256_bytes
from packager.base.manifest import Manifest
from packager.registry.column_types import IDENTITY, text
from packager.registry.decisions import DECISIONS, Decision, Verb, made_here, order_of
from packager.registry.events import require_identity
from packager.registry.row_kinds import Column, row_kind
from packager.trust.chain import Power, TrustFile, signers_of
from packager.trust.minisign import SigningKey, digest_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

MAX_SIGNATURE = 16 * 1024


@dataclass(frozen=True)
class DecisionSignature:
    """A key signed a decision. `release` is a signature over the approved manifest's bytes, for cards."""

    id: Annotated[str, Column("identity, the beginning of the SHA-256 of the others", IDENTITY)]
    decision: Annotated[str, Column("the decision", IDENTITY, "decisions")]
    signature: Annotated[str, Column("over the decision, in minisign's format", text(MAX_SIGNATURE))]
    release: Annotated[str, Column("over the manifest, in minisign's format; empty: none", text(MAX_SIGNATURE))]

    def __post_init__(self) -> None:
        require_identity(self.id)
        if self.id != signature_id(self.decision, self.signature, self.release):
            raise ValueError("a signature with another identity")


SIGNATURES = row_kind(DecisionSignature, "signatures", "A key signed a decision.", indexes=(("decision",),))


def signature_id(*parts: str) -> str:
    """The identity of a signature with these columns."""
    return sha256_bytes(canonical_json(list(parts)))[:32]


def statement_of(decision: Decision) -> bytes:
    """The bytes that a signature of a decision is over."""
    return canonical_json({"kind": "packager decision", **DECISIONS.to_row(decision)})


def signed(decision: Decision, key: SigningKey, manifest: bytes = b"") -> DecisionSignature:
    """The signature of `key` for a decision; for an approval also over the `manifest`'s bytes."""
    until = f" until {decision.expires}" if decision.expires else ""
    about = f"{decision.decision.value} {decision.release} sequence {decision.sequence}{until}"
    statement = key.sign(digest_of([statement_of(decision)]), f"packager decision: {about}")
    release = key.sign(digest_of([manifest]), f"packager release: {about}") if manifest else ""
    return DecisionSignature(signature_id(decision.id, statement, release), decision.id, statement, release)


def write_signature(connection: Connection, made: DecisionSignature) -> None:
    """Record a signature unless it is known."""
    from packager.registry.schema import signatures

    if connection.execute(signatures.select().where(signatures.c.id == made.id)).first() is None:
        connection.execute(signatures.insert().values(**SIGNATURES.to_row(made)))


def read_signatures(connection: Connection, decisions: Iterable[str] | None = None) -> tuple[DecisionSignature, ...]:
    """All signatures, or those of some decisions, by identity."""
    from packager.registry.schema import signatures

    query = signatures.select().order_by(signatures.c.id)
    if decisions is not None:
        query = query.where(signatures.c.decision.in_(sorted(decisions)))
    return tuple(map(SIGNATURES.of_row, connection.execute(query)))


@dataclass(frozen=True)
class Vouching:
    """Which decisions count. Pure.

    Without `approval_required` all do. With it, those that were made here and those that keys signed which may approve
    by `trust`; with `signed_only` the latter alone.
    """

    approval_required: bool = False
    own: frozenset[str] = frozenset()  # identities of decisions
    signatures: Mapping[str, tuple[DecisionSignature, ...]] = field(default_factory=dict)  # by decision
    trust: TrustFile | None = None
    signed_only: bool = False
    _signers: dict[str, frozenset[str]] = field(default_factory=dict, repr=False, compare=False)

    def signers(self, decision: Decision) -> frozenset[str]:
        """The keys that signed the decision and may approve."""
        if self.trust is None:
            return frozenset()
        if decision.id not in self._signers:  # a check takes a tenth of a millisecond
            texts = [one.signature for one in self.signatures.get(decision.id, ())]
            self._signers[decision.id] = signers_of(self.trust, Power.APPROVE, statement_of(decision), texts)
        return self._signers[decision.id]

    def is_claimed(self, decision: Decision) -> bool:
        """Whether nobody here vouches for the decision: it was made elsewhere, and no allowed key signed it."""
        return not self.is_signed([decision]) if self.signed_only else not self._is_own_or_signed(decision)

    def is_signed(self, decisions: Iterable[Decision]) -> bool:
        """Whether enough different keys signed these decisions, which all say the same."""
        if self.trust is None:
            return False
        keys = frozenset[str]().union(*map(self.signers, decisions))
        return len(keys) >= self.trust.thresholds[Power.APPROVE]

    def effective(self, decisions: Iterable[Decision], manifest: str) -> Decision | None:
        """The decision in effect about a manifest among those about its content, or None.

        Every withdrawal is in effect until an approval that counts comes after it.
        """
        about = sorted(decisions, key=order_of)
        withdrawals = [one for one in about if one.decision is Verb.WITHDRAWN]
        last = order_of(withdrawals[-1]) if withdrawals else (0, False, "")
        approvals = [
            one for one in about if one.decision is Verb.APPROVED and one.manifest == manifest and order_of(one) > last
        ]
        counting = approvals if self._counts(approvals) else []
        return max((*withdrawals, *counting), key=order_of, default=None)

    def _counts(self, approvals: list[Decision]) -> bool:
        if not self.approval_required or (not self.signed_only and any(one.id in self.own for one in approvals)):
            return True
        return self.is_signed(approvals)

    def _is_own_or_signed(self, decision: Decision) -> bool:
        return decision.id in self.own or self.is_signed([decision])


ANY_DECISION = Vouching()
"""Every decision counts."""


def card_signature(vouching: Vouching, decision: Decision | None, manifest: bytes) -> bytes:
    """A signature over an approved manifest's bytes for its card, by a key that may approve; empty where none is.

    Pure.
    """
    if decision is None or decision.decision is not Verb.APPROVED or vouching.trust is None:
        return b""
    for one in vouching.signatures.get(decision.id, ()):
        if one.release and signers_of(vouching.trust, Power.APPROVE, manifest, [one.release]):
            return one.release.encode()
    return b""


def signers_on_card(trust: TrustFile | None, manifest: bytes, signature: bytes) -> frozenset[str]:
    """The keys that may approve and signed a manifest, by the signature that was found beside it. Pure."""
    if trust is None or not signature:
        return frozenset()
    return signers_of(trust, Power.APPROVE, manifest, [signature.decode("utf-8", "replace")])


def is_vouched(trust: TrustFile | None, manifest: bytes, signature: bytes) -> bool:
    """Whether a signature that was found beside a manifest is by a key that may approve, and one is enough. Pure."""
    signers = signers_on_card(trust, manifest, signature)
    return trust is not None and len(signers) >= trust.thresholds[Power.APPROVE]


def verified_only(
    trust: TrustFile, manifest: Manifest, decisions: Iterable[Decision], found: Iterable[DecisionSignature]
) -> tuple[DecisionSignature, ...]:
    """Of signatures of decisions about a release, one a decision and key: those that verify by `trust`. Pure.

    Anybody can write any number of others beside them.
    """
    of_all = by_decision(found)
    kept: list[DecisionSignature] = []
    for decision in decisions:
        message, about = statement_of(decision), manifest.to_bytes() if decision.manifest == manifest.id else b""
        best: dict[str, DecisionSignature] = {}
        for one in of_all.get(decision.id, ()):
            signers = signers_of(trust, Power.APPROVE, message, [one.signature])
            if one.release:
                signers &= signers_of(trust, Power.APPROVE, about, [one.release])
            for key in signers:
                if key not in best or (one.release and not best[key].release):
                    best[key] = one
        kept += best.values()
    return tuple(sorted(kept, key=lambda one: one.id))


def by_decision(found: Iterable[DecisionSignature]) -> Mapping[str, tuple[DecisionSignature, ...]]:
    """Signatures by the decision that they are of."""
    grouped: dict[str, list[DecisionSignature]] = defaultdict(list)
    for one in found:
        grouped[one.decision].append(one)
    return {decision: tuple(ones) for decision, ones in grouped.items()}


def read_vouching(
    connection: Connection, trust: TrustFile | None, *, approval_required: bool, signed_only: bool = False
) -> Vouching:
    """Which decisions count by this registry and the trust files."""
    found = by_decision(read_signatures(connection)) if trust is not None else {}
    return Vouching(approval_required or signed_only, made_here(connection), found, trust, signed_only)
