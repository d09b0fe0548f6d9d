"""The station's state machine: single transitions, and invariants over random events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from packager.station.model import (
    Abort,
    Action,
    Appeared,
    Bell,
    CardInspected,
    CardServed,
    DropWaiting,
    Eject,
    Ejected,
    Event,
    Failed,
    Halt,
    IdentifiedCard,
    InsertedCard,
    InspectCard,
    NoticeKind,
    Phase,
    ServeCard,
    ServiceResult,
    Station,
    StopAsked,
    Suggest,
    Suggested,
    Tell,
    Typed,
    Vanished,
)
from packager.station.state_machine import is_at_end, is_busy, step

LATER = 10.0


def inserted(number: int, reader: str = "A", refusal: str = "") -> InsertedCard:
    return InsertedCard(number, reader, Path("/media") / reader, reader, refusal)


def seen(player: str | None = None, identity: str | None = None, **values) -> IdentifiedCard:
    return IdentifiedCard(identity or (player and f"card of {player}"), player, None, **values)


def served(player: str, load: str = "load", changes: bool = True) -> ServiceResult:
    return ServiceResult(player, f"card of {player}", load, "main-0002", 3, 3000, 8, is_new=False, changes=changes)


@dataclass
class Desk:
    """A station, and what it asked for and told."""

    station: Station
    actions: list[Action] = field(default_factory=list)

    def on(self, *events: Event) -> tuple[Action, ...]:
        done: tuple[Action, ...] = ()
        for event in events:
            self.station, new = step(self.station, event)
            done += new
        self.actions += done
        return done

    def told(self) -> list[NoticeKind]:
        return [action.notice.kind for action in self.actions if isinstance(action, Tell)]

    def phases(self) -> dict[int, Phase]:
        return {number: slot.phase for number, slot in self.station.slots.items()}

    def ask(self, number: int = 1, player: str = "P050") -> None:
        """A new card in reader A, about which the volunteer is asked at the second 0."""
        self.on(Appeared(inserted(number)), CardInspected(number, seen()), Suggested(number, player, 0.0))


def desk(*to_go: str, **values) -> Desk:
    return Desk(Station(dict.fromkeys(to_go, ""), **values))


def kinds(actions: Iterable[Action]) -> list[type]:
    return [type(action) for action in actions]


def test_a_card_is_read_loaded_ejected_and_reported() -> None:
    at = desk("P037", "P038")
    assert at.on(Appeared(inserted(1))) == (InspectCard(inserted(1)),)
    assert at.on(CardInspected(1, seen("P037"))) == (ServeCard(inserted(1), seen("P037"), "P037", claim=False),)
    assert at.on(CardServed(1, served("P037"))) == (Eject(inserted(1)),)
    (told,) = at.on(Ejected(1))
    assert isinstance(told, Tell)
    assert (told.notice.kind, told.notice.player, told.notice.to_go) == (NoticeKind.DONE, "P037", 1)
    assert told.notice.sound is Bell.GOOD
    assert at.on(Vanished(1)) == ()
    assert at.phases() == {1: Phase.OUT}  # an ejected card may still be in the reader
    at.on(Appeared(inserted(2)))
    assert at.phases() == {2: Phase.LOOKING}


def test_good_and_bad_sound_different() -> None:
    at = desk("P001", "P002")
    at.on(Appeared(inserted(1)), CardInspected(1, seen("P001")), CardServed(1, served("P001")), Ejected(1))
    at.on(Appeared(inserted(2, "B")), CardInspected(2, seen("P002")), Failed(2, NoticeKind.FAILED, "it is full"))
    sounds = [action.notice.sound for action in at.actions if isinstance(action, Tell)]
    assert sounds == [Bell.GOOD, Bell.BAD]


def test_a_failure_does_not_stop_the_card_in_another_reader() -> None:
    at = desk("P001", "P002")
    at.on(
        Appeared(inserted(1)),
        Appeared(inserted(2, "B")),
        CardInspected(1, seen("P001")),
        CardInspected(2, seen("P002")),
    )
    at.on(Failed(1, NoticeKind.FAILED, "it is full"))
    assert at.phases() == {1: Phase.LEFT, 2: Phase.LOADING}
    at.on(CardServed(2, served("P002")), Ejected(2))
    assert at.told() == [NoticeKind.FAILED, NoticeKind.DONE]
    assert at.station.problems["P001"].message == "it is full"
    assert dict(at.station.to_go) == {"P001": ""}


def test_an_unfit_medium_is_refused_and_left() -> None:
    at = desk()
    (told,) = at.on(Appeared(inserted(1, refusal="it is locked")))
    assert isinstance(told, Tell)
    assert (told.notice.kind, told.notice.message) == (NoticeKind.REFUSED, "it is locked")
    assert at.on(Vanished(1)) == ()
    assert at.phases() == {}


def test_a_card_that_can_not_be_read_is_refused_with_the_reason_and_its_removal_is_silent() -> None:
    at = desk()
    at.on(Appeared(inserted(1)), Failed(1, NoticeKind.REFUSED, "it is no card"))
    assert (at.told(), at.phases()) == ([NoticeKind.REFUSED], {1: Phase.LEFT})
    assert at.station.problems["#1"].message == "it is no card"
    assert at.on(Appeared(inserted(2, "B")), Vanished(2), Failed(2, NoticeKind.FAILED, "gone")) == (
        InspectCard(inserted(2, "B")),
    )
    assert list(at.station.problems) == ["#1"]


def test_a_second_reading_of_a_card_that_is_loaded_changes_nothing() -> None:
    at = desk("P001")
    at.on(Appeared(inserted(1)), CardInspected(1, seen("P001")))
    assert at.on(CardInspected(1, seen("P002"))) == ()
    assert at.phases() == {1: Phase.LOADING}


def test_a_new_card_is_taken_only_by_a_yes() -> None:
    at = desk()
    at.ask()
    assert not [action for action in at.actions if isinstance(action, ServeCard)]
    assert at.on(Typed("\r", LATER), Typed("x", LATER), Typed(" ", LATER)) == ()
    assert at.on(Typed("y", LATER)) == (ServeCard(inserted(1), seen(), "P050", claim=True),)


def test_a_key_pressed_before_the_question_could_be_read_is_no_answer() -> None:
    at = desk()
    at.ask()
    assert at.on(Typed("y", 0.39)) == ()
    assert kinds(at.on(Typed("Ｙ", 0.4), Typed("Y", 0.4))) == [ServeCard]


def test_a_key_pressed_while_the_number_is_looked_for_is_no_answer() -> None:
    at = desk()
    at.on(Appeared(inserted(1)), CardInspected(1, seen()))
    assert at.on(Typed("y", LATER)) == ()


def test_a_no_leaves_the_card() -> None:
    at = desk()
    at.ask()
    at.on(Typed("n", LATER))
    assert at.phases() == {1: Phase.LEFT}
    assert at.told() == [NoticeKind.ASKED, NoticeKind.DECLINED]
    assert not at.station.problems


def test_another_number_can_be_typed_and_corrected() -> None:
    at = desk()
    at.ask()
    at.on(*(Typed(key, LATER) for key in "713"), Typed("\x7f", LATER))
    assert at.on(Typed("\r", LATER)) == (ServeCard(inserted(1), seen(), "P071", claim=True),)


def test_only_digits_and_the_letter_of_numbers_are_typed() -> None:
    at = desk()
    at.ask()
    at.on(*(Typed(key, LATER) for key in "x-p7 1"))
    assert at.station.question is not None
    assert at.station.question.typed == "p71"


def test_escape_takes_back_what_was_typed() -> None:
    at = desk()
    at.ask()
    assert at.on(*(Typed(key, LATER) for key in "p71"), Typed("\x1b", LATER), Typed("\r", LATER)) == ()


def test_a_number_that_is_in_use_at_this_station_is_no_answer() -> None:
    at = desk()
    at.on(Appeared(inserted(9, "B")), CardInspected(9, seen("P003")))
    at.ask()
    at.on(Typed("3", LATER), Typed("\r", LATER))
    assert at.told() == [NoticeKind.ASKED, NoticeKind.WRONG_ANSWER]
    at.on(Typed("0", LATER), Typed("\r", LATER))
    assert at.told()[2:] == [NoticeKind.WRONG_ANSWER]
    assert at.phases() == {9: Phase.LOADING, 1: Phase.UNKNOWN}


def test_two_new_cards_are_asked_about_one_after_the_other() -> None:
    at = desk()
    at.ask()
    at.on(Appeared(inserted(2, "B")))
    assert at.on(CardInspected(2, seen())) == ()
    actions = at.on(Typed("y", LATER))
    assert kinds(actions) == [ServeCard, Suggest]
    assert actions[1] == Suggest(inserted(2, "B"), frozenset({"P050"}))
    at.on(Suggested(2, "P051", LATER))
    assert at.on(Typed("y", LATER)) == ()  # the second y of a hand that was quick
    assert kinds(at.on(Typed("y", 2 * LATER))) == [ServeCard]


def test_a_question_goes_with_its_card_and_the_next_card_is_asked_about() -> None:
    at = desk()
    at.ask()
    at.on(Appeared(inserted(2, "B")), CardInspected(2, seen()))
    assert at.on(Vanished(1)) == (Suggest(inserted(2, "B"), frozenset()),)
    assert at.on(Suggested(1, "P050", LATER)) == ()
    assert at.on(Typed("y", 2 * LATER)) == ()


def test_without_questions_only_empty_new_cards_are_taken() -> None:
    at = desk(claims_new_cards=True)
    at.ask()
    assert isinstance(at.actions[-1], ServeCard)
    at.on(Appeared(inserted(2, "B")), CardInspected(2, seen(foreign=3)), Suggested(2, "P051", 0.0))
    assert at.told() == [NoticeKind.ASKED]
    at.on(Appeared(inserted(3, "C")), CardInspected(3, seen(identity="of another registry")), Typed("n", LATER))
    at.on(Suggested(3, "P051", LATER))
    assert at.told() == [NoticeKind.ASKED, NoticeKind.DECLINED, NoticeKind.ASKED]
    at.on(Typed("n", 3 * LATER), Appeared(inserted(4, "D")), CardInspected(4, seen(identity="begun", was_begun=True)))
    assert isinstance(at.on(Suggested(4, "P051", LATER))[0], ServeCard)


def test_an_open_question_does_not_stop_cards_that_need_no_answer() -> None:
    at = desk(claims_new_cards=True)
    at.on(Appeared(inserted(1)), CardInspected(1, seen(foreign=3)), Suggested(1, "P050", 0.0))
    for number, reader in ((2, "B"), (3, "C")):
        at.on(Appeared(inserted(number, reader)), CardInspected(number, seen()))
    looked_for = [action for action in at.actions if isinstance(action, Suggest)]
    assert [action.card.insertion for action in looked_for] == [1, 2]  # one number at a time
    assert "P050" in looked_for[1].taken
    at.on(Suggested(2, "P051", 0.0), Suggested(3, "P052", 0.0))
    assert at.told() == [NoticeKind.ASKED]
    assert at.phases() == {1: Phase.UNKNOWN, 2: Phase.LOADING, 3: Phase.LOADING}
    assert [action.player for action in at.actions if isinstance(action, ServeCard)] == ["P051", "P052"]
    at.on(Typed("y", LATER))
    assert at.phases()[1] is Phase.LOADING


def test_several_new_cards_that_need_no_answer_are_never_asked_about() -> None:
    at = desk(claims_new_cards=True)
    for number, reader in ((1, "A"), (2, "B"), (3, "C")):
        at.on(Appeared(inserted(number, reader)), CardInspected(number, seen()))
    at.on(Suggested(1, "P050", 0.0), Suggested(2, "P051", 0.0), Suggested(3, "P052", 0.0))
    assert at.told() == []
    assert set(at.phases().values()) == {Phase.LOADING}


def test_without_a_free_number_the_card_is_refused() -> None:
    at = desk()
    at.on(Appeared(inserted(1)), CardInspected(1, seen()), Suggested(1, None, 0.0, "none are left"))
    assert at.told() == [NoticeKind.REFUSED]
    assert at.phases() == {1: Phase.LEFT}


def test_a_card_pulled_early_is_said_and_can_be_put_in_again() -> None:
    at = desk("P001")
    at.on(Appeared(inserted(1)), CardInspected(1, seen("P001")))
    assert at.on(Vanished(1)) == (Halt(inserted(1)),)
    at.on(Failed(1, NoticeKind.FAILED, "no such file"))
    assert at.told() == [NoticeKind.PULLED]
    at.on(Appeared(inserted(2)), CardInspected(2, seen("P001")), CardServed(2, served("P001")), Ejected(2))
    assert at.told() == [NoticeKind.PULLED, NoticeKind.DONE]
    assert not at.station.problems
    assert not at.station.to_go


def test_a_load_that_fails_before_the_card_is_seen_to_be_gone_is_a_card_pulled_early() -> None:
    at = desk("P001")
    at.on(Appeared(inserted(1)), CardInspected(1, seen("P001")), Failed(1, NoticeKind.FAILED, "no file", gone=True))
    assert at.told() == [NoticeKind.PULLED]
    at.on(Vanished(1), Appeared(inserted(2)))
    assert at.phases() == {2: Phase.LOOKING}


def test_a_new_card_pulled_before_it_had_an_identity_is_offered_the_same_number_again() -> None:
    for has_identity, number in ((False, "P050"), (True, "P051")):
        at = desk()
        at.ask()
        at.on(Typed("y", LATER), Vanished(1), Failed(1, NoticeKind.FAILED, "gone", has_identity))
        at.on(Appeared(inserted(2, "B")), CardInspected(2, seen()), Suggested(2, "P051", LATER))
        assert at.on(Typed("y", 2 * LATER)) == (ServeCard(inserted(2, "B"), seen(), number, claim=True),)


def test_the_number_of_a_known_card_that_was_pulled_is_not_offered_to_a_new_card() -> None:
    at = desk("P001")
    at.on(Appeared(inserted(1)), CardInspected(1, seen("P001")), Vanished(1), Failed(1, NoticeKind.FAILED, "gone"))
    at.ask(2)
    assert at.station.question is not None
    assert at.station.question.player == "P050"


def test_the_failed_load_of_a_new_card_is_a_problem_of_the_player_that_it_was_to_become() -> None:
    at = desk()
    at.ask()
    at.on(Typed("y", LATER), Failed(1, NoticeKind.FAILED, "it is full"))
    assert [(key, one.player) for key, one in at.station.problems.items()] == [("P050", "P050")]
    assert dict(at.station.to_go) == {"P050": ""}


def test_the_number_of_a_pulled_card_is_kept_from_a_card_that_has_an_identity() -> None:
    at = desk()
    at.ask()
    at.on(Typed("y", LATER), Vanished(1), Failed(1, NoticeKind.FAILED, "gone"))
    other = seen(identity="another that was begun", was_begun=True)
    at.on(Appeared(inserted(2, "B")), CardInspected(2, other), Suggested(2, "P051", LATER))
    assert at.on(Typed("y", 2 * LATER)) == (ServeCard(inserted(2, "B"), other, "P051", claim=True),)


def test_a_card_whose_number_another_one_is_getting_waits_until_that_is_decided() -> None:
    at = desk()
    at.ask()
    at.on(Typed("y", LATER), Appeared(inserted(2, "B")))
    assert at.on(CardInspected(2, seen("P050"))) == ()
    assert at.phases() == {1: Phase.LOADING, 2: Phase.BLOCKED}
    at.on(CardServed(1, served("P050")))
    assert InspectCard(inserted(2, "B")) in at.on(Ejected(1))


def test_a_card_waits_while_the_one_before_it_in_the_reader_is_still_worked_on() -> None:
    at = desk("P001", "P002")
    at.on(Appeared(inserted(1)), CardInspected(1, seen("P001")), Vanished(1))
    assert at.on(Appeared(inserted(2))) == ()
    assert at.phases()[2] is Phase.BLOCKED
    assert InspectCard(inserted(2)) in at.on(Failed(1, NoticeKind.FAILED, "gone"))
    assert at.phases() == {2: Phase.LOOKING}


def test_a_card_put_into_another_reader_waits_until_its_load_in_the_first_has_ended() -> None:
    at = desk("P001")
    at.on(Appeared(inserted(1)), CardInspected(1, seen("P001")), Vanished(1), Appeared(inserted(2, "B")))
    assert at.on(CardInspected(2, seen("P001"))) == ()
    actions = at.on(Failed(1, NoticeKind.FAILED, "gone"))
    assert actions[-1] == InspectCard(inserted(2, "B"))
    assert kinds(at.on(CardInspected(2, seen("P001")))) == [ServeCard]  # it is no copy of itself


def test_a_card_pulled_after_its_load_was_done_is_done() -> None:
    at = desk("P001")
    at.on(Appeared(inserted(1)), CardInspected(1, seen("P001")), Vanished(1), CardServed(1, served("P001")))
    assert at.told() == [NoticeKind.DONE]
    assert not at.station.to_go


def test_the_same_card_put_in_twice_is_said_to_be_done_and_not_loaded_again() -> None:
    at = desk("P001")
    at.on(Appeared(inserted(1)), CardInspected(1, seen("P001")), CardServed(1, served("P001")), Ejected(1), Vanished(1))
    for number in (2, 3, 4):
        actions = at.on(Appeared(inserted(number)), CardInspected(number, seen("P001", load="load")))
        assert ServeCard not in kinds(actions)
        assert (Eject in kinds(actions)) is (number < 4)  # an automounter must not keep it busy for ever
        at.on(Ejected(number), Vanished(number))
    assert at.told() == [NoticeKind.DONE, NoticeKind.AGAIN, NoticeKind.AGAIN, NoticeKind.AGAIN]


def test_an_older_state_of_a_finished_card_is_loaded_again() -> None:
    at = desk("P001")
    at.on(Appeared(inserted(1)), CardInspected(1, seen("P001")), CardServed(1, served("P001")), Ejected(1), Vanished(1))
    assert ServeCard in kinds(at.on(Appeared(inserted(2)), CardInspected(2, seen("P001", load="an older one"))))


def test_copies_of_a_card_in_two_readers_are_detected() -> None:
    at = desk("P001")
    at.on(
        Appeared(inserted(1)),
        CardInspected(1, seen("P001")),
        Appeared(inserted(2, "B")),
        CardInspected(2, seen("P001")),
    )
    assert at.phases() == {1: Phase.LOADING, 2: Phase.LEFT}
    at.on(CardServed(1, served("P001")), Ejected(1))
    assert at.told() == [NoticeKind.REFUSED, NoticeKind.DONE]
    (left,) = at.station.problems.values()
    assert left.name == "B"  # the copy is not forgotten because the other one was done
    assert "A and B" in left.message or "B and A" in left.message


def test_a_copy_of_a_finished_card_that_is_still_inserted_is_refused() -> None:
    at = desk("P001")
    at.on(Appeared(inserted(1)), CardInspected(1, seen("P001")), CardServed(1, served("P001")), Ejected(1))
    at.on(Appeared(inserted(2, "B")), CardInspected(2, seen("P001", load="load")))
    assert at.told() == [NoticeKind.DONE, NoticeKind.REFUSED]


def test_a_finished_card_put_into_another_reader_is_no_copy_of_itself() -> None:
    at = desk("P001")
    at.on(Appeared(inserted(1)), CardInspected(1, seen("P001")), CardServed(1, served("P001")), Ejected(1))
    at.on(Vanished(1), Appeared(inserted(2, "B")), CardInspected(2, seen("P001", load="load")), Ejected(2))
    assert at.told() == [NoticeKind.DONE, NoticeKind.AGAIN]


def test_a_copy_of_a_new_card_is_refused_by_the_identity_that_the_load_gave() -> None:
    at = desk()
    at.ask()
    at.on(Typed("y", LATER), CardServed(1, served("P050")), Ejected(1), Appeared(inserted(2, "B")))
    at.on(CardInspected(2, seen("P050")))
    assert at.told()[-1] is NoticeKind.REFUSED


def test_lines_of_cards_that_went_do_not_pile_up() -> None:
    at = desk()
    for number in range(1, 30):
        player = f"P{number:03d}"
        at.on(Appeared(inserted(number, f"sd{number}")), CardInspected(number, seen(player)))
        at.on(CardServed(number, served(player)), Ejected(number), Vanished(number))
    assert len(at.station.slots) == 9  # eight, and the last
    assert len(at.station.served) == 29


def test_a_card_of_another_community_is_left_alone() -> None:
    at = desk()
    at.on(Appeared(inserted(1)), CardInspected(1, seen("P009", kept_out="of another community")))
    assert (at.told(), at.phases()) == ([NoticeKind.KEPT_OUT], {1: Phase.LEFT})


def test_a_card_that_had_the_release_is_current() -> None:
    at = desk()
    at.on(
        Appeared(inserted(1)), CardInspected(1, seen("P001")), CardServed(1, served("P001", changes=False)), Ejected(1)
    )
    assert at.told() == [NoticeKind.CURRENT]


def test_a_dry_run_says_what_it_would_do_and_ejects_nothing() -> None:
    at = desk("P001", dry_run=True)
    at.on(Appeared(inserted(1)), CardInspected(1, seen("P001")), CardServed(1, replace(served("P001"), load=None)))
    at.on(Appeared(inserted(2, "B")), CardInspected(2, seen()), Suggested(2, "P002", 0.0))
    assert at.told() == [NoticeKind.PLANNED, NoticeKind.PLANNED]
    assert not [action for action in at.actions if isinstance(action, Eject)]
    assert dict(at.station.to_go) == {"P001": ""}


def test_the_first_stop_finishes_what_is_under_way_and_takes_nothing_new() -> None:
    at = desk("P001", "P002")
    at.on(Appeared(inserted(1)), CardInspected(1, seen("P001")))
    at.ask(2)
    assert kinds(at.on(StopAsked())) == [DropWaiting, Tell]
    assert not is_at_end(at.station)
    assert at.on(Appeared(inserted(3, "C"))) == ()
    at.on(CardServed(1, served("P001")), Ejected(1))
    assert is_at_end(at.station)
    assert dict(at.station.to_go) == {"P002": ""}


def test_the_letter_q_is_the_first_stop_and_never_the_second() -> None:
    at = desk("P001")
    at.on(Appeared(inserted(1)), CardInspected(1, seen("P001")))
    assert DropWaiting in kinds(at.on(Typed("q", LATER)))
    assert at.on(Typed("q", LATER)) == ()


def test_the_second_stop_stops_the_loads_and_their_cards_are_named() -> None:
    at = desk("P001")
    at.on(Appeared(inserted(1)), CardInspected(1, seen("P001")), StopAsked())
    assert kinds(at.on(StopAsked())) == [Abort]
    at.on(Failed(1, NoticeKind.INTERRUPTED, "put it in again"))
    assert is_at_end(at.station)
    assert at.station.problems["P001"].kind is NoticeKind.INTERRUPTED


def test_a_load_that_had_not_begun_at_the_stop_is_no_trouble() -> None:
    at = desk("P001")
    at.on(Appeared(inserted(1)), CardInspected(1, seen("P001")), StopAsked(), Failed(1, NoticeKind.NOT_BEGUN, ""))
    assert is_at_end(at.station)
    assert not at.station.problems


def test_with_nothing_under_way_a_stop_is_the_end() -> None:
    at = desk("P001")
    at.ask()
    at.on(StopAsked())
    assert is_at_end(at.station)


def test_until_done_ends_when_nobody_is_left_to_go() -> None:
    at = desk("P001", until_done=True)
    assert not is_at_end(at.station)
    at.on(Appeared(inserted(1)), CardInspected(1, seen("P001")), CardServed(1, served("P001")))
    assert not is_at_end(at.station)
    at.on(Ejected(1))
    assert is_at_end(at.station)


def test_a_finished_card_that_is_pulled_out_of_another_load_is_to_go_again() -> None:
    at = desk("P001")
    at.on(Appeared(inserted(1)), CardInspected(1, seen("P001")), CardServed(1, served("P001")), Ejected(1), Vanished(1))
    at.on(Appeared(inserted(2)), CardInspected(2, seen("P001", community="North")), Vanished(2))
    at.on(Failed(2, NoticeKind.FAILED, "gone"))
    assert (dict(at.station.to_go), dict(at.station.served)) == ({"P001": "North"}, {})


def test_a_late_event_of_a_removed_card_does_not_count_for_the_next_one() -> None:
    at = desk("P001", "P002")
    at.on(Appeared(inserted(1)), Vanished(1), CardInspected(1, seen("P001")))
    at.on(Appeared(inserted(2)), CardInspected(1, seen("P001")), Failed(1, NoticeKind.FAILED, "late"))
    assert at.phases() == {2: Phase.LOOKING}
    assert at.told() == []


@dataclass
class World:
    """Cards that are put into readers and pulled at random, and workers that end at random."""

    desk: Desk
    inside: dict[str, tuple[int, str | None]] = field(default_factory=dict)  # by reader: insertion, player
    owners: dict[int, str | None] = field(default_factory=dict)  # by insertion
    waiting: list[Action] = field(default_factory=list)
    count: int = 0
    now: float = 0.0
    consent: bool = False

    def on(self, event: Event) -> None:
        self.now += 1.0
        for action in self.desk.on(event):
            if isinstance(action, ServeCard):
                self.check_visit(action)
            if isinstance(action, InspectCard | ServeCard | Eject | Suggest):
                self.waiting.append(action)
            if isinstance(action, DropWaiting):
                assert self.desk.station.stops == 1

    def check_visit(self, visit: ServeCard) -> None:
        others = [one for one in self.waiting if isinstance(one, ServeCard)]
        assert visit.card.place not in {one.card.place for one in others}
        assert visit.player not in {one.player for one in others}
        assert not visit.claim or self.consent
        assert self.desk.station.stops == 0

    def put(self, reader: str, player: str | None) -> None:
        if reader in self.inside or player in {one for _number, one in self.inside.values() if one}:
            return
        self.count += 1
        self.inside[reader] = (self.count, player)
        self.owners[self.count] = player
        self.on(Appeared(inserted(self.count, reader)))

    def pull(self, reader: str) -> None:
        if reader in self.inside:
            number, _player = self.inside.pop(reader)
            self.on(Vanished(number))

    def key(self, key: str) -> None:
        self.consent = key in "y\r"
        self.on(Typed(key, self.now + LATER))
        self.consent = False

    def work(self, which: int, fails: bool) -> None:
        """One of the workers ends."""
        if not self.waiting:
            return
        action = self.waiting.pop(which % len(self.waiting))
        number = action.card.insertion
        is_in = number in {there for there, _player in self.inside.values()}
        if isinstance(action, InspectCard):
            look = CardInspected(number, seen(self.owners[number]))
            self.on(Failed(number, NoticeKind.FAILED, "no") if fails or not is_in else look)
        elif isinstance(action, ServeCard):
            good = is_in and not fails
            self.on(
                CardServed(number, served(action.player, load=str(number)))
                if good
                else Failed(number, NoticeKind.FAILED, "no")
            )
        elif isinstance(action, Suggest):
            free = next(f"P{n:03d}" for n in range(50, 999) if f"P{n:03d}" not in action.taken)
            self.on(Suggested(number, free, self.now))
        else:
            self.on(Ejected(number))


READERS = st.sampled_from("ABC")
PLAYERS = st.sampled_from(["P001", "P002", "P003", "P004", None])
MOVES = st.one_of(
    st.tuples(st.just("put"), READERS, PLAYERS),
    st.tuples(st.just("pull"), READERS),
    st.tuples(st.just("work"), st.integers(0, 9), st.booleans()),
    st.tuples(st.just("work"), st.integers(0, 9), st.just(False)),
    st.tuples(st.just("key"), st.sampled_from("yn7\r")),
)


@settings(max_examples=300)
@given(st.lists(MOVES, max_size=60), st.booleans())
def test_no_place_and_no_player_is_loaded_twice_at_once_and_every_player_is_accounted_for(
    moves: list[tuple], stops: bool
) -> None:
    everybody = ("P001", "P002", "P003", "P004")
    world = World(desk(*everybody))
    for name, *arguments in moves:
        getattr(world, name)(*arguments)
    if stops:
        world.on(StopAsked())
    for reader in "ABC":
        world.pull(reader)
    while world.waiting:
        world.work(0, fails=False)
    station = world.desk.station
    assert not is_busy(station)
    assert not [slot for slot in station.slots.values() if slot.phase in (Phase.UNKNOWN, Phase.BLOCKED)]
    assert set(everybody) - set(station.served) <= set(station.to_go)
    assert not set(station.to_go) & set(station.served)
    assert not set(station.served) & set(station.problems)
    assert is_at_end(station) is stops
