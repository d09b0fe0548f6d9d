"""Releases in the field: decisions about them, recall from their holders, and pruning of unneeded ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.base.yaml_documents import did_you_mean
from packager.fleet.status import PlayerStatus
from packager.registry.approval import DistributionBan, ReleasePolicy, ReleaseState, read_release_policy
from packager.registry.database import Registry
from packager.registry.decisions import Decision, Verb, record_decision
from packager.registry.players import one_line
from packager.registry.releases import record_release, recorded_releases
from packager.releases.store import StoredRelease

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True)
class KnownRelease:
    """A release that is stored here or recorded in the registry."""

    release: str
    content: str  # content id
    title: str


@dataclass(frozen=True)
class ReleaseHolder:
    """A player that holds a release, or may hold parts of it after a failed load."""

    status: PlayerStatus
    is_sure: bool


def find_known(registry: Registry, stored: Iterable[StoredRelease], name: str, *, content: str = "") -> KnownRelease:
    """The stored or recorded release called `name`; `content` is the beginning of its content id.

    Raises InputError if there is none or more than one.
    """
    here = [KnownRelease(one.manifest.release, one.manifest.content_id, one.manifest.title) for one in stored]
    recorded = [KnownRelease(one.release, one.content, one.title) for one in recorded_releases(registry)]
    every = {one.content: one for one in (*recorded, *here)}.values()
    named = [one for one in (*here, *recorded) if one.release == name and one.content.startswith(content)]
    found = {one.content: one for one in named}
    if not found:
        hint = did_you_mean(name, sorted({one.release for one in every}))
        raise InputError(_("no release '{name}' is stored or recorded{hint}").format(name=name, hint=hint))
    if len(found) > 1:
        contents = ", ".join(sorted(content[:12] for content in found))
        raise InputError(
            _("there are different releases '{name}': say which is meant with --content ({contents})").format(
                name=name, contents=contents
            )
        )
    return next(iter(found.values()))


def approve(registry: Registry, release: StoredRelease, *, by: str, again: bool = False) -> Decision | None:
    """Approve the content of the release; None if it is approved already.

    `again` approves a withdrawn release. Raises InputError for a withdrawn or expired release, and without the
    name of who approves it.
    """
    manifest = release.manifest
    if require_approvable(registry, release, by=by, again=again) is None:
        return None
    record_release(registry, manifest)
    return record_decision(
        registry,
        content=manifest.content_id,
        release=manifest.release,
        decision=Verb.APPROVED,
        decided_by=_said(by, _("who approves it")),
    )


def require_approvable(
    registry: Registry, release: StoredRelease, *, by: str, again: bool = False
) -> DistributionBan | None:
    """Why the release may not be given out before its approval; None if it may. Raises as `approve`."""
    if not _said(by, _("who approves it")):
        raise InputError(_('say who approves it, with: --by "NAME"'))
    rules = read_release_policy(registry, approval_required=True)
    ban = rules.ban_of(release.manifest.content_id, release.manifest.expires)
    objection = rules.objection(release.manifest)
    if ban is DistributionBan.EXPIRED:
        raise InputError(objection)
    if ban is DistributionBan.WITHDRAWN and not again:
        raise InputError(_("{objection}. To give it out anyway, add --again").format(objection=objection))
    return ban


def withdraw(registry: Registry, release: KnownRelease, *, reason: str, by: str = "") -> Decision | None:
    """Withdraw the release; None if it is withdrawn already. Raises InputError without a reason."""
    rules = read_release_policy(registry, approval_required=False)
    if rules.state_of(release.content) is ReleaseState.WITHDRAWN:
        return None
    reason, by = _said(reason, _("the reason")), _said(by, _("who withdraws it"))
    if not reason:
        raise InputError(_('say why it is withdrawn, with: --reason "…"'))
    return record_decision(
        registry,
        content=release.content,
        release=release.release,
        decision=Verb.WITHDRAWN,
        decided_by=by,
        reason=reason,
    )


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
        content, state = one.manifest.content_id, rules.state_of(one.manifest.content_id)
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
