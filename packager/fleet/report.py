"""The weekly report for the office: coverage, progress, the helpers' work, faults, visits due.

It contains no names: helpers are opaque identities, players are numbers. The database does the counting, so
that the report of 100,000 players needs no more memory than their list.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from packager.base.findings import FindingKind
from packager.base.formats import parse_utc, utc_text
from packager.fleet.point_in_time import fleet_at, rules_at
from packager.fleet.progress import WeekProgress, progress
from packager.fleet.status import PlayerStatus, PlayerStatusKind, fleet
from packager.fleet.visit_list import DueVisit, in_use, visits_due
from packager.fleet.weeks import Week
from packager.registry.approval import DistributionBan, ReleasePolicy, read_release_policy
from packager.registry.approval_setting import read_approval_setting
from packager.registry.database import Registry
from packager.registry.events import LoadOutcome, ReleaseRecord
from packager.registry.player_events import PlayerEventKind
from packager.registry.publications import published_between
from packager.registry.row_errors import RowErrors

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

PROGRESS_WEEKS = 12


@dataclass(frozen=True)
class Coverage:
    """The players in use of a community, counted by status."""

    community: str
    in_use: int
    by_kind: Mapping[PlayerStatusKind, int]

    @property
    def current(self) -> int:
        """Players with the listener that hold the newest release, verified."""
        return self.by_kind.get(PlayerStatusKind.CURRENT, 0)

    @property
    def share(self) -> float:
        """`current` of `in_use`, from 0 to 1."""
        return self.current / self.in_use if self.in_use else 0.0


@dataclass(frozen=True)
class HelperWeek:
    """The work of one helper in the week; `helper` None: for the players without a helper.

    The helper visits `players` in use; `loaded` of them got a verified load in the week; `handed_over` players
    went to their members.
    """

    helper: str | None
    players: int
    current: int
    loaded: int
    handed_over: int


@dataclass(frozen=True)
class HeldRelease:
    """The number of players in use that hold a release, verified."""

    release: ReleaseRecord
    players: int
    recall: DistributionBan | None  # why it has to be taken back


@dataclass(frozen=True)
class WeekReport:
    """The report of one week, as of `moment` (UTC text)."""

    week: Week
    moment: str
    total: Coverage
    communities: tuple[Coverage, ...]  # best coverage first
    progress: tuple[WeekProgress, ...]  # the weeks up to this one
    helpers: tuple[HelperWeek, ...]  # most loads first
    loaded: int  # players in use with a verified load in the week
    faults: Mapping[str, int]  # failed loads of the week, by outcome
    findings: Mapping[str, int]  # of the week's audits, by kind
    held_releases: tuple[HeldRelease, ...]
    lost: tuple[str, ...]  # players lost in the week
    lost_in_all: int
    published: Mapping[str, int]  # releases published in the week, by channel
    visits: tuple[DueVisit, ...]  # furthest behind first


@dataclass(frozen=True)
class _Week:
    """The events of the week, counted."""

    loaded: Mapping[str, int]  # verified loads by player
    handed_over: Mapping[str | None, int]  # by helper
    faults: Mapping[str, int]
    findings: Mapping[str, int]
    lost: tuple[str, ...]
    published: Mapping[str, int]


def week_report(
    registry: Registry, week: Week, *, now: datetime, weeks: int = PROGRESS_WEEKS, approval_required: bool = False
) -> WeekReport:
    """The report of `week`; of the current week up to `now`.

    `approval_required` counts for the present; the registry knows what was required in weeks that are over.
    """
    setting = read_approval_setting(registry, required=approval_required)
    # First: it needs much memory, and so does the fleet.
    earlier = progress(registry, [week.earlier(count) for count in reversed(range(1, weeks))], setting)
    is_past = week.end <= utc_text(now)
    moment = week.end if is_past else utc_text(now)
    if is_past:
        rules = rules_at(registry, moment, setting)
        statuses = fleet_at(registry, moment, rules)
    else:
        rules = read_release_policy(registry, approval_required=approval_required)
        statuses = fleet(registry, approval_required=approval_required)
    used = [status for status in statuses if in_use(status)]
    events = _events_of(registry, week)
    visits = visits_due(statuses, now=parse_utc(moment))
    helpers = _helpers(used, events)
    total = _coverage("", used)
    return WeekReport(
        week=week,
        moment=moment,
        total=total,
        communities=_communities(used),
        progress=_since_the_first((*earlier, WeekProgress(week, total.in_use, total.current, is_over=is_past))),
        helpers=helpers,
        loaded=sum(one.loaded for one in helpers),
        faults=events.faults,
        findings=events.findings,
        held_releases=_held_releases(used, rules),
        lost=events.lost,
        published=events.published,
        lost_in_all=sum(status.kind is PlayerStatusKind.LOST for status in statuses),
        visits=tuple(sorted(visits, key=_urgency)),
    )


def _since_the_first(weeks: tuple[WeekProgress, ...]) -> tuple[WeekProgress, ...]:
    """Drop the weeks before the first player; keep the last week in any case."""
    begins = next((place for place, one in enumerate(weeks) if one.in_use), len(weeks) - 1)
    return weeks[begins:]


def _urgency(visit: DueVisit) -> tuple[int, int, int]:
    never = visit.weeks_unseen is None
    return (-visit.status.behind, -(10**6 if never else visit.weeks_unseen or 0), visit.status.player.number)


def _coverage(community: str, used: Sequence[PlayerStatus]) -> Coverage:
    return Coverage(community, len(used), Counter(status.kind for status in used))


def _communities(used: Iterable[PlayerStatus]) -> tuple[Coverage, ...]:
    by_name: dict[str, list[PlayerStatus]] = defaultdict(list)
    for status in used:
        by_name[status.player.community].append(status)
    found = [_coverage(name, statuses) for name, statuses in by_name.items()]
    return tuple(sorted(found, key=lambda one: (-one.share, -one.in_use, one.community)))


def _helpers(used: Iterable[PlayerStatus], events: _Week) -> tuple[HelperWeek, ...]:
    players: Counter[str | None] = Counter()
    current: Counter[str | None] = Counter()
    loaded: Counter[str | None] = Counter()
    for status in used:
        helper = status.player.helper
        players[helper] += 1
        current[helper] += status.kind is PlayerStatusKind.CURRENT
        loaded[helper] += status.player.id in events.loaded
    found = [
        HelperWeek(one, players[one], current[one], loaded[one], events.handed_over.get(one, 0))
        for one in {*players, *events.handed_over}
    ]
    return tuple(sorted(found, key=lambda one: (one.helper is None, -one.loaded, -one.players, one.helper or "")))


def _held_releases(used: Iterable[PlayerStatus], rules: ReleasePolicy) -> tuple[HeldRelease, ...]:
    held = Counter(status.release for status in used if status.release is not None)
    found = [HeldRelease(release, count, rules.recall_of(release)) for release, count in held.items()]
    return tuple(
        sorted(
            found,
            key=lambda one: (one.release.series, one.release.profile, -one.release.sequence, one.release.manifest),
        )
    )


def _events_of(registry: Registry, week: Week) -> _Week:
    with registry.read() as connection:
        return _Week(
            loaded=_loaded(connection, week),
            handed_over=_handed_over(connection, week),
            faults=_faults(connection, week),
            findings=_findings(connection, week),
            lost=_lost(connection, week),
            published=published_between(connection, week.begin, week.end),
        )


def _loaded(connection: Connection, week: Week) -> dict[str, int]:
    from sqlalchemy import func, select

    from packager.registry.schema import loads, outcomes

    query = (
        select(loads.c.player, func.count())
        .join(outcomes, outcomes.c.load == loads.c.id)
        .where(outcomes.c.at >= week.begin, outcomes.c.at < week.end, outcomes.c.verified == 1)
        .group_by(loads.c.player)
    )
    return _counted(connection, query)


def _handed_over(connection: Connection, week: Week) -> dict[str | None, int]:
    from sqlalchemy import func, select

    from packager.registry.schema import player_events as events

    query = (
        select(events.c.helper, func.count(events.c.player.distinct()))
        .where(events.c.kind == PlayerEventKind.HANDOVER.value, events.c.at >= week.begin, events.c.at < week.end)
        .group_by(events.c.helper)
    )
    return _counted(connection, query)


def _faults(connection: Connection, week: Week) -> dict[str, int]:
    from sqlalchemy import func, select

    from packager.registry.schema import outcomes

    query = (
        select(outcomes.c.outcome, func.count())
        .where(outcomes.c.at >= week.begin, outcomes.c.at < week.end, outcomes.c.outcome != LoadOutcome.DONE.value)
        .group_by(outcomes.c.outcome)
    )
    return _counted(connection, query)


def _counted(connection: Connection, query: Select[Any]) -> dict[Any, int]:
    return {row[0]: int(row[1]) for row in connection.execute(query)}


@RowErrors()
def _findings(connection: Connection, week: Week) -> dict[str, int]:
    from sqlalchemy import func, select

    from packager.registry.schema import audits

    # Most audits have the same findings: the database groups them.
    query = (
        select(audits.c.findings, func.count())
        .where(audits.c.at >= week.begin, audits.c.at < week.end)
        .group_by(audits.c.findings)
    )
    found: Counter[str] = Counter()
    for text, count in connection.execute(query):
        for kind, number in json.loads(text).items():
            found[kind] += count * number
    # A card that waits for its visit is no fault; the coverage counts it.
    found.pop(FindingKind.STALE.value, None)
    return dict(sorted(found.items()))


def _lost(connection: Connection, week: Week) -> tuple[str, ...]:
    from sqlalchemy import select

    from packager.registry.schema import player_events as events

    query = (
        select(events.c.player)
        .distinct()
        .where(events.c.kind == PlayerEventKind.LOST.value, events.c.at >= week.begin, events.c.at < week.end)
    )
    return tuple(sorted(connection.execute(query).scalars(), key=lambda player: int(player[1:])))
