"""The status of a fleet: for each kind of history, and as a function of the events alone."""

from __future__ import annotations

import random
import tempfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packager.base.manifest import Manifest
from packager.fleet.status import PlayerStatus, PlayerStatusKind, current_cards, fleet, fleet_from
from packager.registry.card_status import card_status
from packager.registry.card_status_projection import refresh_all
from packager.registry.database import Registry, open_registry
from packager.registry.event_store import record_audit, record_begun, record_ended
from packager.registry.events import (
    AUDITS,
    LOADS,
    OUTCOMES,
    Assignment,
    AuditRecord,
    CardEvent,
    LoadBegun,
    LoadEnded,
    LoadOutcome,
    Player,
    ReleaseRecord,
    Verdict,
)
from packager.registry.players import add_player
from packager.registry.releases import record_release
from packager.roster.handover import change_player

CARD, OTHER_CARD = "a" * 32, "b" * 32

Make = Callable[..., Manifest]


@dataclass
class Office:
    """One registry, and cards whose counters it moves as loading does."""

    registry: Registry
    counters: dict[str, int] = field(default_factory=dict)

    def load(
        self,
        manifest: Manifest,
        outcome: LoadOutcome | None = LoadOutcome.DONE,
        *,
        verified: bool = True,
        card: str = CARD,
        player: str = "P001",
    ) -> None:
        counter = self.counters.get(card, 0)
        begun = record_begun(
            self.registry,
            load=self.registry.new_id(),
            parent=None,
            card=card,
            counter=counter,
            player=player,
            manifest=manifest,
        )
        self.counters[card] = counter + (2 if outcome is LoadOutcome.DONE else 1)
        if outcome is not None:
            done = outcome is LoadOutcome.DONE
            record_ended(
                self.registry,
                begun.id,
                outcome,
                verified=verified and done,
                reason="" if done else "the card was pulled out",
            )

    def audit(self, manifest: Manifest | None, verdict: Verdict, *, card: str = CARD, ahead: int = 0) -> None:
        self.counters[card] = self.counters.get(card, 0) + ahead
        record_audit(
            self.registry,
            card=card,
            counter=self.counters[card],
            load=None,
            manifest=manifest,
            verification="hashes",
            verdict=verdict,
            findings={},
        )

    def status(self, player: str = "P001") -> PlayerStatus:
        return next(status for status in fleet(self.registry) if status.player.id == player)

    def status_of(self) -> tuple[PlayerStatusKind, str | None, int]:
        status = self.status()
        return status.kind, status.release and status.release.release, status.behind


@pytest.fixture
def office(registry: Registry) -> Office:
    add_player(registry, "P001")
    add_player(registry, "P002")
    return Office(registry)


def test_a_player_without_a_load_was_never_loaded(office: Office) -> None:
    assert office.status_of() == (PlayerStatusKind.NEVER_LOADED, None, 0)
    assert office.status().needs_action


def test_a_player_with_the_newest_release_is_current(office: Office, release: Make) -> None:
    office.load(release(1))
    assert office.status_of() == (PlayerStatusKind.CURRENT, "main-0001", 0)
    assert not office.status().needs_action
    assert office.status("P002").kind is PlayerStatusKind.NEVER_LOADED


def test_behind_counts_the_newer_releases(office: Office, release: Make) -> None:
    office.load(release(1))
    for sequence in (2, 5, 6):
        record_release(office.registry, release(sequence))
    record_release(office.registry, release(7, profile="keypad"))
    record_release(office.registry, release(8, series="other"))
    assert office.status_of() == (PlayerStatusKind.BEHIND, "main-0001", 3)


def test_a_player_that_takes_another_variant_than_it_holds_is_behind_until_it_has_it(
    office: Office, release: Make
) -> None:
    office.load(release(1))
    record_release(office.registry, release(2, profile="folders+slow"))
    assert office.status_of() == (PlayerStatusKind.CURRENT, "main-0001", 0)
    change_player(office.registry, "P001", profile="folders+slow")
    assert office.status_of() == (PlayerStatusKind.BEHIND, "main-0001", 1)
    assert office.status().needs_action
    record_release(office.registry, release(3, profile="folders+slow"))
    assert office.status_of() == (PlayerStatusKind.BEHIND, "main-0001", 2)
    office.load(release(3, profile="folders+slow"))
    assert office.status_of() == (PlayerStatusKind.CURRENT, "main-0003", 0)
    change_player(office.registry, "P001", profile="folders")
    assert office.status_of() == (PlayerStatusKind.BEHIND, "main-0003", 1)  # though nothing plain is newer


