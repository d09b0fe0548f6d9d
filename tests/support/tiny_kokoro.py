"""Tiny Kokoro models, made here: each phoneme is a twentieth of a second of a tone of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

RATE = 24_000
PHONEME_SECONDS = 0.05
STYLE = (510, 1, 256)
# The vocabulary of Kokoro-82M v1.1-zh for Mandarin: symbols and numbers as its config.json has them.
ZHUYIN = {
    **dict(zip(';:,.!?/', range(1, 8), strict=True)), "—": 9, "…": 10, "(": 12, ")": 13, "“": 14, "”": 15, " ": 16,
    "ㄓ": 23, "ㄅ": 30, "ㄆ": 32, "R": 34, "ㄇ": 37, "ㄈ": 38, "ㄉ": 40, "ㄊ": 49, "ㄋ": 73, "ㄌ": 74, "ㄍ": 79,
    "ㄎ": 84, "ㄦ": 85, "ㄏ": 88, "ㄐ": 89, "ㄑ": 91, "ㄒ": 93, "ㄔ": 94, "ㄕ": 95, "ㄗ": 96, "ㄘ": 97, "ㄙ": 98,
    "月": 99, "ㄚ": 100, "ㄛ": 104, "ㄝ": 105, "ㄞ": 106, "ㄟ": 107, "ㄠ": 108, "ㄡ": 109, "ㄢ": 117, "ㄣ": 121,
    "ㄤ": 122, "ㄥ": 124, "ㄖ": 126, "ㄧ": 127, "ㄨ": 134, "ㄩ": 137, "ㄜ": 140, "ㄭ": 141, "十": 144, "压": 145,
    "言": 146, "阳": 149, "要": 150, "阴": 151, "应": 152, "用": 153, "又": 154, "中": 155, "穵": 159, "外": 160,
    "万": 161, "王": 163, "为": 165, "文": 166, "瓮": 167, "我": 168, "3": 169, "5": 170, "1": 171, "2": 172,
    "4": 173, "元": 175, "云": 176,
    "ˈ": 156, "ˌ": 157, "ː": 158,
    **dict(zip("abcdefhijklmnopqrstuvwxyz", [*range(43, 49), *range(50, 69)], strict=True)),
    "ɑ": 69, "ɐ": 70, "ɔ": 76, "ð": 81, "ə": 83, "ɛ": 86, "ɜ": 87, "ɡ": 92, "ɪ": 102, "ŋ": 112, "θ": 119, "ɹ": 123,
    "ɾ": 125, "ʃ": 131, "ʊ": 135, "ʌ": 138, "ʒ": 147, "ᵻ": 177,
}  # fmt: skip
TOKENS = 178


def make_kokoro_folder(
    folder: Path,
    *,
    vocabulary: Mapping[str, int] = ZHUYIN,
    voices: Mapping[str, float] | None = None,
    inputs: Sequence[str] = ("input_ids", "style", "speed"),
    style_width: int = 256,
    rows: int = TOKENS,
    metadata: Mapping[str, str] | None = None,
) -> Path:
    """Write a model, its config.json and `voices` (names with pitches, hertz) into the new folder `folder`."""
    folder.mkdir(parents=True)
    onnx.save(_model(inputs, style_width, rows, metadata or {}), folder / "model.onnx")
    (folder / "config.json").write_text(json.dumps({"n_token": TOKENS, "vocab": dict(vocabulary)}), "utf-8")
    (folder / "voices").mkdir()
    for name, pitch in (voices or {"zf_001": 220.0, "zm_010": 110.0}).items():
        (folder / "voices" / f"{name}.bin").write_bytes(style(pitch).tobytes())
    return folder


def style(pitch: float) -> Any:
    """Style vectors of a voice whose tones begin at `pitch` hertz."""
    return np.full(STYLE, pitch, "<f4")


def _model(inputs: Sequence[str], style_width: int, rows: int, metadata: Mapping[str, str]) -> onnx.ModelProto:
    samples = round(PHONEME_SECONDS * RATE)
    at = np.arange(samples) / RATE
    constants = {
        "table": np.arange(rows, dtype=np.float32).reshape(-1, 1),
        "time": (2 * np.pi * at).reshape(1, 1, -1).astype(np.float32),
        "swell": (0.3 + 0.2 * np.sin(np.pi * at / at[-1])).reshape(1, 1, -1).astype(np.float32),
        "shape": np.array([-1]),
    }
    tokens, styles, speed = inputs
    nodes = [
        helper.make_node("Gather", ["table", tokens], ["steps"]),
        helper.make_node("ReduceMean", [styles], ["pitch"], keepdims=0),
        helper.make_node("Mul", ["pitch", speed], ["base"]),
        helper.make_node("Add", ["steps", "base"], ["hertz"]),
        helper.make_node("Mul", ["hertz", "time"], ["phase"]),
        helper.make_node("Sin", ["phase"], ["wave"]),
        helper.make_node("Mul", ["wave", "swell"], ["sound"]),
        helper.make_node("Reshape", ["sound", "shape"], ["audio"]),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [
            helper.make_tensor_value_info(tokens, TensorProto.INT64, [1, "length"]),
            helper.make_tensor_value_info(styles, TensorProto.FLOAT, [1, style_width]),
            helper.make_tensor_value_info(speed, TensorProto.FLOAT, [1]),
        ],
        [helper.make_tensor_value_info("audio", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=9)
    helper.set_model_props(model, dict(metadata))
    return model
