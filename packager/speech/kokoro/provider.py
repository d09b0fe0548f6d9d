"""Kokoro provider: registers the offline engine and its voices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path

import platformdirs

from packager.base.errors import InputError
from packager.base.formats import sha256_file
from packager.base.i18n.language import _
from packager.speech.engine import Engine, EngineOptions
from packager.speech.kokoro.model import MODEL_SHA256, PRECISION, kept_model
from packager.speech.kokoro.phonemes import PHONEME_PACKAGES, PHONEMES_VERSION
from packager.speech.voice_catalog import Voice, VoiceInfo, read_voices

VOICES_FILE = Path(__file__).parent / "voices.json"


@dataclass(frozen=True)
class KokoroProvider:
    """The Kokoro model on onnxruntime; see `EngineProvider`."""

    prefix = "kokoro"
    connections = 0
    recipient = ""

    def voices(self) -> Sequence[VoiceInfo]:
        """The voices whose style vectors come with the program."""
        return _voices()

    def find_voice(self, name: str) -> Voice | None:
        """See `EngineProvider`."""
        return next((info.voice for info in _voices() if info.voice.name == name), None)

    def fingerprint(self, voice: Voice, options: EngineOptions) -> str:
        """Versions of the packages, the hash of the model as it was published, and which parts are float."""
        path = model_path(options)
        model = sha256_file(path)[:16] if options.model else f"{MODEL_SHA256[:16]} precision {PRECISION}"
        versions = " ".join(f"{name} {metadata.version(name)}" for name in ("kokoro-onnx", *PHONEME_PACKAGES))
        return f"{versions} phonemes {PHONEMES_VERSION} model {model}"

    def open(self, voice: Voice, options: EngineOptions) -> Engine:
        """See `EngineProvider`."""
        from packager.speech.kokoro.engine import KokoroEngine

        bounds = {info.voice.name: info.bounds for info in _voices() if info.bounds}
        return KokoroEngine(model_path(options), bounds)


PROVIDER = KokoroProvider()


@lru_cache(maxsize=1)
def _voices() -> tuple[VoiceInfo, ...]:
    return read_voices(VOICES_FILE, "kokoro")


def model_path(options: EngineOptions) -> Path:
    """The model file: the workspace's own, or else the installed one, prepared if necessary.

    Raises InputError for a missing file, SpeechError for damaged packages, StorageError if the disk fails.
    """
    if options.model is None:
        return kept_model(options.cache_folder or platformdirs.user_cache_path("packager", appauthor=False))
    if not options.model.is_file():
        raise InputError(_("the model {path} in packager.yaml does not exist").format(path=options.model))
    return options.model
