"""Sherpa provider: registers voices of the form `sherpa:FOLDER` and `sherpa:FOLDER#SPEAKER`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.base.yaml_documents import load_document
from packager.speech.duration_bounds import DurationBounds
from packager.speech.engine import DEFAULT_OPTIONS, Engine, EngineOptions
from packager.speech.sherpa.engine import SherpaEngine, split_voice_name
from packager.speech.sherpa.model_folder import ModelFolder, open_model_folder
from packager.speech.voice_catalog import Voice, VoiceInfo
from packager.textnorm.zh.homophones import RESPELLING_VERSION


@dataclass(frozen=True)
class SherpaProvider:
    """Model folders on sherpa-onnx, the extra `sherpa`; see `EngineProvider`."""

    prefix = "sherpa"
    connections = 0
    recipient = ""

    def voices(self, options: EngineOptions = DEFAULT_OPTIONS) -> Sequence[VoiceInfo]:
        """None: any folder can be a voice."""
        return ()

    def find_voice(self, name: str) -> Voice | None:
        """The voice of a folder. Whether it exists is checked when it is used."""
        return Voice(self.prefix, name) if split_voice_name(name)[0].strip() else None

    def fingerprint(self, voice: Voice, options: EngineOptions) -> str:
        """The versions of sherpa-onnx and of respelling, and a hash of the model's files."""
        try:
            version = metadata.version("sherpa-onnx")
        except metadata.PackageNotFoundError as error:
            raise InputError(
                _("{voice} needs sherpa-onnx; install it: pip install 'elder-packager[sherpa]'").format(voice=voice)
            ) from error
        model = _folder_of(voice, options).fingerprint()
        return f"sherpa-onnx {version} respelling {RESPELLING_VERSION} model {model}"

    def open(self, voice: Voice, options: EngineOptions) -> Engine:
        """See `EngineProvider`. Duration bounds come from `packager voices calibrate`."""
        return SherpaEngine(_folder_of(voice, options), _measured_bounds(options.calibration))


PROVIDER = SherpaProvider()


def _folder_of(voice: Voice, options: EngineOptions) -> ModelFolder:
    path, _speaker = split_voice_name(voice.name)
    return open_model_folder(options.root / Path(path).expanduser())


def _measured_bounds(calibration: Path | None) -> dict[str, DurationBounds]:
    """The bounds in the workspace's calibration file, by the names of sherpa voices."""
    if calibration is None or not calibration.is_file():
        return {}
    return {
        voice.removeprefix("sherpa:"): DurationBounds(**values["bounds"])
        for voice, values in load_document(calibration, "calibration").items()
        if voice.startswith("sherpa:") and "bounds" in values
    }
