"""Scripts to Chunks, remembered on disk: wording is the slow part of a rebuild in which nothing changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from packager.arranging import Passage, Role
from packager.base.content_store import mark_used
from packager.base.formats import canonical_json, sha256_bytes, write_atomic
from packager.textnorm import Break, Chunk, Lexicon, Pronunciation, to_chunks, wording_fingerprint


def chunks_of(script: Sequence[Passage], memory: Path, lexicon: Lexicon | None = None) -> tuple[Chunk, ...]:
    """The chunks of `script`, from the folder `memory` if the same rules and lexicon have worded it before.

    A memory that can't be read or understood is worded again.
    """
    wanted = [asdict(passage) for passage in script]
    rules = [wording_fingerprint(), lexicon.fingerprint if lexicon else ""]
    key = sha256_bytes(canonical_json({"rules": rules, "script": wanted}))
    path = memory / key[:2] / f"{key}.json"
    try:
        chunks = _parse(path.read_bytes())
    except (OSError, ValueError, KeyError, TypeError):
        pass
    else:
        mark_used(path)
        return chunks
    chunks = to_chunks(script, lexicon)
    listed = canonical_json([asdict(chunk) for chunk in chunks])
    write_atomic(path, canonical_json({"chunks": json.loads(listed), "sha256": sha256_bytes(listed)}))
    return chunks


def _parse(data: bytes) -> tuple[Chunk, ...]:
    values = json.loads(data)
    if sha256_bytes(canonical_json(values["chunks"])) != values["sha256"]:
        raise ValueError("damaged")
    return tuple(
        Chunk(
            text=chunk["text"],
            role=Role(chunk["role"]),
            ends=Break(chunk["ends"]),
            spoken=int(chunk["spoken"]),
            readings=tuple(
                Pronunciation(int(reading["start"]), tuple(map(str, reading["syllables"])))
                for reading in chunk["readings"]
            ),
        )
        for chunk in values["chunks"]
    )