def test_a_player_whose_variant_was_not_built_yet_is_behind(office: Office, release: Make) -> None:
    office.load(release(1))
    change_player(office.registry, "P001", profile="folders+loud")
    assert office.status_of() == (PlayerStatusKind.BEHIND, "main-0001", 1)


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (LoadOutcome.FAILED, PlayerStatusKind.FAILED),
        (LoadOutcome.INTERRUPTED, PlayerStatusKind.INTERRUPTED),
        (LoadOutcome.NEEDS_CHECK, PlayerStatusKind.NEEDS_CHECK),
        (None, PlayerStatusKind.INTERRUPTED),
    ],
)
def test_a_failed_load_changes_nothing_that_was_verified(
    office: Office, release: Make, outcome: LoadOutcome | None, kind: PlayerStatusKind
) -> None:
    office.load(release(1))
    office.load(release(2), outcome)
    assert office.status_of() == (kind, "main-0001", 1)
    assert office.status().needs_action
    office.load(release(2))
    assert office.status_of() == (PlayerStatusKind.CURRENT, "main-0002", 0)


def test_a_load_that_was_not_verified_does_not_count_as_held(office: Office, release: Make) -> None:
    office.load(release(1))
    office.load(release(2), verified=False)
    assert office.status_of() == (PlayerStatusKind.UNVERIFIED, "main-0001", 1)


def test_an_audit_overrides_recorded_loads(office: Office, release: Make) -> None:
    office.load(release(1))
    record_release(office.registry, release(2))
    office.audit(release(2), Verdict.GOOD, ahead=2)  # another volunteer loaded it
    assert office.status_of() == (PlayerStatusKind.CURRENT, "main-0002", 0)
    office.audit(release(1), Verdict.GOOD)  # and an older state was put back
    assert office.status_of() == (PlayerStatusKind.BEHIND, "main-0001", 1)


def test_an_audit_cures_a_load_whose_end_was_never_recorded(office: Office, release: Make) -> None:
    office.load(release(1), None)
    assert office.status_of()[0] is PlayerStatusKind.INTERRUPTED
    office.audit(release(1), Verdict.GOOD, ahead=1)
    assert office.status_of() == (PlayerStatusKind.CURRENT, "main-0001", 0)


@pytest.mark.parametrize(
    ("verdict", "kind"),
    [(Verdict.DAMAGED, PlayerStatusKind.DAMAGED), (Verdict.UNFINISHED, PlayerStatusKind.INTERRUPTED)],
)
def test_a_bad_audit_decides_the_status(
    office: Office, release: Make, verdict: Verdict, kind: PlayerStatusKind
) -> None:
    office.load(release(1))
    office.audit(release(1), verdict)
    assert office.status_of() == (kind, "main-0001", 0)
    office.audit(release(1), Verdict.UNVERIFIED)  # a look at the names does not make it good again
    assert office.status_of()[0] is kind


def test_every_audit_of_another_volunteers_load_counts(office: Office, release: Make) -> None:
    record_release(office.registry, release(3))
    office.audit(release(2), Verdict.GOOD, ahead=2)
    office.load(release(1), LoadOutcome.FAILED)  # makes the card that of P001
    office.audit(release(2), Verdict.DAMAGED, ahead=2)
    office.audit(release(2), Verdict.UNVERIFIED, ahead=2)
    assert office.status_of() == (PlayerStatusKind.DAMAGED, "main-0002", 1)


def test_a_quick_audit_changes_nothing_unless_the_release_differs(office: Office, release: Make) -> None:
    office.load(release(1))
    office.audit(release(1), Verdict.UNVERIFIED)
    assert office.status_of() == (PlayerStatusKind.CURRENT, "main-0001", 0)
    record_release(office.registry, release(2))
    office.audit(release(2), Verdict.UNVERIFIED, ahead=2)
    assert office.status_of() == (PlayerStatusKind.UNVERIFIED, "main-0001", 1)


def test_the_status_follows_the_players_present_card(office: Office, release: Make) -> None:
    office.load(release(2))
    office.load(release(1), card=OTHER_CARD)
    assert office.status_of() == (PlayerStatusKind.BEHIND, "main-0001", 1)
    assert office.status().card == OTHER_CARD
    office.load(release(2), card=OTHER_CARD, player="P002")
    assert office.status_of() == (PlayerStatusKind.NEVER_LOADED, None, 0)
    assert office.status("P002").kind is PlayerStatusKind.CURRENT


def test_the_status_shows_the_last_event_and_the_reason_of_a_failure(office: Office, release: Make) -> None:
    office.load(release(1))
    office.load(release(2), LoadOutcome.FAILED)
    status = office.status()
    assert status.reason == "the card was pulled out"
    assert status.last_seen == fleet(office.registry)[0].last_seen > "2026-11-23T08:00:00Z"


# --- the status is a function of the set of events, and of nothing else ---

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=timezone.utc)
SEQUENCES = (1, 2, 3)
CARDS = (CARD, OTHER_CARD, "c" * 32)
PLAYERS = ("P001", "P002", "P010")

