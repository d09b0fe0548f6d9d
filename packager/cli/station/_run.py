"""Runs a station: carries out the actions of its state machine, with one thread per card.

Only the main thread prints and steps the state machine; other threads send it events through one queue. Threads are
enough: a load mostly waits for its card, and hashing releases the interpreter lock.
"""

from __future__ import annotations

import os
import queue
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field

from packager.base.errors import CardFailedError, CardRefusedError, InputError, PackagerError
from packager.base.i18n.language import _, reason_of
from packager.cards import Progress, mount_id
from packager.cards.platform.eject import eject
from packager.cli.station._text import Pace, question_line, reader_line, status_line
from packager.cli.ui.screen import Screen
from packager.registry.database import Registry
from packager.station.card_readers import Readers, Sighting, changes
from packager.station.model import (
    Abort,
    Action,
    CardInspected,
    CardServed,
    DropWaiting,
    Eject,
    Ejected,
    Event,
    Failed,
    Halt,
    InsertedCard,
    InspectCard,
    Notice,
    NoticeKind,
    Phase,
    ServeCard,
    Station,
    StopAsked,
    Suggest,
    Suggested,
    Tell,
    Typed,
)
from packager.station.serve_card import Orders, identify_card, next_number, serve
from packager.station.state_machine import is_at_end, step

_TICK = 0.1  # seconds
_PATIENCE = 5  # failed looks at the readers before a message
_LOOKERS = 8  # threads that inspect and eject cards; a slow card can block one for long

Watch = Callable[[], Sequence[Sighting]]


@dataclass(frozen=True)
class _Seen:
    """The cards that are plugged in."""

    sightings: tuple[Sighting, ...]


@dataclass(frozen=True)
class _Blind:
    """The readers can't be listed."""

    reason: str


