"""Kokoro provider: registers the offline engine and its voices."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path

import platformdirs

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.base.yaml_documents import load_document
from packager.speech.duration_bounds import DurationBounds
from packager.speech.engine import DEFAULT_OPTIONS, Engine, EngineOptions
from packager.speech.kokoro.front_ends import IPA
from packager.speech.kokoro.model import MODEL_SHA256, PRECISION, kept_model
from packager.speech.kokoro.own_model import OwnModel, open_own_model, require_usable
from packager.speech.kokoro.phonemes import PHONEME_PACKAGES
from packager.speech.voice_catalog import Voice, VoiceInfo, read_voices

_NUMBERED = re.compile(r"z[fm]_[0-9]{3}")  # the voices of Kokoro-82M v1.1-zh
VOICES_FILE = Path(__file__).parent / "voices.json"


@dataclass(frozen=True)
class KokoroProvider:
    """The Kokoro model on onnxruntime; see `EngineProvider`."""

    prefix = "kokoro"
    connections = 0
    recipient = ""

    def voices(self, options: EngineOptions = DEFAULT_OPTIONS) -> Sequence[VoiceInfo]:
        """The voices whose style vectors come with the program, or those of the workspace's own model."""
        return _installed() if options.model is None else _own_voices(open_own_model(options.model))

    def find_voice(self, name: str) -> Voice | None:
        """An installed voice, or one that another version of Kokoro may have, as zf_001: that is checked later."""
        if _NUMBERED.fullmatch(name):
            return Voice(self.prefix, name)
        return next((info.voice for info in _installed() if info.voice.name == name), None)

    def fingerprint(self, voice: Voice, options: EngineOptions) -> str:
        """Versions of the packages, the hash of the model as it was published, and which parts are float."""
        versions = " ".join(f"{name} {metadata.version(name)}" for name in ("kokoro-onnx", *PHONEME_PACKAGES))
        if options.model is not None:
            own = open_own_model(options.model)
            require_usable(own, voice.name)
            front_end = own.front_end
            return f"{versions} {front_end.name} {front_end.version} own model {own.fingerprint(voice.name)}"
        if voice.name not in {info.voice.name for info in _installed()}:
            raise InputError(
                _(
                    "the installed model has no voice {voice}; voices with numbers need a model of their own, see "
                    "model: in packager.yaml"
                ).format(voice=voice)
            )
        model_path(options)
        return f"{versions} phonemes {IPA.version} model {MODEL_SHA256[:16]} precision {PRECISION}"

    def open(self, voice: Voice, options: EngineOptions) -> Engine:
        """See `EngineProvider`."""
        from packager.speech.kokoro.engine import KokoroEngine

        bounds = {info.voice.name: info.bounds for info in self.voices(options) if info.bounds}
        own = None if options.model is None else open_own_model(options.model)
        if own is not None:
            return KokoroEngine(own.model, bounds, own)
        return KokoroEngine(model_path(options), bounds, optimized=True)


PROVIDER = KokoroProvider()


@lru_cache(maxsize=1)
def _installed() -> tuple[VoiceInfo, ...]:
    return read_voices(VOICES_FILE, "kokoro")


def _own_voices(own: OwnModel) -> tuple[VoiceInfo, ...]:
    """The voices of a model with what was measured of them there; measurements of the installed model are others."""
    measured = load_document(own.measurements, "calibration") if own.measurements.is_file() else {}
    people = {info.voice.name: info.name for info in _installed()}
    infos = []
    for name in own.voices:
        values = measured.get(f"kokoro:{name}", {})
        infos.append(
            VoiceInfo(
                voice=Voice("kokoro", name),
                name=people.get(name, name),
                sex="male" if name.startswith("zm") else "female",
                bounds=DurationBounds(**values["bounds"]) if "bounds" in values else None,
                pinyin_error=values.get("pinyin_error"),
                pitch=values.get("pitch"),
                naturalness=values.get("naturalness"),
            )
        )
    return tuple(infos)


def model_path(options: EngineOptions) -> Path:
    """The model file: the workspace's own, or else the installed one, prepared if necessary.

    Raises InputError for an unusable folder, SpeechError for damaged packages, StorageError if the disk fails.
    """
    if options.model is not None:
        return open_own_model(options.model).model
    return kept_model(options.cache_folder or platformdirs.user_cache_path("packager", appauthor=False))
