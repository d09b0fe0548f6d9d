"""Approval decisions in a release archive: packed with the release, validated and recorded where it is unpacked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from packager.base.errors import DocumentError, InputError
from packager.base.formats import canonical_json
from packager.base.i18n.language import _
from packager.base.manifest import Manifest
from packager.registry.approval import registry_vouching
from packager.registry.database import Registry
from packager.registry.decisions import DECISIONS, Decision, Verb, decisions_about
from packager.registry.releases import release_record, write_own_release
from packager.registry.signatures import SIGNATURES, DecisionSignature, read_signatures, statement_of, write_signature
from packager.releases.archive_form import MAX_DECISIONS_BYTES, MAX_TRUST_BYTES
from packager.trust.chain import Power, TrustChain, chain_of_values, signers_of

_MAX_DECISIONS = 1000  # about one release
_MAX_SIGNATURES = 3000


@dataclass(frozen=True)
class PackedDecisions:
    """What was decided about a release, for its archive."""

    decisions: bytes  # canonical JSON, in their order
    trust: bytes  # the signatures of these and the trust files as canonical JSON; empty where there are none
    left_out: int  # decisions for which nobody here vouches, and which an archive can't take


def pack_decisions(registry: Registry, manifest: Manifest) -> PackedDecisions:
    """All decisions about a release; without the claimed ones where an archive can't take as many.

    Raises InputError where even the others are too many.
    """
    with registry.read() as connection:
        found = [one for one in decisions_about(connection, manifest.content_id) if _is_packed(one, manifest)]
        kept, data = found, _rows(found)
        if len(kept) > _MAX_DECISIONS or len(data) > MAX_DECISIONS_BYTES:
            vouching = registry_vouching(connection, registry, approval_required=True)
            kept = [one for one in found if not vouching.is_claimed(one)]
            data = _rows(kept)
        signatures = read_signatures(connection, [one.id for one in kept])
    if len(kept) > _MAX_DECISIONS or len(data) > MAX_DECISIONS_BYTES:
        message = _("there are more decisions about '{release}' than an archive can hold; build it as a new release")
        raise InputError(message.format(release=manifest.release))
    return PackedDecisions(data, _packed_trust(registry.trust.chain, kept, signatures), len(found) - len(kept))


def _packed_trust(
    chain: TrustChain | None, decisions: Sequence[Decision], signatures: Sequence[DecisionSignature]
) -> bytes:
    """The trust files and signatures; only the signatures of trusted keys where an archive can't take as many."""
    if chain is None and not signatures:
        return b""
    values = chain.to_values() if chain is not None else []
    data = canonical_json({"signatures": [SIGNATURES.to_row(one) for one in signatures], "trust": values})
    if len(signatures) <= _MAX_SIGNATURES and len(data) <= MAX_TRUST_BYTES:
        return data
    statements = {one.id: statement_of(one) for one in decisions}
    last = chain.last if chain is not None else None
    trusted = [
        one
        for one in signatures
        if last is not None and signers_of(last, Power.APPROVE, statements[one.decision], [one.signature])
    ]
    return canonical_json({"signatures": [SIGNATURES.to_row(one) for one in trusted], "trust": values})


def _rows(decisions: Sequence[Decision]) -> bytes:
    return canonical_json([DECISIONS.to_row(one) for one in decisions])


def _is_packed(decision: Decision, manifest: Manifest) -> bool:
    return decision.decision is Verb.WITHDRAWN or decision.manifest == manifest.id


def read_decisions(data: bytes, manifest: Manifest, source: str) -> tuple[Decision, ...]:
    """The decisions in `data` about the release of `manifest`; messages call the data `source`.

    An archive may come from anyone. Raises DocumentError for anything that `pack_decisions` never writes.
    """
    try:
        values = json.loads(data.decode("utf-8"))
        if not isinstance(values, list) or len(values) > _MAX_DECISIONS or canonical_json(values) != data:
            raise ValueError("not in canonical form")
        rows = [DECISIONS.checked(value) for value in values]
        if any(row["content"] != manifest.content_id for row in rows):
            raise ValueError("another content")
        if any(row["decision"] == Verb.APPROVED.value and row["manifest"] != manifest.id for row in rows):
            raise ValueError("another release")
        if len({row["id"] for row in rows}) < len(rows):
            raise ValueError("one identity twice")
    except (ValueError, TypeError, RecursionError) as error:
        raise DocumentError(source, [_("no decisions about '{release}'").format(release=manifest.release)]) from error
    return tuple(DECISIONS.of_row(tuple(row.values())) for row in rows)


def read_trust(
    data: bytes, decisions: Sequence[Decision], source: str
) -> tuple[TrustChain | None, tuple[DecisionSignature, ...]]:
    """The trust files, verified by themselves, and the signatures of `decisions` in an archive's `trust.json`.

    Raises DocumentError or TrustError for anything that `pack_decisions` never writes.
    """
    if not data:
        return None, ()
    known = {one.id for one in decisions}
    try:
        values = json.loads(data.decode("utf-8"))
        if not isinstance(values, dict) or values.keys() != {"signatures", "trust"} or canonical_json(values) != data:
            raise ValueError("not in canonical form")
        if not isinstance(values["signatures"], list) or len(values["signatures"]) > _MAX_SIGNATURES:
            raise ValueError("no signatures")
        rows = [SIGNATURES.checked(value) for value in values["signatures"]]
        if any(row["decision"] not in known for row in rows):
            raise ValueError("a signature of another decision")
    except (ValueError, TypeError, RecursionError) as error:
        raise DocumentError(source, [_("no signatures of these decisions: {reason}").format(reason=error)]) from error
    chain = chain_of_values(values["trust"], source) if values["trust"] != [] else None
    return chain, tuple(SIGNATURES.of_row(tuple(row.values())) for row in rows)


def take_over(
    registry: Registry, manifest: Manifest, decisions: Sequence[Decision], signatures: Sequence[DecisionSignature] = ()
) -> tuple[Decision, ...]:
    """Record the release and what was decided and signed about it, except what is known.

    Returns the decisions for which nobody here vouches.

    Raises InputError, with nothing recorded, when another content was recorded with its sequence, or when the
    registry has another version of one of the decisions.
    """
    from packager.registry.schema import decisions as table

    record = release_record(manifest)
    with registry.write() as connection:
        write_own_release(connection, record)
        for one in decisions:
            row = connection.execute(table.select().where(table.c.id == one.id)).first()
            if row is None:
                connection.execute(table.insert().values(**DECISIONS.to_row(one)))
            elif DECISIONS.of_row(row) != one:
                raise InputError(
                    _(
                        "decision {id} in the archive differs from the one in this registry; get the archive again "
                        "from where it was packed"
                    ).format(id=one.id[:8])
                )
        for made in signatures:
            write_signature(connection, made)
        vouching = registry_vouching(connection, registry, approval_required=True)
    return tuple(one for one in decisions if vouching.is_claimed(one))
