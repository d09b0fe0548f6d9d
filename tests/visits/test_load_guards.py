"""Each guard of a load refuses what it guards against, and nothing else; its override lifts that guard alone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import fields, replace
from datetime import datetime, timezone
from pathlib import Path

import pytest

from packager.base.errors import CardRefusedError
from packager.base.manifest import Manifest
from packager.cards.filesystem import DirEntry, DirEntryKind
from packager.cards.io.card import Card, CardAccess, open_card
from packager.cards.plan.snapshot import CardSnapshot
from packager.cards.plan.state_slots import SlotState, SlotStatus, Verification
from packager.probe.release import PROBE_SERIES
from packager.registry.events import AuditRecord, CardHistory, Player, PlayerState, Verdict
from packager.visits.load_guards import (
    NO_OVERRIDES,
    LoadOverrides,
    release_on_card,
    require_downgrade_override,
    require_fitting_release,
    require_own_identity,
    require_right_player,
    require_undisturbed,
)

CARD, OTHER = "c" * 32, "d" * 32
NOTHING_KNOWN = CardHistory((), {}, ())
Make = Callable[..., Manifest]


@pytest.fixture
def card(tmp_path: Path) -> Card:
    """A new card; tests replace its snapshot."""
    moment = datetime(2026, 11, 23, tzinfo=timezone.utc)
    return open_card(tmp_path, CardAccess(allow_folder=True, claim=True, new_id=lambda: CARD, clock=lambda: moment))


def holding(card: Card, *manifests: Manifest, state: SlotState | None = None, **values: object) -> Card:
    snapshot = CardSnapshot(state, {one.id: one for one in manifests}, {}, 10**9, 32768, keeps_order=True)
    return replace(card, snapshot=replace(snapshot, **values))


def slot(counter: int, load: str = "1", target: str = "a" * 32) -> SlotState:
    load_id = f"{load * 8}-{load * 4}-{load * 4}-{load * 4}-{load * 12}"
    return SlotState(counter, load_id, "", SlotStatus.CLEAN, (target,), target, Verification.HASHES)


def audited(counter: int, load: str = "1") -> CardHistory:
    seen = AuditRecord(
        id="e" * 32,
        card=CARD,
        counter=counter,
        lamport=counter,
        step=1,
        load=load * 32,
        manifest="a" * 32,
        verification="hashes",
        verdict=Verdict.GOOD,
        findings=(),
        at="2026-11-23T08:00:00Z",
    )
    return CardHistory((), {}, (seen,))


def every_override_but(*names: str) -> LoadOverrides:
    return LoadOverrides(**{one.name: one.name not in names for one in fields(LoadOverrides)})


def refused(words: str) -> AbstractContextManager[object]:
    return pytest.raises(CardRefusedError, match=f"(?s){words}") if words else nullcontext()


def test_no_guard_is_overridden_unless_the_volunteer_says_so() -> None:
    assert not any(getattr(NO_OVERRIDES, one.name) for one in fields(LoadOverrides))


def test_a_card_holds_what_its_state_names_else_the_newest_manifest_on_it(card: Card, manifest_of: Make) -> None:
    old, new = manifest_of(1), manifest_of(2)
    assert release_on_card(holding(card, new, old).snapshot) == new
    assert release_on_card(holding(card, new, old, state=slot(1, target=old.id)).snapshot) == old
    assert release_on_card(holding(card, old, new, state=slot(1, target=OTHER)).snapshot) == new
    assert release_on_card(holding(card).snapshot) is None


@pytest.mark.parametrize("holder", [None, "P001", "P002"])
@pytest.mark.parametrize("other_card", [None, OTHER])
@pytest.mark.parametrize(
    "overrides", [NO_OVERRIDES, every_override_but("move_card"), every_override_but("replace_card")]
)
def test_a_card_of_another_player_and_a_second_card_need_one_override_each(
    card: Card, holder: str | None, other_card: str | None, overrides: LoadOverrides
) -> None:
    moved = holder == "P002" and not overrides.move_card
    replaced = holder != "P001" and other_card is not None and not overrides.replace_card
    with refused(
        "card of player P002, not of P001.*--move-card" * moved + ".*has another card.*--replace-card" * replaced
    ):
        require_right_player(card, Player("P001"), holder=holder, other_card=other_card, overrides=overrides)


def test_a_refusal_names_only_what_was_asked_about(card: Card) -> None:
    with pytest.raises(CardRefusedError) as error:
        require_right_player(card, Player("P001"), holder="P002", other_card=None, overrides=NO_OVERRIDES)
    assert "--replace-card" not in str(error.value)
    with pytest.raises(CardRefusedError) as error:
        require_right_player(card, Player("P001"), holder=None, other_card=OTHER, overrides=NO_OVERRIDES)
    assert "--move-card" not in str(error.value) and OTHER[:8] in str(error.value) and OTHER[:9] not in str(error.value)
    assert CARD[:8] in str(error.value) and CARD[:9] not in str(error.value)


@pytest.mark.parametrize(
    ("state", "words"), [(PlayerState.LOST, "players found P001"), (PlayerState.RETIRED, "players reactivate P001")]
)
def test_no_override_loads_a_lost_or_retired_player(card: Card, state: PlayerState, words: str) -> None:
    player = Player("P001", state=state)
    with refused(words):
        require_right_player(card, player, holder="P001", other_card=None, overrides=every_override_but())


def test_the_same_identity_in_another_place_is_refused_unless_the_card_gets_a_new_one(card: Card) -> None:
    with refused("/media/b are two cards.*--new-identity"):
        require_own_identity(card, NOTHING_KNOWN, [Path("/media/b")], overrides=every_override_but("new_identity"))
    require_own_identity(card, NOTHING_KNOWN, [Path("/media/b")], overrides=LoadOverrides(new_identity=True))
    require_own_identity(card, NOTHING_KNOWN, [], overrides=NO_OVERRIDES)


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (audited(5), ""),
        (audited(4, load="2"), ""),
        (audited(5, load="2"), "is not the recorded one.*--new-identity.*--same-card"),
        (audited(6, load="2"), "has an older state.*--new-identity.*--same-card"),
    ],
)
def test_a_card_that_does_not_continue_its_history_is_refused_unless_it_is_said_to_be_itself(
    card: Card, known: CardHistory, words: str
) -> None:
    seen = holding(card, state=slot(5))
    with refused(words):
        require_own_identity(seen, known, [], overrides=every_override_but("new_identity", "same_card"))
    require_own_identity(seen, known, [], overrides=LoadOverrides(same_card=True))


@pytest.mark.parametrize(
    ("profile", "held", "wanted", "needs"),
    [
        (None, {}, {"sequence": 2}, ""),
        ("folders", {}, {"sequence": 2}, ""),
        ("keypad", {}, {"sequence": 2}, "switch"),
        (None, {}, {"sequence": 2, "series": "other"}, "switch"),
        (None, {}, {"sequence": 2, "profile": "keypad"}, "switch"),
        (None, {}, {"sequence": 2, "profile": "folders+slow"}, "switch"),
        ("folders+slow", {}, {"sequence": 2, "profile": "folders+slow"}, ""),
        ("folders+slow", {}, {"profile": "folders+slow", "contents": (b"slow",)}, ""),
        ("folders+slow", {}, {"sequence": 2, "profile": "folders+slow", "series": "other"}, "switch"),
        ("keypad", {}, {"sequence": 2, "profile": "keypad"}, "switch"),
        (None, {"series": PROBE_SERIES}, {"sequence": 2}, "switch"),
        (None, {"sequence": 3}, {"sequence": 2}, "downgrade"),
        (None, {"sequence": 3, "contents": (b"one",)}, {"sequence": 2, "contents": (b"one",)}, ""),
    ],
)
def test_a_release_that_does_not_continue_the_cards_needs_the_override_that_names_the_difference(
    card: Card, manifest_of: Make, profile: str | None, held: dict, wanted: dict, needs: str
) -> None:
    one = manifest_of(**{"sequence": 1, "contents": (b"held",), **held})
    other = manifest_of(**{"sequence": 1, "contents": (b"wanted",), **wanted})
    seen, player = holding(card, one), Player("P001", profile=profile)
    require_fitting_release(
        seen, player, other, LoadOverrides(switch=True) if needs == "switch" else every_override_but("switch")
    )
    with refused(f"--{needs}" if needs else ""):
        require_fitting_release(seen, player, other, every_override_but(needs))


def test_a_probe_card_is_called_one_and_no_other_card_is(card: Card, manifest_of: Make) -> None:
    wanted = manifest_of(2)
    with refused("is a probe card"):
        require_fitting_release(
            holding(card, manifest_of(1, series=PROBE_SERIES, contents=(b"probe",))),
            Player("P001"),
            wanted,
            NO_OVERRIDES,
        )
    with refused(r"holds 'other-0001' \(series other, profile folders\)"):
        require_fitting_release(
            holding(card, manifest_of(1, series="other", contents=(b"o",))), Player("P001"), wanted, NO_OVERRIDES
        )


def test_no_override_loads_another_release_under_the_same_sequence(card: Card, manifest_of: Make) -> None:
    seen = holding(card, manifest_of(1, contents=(b"held",)))
    with refused("under the same sequence"):
        require_fitting_release(seen, Player("P001"), manifest_of(1), every_override_but())
    require_fitting_release(seen, Player("P001"), manifest_of(1, contents=(b"held",)), NO_OVERRIDES)
    require_fitting_release(holding(card), Player("P001"), manifest_of(1), NO_OVERRIDES)


@pytest.mark.parametrize(
    ("wanted", "goes_back"),
    [
        ({"sequence": 2}, True),
        ({"sequence": 3}, False),
        ({"sequence": 4}, False),
        ({"sequence": 2, "series": "other"}, False),
        ({"sequence": 2, "profile": "keypad"}, False),
        ({"sequence": 2, "contents": (b"held",)}, False),
    ],
)
def test_an_update_to_an_older_release_needs_an_override(
    card: Card, manifest_of: Make, wanted: dict, goes_back: bool
) -> None:
    held, older = manifest_of(3, contents=(b"held",)), manifest_of(**wanted)
    with refused("it was withdrawn.*--downgrade" * goes_back):
        require_downgrade_override(card, held, older, "it was withdrawn", every_override_but("downgrade"))
    require_downgrade_override(card, held, older, "it was withdrawn", LoadOverrides(downgrade=True))


def songs(*names: str) -> dict[str, tuple[DirEntry, ...]]:
    """The folder of the tracks, with foreign files before them."""
    entries = [DirEntry(name, 9, DirEntryKind.FILE) for name in names]
    return {"": (DirEntry("01-week", 0, DirEntryKind.FOLDER),), "01-week": tuple(entries)}


def test_foreign_audio_before_the_tracks_needs_an_override_and_only_some_of_it_is_named(
    card: Card, manifest_of: Make
) -> None:
    for count in (1, 8, 9, 10):
        seen = holding(card, folders=songs(*(f"song{n}.mp3" for n in range(count))))
        with pytest.raises(CardRefusedError) as error:
            require_undisturbed(seen, manifest_of(1), every_override_but("accept_foreign"))
        lines = str(error.value).splitlines()
        assert len([line for line in lines if line.startswith("  - 01-week/song")]) == min(count, 8)
        assert (f"  and {count - 8} more" in lines) is (count > 8)
        assert "--accept-foreign" in lines[-1] and "--clean-junk" not in str(error.value)
        require_undisturbed(seen, manifest_of(1), LoadOverrides(accept_foreign=True))


def test_files_of_a_mac_are_explained_until_they_are_cleaned(card: Card, manifest_of: Make) -> None:
    seen = holding(card, folders=songs("._001.mp3", "song.mp3"))
    with refused("--clean-junk"):
        require_undisturbed(seen, manifest_of(1), NO_OVERRIDES)
    with pytest.raises(CardRefusedError) as error:
        require_undisturbed(seen, manifest_of(1), LoadOverrides(clean_junk=True))
    assert "--clean-junk" not in str(error.value)


def test_audio_that_shifts_no_number_is_no_reason_to_refuse(card: Card, manifest_of: Make) -> None:
    require_undisturbed(holding(card, folders=songs("note.txt")), manifest_of(1), NO_OVERRIDES)
    after = songs("001.mp3", "002.mp3", "003.mp3", "song.mp3")
    require_undisturbed(holding(card, folders=after), manifest_of(1), NO_OVERRIDES)
