"""The audit of a card against the registry, and the rebuilding of a lost registry from audited cards.

Where card and registry differ, the card wins: the audit records what it read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from packager.base.display import shown
from packager.base.errors import CardRefusedError, InputError
from packager.base.findings import Finding, FindingKind
from packager.base.i18n.language import _, ngettext
from packager.base.manifest import Manifest
from packager.cards.audit import CardAudit, audit_card
from packager.cards.io.card import CardAccess, Progress, no_progress, open_card
from packager.cards.io.find_cards import clones
from packager.registry.approval import FREE, DistributionBan, ReleasePolicy, read_release_policy
from packager.registry.card_status import last_verified, trouble
from packager.registry.database import Registry
from packager.registry.decisions import Verb
from packager.registry.event_store import card_history, record_audit, record_prepared
from packager.registry.events import CardHistory, ReleaseRecord, Verdict
from packager.registry.lineage import Lineage, lineage_of, load_identity
from packager.registry.player_locks import player_lock
from packager.registry.players import (
    add_player,
    card_in,
    card_of_player,
    find_player,
    player_id,
    player_of_card,
    player_with,
)
from packager.registry.releases import fork_of, profile_due, recorded_releases, release_record
from packager.registry.signatures import is_vouched, signers_on_card
from packager.trust.store import TrustMode, TrustStore
from packager.visits.load_guards import advice_on_copies

if TYPE_CHECKING:
    from sqlalchemy import Connection


MENDED_BY_UPDATE = frozenset({FindingKind.HIDDEN, FindingKind.RENAMED})
CAUSED_BY_OTHERS = frozenset({FindingKind.EXTRA, FindingKind.RECORDING, FindingKind.MISNUMBERED})


class AuditResult(str, Enum):
    """What an audit came to, with the registry's findings: exit code 0 stands for GOOD alone."""

    GOOD = "good"
    UNVERIFIED = "unverified"  # no fault was found, and not everything was read
    DOUBTFUL = "doubtful"  # no track is lost or damaged, but something has to be done with the card
    UNFINISHED = "unfinished"
    DAMAGED = "damaged"


@dataclass(frozen=True)
class AuditVisit:
    """The result of an audit: the card, and its differences from the registry as it was before."""

    card: CardAudit
    player: str | None
    findings: tuple[Finding, ...]  # those of the card, then those of the registry
    behind: int  # releases of its series and profile that are newer
    signed_by: tuple[str, ...] = ()  # the names of those whose keys signed the card's release, and who may approve

    @property
    def verdict(self) -> Verdict:
        """The verdict on the card's own release."""
        return audit_verdict(self.card)

    @property
    def result(self) -> AuditResult:
        """What the audit came to, the findings of the registry included."""
        needs_action = not all(finding.warning for finding in self.findings)
        if needs_action and (self.verdict in (Verdict.GOOD, Verdict.UNVERIFIED) or self._has_whole_tracks):
            return AuditResult.DOUBTFUL
        return AuditResult(self.verdict.value)

    @property
    def _has_whole_tracks(self) -> bool:
        """Whether all that the card shows are hidden and renamed tracks, and what files of others do."""
        return faults_on(self.card) <= MENDED_BY_UPDATE | CAUSED_BY_OTHERS


def audit_visit(
    registry: Registry,
    root: Path,
    *,
    allow_folder: bool = False,
    quick: bool = False,
    progress: Progress = no_progress,
    approval_required: bool = False,
) -> AuditVisit:
    """Read the card at `root`, compare it with the registry, and record the result.

    `quick` compares names and sizes only, which never makes a card good. Raises CardRefusedError if the card has
    no identity, CardFailedError if it can't be read, RegistryError if the registry can't be used.
    """
    card = open_card(root, CardAccess(allow_folder=allow_folder, only_read=True))
    seen = audit_card(card, quick=quick, progress=progress)
    history = card_history(registry, seen.card)
    player = player_of_card(registry, seen.card)
    rules = read_release_policy(registry, approval_required=approval_required)
    due = _profile_due(registry, player, seen.manifest)
    newer = newer_releases(recorded_releases(registry), seen.manifest, rules, profile=due)
    findings = (
        *seen.findings,
        *_of_the_player(registry, card.name, player, history),
        *_of_the_release(registry, seen.manifest),
        *of_the_rules(card.name, seen.manifest, rules),
        *of_the_trust(card.name, seen, rules, registry.trust),
        *_of_the_copies(clones(card, root)),
        *of_the_history(card.name, seen, history),
        *_of_the_age(card.name, newer, seen.manifest, due),
    )
    record_audit(
        registry,
        card=seen.card,
        counter=seen.state.counter if seen.state else 0,
        load=load_identity(seen.state),
        manifest=seen.manifest or (seen.state.target if seen.state else None),
        verification=seen.verification.value,
        verdict=audit_verdict(seen),
        findings=Counter(finding.kind.value for finding in findings),
    )
    return AuditVisit(seen, player, findings, newer, signed_by=_signed_by(seen, rules, registry.trust))


