"""Room on a card: bytes as allocation units, and what a load needs besides its tracks. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from packager.loading.order import directory_bytes
from packager.loading.state import MAX_IDENTITY_BYTES, SLOT_PATHS


@dataclass(frozen=True)
class Room:
    """How a load fits a card, all in bytes.

    `least` is what is left at the tightest moment, the reserve for folders and for our own files taken off.
    `little` says that old tracks have to go before new ones come.
    """

    free: int
    least: int
    little: bool


def rounded(size: int, unit: int) -> int:
    """The bytes that a file of `size` takes on a medium with that allocation unit."""
    return -(-size // unit) * unit


def reserve(
    order: Mapping[str, tuple[str, ...]], touched: Iterable[str], manifest_bytes: int, unit: int
) -> int:
    """Bytes to keep free for the folders that grow, the new manifest, the identity and the slots."""
    folders = sum(rounded(directory_bytes(order[folder]), unit) for folder in set(touched))
    own = rounded(manifest_bytes, unit) + rounded(MAX_IDENTITY_BYTES, unit) + (len(SLOT_PATHS) + 1) * unit
    return folders + own
