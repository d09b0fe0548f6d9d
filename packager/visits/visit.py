"""The transaction of every load: identify the card, check the guards, record the begin, apply, record the outcome.

The registry records a load before the card changes, and its outcome however it ends.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from packager.base.errors import CardRefusedError, NeedsCheckError, RegistryError
from packager.base.i18n.language import _
from packager.base.manifest import Manifest
from packager.cards.io.card import (
    Card,
    CardAccess,
    Progress,
    no_progress,
    open_card,
    with_known_manifests,
    with_new_identity,
)
from packager.cards.io.find_cards import clones
from packager.cards.io.load import LoadResult, apply_load, check_release_folder
from packager.cards.io.survey import survey_and_plan
from packager.cards.io.take_over import with_files_taken_over
from packager.cards.plan.foreign import shifted_tracks, without
from packager.cards.plan.state_slots import Verification
from packager.cards.plan.steps import LoadPlan
from packager.cards.prepare.os_junk import NO_OS_JUNK, OsJunk, find_os_junk, remove_os_junk
from packager.registry.approval import objections, policy_about, read_release_policy, require_givable
from packager.registry.database import Registry
from packager.registry.event_store import card_history, read_history, record_begun, record_ended
from packager.registry.events import LoadBegun, LoadOutcome, Player, event_identity
from packager.registry.lineage import load_identity, was_ever_settled
from packager.registry.player_locks import player_lock
from packager.registry.players import card_in, find_player, player_of_card, player_with, read_player
from packager.registry.releases import release_for_update, release_record, require_unforked
from packager.registry.signatures import card_signature
from packager.releases.store import StoredRelease
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

if TYPE_CHECKING:
    from sqlalchemy import Connection

_MAX_REASON = 2000  # characters


@dataclass(frozen=True)
class VisitResult:
    """What a visit did; with `load` None the plan of a dry run."""

    player: Player
    card: str  # its identity
    card_is_new: bool
    before: Manifest | None  # the card's release before; of an unfinished card the intended one
    release: Manifest
    plan: LoadPlan
    load: LoadResult | None
    os_junk: OsJunk = NO_OS_JUNK  # removed, or to be removed
    shifted: int = 0  # tracks that another number plays than the printed one, since foreign audio was accepted
    taken_over: int = 0  # files of a card that lost its state, but are those of a known release
    passed_over: tuple[str, ...] = ()  # why newer releases are not used


def tell_nobody(_plan: LoadPlan) -> None:
    """The default of `tell_plan`: ignore the plan."""


@dataclass(frozen=True)
class VisitOptions:
    """How a card is visited; by default as strictly as possible."""

    allow_folder: bool = False  # use a folder as a card, for practice
    claim: bool = False  # a card without an identity becomes a new one
    overrides: LoadOverrides = NO_OVERRIDES
    dry_run: bool = False  # only plan the load
    verify_all: bool = True  # read back every track, not only the written ones
    approval_required: bool = False  # only approved releases may be given out
    progress: Progress = no_progress
    tell_plan: Callable[[LoadPlan], None] = tell_nobody  # gets the plan before the card changes


STRICT_VISIT = VisitOptions()


def visit_card(
    registry: Registry,
    root: Path,
    player: str,
    release: StoredRelease,
    options: VisitOptions = STRICT_VISIT,
    *,
    known: Iterable[StoredRelease] = (),
) -> VisitResult:
    """Load `release` on the card at `root` for `player`.

    `known` releases replace a manifest that the card lost, and say whose files are on a card that lost its state;
    they are read only then. Raises InputError for an
    unknown player or a release that may not be given out, CardRefusedError before the card changes, CardError
    when the load fails, RegistryError when the registry can't be written. The registry records the outcome of
    every load that began, interruptions included.
    """
    person = find_player(registry, player)
    card = _open(registry, root, known, options)
    return _visit(registry, card, person, release, options)


def update_card(
    registry: Registry, root: Path, releases: Iterable[StoredRelease], options: VisitOptions = STRICT_VISIT
) -> VisitResult:
    """Load the newest of `releases` of the card's series and profile, for its player.

    Skips releases that may not be given out. Otherwise as `visit_card`; raises CardRefusedError too if the
    registry does not know the player, or the card lost its manifest.
    """
    releases = tuple(releases)
    card = _open(registry, root, releases, options)
    person, held = _known_card(registry, card)
    rules = read_release_policy(registry, approval_required=options.approval_required)
    release = release_for_update(releases, held, person.profile, rules=rules)
    require_downgrade_override(card, held, release.manifest, rules.objection(held), options.overrides)
    result = _visit(registry, card, person, release, options)
    kind = (release.manifest.series, release.manifest.profile)
    others = [one for one in releases if (one.manifest.series, one.manifest.profile) == kind]
    return replace(result, passed_over=objections(rules, others, above=release.manifest.sequence))


def _known_card(registry: Registry, card: Card) -> tuple[Player, Manifest]:
    """The player and the release of the card. Raises CardRefusedError if either is unknown."""
    player = player_of_card(registry, card.identity.id)
    if player is None:
        raise CardRefusedError(
            _(
                "the registry does not know the player of {card}; record it once with: packager load {card} "
                "--player P001"
            ).format(card=card.name)
        )
    held = release_on_card(card.snapshot)
    if held is None:
        raise CardRefusedError(
            _(
                "{card} lost the manifest of its release; choose a release with: packager load {card} --player {player}"
            ).format(card=card.name, player=player)
        )
    return find_player(registry, player), held


def _open(registry: Registry, root: Path, known: Iterable[StoredRelease], options: VisitOptions) -> Card:
    """The card, after the check that its identity is unique; with a new identity if the override says so."""
    new_identity = options.overrides.new_identity
    # With new_identity the card may lack an identity: the power failed while it got one.
    access = CardAccess(
        options.allow_folder, options.claim or new_identity, new_id=registry.new_id, clock=registry.clock
    )
    # A generator reads its releases only where they are needed.
    read = [release.manifest for release in known] if isinstance(known, Collection) else []
    card = with_known_manifests(open_card(root, access, read), (release.manifest for release in known))
    card = with_files_taken_over(card, (release.manifest for release in known), options.progress)
    history = card_history(registry, card.identity.id)
    require_own_identity(card, history, clones(card, root), overrides=options.overrides)
    return with_new_identity(card, access) if new_identity and not card.is_new else card


def _require_by_registry(
    registry: Registry, connection: Connection, card: Card, player: Player, wanted: Manifest, *, options: VisitOptions
) -> None:
    """Raise unless the registry, as it is in this transaction, allows the load.

    A visit asks before it plans, and again in the transaction that records the begin: between the two, another
    process may have loaded, assigned, approved, withdrawn, retired or merged.
    """
    person = read_player(connection, player.id)
    require_own_identity(card, read_history(connection, card.identity.id), (), overrides=options.overrides)
    holder, other = player_with(connection, card.identity.id), _other_card(connection, person, card)
    require_right_player(card, person, holder=holder, other_card=other, overrides=options.overrides)
    approval_required = options.approval_required
    require_givable(policy_about(connection, registry, wanted.content_id, approval_required=approval_required), wanted)
    require_fitting_release(card, person, wanted, options.overrides)
    require_unforked(connection, release_record(wanted))


def _other_card(connection: Connection, player: Player, card: Card) -> str | None:
    """The card that the registry assigns to `player`.

    If this card is new, a card whose first load never got beyond its begin does not count: the power failed
    before the identity was on the card. No such load runs now, because the visit holds the player's lock.
    """
    other = card_in(connection, player.id)
    if other is not None and card.is_new and not was_ever_settled(read_history(connection, other)):
        return None
    return other


def _visit(
    registry: Registry, card: Card, player: Player, release: StoredRelease, options: VisitOptions
) -> VisitResult:
    with nullcontext() if options.dry_run else player_lock(registry.player_locks, player.id):
        with registry.read() as connection:
            _require_by_registry(registry, connection, card, player, release.manifest, options=options)
        return _visit_allowed(registry, card, player, release, options)


def _visit_allowed(
    registry: Registry, card: Card, player: Player, release: StoredRelease, options: VisitOptions
) -> VisitResult:
    wanted, overrides = release.manifest, options.overrides
    os_junk = find_os_junk(card.fs, card.snapshot) if overrides.clean_junk else NO_OS_JUNK
    card = replace(card, snapshot=without(card.snapshot, os_junk.paths))
    require_undisturbed(card, wanted, overrides)
    signature = _signature_of(registry, wanted, options)
    plan = survey_and_plan(card, wanted, repair=overrides.repair, signature=signature, progress=options.progress)
    check_release_folder(plan, release.folder, verify_all=options.verify_all)
    result = VisitResult(
        player=player,
        card=card.identity.id,
        card_is_new=card.is_new,
        before=release_on_card(card.snapshot),
        release=wanted,
        plan=plan,
        load=None,
        os_junk=os_junk,
        taken_over=len(card.snapshot.contents),
    )
    if options.dry_run:
        return result
    options.tell_plan(plan)
    with card.fs.exclusive():
        if os_junk.paths:
            result = replace(result, os_junk=remove_os_junk(card, os_junk))
        load = _load(registry, card, plan, release.folder, player=player, options=options)
        shifted = _shifted(card, wanted) if overrides.accept_foreign else 0
    return replace(result, load=load, shifted=shifted)


def _shifted(card: Card, held: Manifest) -> int:
    with suppress(OSError):  # the load is done and recorded, whatever happens to the card now
        folders = {track.path.rpartition("/")[0] for track in held.tracks}
        return shifted_tracks({folder: card.fs.scan(folder) for folder in folders}, held)
    return 0


def _signature_of(registry: Registry, wanted: Manifest, options: VisitOptions) -> bytes:
    """A signature of the release for the card, that any computer with the trust files can verify."""
    with registry.read() as connection:
        rules = policy_about(connection, registry, wanted.content_id, approval_required=options.approval_required)
    return card_signature(rules.vouching, rules.decision_on(wanted.content_id, wanted.id), wanted.to_bytes())


def _load(
    registry: Registry, card: Card, plan: LoadPlan, folder: Path, *, player: Player, options: VisitOptions
) -> LoadResult:
    state = card.snapshot.state
    begun = record_begun(
        registry,
        load=event_identity(registry.clock(), registry.new_id()),
        parent=load_identity(state),
        card=card.identity.id,
        counter=state.counter if state is not None else 0,
        player=player.id,
        manifest=plan.wanted,
        check=lambda connection: _require_by_registry(registry, connection, card, player, plan.wanted, options=options),
    )
    with _failure_recorded(registry, begun):
        load = apply_load(
            card, plan, folder, load_id=begun.id, verify_all=options.verify_all, progress=options.progress
        )
    _record_done(registry, card, begun, load)
    return load


@contextmanager
def _failure_recorded(registry: Registry, begun: LoadBegun) -> Iterator[None]:
    """Record the outcome of a load that raises, and re-raise."""
    try:
        yield
    except BaseException as error:
        # If the registry fails too, the load stays recorded as begun, which is true. The volunteer needs the
        # error of the card.
        with suppress(RegistryError):
            record_ended(registry, begun.id, _outcome(error), reason=_reason(error))
        raise


def _reason(error: BaseException) -> str:
    # A system message may contain a path that is not UTF-8, which databases refuse. A longer text than an
    # import accepts could not be merged or restored.
    words = str(error) or type(error).__name__
    return words.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")[:_MAX_REASON]


def _outcome(error: BaseException) -> LoadOutcome:
    if isinstance(error, NeedsCheckError):
        return LoadOutcome.NEEDS_CHECK
    return LoadOutcome.FAILED if isinstance(error, Exception) else LoadOutcome.INTERRUPTED


def _record_done(registry: Registry, card: Card, begun: LoadBegun, load: LoadResult) -> None:
    try:
        record_ended(
            registry,
            begun.id,
            LoadOutcome.DONE,
            counter=load.counter,
            verification=load.verification.value,
            verified=load.verification not in (Verification.NOTHING, Verification.NAMES),
        )
    except RegistryError as error:
        raise RegistryError(
            _(
                "{card} is good: it holds '{release}' for player {player}. But the registry could not record "
                "it: {reason}. When it can be written again, record the card with: packager audit {card}"
            ).format(card=card.name, release=load.release, player=begun.player, reason=error)
        ) from error
