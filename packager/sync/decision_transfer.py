"""Approval decisions in a release archive: packed with the release, validated and recorded where it is unpacked."""

from __future__ import annotations

import json
from collections.abc import Sequence

from packager.base.errors import DocumentError, InputError
from packager.base.formats import canonical_json
from packager.base.i18n.language import _
from packager.base.manifest import Manifest
from packager.registry.approval import registry_vouching
from packager.registry.database import Registry
from packager.registry.decisions import DECISIONS, Decision, Verb, decisions_about
from packager.registry.releases import release_record, write_own_release
from packager.registry.signatures import SIGNATURES, DecisionSignature, read_signatures, write_signature
from packager.trust.chain import TrustChain, chain_of_values

_MAX_DECISIONS = 1000  # about one release
_MAX_SIGNATURES = 3000


def packed_decisions(registry: Registry, manifest: Manifest) -> bytes:
    """All decisions about a release as canonical JSON, in their order."""
    with registry.read() as connection:
        about = decisions_about(connection, manifest.content_id)
    found = [one for one in about if _is_packed(one, manifest)]
    return canonical_json([DECISIONS.to_row(one) for one in found])


def _is_packed(decision: Decision, manifest: Manifest) -> bool:
    return decision.decision is Verb.WITHDRAWN or decision.manifest == manifest.id


def read_decisions(data: bytes, manifest: Manifest, source: str) -> tuple[Decision, ...]:
    """The decisions in `data` about the release of `manifest`; messages call the data `source`.

    An archive may come from anyone. Raises DocumentError for anything that `packed_decisions` never writes.
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


def packed_trust(registry: Registry, manifest: Manifest) -> bytes:
    """The trust files and the signatures of `packed_decisions` as canonical JSON; empty where there are none."""
    chain = registry.trust.chain
    with registry.read() as connection:
        about = decisions_about(connection, manifest.content_id)
        signatures = read_signatures(connection, [one.id for one in about if _is_packed(one, manifest)])
    if chain is None and not signatures:
        return b""
    rows = [SIGNATURES.to_row(one) for one in signatures]
    return canonical_json({"signatures": rows, "trust": chain.to_values() if chain is not None else []})


def read_trust(
    data: bytes, decisions: Sequence[Decision], source: str
) -> tuple[TrustChain | None, tuple[DecisionSignature, ...]]:
    """The trust files, verified by themselves, and the signatures of `decisions` in an archive's `trust.json`.

    Raises DocumentError or TrustError for anything that `packed_trust` never writes.
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
