"""What a parallel test run makes once for all of its processes."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from filelock import FileLock

T = TypeVar("T")


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], T]) -> T:
    """What `make` returns for a new folder, made by the process that asks first. Nobody changes the folder."""
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # of all workers
    place = base / "shared" / name
    place.mkdir(parents=True, exist_ok=True)
    value = place / "value"
    with FileLock(place / "lock"):
        if not value.exists():
            folder = place / str(len(list(place.iterdir())))  # of its own, even after one that failed
            folder.mkdir()
            value.write_bytes(pickle.dumps(make(folder)))
    found: T = pickle.loads(value.read_bytes())
    return found
