"""kokoro-onnx with default options: the baseline of the benchmarks."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

from packager.speech.kokoro.model import joined_weights


def published_model(folder: Path) -> Path:
    """Write the published model to a file in `folder`."""
    path = folder / "kokoro.onnx"
    path.write_bytes(joined_weights())
    return path


def open_plainly(model: Path) -> Any:
    """A session of kokoro-onnx with default options and the voices of this program."""
    from kokoro_onnx import Kokoro

    styles = resources.files("packager") / "speech" / "kokoro" / "voices.npz"
    with resources.as_file(styles) as path:
        return Kokoro(str(model), str(path))
