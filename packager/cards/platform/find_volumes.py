"""List the volumes that are mounted now, on any system."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from packager.cards.platform.volumes import Volume

Lister = Callable[[], Sequence[Volume]]


def find_volumes() -> tuple[Volume, ...]:
    """All volumes that are mounted now, in the order in which they were mounted.

    `judge` says which of them can be cards. Takes milliseconds on Linux and Windows, about a tenth of a second
    per volume on macOS.
    """
    if sys.platform == "win32":
        from packager.cards.platform import windows

        return windows.volumes_of(windows.probe())
    if sys.platform == "darwin":
        from packager.cards.platform import macos

        return macos.volumes_of(macos.probe())
    from packager.cards.platform import linux

    return linux.volumes_of(linux.probe())
