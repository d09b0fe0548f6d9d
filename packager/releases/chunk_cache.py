"""Chunk cache: scripts normalized to Chunks, cached on disk, since text normalization is the slow part of a rebuild."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from packager.arranging.tracklist import Passage
from packager.base.content_store import ContentStore
from packager.base.formats import canonical_json, sha256_bytes
from packager.textnorm import Chunk, Lexicon, to_chunks, wording_fingerprint


def chunks_of(
    script: Sequence[Passage], folder: Path, lexicon: Lexicon | None = None, *, language: str = "zh"
) -> tuple[Chunk, ...]:
    """The chunks of `script`, from the cache in `folder` if the same rules and lexicon made them before."""
    rules = [wording_fingerprint(), language, lexicon.fingerprint if lexicon else ""]
    key = sha256_bytes(canonical_json({"rules": rules, "script": [[passage.role, passage.text] for passage in script]}))
    cache = ContentStore(folder, ".json")
    payload = cache.get(key)
    if payload is not None:
        return tuple(map(Chunk.from_dict, json.loads(payload)))
    chunks = to_chunks(script, lexicon, language=language)
    cache.put(key, canonical_json([asdict(chunk) for chunk in chunks]))
    return chunks
