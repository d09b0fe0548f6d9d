"""Find cards by their identity: the one that a volunteer means, and clones of a card in other readers."""

from __future__ import annotations

from pathlib import Path

from packager.cards.io.card import Card
from packager.cards.io.mounted_fs import MountedFS
from packager.cards.plan.state_slots import IDENTITY_PATH, MAX_IDENTITY_BYTES, CardIdentity
from packager.cards.platform.find_volumes import Lister, find_volumes
from packager.cards.platform.volumes import CardChoice, Volume, choose_card, fit_volumes


def find_cards(volumes: Lister = find_volumes) -> tuple[Volume, ...]:
    """The mounted volumes that can be cards, ours or new ones."""
    return fit_volumes(volumes())


def find_card(which: CardChoice, *, identity: str | None = None, volumes: Lister = find_volumes) -> Volume:
    """The one card that a volunteer can mean who names none.

    A card with `identity` goes before all others. Raises CardRefusedError with a list of the plugged-in volumes
    when no card fits or several do.
    """
    listed = volumes()
    if identity is not None:
        found = [v for v in fit_volumes(listed) if (at := identity_at(v.mount_point)) and at.id == identity]
        if len(found) == 1:
            return found[0]
    return choose_card(listed, carries_identity, which)


def carries_identity(volume: Volume) -> bool:
    """Whether the volume has an identity of ours. An unreadable card has none."""
    return identity_at(volume.mount_point) is not None


def identity_at(root: Path) -> CardIdentity | None:
    """The identity of the card at `root`; None if it has none or can't be read."""
    fs = MountedFS(root, keeps_order=True)
    data = b""
    try:
        for piece in fs.read(IDENTITY_PATH):
            data += piece
            if len(data) > MAX_IDENTITY_BYTES:
                return None
    except OSError:
        return None
    return CardIdentity.from_bytes(data)


def clones(card: Card, root: Path, *, volumes: Lister = find_volumes) -> tuple[Path, ...]:
    """The other places where a card with the identity that was found on `card` is mounted now.

    `root` is where `card` is. A card that can't be read does not count, nor does the same card mounted twice.
    """
    if card.found is None:
        return ()
    found: dict[int, Path] = {}
    try:
        here = root.stat().st_dev
        for volume in volumes():
            if volume.is_fat and identity_at(volume.mount_point) == card.found:
                found.setdefault(volume.mount_point.stat().st_dev, volume.mount_point)
    except OSError:
        return ()  # a card was removed just now; if it was this one, the visit reports it
    return tuple(place for device, place in found.items() if device != here)
