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


def known_chunks(
    script: Sequence[Passage], folder: Path, lexicon: Lexicon | None = None, *, language: str = "zh"
) -> tuple[Chunk, ...] | None:
    """The chunks of `script` if they are in the cache; None if they are not."""
    payload = ContentStore(folder, ".json").get(_key(script, lexicon, language))
    return None if payload is None else tuple(map(Chunk.from_dict, json.loads(payload)))


def chunks_of(
    script: Sequence[Passage], folder: Path, lexicon: Lexicon | None = None, *, language: str = "zh"
) -> tuple[Chunk, ...]:
    """The chunks of `script`, from the cache in `folder` if the same rules and lexicon made them before."""
    known = known_chunks(script, folder, lexicon, language=language)
    if known is not None:
        return known
    chunks = to_chunks(script, lexicon, language=language)
    payload = canonical_json([asdict(chunk) for chunk in chunks])
    ContentStore(folder, ".json").put(_key(script, lexicon, language), payload)
    return chunks


def _key(script: Sequence[Passage], lexicon: Lexicon | None, language: str) -> str:
    rules = [wording_fingerprint(), language, lexicon.fingerprint if lexicon else ""]
    return sha256_bytes(
        canonical_json({"rules": rules, "script": [[passage.role, passage.text] for passage in script]})
    )
