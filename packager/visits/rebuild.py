"""Holdings made again from cards, after a registry was lost: each card says itself what it holds.

A card knows neither its player's number nor its listener: the number stands on the device, and is said with
the card. What was loaded before is gone; the card's counter goes on, so that nothing older passes for newer
when another registry is merged later.
"""

from __future__ import annotations

from pathlib import Path

from packager.base.errors import CardRefusedError, InputError
from packager.base.i18n.language import _
from packager.cards.io.card import Progress, no_progress
from packager.registry.database import Registry
from packager.registry.event_store import record_prepared
from packager.registry.players import add_player, card_of_player, find_player, player_id, player_of_card
from packager.visits.audit import AuditVisit, audit_visit


def rebuild_from(
    registry: Registry,
    root: Path,
    player: str | None = None,
    *,
    allow_folder: bool = False,
    quick: bool = False,
    progress: Progress = no_progress,
) -> AuditVisit:
    """Read the card at `root` and record what it holds; `player` is the number on the device, if it is given.

    A player that the registry does not know is added. Raises CardRefusedError when the registry knows the
    card in another player, or another card in the player, and as `audit_visit` does.
    """
    seen = audit_visit(registry, root, allow_folder=allow_folder, quick=quick, progress=progress)
    if player is None:
        return seen
    wanted = player_id(player)
    holder, other = player_of_card(registry, seen.card.card), card_of_player(registry, wanted)
    if holder not in (None, wanted) or other not in (None, seen.card.card):
        raise CardRefusedError(
            _(
                "the registry knows the card in {card} as that of {holder}, and {player} with {other}; if "
                "that is wrong, load it: packager load {card} --player {player} --move-card --replace-card"
            ).format(
                card=root,
                holder=holder or _("no player"),
                player=wanted,
                other=_("another card") if other else _("no card"),
            )
        )
    try:
        find_player(registry, wanted)
    except InputError:
        add_player(registry, wanted)
    record_prepared(registry, seen.card.card, wanted)
    return seen
