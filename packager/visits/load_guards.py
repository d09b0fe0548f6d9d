"""Whose card it is and what may go on it: what is refused unless the volunteer consents. Pure."""

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
from packager.registry.events import CardHistory, Player, PlayerState
from packager.registry.lineage import Lineage, lineage_of

_MOST_NAMED = 8  # files in a refusal


@dataclass(frozen=True)
class LoadOverrides:
    """What the volunteer allowed by an option of its own. Without it, each of these is refused."""

    move_card: bool = False  # the card of another player becomes this player's
    replace_card: bool = False  # this player gets another card than it has
    downgrade: bool = False  # an older release than the card's
    switch: bool = False  # a release of another series or profile than the card's
    repair: bool = False  # files of ours that were altered are given up
    new_identity: bool = False  # the card is a copy of another, and becomes a card of its own
    accept_foreign: bool = False  # somebody's audio shifts the numbers of the player, and stays
    clean_litter: bool = False  # what computers left on the card is deleted
    same_card: bool = False  # the card is itself, though it does not go on from what was recorded of it


NO_OVERRIDES = LoadOverrides()


def on_card(view: CardSnapshot) -> Manifest | None:
    """What the card holds, or an unfinished one was to hold; None when it can't say."""
    if view.manifest is not None:
        return view.manifest
    return max(view.manifests.values(), key=lambda manifest: manifest.sequence, default=None)


def require_right_player(
    card: Card, player: Player, *, holder: str | None, other_card: str | None, overrides: LoadOverrides
) -> None:
    """Raise CardRefusedError unless the card is this player's, or neither has another.

    `holder` is the player that the registry says the card is in, `other_card` the card that it says is in
    `player`. A lost or retired player gets nothing before it is said to be in use again.
    """
    _require_in_use(player)
    if holder == player.id:
        return
    reasons: list[str] = []
    if holder is not None and not overrides.move_card:
        reasons.append(
            _(
                "{card} is the card of player {holder}, not of {player}; is it in the wrong player? "
                "If it is to be the card of {player} from now on, add --move-card"
            ).format(card=card.name, holder=holder, player=player.id)
        )
    if other_card is not None and not overrides.replace_card:
        reasons.append(
            _(
                "player {player} has another card ({other}), and {card} is not it ({found}); "
                "if it takes the place of that card, add --replace-card"
            ).format(player=player.id, other=other_card[:8], card=card.name, found=card.identity.id[:8])
        )
    if reasons:
        raise CardRefusedError("\n".join(reasons))


def require_own_identity(card: Card, history: CardHistory, twins: Sequence[Path], *, overrides: LoadOverrides) -> None:
    """Raise CardRefusedError when another card may carry the identity of `card`.

    `history` is what is known under that identity, `twins` where else it is plugged in now.
    """
    if overrides.new_identity:
        return
    if twins:
        raise CardRefusedError(
            _(
                "{card} and {other} are two cards with the same identity: one is a copy of the other. Take "
                "out the card that is to keep it; the copy becomes a card of its own with: "
                "packager load {card} --player PLAYER --new-identity"
            ).format(card=card.name, other=shown(str(twins[0])))
        )
    lineage = lineage_of(card.snapshot.state, history)
    if lineage is Lineage.GOES_ON or overrides.same_card:
        return
    message = (
        _(
            "{card} tells of another load than the one recorded of it: there are two cards with its "
            "identity, and one is a copy. {advice}"
        )
        if lineage is Lineage.CLONED
        else _(
            "{card} shows an older state than one that was seen of it before: it is a copy that was made "
            "then, or such a copy was put back on it. {advice}"
        )
    )
    raise CardRefusedError(message.format(card=card.name, advice=advice_on_copies(card.name)))


def advice_on_copies(card: str) -> str:
    """What to do with a card that may be a copy."""
    return _(
        "If this is the copy, make it a card of its own: packager load {card} --player PLAYER "
        "--new-identity. If it is the card itself, load it with --same-card"
    ).format(card=card)


