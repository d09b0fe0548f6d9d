"""A softmax in double precision: the same floats on every kind of x86."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.parser
import onnxruntime
import pytest

from packager.speech.kokoro.graph.softmax import widen_softmax
from tests.support.older_processor import printed_here, printed_on_older_processor

SCORES = np.random.default_rng(8).normal(0, 4, (1, 12, 140, 140)).astype(np.float32)


def a_softmax() -> onnx.ModelProto:
    return onnx.parser.parse_model(
        """<ir_version: 9, opset_import: ["" : 18]>
        one (float[1, H, P, P] source) => (float[1, H, P, P] result) { result = Softmax<axis = -1>(source) }"""
    )


def run(model: onnx.ModelProto, source: Any) -> Any:
    onnx.checker.check_model(model)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, {"source": source})[0]


def exact_shares(scores: Any) -> Any:
    """The shares in extended precision, rounded to float."""
    powers = np.exp(scores.astype(np.longdouble) - scores.max(-1, keepdims=True))
    return (powers / powers.sum(-1, keepdims=True)).astype(np.float32)


def test_a_widened_softmax_gives_the_exact_shares_rounded_once() -> None:
    model = a_softmax()
    assert np.any(run(model, SCORES) != exact_shares(SCORES))  # sums of floats depend on their order
    assert widen_softmax(model) == 1
    np.testing.assert_array_equal(run(model, SCORES), exact_shares(SCORES))


def test_every_softmax_of_the_model_is_in_double_precision(kokoro_model: Path) -> None:
    graph = onnx.load(kokoro_model, load_external_data=False).graph
    makers = {name: node for node in graph.node for name in node.output}
    softmaxes = [node for node in graph.node if node.op_type == "Softmax"]
    assert len(softmaxes) == 12
    for node in softmaxes:
        cast = makers[node.input[0]]
        assert (cast.op_type, cast.attribute[0].i) == ("Cast", onnx.TensorProto.DOUBLE)


@pytest.mark.exhaustive
def test_an_older_processor_makes_the_same_shares() -> None:
    assert printed_on_older_processor(__file__) == printed_here(__file__)


def hash_of_shares() -> None:
    """The program for both processors."""
    model = a_softmax()
    widen_softmax(model)
    print(hashlib.sha256(run(model, SCORES).tobytes()).hexdigest())


if __name__ == "__main__":
    hash_of_shares()
