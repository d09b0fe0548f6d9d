"""Replaces quantized convolutions (`ConvInteger`) by float ones with the same weights.

Dynamic quantization rounds the input of a convolution to 256 steps between its extremes. In the vocoder's last stage
this is audible as noise. A float convolution with the dequantized weights does not round its input. See
docs/decisions/last-stage-in-float.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

from packager.speech.kokoro.graph_edit import set_nodes

LAST_STAGE = re.compile(r"/generator/resblocks\.[345]/")
"""The names of the convolutions whose rounding is audible: the residual blocks of the vocoder's last stage."""


@dataclass(frozen=True)
class _Quantized:
    """A quantized convolution: quantize, `ConvInteger`, add the quantized bias, cast, multiply by the scale."""

    node: NodeProto
    source: str  # the float input
    result: str  # the float output
    weights: Any  # float32, of shape (outputs, channels, taps)
    bias: Any  # float32, of shape (outputs,); None without one


def restore_float(model: onnx.ModelProto, names: re.Pattern[str]) -> int:
    """Make the quantized convolutions of `model` whose names contain `names` float, in place; returns how many.

    Finds convolutions as onnxruntime's dynamic quantization writes them, with constant uint8 weights and one scale;
    others stay. The model must not have subgraphs.
    """
    graph = model.graph
    index = _Index.of(graph)
    found = [
        quantized
        for node in graph.node
        if node.op_type == "ConvInteger" and names.search(node.name)
        if (quantized := index.quantized(node)) is not None
    ]
    floats: dict[str, NodeProto] = {}
    for each in found:
        inputs = [each.source]
        for what, values in (("weights", each.weights), ("bias", each.bias)):
            if values is not None:
                name = f"{each.node.name}/float_{what}"
                graph.initializer.append(numpy_helper.from_array(values, name))
                inputs.append(name)
        node = helper.make_node("Conv", inputs, [each.result], name=f"{each.node.name}/float")
        node.attribute.extend(each.node.attribute)
        floats[each.result] = node
    set_nodes(graph, [floats.get(node.output[0], node) for node in graph.node])
    return len(found)


@dataclass(frozen=True)
class _Index:
    """The constants of a graph, the node that makes each value, and the nodes that use it."""

    constants: Mapping[str, TensorProto]
    makers: Mapping[str, NodeProto]
    users: Mapping[str, list[NodeProto]]

    @classmethod
    def of(cls, graph: onnx.GraphProto) -> _Index:
        users: dict[str, list[NodeProto]] = {}
        for node in graph.node:
            for name in node.input:
                users.setdefault(name, []).append(node)
        return cls(
            {tensor.name: tensor for tensor in graph.initializer},
            {name: node for node in graph.node for name in node.output},
            users,
        )

    def quantized(self, node: NodeProto) -> _Quantized | None:
        """The quantized convolution around a `ConvInteger`; None if it is written in another way."""
        if len(node.input) != 4 or not {node.input[1], node.input[3]} <= self.constants.keys():
            return None
        quantize = self.makers.get(node.input[0])
        add, last = None, self._only_user(node)
        if last is not None and last.op_type == "Add":
            add, last = last, self._only_user(last)
        multiply = self._only_user(last) if last is not None and last.op_type == "Cast" else None
        if quantize is None or quantize.op_type != "DynamicQuantizeLinear" or multiply is None:
            return None
        scale = self._weight_scale(multiply.input[1])
        bias = self._bias(add.input[1]) if add is not None else None
        if scale is None or (add is not None and bias is None):
            return None
        weights, zero = (numpy_helper.to_array(self.constants[node.input[place]]) for place in (1, 3))
        floats = (weights.astype(np.float32) - np.float32(zero)) * scale
        return _Quantized(node, quantize.input[0], multiply.output[0], floats, bias)

    def _only_user(self, node: NodeProto) -> NodeProto | None:
        users = self.users.get(node.output[0], [])
        return users[0] if len(users) == 1 else None

    def _weight_scale(self, name: str) -> Any:
        """The constant factor of the product of both scales."""
        product = self.makers.get(name)
        scales = [] if product is None else [each for each in product.input if each in self.constants]
        if len(scales) != 1 or np.prod(self.constants[scales[0]].dims) != 1:
            return None
        return numpy_helper.to_array(self.constants[scales[0]]).astype(np.float32).reshape(())

    def _bias(self, name: str) -> Any:
        """The float constant that the model divides by the scale, rounds and reshapes into the bias `name`."""
        while name in self.makers and self.makers[name].op_type in ("Reshape", "Cast", "Floor", "Div"):
            name = self.makers[name].input[0]
        tensor = self.constants.get(name)
        return None if tensor is None or tensor.data_type != TensorProto.FLOAT else numpy_helper.to_array(tensor)
