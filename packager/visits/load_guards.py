"""Load guards: refuse a risky load unless the volunteer overrides the guard with its option. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from packager.arranging.profiles.variant import base_profile
from packager.base.display import shown
from packager.base.errors import CardRefusedError
from packager.base.i18n.language import _
from packager.base.manifest import Manifest
from packager.cards.io.card import Card
from packager.cards.plan.foreign import Effect, disturbances
from packager.cards.plan.snapshot import CardSnapshot
from packager.probe.tracks import PROBE_SERIES
from packager.registry.events import CardHistory, Player, PlayerState
from packager.registry.lineage import Lineage, lineage_of

_MOST_NAMED = 8  # files in a refusal


@dataclass(frozen=True)
class LoadOverrides:
    """The guards that the volunteer switched off, one by each option."""

    move_card: bool = False  # take the card of another player
    replace_card: bool = False  # replace the player's card
    downgrade: bool = False  # load an older release than the card's
    switch: bool = False  # load a release of another series or profile than the card's
    repair: bool = False  # overwrite managed files that were altered
    new_identity: bool = False  # the card is a copy of another: give it an identity of its own
    accept_foreign: bool = False  # keep foreign audio although it shifts the numbers of the player
    clean_junk: bool = False  # delete the junk files of operating systems
    same_card: bool = False  # the card is no copy, although it does not continue its recorded history


NO_OVERRIDES = LoadOverrides()


def release_on_card(view: CardSnapshot) -> Manifest | None:
    """The release on the card, of an unfinished card the intended one; None if its manifest is lost."""
    if view.manifest is not None:
        return view.manifest
    return max(view.manifests.values(), key=lambda manifest: manifest.sequence, default=None)


def require_right_player(
    card: Card, player: Player, *, holder: str | None, other_card: str | None, overrides: LoadOverrides
) -> None:
    """Raise CardRefusedError unless the card belongs to the player, or neither is assigned yet.

    By the registry, `holder` is the card's player and `other_card` the player's card. Refuses a lost or retired
    player too.
    """
    _require_in_use(player)
    if holder == player.id:
        return
    reasons: list[str] = []
    if holder is not None and not overrides.move_card:
        reasons.append(
            _(
                "{card} is the card of player {holder}, not of {player}; is it in the wrong player? To make "
                "it the card of {player}, add --move-card"
            ).format(card=card.name, holder=holder, player=player.id)
        )
    if other_card is not None and not overrides.replace_card:
        reasons.append(
            _(
                "player {player} has another card ({other}) than {card} ({found}); to replace that card, add "
                "--replace-card"
            ).format(player=player.id, other=other_card[:8], card=card.name, found=card.identity.id[:8])
        )
    if reasons:
        raise CardRefusedError("\n".join(reasons))


def require_own_identity(card: Card, history: CardHistory, copies: Sequence[Path], *, overrides: LoadOverrides) -> None:
    """Raise CardRefusedError if another card may have the identity of `card`.

    `history` are the events of that identity, `copies` the other mount points that show it now.
    """
    if overrides.new_identity:
        return
    if copies:
        raise CardRefusedError(
            _(
                "{card} and {other} are two cards with the same identity: one is a copy of the other. Take "
                "out the original; give the copy its own identity with: packager load {card} --player PLAYER "
                "--new-identity"
            ).format(card=card.name, other=shown(str(copies[0])))
        )
    lineage = lineage_of(card.snapshot.state, history)
    if lineage is Lineage.GOES_ON or overrides.same_card:
        return
    message = (
        _(
            "the last load on {card} is not the recorded one: two cards have the same identity, and one "
            "is a copy. {advice}"
        )
        if lineage is Lineage.CLONED
        else _(
            "{card} has an older state than the registry recorded: it is a copy, or somebody restored a copy. {advice}"
        )
    )
    raise CardRefusedError(message.format(card=card.name, advice=advice_on_copies(card.name)))


def advice_on_copies(card: str) -> str:
    """The advice for a card that may be a copy."""
    return _(
        "If this is the copy, give it its own identity: packager load {card} --player PLAYER "
        "--new-identity. If it is the original, load it with --same-card"
    ).format(card=card)


def _require_in_use(player: Player) -> None:
    if player.state is PlayerState.LOST:
        raise CardRefusedError(
            _("player {player} is lost; if it was found: packager players found {player}").format(player=player.id)
        )
    if player.state is PlayerState.RETIRED:
        raise CardRefusedError(
            _("player {player} is retired; to use it again: packager players reactivate {player}").format(
                player=player.id
            )
        )
    if player.state is PlayerState.MOVED:
        raise CardRefusedError(
            _("the member of player {player} moved away; to use it again: packager players reactivate {player}").format(
                player=player.id
            )
        )


def require_fitting_release(card: Card, player: Player, wanted: Manifest, overrides: LoadOverrides) -> None:
    """Raise CardRefusedError unless `wanted` fits the player and continues the release on the card."""
    if player.profile is not None and player.profile != wanted.profile and not overrides.switch:
        raise CardRefusedError(
            _(
                "'{release}' is of the profile {profile}, but player {player} takes {wanted}; to load it "
                "anyway, add --switch"
            ).format(release=wanted.release, profile=wanted.profile, player=player.id, wanted=player.profile)
        )
    held = release_on_card(card.snapshot)
    if held is None or held.content_id == wanted.content_id:
        return
    if (held.series, held.profile) != (wanted.series, wanted.profile):
        if not overrides.switch and not _is_the_players_variant(player, held, wanted):
            raise CardRefusedError(_another_kind(card, held, wanted))
    elif held.sequence == wanted.sequence:
        raise CardRefusedError(
            _(
                "{card} holds another '{held}' under the same sequence; build a series in one place only. "
                "Get the release from there, or build a new one here"
            ).format(card=card.name, held=held.release)
        )
    elif held.sequence > wanted.sequence and not overrides.downgrade:
        raise CardRefusedError(
            _("{card} holds '{held}', which is newer than '{release}'; to go back, add --downgrade").format(
                card=card.name, held=held.release, release=wanted.release
            )
        )


def _is_the_players_variant(player: Player, held: Manifest, wanted: Manifest) -> bool:
    """Whether `wanted` is the player's variant of the profile on the card, with the same numbers."""
    same = (held.series, base_profile(held.profile)) == (wanted.series, base_profile(wanted.profile))
    return same and player.profile == wanted.profile