loads = st.tuples(
    st.just("load"),
    st.sampled_from(SEQUENCES),
    st.sampled_from([None, *LoadOutcome]),
    st.booleans(),
    st.sampled_from(CARDS),
    st.sampled_from(PLAYERS),
)
audits = st.tuples(
    st.just("audit"),
    st.sampled_from([None, *SEQUENCES]),
    st.sampled_from(Verdict),
    st.sampled_from(CARDS[:2]),
    st.sampled_from([0, 1, 2]),
).filter(lambda audit: audit[1] is not None or audit[2] is not Verdict.GOOD)


def all_events(registry: Registry) -> dict[str, list[dict[str, Any]]]:
    from packager.registry.schema import metadata

    with registry.read() as connection:
        return {
            table.name: [row._asdict() for row in connection.execute(table.select())]
            for table in metadata.sorted_tables
            if table.name not in ("registry_schema", "registry_settings")
        }


def rebuilt(rows: dict[str, list[dict[str, Any]]], path: Path, order: random.Random) -> tuple[PlayerStatus, ...]:
    """The fleet of a new registry that got the same rows in another order."""
    from packager.registry.schema import metadata

    with open_registry(path) as registry:
        with registry.write() as connection:
            for table in metadata.sorted_tables:
                if table.name == "card_status":
                    continue
                for row in order.sample(rows.get(table.name, []), k=len(rows.get(table.name, []))):
                    connection.execute(table.insert().values(**row))
            refresh_all(connection)
        return fleet(registry)


@dataclass(frozen=True)
class FleetEvents:
    """All events of a registry, in any order."""

    players: tuple[Player, ...]
    releases: tuple[ReleaseRecord, ...]
    assignments: tuple[Assignment, ...]
    loads: tuple[LoadBegun, ...]
    outcomes: tuple[LoadEnded, ...]
    audits: tuple[AuditRecord, ...]


def fleet_of(events: FleetEvents) -> tuple[PlayerStatus, ...]:
    """The status of every player, computed from all events without the projection table."""
    cards = current_cards((one.step, one.id, one.card, one.player) for one in events.assignments)
    history: dict[str, list[CardEvent]] = defaultdict(list)
    for event in (*events.loads, *events.audits):
        history[event.card].append(event)
    outcomes = {ended.load: ended for ended in events.outcomes}
    held = {player: card_status(card, history.get(card, ()), outcomes) for player, card in cards.items()}
    return fleet_from(events.players, held, events.releases)


def test_two_assignments_made_apart_give_the_same_card_in_any_order() -> None:
    one, two = (1, "1" * 32, CARD, "P001"), (1, "2" * 32, OTHER_CARD, "P001")
    assert current_cards([one, two]) == current_cards([two, one]) == {"P001": OTHER_CARD}


def whole_history(registry: Registry) -> FleetEvents:
    """Every event of the registry, not only those that `fleet` asks the database for."""
    from packager.registry.players import read_players
    from packager.registry.releases import read_releases
    from packager.registry.schema import assignments, audits, loads, outcomes

    with registry.read() as connection:
        return FleetEvents(
            players=read_players(connection),
            releases=read_releases(connection),
            assignments=tuple(Assignment(**row._asdict()) for row in connection.execute(assignments.select())),
            loads=tuple(LOADS.of_row(row) for row in connection.execute(loads.select())),
            outcomes=tuple(OUTCOMES.of_row(row) for row in connection.execute(outcomes.select())),
            audits=tuple(AUDITS.of_row(row) for row in connection.execute(audits.select())),
        )


def shuffled(events: FleetEvents, order: random.Random) -> FleetEvents:
    return FleetEvents(*(tuple(order.sample(part, k=len(part))) for part in vars(events).values()))


def played(office: Office, history: list[tuple[Any, ...]], manifest_of: Make) -> dict[str, str]:
    """Write `history` as events, and say which card each player ends with."""
    in_player: dict[str, str] = {}
    for kind, sequence, *rest in history:
        manifest = manifest_of(sequence) if sequence else None
        if kind == "load":
            outcome, verified, card, player = rest
            office.load(manifest, outcome, verified=verified, card=card, player=player)
            in_player = {other: held for other, held in in_player.items() if held != card}
            in_player[player] = card
        else:
            verdict, card, ahead = rest
            office.audit(manifest, verdict, card=card, ahead=ahead)
    return in_player


@settings(max_examples=25, deadline=None)
@given(history=st.lists(loads | audits, max_size=14), seed=st.integers(0, 2**32))
def test_the_status_is_a_function_of_the_events_in_any_order(
    manifest_of: Make, history: list[tuple[Any, ...]], seed: int
) -> None:
    order = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        with open_registry(path / "registry.db", clock=lambda: NOON) as registry:
            for player in PLAYERS:
                add_player(registry, player)
            in_player = played(Office(registry), history, manifest_of)
            found = fleet(registry)
            events = whole_history(registry)
            rows = all_events(registry)
        assert rebuilt(rows, path / "copy.db", order) == found
    assert fleet_of(events) == found
    assert fleet_of(shuffled(events, order)) == found
    assert {status.player.id: status.card for status in found if status.card} == in_player
