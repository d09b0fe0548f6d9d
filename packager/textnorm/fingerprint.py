"""What the normalized text of a passage depends on besides the passage, so that others may remember it."""

from __future__ import annotations

from functools import lru_cache
from importlib import metadata
from pathlib import Path

from packager.base.formats import canonical_json, sha256_bytes, sha256_file


@lru_cache(maxsize=1)
def wording_fingerprint() -> str:
    """SHA-256 over this room's files and its libraries' versions: with one lexicon, equal fingerprints give
    equal chunks."""
    room = Path(__file__).parent
    files = sorted(path for path in room.rglob("*") if path.suffix == ".py")
    parts = [[path.relative_to(room).as_posix(), sha256_file(path)] for path in files]
    libraries = [[name, metadata.version(name)] for name in ("wetext", "jieba")]
    return sha256_bytes(canonical_json([*parts, *libraries]))
