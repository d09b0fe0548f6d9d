"""Whom to visit, and why: what follows from where every player stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from itertools import groupby

from packager.fleet.status import PlayerStatus, PlayerStatusKind
from packager.registry.approval import FREE, DistributionBan, ReleasePolicy

UNSEEN_WEEKS = 3  # after which a player is visited even if nothing else is known against it


class Reason(str, Enum):
    """Why somebody has to see a player, the most pressing first."""

    WITHDRAWN = "withdrawn"  # it holds a release that was withdrawn
    OVERDUE = "overdue"  # it holds a release whose last day is over
    DAMAGED = "damaged"
    NEEDS_CHECK = "needs-check"
    IN_DOUBT = "in-doubt"  # two cards carry its card's identity, or two players its number
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    UNVERIFIED = "unverified"
    NEVER_LOADED = "never-loaded"
    NOT_HANDED_OVER = "not-handed-over"
    BEHIND = "behind"
    NOT_SEEN = "not-seen"


_PRESSING = {reason: place for place, reason in enumerate(Reason)}
_REASON_OF_KIND = {
    PlayerStatusKind.DAMAGED: Reason.DAMAGED,
    PlayerStatusKind.NEEDS_CHECK: Reason.NEEDS_CHECK,
    PlayerStatusKind.INTERRUPTED: Reason.INTERRUPTED,
    PlayerStatusKind.FAILED: Reason.FAILED,
    PlayerStatusKind.UNVERIFIED: Reason.UNVERIFIED,
    PlayerStatusKind.NEVER_LOADED: Reason.NEVER_LOADED,
    PlayerStatusKind.NOT_HANDED_OVER: Reason.NOT_HANDED_OVER,
}
_REASON_OF_BAN = {DistributionBan.WITHDRAWN: Reason.WITHDRAWN, DistributionBan.OVERDUE: Reason.OVERDUE}
_OUT_OF_USE = (PlayerStatusKind.LOST, PlayerStatusKind.RETIRED)


@dataclass(frozen=True)
class DueVisit:
    """A player to be visited. `weeks_unseen` is None when it was never seen."""

    status: PlayerStatus
    reasons: tuple[Reason, ...]
    weeks_unseen: int | None


@dataclass(frozen=True)
class Round:
    """The visits of one helper; None: of the players that no helper visits."""

    helper: str | None
    visits: tuple[DueVisit, ...]  # by community and number


def in_use(status: PlayerStatus) -> bool:
    """Whether the player is neither lost nor retired."""
    return status.kind not in _OUT_OF_USE


def reasons_of(
    status: PlayerStatus,
    *,
    now: datetime,
    rules: ReleasePolicy = FREE,
    unseen_weeks: int = UNSEEN_WEEKS,
) -> tuple[Reason, ...]:
    """Why somebody has to see this player, the most pressing first; none where nobody has to."""
    if not in_use(status):
        return ()
    found = set()
    if status.kind in _REASON_OF_KIND:
        found.add(_REASON_OF_KIND[status.kind])
    recall = rules.recall_of(status.release) if status.release is not None else None
    if recall is not None:
        found.add(_REASON_OF_BAN[recall])
    if _is_in_doubt(status):
        found.add(Reason.IN_DOUBT)
    if status.behind:
        found.add(Reason.BEHIND)
    unseen = status.weeks_unseen(now)
    if unseen is not None and unseen >= unseen_weeks:
        found.add(Reason.NOT_SEEN)
    return tuple(sorted(found, key=_PRESSING.__getitem__))


def needs_action(status: PlayerStatus, rules: ReleasePolicy = FREE) -> bool:
    """Whether something is wrong with this player that somebody has to see to. Unseen is not wrong."""
    recall = in_use(status) and status.release is not None and rules.recall_of(status.release) is not None
    return status.needs_action or recall or (in_use(status) and _is_in_doubt(status))


def _is_in_doubt(status: PlayerStatus) -> bool:
    return status.cloned or status.twice


def visits_due(
    statuses: Sequence[PlayerStatus],
    *,
    now: datetime,
    rules: ReleasePolicy = FREE,
    unseen_weeks: int = UNSEEN_WEEKS,
) -> tuple[DueVisit, ...]:
    """All visits to be made, in the order of `statuses`.

    In an office that keeps a roster of members, a player that is meant for nobody is a spare one: there is
    nobody to visit.
    """
    has_members = any(status.player.member or status.player.holder for status in statuses)
    visits = []
    for status in statuses:
        if has_members and not (status.player.member or status.player.holder):
            continue
        reasons = reasons_of(status, now=now, rules=rules, unseen_weeks=unseen_weeks)
        if reasons:
            visits.append(DueVisit(status, reasons, status.weeks_unseen(now)))
    return tuple(visits)


def rounds_of(visits: Iterable[DueVisit]) -> tuple[Round, ...]:
    """The visits by helper, those of nobody last; of each helper by community and number."""

    def order(visit: DueVisit) -> tuple[bool, str, str, int]:
        player = visit.status.player
        return (player.helper is None, player.helper or "", player.community, player.number)

    ordered = sorted(visits, key=order)
    return tuple(
        Round(helper, tuple(group)) for helper, group in groupby(ordered, key=lambda visit: visit.status.player.helper)
    )
