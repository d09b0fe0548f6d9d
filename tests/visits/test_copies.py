"""Copies of cards, restored older states and swapped cards: detected, explained, resolved."""

from __future__ import annotations

import shutil

import pytest
from visit_kit import Interruption, Visits, refused

from packager.base.errors import CardRefusedError
from packager.base.findings import FindingKind, FindingSource
from packager.cards.plan.state_slots import CARD_FOLDER, IDENTITY_PATH, SLOT_PATHS
from packager.fleet.status import PlayerStatusKind
from packager.registry.database import open_registry
from packager.registry.players import add_player, player_of_card
from packager.visits.load_guards import LoadOverrides
from packager.visits.visit import VisitOptions, visit_card


def copy(visits: Visits, card: str, to: str) -> None:
    shutil.copytree(visits.card(card), visits.folder / to)


def load_elsewhere(visits: Visits, card: str, sequence: int, player: str = "P001", **options: object) -> None:
    """A load of another volunteer's, of which this registry hears nothing."""
    stored = visits.stored(visits.release(sequence, contents=(b"week %d" % sequence,)))
    with open_registry(visits.folder / f"elsewhere-{sequence}.db") as elsewhere:
        add_player(elsewhere, player)
        visit_card(elsewhere, visits.card(card), player, stored, VisitOptions(allow_folder=True, **options))


def kinds(visits: Visits, card: str) -> list[FindingKind]:
    return [finding.kind for finding in visits.audit(card).findings if finding.source is FindingSource.REGISTRY]


def test_a_copy_that_lagged_behind_is_refused_until_it_becomes_a_card_of_its_own(visits: Visits) -> None:
    original = visits.load(visits.release(1)).card
    copy(visits, "card", "card2")
    newer = visits.release(2, contents=(b"new",))
    visits.load(newer)
    words = "has an older state.*--player PLAYER --new-identity.*--same-card"
    refused(visits, CardRefusedError, words, lambda: visits.update("card2"))
    refused(visits, CardRefusedError, words, lambda: visits.load(newer, card="card2", player="P002"))
    assert kinds(visits, "card2") == [FindingKind.ROLLED_BACK, FindingKind.STALE]
    result = visits.load(newer, card="card2", player="P002", overrides=LoadOverrides(new_identity=True))
    assert result.card != original
    assert result.load is not None
    assert result.load.bytes_written == len(b"new")
    assert visits.status_of("P002") == (PlayerStatusKind.CURRENT, "main-0002", 0)
    assert kinds(visits, "card2") == []
    assert player_of_card(visits.registry, original) == "P001"
    # The copy was taken for the card of P001 when it was looked at, so the card itself has to be seen again.
    assert visits.status_of("P001")[0] is PlayerStatusKind.BEHIND
    assert visits.audit().card.is_good
    assert visits.status_of("P001") == (PlayerStatusKind.CURRENT, "main-0002", 0)


def test_a_copy_that_was_loaded_elsewhere_is_told_from_the_card_by_its_load(visits: Visits) -> None:
    visits.load(visits.release(1))
    copy(visits, "card", "card2")
    visits.load(visits.release(2, contents=(b"week 2",)))
    load_elsewhere(visits, "card2", 3)
    words = "is not the recorded one.*--new-identity"
    refused(visits, CardRefusedError, words, lambda: visits.update("card2"))
    assert kinds(visits, "card2") == [FindingKind.CLONED]
    week_3 = visits.release(3, contents=(b"week 3",))
    visits.load(week_3, card="card2", player="P002", overrides=LoadOverrides(new_identity=True))
    assert kinds(visits, "card2") == []
    # The copy was seen under the identity of the card, which is told apart from it once more.
    refused(visits, CardRefusedError, words, visits.update)
    visits.update(overrides=LoadOverrides(same_card=True))
    assert kinds(visits, "card") == []
    assert visits.status_of("P001") == visits.status_of("P002") == (PlayerStatusKind.CURRENT, "main-0003", 0)


def test_a_copy_on_which_a_load_was_interrupted_is_told_by_the_load_before(visits: Visits) -> None:
    visits.load(visits.release(1))
    copy(visits, "card", "card2")
    visits.load(visits.release(2, contents=(b"week 2",)))
    with pytest.raises(KeyboardInterrupt):
        load_elsewhere(visits, "card2", 3, progress=Interruption("write"))
    refused(visits, CardRefusedError, "is not the recorded one", lambda: visits.update("card2"))


