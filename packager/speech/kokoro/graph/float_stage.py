"""Makes quantized convolutions float again, with the same weights, and what stands between them faster.

Dynamic quantization rounds the input of a convolution to 256 steps between its extremes. In the vocoder's last stage
this is audible as noise. A float convolution with the dequantized weights does not round its input. See
docs/decisions/last-stage-in-float.md.

Before each of these convolutions stand a normalization and an activation, twelve operators that pass over the whole
tensor: y = scale * (x - mean) / deviation + shift, and y + sin(a y)^2 / a. With z = a y they are four:
`InstanceNormalization` with a * scale and a * shift, and z + sin(z)^2, whose division by a is in the weights.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import NodeProto

from packager.speech.kokoro.graph.editing import CONTRIBUTED, GraphIndex, Replacement, replace_nodes
from packager.speech.kokoro.graph.quantized import QuantizedConvolution, find_quantized
from packager.speech.kokoro.weights import FloatWeights, Weights

LAST_STAGE = re.compile(r"/generator/resblocks\.[345]/")
"""The names of the convolutions whose rounding is audible: the residual blocks of the vocoder's last stage."""


@dataclass(frozen=True)
class _Activated:
    """A normalization of `source` and an activation; all shapes are (1, channels, 1)."""

    source: str
    scale: str
    shift: str
    epsilon: float
    steepness: str  # a constant: a


def restore_float(model: onnx.ModelProto, names: re.Pattern[str]) -> dict[str, Weights]:
    """Make the quantized convolutions of `model` whose names contain `names` float, in place.

    Returns the new weights by name. Finds convolutions as onnxruntime's dynamic quantization writes them, with
    constant uint8 weights and one scale; others stay. The model must not have subgraphs.
    """
    index = GraphIndex.of(model.graph)
    derived: dict[str, Weights] = {}
    replacements: dict[str, Replacement] = {}
    for node in model.graph.node:
        if names.search(node.name) and (found := find_quantized(index, node)) is not None:
            result, replacement = _float_convolution(found, index, derived)
            replacements[result] = replacement
    replace_nodes(model.graph, replacements)
    return derived


def _float_convolution(
    convolution: QuantizedConvolution, index: GraphIndex, derived: dict[str, Weights]
) -> tuple[str, Replacement]:
    """The value that the convolution, or the sum with the branch around it, makes, and the nodes for it."""
    replacement = Replacement(convolution.node.name)
    activated = _activated(convolution.source, index)
    source = convolution.source if activated is None else _activation(replacement, activated)
    weights = FloatWeights(
        convolution.weights,
        tuple(index.constants[convolution.weights].dims),
        zero=int(convolution.zero),
        scale=float(convolution.weight_scale),
        divisor=None if activated is None else activated.steepness,
    )
    divisor = None if weights.divisor is None else index.value(weights.divisor)
    name = replacement.constant("float_weights", weights.made(index.value(convolution.weights), divisor))
    derived[name] = weights
    inputs = [source, name, convolution.bias or ""]
    result = convolution.result
    add = index.only_user(result, "Add")
    if add is not None and activated is not None:  # the branch around a residual block; it has the same shape
        inputs.append(next(each for each in add.input if each != result))
        result = add.output[0]
        replacement.node("FusedConv", inputs, "float", domain=CONTRIBUTED)
    else:
        replacement.node("Conv", inputs if convolution.bias else inputs[:2], "float")
    replacement.nodes[-1].attribute.extend(convolution.node.attribute)
    replacement.result(result)
    return result, replacement


def _activation(replacement: Replacement, activated: _Activated) -> str:
    flat = replacement.constant("flat", np.array([-1]))
    factors = []
    for what, value in (("scale", activated.scale), ("shift", activated.shift)):
        product = replacement.node("Mul", [value, activated.steepness], f"steep_{what}")
        factors.append(replacement.node("Reshape", [product, flat], what))
    normal = replacement.node(
        "InstanceNormalization", [activated.source, *factors], "normal", epsilon=activated.epsilon
    )
    sine = replacement.node("Sin", [normal], "sine")
    return replacement.node("Add", [normal, replacement.node("Mul", [sine, sine], "square")], "activated")


def _activated(name: str, index: GraphIndex) -> _Activated | None:
    """The normalization and activation that make `name`; None if they are written in another way."""
    total = index.maker(name, "Add")
    share = index.maker(total.input[1], "Mul") if total is not None else None
    power = index.maker(share.input[1], "Pow") if share is not None else None
    sine = index.maker(power.input[0], "Sin") if power is not None else None
    steep = index.maker(sine.input[0], "Mul") if sine is not None else None
    if total is None or share is None or power is None or steep is None:
        return None
    steepness, normalized = steep.input
    is_snake = (
        normalized == total.input[0]
        and {steepness, share.input[0], power.input[1]} <= index.constants.keys()
        and np.array_equal(index.value(power.input[1]), 2)
        and np.allclose(index.value(share.input[0]) * index.value(steepness), 1)
    )
    return _normalization(normalized, steepness, index) if is_snake else None


def _normalization(name: str, steepness: str, index: GraphIndex) -> _Activated | None:
    shifted = index.maker(name, "Add")
    scaled = index.maker(shifted.input[0], "Mul") if shifted is not None else None
    divide = index.maker(scaled.input[1], "Div") if scaled is not None else None
    centred = index.maker(divide.input[0], "Sub") if divide is not None else None
    root = index.maker(divide.input[1], "Sqrt") if divide is not None else None
    added = index.maker(root.input[0], "Add") if root is not None else None
    if shifted is None or scaled is None or centred is None or added is None or not _is_variance(added, centred, index):
        return None
    epsilon = float(index.value(added.input[1]).reshape(()))
    return _Activated(centred.input[0], scaled.input[0], shifted.input[1], epsilon, steepness)


def _is_variance(added: NodeProto, centred: NodeProto, index: GraphIndex) -> bool:
    """Whether `added` is the mean of the squares of `centred`, plus a constant, over the last axis."""
    variance = index.maker(added.input[0], "ReduceMean")
    square = index.maker(variance.input[0], "Mul") if variance is not None else None
    mean = index.maker(centred.input[1], "ReduceMean")
    return (
        index.is_one_number(added.input[1])
        and square is not None
        and list(square.input) == [centred.output[0]] * 2
        and mean is not None
        and mean.input[0] == centred.input[0]
        and all(
            len(each.input) == 2
            and index.is_one_number(each.input[1])
            and int(index.value(each.input[1])[0]) in (2, -1)
            for each in (mean, variance)
            if each is not None
        )
    )
