"""Quantized convolutions as onnxruntime's dynamic quantization writes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from onnx import NodeProto, TensorProto

from packager.speech.kokoro.graph.editing import GraphIndex


@dataclass(frozen=True)
class QuantizedConvolution:
    """Quantize, `ConvInteger`, add the quantized bias, cast, multiply by the scale."""

    node: NodeProto
    source: str  # the float input
    result: str  # the float output
    weights: str  # constant uint8, of shape (outputs, channels, taps)
    zero: Any  # the zero point of the weights
    weight_scale: Any  # float32
    scale: str  # the product of the scales of weights and input
    bias: str | None  # constant float32, of shape (outputs,)
    steps: str | None  # float: the bias in whole steps of `scale`, of shape (outputs,)


def find_quantized(index: GraphIndex, node: NodeProto) -> QuantizedConvolution | None:
    """The quantized convolution around a `ConvInteger`; None if it is written in another way."""
    if node.op_type != "ConvInteger" or len(node.input) != 4:
        return None
    weights, zero = node.input[1], node.input[3]
    if weights not in index.constants or not index.is_one_number(zero):
        return None
    quantize = index.maker(node.input[0], "DynamicQuantizeLinear")
    add = index.only_user(node.output[0], "Add")
    cast = index.only_user((add or node).output[0], "Cast")
    multiply = index.only_user(cast.output[0], "Mul") if cast is not None else None
    if quantize is None or cast is None or multiply is None:
        return None
    scale = next(name for name in multiply.input if name != cast.output[0])
    weight_scale = _weight_scale(index, scale)
    bias, steps = _bias(index, add.input[1]) if add is not None else (None, None)
    if weight_scale is None or (add is not None and bias is None):
        return None
    return QuantizedConvolution(
        node=node,
        source=quantize.input[0],
        result=multiply.output[0],
        weights=weights,
        zero=index.value(zero).reshape(()),
        weight_scale=index.value(weight_scale).astype(np.float32).reshape(()),
        scale=scale,
        bias=bias,
        steps=steps,
    )


def _weight_scale(index: GraphIndex, name: str) -> str | None:
    """The constant factor of the product of both scales."""
    product = index.maker(name, "Mul")
    scales = [] if product is None else [each for each in product.input if each in index.constants]
    return scales[0] if len(scales) == 1 and index.is_one_number(scales[0]) else None


def _bias(index: GraphIndex, name: str) -> tuple[str | None, str | None]:
    """The constant that the model divides by the scale, rounds and reshapes into `name`; the rounded floats."""
    reshape = index.maker(name, "Reshape")
    cast = index.maker(reshape.input[0], "Cast") if reshape is not None else None
    floor = index.maker(cast.input[0], "Floor") if cast is not None else None
    divide = index.maker(floor.input[0], "Div") if floor is not None else None
    if floor is None or divide is None:
        return None, None
    tensor = index.constants.get(divide.input[0])
    is_float = tensor is not None and tensor.data_type == TensorProto.FLOAT
    return (divide.input[0], floor.output[0]) if is_float else (None, None)
