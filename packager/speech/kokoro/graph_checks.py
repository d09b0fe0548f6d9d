"""Whether an ONNX graph takes what Kokoro takes: tokens, style and speed, at 24 kHz."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from packager.base.i18n.language import _

_TOKENS = ("input_ids", "tokens")  # newer and older exports
_STYLE_WIDTH = 256
_SAMPLE_RATE = "24000"
_FLOATS, _INTEGERS = ("FLOAT", "FLOAT16", "DOUBLE"), ("INT64", "INT32")
_TYPES = {"style": _FLOATS, "speed": (*_FLOATS, *_INTEGERS)}


def graph_problem(path: Path, greatest: int) -> str | None:
    """Why the model at `path` can't be used with tokens up to `greatest`; None if nothing is wrong.

    Weights outside the file are not loaded.
    """
    import onnx
    from google.protobuf.message import DecodeError

    try:
        model = onnx.load(path, load_external_data=False)
    except (DecodeError, OSError, ValueError) as error:
        return _("it is not an ONNX file ({reason})").format(reason=error)
    values = {tensor.name for tensor in model.graph.initializer}
    inputs = {each.name: each.type.tensor_type for each in model.graph.input if each.name not in values}
    tokens = next((name for name in _TOKENS if name in inputs), None)
    if tokens is None or set(inputs) != {tokens, *_TYPES}:
        return _("its inputs are {found}, expected input_ids, style and speed").format(found=", ".join(inputs) or "-")
    for name, types in {tokens: _INTEGERS, **_TYPES}.items():
        kind = onnx.TensorProto.DataType.Name(inputs[name].elem_type)
        if kind not in types:
            message = _("its input {name} is of type {found}, expected {expected}")
            return message.format(name=name, found=kind, expected=", ".join(types))
    return _shape_problem(inputs, tokens) or _rate_problem(model) or _embedding_problem(model, tokens, greatest)


def _shape_problem(inputs: Mapping[str, Any], tokens: str) -> str | None:
    for name, last in ((tokens, 0), ("style", _STYLE_WIDTH)):
        shape = [dimension.dim_value for dimension in inputs[name].shape.dim]  # 0: any
        if len(shape) != 2 or shape[0] > 1 or shape[1] not in (0, last):
            expected = f"1 x {last or 'N'}"
            found = " x ".join(str(each or "N") for each in shape)
            return _("its input {name} has the shape {found}, expected {expected}").format(
                name=name, found=found or "-", expected=expected
            )
    return None


def _rate_problem(model: Any) -> str | None:
    rate = {each.key: each.value for each in model.metadata_props}.get("sample_rate", _SAMPLE_RATE)
    if not model.graph.output:
        return _("it has no output")
    return None if rate == _SAMPLE_RATE else _("its sample rate is {rate} Hz, expected 24000").format(rate=rate)


def _embedding_problem(model: Any, tokens: str, greatest: int) -> str | None:
    """Whether a table that the tokens are looked up in is too small for the vocabulary."""
    rows = {tensor.name: tensor.dims[0] for tensor in model.graph.initializer if tensor.dims}
    for node in model.graph.node:
        if node.op_type == "Gather" and node.input[1] == tokens and rows.get(node.input[0], greatest + 1) <= greatest:
            return _("it knows {count} phonemes, its vocabulary has numbers up to {greatest}").format(
                count=rows[node.input[0]], greatest=greatest
            )
    return None