@dataclass
class Session:
    """One run of a station. `first_number` is the first number that is offered for new cards."""

    registry: Registry
    orders: Orders
    station: Station
    watch: Watch
    screen: Screen
    tell: Callable[[Notice], None]
    first_number: int = 1
    at_once: int = 4  # loads
    interval: float = 1.0  # seconds between two looks at the readers
    presses: int = 0  # of Ctrl-C
    _readers: Readers = field(default_factory=Readers)
    _events: queue.SimpleQueue[Event | _Seen | _Blind] = field(default_factory=queue.SimpleQueue)
    _paces: dict[int, Pace] = field(default_factory=dict)  # by insertion
    _visits: dict[int, Future[None]] = field(default_factory=dict)  # by insertion
    _halted: set[int] = field(default_factory=set)
    _written: set[int] = field(default_factory=set)  # insertions to which a track is being written
    _offered: dict[int, str] = field(default_factory=dict)  # by insertion: numbers whose player locks it holds
    _aborted: bool = False
    _looked: bool = False

    def run(self) -> Station:
        """Run until the volunteer ends the station or nothing is left; return its last state."""
        over = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(over,), daemon=True)
        with ThreadPoolExecutor(self.at_once, "visit") as visitors, ThreadPoolExecutor(_LOOKERS, "look") as lookers:
            watcher.start()
            try:
                while not ((self._looked or self.station.stops) and is_at_end(self.station)):
                    self._turn(visitors, lookers)
            except BaseException:
                self._aborted = True  # stops the running loads
                visitors.shutdown(wait=False, cancel_futures=True)
                raise
            finally:
                over.set()
        return self.station

    def press(self) -> None:
        """Handle Ctrl-C: the first ends after the running loads, the second stops them. Safe in a signal handler."""
        self.presses += 1
        self._events.put(StopAsked())

    def type_key(self, key: str) -> None:
        """Handle a typed key. Can be called from any thread."""
        self._events.put(Typed(key, time.monotonic()))

    def _turn(self, visitors: ThreadPoolExecutor, lookers: ThreadPoolExecutor) -> None:
        with suppress(queue.Empty):
            event = self._events.get(timeout=_TICK)
            while True:
                self._take(event, visitors, lookers)
                event = self._events.get_nowait()
        self.screen.tick()
        if self.screen.is_live:
            self.screen.draw(self._lines())

    def _take(self, event: Event | _Seen | _Blind, visitors: ThreadPoolExecutor, lookers: ThreadPoolExecutor) -> None:
        events: Sequence[Event] = ()
        if isinstance(event, _Blind):
            message = _("Can't query the card readers ({reason}); retrying.")
            self.screen.say(message.format(reason=event.reason), as_result=False)
        elif isinstance(event, _Seen):
            self._looked = True
            self._readers, events = changes(self._readers, event.sightings)
        else:
            events = (event,)
            if isinstance(event, Failed) and event.gone:
                self._readers = self._readers.without(event.insertion)  # it may be inserted again before the next look
        for one in events:
            self.station, actions = step(self.station, one)
            for action in actions:
                self._carry_out(action, visitors, lookers)
        self._release_offers()

    def _carry_out(self, action: Action, visitors: ThreadPoolExecutor, lookers: ThreadPoolExecutor) -> None:
        if isinstance(action, Tell):
            self.tell(action.notice)
            self.screen.ring(action.notice.sound)
        elif isinstance(action, InspectCard):
            lookers.submit(self._work, action.card, self._look, action)
        elif isinstance(action, ServeCard):
            future = visitors.submit(self._work, action.card, self._visit, action)
            self._visits[action.card.insertion] = future
        elif isinstance(action, Eject):
            lookers.submit(self._work, action.card, self._eject, action)
        elif isinstance(action, Suggest):
            self._suggest(action)
        elif isinstance(action, Halt):
            self._halted.add(action.card.insertion)
        elif isinstance(action, DropWaiting):
            for number, future in self._visits.items():
                if future.cancel():
                    self._events.put(Failed(number, NoticeKind.NOT_BEGUN, ""))
        elif isinstance(action, Abort):
            self._aborted = True

    # In threads.

    def _watch(self, over: threading.Event) -> None:
        failures = 0
        while not over.is_set():
            try:
                self._events.put(_Seen(tuple(self.watch())))
                failures = 0
            except Exception as error:
                # A card that is removed during the listing makes one look fail.
                failures += 1
                if failures == _PATIENCE:
                    self._events.put(_Blind(reason_of(error)))
            over.wait(self.interval)

    def _work(self, card: InsertedCard, work: Callable[[Action], Event], action: Action) -> None:
        """Do one thing with a card and report the result, also if it fails."""
        try:
            event = work(action)
        except BaseException as error:
            # Tracks are written after the identity.
            has_identity = card.insertion in self._written
            gone = self._is_gone(card)
            event = Failed(card.insertion, *_failure(error), has_identity=has_identity, gone=gone)
        self._paces.pop(card.insertion, None)
        self._events.put(event)

    def _is_gone(self, card: InsertedCard) -> bool:
        """Whether the card was removed; a load fails before the next look at the readers notices."""
        try:
            return card.insertion in self._halted or not self._readers.has(card, self.watch())
        except Exception:
            return False  # unknown: the error of the load is reported

    def _look(self, action: Action) -> Event:
        assert isinstance(action, InspectCard)
        return CardInspected(action.card.insertion, identify_card(self.registry, self.orders, action.card.place))

    def _visit(self, action: Action) -> Event:
        assert isinstance(action, ServeCard)
        if self._aborted:
            raise KeyboardInterrupt
        served = serve(
            self.registry,
            self.orders,
            action.card.place,
            action.seen,
            action.player,
            claim=action.claim,
            progress=self._progress_of(action.card),
        )
        return CardServed(action.card.insertion, served)

    def _eject(self, action: Action) -> Event:
        assert isinstance(action, Eject)
        volume = self._readers.volume(action.card)
        if volume is None:
            return Ejected(action.card.insertion)  # a folder, or removed
        try:
            ejection = eject(volume)
        except Exception as error:  # the load has succeeded
            return Ejected(action.card.insertion, reason_of(error))
        return Ejected(action.card.insertion, "" if ejection.done else ejection.message)

    def _progress_of(self, card: InsertedCard) -> Progress:
        mounted = _mount_of(card)

        def progress(stage: str, done: int, total: int) -> None:
            if self._aborted:
                raise KeyboardInterrupt
            # Checked here too: another card can be mounted there before the next look at the readers.
            if card.insertion in self._halted or _mount_of(card) != mounted:
                self._halted.add(card.insertion)
                raise CardFailedError(_("{card} was removed during the load").format(card=card.name))
            if stage == "write":
                self._written.add(card.insertion)
            now, before = time.monotonic(), self._paces.get(card.insertion)
            since = before.since if before is not None and before.stage == stage else now
            self._paces[card.insertion] = Pace(stage, done, total, since, now)

        return progress

    # In the main thread again.

    def _suggest(self, action: Suggest) -> None:
        player, message = None, ""
        try:
            # What was offered may not have come back as an event yet.
            taken = action.taken.union(self._offered.values())
            player = next_number(self.registry, self.orders, start=self.first_number, taken=taken)
            if not self.orders.options.dry_run:
                self._offered[action.card.insertion] = player
        except PackagerError as error:
            message = str(error)
        self._events.put(Suggested(action.card.insertion, player, time.monotonic(), message))

    def _release_offers(self) -> None:
        """Give back the numbers that this station offered and no longer needs, for other stations."""
        question = self.station.question
        for insertion, player in list(self._offered.items()):
            slot = self.station.slots.get(insertion)
            is_asked = question is not None and question.insertion == insertion
            is_claiming = slot is not None and slot.phase is Phase.CLAIMING
            is_loading = slot is not None and slot.phase is Phase.LOADING and slot.player == player
            if not (is_asked or is_claiming or is_loading) and player not in self.station.pulled_claims:
                del self._offered[insertion]
                self.registry.player_locks.release(player)

    def _lines(self) -> list[str]:
        slots = self.station.slots.values()
        lines = [reader_line(slot, self._paces.get(slot.card.insertion)) for slot in slots]
        question = question_line(self.station)
        return [*lines, *([question] if question else []), status_line(self.station)]


def _mount_of(card: InsertedCard) -> tuple[int, int] | None:
    """Identifies what is mounted at the card's path; None if nothing is."""
    try:
        return mount_id(card.place)
    except OSError:
        return None


def _failure(error: BaseException) -> tuple[NoticeKind, str]:
    """The kind and message of a notice for an error."""
    if not isinstance(error, Exception):
        return NoticeKind.INTERRUPTED, _("stopped before the end; it is marked as unfinished. Insert it again")
    if isinstance(error, CardRefusedError | InputError):
        return NoticeKind.REFUSED, str(error)
    if isinstance(error, PackagerError):
        return NoticeKind.FAILED, str(error)
    if os.environ.get("PACKAGER_DEBUG"):
        return NoticeKind.FAILED, traceback.format_exc()
    message = _("unexpected failure ({kind}: {message})")
    return NoticeKind.FAILED, message.format(kind=type(error).__name__, message=reason_of(error))
