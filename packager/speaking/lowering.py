"""Convolutions of bytes as products of matrices: the same numbers, sooner.

onnxruntime multiplies the unsigned weights of a `ConvInteger` by unsigned input, for which processors have no
instruction. They have one for unsigned by signed bytes (VNNI on x86), which a `MatMulInteger` with signed
weights uses. With a row for each place of the input, and in it all the neighbours that the place is weighed
with (im2col), a convolution is such a product; and since sums of integers are exact, no sample of the speech
changes.

Where a processor lacks the instruction, onnxruntime makes do with one that overflows in silence, unless it is
told to be exact; then it takes the way of unsigned weights. It must not be told so elsewhere: it would obey.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
import onnx.parser
from onnx import NodeProto, TensorProto, helper, numpy_helper

# Of what a convolution is given, (batch, channels, places), as rows: (batch, places, channels); and back.
_TURNED = [0, 2, 1]
_PLACES, _CHANNELS = 1, 2  # the axes of such rows
_END = np.iinfo(np.int64).max

_LARGEST_PRODUCTS = """<ir_version: 9, opset_import: ["" : 13]>
    largest (uint8[8, 64] unsigned, int8[64, 16] signed) => (int32[8, 16] sums) {
        sums = MatMulInteger(unsigned, signed)
    }"""


def is_exact() -> bool:
    """Whether products of unsigned by signed bytes come out right on this processor without further ado."""
    import onnxruntime

    model = onnx.parser.parse_model(_LARGEST_PRODUCTS).SerializeToString()
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    factors = {"unsigned": np.full((8, 64), 255, np.uint8), "signed": np.full((64, 16), 127, np.int8)}
    (sums,) = session.run(None, factors)
    return bool((sums == 64 * 255 * 127).all())


def lower_convolutions(model: onnx.ModelProto) -> int:
    """Make a product of each `ConvInteger` of `model`, in place; how many there were.

    Left as it is what is not one-dimensional, of stride 1 and in one group, or has weights that are not
    constant uint8 of shape (outputs, channels, taps) with one zero point.
    """
    graph = model.graph
    constants = {tensor.name: tensor for tensor in graph.initializer}
    products = {
        node.output[0]: _product(node, constants) for node in graph.node if _is_lowerable(node, constants)
    }
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
    product.nodes.append(
        helper.make_node("Transpose", [sums], [node.output[0]], name=node.name, perm=_TURNED)
    )
    return product


def _signed(values: Any) -> Any:
    """uint8 as int8, all less by 128: weights and their zero point by as much, so the difference stays."""
    return (values.astype(np.int16) - 128).astype(np.int8)
