"""Replaces a transposed convolution by a convolution whose outputs are the places between two inputs.

onnxruntime adds the products of a transposed convolution one by one to their places. A kernel of twice the stride is
a convolution of two taps with `stride` times the outputs, which are then put in turn.
"""

from __future__ import annotations

import re

import numpy as np
import onnx
from onnx import NodeProto

from packager.speech.kokoro.graph.editing import GraphIndex, Replacement, replace_nodes, settings_of
from packager.speech.kokoro.weights import Phases, Weights

LAST_UPSAMPLING = re.compile(r"/generator/ups\.1/")
"""No quantized convolution follows this one, so that another order of its sums makes no audible difference."""


def lower_upsampling(model: onnx.ModelProto, names: re.Pattern[str]) -> dict[str, Weights]:
    """Replace the transposed convolutions of `model` whose names contain `names`; returns the new weights by name.

    Each must have a kernel of twice the stride, constant weights, a bias and equal pads below the stride; else
    ValueError is raised.
    """
    index = GraphIndex.of(model.graph)
    derived: dict[str, Weights] = {}
    replacements = {
        node.output[0]: _phases(node, index, derived)
        for node in model.graph.node
        if node.op_type == "ConvTranspose" and names.search(node.name)
    }
    replace_nodes(model.graph, replacements)
    return derived


def _phases(node: NodeProto, index: GraphIndex, derived: dict[str, Weights]) -> Replacement:
    settings = settings_of(node)
    (stride,) = settings.get("strides", [1])
    before, after = settings.get("pads", [0, 0])
    source, weights_name, bias = node.input
    shape = tuple(index.constants[weights_name].dims)
    channels = shape[1]
    if shape[2] != 2 * stride or before != after or before >= stride or settings.get("group", 1) != 1:
        raise ValueError(f"{node.name}: expected a kernel of twice the stride and equal pads")
    replacement = Replacement(node.name)
    phases = Phases(weights_name, shape)
    weights = replacement.constant("phases", phases.made(index.value(weights_name)))
    derived[weights] = phases
    spread_bias = replacement.constant("bias", np.repeat(index.value(bias), stride))
    values = replacement.node("Conv", [source, weights, spread_bias], "phase_values", pads=[1, 1])
    apart = replacement.constant("apart", np.array([0, channels, stride, -1]))
    values = replacement.node("Reshape", [values, apart], "phases_apart")
    values = replacement.node("Transpose", [values], "in_turn", perm=[0, 1, 3, 2])
    joined = replacement.constant("joined", np.array([0, channels, -1]))
    values = replacement.node("Reshape", [values, joined], "places")
    begin, end, axis = (
        replacement.constant(what, np.array([value]))
        for what, value in (("begin", before), ("end", -after), ("axis", 2))
    )
    replacement.node("Slice", [values, begin, end, axis], "cropped")
    replacement.result(node.output[0])
    return replacement
