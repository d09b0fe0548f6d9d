"""Clip cache: clips on disk by cache key, so that a rebuild speaks only changed text.

An entry is a line of JSON with the evidence, then the sound as 16-bit FLAC. Clips are always used in this
form, also right after they were spoken: a build makes the same bytes from an empty and from a full cache.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from packager.base.content_store import ContentStore
from packager.base.errors import SpeechError, StorageError
from packager.base.evidence import Evidence
from packager.base.formats import canonical_json, sha256_bytes
from packager.base.i18n.language import _, reason_of
from packager.base.pronunciation import Pronunciation
from packager.speech.clip import Clip
from packager.speech.voice_catalog import Voice

_FORMAT = 2
_FULL_SCALE = 32768


def clip_key(text: str, engine: str, voice: Voice, readings: Sequence[Pronunciation] = ()) -> str:
    """The cache key of the clip of `text` by `voice`, with the pronunciations `readings`.

    `engine` is the engine's fingerprint.
    """
    parts: dict[str, Any] = {"format": _FORMAT, "text": text, "engine": engine, "voice": str(voice), "speed": 1.0}
    if readings:
        parts["readings"] = [asdict(reading) for reading in readings]
    return sha256_bytes(canonical_json(parts))


@dataclass(frozen=True)
class ClipCache:
    """The clips in a folder. Several processes may use it at once."""

    folder: Path

    @property
    def _store(self) -> ContentStore:
        return ContentStore(self.folder, ".clip")

    def has(self, key: str) -> bool:
        """Whether a clip with this key exists. It may be damaged."""
        return self._store.has(key)

    def evidence(self, key: str) -> Evidence | None:
        """The evidence of an intact clip, or None. This counts as a use of the clip."""
        entry = self._store.get(key)
        parts = None if entry is None else _parts_of(entry)
        return parts[0] if parts else None

    def load(self, key: str) -> Clip:
        """The clip with this key. Raises SpeechError if it is missing."""
        return decoded_clip(self.entry(key))

    def entry(self, key: str) -> bytes:
        """The clip with this key as it is stored, see `encoded_clip`. Raises SpeechError if it is missing."""
        entry = self._store.get(key)
        if entry is None or _parts_of(entry) is None:
            raise SpeechError(
                _("a clip has gone from {folder} while it was needed; run the same command again").format(
                    folder=self.folder
                )
            )
        return entry

    def store(self, key: str, clip: Clip) -> None:
        """Write `clip` completely or not at all. Raises StorageError if the disk fails."""
        self.store_entry(key, encoded_clip(clip))

    def store_entry(self, key: str, entry: bytes) -> None:
        """As `store`, of an encoded clip."""
        try:
            self._store.put(key, entry)
        except OSError as error:
            raise StorageError(
                _("speech can't be kept in {folder}: {reason}").format(folder=self.folder, reason=reason_of(error))
            ) from error


def encoded_clip(clip: Clip) -> bytes:
    """`clip` as an entry: a line of JSON with its evidence, then 16-bit FLAC."""
    import soundfile

    samples = np.clip(np.rint(clip.samples * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1)
    sound = io.BytesIO()
    soundfile.write(sound, samples.astype(np.int16), clip.sample_rate, format="FLAC", subtype="PCM_16")
    return canonical_json(asdict(clip.evidence)) + sound.getvalue()


def decoded_clip(entry: bytes) -> Clip:
    """The clip of an entry. Raises ValueError for what is none."""
    import soundfile

    parts = _parts_of(entry)
    if parts is None:
        raise ValueError("no evidence")
    evidence, sound = parts
    try:
        samples, sample_rate = soundfile.read(io.BytesIO(sound), dtype="int16")
    except soundfile.SoundFileError as error:
        raise ValueError(str(error)) from error
    return Clip(samples.astype(np.float32) / _FULL_SCALE, sample_rate, evidence)


def _parts_of(entry: bytes) -> tuple[Evidence, bytes] | None:
    """Evidence and FLAC data of an entry, or None where it is damaged or of another version of the program."""
    evidence, _newline, sound = entry.partition(b"\n")
    try:
        return Evidence(**json.loads(evidence)), sound
    except (ValueError, TypeError):
        return None
