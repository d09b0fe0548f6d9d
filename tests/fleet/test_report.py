"""The weekly report: its counts, and that reports of past weeks never change."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from packager.base.manifest import Manifest
from packager.cli.fleet._report_columns import report_sheets
from packager.fleet.point_in_time import fleet_at
from packager.fleet.progress import progress
from packager.fleet.report import WeekReport, week_report
from packager.fleet.status import PlayerStatus, PlayerStatusKind, fleet
from packager.fleet.visit_list import Reason, visits_due
from packager.fleet.weeks import Week, week_of
from packager.registry.approval import DistributionBan
from packager.registry.approval_setting import always, note_approval_setting, read_approval_setting
from packager.registry.database import Registry
from packager.registry.decisions import Verb, record_decision
from packager.registry.event_store import record_audit, record_begun, record_ended
from packager.registry.events import LoadOutcome, Verdict
from packager.registry.players import add_player
from packager.registry.releases import record_release, release_record
from packager.roster.handover import (
    Details,
    assign_helper,
    assign_member,
    find_again,
    hand_over,
    lose,
    retire,
    take_back,
)

MONDAY = datetime(2026, 11, 2, 8, 0, tzinfo=timezone.utc)
FIRST = week_of(MONDAY, timezone.utc)

Make = Callable[..., Manifest]


@dataclass
class Office:
    """A registry whose clock stands where the test puts it, and cards whose counters it moves."""

    registry: Registry
    manifest_of: Make
    counters: dict[str, int] = field(default_factory=dict)
    releases: list[Manifest] = field(default_factory=list)

    def at(self, week: int, days: float = 0) -> None:
        """Put the clock to a day of the week with this number, from 0."""
        clock: Any = self.registry.clock
        clock.moment = MONDAY + timedelta(weeks=week, days=days)

    def release(self, sequence: int, **kind: str) -> Manifest:
        created = self.registry.now()
        made = self.manifest_of(sequence, contents=(b"%d" % sequence,), **kind)
        manifest = replace(made, created=created)
        record_release(self.registry, manifest)
        self.releases.append(manifest)
        return manifest

    def load(
        self, player: str, manifest: Manifest, outcome: LoadOutcome | None = LoadOutcome.DONE, *, card: str = ""
    ) -> None:
        card = card or hashlib.md5(player.encode()).hexdigest()
        counter = self.counters.get(card, 0)
        load = self.registry.new_id()
        record_begun(
            self.registry, load=load, parent=None, card=card, counter=counter, player=player, manifest=manifest
        )
        done = outcome is LoadOutcome.DONE
        self.counters[card] = counter + (2 if done else 1)
        if outcome is not None:
            record_ended(self.registry, load, outcome, counter=self.counters[card] if done else 0, verified=done)

    def audit(self, player: str, manifest: Manifest, verdict: Verdict, **findings: int) -> None:
        card = hashlib.md5(player.encode()).hexdigest()
        record_audit(
            self.registry,
            card=card,
            counter=self.counters.get(card, 0),
            load=None,
            manifest=manifest,
            verification="hashes",
            verdict=verdict,
            findings=findings,
        )

    def report(self, week: int, days: float = 6) -> WeekReport:
        now = MONDAY + timedelta(weeks=week, days=days)
        return week_report(self.registry, week_of(now, timezone.utc), now=now, weeks=4)


@pytest.fixture
def office(registry: Registry, manifest_of: Make) -> Office:
    made = Office(registry, manifest_of)
    made.at(0)
    for number in range(1, 7):
        add_player(registry, f"P{number:03d}", community="东湖" if number < 4 else "西湖")
    return made


def week(number: int) -> Week:
    return Week(FIRST.monday + timedelta(weeks=number), timezone.utc)


def test_coverage_counts_verified_current_players_in_use_with_the_best_community_first(office: Office) -> None:
    old = office.release(1)
    new = office.release(2)
    for player in ("P001", "P002", "P004", "P005"):
        office.load(player, new)
    office.load("P003", old)
    office.load("P005", new, LoadOutcome.FAILED)
    lose(office.registry, "P006")
    report = office.report(0)
    assert [(one.community, one.current, one.in_use) for one in report.communities] == [("东湖", 2, 3), ("西湖", 1, 2)]
    assert (report.total.current, report.total.in_use) == (3, 5)
    assert report.total.by_kind == {PlayerStatusKind.CURRENT: 3, PlayerStatusKind.BEHIND: 1, PlayerStatusKind.FAILED: 1}
    assert [(one.release.release, one.players) for one in report.held_releases] == [("main-0002", 4), ("main-0001", 1)]
    assert [visit.status.player.id for visit in report.visits] == ["P003", "P005"]
    assert (report.lost, report.lost_in_all) == (("P006",), 1)


def test_a_report_of_an_empty_registry_is_empty(registry: Registry) -> None:
    report = week_report(registry, FIRST, now=MONDAY)
    assert report.total.in_use == 0 and report.total.share == 0
    assert report.communities == report.helpers == report.visits == report.held_releases == ()
    assert [one.share for one in report.progress] == [0]


def test_loads_and_faults_are_those_of_the_week_alone(office: Office) -> None:
    release = office.release(1)
    helper = assign_helper(office.registry, "P001", Details(name="周文")).player.helper
    assign_helper(office.registry, "P002", Details(name="周文"))
    assign_member(office.registry, "P001", Details(name="王秀兰"))
    office.load("P001", release)
    office.load("P004", release, LoadOutcome.INTERRUPTED)
    hand_over(office.registry, "P001")
    office.at(1)
    office.load("P001", release)
    office.load("P001", release)
    office.load("P002", release)
    office.load("P003", release)
    office.load("P005", release, LoadOutcome.NEEDS_CHECK)
    office.load("P006", release, None)
    office.audit("P004", release, Verdict.UNFINISHED, unfinished=1, extra=3)
    office.audit("P005", release, Verdict.DAMAGED, extra=2, stale=1)
    first, second = office.report(0), office.report(1)
    assert first.loaded == 1 and first.faults == {"interrupted": 1} and first.findings == {}
    assert second.loaded == 3 and second.faults == {"needs-check": 1}
    assert second.findings == {"extra": 5, "unfinished": 1}
    helped, nobody = second.helpers
    assert (helped.helper, helped.players, helped.loaded, helped.handed_over) == (helper, 2, 2, 0)
    assert (nobody.helper, nobody.players, nobody.loaded) == (None, 4, 1)
    assert [(one.helper, one.handed_over) for one in first.helpers] == [(helper, 1), (None, 0)]


def test_progress_counts_who_had_the_weeks_newest_release_by_its_end(office: Office) -> None:
    one = office.release(1)
    for player in ("P001", "P002", "P003"):
        office.load(player, one)
    office.at(1)
    two = office.release(2)
    office.load("P001", two)
    office.load("P002", two, LoadOutcome.FAILED)
    office.audit("P004", two, Verdict.GOOD)
    office.at(2)
    office.load("P005", two)
    lose(office.registry, "P001")
    office.at(3)
    find_again(office.registry, "P001")
    retire(office.registry, "P006")
    found = progress(office.registry, [week(number) for number in range(4)], always(False))
    # The card that was only read is in no player, so P004 is not known to have it.
    assert [(point.reached, point.in_use) for point in found] == [(3, 6), (1, 6), (1, 5), (2, 5)]


def test_a_card_that_was_read_and_found_good_counts_for_the_player_that_it_is_in(office: Office) -> None:
    one = office.release(1)
    two = office.release(2)
    office.load("P004", one)
    office.audit("P004", two, Verdict.GOOD)
    assert progress(office.registry, [week(0)], always(False))[0].reached == 1


def test_progress_does_not_count_towards_a_withdrawn_release(office: Office) -> None:
    one = office.release(1)
    office.load("P001", one)
    office.at(1)
    two = office.release(2)
    office.load("P002", two)
    office.at(2)
    record_decision(office.registry, release_record(two), Verb.WITHDRAWN, decided_by="office")
    weeks = [week(number) for number in range(3)]
    assert [point.reached for point in progress(office.registry, weeks, always(False))] == [1, 1, 1]
    report = office.report(2)
    assert {one.release.release: one.recall for one in report.held_releases} == {
        "main-0001": None,
        "main-0002": DistributionBan.WITHDRAWN,
    }
    assert report.visits


def test_holders_of_a_withdrawn_release_do_not_count_as_current(office: Office) -> None:
    releases = [office.release(1), office.release(2)]
    for player, release in zip(("P001", "P002"), releases, strict=True):
        assign_member(office.registry, player, Details(name="王秀兰" + player))
        office.load(player, release)
        hand_over(office.registry, player)
    assert office.report(0).total.by_kind[PlayerStatusKind.BEHIND] == office.report(0).total.current == 1
    record_decision(office.registry, release_record(releases[1]), Verb.WITHDRAWN, decided_by="office")
    report = office.report(0)
    assert report.total.current == report.progress[-1].reached == report.helpers[-1].current == 1
    assert report.total.by_kind[PlayerStatusKind.RECALLED] == 1
    heads, *rows = report_sheets(report, None)["Communities"]
    assert heads[-1] == "to be taken back" and sum(int(row[-1] or 0) for row in rows) == 1


def test_progress_ignores_drafts_where_approval_is_required(office: Office) -> None:
    one = office.release(1)
    for player in ("P001", "P002"):
        office.load(player, one)
    office.at(1)
    office.release(2)
    record_decision(office.registry, release_record(one), Verb.APPROVED, decided_by="office")
    weeks = [week(0), week(1)]
    asked = progress(office.registry, weeks, always(True))
    assert [point.reached for point in asked] == [0, 2]
    assert [point.reached for point in progress(office.registry, weeks, always(False))] == [2, 0]


def test_the_weeks_before_the_first_player_are_not_drawn(office: Office) -> None:
    office.load("P001", office.release(1))
    report = office.report(1)
    assert [point.week.name for point in report.progress] == [week(0).name, week(1).name]


# ── The past ──


def _random_week(office: Office, chance: random.Random, number: int) -> None:
    registry = office.registry
    office.at(number, days=0.5)
    release = office.release(number + 1)
    for player in [f"P{place:03d}" for place in range(1, 7)]:
        for _turn in range(chance.randint(0, 2)):
            act = chance.randrange(8)
            manifest = chance.choice(office.releases)
            if act < 3:
                office.load(
                    player, release, chance.choice([LoadOutcome.DONE, LoadOutcome.DONE, LoadOutcome.FAILED, None])
                )
            elif act == 3:
                office.load(player, manifest, card=hashlib.md5(f"{player} {number}".encode()).hexdigest())
            elif act == 4:
                office.audit(player, manifest, chance.choice(list(Verdict)))
            elif act == 5:
                _quietly(lambda player=player: assign_member(registry, player, Details(name=f"张{player}")))
                _quietly(lambda player=player: hand_over(registry, player))
            elif act == 6:
                _quietly(lambda player=player: take_back(registry, player))
            else:
                _quietly(lambda player=player: chance.choice([lose, find_again, retire])(registry, player))


def _quietly(act: Callable[[], object]) -> None:
    """Roster events that this player's state does not allow are refused, and are none."""
    from packager.base.errors import InputError

    try:
        act()
    except InputError:
        return


