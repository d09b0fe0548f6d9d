"""Write graph.onnx and weights.json from the published model, in this folder's parent."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto

from packager.speech.kokoro.graph.float_stage import LAST_STAGE, restore_float
from packager.speech.kokoro.graph.products import lower_convolutions
from packager.speech.kokoro.graph.softmax import widen_softmax
from packager.speech.kokoro.graph.upsampling import LAST_UPSAMPLING, lower_upsampling
from packager.speech.kokoro.model import GRAPH_FILE, WEIGHTS_FILE, joined_weights, weights_name
from packager.speech.kokoro.weights import FloatWeights, SignedMatrix, Weights, weights_at

_SMALL = 4096  # bytes: smaller tensors stay in the graph


def main() -> None:
    """Write both files."""
    folder = Path(__file__).parents[1]
    published = bytes(joined_weights())
    model, derived = rewritten(published)
    graph, recipe = separated(model, derived, published)
    (folder / GRAPH_FILE).write_bytes(graph)
    (folder / WEIGHTS_FILE).write_bytes(json.dumps(recipe, indent=0).encode() + b"\n")


def rewritten(published: bytes) -> tuple[onnx.ModelProto, dict[str, Weights]]:
    """The published model made better in sound and faster, and where its new weights come from.

    onnxruntime optimizes it before the convolutions become products: it would move their transpositions through the
    operators that follow, which changes the order of sums and so the speech.
    """
    model = onnx.load_from_string(published)
    derived = restore_float(model, LAST_STAGE) | lower_upsampling(model, LAST_UPSAMPLING)
    model = _optimized(model)
    widen_softmax(model)
    return model, derived | lower_convolutions(model)


def _optimized(model: onnx.ModelProto) -> onnx.ModelProto:
    options = onnxruntime.SessionOptions()
    # Not further: more would be for this kind of processor only.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.log_severity_level = 3
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "optimized.onnx"
        options.optimized_model_filepath = str(path)
        onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        return onnx.load(path)


def separated(model: onnx.ModelProto, derived: Mapping[str, Weights], published: bytes) -> tuple[bytes, dict[str, Any]]:
    """The graph, with its large tensors in another file, and the recipe for that file."""
    places = {
        tensor.name: published.find(tensor.raw_data) for tensor in onnx.load_from_string(published).graph.initializer
    }
    large = [tensor for tensor in model.graph.initializer if len(tensor.raw_data) >= _SMALL]
    entries = [_entry(tensor, derived.get(tensor.name), places, published) for tensor in large]
    source = np.frombuffer(published, np.uint8)
    digest, offsets, at = hashlib.sha256(), [], 0
    for tensor, entry in zip(large, entries, strict=True):
        content = weights_at(source, entry)
        if content[: len(tensor.raw_data)] != tensor.raw_data:
            raise ValueError(f"{tensor.name}: the recipe makes other weights")
        digest.update(content)
        offsets.append(at)
        at += len(content)
    name = weights_name(digest.hexdigest())
    for tensor, offset in zip(large, offsets, strict=True):
        length = len(tensor.raw_data)
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in (("location", name), ("offset", offset), ("length", length)):
            tensor.external_data.add(key=key, value=str(value))
    graph: bytes = model.SerializeToString(deterministic=True)
    return graph, {"sha256": digest.hexdigest(), "weights": entries}


def _entry(tensor: TensorProto, weights: Weights | None, places: Mapping[str, int], published: bytes) -> dict[str, Any]:
    if weights is None:
        place = published.find(tensor.raw_data)
        if place < 0:
            raise ValueError(f"{tensor.name}: the published model has no such weights")
        return {"kind": "copy", "source": place, "shape": [len(tensor.raw_data)]}
    entry = {"source": places[weights.source], "shape": list(weights.shape)}
    if isinstance(weights, SignedMatrix):
        return {"kind": "signed", **entry}
    if isinstance(weights, FloatWeights):
        divisor = None if weights.divisor is None else places[weights.divisor]
        return {"kind": "float", **entry, "zero": weights.zero, "scale": weights.scale, "divisor": divisor}
    return {"kind": "phases", **entry}


if __name__ == "__main__":
    main()
