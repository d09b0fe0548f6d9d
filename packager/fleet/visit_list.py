"""Visits due: which players need a visit, for which reasons, grouped into rounds by helper. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from itertools import groupby

from packager.fleet.status import PlayerStatus, PlayerStatusKind
from packager.registry.approval import DistributionBan

UNSEEN_WEEKS = 3  # a player unseen for so long gets a visit without another reason


class Reason(str, Enum):
    """Reasons for a visit, the most urgent first."""

    WITHDRAWN = "withdrawn"  # its release was withdrawn
    EXPIRED = "expired"  # the last day of its release is over
    DAMAGED = "damaged"
    NEEDS_CHECK = "needs-check"
    IN_DOUBT = "in-doubt"  # two cards have its card's identity, or two players its number
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    UNVERIFIED = "unverified"
    NEVER_LOADED = "never-loaded"
    NOT_HANDED_OVER = "not-handed-over"
    UNAPPROVED = "unapproved"  # its release was never approved, and none is to be had
    BEHIND = "behind"
    NOT_SEEN = "not-seen"
    SEND_ARCHIVE = "send-archive"  # no visit: its member moved away and gets an archive


_URGENCY = {reason: place for place, reason in enumerate(Reason)}
_REASON_OF_KIND = {
    PlayerStatusKind.DAMAGED: Reason.DAMAGED,
    PlayerStatusKind.NEEDS_CHECK: Reason.NEEDS_CHECK,
    PlayerStatusKind.INTERRUPTED: Reason.INTERRUPTED,
    PlayerStatusKind.FAILED: Reason.FAILED,
    PlayerStatusKind.UNVERIFIED: Reason.UNVERIFIED,
    PlayerStatusKind.NEVER_LOADED: Reason.NEVER_LOADED,
    PlayerStatusKind.NOT_HANDED_OVER: Reason.NOT_HANDED_OVER,
    PlayerStatusKind.UNAPPROVED: Reason.UNAPPROVED,
}
_REASON_OF_BAN = {DistributionBan.WITHDRAWN: Reason.WITHDRAWN, DistributionBan.EXPIRED: Reason.EXPIRED}
_OUT_OF_USE = (PlayerStatusKind.LOST, PlayerStatusKind.RETIRED, PlayerStatusKind.MOVED)


@dataclass(frozen=True)
class DueVisit:
    """A player to visit. `weeks_unseen` is None if it was never seen."""

    status: PlayerStatus
    reasons: tuple[Reason, ...]
    weeks_unseen: int | None


@dataclass(frozen=True)
class Round:
    """The visits of one helper; None: of the players without a helper."""

    helper: str | None
    visits: tuple[DueVisit, ...]  # by community and number


def in_use(status: PlayerStatus) -> bool:
    """Whether the player is neither lost nor retired, and its member did not move away."""
    return status.kind not in _OUT_OF_USE


def reasons_of(status: PlayerStatus, *, now: datetime, unseen_weeks: int = UNSEEN_WEEKS) -> tuple[Reason, ...]:
    """The reasons to visit this player, the most urgent first."""
    if not in_use(status):
        return ()
    found = set()
    if status.kind in _REASON_OF_KIND:
        found.add(_REASON_OF_KIND[status.kind])
    if status.recall is not None:
        found.add(_REASON_OF_BAN[status.recall])
    if status.cloned or status.twice:
        found.add(Reason.IN_DOUBT)
    if status.behind and status.kind is not PlayerStatusKind.UNAPPROVED:
        found.add(Reason.BEHIND)
    unseen = status.weeks_unseen(now)
    if unseen is not None and unseen >= unseen_weeks:
        found.add(Reason.NOT_SEEN)
    return tuple(sorted(found, key=_URGENCY.__getitem__))


def visits_due(
    statuses: Sequence[PlayerStatus], *, now: datetime, unseen_weeks: int = UNSEEN_WEEKS, archives: bool = False
) -> tuple[DueVisit, ...]:
    """All visits due, in the order of `statuses`. In a registry with members, spare players get none.

    With `archives`, members who moved away are in the list too, with the reason to send them an archive.
    """
    has_members = any(status.player.member or status.player.holder for status in statuses)
    visits = []
    for status in statuses:
        if has_members and not (status.player.member or status.player.holder):
            continue
        reasons = reasons_of(status, now=now, unseen_weeks=unseen_weeks)
        if archives and status.kind is PlayerStatusKind.MOVED:
            reasons = (Reason.SEND_ARCHIVE,)
        if reasons:
            visits.append(DueVisit(status, reasons, status.weeks_unseen(now)))
    return tuple(visits)


def rounds_of(visits: Iterable[DueVisit]) -> tuple[Round, ...]:
    """The visits grouped by helper, those without one last; sorted by community and number."""

    def order(visit: DueVisit) -> tuple[bool, str, str, int]:
        player = visit.status.player
        return (player.helper is None, player.helper or "", player.community, player.number)

    ordered = sorted(visits, key=order)
    return tuple(
        Round(helper, tuple(group)) for helper, group in groupby(ordered, key=lambda visit: visit.status.player.helper)
    )
