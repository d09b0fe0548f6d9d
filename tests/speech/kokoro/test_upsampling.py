"""A transposed convolution and the convolution that replaces it."""

import re
from typing import Any

import numpy as np
import onnx
import onnx.parser
import onnxruntime
import pytest
from onnx import helper, numpy_helper

from packager.speech.kokoro.graph.upsampling import lower_upsampling

ALL = re.compile("")


def a_transposed_convolution(kernel: int, stride: int, pad: int) -> onnx.ModelProto:
    model = onnx.parser.parse_model(
        """<ir_version: 9, opset_import: ["" : 13]>
        one (float[1, 6, P] source) => (float[1, 5, Q] result) { result = ConvTranspose(source, weights, bias) }"""
    )
    (node,) = model.graph.node
    node.name = "/generator/ups.1/ConvTranspose"
    node.attribute.extend([helper.make_attribute("strides", [stride]), helper.make_attribute("pads", [pad, pad])])
    generator = np.random.default_rng(kernel)
    for name, shape in (("weights", (6, 5, kernel)), ("bias", (5,))):
        model.graph.initializer.append(numpy_helper.from_array(generator.normal(size=shape).astype(np.float32), name))
    return model


def run(model: onnx.ModelProto, source: Any) -> Any:
    onnx.checker.check_model(model)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"source": source})[0]


@pytest.mark.parametrize(("stride", "pad"), [(6, 3), (10, 5), (2, 1), (4, 1)])
def test_the_convolution_makes_the_values_of_the_transposed_one(stride: int, pad: int) -> None:
    model = a_transposed_convolution(2 * stride, stride, pad)
    source = np.random.default_rng(1).normal(size=(1, 6, 17)).astype(np.float32)
    expected = run(model, source)
    assert len(lower_upsampling(model, ALL)) == 1
    assert "ConvTranspose" not in [node.op_type for node in model.graph.node]
    np.testing.assert_allclose(run(model, source), expected, atol=1e-5)


def test_a_kernel_of_another_length_is_an_error() -> None:
    with pytest.raises(ValueError, match="twice the stride"):
        lower_upsampling(a_transposed_convolution(7, 3, 1), ALL)