@pytest.mark.parametrize("seed", range(6))
def test_the_trend_says_of_each_week_what_the_report_of_that_week_says(office: Office, seed: int) -> None:
    chance = random.Random(seed)
    for number in range(4):
        _random_week(office, chance, number)
        if chance.random() < 0.5:
            about = chance.choice(office.releases)
            verb = chance.choice(list(Verb))
            record_decision(office.registry, release_record(about), verb, decided_by="office")
        note_approval_setting(office.registry, required=chance.random() < 0.3)
    now = MONDAY + timedelta(weeks=4)
    trend = week_report(office.registry, week(4), now=now).progress
    assert [point.is_over for point in trend] == [True] * 4 + [False]
    reports = [week_report(office.registry, point.week, now=now) for point in trend]
    assert [(point.in_use, point.reached) for point in trend] == [
        (report.total.in_use, report.total.current) for report in reports
    ]


def test_a_change_of_the_approval_setting_changes_no_figure_of_a_week_that_is_over(office: Office) -> None:
    note_approval_setting(office.registry, required=False)
    one = office.release(1)
    for player in ("P001", "P002", "P003"):
        office.load(player, one)
    office.at(1)
    office.load("P004", office.release(2))
    weeks = [week(0), week(1)]
    before = progress(office.registry, weeks, read_approval_setting(office.registry, required=False))
    assert [point.reached for point in before] == [3, 1]
    office.at(2)
    note_approval_setting(office.registry, required=True)
    setting = read_approval_setting(office.registry, required=True)
    assert progress(office.registry, weeks, setting) == before
    assert progress(office.registry, [week(2)], setting)[0].reached == 0


