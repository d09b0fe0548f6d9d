"""Releases in the field: decisions about them, recall from their holders, and pruning of unneeded ones."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.base.manifest import check_code
from packager.base.yaml_documents import did_you_mean
from packager.fleet.status import PlayerStatus
from packager.registry.approval import DistributionBan, ReleasePolicy, ReleaseState, read_release_policy
from packager.registry.database import Registry
from packager.registry.decisions import Decision, Verb, decisions_by_content, record_decision
from packager.registry.events import ReleaseRecord
from packager.registry.players import one_line
from packager.registry.releases import record_release, recorded_releases, release_record
from packager.registry.signatures import read_vouching, signed, write_signature
from packager.releases.store import StoredRelease
from packager.trust.chain import TrustFile
from packager.trust.minisign import SigningKey

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True)
class ReleaseHolder:
    """A player that holds a release, or may hold parts of it after a failed load."""

    status: PlayerStatus
    is_sure: bool


def find_known(registry: Registry, stored: Iterable[StoredRelease], name: str, *, code: str = "") -> ReleaseRecord:
    """The stored or recorded release called `name`; `code` is its check code, if two have that name.

    Raises InputError if there is none, or more than one content of that name.
    """
    here = [release_record(one.manifest) for one in stored]
    recorded = recorded_releases(registry)
    named = [one for one in (*here, *recorded) if one.release == name and has_code(one.manifest, code)]
    found = {one.content: one for one in named}
    if not found:
        hint = did_you_mean(name, sorted({one.release for one in (*recorded, *here)}))
        raise InputError(_("no release '{name}' is stored or recorded{hint}").format(name=name, hint=hint))
    if len(found) > 1:
        codes = ", ".join(sorted(check_code(one.manifest) for one in found.values()))
        raise InputError(
            _("there are different releases '{name}': say which is meant with --code ({codes})").format(
                name=name, codes=codes
            )
        )
    return next(iter(found.values()))


def has_code(manifest: str, code: str) -> bool:
    """Whether `code` is the whole check code of a manifest, or empty; blanks and hyphens do not matter.

    Raises InputError for a part of a code: somebody can make a release whose code begins like another's.
    """
    if not code.strip():
        return True
    wanted = check_code(manifest).replace(" ", "")
    given = re.sub(r"[\s\-]", "", code)
    if len(given) != len(wanted) or not given.isdecimal():
        raise InputError(
            _("'{code}' is no check code; give all {count} digits of it").format(code=code, count=len(wanted))
        )
    return given == wanted


def approve(
    registry: Registry, release: StoredRelease, *, by: str, again: bool = False, key: SigningKey | None = None
) -> Decision | None:
    """Approve the manifest of the release, and sign that with `key`; None if it is approved here already.

    `again` approves a withdrawn release. Raises InputError for a withdrawn or expired release, and without the
    name of who approves it.
    """
    if require_approvable(registry, release, by=by, again=again) is None:
        return None
    record = record_release(registry, release.manifest)
    by = _said(by, _("who approves it"))
    signing = _signing(key, release.manifest.to_bytes())
    return record_decision(registry, record, Verb.APPROVED, decided_by=by, also=signing)


def _signing(key: SigningKey | None, manifest: bytes = b"") -> Callable[[Connection, Decision], None]:
    def also(connection: Connection, made: Decision) -> None:
        if key is not None:
            write_signature(connection, signed(made, key, manifest))

    return also


def require_approvable(
    registry: Registry, release: StoredRelease, *, by: str, again: bool = False
) -> DistributionBan | None:
    """Why the release may not be given out before its approval; None if it may. Raises as `approve`."""
    if not _said(by, _("who approves it")):
        raise InputError(_('say who approves it, with: --by "NAME"'))
    rules = read_release_policy(registry, approval_required=True)
    manifest = release.manifest
    ban = rules.ban_of(manifest.content_id, manifest.id, manifest.expires)
    objection = rules.objection(manifest)
    if ban is DistributionBan.EXPIRED:
        raise InputError(objection)
    if ban is DistributionBan.WITHDRAWN and not again:
        raise InputError(_("{objection}. To give it out anyway, add --again").format(objection=objection))
    return ban


def withdraw(
    registry: Registry, release: ReleaseRecord, *, reason: str, by: str = "", key: SigningKey | None = None
) -> Decision | None:
    """Withdraw the release, and sign that with `key`; None if it was withdrawn here already.

    Raises InputError without a reason.
    """
    rules = read_release_policy(registry, approval_required=False)
    last = rules.decision_on(release.content, release.manifest)
    if last is not None and last.decision is Verb.WITHDRAWN and not (reason and rules.vouching.is_claimed(last)):
        return None
    reason, by = _said(reason, _("the reason")), _said(by, _("who withdraws it"))
    if not reason:
        raise InputError(_('say why it is withdrawn, with: --reason "…"'))
    return record_decision(registry, release, Verb.WITHDRAWN, decided_by=by, reason=reason, also=_signing(key))


def sign_again(registry: Registry, stored: Iterable[StoredRelease], key: SigningKey) -> int:
    """Sign the approvals of stored releases that count by this registry now; return how many.

    For a new key in place of an old one. Call it while the old trust files are in force.
    """
    with registry.read() as connection:
        trust = registry.trust.last
        vouching = read_vouching(connection, trust, approval_required=True)
    decisions = decisions_by_content(registry)
    made = []
    for one in stored:
        manifest = one.manifest
        decision = vouching.effective(decisions.get(manifest.content_id, ()), manifest.id)
        if decision is not None and decision.decision is Verb.APPROVED:
            made.append(signed(decision, key, manifest.to_bytes()))
    with registry.write() as connection:
        for signature in made:
            write_signature(connection, signature)
    return len(made)


def only_signed_by(registry: Registry, after: TrustFile) -> tuple[str, ...]:
    """The names of releases that are approved by the trust files now, and not by the version `after`."""
    with registry.read() as connection:
        before = read_vouching(connection, registry.trust.last, approval_required=True, signed_only=True)
    then = replace(before, trust=after, _signers={})
    found = set()
    for about in decisions_by_content(registry).values():
        for one in about:
            now = before.effective(about, one.manifest)
            if now is not None and now.decision is Verb.APPROVED and then.effective(about, one.manifest) is None:
                found.add(one.release)
    return tuple(sorted(found))


def _said(text: str, what: str) -> str:
    return one_line(text.strip(), what)


def holders_of(registry: Registry, content: str, players: Iterable[PlayerStatus]) -> tuple[ReleaseHolder, ...]:
    """Those of `players` that hold the release with this content id, or may hold parts of it."""
    with registry.read() as connection:
        doubtful = _cards_that_may_hold(connection, content)
    held = ((status, status.release is not None and status.release.content == content) for status in players)
    return tuple(ReleaseHolder(status, is_sure) for status, is_sure in held if is_sure or (status.card in doubtful))


def _cards_that_may_hold(connection: Connection, content: str) -> set[str]:
    """Cards whose last load was of this content and was not verified."""
    from sqlalchemy import select

    from packager.registry.schema import card_status, loads, releases

    of_content = select(releases.c.manifest).where(releases.c.content == content)
    tried = select(loads.c.card).where(loads.c.manifest.in_(of_content))
    in_trouble = select(card_status.c.card).where(card_status.c.trouble.is_not(None), card_status.c.card.in_(tried))
    rows = connection.execute(
        select(loads.c.card, loads.c.lamport, loads.c.step, loads.c.manifest).where(loads.c.card.in_(in_trouble))
    )
    last = {row.card: row.manifest for row in sorted(rows, key=lambda row: (row.lamport, row.step))}
    manifests = set(connection.execute(of_content).scalars())
    return {card for card, manifest in last.items() if manifest in manifests}


def manifests_on_cards(connection: Connection) -> frozenset[str]:
    """Ids of all manifests that some card holds or may hold: verified last, or tried since."""
    from sqlalchemy import func, select

    from packager.registry.schema import audits, card_status, loads

    verified = connection.execute(select(card_status.c.manifest).where(card_status.c.manifest.is_not(None)).distinct())
    found = set(verified.scalars())
    uncertain = card_status.c.trouble.is_not(None) | card_status.c.manifest.is_(None)
    since = func.coalesce(card_status.c.settled, 0) - 2  # a load has a counter at most two below the one it leaves
    for table in (loads, audits):
        tried = (
            select(table.c.manifest)
            .join(card_status, card_status.c.card == table.c.card)
            .where(uncertain, table.c.manifest.is_not(None), table.c.lamport >= since)
        )
        found.update(connection.execute(tried.distinct()).scalars())
    return frozenset(found)


def players_by_content(players: Iterable[PlayerStatus]) -> Counter[str]:
    """The number of `players` that hold each content."""
    return Counter(status.release.content for status in players if status.release is not None)


@dataclass(frozen=True)
class PruneSelection:
    """The stored releases: those to delete, and those to keep, each with the reason."""

    go: tuple[StoredRelease, ...]
    stay: tuple[tuple[StoredRelease, str], ...]


def select_for_pruning(registry: Registry, stored: Sequence[StoredRelease], rules: ReleasePolicy) -> PruneSelection:
    """Select the releases in `stored` that nobody needs any more.

    Keeps: releases that a card holds or may hold; the newest of each series and profile, and the newest that
    may be given out; approved ones that are on no card yet; and releases unknown to this registry, since their
    holders are unknown too.
    """
    from sqlalchemy import select

    from packager.registry.schema import loads, releases

    with registry.read() as connection:
        on_cards = manifests_on_cards(connection)
        known = set(connection.execute(select(releases.c.manifest)).scalars())
        tried = set(connection.execute(select(loads.c.manifest).distinct()).scalars())
        held = _contents(connection, on_cards)
        loaded = _contents(connection, tried)
    newest, givable = _newest(stored, rules)
    go: list[StoredRelease] = []
    stay: list[tuple[StoredRelease, str]] = []
    for one in stored:
        content = one.manifest.content_id
        state = rules.state_of(content, one.manifest.id)
        if one.manifest.id not in known:
            stay.append((one, _("unknown to this registry, so its holders are unknown too")))
        elif one.manifest.id in on_cards or content in held:
            stay.append((one, _("a card holds it")))
        elif one.folder in newest:
            stay.append((one, _("the newest of its kind")))
        elif one.folder in givable:
            stay.append((one, _("the newest of its kind that may be given out")))
        elif state is ReleaseState.APPROVED and content not in loaded:
            stay.append((one, _("approved, and on no card yet")))
        else:
            go.append(one)
    return PruneSelection(tuple(go), tuple(stay))


def _contents(connection: Connection, manifests: Iterable[str]) -> set[str]:
    from sqlalchemy import select

    from packager.registry.schema import releases

    wanted = set(manifests)
    rows = connection.execute(select(releases.c.manifest, releases.c.content))
    return {row.content for row in rows if row.manifest in wanted}


def _newest(stored: Sequence[StoredRelease], rules: ReleasePolicy) -> tuple[set[Path], set[Path]]:
    """The folders of the newest release of each kind, and of the newest that may be given out."""
    newest: dict[tuple[str, str], StoredRelease] = {}
    givable: dict[tuple[str, str], StoredRelease] = {}
    for one in sorted(stored, key=lambda one: one.manifest.sequence):
        kind = (one.manifest.series, one.manifest.profile)
        newest[kind] = one
        if not rules.objection(one.manifest):
            givable[kind] = one
    return {one.folder for one in newest.values()}, {one.folder for one in givable.values()}
