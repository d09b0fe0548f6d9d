"""A card in a cheap reader, for the benchmarks: the real medium, and waiting for the reader simulated by
sleeping."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from packager.cards import MountedMedium

SETTLING = 0.02  # seconds for a barrier that has something to settle: an assumption, cards differ widely


@contextmanager
def slow_readers(rate: float, settling: float = 0.0) -> Iterator[None]:
    """While it lasts, each medium takes as long for its bytes as a reader with so many bytes a second, and
    each barrier with something before it `settling` seconds."""
    real = (MountedMedium.create, MountedMedium.read, MountedMedium.barrier)
    create, read, barrier = real

    def slowly(pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            time.sleep(len(piece) / rate)
            yield piece

    def slow_create(medium: MountedMedium, path: str, pieces: Iterable[bytes]) -> None:
        create(medium, path, slowly(pieces))

    def slow_read(medium: MountedMedium, path: str) -> Iterator[bytes]:
        return slowly(read(medium, path))

    def slow_barrier(medium: MountedMedium) -> None:
        time.sleep(0.0 if medium._is_settled else settling)
        barrier(medium)

    _replace(slow_create, slow_read, slow_barrier)
    try:
        yield
    finally:
        _replace(*real)


def _replace(
    create: Callable[..., None], read: Callable[..., Iterator[bytes]], barrier: Callable[..., None]
) -> None:
    MountedMedium.create = create  # type: ignore[method-assign]
    MountedMedium.read = read  # type: ignore[method-assign]
    MountedMedium.barrier = barrier  # type: ignore[method-assign]