def test_a_player_with_a_release_that_was_never_approved_is_not_current(office: Office) -> None:
    office.load("P001", office.release(1))
    office.release(2)
    status = fleet(office.registry, approval_required=True)[0]
    assert (status.kind, status.behind, status.needs_action) == (PlayerStatusKind.UNAPPROVED, 1, True)
    assert [visit.reasons for visit in visits_due([status], now=MONDAY)] == [(Reason.UNAPPROVED,)]
    newest = office.releases[-1]
    record_decision(office.registry, release_record(newest), Verb.APPROVED, decided_by="office")
    assert fleet(office.registry, approval_required=True)[0].kind is PlayerStatusKind.BEHIND


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_report_of_a_past_week_never_changes(office: Office, seed: int) -> None:
    chance = random.Random(seed)
    then: list[tuple[PlayerStatus, ...]] = []
    for number in range(3):
        _random_week(office, chance, number)
        then.append(fleet(office.registry))
    assert [fleet_at(office.registry, week(number).end) for number in range(3)] == then
    assert fleet_at(office.registry, FIRST.begin) == ()


def test_the_past_is_the_same_whether_read_in_one_batch_or_in_many(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = office.release(1)
    assign_member(office.registry, "P005", Details(name="王秀兰"))
    for number in (1, 2, 5, 6):
        office.load(f"P{number:03d}", release)
    whole = fleet_at(office.registry, week(0).end)
    assert whole == fleet(office.registry)
    assert {status.kind for status in whole} == {PlayerStatusKind.NOT_HANDED_OVER, PlayerStatusKind.NEVER_LOADED}
    monkeypatch.setattr("packager.fleet.point_in_time._CARDS_AT_ONCE", 2)
    assert fleet_at(office.registry, week(0).end) == whole


def test_a_past_week_is_reported_as_of_its_end(office: Office) -> None:
    one = office.release(1)
    office.load("P001", one)
    office.at(1)
    two = office.release(2)
    office.load("P001", two)
    now = MONDAY + timedelta(weeks=1, days=3)
    past = week_report(office.registry, week(0), now=now)
    assert past.moment == week(0).end
    assert [(held.release.release, held.players) for held in past.held_releases] == [("main-0001", 1)]
    assert past.total.current == 1
