"""What a recognizer heard, remembered on disk: a proof that was interrupted goes on, and one of the next week
listens only to what is new in it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from packager.base.formats import canonical_json, sha256_bytes, write_atomic


@dataclass
class Transcript:
    """What was heard in one MP3, by when; a memory that can't be read is an empty one."""

    path: Path
    heard: dict[str, str] = field(default_factory=dict)
    is_new: bool = False

    def get(self, begins: float, ends: float) -> str | None:
        """What was heard between two times (seconds), if it was listened to."""
        return self.heard.get(_key(begins, ends))

    def add(self, begins: float, ends: float, text: str) -> None:
        """Remember what was heard between two times."""
        self.heard[_key(begins, ends)] = text
        self.is_new = True

    def save(self) -> None:
        """Keep it on disk. Raises OSError."""
        if self.is_new:
            entry = {"heard": self.heard, "sha256": _digest(self.path, self.heard)}
            write_atomic(self.path, canonical_json(entry))
            self.is_new = False


def open_transcript(folder: Path, sha256: str, fingerprint: str) -> Transcript:
    """What the recognizer of that fingerprint heard in the MP3 of that hash."""
    path = folder / sha256[:2] / f"{sha256}.{sha256_bytes(fingerprint.encode())[:12]}.json"
    try:
        entry = json.loads(path.read_bytes())
        heard = dict(entry["heard"])
        if entry["sha256"] == _digest(path, heard):
            return Transcript(path, heard)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return Transcript(path)


def _key(begins: float, ends: float) -> str:
    return f"{begins:.3f} {ends:.3f}"


def _digest(path: Path, heard: dict[str, str]) -> str:
    return sha256_bytes(f"{path.name}\n".encode() + canonical_json(heard))
