"""Convolutions of bytes as products of matrices: the same numbers, sooner.

onnxruntime multiplies the unsigned weights of a `ConvInteger` by unsigned input, for which x86 has no
instruction. It has one for unsigned by signed bytes, which a `MatMulInteger` with signed weights uses. With a
row for each place of the input, and in it all the neighbours that the place is weighed with (im2col), a
convolution is such a product; and since sums of integers are exact, no sample of the speech changes.

The weights have seven bits, as they were quantized, and signed they have seven still: without VNNI, x86 adds
two products in 16 bits, and twice 64 * 255 is what these hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

# Of what a convolution is given, (batch, channels, places), as rows: (batch, places, channels); and back.
_TURNED = [0, 2, 1]
_PLACES, _CHANNELS = 1, 2  # the axes of such rows
_END = np.iinfo(np.int64).max
_LARGEST = 127  # of seven bits
_MIDDLE = 64


def lower_convolutions(model: onnx.ModelProto) -> int:
    """Make products of the `ConvInteger`s of `model`, in place; returns of how many.

    Left as it is what is not one-dimensional, of stride 1 and in one group, or has weights that are not
    constant uint8 up to 127, of shape (outputs, channels, taps), with one zero point. The model must not have
    graphs inside its graph.
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
    used = {name for node in nodes for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(kept)
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
        and max(numpy_helper.to_array(tensor).max() for tensor in (weights, zero)) <= _LARGEST
        and settings.get("group", 1) == 1
        and settings.get("strides", [1]) == [1]
        and settings.get("auto_pad", b"NOTSET") == b"NOTSET"
    )


def _settings(node: NodeProto) -> dict[str, Any]:
    return {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}


@dataclass
class _Product:
    """The nodes that come in place of one convolution, and the constants that they need."""

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
    rows = product.node("Transpose", [source], "rows", perm=_TURNED)
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
    product.nodes.append(helper.make_node("Transpose", [sums], [node.output[0]], name=node.name, perm=_TURNED))
    return product


def _signed(values: Any) -> Any:
    """What is up to 127 as -64 to 63: weights and their zero point, so that their difference stays."""
    return (values.astype(np.int16) - _MIDDLE).astype(np.int8)
