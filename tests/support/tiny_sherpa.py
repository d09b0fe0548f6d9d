"""A tiny VITS model for sherpa-onnx, made here: each token is a tenth of a second of a tone of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

RATE = 16_000
TOKENS = ("，", "。", "d", "a4", "j", "ia1", "h", "ao3", "g", "t", "ian1", "m", "en2", "k", "ai1")
LEXICON = """\
大 d a4
家 j ia1
好 h ao3
今 j ia1
天 t ian1
门 m en2
开 k ai1
g g
天天 t ian1 t ian1
猫 m unknown
ok k ai1
"""
METADATA = {
    "sample_rate": str(RATE),
    "n_speakers": "3",
    "language": "Chinese",
    "comment": "tiny",
    "punctuation": "， 。",
    "add_blank": "0",
}


def make_vits(
    folder: Path,
    *,
    metadata: Mapping[str, str] = METADATA,
    lexicon: str | None = LEXICON,
    level: float = 0.5,
    token_seconds: float = 0.1,
) -> Path:
    """Write the model's files into the new folder `folder`, and return it."""
    folder.mkdir(parents=True)
    onnx.save(_model(metadata, level, round(token_seconds * RATE)), folder / "model.onnx")
    lines = [f"{token} {number}" for number, token in enumerate(TOKENS)]
    (folder / "tokens.txt").write_text("\n".join(lines) + "\n", "utf-8")
    if lexicon is not None:
        (folder / "lexicon.txt").write_text(lexicon, "utf-8")
    return folder


def _model(metadata: Mapping[str, str], level: float, samples: int) -> onnx.ModelProto:
    """Samples of shape (1, 1, tokens * `samples`): sin(2 pi t (110 + 7 token + 150 speaker)), swelling."""
    time = 2 * np.pi * np.arange(samples) / RATE
    swell = level * (0.3 + 0.7 * np.sin(np.pi * np.arange(samples) / samples))
    constants = {
        "time": time.reshape(1, 1, -1).astype(np.float32),
        "swell": swell.reshape(1, 1, -1).astype(np.float32),
        "base": np.float32(110),
        "step": np.float32(7),
        "apart": np.float32(150),
        "last": np.array([2]),
        "shape": np.array([1, 1, -1]),
    }
    nodes = [
        helper.make_node("Cast", ["x"], ["token"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["token", "last"], ["tokens"]),
        helper.make_node("Mul", ["tokens", "step"], ["steps"]),
        helper.make_node("Cast", ["sid"], ["speaker"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["speaker", "apart"], ["offset"]),
        helper.make_node("Add", ["steps", "offset"], ["above"]),
        helper.make_node("Add", ["above", "base"], ["pitch"]),
        helper.make_node("Mul", ["pitch", "time"], ["phase"]),
        helper.make_node("Sin", ["phase"], ["wave"]),
        helper.make_node("Mul", ["wave", "swell"], ["sound"]),
        helper.make_node("Reshape", ["sound", "shape"], ["y"]),
    ]
    numbers = [helper.make_tensor_value_info("x", TensorProto.INT64, [1, "L"])]
    numbers += [helper.make_tensor_value_info("x_length", TensorProto.INT64, [1])]
    scales = ("noise_scale", "length_scale", "noise_scale_w")
    inputs = [*numbers, *(helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in scales)]
    inputs.append(helper.make_tensor_value_info("sid", TensorProto.INT64, [1]))
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 1, "N"])]
    tensors = [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=9)
    helper.set_model_props(model, dict(metadata))
    return model
