"""Card after card through several readers: what happened in, what is to be done out. Pure.

`step` takes a station and an event, and gives the station after it and the actions that follow. It touches
nothing: who carries out the actions tells it of their outcome by further events. An outcome names the plug
that it is of, so that what comes late never counts for the card that is in the reader by then.
"""

from __future__ import annotations

from dataclasses import replace

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.registry.players import player_id
from packager.station.model import (
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

TOO_SOON = 0.4  # seconds: a key that was pressed before its question could be read is no answer
_MOST_GONE = 8  # lines of cards that went, and may be in their readers still
_MOST_EJECTIONS = 2  # of a card that is done already: an automounter may bring it back each time

_Step = tuple[Station, list[Action]]
_BUSY = frozenset({Phase.LOOKING, Phase.LOADING, Phase.EJECTING})
_WAITING = frozenset({Phase.BLOCKED, Phase.UNKNOWN})
_YES = frozenset({"y", "是"})
_NO = frozenset({"n", "否"})
_ENTER = frozenset({"\r", "\n"})
_BACKSPACE = frozenset({"\x7f", "\b"})


def step(station: Station, event: Event) -> tuple[Station, tuple[Action, ...]]:
    """The station after `event`, and what is to be done now."""
    after, actions = _after(station, event)
    after, asked = _ask_next(after)
    return after, (*actions, *asked)


def is_busy(station: Station) -> bool:
    """Whether a card is being looked at, loaded or ejected."""
    return any(seat.phase in _BUSY for seat in station.seats.values())


def _after(station: Station, event: Event) -> _Step:  # noqa: PLR0911 - one return an event
    if isinstance(event, Appeared):
        return _appeared(station, event.plug)
    if isinstance(event, Typed):
        return _typed(station, event)
    if isinstance(event, StopAsked):
        return _stop(station)
    seat = station.seats.get(event.plug)
    if seat is None:
        return station, []
    if isinstance(event, Vanished):
        return _vanished(station, seat)
    if isinstance(event, CardInspected) and seat.phase is Phase.LOOKING:
        return _looked(station, replace(seat, seen=event.seen), event.seen)
    if isinstance(event, Suggested):
        return _suggested(station, seat, event)
    if isinstance(event, CardServed):
        return _visited(station, seat, event.served)
    if isinstance(event, Failed):
        return _failed(station, seat, event)
    return _ejected(station, seat, event.message) if isinstance(event, Ejected) else (station, [])


def _appeared(station: Station, plug: InsertedCard) -> _Step:
    old = [seat for seat in station.seats.values() if seat.plug.reader == plug.reader]
    gone = [seat for seat in station.seats.values() if seat.gone][:-_MOST_GONE]
    station = _without(station, *(seat for seat in (*old, *gone) if seat.phase not in _BUSY))
    if station.stops:
        return station, []
    if plug.refusal:
        station = _with(station, ReaderSlot(plug, Phase.LEFT, why=NoticeKind.REFUSED))
        notice = Notice(NoticeKind.REFUSED, plug.name, message=plug.refusal, to_go=len(station.to_go))
        return station, [Tell(notice)]
    # A load goes by the place alone: another card is not touched there before the last load has ended.
    if _is_busy_at(station, plug):
        return _with(station, ReaderSlot(plug, Phase.BLOCKED)), []
    return _with(station, ReaderSlot(plug, Phase.LOOKING)), [InspectCard(plug)]


def _vanished(station: Station, seat: ReaderSlot) -> _Step:
    if seat.phase in _BUSY:
        halted = [Halt(seat.plug)] if seat.phase is Phase.LOADING else []
        return _with(station, replace(seat, gone=True)), [*halted]
    if seat.phase is Phase.OUT and seat.served is not None:
        return _with(station, replace(seat, gone=True)), []  # the line stays: it may still be in the reader
    return _without(station, seat), []


def _looked(station: Station, seat: ReaderSlot, seen: IdentifiedCard) -> _Step:
    if seat.gone or station.stops:
        return _freed(_without(station, seat), seat)
    twin = _twin(station, seat)
    if twin is not None and twin.gone:
        return _with(station, replace(seat, phase=Phase.BLOCKED)), []  # itself, put in elsewhere
    if twin is not None:
        return _twins(station, seat, twin)
    return _recognised(station, seat, seen)


def _recognised(station: Station, seat: ReaderSlot, seen: IdentifiedCard) -> _Step:
    if seen.kept_out:
        notice = _notice(station, seat, NoticeKind.KEPT_OUT, seen.player, message=seen.kept_out)
        return _with(station, replace(seat, phase=Phase.LEFT, why=NoticeKind.KEPT_OUT)), [Tell(notice)]
    if seen.player is None:
        return _with(station, replace(seat, phase=Phase.UNKNOWN)), []
    if any(other.player == seen.player for other in _loading(station)):
        return _with(station, replace(seat, phase=Phase.BLOCKED)), []  # who has that number, will be known then
    served = station.served.get(seen.player)
    if served is not None and (served.card, served.load) == (seen.identity, seen.load):
        return _again(station, seat, served)
    return _load(station, seat, seen, seen.player, claim=False)


def _load(station: Station, seat: ReaderSlot, seen: IdentifiedCard, player: str, *, claim: bool) -> _Step:
    seat = replace(seat, phase=Phase.LOADING, player=player, claimed=claim)
    return _with(station, seat), [ServeCard(seat.plug, seen, player, claim)]


def _again(station: Station, seat: ReaderSlot, served: ServiceResult) -> _Step:
    count = station.ejections.get(served.player, 0)
    seat = replace(seat, player=served.player, served=served, again=True)
    if count >= _MOST_EJECTIONS:
        notice = _notice(station, seat, NoticeKind.AGAIN, served.player, served=served)
        return _with(station, replace(seat, phase=Phase.OUT)), [Tell(notice)]
    station = replace(station, ejections={**station.ejections, served.player: count + 1})
    return _with(station, replace(seat, phase=Phase.EJECTING)), [Eject(seat.plug)]


def _twin(station: Station, seat: ReaderSlot) -> ReaderSlot | None:
    """Another card with the identity of this one, that is plugged in now or still worked on."""
    identity = seat.seen.identity if seat.seen is not None else None
    for other in station.seats.values():
        is_there = not other.gone or other.phase in _BUSY
        if other.plug.number != seat.plug.number and is_there and identity is not None:
            of_other = other.served.card if other.served is not None else None
            if identity in (of_other, other.seen.identity if other.seen is not None else None):
                return other
    return None


def _twins(station: Station, seat: ReaderSlot, twin: ReaderSlot) -> _Step:
    message = _(
        "{card} and {other} are two cards with the same identity: one is a copy of the other. Take both out "
        "and put in the one that is to keep it; the copy becomes a card of its own with: "
        "packager load CARD --player PLAYER --new-identity"
    ).format(card=seat.plug.name, other=twin.plug.name)
    assert seat.seen is not None
    # Of this plug, not of the player: the other one may end well.
    key = f"#{seat.plug.number}"
    return _left(station, replace(seat, player=seat.seen.player), NoticeKind.REFUSED, message, key=key)


def _visited(station: Station, seat: ReaderSlot, served: ServiceResult) -> _Step:
    seat = replace(seat, player=served.player, served=served)
    claims = tuple(player for player in station.pulled_claims if player != served.player)
    troubles = {key: trouble for key, trouble in station.troubles.items() if key != served.player}
    station = replace(station, pulled_claims=claims, troubles=troubles)
    if station.dry_run:
        notice = _notice(station, seat, NoticeKind.PLANNED, served.player, served=served)
        after = _with(station, replace(seat, phase=Phase.OUT))
        told: list[Action] = [Tell(notice)]
        freed, actions = _freed(after, seat) if seat.gone else (after, [])
        return freed, told + actions
    to_go = {player: community for player, community in station.to_go.items() if player != served.player}
    station = replace(station, to_go=to_go, served={**station.served, served.player: served})
    seat = replace(seat, phase=Phase.EJECTING)
    if seat.gone:
        return _ejected(_with(station, seat), seat)
    return _with(station, seat), [Eject(seat.plug)]


def _ejected(station: Station, seat: ReaderSlot, message: str = "") -> _Step:
    if seat.phase is not Phase.EJECTING or seat.served is None:
        return station, []
    done = NoticeKind.DONE if seat.served.changes else NoticeKind.CURRENT
    kind = NoticeKind.AGAIN if seat.again else done
    notice = _notice(station, seat, kind, seat.player, served=seat.served, message=message)
    freed, actions = _freed(_with(station, replace(seat, phase=Phase.OUT)), seat)
    return freed, [Tell(notice), *actions]


def _failed(station: Station, seat: ReaderSlot, event: Failed) -> _Step:
    if seat.phase not in (Phase.LOOKING, Phase.LOADING):
        return station, []
    seat = replace(seat, gone=seat.gone or event.gone)
    if event.kind is NoticeKind.NOT_BEGUN or (seat.gone and seat.phase is Phase.LOOKING):
        return _freed(_without(station, seat), seat)
    if not seat.gone or event.kind is NoticeKind.INTERRUPTED:
        return _left(station, seat, event.kind, event.message)
    if seat.claimed and seat.player is not None and not event.has_identity:
        station = replace(station, pulled_claims=(*station.pulled_claims, seat.player))
    message = _("it was taken out before it was done; put it in again")
    return _left(station, seat, NoticeKind.PULLED, message)


def _left(station: Station, seat: ReaderSlot, kind: NoticeKind, message: str, *, key: str = "") -> _Step:
    """The card stays undone, and the volunteer is told why."""
    seen = seat.seen.player if seat.seen is not None else None
    player = seat.player or seen
    trouble = ReaderProblem(kind, seat.plug.name, player, message)
    troubles = {**station.troubles, key or player or f"#{seat.plug.number}": trouble}
    station = replace(station, troubles=troubles)
    if seat.phase is Phase.LOADING and kind is not NoticeKind.REFUSED and player is not None:
        station = _not_done(station, player, seat)
    station = _with(station, replace(seat, phase=Phase.LEFT, why=kind))
    told = Tell(_notice(station, seat, kind, player, message=message))
    freed, actions = _freed(station, seat)
    return freed, [told, *actions]


def _not_done(station: Station, player: str, seat: ReaderSlot) -> Station:
    """The card is unfinished now, whatever it was before."""
    community = station.to_go.get(player, seat.seen.community if seat.seen is not None else "")
    served = {other: one for other, one in station.served.items() if other != player}
    return replace(station, served=served, to_go={**station.to_go, player: community})


def _freed(station: Station, seat: ReaderSlot) -> _Step:
    """Nobody works on the card at the seat any more: cards that waited for that are looked at."""
    actions: list[Action] = []
    for other in station.seats.values():
        if other.phase is not Phase.BLOCKED or _is_busy_at(station, other.plug):
            continue
        if station.stops:
            station = _without(station, other)
            continue
        if other.plug.reader == seat.plug.reader:
            station = _without(station, seat)
        station = _with(station, replace(other, phase=Phase.LOOKING))
        actions.append(InspectCard(other.plug))
    return station, actions


def _is_busy_at(station: Station, plug: InsertedCard) -> bool:
    return any(seat.plug.place == plug.place for seat in station.seats.values() if seat.phase in _BUSY)


# Questions.


def _ask_next(station: Station) -> _Step:
    """Ask about the next new card, when no question is open."""
    asked = station.seats.get(station.question.plug) if station.question is not None else None
    if asked is not None and asked.phase is Phase.UNKNOWN:
        return station, []
    station = replace(station, question=None)
    for seat in station.seats.values():
        if seat.phase is Phase.UNKNOWN:
            pending = Question(seat.plug.number, "", 0.0)  # no key counts before there is a number
            return replace(station, question=pending), [Suggest(seat.plug, _in_use(station))]
    return station, []


def _suggested(station: Station, seat: ReaderSlot, event: Suggested) -> _Step:
    question = station.question
    if question is None or question.plug != event.plug or seat.seen is None:
        return station, []
    # One that was pulled before it had an identity comes back without one.
    pulled = station.pulled_claims if seat.seen.identity is None else ()
    player = next((one for one in pulled if one not in _in_use(station)), event.player)
    if player is None:
        return _left(station, seat, NoticeKind.REFUSED, event.message)
    if station.dry_run:
        notice = _notice(station, seat, NoticeKind.PLANNED, player)
        return _with(station, replace(seat, phase=Phase.LEFT, why=NoticeKind.PLANNED)), [Tell(notice)]
    if station.consents and not seat.seen.foreign and seat.seen.is_blank:
        return _load(station, seat, seat.seen, player, claim=True)
    station = replace(station, question=replace(question, player=player, since=event.at))
    return station, [Tell(_notice(station, seat, NoticeKind.ASKED, player, message=seat.seen.description))]


def _typed(station: Station, event: Typed) -> _Step:
    question, key = station.question, event.key.casefold()
    if key == "q":
        return _stop(station) if not station.stops else (station, [])
    if question is None or not question.player or event.at - question.since < TOO_SOON:
        return station, []
    seat = station.seats[question.plug]
    if key in _NO:
        notice = _notice(station, seat, NoticeKind.DECLINED, None)
        return _with(station, replace(seat, phase=Phase.LEFT, why=NoticeKind.DECLINED)), [Tell(notice)]
    if key in _YES:
        return _answered(station, seat, question.player)
    if key in _ENTER:
        return _answered(station, seat, question.typed) if question.typed else (station, [])
    typed = question.typed
    if key in _BACKSPACE:
        typed = typed[:-1]
    elif key == "\x1b":
        typed = ""
    elif len(key) == 1 and (key.isdecimal() or key == "p") and len(typed) < 8:
        typed += key
    return replace(station, question=replace(question, typed=typed)), []


def _answered(station: Station, seat: ReaderSlot, text: str) -> _Step:
    """The volunteer gave a number: the card is loaded for it, unless that can't be."""
    assert seat.seen is not None and station.question is not None
    try:
        player = player_id(text if text.casefold().startswith("p") else f"P{text}")
    except InputError as error:
        message = str(error)
    else:
        if player not in _in_use(station):
            return _load(station, seat, seat.seen, player, claim=True)
        message = _("player {player} has its card already").format(player=player)
    station = replace(station, question=replace(station.question, typed=""))
    return station, [Tell(_notice(station, seat, NoticeKind.WRONG_ANSWER, None, message=message))]


def _in_use(station: Station) -> frozenset[str]:
    """Players whose cards were done, or are being loaded: no new card becomes theirs."""
    return frozenset(station.served) | {seat.player for seat in _loading(station) if seat.player}


def _loading(station: Station) -> list[ReaderSlot]:
    return [seat for seat in station.seats.values() if seat.phase is Phase.LOADING]


# The end.


def _stop(station: Station) -> _Step:
    station = replace(station, stops=station.stops + 1)
    if station.stops > 1:
        return station, [Abort()]
    waiting = [seat for seat in station.seats.values() if seat.phase in _WAITING]
    station = _without(station, *waiting)
    if not is_busy(station):
        return station, []
    return station, [DropWaiting(), Tell(Notice(NoticeKind.STOPPING, to_go=len(station.to_go)))]


def is_at_end(station: Station) -> bool:
    """Whether nothing is left to be done, or the volunteer ended it and nothing is under way."""
    if is_busy(station):
        return False
    if station.stops:
        return True
    return (
        station.until_done and not station.to_go and not any(seat.phase in _WAITING for seat in station.seats.values())
    )


def _notice(
    station: Station,
    seat: ReaderSlot,
    kind: NoticeKind,
    player: str | None,
    *,
    served: ServiceResult | None = None,
    message: str = "",
) -> Notice:
    return Notice(kind, seat.plug.name, player, served, message, len(station.to_go))


def _with(station: Station, seat: ReaderSlot) -> Station:
    return replace(station, seats={**station.seats, seat.plug.number: seat})


def _without(station: Station, *seats: ReaderSlot) -> Station:
    dropped = {seat.plug.number for seat in seats}
    return replace(station, seats={number: seat for number, seat in station.seats.items() if number not in dropped})