def _require_in_use(player: Player) -> None:
    if player.state is PlayerState.LOST:
        raise CardRefusedError(
            _(
                "player {player} is recorded as lost; if it came to light, say so first: "
                "packager players found {player}"
            ).format(player=player.id)
        )
    if player.state is PlayerState.RETIRED:
        raise CardRefusedError(
            _(
                "player {player} is retired; if it is to be used again, say so first: "
                "packager players reactivate {player}"
            ).format(player=player.id)
        )


def require_fitting_release(card: Card, player: Player, wanted: Manifest, overrides: LoadOverrides) -> None:
    """Raise CardRefusedError unless `wanted` is for such a player and goes on from what the card holds."""
    if player.profile is not None and player.profile != wanted.profile and not overrides.switch:
        raise CardRefusedError(
            _(
                "'{release}' is of the profile {profile}, and player {player} takes {wanted}; "
                "if you want it all the same, add --switch"
            ).format(release=wanted.release, profile=wanted.profile, player=player.id, wanted=player.profile)
        )
    held = on_card(card.snapshot)
    if held is None or held.content_id == wanted.content_id:
        return
    if (held.series, held.profile) != (wanted.series, wanted.profile):
        if not overrides.switch and not _is_the_players_variant(player, held, wanted):
            raise CardRefusedError(_another_kind(card, held, wanted))
    elif held.sequence == wanted.sequence:
        raise CardRefusedError(
            _(
                "{card} holds another '{held}' than this one, under the same sequence; a series is built in "
                "one place only. Get the release from there, or build a new one here"
            ).format(card=card.name, held=held.release)
        )
    elif held.sequence > wanted.sequence and not overrides.downgrade:
        raise CardRefusedError(
            _("{card} holds '{held}', which is newer than '{release}'; to go back, add --downgrade").format(
                card=card.name, held=held.release, release=wanted.release
            )
        )


def _is_the_players_variant(player: Player, held: Manifest, wanted: Manifest) -> bool:
    """Whether `wanted` has the numbers of what the card holds, as the roster says."""
    same = (held.series, base_profile(held.profile)) == (wanted.series, base_profile(wanted.profile))
    return same and player.profile == wanted.profile


def require_wish_to_go_back(
    card: Card, held: Manifest, wanted: Manifest, objection: str, overrides: LoadOverrides
) -> None:
    """Raise CardRefusedError when the newest that may be given out is older than what the card holds.

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
    """Raise CardRefusedError when somebody's audio would shift the numbers of a player that finds by place.

    What the volunteer accepts is accepted for this visit: a file that came meanwhile is another question.
    """
    shifting = [d for d in disturbances(card.snapshot, wanted) if d.effect is Effect.SHIFTS]
    if not shifting or overrides.accept_foreign:
        return
    lines = [
        _(
            "The card was not touched: {card} holds audio that is not ours, and this player counts files, so "
            "that the printed numbers would play something else:"
        ).format(card=card.name),
        *(f"  - {shown(found.path)}" for found in shifting[:_MOST_NAMED]),
    ]
    if len(shifting) > _MOST_NAMED:
        lines.append(_("  and {count} more").format(count=len(shifting) - _MOST_NAMED))
    if any(found.is_apple_double for found in shifting) and not overrides.clean_litter:
        lines.append(_("Those that begin with ._ were left by a Mac; to remove them, add --clean-litter."))
    lines.append(
        _("Move the listener's own files to a folder of another card, or load all the same with --accept-foreign.")
    )
    raise CardRefusedError("\n".join(lines))


def _another_kind(card: Card, held: Manifest, wanted: Manifest) -> str:
    from packager.probe.release import PROBE_SERIES  # with all that makes sound; few cards are refused

    if held.series == PROBE_SERIES:
        return _(
            "{card} is a probe card: test tracks are on it, and nobody's books. To delete them and put "
            "'{release}' on it, add --switch"
        ).format(card=card.name, release=wanted.release)
    return _(
        "{card} holds '{held}' (series {held_series}, profile {held_profile}), and '{release}' is of series "
        "{series}, profile {profile}; if it is to take its place, add --switch"
    ).format(
        card=card.name,
        held=held.release,
        held_series=held.series,
        held_profile=held.profile,
        release=wanted.release,
        series=wanted.series,
        profile=wanted.profile,
    )
