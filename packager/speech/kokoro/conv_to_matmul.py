"""Replaces quantized convolutions (`ConvInteger`) by matrix products (im2col): the same results, faster.

onnxruntime multiplies the unsigned weights of a `ConvInteger` by unsigned input, which x86 has no instruction
for. `MatMulInteger` with signed weights uses the instruction for unsigned by signed bytes. im2col makes a
convolution such a product: each row holds a place of the input with all its neighbours under the kernel. Integer
sums are exact, so no sample of the speech changes.

The weights have seven bits, also as signed numbers: without VNNI, x86 adds two products in 16 bits, which
2 * 64 * 255 does not overflow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

from packager.speech.kokoro.graph_edit import set_nodes

# The input of a convolution, (batch, channels, places), to rows, (batch, places, channels), and back.
_TRANSPOSED = [0, 2, 1]
_PLACES, _CHANNELS = 1, 2  # the axes of such rows
_END = np.iinfo(np.int64).max
_MAX_WEIGHT = 127  # of seven bits
_OFFSET = 64


def lower_convolutions(model: onnx.ModelProto) -> int:
    """Replace the `ConvInteger`s of `model` by products, in place; returns how many.

    A convolution stays unless it is one-dimensional, with stride 1, one group, and constant uint8 weights up to
    127 of shape (outputs, channels, taps) with one zero point. The model must not have subgraphs.
    """
    graph = model.graph
    constants = {tensor.name: tensor for tensor in graph.initializer}
    products = {node.output[0]: _product(node, constants) for node in graph.node if _is_lowerable(node, constants)}
    nodes: list[NodeProto] = []
    for node in graph.node:
        product = products.get(node.output[0])
        nodes.extend(product.nodes if product else [node])
    for product in products.values():
        graph.initializer.extend(product.constants)
    set_nodes(graph, nodes)
    return len(products)


def _is_lowerable(node: NodeProto, constants: Mapping[str, TensorProto]) -> bool:
    if node.op_type != "ConvInteger" or len(node.input) != 4:
        return False
    weights, zero = constants.get(node.input[1]), constants.get(node.input[3])
    settings = _settings(node)
    return (
        weights is not None
        and zero is not None
        and weights.data_type == TensorProto.UINT8
        and len(weights.dims) == 3
        and int(np.prod(zero.dims)) == 1
        and max(numpy_helper.to_array(tensor).max() for tensor in (weights, zero)) <= _MAX_WEIGHT
        and settings.get("group", 1) == 1
        and settings.get("strides", [1]) == [1]
        and settings.get("auto_pad", b"NOTSET") == b"NOTSET"
    )


def _settings(node: NodeProto) -> dict[str, Any]:
    return {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}


@dataclass
class _Product:
    """The nodes that replace one convolution, and their constants."""

    name: str
    nodes: list[NodeProto] = field(default_factory=list)
    constants: list[TensorProto] = field(default_factory=list)

    def constant(self, what: str, value: Any) -> str:
        name = f"{self.name}/{what}"
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def node(self, operator: str, inputs: Sequence[str], what: str, **settings: Any) -> str:
        name = f"{self.name}/{what}"
        self.nodes.append(helper.make_node(operator, inputs, [name], name=name, **settings))
        return name


def _product(node: NodeProto, constants: Mapping[str, TensorProto]) -> _Product:
    source, weights_name, source_zero, zero_name = node.input
    weights = numpy_helper.to_array(constants[weights_name])
    zero = numpy_helper.to_array(constants[zero_name])
    settings = _settings(node)
    before, after = settings.get("pads", [0, 0])
    (spread,) = settings.get("dilations", [1])
    outputs, channels, taps = weights.shape

    product = _Product(node.output[0])
    rows = product.node("Transpose", [source], "rows", perm=_TRANSPOSED)
    if before or after:
        pads = product.constant("pads", np.array([0, before, 0, 0, after, 0]))
        rows = product.node("Pad", [rows, pads, source_zero], "padded")
    if taps > 1:
        axis = product.constant("axis", np.array([_PLACES]))
        reach = spread * (taps - 1)
        shifted = []
        for start in range(0, reach + 1, spread):
            begin = product.constant(f"begin{start}", np.array([start]))
            end = product.constant(f"end{start}", np.array([start - reach or _END]))
            shifted.append(product.node("Slice", [rows, begin, end, axis], f"from{start}"))
        rows = product.node("Concat", shifted, "neighbours", axis=_CHANNELS)
    matrix = weights.transpose(2, 1, 0).reshape(taps * channels, outputs)
    factors = [
        rows,
        product.constant("weights", _signed(matrix)),
        source_zero,
        product.constant("zero", _signed(zero.reshape(()))),
    ]
    sums = product.node("MatMulInteger", factors, "sums")
    product.nodes.append(helper.make_node("Transpose", [sums], [node.output[0]], name=node.name, perm=_TRANSPOSED))
    return product


def _signed(values: Any) -> Any:
    """Values of 0 to 127 as -64 to 63: weights and their zero point, so that their difference stays the same."""
    return (values.astype(np.int16) - _OFFSET).astype(np.int8)
