"""Clips on disk by what they say: a rebuild speaks only what changed.

An entry is one file: a line with the hash of its key and of all that follows, a line of JSON with the
evidence, then the sound as 16-bit FLAC. A clip is always used in this form, also right after it was spoken:
a build from an empty cache makes the same bytes as one from a full cache.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from packager.base.errors import SpeechError, StorageError
from packager.base.evidence import Evidence
from packager.base.formats import canonical_json, sha256_bytes, write_atomic
from packager.base.i18n.language import _, reason_of
from packager.speech.cache_eviction import mark_used
from packager.speech.clip import Clip
from packager.speech.voice import Voice
from packager.textnorm.chunk import Pronunciation

_FORMAT = 2
_FULL_SCALE = 32768


def clip_key(text: str, engine: str, voice: Voice, readings: Sequence[Pronunciation] = ()) -> str:
    """The name of the clip of `text`, read as `readings` say, by `voice`.

    `engine` is the engine's fingerprint. Without readings the name is that of the text alone.
    """
    parts: dict[str, Any] = {
        "format": _FORMAT,
        "text": text,
        "engine": engine,
        "voice": str(voice),
        "speed": 1.0,
    }
    if readings:
        parts["readings"] = [asdict(reading) for reading in readings]
    return sha256_bytes(canonical_json(parts))


@dataclass(frozen=True)
class ClipCache:
    """The clips in a folder; several processes may use it at once."""

    folder: Path

    def has(self, key: str) -> bool:
        """Whether there is a clip of that key, be it damaged."""
        return self._path(key).exists()

    def evidence(self, key: str) -> Evidence | None:
        """The evidence of the clip of that key, if there is a whole one; it counts as used now."""
        data = self._read(key)
        if data is None:
            return None
        mark_used(self._path(key))
        return data[0]

    def load(self, key: str) -> Clip:
        """The clip of that key. Raises SpeechError when there is none any more."""
        data = self._read(key)
        if data is None:
            raise SpeechError(
                _("a clip has gone from {folder} while it was needed; run the same command again").format(
                    folder=self.folder
                )
            )
        evidence, sound = data
        import soundfile

        samples, sample_rate = soundfile.read(io.BytesIO(sound), dtype="int16")
        return Clip(samples.astype(np.float32) / _FULL_SCALE, sample_rate, evidence)

    def store(self, key: str, clip: Clip) -> None:
        """Keep `clip`, whole or not at all. Raises StorageError when the disk does not take it."""
        import soundfile

        samples = np.clip(np.rint(clip.samples * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1)
        sound = io.BytesIO()
        soundfile.write(sound, samples.astype(np.int16), clip.sample_rate, format="FLAC", subtype="PCM_16")
        entry = canonical_json(asdict(clip.evidence)) + sound.getvalue()
        try:
            write_atomic(self._path(key), _digest(key, entry) + b"\n" + entry)
        except OSError as error:
            raise StorageError(
                _("speech can't be kept in {folder}: {reason}").format(folder=self.folder, reason=reason_of(error))
            ) from error

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.clip"

    def _read(self, key: str) -> tuple[Evidence, bytes] | None:
        """Evidence and sound of an entry, or None for one that is missing or damaged in any way."""
        try:
            digest, _newline, entry = self._path(key).read_bytes().partition(b"\n")
            if _digest(key, entry) != digest:
                return None
            evidence, _newline, sound = entry.partition(b"\n")
            return Evidence(**json.loads(evidence)), sound
        except (OSError, ValueError, TypeError):
            return None


def _digest(key: str, entry: bytes) -> bytes:
    """The key is in it, so that a file under another one's name is no entry."""
    return sha256_bytes(f"{key}\n".encode() + entry).encode()
