"""The station's state machine: `step` maps a state and an event to the next state and actions. Pure.

The caller carries out the actions and reports each outcome as another event. An event names its insertion, so
that a late event never counts for the next card in the same reader.
"""

from __future__ import annotations

from dataclasses import replace

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.registry.players import player_id
from packager.station.model import (
    BUSY,
    Abort,
    Action,
    Appeared,
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
    Notice,
    NoticeKind,
    Phase,
    Question,
    ReaderProblem,
    ReaderSlot,
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

TOO_SOON = 0.4  # seconds: a key pressed before anybody can read the question is no answer
_MOST_GONE = 8  # lines of ejected cards that may still be in their readers
_MOST_EJECTIONS = 2  # of a card done before: an automounter may mount it again each time

_Step = tuple[Station, list[Action]]
_WAITING = frozenset({Phase.BLOCKED, Phase.UNKNOWN, Phase.CLAIMING})
_YES = frozenset({"y", "是"})
_NO = frozenset({"n", "否"})
_ENTER = frozenset({"\r", "\n"})
_BACKSPACE = frozenset({"\x7f", "\b"})


def step(station: Station, event: Event) -> tuple[Station, tuple[Action, ...]]:
    """The station after `event`, and the actions to carry out."""
    after, actions = _after(station, event)
    after, asked = _ask_next(after)
    return after, (*actions, *asked)


def is_busy(station: Station) -> bool:
    """Whether any card is being read, loaded or ejected."""
    return any(slot.phase in BUSY for slot in station.slots.values())


def _after(station: Station, event: Event) -> _Step:  # noqa: PLR0911 - one return an event
    if isinstance(event, Appeared):
        return _appeared(station, event.card)
    if isinstance(event, Typed):
        return _typed(station, event)
    if isinstance(event, StopAsked):
        return _stop(station)
    slot = station.slots.get(event.insertion)
    if slot is None:
        return station, []
    if isinstance(event, Vanished):
        return _vanished(station, slot)
    if isinstance(event, CardInspected) and slot.phase is Phase.LOOKING:
        return _inspected(station, replace(slot, seen=event.seen), event.seen)
    if isinstance(event, Suggested):
        return _suggested(station, slot, event)
    if isinstance(event, CardServed):
        return _card_served(station, slot, event.served)
    if isinstance(event, Failed):
        return _failed(station, slot, event)
    return _ejected(station, slot, event.message) if isinstance(event, Ejected) else (station, [])


def _appeared(station: Station, card: InsertedCard) -> _Step:
    old = [slot for slot in station.slots.values() if slot.card.reader == card.reader]
    gone = [slot for slot in station.slots.values() if slot.gone][:-_MOST_GONE]
    station = _without(station, *(slot for slot in (*old, *gone) if slot.phase not in BUSY))
    if station.stops:
        return station, []
    if card.refusal:
        station = _with(station, ReaderSlot(card, Phase.LEFT, why=NoticeKind.REFUSED))
        notice = Notice(NoticeKind.REFUSED, card.name, message=card.refusal, to_go=len(station.to_go))
        return station, [Tell(notice)]
    # A load knows its card by the mount point alone: the next card waits until the load at that point ends.
    if _is_busy_at(station, card):
        return _with(station, ReaderSlot(card, Phase.BLOCKED)), []
    return _with(station, ReaderSlot(card, Phase.LOOKING)), [InspectCard(card)]


def _vanished(station: Station, slot: ReaderSlot) -> _Step:
    if slot.phase in BUSY:
        halted = [Halt(slot.card)] if slot.phase is Phase.LOADING else []
        return _with(station, replace(slot, gone=True)), [*halted]
    if slot.phase is Phase.OUT:
        return _with(station, replace(slot, gone=True)), []  # the line stays: an ejected card may be in the reader
    return _without(station, slot), []


def _inspected(station: Station, slot: ReaderSlot, seen: IdentifiedCard) -> _Step:
    if slot.gone or station.stops:
        return _unblock(_without(station, slot), slot)
    other = station.copy_of(slot)
    if other is not None and other.gone:
        return _with(station, replace(slot, phase=Phase.BLOCKED)), []  # the same card, in another reader
    if other is not None:
        return _refuse_copies(station, slot, other)
    return _identified(station, slot, seen)


def _identified(station: Station, slot: ReaderSlot, seen: IdentifiedCard) -> _Step:
    if seen.kept_out:
        notice = _notice(station, slot, NoticeKind.KEPT_OUT, seen.player, message=seen.kept_out)
        return _with(station, replace(slot, phase=Phase.LEFT, why=NoticeKind.KEPT_OUT)), [Tell(notice)]
    if seen.player is None:
        return _with(station, replace(slot, phase=Phase.UNKNOWN)), []
    if any(other.player == seen.player for other in _loading(station)):
        return _with(station, replace(slot, phase=Phase.BLOCKED)), []  # until that load decides the number
    served = station.served.get(seen.player)
    if served is not None and (served.card, served.load) == (seen.identity, seen.load):
        return _again(station, slot, served)
    return _load(station, slot, seen, seen.player, claim=False)


def _load(station: Station, slot: ReaderSlot, seen: IdentifiedCard, player: str, *, claim: bool) -> _Step:
    slot = replace(slot, phase=Phase.LOADING, player=player, claimed=claim)
    return _with(station, slot), [ServeCard(slot.card, seen, player, claim)]


def _again(station: Station, slot: ReaderSlot, served: ServiceResult) -> _Step:
    count = station.ejections.get(served.player, 0)
    slot = replace(slot, player=served.player, served=served, again=True)
    if count >= _MOST_EJECTIONS:
        notice = _notice(station, slot, NoticeKind.AGAIN, served.player, served=served)
        return _with(station, replace(slot, phase=Phase.OUT)), [Tell(notice)]
    station = replace(station, ejections={**station.ejections, served.player: count + 1})
    return _with(station, replace(slot, phase=Phase.EJECTING)), [Eject(slot.card)]


def _refuse_copies(station: Station, slot: ReaderSlot, other: ReaderSlot) -> _Step:
    message = _(
        "{card} and {other} are two cards with the same identity: one is a copy of the other. Take "
        "both out and put in the original; give the copy its own identity with: packager load CARD "
        "--player PLAYER --new-identity"
    ).format(card=slot.card.name, other=other.card.name)
    assert slot.seen is not None
    # Filed by insertion, not by player: the other card may succeed.
    key = f"#{slot.card.insertion}"
    return _leave(station, replace(slot, player=slot.seen.player), NoticeKind.REFUSED, message, key=key)


def _card_served(station: Station, slot: ReaderSlot, served: ServiceResult) -> _Step:
    slot = replace(slot, player=served.player, served=served)
    claims = tuple(player for player in station.pulled_claims if player != served.player)
    problems = {key: problem for key, problem in station.problems.items() if key != served.player}
    station = replace(station, pulled_claims=claims, problems=problems)
    if station.dry_run:
        notice = _notice(station, slot, NoticeKind.PLANNED, served.player, served=served)
        unblocked, actions = _unblock(_with(station, replace(slot, phase=Phase.OUT)), slot)
        return unblocked, [Tell(notice), *actions]
    to_go = {player: community for player, community in station.to_go.items() if player != served.player}
    station = replace(station, to_go=to_go, served={**station.served, served.player: served})
    slot = replace(slot, phase=Phase.EJECTING)
    if slot.gone:
        return _ejected(_with(station, slot), slot)
    return _with(station, slot), [Eject(slot.card)]


def _ejected(station: Station, slot: ReaderSlot, message: str = "") -> _Step:
    if slot.phase is not Phase.EJECTING or slot.served is None:
        return station, []
    done = NoticeKind.DONE if slot.served.changes else NoticeKind.CURRENT
    kind = NoticeKind.AGAIN if slot.again else done
    notice = _notice(station, slot, kind, slot.player, served=slot.served, message=message)
    unblocked, actions = _unblock(_with(station, replace(slot, phase=Phase.OUT)), slot)
    return unblocked, [Tell(notice), *actions]


def _failed(station: Station, slot: ReaderSlot, event: Failed) -> _Step:
    if slot.phase not in (Phase.LOOKING, Phase.LOADING):
        return station, []
    slot = replace(slot, gone=slot.gone or event.gone)
    if event.kind is NoticeKind.NOT_BEGUN or (slot.gone and slot.phase is Phase.LOOKING):
        return _unblock(_without(station, slot), slot)
    if not slot.gone or event.kind is NoticeKind.INTERRUPTED:
        return _leave(station, slot, event.kind, event.message)
    if slot.claimed and slot.player is not None and not event.has_identity:
        station = replace(station, pulled_claims=(*station.pulled_claims, slot.player))
    message = _("it was removed too early; insert it again")
    return _leave(station, slot, NoticeKind.PULLED, message)


def _leave(station: Station, slot: ReaderSlot, kind: NoticeKind, message: str, *, key: str = "") -> _Step:
    """Leave the card undone and tell the volunteer why."""
    player = slot.player
    problem = ReaderProblem(kind, slot.card.name, player, message)
    problems = {**station.problems, key or player or f"#{slot.card.insertion}": problem}
    station = replace(station, problems=problems)
    if slot.phase is Phase.LOADING and kind is not NoticeKind.REFUSED and player is not None:
        station = _not_done(station, player, slot)
    station = _with(station, replace(slot, phase=Phase.LEFT, why=kind))
    told = Tell(_notice(station, slot, kind, player, message=message))
    unblocked, actions = _unblock(station, slot)
    return unblocked, [told, *actions]


def _not_done(station: Station, player: str, slot: ReaderSlot) -> Station:
    """The card is unfinished from now on, whatever it was before."""
    community = station.to_go.get(player, slot.seen.community if slot.seen is not None else "")
    served = {other: one for other, one in station.served.items() if other != player}
    return replace(station, served=served, to_go={**station.to_go, player: community})


def _unblock(station: Station, slot: ReaderSlot) -> _Step:
    """Work at the slot ended: read the cards that waited for it."""
    actions: list[Action] = []
    for other in station.slots.values():
        if other.phase is not Phase.BLOCKED or _is_busy_at(station, other.card):
            continue
        if other.card.reader == slot.card.reader:
            station = _without(station, slot)
        station = _with(station, replace(other, phase=Phase.LOOKING))
        actions.append(InspectCard(other.card))
    return station, actions


def _is_busy_at(station: Station, card: InsertedCard) -> bool:
    return any(slot.card.place == card.place for slot in station.slots.values() if slot.phase in BUSY)


# Questions.


def _ask_next(station: Station) -> _Step:
    """Find a number for the next new card that needs no answer, and ask about the next other one.

    A question stays open until it is answered; it does not stop cards that need none.
    """
    station, actions = _claim_next(station)
    asked = station.slots.get(station.question.insertion) if station.question is not None else None
    if asked is not None and asked.phase is Phase.UNKNOWN:
        return station, actions
    station = replace(station, question=None)
    for slot in station.slots.values():
        if slot.phase is Phase.UNKNOWN and not _needs_no_answer(station, slot):
            pending = Question(slot.card.insertion, "", 0.0)  # no key counts until it has a number
            return replace(station, question=pending), [*actions, Suggest(slot.card, _in_use(station))]
    return station, actions


def _claim_next(station: Station) -> _Step:
    """One number at a time: the next search has to know what the one before found."""
    slots = station.slots.values()
    free = next((slot for slot in slots if slot.phase is Phase.UNKNOWN and _needs_no_answer(station, slot)), None)
    if free is None or any(slot.phase is Phase.CLAIMING for slot in slots):
        return station, []
    offered = {station.question.player} if station.question is not None else set()
    station = _with(station, replace(free, phase=Phase.CLAIMING))
    return station, [Suggest(free.card, _in_use(station) | offered)]


def _needs_no_answer(station: Station, slot: ReaderSlot) -> bool:
    """Whether the volunteer gave consent to such cards beforehand."""
    seen = slot.seen
    return station.claims_new_cards and seen is not None and seen.is_blank and not seen.foreign


def _suggested(station: Station, slot: ReaderSlot, event: Suggested) -> _Step:
    question = station.question
    is_asked = question is not None and question.insertion == event.insertion and slot.phase is Phase.UNKNOWN
    if slot.seen is None or not (is_asked or slot.phase is Phase.CLAIMING):
        return station, []
    # A card that was removed before it had an identity comes back without one.
    pulled = station.pulled_claims if slot.seen.identity is None else ()
    player = next((one for one in pulled if one not in _in_use(station)), event.player)
    if player is None:
        return _leave(station, slot, NoticeKind.REFUSED, event.message)
    if station.dry_run:
        notice = _notice(station, slot, NoticeKind.PLANNED, player)
        return _with(station, replace(slot, phase=Phase.LEFT, why=NoticeKind.PLANNED)), [Tell(notice)]
    if question is None or not is_asked:
        return _load(station, slot, slot.seen, player, claim=True)
    station = replace(station, question=replace(question, player=player, since=event.at))
    return station, [Tell(_notice(station, slot, NoticeKind.ASKED, player, message=slot.seen.description))]


def _typed(station: Station, event: Typed) -> _Step:
    question, key = station.question, event.key.casefold()
    if key == "q":
        return _stop(station) if not station.stops else (station, [])
    if question is None or not question.player or event.at - question.since < TOO_SOON:
        return station, []
    slot = station.slots[question.insertion]
    if key in _NO:
        notice = _notice(station, slot, NoticeKind.DECLINED, None)
        return _with(station, replace(slot, phase=Phase.LEFT, why=NoticeKind.DECLINED)), [Tell(notice)]
    if key in _YES:
        return _answered(station, slot, question.player)
    if key in _ENTER:
        return _answered(station, slot, question.typed) if question.typed else (station, [])
    typed = question.typed
    if key in _BACKSPACE:
        typed = typed[:-1]
    elif key == "\x1b":
        typed = ""
    elif len(key) == 1 and (key.isdecimal() or key == "p") and len(typed) < 8:
        typed += key
    return replace(station, question=replace(question, typed=typed)), []


def _answered(station: Station, slot: ReaderSlot, text: str) -> _Step:
    """Load the card for the number that the volunteer gave, if it is free."""
    assert slot.seen is not None and station.question is not None
    try:
        player = player_id(text if text.casefold().startswith("p") else f"P{text}")
    except InputError as error:
        message = str(error)
    else:
        if player not in _in_use(station):
            return _load(station, slot, slot.seen, player, claim=True)
        message = _("player {player} has its card already").format(player=player)
    station = replace(station, question=replace(station.question, typed=""))
    return station, [Tell(_notice(station, slot, NoticeKind.WRONG_ANSWER, None, message=message))]


def _in_use(station: Station) -> frozenset[str]:
    """Players whose card is done or being loaded: they get no new card."""
    return frozenset(station.served) | {slot.player for slot in _loading(station) if slot.player}


def _loading(station: Station) -> list[ReaderSlot]:
    return [slot for slot in station.slots.values() if slot.phase is Phase.LOADING]


# The end.


def _stop(station: Station) -> _Step:
    station = replace(station, stops=station.stops + 1)
    if station.stops > 1:
        return station, [Abort()]
    waiting = [slot for slot in station.slots.values() if slot.phase in _WAITING]
    station = _without(station, *waiting)
    if not is_busy(station):
        return station, []
    return station, [DropWaiting(), Tell(Notice(NoticeKind.STOPPING, to_go=len(station.to_go)))]


def is_at_end(station: Station) -> bool:
    """Whether the volunteer stopped the station, or all players are done, and no work is left."""
    if is_busy(station):
        return False
    if station.stops:
        return True
    return (
        station.until_done and not station.to_go and not any(slot.phase in _WAITING for slot in station.slots.values())
    )


def _notice(
    station: Station,
    slot: ReaderSlot,
    kind: NoticeKind,
    player: str | None,
    *,
    served: ServiceResult | None = None,
    message: str = "",
) -> Notice:
    return Notice(kind, slot.card.name, player, served, message, len(station.to_go))


def _with(station: Station, slot: ReaderSlot) -> Station:
    return replace(station, slots={**station.slots, slot.card.insertion: slot})


def _without(station: Station, *slots: ReaderSlot) -> Station:
    dropped = {slot.card.insertion for slot in slots}
    return replace(station, slots={number: slot for number, slot in station.slots.items() if number not in dropped})
