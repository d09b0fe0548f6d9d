"""A simulated cheap card reader for the benchmarks: the real medium, with sleeps for the reader."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from packager.cards import MountedFS

SETTLING = 0.02  # seconds for a barrier after writes: an assumption, cards differ widely


@contextmanager
def slow_readers(rate: float, settling: float = 0.0) -> Iterator[None]:
    """Slow all media down to `rate` bytes a second, and each barrier after a write by `settling` seconds."""
    real = (MountedFS.create, MountedFS.read, MountedFS.barrier)
    create, read, barrier = real

    def slowly(pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            time.sleep(len(piece) / rate)
            yield piece

    def slow_create(fs: MountedFS, path: str, pieces: Iterable[bytes], **how: Any) -> bool:
        return create(fs, path, slowly(pieces), **how)

    def slow_read(fs: MountedFS, path: str) -> Iterator[bytes]:
        return slowly(read(fs, path))

    def slow_barrier(fs: MountedFS) -> None:
        time.sleep(0.0 if fs._is_settled else settling)
        barrier(fs)

    _replace(slow_create, slow_read, slow_barrier)
    try:
        yield
    finally:
        _replace(*real)


def _replace(create: Callable[..., None], read: Callable[..., Iterator[bytes]], barrier: Callable[..., None]) -> None:
    MountedFS.create = create  # type: ignore[method-assign]
    MountedFS.read = read  # type: ignore[method-assign]
    MountedFS.barrier = barrier  # type: ignore[method-assign]
