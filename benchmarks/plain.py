"""kokoro-onnx as it comes: the other side of what is compared here."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

from packager.speech.kokoro.model import joined_weights


def published_model(folder: Path) -> Path:
    """The model as it was published, as a file in `folder`."""
    path = folder / "kokoro.onnx"
    path.write_bytes(joined_weights())
    return path


def open_plainly(model: Path) -> Any:
    """kokoro-onnx with its default options and the same voices."""
    from kokoro_onnx import Kokoro

    styles = resources.files("packager") / "speaking" / "voices" / "kokoro-zh.npz"
    with resources.as_file(styles) as path:
        return Kokoro(str(model), str(path))
