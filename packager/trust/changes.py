"""Changes of the trust files: the first version, a key more, a key replaced or revoked. Pure.

A change raises TooFewSignersError, with the proposal to be signed, where its signers are fewer than it takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.trust.chain import Power, TrustChain, TrustedKey, TrustFile, extended, next_version, sign_file
from packager.trust.minisign import PublicKey, SigningKey
from packager.trust.proposals import TrustProposal, adopted

ALL_POWERS = frozenset(Power)
SPARE = "spare"  # the name of the printed key


def first_chain(
    office: str, made: str, key: SigningKey, *, by: str, spare: SigningKey | None = None, strict: bool = False
) -> TrustChain:
    """The chain of a new office. With `strict` only the spare may change trust."""
    powers = ALL_POWERS - {Power.TRUST} if strict else ALL_POWERS
    keys = {key.id: TrustedKey(by, key.public, powers)}
    if spare is not None:
        keys[spare.id] = TrustedKey(SPARE, spare.public, frozenset({Power.TRUST}))
    file = TrustFile(1, office, made, keys)
    signers = [one for one in (key, spare) if one is not None and one.id in file.who_may(Power.TRUST)]
    return extended(None, file.data, sign_file(file, signers), office)


def with_key(
    chain: TrustChain, made: str, added: TrustedKey, signers: Iterable[SigningKey], *, approvals: int | None = None
) -> TrustChain:
    """The chain with one key more; with `approvals`, an approval takes that many keys from then on.

    Raises InputError for a key that it has.
    """
    public = added.public
    if public.id in chain.last.keys or any(one.public.data == public.data for one in chain.last.keys.values()):
        raise InputError(_("the trust files have the key {key} already").format(key=public.id))
    approvers = chain.last.who_may(Power.APPROVE) | ({public.id} if Power.APPROVE in added.may else set())
    if approvals is not None and approvals > len(approvers):
        raise InputError(
            _("then nobody could approve a release any more: that takes {count} different keys").format(count=approvals)
        )
    thresholds = {**chain.last.thresholds, **({Power.APPROVE: approvals} if approvals is not None else {})}
    return _next(chain, made, {**chain.last.keys, public.id: added}, signers, thresholds)


def with_key_replaced(
    chain: TrustChain, made: str, old: str, public: PublicKey, signers: Iterable[SigningKey], *, reason: str
) -> TrustChain:
    """The chain with the key `old` revoked, and `public` in its place with the same name and powers."""
    known = require_key(chain, old)
    keys = {**chain.last.keys, old: replace(known, revoked=reason), public.id: replace(known, public=public)}
    return _next(chain, made, keys, signers)


def with_key_revoked(
    chain: TrustChain, made: str, old: str, signers: Iterable[SigningKey], *, reason: str
) -> TrustChain:
    """The chain in which nothing counts any more that the key `old` signed."""
    known = require_key(chain, old)
    return _next(chain, made, {**chain.last.keys, old: replace(known, revoked=reason)}, signers)


def with_threshold(chain: TrustChain, made: str, count: int, signers: Iterable[SigningKey]) -> TrustChain:
    """The chain in which changing trust takes `count` keys. Raises InputError where there are fewer."""
    holders = chain.last.who_may(Power.TRUST)
    if count > len(holders):
        message = _(
            "only {found} keys may change trust; add one first: packager trust add PUBLIC --name WHO --may trust"
        )
        raise InputError(message.format(found=len(holders)))
    return _next(chain, made, dict(chain.last.keys), signers, {**chain.last.thresholds, Power.TRUST: count})


def without_key(file: TrustFile, key: str, reason: str) -> TrustFile:
    """What `file` would be with `key` revoked; unsigned, to show the consequences."""
    return replace(file, keys={**file.keys, key: replace(file.keys[key], revoked=reason)})


def require_key(chain: TrustChain, key: str) -> TrustedKey:
    """The key in force with this id. Raises InputError when it is unknown or revoked."""
    known = chain.last.keys.get(key)
    if known is None:
        raise InputError(_("the trust files have no key {key}; packager trust show lists them").format(key=key))
    if known.revoked:
        raise InputError(_("the key {key} is revoked already: {reason}").format(key=key, reason=known.revoked))
    return known


def _next(
    chain: TrustChain,
    made: str,
    keys: dict[str, TrustedKey],
    signers: Iterable[SigningKey],
    thresholds: Mapping[Power, int] | None = None,
) -> TrustChain:
    file = next_version(chain.last, made, keys, thresholds)
    if len(file.who_may(Power.TRUST)) < file.thresholds[Power.TRUST]:
        raise InputError(
            _("then nobody could change the trust files any more; add a key first: packager trust spare FILE")
        )
    return adopted(chain, TrustProposal(file, sign_file(file, signers)), _("the new version"))
