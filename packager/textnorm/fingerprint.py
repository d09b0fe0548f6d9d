"""The cache key of normalized text: everything besides the passage that decides its chunks."""

from __future__ import annotations

from functools import lru_cache
from importlib import metadata
from pathlib import Path

from packager.base.formats import canonical_json, sha256_bytes, sha256_file


@lru_cache(maxsize=1)
def wording_fingerprint() -> str:
    """SHA-256 over this room's code and data and its libraries' versions.

    Equal fingerprints and equal lexicons give equal chunks.
    """
    room = Path(__file__).parent
    files = sorted(path for path in room.rglob("*") if path.suffix in (".py", ".txt", ".xz", ".npz"))
    parts = [[path.relative_to(room).as_posix(), sha256_file(path)] for path in files]
    libraries = [[name, metadata.version(name)] for name in ("wetext",)]
    return sha256_bytes(canonical_json([*parts, *libraries]))
