"""Which volumes are mounted now, on whatever system this is; and which of them are cards of ours."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from packager.loading.mounted import MountedMedium
from packager.loading.state import IDENTITY_PATH, MAX_IDENTITY_BYTES, CardIdentity
from packager.loading.volumes import Volume, choose_card, fit_volumes

Lister = Callable[[], Sequence[Volume]]


def find_volumes() -> tuple[Volume, ...]:
    """Every volume that is mounted now, in the order in which they were mounted.

    Those that are no cards are among them: `judge` tells them apart, `find_cards` leaves them out. Takes
    milliseconds on Linux and Windows, about a tenth of a second a volume on macOS.
    """
    if sys.platform == "win32":
        from packager.loading import windows

        return windows.volumes_of(windows.probe())
    if sys.platform == "darwin":
        from packager.loading import macos

        return macos.volumes_of(macos.probe())
    from packager.loading import linux

    return linux.volumes_of(linux.probe())


def find_cards(volumes: Lister = find_volumes) -> tuple[Volume, ...]:
    """The volumes that are fit to be cards, ours or not yet: what a station has before it."""
    return fit_volumes(volumes())


def find_card(*, only_ours: bool, volumes: Lister = find_volumes) -> Path:
    """Where the one card is mounted that a volunteer who names none can mean.

    With `only_ours` a card counts only if it carries an identity of ours. Raises CardRefusedError when there
    is none or more than one, with a list of what is plugged in.
    """
    return choose_card(volumes(), carries_identity, only_ours=only_ours).mount_point


def carries_identity(volume: Volume) -> bool:
    """Whether a card of ours is mounted there, by its identity alone. A card that can't be read is none."""
    return identity_at(volume.mount_point) is not None


def identity_at(root: Path) -> CardIdentity | None:
    """The identity of the card at `root`; None when it has none, or can't be read."""
    medium = MountedMedium(root, keeps_order=True)
    data = b""
    try:
        for piece in medium.read(IDENTITY_PATH):
            data += piece
            if len(data) > MAX_IDENTITY_BYTES:
                return None
    except OSError:
        return None
    return CardIdentity.from_bytes(data)