def require_downgrade_override(
    card: Card, held: Manifest, wanted: Manifest, objection: str, overrides: LoadOverrides
) -> None:
    """Raise CardRefusedError if the newest release that may be given out is older than the card's.

    `objection` says why the card's own release may not be given out.
    """
    same_kind = (held.series, held.profile) == (wanted.series, wanted.profile)
    goes_back = wanted.sequence < held.sequence and wanted.content_id != held.content_id
    if same_kind and goes_back and not overrides.downgrade:
        raise CardRefusedError(
            _(
                "{card}: {objection}. The newest release that may be given out is older: '{release}'. To go "
                "back to it, add --downgrade"
            ).format(card=card.name, objection=objection, release=wanted.release)
        )


def require_undisturbed(card: Card, wanted: Manifest, overrides: LoadOverrides) -> None:
    """Raise CardRefusedError if foreign audio would shift the numbers of a player that finds tracks by place.

    The override holds for this visit only.
    """
    shifting = [d for d in disturbances(card.snapshot, wanted) if d.effect is Effect.SHIFTS]
    if not shifting or overrides.accept_foreign:
        return
    lines = [
        _(
            "The card was not changed: {card} contains other audio files. This player counts files, so "
            "the printed numbers would play the wrong tracks:"
        ).format(card=card.name),
        *(f"  - {shown(found.path)}" for found in shifting[:_MOST_NAMED]),
    ]
    if len(shifting) > _MOST_NAMED:
        lines.append(_("  and {count} more").format(count=len(shifting) - _MOST_NAMED))
    if any(found.is_apple_double for found in shifting) and not overrides.clean_junk:
        lines.append(_("A Mac left the files that begin with ._; to remove them, add --clean-junk."))
    lines.append(_("Move the listener's own files to another card, or load anyway with --accept-foreign."))
    raise CardRefusedError("\n".join(lines))


def _another_kind(card: Card, held: Manifest, wanted: Manifest) -> str:
    if held.series == PROBE_SERIES:
        return _("{card} is a probe card: it holds test tracks. To replace them with '{release}', add --switch").format(
            card=card.name, release=wanted.release
        )
    return _(
        "{card} holds '{held}' (series {held_series}, profile {held_profile}), but '{release}' is of "
        "series {series}, profile {profile}; to load it anyway, add --switch"
    ).format(
        card=card.name,
        held=held.release,
        held_series=held.series,
        held_profile=held.profile,
        release=wanted.release,
        series=wanted.series,
        profile=wanted.profile,
    )
