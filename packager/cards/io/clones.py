"""Cards in other readers that carry the identity of this one: copies, seen side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from packager.cards.io.card import Card
from packager.cards.io.mount_guard import Volume, list_volumes
from packager.cards.plan.state_slots import IDENTITY_PATH, MAX_IDENTITY_BYTES, CardIdentity


def clones(card: Card, root: Path, *, volumes: Callable[[], Sequence[Volume]] = list_volumes) -> tuple[Path, ...]:
    """Where else a card with the identity that was found on `card` is mounted now.

    `root` is where `card` is. A card that can't be read is none; the same card mounted twice is not either.
    """
    if card.found is None:
        return ()
    found: dict[int, Path] = {}
    try:
        here = root.stat().st_dev
        for volume in volumes():
            if volume.is_fat and _identity_at(volume.mount_point) == card.found:
                found.setdefault(volume.mount_point.stat().st_dev, volume.mount_point)
    except OSError:
        return ()  # a card was taken out just now; if it was this one, the visit will tell
    return tuple(place for device, place in found.items() if device != here)


def _identity_at(mount_point: Path) -> CardIdentity | None:
    place = mount_point / IDENTITY_PATH
    try:
        if not place.is_file() or place.stat().st_size > MAX_IDENTITY_BYTES:
            return None
        return CardIdentity.from_bytes(place.read_bytes())
    except OSError:
        return None  # no card that can be read
