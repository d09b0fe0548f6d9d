"""Replaces quantized convolutions by matrix products (im2col): the same numbers, faster.

onnxruntime multiplies the unsigned weights of a `ConvInteger` by unsigned input, which x86 has no instruction
for. `MatMulIntegerToFloat` with signed weights uses the instruction for unsigned by signed bytes. im2col makes a
convolution such a product: each row holds a place of the input with all its neighbours under the kernel. Integer
sums are exact, so no sample of the speech changes. The bias is in whole steps, so adding it as a float is exact, too,
for sums below 2 ** 24.

The weights have seven bits, also as signed numbers: without VNNI, x86 adds two products in 16 bits, which
2 * 64 * 255 does not overflow.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx
from onnx import TensorProto

from packager.speech.kokoro.graph.editing import CONTRIBUTED, GraphIndex, Replacement, replace_nodes, settings_of
from packager.speech.kokoro.graph.quantized import QuantizedConvolution, find_quantized
from packager.speech.kokoro.weights import SignedMatrix, Weights

# The input of a convolution, (batch, channels, places), to rows, (batch, places, channels), and back.
_TRANSPOSED = [0, 2, 1]
_PLACES = 1  # the axis of such rows
_MAX_WEIGHT = 127  # of seven bits


def lower_convolutions(model: onnx.ModelProto) -> dict[str, Weights]:
    """Replace the quantized convolutions of `model` by products, in place; returns the new weights by name.

    A convolution stays unless it is one-dimensional, with stride 1, one group, and constant uint8 weights up to
    127 of shape (outputs, channels, taps) with one zero point. The model must not have subgraphs.
    """
    index = GraphIndex.of(model.graph)
    found = [
        each
        for node in model.graph.node
        if (each := find_quantized(index, node)) is not None and _is_lowerable(each, index)
    ]
    derived: dict[str, Weights] = {}
    replace_nodes(model.graph, {each.result: _product(each, index, derived) for each in found})
    return derived


def _is_lowerable(convolution: QuantizedConvolution, index: GraphIndex) -> bool:
    weights = index.constants[convolution.weights]
    settings = settings_of(convolution.node)
    return (
        weights.data_type == TensorProto.UINT8
        and len(weights.dims) == 3
        and max(index.value(convolution.weights).max(), convolution.zero) <= _MAX_WEIGHT
        and settings.get("group", 1) == 1
        and settings.get("strides", [1]) == [1]
        and settings.get("auto_pad", b"NOTSET") == b"NOTSET"
    )


def _product(convolution: QuantizedConvolution, index: GraphIndex, derived: dict[str, Weights]) -> Replacement:
    node = convolution.node
    source, _weights, source_zero, _zero = node.input
    settings = settings_of(node)
    before, after = settings.get("pads", [0, 0])
    (spread,) = settings.get("dilations", [1])
    matrix = SignedMatrix(convolution.weights, _shape(index.constants, convolution.weights))
    _outputs, channels, taps = matrix.shape

    product = Replacement(node.output[0])
    rows = product.node("Transpose", [source], "rows", perm=_TRANSPOSED)
    if before or after:
        pads = product.constant("pads", np.array([0, before, 0, 0, after, 0]))
        rows = product.node("Pad", [rows, pads, source_zero], "padded")
    if taps > 1:
        rows = _neighbours(product, rows, channels, np.arange(taps) * spread)
    weights = product.constant("weights", matrix.made(index.value(convolution.weights)))
    derived[weights] = matrix
    one = product.constant("one", np.float32(1))
    zero = product.constant("zero", matrix.signed(convolution.zero))
    factors = [rows, weights, one, one, source_zero, zero]
    if convolution.steps is not None:
        factors.append(convolution.steps)
    steps = product.node("MatMulIntegerToFloat", factors, "steps", domain=CONTRIBUTED)
    scaled = product.node("Mul", [steps, convolution.scale], "scaled")
    product.node("Transpose", [scaled], "places", perm=_TRANSPOSED)
    product.result(convolution.result)
    return product


def _neighbours(product: Replacement, rows: str, channels: int, offsets: np.ndarray) -> str:
    """Rows of (batch, places, channels) to rows with their neighbours, (batch, places - reach, taps * channels)."""
    shape = product.node("Shape", [rows], "shape", start=_PLACES, end=_PLACES + 1)
    reach = product.constant("reach", np.array([offsets[-1]]))
    count = product.node("Squeeze", [product.node("Sub", [shape, reach], "results")], "count")
    first, step = (product.constant(f"from{number}", np.array(number)) for number in (0, 1))
    places = product.node("Range", [first, count, step], "starts")
    axis = product.constant("axis", np.array([1]))
    column = product.node("Unsqueeze", [places, axis], "column")
    which = product.node("Add", [column, product.constant("offsets", offsets)], "which")
    gathered = product.node("Gather", [rows, which], "gathered", axis=_PLACES)
    flat = product.constant("flat", np.array([0, -1, len(offsets) * channels]))
    return product.node("Reshape", [gathered, flat], "neighbours")


def _shape(constants: Mapping[str, TensorProto], name: str) -> tuple[int, int, int]:
    outputs, channels, taps = constants[name].dims
    return outputs, channels, taps
