"""Which volumes are mounted now, on whatever system this is; and which of them are cards of ours."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from packager.cards.io.mounted_fs import MountedFS
from packager.cards.plan.state_slots import IDENTITY_PATH, MAX_IDENTITY_BYTES, CardIdentity
from packager.cards.platform.volumes import CardChoice, Volume, choose_card, fit_volumes

Lister = Callable[[], Sequence[Volume]]


def find_volumes() -> tuple[Volume, ...]:
    """Every volume that is mounted now, in the order in which they were mounted.

    Those that are no cards are among them: `judge` tells them apart, `find_cards` leaves them out. Takes
    milliseconds on Linux and Windows, about a tenth of a second a volume on macOS.
    """
    if sys.platform == "win32":
        from packager.cards.platform import windows

        return windows.volumes_of(windows.probe())
    if sys.platform == "darwin":
        from packager.cards.platform import macos

        return macos.volumes_of(macos.probe())
    from packager.cards.platform import linux

    return linux.volumes_of(linux.probe())


def find_cards(volumes: Lister = find_volumes) -> tuple[Volume, ...]:
    """The volumes that are fit to be cards, ours or not yet: what a station has before it."""
    return fit_volumes(volumes())


def find_card(which: CardChoice, *, identity: str | None = None, volumes: Lister = find_volumes) -> Volume:
    """The one card that a volunteer who names none can mean.

    A card with `identity`, the one that is looked for, goes before all others. Raises CardRefusedError when
    there is none that fits or more than one, with a list of what is plugged in.
    """
    listed = volumes()
    if identity is not None:
        found = [v for v in fit_volumes(listed) if (at := identity_at(v.mount_point)) and at.id == identity]
        if len(found) == 1:
            return found[0]
    return choose_card(listed, carries_identity, which)


def carries_identity(volume: Volume) -> bool:
    """Whether a card of ours is mounted there, by its identity alone. A card that can't be read is none."""
    return identity_at(volume.mount_point) is not None


def identity_at(root: Path) -> CardIdentity | None:
    """The identity of the card at `root`; None when it has none, or can't be read."""
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
