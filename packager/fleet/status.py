"""The status of every player: which release it holds, how far behind it is, whether somebody has to act.

A pure function of players, releases and the status of cards. `registry.card_status` derives the latter from
events; the projection table `card_status` caches it, so that reading a fleet is one pass over its players.

A player whose card was not yet handed over, or was swapped since, is NOT_HANDED_OVER. Only a registry with
members has this status. In such a registry a player without a member is spare.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from packager.base.formats import parse_utc
from packager.registry.approval import FREE, DistributionBan, ReleasePolicy, read_release_policy
from packager.registry.card_status import CARD_STATUS, CardStatus, PlayerStatusKind
from packager.registry.database import Registry
from packager.registry.events import Player, PlayerState, ReleaseRecord
from packager.registry.player_events import given_twice, player_sharing_texts
from packager.registry.releases import profile_due, read_releases
from packager.registry.row_errors import RowErrors

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = [
    "PlayerStatus",
    "PlayerStatusKind",
    "current_cards",
    "fleet",
    "fleet_from",
    "read_current_cards",
    "read_fleet",
    "with_listener",
]

_PAGE = 2_000  # rows


@dataclass(frozen=True)
class PlayerStatus:
    """The status of one player.

    `release` is the last release verified on its card, whatever happened since. `behind` counts the newer
    releases of its series and profile; at least 1 if it holds another variant than it takes, or a draft.
    `last_seen` (UTC text, empty for never) is when its card was last loaded or read, or the player handed over;
    for a swapped card that has not reached the listener, when the player was handed over.
    """

    player: Player
    kind: PlayerStatusKind
    card: str | None
    release: ReleaseRecord | None
    behind: int
    last_seen: str
    reason: str = ""  # why its last load failed
    last: str = ""  # the outcome of its card's last load or audit: see CardStatus
    cloned: bool = False  # two cards have the identity of its card
    twice: bool = False  # two registries gave its label to two players
    recall: DistributionBan | None = None  # why its release has to be taken back
    spare: bool = False  # it has no member, in a registry with members

    @property
    def needs_action(self) -> bool:
        """Whether somebody has to act. Nobody can visit a lost or retired player; a spare one may wait."""
        if self.cloned or self.twice:
            return True
        if self.recall is not None and self.kind not in _OF_STATE.values():
            return True
        if self.kind is PlayerStatusKind.NEVER_LOADED:
            return not self.spare
        if self.kind is PlayerStatusKind.NOT_HANDED_OVER:
            return self.player.member is not None
        return self.kind not in (
            PlayerStatusKind.CURRENT,
            PlayerStatusKind.LOST,
            PlayerStatusKind.RETIRED,
            PlayerStatusKind.MOVED,
        )

    def weeks_unseen(self, now: datetime) -> int | None:
        """Whole weeks from `last_seen` to `now`; None when it was never seen."""
        return max(0, (now - parse_utc(self.last_seen)).days // 7) if self.last_seen else None


@dataclass(frozen=True)
class _Known:
    releases: Mapping[str, ReleaseRecord]  # by manifest
    sequences: Mapping[tuple[str, str], list[int]]  # by series and profile, in order
    has_members: bool
    twice: frozenset[str]  # labels that two players were given
    rules: ReleasePolicy


def fleet(registry: Registry, *, approval_required: bool = False) -> tuple[PlayerStatus, ...]:
    """The status of every player in the registry, by number.

    Releases that may not be given out do not count as newer; if approval is required, drafts are among them.
    """
    rules = read_release_policy(registry, approval_required=approval_required)
    with registry.read() as connection:
        return tuple(read_fleet(connection, rules))


def read_fleet(connection: Connection, rules: ReleasePolicy = FREE) -> Iterator[PlayerStatus]:
    """Yield the status of every player, by number; memory holds one page of rows at a time.

    `rules` say which releases may be given out.
    """
    from sqlalchemy import exists, func, or_, select

    from packager.registry.schema import card_status as statuses
    from packager.registry.schema import players

    anybody = exists().where(or_(players.c.member.is_not(None), players.c.holder.is_not(None)))
    releases = read_releases(connection)
    known = _Known(
        releases={record.manifest: record for record in releases},
        sequences=_sequences(releases, rules),
        has_members=bool(connection.scalar(select(anybody))),
        twice=frozenset(given_twice(connection)),
        rules=rules,
    )
    both = select(players, *statuses.c).join_from(players, statuses, statuses.c.player == players.c.id, isouter=True)
    ordered = both.order_by(func.length(players.c.id), players.c.id)
    width = len(players.c)
    shared: dict[str | None, str | None] = {}
    with connection.execution_options(yield_per=_PAGE).execute(ordered) as rows:
        for row in rows:
            values = tuple(row)
            player = player_sharing_texts(values[:width], shared)
            held = CARD_STATUS.of_row(values[width:]) if values[width] is not None else None
            yield _status(player, held, known)


def fleet_from(
    players: Iterable[Player],
    held: Mapping[str, CardStatus],
    releases: Iterable[ReleaseRecord],
    rules: ReleasePolicy = FREE,
    *,
    has_members: bool | None = None,
    twice: Iterable[str] = (),
) -> tuple[PlayerStatus, ...]:
    """The status of every player, by number; `held` maps players to the status of their cards. Pure.

    `has_members` says whether the registry has members; None: whether one of `players` has.
    """
    players, releases = sorted(players, key=lambda one: one.number), tuple(releases)
    known = _Known(
        releases={record.manifest: record for record in releases},
        sequences=_sequences(releases, rules),
        has_members=any(one.member or one.holder for one in players) if has_members is None else has_members,
        twice=frozenset(twice),
        rules=rules,
    )
    return tuple(_status(player, held.get(player.id), known) for player in players)


def read_current_cards(connection: Connection, *, before: str | None = None) -> dict[str, str]:
    """The card of each player that has one, by the assignments made before a time (UTC text; None: all)."""
    from sqlalchemy import select

    from packager.registry.schema import assignments

    query = select(assignments.c.step, assignments.c.id, assignments.c.card, assignments.c.player)
    if before is not None:
        query = query.where(assignments.c.at < before)
    with RowErrors():
        return current_cards(map(tuple, connection.execute(query).all()))


def current_cards(assignments: Iterable[tuple[int, str, str, str]]) -> dict[str, str]:
    """The card of each player that has one, from assignments as (step, identity, card, player). Pure.

    A pair counts if its assignment is the last one of both the card and the player.
    """
    of_card: dict[str, str] = {}
    of_player: dict[str, tuple[str, str]] = {}
    for _step, identity, card, player in sorted(assignments):
        of_card[card] = identity
        of_player[player] = (identity, card)
    return {player: card for player, (identity, card) in of_player.items() if of_card[card] == identity}


def _sequences(releases: Iterable[ReleaseRecord], rules: ReleasePolicy) -> Mapping[tuple[str, str], list[int]]:
    """The sequences that may be given out, sorted, by series and profile."""
    known: dict[tuple[str, str], set[int]] = defaultdict(set)
    for record in releases:
        if rules.ban_of(record.content, record.manifest, record.expires) is None:
            known[record.series, record.profile].add(record.sequence)
    return {kind: sorted(sequences) for kind, sequences in known.items()}


def _status(player: Player, held: CardStatus | None, known: _Known) -> PlayerStatus:
    twice = player.id in known.twice
    spare = known.has_members and player.member is None and player.holder is None
    card = held.card if held is not None else None
    if held is None or not held.last:
        kind = _OF_STATE.get(player.state, PlayerStatusKind.NEVER_LOADED)
        last_seen = player.handed_over or ""
        return PlayerStatus(player, kind, card, None, 0, last_seen, twice=twice, spare=spare)
    release = known.releases.get(held.manifest) if held.manifest is not None else None
    is_draft = release is not None and known.rules.is_draft(release)
    newer = _newer(release, player, known) if release is not None else 0
    recall = known.rules.recall_of(release) if release is not None else None
    trouble_found = held.trouble
    if trouble_found is None and release is None:
        trouble_found = PlayerStatusKind.UNVERIFIED  # an import brought the event, but not the release
    if trouble_found is None and recall is not None:
        trouble_found = PlayerStatusKind.RECALLED
    return PlayerStatus(
        player=player,
        kind=_OF_STATE.get(player.state)
        or trouble_found
        or (
            PlayerStatusKind.RECALLED
            if recall is not None
            else _whereabouts(player, card, newer, known, is_draft=is_draft)
        ),
        card=card,
        release=release,
        behind=max(newer, 1) if is_draft else newer,
        last_seen=_last_seen(player, card, held.seen),
        reason=held.reason,
        last=held.last,
        cloned=held.cloned,
        twice=twice,
        recall=recall,
        spare=spare,
    )


def _newer(held: ReleaseRecord, player: Player, known: _Known) -> int:
    """The number of releases for the player that are newer than the held one."""
    profile = profile_due(held.profile, player.profile)
    sequences = known.sequences.get((held.series, profile), [])
    newer = len(sequences) - bisect_right(sequences, held.sequence)
    return newer if profile == held.profile else max(newer, 1)


def with_listener(player: Player, card: str | None) -> bool:
    """Whether a member has the player with this `card` in it."""
    return player.holder is not None and player.card in (None, card)


def _whereabouts(player: Player, card: str | None, newer: int, known: _Known, *, is_draft: bool) -> PlayerStatusKind:
    if known.has_members and not with_listener(player, card):
        return PlayerStatusKind.NOT_HANDED_OVER
    if newer:
        return PlayerStatusKind.BEHIND
    return PlayerStatusKind.UNAPPROVED if is_draft else PlayerStatusKind.CURRENT


def _last_seen(player: Player, card: str | None, of_card: str) -> str:
    handed_over = player.handed_over or ""
    if player.holder is not None and not with_listener(player, card):
        return handed_over
    return max(of_card, handed_over)


_OF_STATE = {
    PlayerState.LOST: PlayerStatusKind.LOST,
    PlayerState.RETIRED: PlayerStatusKind.RETIRED,
    PlayerState.MOVED: PlayerStatusKind.MOVED,
}
