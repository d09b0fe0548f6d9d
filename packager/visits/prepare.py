"""Prepare a card: inspect it, test its capacity, give it an identity and a player."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from packager.base.display import shown
from packager.base.errors import CardRefusedError
from packager.base.i18n.language import _
from packager.cards.io.card import Card, CardAccess, Progress, no_progress
from packager.cards.io.commit import give_identity
from packager.cards.io.os_errors import card_failures
from packager.cards.prepare.capacity import Capacity, CapacityVerdict, check_capacity, testable_bytes
from packager.cards.prepare.inspect import CardInspection, inspect_card
from packager.cards.prepare.os_junk import NO_OS_JUNK, OsJunk, remove_os_junk
from packager.registry.database import Registry
from packager.registry.event_store import record_prepared
from packager.registry.events import Player
from packager.registry.player_locks import player_lock
from packager.registry.players import card_in, find_player, player_of_card, player_with, read_player
from packager.visits.load_guards import NO_OVERRIDES, LoadOverrides, require_right_player

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True)
class PrepareOptions:
    """What a preparation does besides inspecting."""

    test: bool = True
    quick: bool = False  # read back samples only
    files_saved: bool = False  # the test may destroy the files on a fake card
    dry_run: bool = False
    allow_folder: bool = False  # use a folder as a card, for practice
    overrides: LoadOverrides = NO_OVERRIDES  # of move_card, replace_card and clean_junk


@dataclass(frozen=True)
class Preparation:
    """What the inspection found and the preparation did. `to_test` is the bytes that the test writes."""

    look: CardInspection
    holder: str | None  # its player before
    player: str | None  # its player now
    capacity: Capacity | None = None
    removed: OsJunk = NO_OS_JUNK
    to_test: int = 0
    identity_written: bool = False

    @property
    def is_fit(self) -> bool:
        """Whether the card can be loaded, as far as it was inspected."""
        bad = (CapacityVerdict.FAKE, CapacityVerdict.FAILING)
        return self.look.card is not None and (self.capacity is None or self.capacity.verdict not in bad)


def prepare_card(
    registry: Registry,
    root: Path,
    *,
    player: str | None,
    options: PrepareOptions,
    progress: Progress = no_progress,
    clock: Callable[[], float] = time.monotonic,
) -> Preparation:
    """Inspect the card at `root`, test it, and make it the card of `player` if one is given.

    A fake or failing card gets no identity. A folder that is used as a card is not tested. Raises InputError
    for an unknown player; CardRefusedError, with nothing written, for a volume that is no card, for another
    player's card, and for a test that could destroy unsaved files; CardFailedError if the card fails.
    """
    person = find_player(registry, player) if player is not None else None
    access = CardAccess(options.allow_folder, new_id=registry.new_id, clock=registry.clock)
    look = inspect_card(root, access, label=person.id if person is not None else "PLAYER")
    if look.card is None:
        return Preparation(look, None, None)
    holder = player_of_card(registry, look.card.identity.id)
    if person is not None:
        with registry.read() as connection:
            _require_free(connection, look.card, person.id, options.overrides)
    tests = options.test and look.volume is not None
    done = Preparation(
        look,
        holder,
        holder,
        removed=look.os_junk if options.overrides.clean_junk else NO_OS_JUNK,
        to_test=testable_bytes(look.card.fs) if tests else 0,
    )
    if tests and look.foreign and not options.files_saved:
        raise CardRefusedError(_unsaved(look))
    if options.dry_run:
        return done
    return _carry_out(registry, done, person, options, tests=tests, progress=progress, clock=clock)


def _carry_out(
    registry: Registry,
    done: Preparation,
    person: Player | None,
    options: PrepareOptions,
    *,
    tests: bool,
    progress: Progress,
    clock: Callable[[], float],
) -> Preparation:
    card = done.look.card
    assert card is not None
    if done.removed.paths:
        with card.fs.exclusive():
            done = replace(done, removed=remove_os_junk(card, done.removed))
    if tests:
        capacity = check_capacity(
            card.fs,
            card.name,
            run=registry.new_id()[:16],
            size=done.look.size,
            clock=clock,
            quick=options.quick,
            progress=progress,
        )
        done = replace(done, capacity=capacity)
    if person is None or not done.is_fit:
        return done
    with player_lock(registry.player_locks, person.id):
        with registry.read() as connection:  # again: the test took minutes
            _require_free(connection, card, person.id, options.overrides)
        if card.is_new:
            with card_failures(card.name, begun=False), card.fs.exclusive():
                give_identity(card)
        # Card first: an assignment to an identity that no card has would block the next attempt.
        record_prepared(
            registry,
            card.identity.id,
            person.id,
            check=lambda connection: _require_free(connection, card, person.id, options.overrides),
        )
    return replace(done, player=person.id, identity_written=card.is_new)


def _require_free(connection: Connection, card: Card, player: str, overrides: LoadOverrides) -> None:
    """Raise CardRefusedError unless the card may become that of `player`, by the registry in this transaction."""
    holder, other = player_with(connection, card.identity.id), card_in(connection, player)
    require_right_player(card, read_player(connection, player), holder=holder, other_card=other, overrides=overrides)


def _unsaved(look: CardInspection) -> str:
    return _(
        "The card was not changed: {card} contains {count} other files, such as {path}. If the card "
        "is a fake, a test of its capacity can destroy them. Save them and add --files-saved, or "
        "skip the test with --no-test."
    ).format(card=look.name, count=len(look.foreign), path=shown(look.foreign[0]))
