"""Tiny models for sherpa-onnx, made here: each token is a tenth of a second of a tone of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

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
_APART = 150  # hertz, between speakers


def make_vits(
    folder: Path,
    *,
    metadata: Mapping[str, str] = METADATA,
    lexicon: str | None = LEXICON,
    silent: bool = False,
    endless: bool = False,
) -> Path:
    """Write a VITS model into the new folder `folder`, and return it; an endless one never answers."""
    folder.mkdir(parents=True)
    inputs = [_input("x", "L"), _input("x_length")]
    inputs += [_input(name, kind=TensorProto.FLOAT) for name in ("noise_scale", "length_scale", "noise_scale_w")]
    speaker = [
        helper.make_node("Cast", ["sid"], ["speaker"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["speaker", "apart"], ["speaker_pitch" if endless else "offset"]),
    ]
    _save(
        folder / "model.onnx",
        [*inputs, _input("sid")],
        [*speaker, *([_forever("speaker_pitch")] if endless else []), *_tones("x", "silent" if silent else "usual")],
        metadata,
    )
    _write_texts(folder, TOKENS, lexicon)
    return folder


def make_kokoro(folder: Path) -> Path:
    """Write a Kokoro model of the multilingual kind, whose speakers are styles, into the new folder `folder`."""
    folder.mkdir(parents=True)
    inputs = [_input("tokens", "L"), _input("style", 4, TensorProto.FLOAT), _input("speed", kind=TensorProto.FLOAT)]
    style = [helper.make_node("ReduceMean", ["style"], ["offset"], keepdims=0)]
    metadata = {"sample_rate": str(RATE), "version": "2", "n_speakers": "3", "has_espeak": "1", "style_dim": "510,1,4"}
    _save(folder / "model.onnx", inputs, [*style, *_tones("tokens")], metadata)
    styles = np.repeat(np.arange(3, dtype="<f4") * _APART, 510 * 4)
    (folder / "voices.bin").write_bytes(styles.tobytes())
    _write_texts(
        folder, "$,.!? djhtmkaioe", "大 d a\n家 j a\n好 h o\n今 j i\n天 t a\n开 k a\n门 m e\n", "lexicon-zh.txt"
    )
    return folder


def make_matcha(folder: Path) -> Path:
    """Write a Matcha model, whose vocoder makes the tones, into the new folder `folder`."""
    folder.mkdir(parents=True)
    inputs = [_input("x", "L"), _input("x_length")]
    inputs += [_input(name, kind=TensorProto.FLOAT) for name in ("noise_scale", "length_scale")]
    mel = [
        helper.make_node("Cast", ["x"], ["values"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["values", "first"], ["y"]),
    ]
    # Of 16 kHz, sherpa-onnx takes the vocoder of one name only.
    metadata = {"sample_rate": "22050", "n_speakers": "1", "jieba": "1", "use_eos_bos": "0", "pad_id": "0"}
    _save(folder / "model-steps-3.onnx", inputs, mel, metadata)
    mels = [helper.make_tensor_value_info("mel", TensorProto.FLOAT, [1, 1, "L"])]
    tones = [
        helper.make_node("Mul", ["apart", "zero"], ["offset"]),
        helper.make_node("Squeeze", ["mel", "first"], ["x"]),
    ]
    _save(folder / "vocoder.onnx", mels, [*tones, *_tones("x")], {"model_type": "hifigan"})
    _write_texts(folder, TOKENS, LEXICON)
    return folder


def _write_texts(folder: Path, tokens: Sequence[str], lexicon: str | None, name: str = "lexicon.txt") -> None:
    lines = [f"{token} {number}" for number, token in enumerate(tokens)]
    (folder / "tokens.txt").write_text("\n".join(lines) + "\n", "utf-8")
    if lexicon is not None:
        (folder / name).write_text(lexicon, "utf-8")


def _input(name: str, length: int | str = 1, kind: int = TensorProto.INT64) -> onnx.ValueInfoProto:
    """One row of `length` values, or a single value."""
    return helper.make_tensor_value_info(name, kind, [1] if length == 1 else [1, length])


def _tones(tokens: str, level: str = "usual") -> list[onnx.NodeProto]:
    """The output y: sin(2 pi time (110 + 7 token + offset)), swelling, one token after the other."""
    return [
        helper.make_node("Cast", [tokens], ["token"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["token", "last"], ["column"]),
        helper.make_node("Mul", ["column", "step"], ["steps"]),
        helper.make_node("Add", ["steps", "offset"], ["above"]),
        helper.make_node("Add", ["above", "base"], ["pitch"]),
        helper.make_node("Mul", ["pitch", "time"], ["phase"]),
        helper.make_node("Sin", ["phase"], ["wave"]),
        helper.make_node("Mul", ["wave", "swell"], ["full"]),
        helper.make_node("Mul", ["full", level], ["sound"]),
        helper.make_node("Reshape", ["sound", "shape"], ["y"]),
    ]


def _forever(value: str) -> onnx.NodeProto:
    """A loop that counts to 2^62. It takes `value` and gives `offset`, so that all else waits."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["on"]), helper.make_node("Sin", ["before"], ["after"])],
        "body",
        [
            helper.make_tensor_value_info("turn", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("before", TensorProto.FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("after", TensorProto.FLOAT, None),
        ],
    )
    return helper.make_node("Loop", ["turns", "", value], ["offset"], body=body)


def _save(path: Path, inputs: list[Any], nodes: list[onnx.NodeProto], metadata: Mapping[str, str]) -> None:
    at = np.arange(RATE // 10) / RATE
    constants = {
        "time": (2 * np.pi * at).reshape(1, 1, -1).astype(np.float32),
        "swell": (0.3 + 0.7 * np.sin(np.pi * at * 10)).reshape(1, 1, -1).astype(np.float32),
        "usual": np.float32(0.5),
        "silent": np.float32(0.001),
        "base": np.float32(110),
        "step": np.float32(7),
        "apart": np.float32(_APART),
        "zero": np.float32(0),
        "turns": np.int64(2**62),
        "first": np.array([1]),
        "last": np.array([2]),
        "shape": np.array([1, 1, -1]),
    }
    used = {name for node in nodes for name in node.input}
    tensors = [numpy_helper.from_array(np.asarray(constants[name]), name) for name in sorted(used & constants.keys())]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)]
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=9)
    helper.set_model_props(model, dict(metadata))
    onnx.save(model, path)