def test_a_card_that_lost_the_last_write_of_its_load_is_no_copy(visits: Visits) -> None:
    visits.load(visits.release(1))
    newer = visits.release(2, contents=(b"new",))
    slots: dict[str, bytes] = {}

    def keep(stage: str, done: int, total: int) -> None:
        if stage == "verify":
            slots.update({path: (visits.card() / path).read_bytes() for path in SLOT_PATHS})

    visits.load(newer, progress=keep)
    for path, data in slots.items():
        (visits.card() / path).write_bytes(data)
    assert kinds(visits, "card") == []
    assert visits.status_of()[0] is PlayerStatusKind.INTERRUPTED
    visits.update()
    assert visits.status_of() == (PlayerStatusKind.CURRENT, "main-0002", 0)


def test_a_new_identity_makes_the_card_another_than_that_of_its_player(visits: Visits) -> None:
    manifest = visits.release(1)
    visits.load(manifest)
    words = "player P001 has another card.*--replace-card"
    refused(visits, CardRefusedError, words, lambda: visits.load(manifest, overrides=LoadOverrides(new_identity=True)))


@pytest.mark.parametrize("lost", [True, False])
def test_a_new_identity_that_never_reached_the_card_needs_no_other_option_the_second_time(
    visits: Visits, lost: bool
) -> None:
    visits.load(visits.release(1))
    copy(visits, "card", "card2")
    newer = visits.release(2, contents=(b"new",))
    visits.load(newer)
    identity = visits.card("card2") / IDENTITY_PATH
    before = identity.read_bytes()
    with pytest.raises(KeyboardInterrupt):
        visits.load(
            newer,
            card="card2",
            player="P002",
            claim=False,
            overrides=LoadOverrides(new_identity=True),
            progress=Interruption("write"),
        )
    if lost:
        identity.unlink()  # the power failed between the deletion and the new file
    else:
        identity.write_bytes(before)  # or before it
    visits.load(newer, card="card2", player="P002", claim=False, overrides=LoadOverrides(new_identity=True))
    assert visits.status_of("P002") == (PlayerStatusKind.CURRENT, "main-0002", 0)
    assert kinds(visits, "card2") == kinds(visits, "card") == []


def test_a_new_card_that_lost_its_identity_is_loaded_by_the_same_command(visits: Visits) -> None:
    manifest = visits.release(1)
    with pytest.raises(KeyboardInterrupt):
        visits.load(manifest, progress=Interruption("write"))
    for place in list(visits.card().iterdir()):
        shutil.rmtree(place)
    visits.load(manifest)
    assert visits.status_of() == (PlayerStatusKind.CURRENT, "main-0001", 0)


def test_cards_that_were_swapped_are_refused_with_all_that_has_to_be_said(visits: Visits) -> None:
    manifest = visits.release(1)
    first = visits.load(manifest).card
    second = visits.load(manifest, card="card2", player="P002").card
    words = "(?s)card of player P001, not of P002.*--move-card.*P002 has another card.*--replace-card"
    refused(visits, CardRefusedError, words, lambda: visits.load(manifest, player="P002"))
    visits.load(manifest, player="P002", overrides=LoadOverrides(move_card=True, replace_card=True))
    visits.load(manifest, card="card2", player="P001")
    assert player_of_card(visits.registry, first) == "P002"
    assert player_of_card(visits.registry, second) == "P001"


def test_a_label_given_to_two_cards_by_two_volunteers_is_explained(visits: Visits) -> None:
    manifest = visits.release(1)
    visits.load(manifest)
    load_elsewhere(visits, "card9", 2, player="P001", claim=True)
    manifest = visits.release(3, contents=(b"week 3",))
    refused(visits, CardRefusedError, "P001 has another card", lambda: visits.load(manifest, card="card9"))
    words = "does not know the player of .*packager load"
    refused(visits, CardRefusedError, words, lambda: visits.update("card9"))


def test_a_card_that_lost_its_manifest_is_brought_to_a_newer_release(visits: Visits) -> None:
    visits.load(visits.release(1))
    visits.release(2, contents=(b"one", b"2", b"three"))
    (manifest,) = (visits.card() / CARD_FOLDER).glob("manifest-*")
    manifest.unlink()
    assert not visits.audit().card.is_good
    result = visits.update()
    assert result.load is not None
    assert result.load.written == ("01-week/002.mp3",)
    assert visits.audit().card.is_good