def rebuild_from(
    registry: Registry,
    root: Path,
    player: str | None = None,
    *,
    allow_folder: bool = False,
    quick: bool = False,
    progress: Progress = no_progress,
) -> AuditVisit:
    """Rebuild a registry from a card: audit the card at `root`, and assign it to `player`, the number on the device.

    Adds an unknown player. The card's counter continues, so that no older event overtakes a newer one when
    registries are merged later. Raises CardRefusedError if the registry knows the card in another player or
    another card in the player, and as `audit_visit` does.
    """
    seen = audit_visit(registry, root, allow_folder=allow_folder, quick=quick, progress=progress)
    if player is None:
        return seen
    wanted, card = player_id(player), seen.card.card
    with player_lock(registry.player_locks, wanted):
        with registry.read() as connection:
            _require_unheld(connection, root, card, wanted)
        try:
            find_player(registry, wanted)
        except InputError:
            add_player(registry, wanted)
        record_prepared(registry, card, wanted, check=lambda found: _require_unheld(found, root, card, wanted))
    return seen


def _require_unheld(connection: Connection, root: Path, card: str, player: str) -> None:
    """Raise CardRefusedError if the card is that of another player, or the player has another card."""
    holder, other = player_with(connection, card), card_in(connection, player)
    if holder not in (None, player) or other not in (None, card):
        raise CardRefusedError(
            _(
                "the registry knows the card in {card} as that of {holder}, and {player} with {other}; if "
                "that is wrong, load it: packager load {card} --player {player} --move-card --replace-card"
            ).format(
                card=root,
                holder=holder or _("no player"),
                player=player,
                other=_("another card") if other else _("no card"),
            )
        )


def faults_on(seen: CardAudit) -> frozenset[FindingKind]:
    """The kinds of what is wrong on a card, without warnings. Pure."""
    return frozenset(finding.kind for finding in seen.findings if not finding.warning)


def audit_verdict(seen: CardAudit) -> Verdict:
    """The verdict on the card's own release. Pure."""
    kinds = faults_on(seen)
    if seen.is_good:
        return Verdict.GOOD
    if FindingKind.UNFINISHED in kinds:
        return Verdict.UNFINISHED
    return Verdict.DAMAGED if kinds else Verdict.UNVERIFIED


def newer_releases(
    known: tuple[ReleaseRecord, ...], held: Manifest | None, rules: ReleasePolicy = FREE, *, profile: str | None = None
) -> int:
    """The number of newer releases of the series of `held` that may be given out.

    Counts those of `profile`, the profile due to the player (None: that of `held`); at least 1 where it differs.
    Pure.
    """
    if held is None:
        return 0
    profile = profile or held.profile
    newer = len(
        {
            record.sequence
            for record in known
            if (record.series, record.profile) == (held.series, profile)
            and record.sequence > held.sequence
            and rules.ban_of(record.content, record.manifest, record.expires) is None
        }
    )
    return newer if profile == held.profile else max(newer, 1)


def of_the_history(card: str, seen: CardAudit, history: CardHistory) -> Iterator[Finding]:
    """Findings where the state of the card does not continue its recorded history. Pure."""
    if seen.state is None or not history.events:
        return
    lineage = [*_of_the_lineage(card, seen, history)]
    if lineage:
        yield from lineage
        return
    held = last_verified(history.events, history.outcomes)
    unknown = trouble(history.events, history.outcomes) is not None
    if audit_verdict(seen) in (Verdict.GOOD, Verdict.UNVERIFIED) and (seen.state.target != held or unknown):
        release = seen.manifest.release if seen.manifest else seen.state.target
        yield Finding(
            FindingKind.UNRECORDED,
            _("the card holds '{release}', which the registry did not know; it is recorded now").format(
                release=release
            ),
            warning=True,
        )


def _of_the_lineage(card: str, seen: CardAudit, history: CardHistory) -> Iterator[Finding]:
    """Findings for an older state of the card, and for a second card with its identity. Pure."""
    lineage = lineage_of(seen.state, history)
    if lineage is Lineage.CLONED:
        message = _("the last load on the card is not the recorded one: two cards have the same identity. {advice}")
        yield Finding(FindingKind.CLONED, message.format(advice=advice_on_copies(card)))
    elif lineage is Lineage.ROLLED_BACK:
        message = _(
            "the card has an older state than the registry recorded: it is a copy, or somebody restored "
            "a copy. {advice}"
        )
        yield Finding(FindingKind.ROLLED_BACK, message.format(advice=advice_on_copies(card)))


