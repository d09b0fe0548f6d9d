"""Who vouches for a file from elsewhere: the signature of an export or backup, and the approvals in an archive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from packager.base.i18n.language import _
from packager.base.manifest import Manifest
from packager.registry.database import Registry
from packager.registry.decisions import Decision, decisions_about
from packager.registry.signatures import DecisionSignature, Vouching, by_decision, read_signatures
from packager.trust.chain import Power, TrustFile, named_keys
from packager.trust.errors import SignatureError, TrustError
from packager.trust.minisign import Signature, verify_digest
from packager.trust.store import TrustMode, TrustStore


def require_sender(
    trust: TrustStore, signature: str, digest: bytes, source: str, *, advice: str = ""
) -> tuple[str, str]:
    """Who signed a file with this BLAKE2b-512 digest, and a warning where nobody did who may exchange.

    Raises TrustError instead of the warning where trust is required; `advice` ends its message, by default that for
    an export. `signature` is empty where there is none.
    """
    sender, problem = _sender(trust.last, signature, digest)
    if not problem or trust.mode is TrustMode.OFF:
        return sender, ""
    return "", _judged(
        trust,
        _("{file} is not signed by a key that may exchange registries ({problem})").format(
            file=source, problem=problem
        ),
        advice
        or _(
            "nothing was taken over; ask the sender to export it again with a key that the office "
            "added: packager trust add"
        ),
    )


def _sender(last: TrustFile | None, text: str, digest: bytes) -> tuple[str, str]:
    """The name of who signed, or why it does not count."""
    if not text:
        return "", _("nobody signed it")
    try:
        signature = Signature.from_text(text)
    except SignatureError as error:
        return "", str(error)
    if last is None or signature.key not in last.who_may(Power.EXCHANGE):
        return "", named_keys(last, [signature.key])
    try:
        verify_digest(last.keys[signature.key].public, signature, digest)
    except SignatureError as error:
        return "", str(error)
    return last.keys[signature.key].name, ""


@dataclass(frozen=True)
class OfferedDecisions:
    """What an archive says about a release, as far as it is taken over; `warning` says what nobody vouches for."""

    decisions: tuple[Decision, ...]
    signatures: tuple[DecisionSignature, ...]
    warning: str = ""


def require_approver(
    registry: Registry, manifest: Manifest, offered: OfferedDecisions, source: str
) -> OfferedDecisions:
    """The decisions of an archive that are taken over: where trust is required, those that an allowed key signed.

    Raises TrustError where trust is required and no key that may approve vouches for the release. What this registry
    knows already counts too.
    """
    trust = registry.trust
    if trust.mode is TrustMode.OFF:
        return offered
    with registry.read() as connection:
        known = decisions_about(connection, manifest.content_id)
        stored = read_signatures(connection, {one.id for one in (*offered.decisions, *known)})
    of_all = {one.id: one for one in (*offered.signatures, *stored)}.values()
    vouching = Vouching(True, signatures=by_decision(of_all), trust=trust.last, signed_only=True)
    kept = offered
    if trust.is_required:
        decisions = tuple(one for one in offered.decisions if one in known or vouching.signers(one))
        ids = {one.id for one in decisions}
        kept = OfferedDecisions(decisions, tuple(one for one in offered.signatures if one.decision in ids))
    every = {one.id: one for one in (*kept.decisions, *known)}
    if vouching.effective(every.values(), manifest.id) is None:  # neither approved nor withdrawn
        return replace(kept, warning=_not_approved(trust, manifest, vouching, (*offered.decisions, *known), source))
    left_out = len(offered.decisions) - len(kept.decisions)
    warning = _("{file}: {count} decisions that no allowed key signed were left out").format(
        file=source, count=left_out
    )
    return replace(kept, warning=warning if left_out else "")


def _not_approved(
    trust: TrustStore, manifest: Manifest, vouching: Vouching, decisions: Iterable[Decision], source: str
) -> str:
    """The warning about a release that is not approved. Raises TrustError where nobody who may approve signed it."""
    about = [one for one in decisions if one.manifest == manifest.id]
    signers = frozenset[str]().union(*map(vouching.signers, about))
    if signers and trust.last is not None:
        return _("{file}: '{release}' has {found} of the {needed} approvals that it needs ({signers})").format(
            file=source,
            release=manifest.release,
            found=len(signers),
            needed=trust.last.thresholds[Power.APPROVE],
            signers=named_keys(trust.last, signers),
        )
    signed = [one for decision in about for one in vouching.signatures.get(decision.id, ())]
    problem = _("{file}: '{release}' is not approved by a key that may approve releases ({signers})").format(
        file=source, release=manifest.release, signers=named_keys(trust.last, _keys_of(signed))
    )
    return _judged(
        trust, problem, _("nothing was unpacked; ask the office to approve it with its key, and to pack it again")
    )


def _keys_of(signatures: Iterable[DecisionSignature]) -> Iterator[str]:
    for one in signatures:
        try:
            yield Signature.from_text(one.signature).key
        except SignatureError:
            continue


def _judged(trust: TrustStore, problem: str, advice: str) -> str:
    if trust.is_required:
        raise TrustError(f"{problem}; {advice}")
    return problem
