"""Computes each softmax in double precision, so that the speech is the same on every kind of x86.

onnxruntime adds the exponentials of a float softmax in another order with AVX-512 than with AVX2. Quantization turns
the last bit of a sum into a whole step, and durations follow. Sums in double precision, rounded to float, come to
the same floats in any order.
"""

from __future__ import annotations

import onnx
from onnx import TensorProto

from packager.speech.kokoro.graph.editing import Replacement, replace_nodes, settings_of


def widen_softmax(model: onnx.ModelProto) -> int:
    """Put each softmax of `model` between casts to and from double, in place; returns how many.

    Every softmax must have a float input. The model must not have subgraphs.
    """
    replacements: dict[str, Replacement] = {}
    for node in model.graph.node:
        if node.op_type != "Softmax":
            continue
        replacement = Replacement(node.output[0])
        wide = replacement.node("Cast", node.input, "wide", to=TensorProto.DOUBLE)
        shares = replacement.node("Softmax", [wide], "shares", **settings_of(node))
        replacement.node("Cast", [shares], "narrow", to=TensorProto.FLOAT)
        replacement.result(node.output[0])
        replacements[node.output[0]] = replacement
    replace_nodes(model.graph, replacements)
    return len(replacements)