def _of_the_copies(others: Sequence[Path]) -> Iterator[Finding]:
    for other in others:
        yield Finding(
            FindingKind.CLONED,
            _(
                "the card in {other} has the same identity: one is a copy of the other. Take out the "
                "original, and load the copy with --new-identity"
            ).format(other=shown(str(other))),
        )


def _of_the_player(registry: Registry, card: str, player: str | None, history: CardHistory) -> Iterator[Finding]:
    if player is not None:
        return
    last = history.loads[-1].player if history.loads else None
    other = card_of_player(registry, last) if last is not None else None
    if other is not None:
        message = _(
            "this card was loaded for player {player}, which has another card ({other}) now: the number may be on two "
            "cards. Cross it out on this one, or load it for another player with: packager load {card} --player PLAYER"
        )
        found = message.format(player=last, other=other[:8], card=card)
        yield Finding(FindingKind.DISPLACED, found, warning=True)
        return
    message = _(
        "the registry does not know the player of this card; record it with: packager load {card} --player PLAYER"
    )
    yield Finding(FindingKind.UNASSIGNED, message.format(card=card), warning=True)


def _of_the_release(registry: Registry, held: Manifest | None) -> Iterator[Finding]:
    if held is None:
        return
    with registry.read() as connection:
        others = fork_of(connection, release_record(held))
    if others:
        yield Finding(
            FindingKind.FORKED,
            _("'{release}' on the card differs from the release known under its sequence; load the right one").format(
                release=held.release
            ),
        )


def of_the_rules(card: str, held: Manifest | None, rules: ReleasePolicy) -> Iterator[Finding]:
    """The finding that the release on the card has to be taken back. Pure."""
    ban = rules.ban_of(held.content_id, held.id, held.expires) if held is not None else None
    if held is not None and ban in _KIND_OF_BAN:
        message = _("{objection}. Take it back with: packager update {card}")
        yield Finding(_KIND_OF_BAN[ban], message.format(objection=rules.objection(held), card=card))


def _signed_by(seen: CardAudit, rules: ReleasePolicy, trust: TrustStore) -> tuple[str, ...]:
    """Who released what the card holds: by the signature on the card, and by the decision in the registry."""
    held, last = seen.manifest, trust.last
    if held is None or last is None:
        return ()
    decision = rules.decision_on(held.content_id, held.id)
    keys = signers_on_card(last, held.to_bytes(), seen.signature)
    keys |= rules.vouching.signers(decision) if decision is not None and decision.decision is Verb.APPROVED else set()
    return tuple(sorted({last.keys[key].name for key in keys}))


def of_the_trust(card: str, seen: CardAudit, rules: ReleasePolicy, trust: TrustStore) -> Iterator[Finding]:
    """The finding that nobody here vouches for what the card holds: no key signed it that may approve releases."""
    held = seen.manifest
    if held is None or trust.mode is TrustMode.OFF or is_vouched(trust.last, held.to_bytes(), seen.signature):
        return
    decision = rules.decision_on(held.content_id, held.id)
    if decision is not None and rules.vouching.is_signed([decision]):
        return  # it was loaded before it was signed
    message = _(
        "no key that may approve releases signed '{release}', which {card} holds (check code {code}). Bring it up to "
        "date with: packager update {card}"
    ).format(release=held.release, card=card, code=held.check_code)
    yield Finding(FindingKind.UNVOUCHED, message, warning=not trust.is_required)


def _profile_due(registry: Registry, player: str | None, held: Manifest | None) -> str | None:
    if held is None or player is None:
        return None
    return profile_due(held.profile, find_player(registry, player).profile)


def _of_the_age(card: str, newer: int, held: Manifest | None, due: str | None) -> Iterator[Finding]:
    if held is not None and due not in (None, held.profile):
        message = _("its player takes {takes}, but it holds {profile}; change that with: packager update {card}")
        message = message.format(takes=due, profile=held.profile, card=card)
        yield Finding(FindingKind.STALE, message, warning=True)
    elif newer:
        message = ngettext(
            "{count} release behind; bring it up to date with: packager update {card}",
            "{count} releases behind; bring it up to date with: packager update {card}",
            newer,
        )
        yield Finding(FindingKind.STALE, message.format(count=newer, card=card), warning=True)


_KIND_OF_BAN = {DistributionBan.WITHDRAWN: FindingKind.WITHDRAWN, DistributionBan.EXPIRED: FindingKind.EXPIRED}
