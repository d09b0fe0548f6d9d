"""A simulated day at the station: many cards through three readers, many removed early."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from station_kit import Listener, Practice, end_all
from tones import tree

from packager.cards import identity_at
from packager.fleet.status import PlayerStatusKind, fleet
from packager.registry.database import open_registry
from packager.registry.players import add_next_players, card_of_player
from packager.releases.store import list_releases

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")

CARDS = int(os.environ.get("STATION_CARDS", "40"))
SEED = int(os.environ.get("STATION_SEED", "1"))
PULLS = 0.2  # of the cards are pulled early


@pytest.fixture
def practice(office: Path) -> Iterator[Practice]:
    yield Practice(office).prepare()
    end_all()


def test_a_day_with_many_cards_and_early_pulls_ends_with_all_current(practice: Practice) -> None:
    chance = random.Random(SEED)
    with open_registry(practice.office / "registry.db") as registry:
        add_next_players(registry, CARDS - 2)
    listener = Listener(practice, "--new-from", "P001", "--until-done", seconds=0.01)
    waiting = [f"card{number}" for number in range(CARDS)]
    # By reader: the card, with how many files on it it is pulled, and the events before it.
    inside: dict[str, tuple[str, float, int]] = {}
    pulls = 0
    end = time.monotonic() + 600 + 10 * CARDS  # seconds, a guard only
    while listener.process.poll() is None:
        assert time.monotonic() < end, (inside, waiting, listener.events[-9:])
        for reader in "ABC":
            if reader not in inside and waiting:
                pulled_at = chance.randrange(9) if chance.random() < PULLS else float("inf")
                card = waiting.pop(0)
                inside[reader] = (card, pulled_at, len(listener.events))
                practice.put(card, reader)
            elif reader in inside:
                card, pulled_at, before = inside[reader]
                heard = [event for event in listener.events[before:] if event.get("reader") == reader]
                assert not [event for event in heard if event["event"] in ("refused", "failed", "asked")], heard
                if any(event["event"] in ("done", "current", "again") for event in heard):
                    practice.take(reader, card)
                    del inside[reader]
                elif len(tree(practice.readers / reader)) >= pulled_at:
                    practice.take(reader, card)
                    waiting.append(card)
                    del inside[reader]
                    pulls += 1
                    time.sleep(0.25)  # as long as it takes to put in another
        time.sleep(0.02)
    summary = listener.summary()
    assert pulls > CARDS * PULLS / 4
    # One that was pulled when all its tracks were written had them already.
    assert len({*summary["done"], *summary["current"]}) == CARDS
    assert len(summary["current"]) <= pulls
    assert (summary["to_come"], summary["not_done"]) == ({}, [])
    for reader, (card, _pulled_at, _before) in inside.items():
        practice.take(reader, card)
    assert_every_card_holds_what_the_registry_says(practice)


def assert_every_card_holds_what_the_registry_says(practice: Practice) -> None:
    release = list_releases(practice.office / "output" / "releases")[-1]
    wanted = {track.path: (release.folder / track.path).read_bytes() for track in release.manifest.tracks}
    carried = set()
    for card in practice.shelf.iterdir():
        files = {path: data for path, data in tree(card).items() if not path.startswith(".packager/")}
        assert files == wanted, card
        identity = identity_at(card)
        assert identity is not None
        carried.add(identity.id)
    with open_registry(practice.office / "registry.db") as registry:
        assert {status.kind for status in fleet(registry)} == {PlayerStatusKind.CURRENT}
        known = {card_of_player(registry, status.player.id) for status in fleet(registry)}
    assert carried == known
    assert len(carried) == CARDS
