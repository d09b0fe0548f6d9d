"""Transcript cache: what a recognizer heard in a track. A proof that was interrupted continues, and the next week's
proof listens only to new tracks."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from packager.base.content_store import ContentStore
from packager.base.formats import canonical_json, sha256_bytes


@dataclass
class Transcript:
    """What was heard in one track, by begin and end in seconds."""

    store: ContentStore
    key: str
    heard: dict[str, str] = field(default_factory=dict)
    is_changed: bool = False

    def get(self, begins: float, ends: float) -> str | None:
        """What was heard between two times (seconds); None if nobody listened to it."""
        return self.heard.get(_span(begins, ends))

    def add(self, begins: float, ends: float, text: str) -> None:
        """Add what was heard between two times."""
        self.heard[_span(begins, ends)] = text
        self.is_changed = True

    def save(self) -> None:
        """Write the transcript into the cache if it changed. Raises OSError."""
        if self.is_changed:
            self.store.put(self.key, canonical_json(self.heard))
            self.is_changed = False


def open_transcript(folder: Path, sha256: str, fingerprint: str) -> Transcript:
    """The transcript of the track with that hash by the recognizer with that fingerprint; empty if there is none."""
    store = ContentStore(folder, ".json")
    key = f"{sha256}.{sha256_bytes(fingerprint.encode())[:12]}"
    payload = store.get(key)
    return Transcript(store, key, json.loads(payload) if payload is not None else {})


def known_transcripts(folder: Path, sha256: str) -> tuple[Transcript, ...]:
    """The transcripts of the track with that hash by any recognizer, the newest first."""
    store = ContentStore(folder, ".json")
    files = sorted(store.path(sha256).parent.glob(f"{sha256}.*.json"), key=lambda file: -file.stat().st_mtime)
    payloads = ((file.name.removesuffix(".json"), store.get(file.name.removesuffix(".json"))) for file in files)
    return tuple(Transcript(store, key, json.loads(payload)) for key, payload in payloads if payload is not None)


def _span(begins: float, ends: float) -> str:
    return f"{begins:.3f} {ends:.3f}"
