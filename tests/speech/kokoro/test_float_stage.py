"""Quantized convolutions in float again: the same weights, no rounded input, the same bytes on every processor."""

import hashlib
import re
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.parser
import onnxruntime
import pytest
from onnx import helper, numpy_helper

from packager.speech.kokoro.engine import KokoroEngine
from packager.speech.kokoro.graph.float_stage import LAST_STAGE, restore_float
from packager.speech.kokoro.graph.softmax import widen_softmax
from packager.speech.kokoro.model import joined_weights
from tests.support.older_processor import printed_here, printed_on_older_processor

SENTENCE = "雨下了一夜，河里的水涨到了桥边。"
ALL = re.compile("")


def a_quantized_convolution(
    weights: Any, zero: int, scale: float, bias: Any = None, **settings: Any
) -> onnx.ModelProto:
    """A model of one convolution as onnxruntime's dynamic quantization writes it."""
    added = "shifted = Add(sums, places)" if bias is not None else "shifted = Identity(sums)"
    model = onnx.parser.parse_model(
        f"""<ir_version: 9, opset_import: ["" : 13]>
        one (float[N, C, P] source) => (float[N, O, Q] result) {{
            bytes, source_scale, source_zero = DynamicQuantizeLinear(source)
            sums = ConvInteger(bytes, weights, source_zero, zero)
            scale = Mul(source_scale, weight_scale)
            steps = Div(bias, scale)
            whole = Floor(steps)
            integers = Cast<to = 6>(whole)
            places = Reshape(integers, shape)
            {added}
            float_sums = Cast<to = 1>(shifted)
            result = Mul(float_sums, scale)
        }}"""
    )
    nodes = list(model.graph.node)
    if bias is None:  # the sums are cast as they are
        nodes = [node for node in nodes if not {*node.output} & {"steps", "whole", "integers", "places", "shifted"}]
        next(node for node in nodes if node.output[0] == "float_sums").input[0] = "sums"
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    convolution = next(node for node in model.graph.node if node.op_type == "ConvInteger")
    convolution.name = "/last/Conv_quant"
    convolution.attribute.extend(helper.make_attribute(name, value) for name, value in settings.items())
    constants = {"weights": weights, "zero": np.array(zero, np.uint8), "weight_scale": np.array(scale, np.float32)}
    if bias is not None:
        constants |= {"bias": bias, "shape": np.array([1, -1, 1])}
    model.graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in constants.items())
    return model


def run(model: onnx.ModelProto, source: Any) -> Any:
    onnx.checker.check_model(model)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"source": source})[0]


@pytest.mark.parametrize("with_bias", [False, True])
def test_a_float_convolution_has_the_dequantized_weights_and_does_not_round_its_input(with_bias: bool) -> None:
    generator = np.random.default_rng(3)
    weights = generator.integers(0, 128, (5, 6, 3), dtype=np.uint8)
    bias = generator.normal(size=5).astype(np.float32) if with_bias else None
    source = generator.normal(size=(1, 6, 40)).astype(np.float32)
    source[0, 0, 0] = 50.0  # one extreme makes the steps of the other inputs coarse
    model = a_quantized_convolution(weights, 60, 0.01, bias, pads=[2, 2], dilations=[2])
    rounded = run(model, source)
    assert len(restore_float(model, ALL)) == 1
    assert [node.op_type for node in model.graph.node] == ["Conv"]

    factors = (weights.astype(np.float64) - 60) * 0.01
    padded = np.pad(source[0].astype(np.float64), ((0, 0), (2, 2)))
    expected = sum(factors[:, :, tap] @ padded[:, 2 * tap : 2 * tap + 40] for tap in range(3))
    expected = expected + (bias[:, None] if bias is not None else 0)
    np.testing.assert_allclose(run(model, source)[0], expected, atol=1e-4)
    assert np.abs(rounded[0] - expected).max() > 0.1


def a_residual_block(weights: Any, zero: int, scale: float, bias: Any, steepness: Any) -> onnx.ModelProto:
    """Normalization, activation, quantized convolution and the branch around them, as the published model has them."""
    model = onnx.parser.parse_model(
        """<ir_version: 9, opset_import: ["" : 20, "com.microsoft" : 1]>
        one (float[1, C, P] source, float[1, C, 1] factor, float[1, C, 1] shift) => (float[1, C, P] result) {
            mean = ReduceMean(source, last)
            centred = Sub(source, mean)
            squares = Mul(centred, centred)
            variance = ReduceMean(squares, last)
            safe = Add(variance, epsilon)
            deviation = Sqrt(safe)
            normal = Div(centred, deviation)
            scaled = Mul(factor, normal)
            placed = Add(scaled, shift)
            steep = Mul(steepness, placed)
            sine = Sin(steep)
            square = Pow(sine, two)
            share = Mul(inverse, square)
            activated = Add(placed, share)
        }"""
    )
    constants = {
        "last": np.array([-1]),
        "epsilon": np.array(1e-5, np.float32),
        "steepness": steepness,
        "inverse": 1 / steepness,
        "two": np.array(2, np.float32),
    }
    model.graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in constants.items())
    convolution = a_quantized_convolution(weights, zero, scale, bias, pads=[2, 2], dilations=[2]).graph
    convolution.node[0].input[0] = "activated"
    convolution.node[-1].output[0] = "convolved"
    model.graph.node.extend(convolution.node)
    model.graph.node.append(helper.make_node("Add", ["convolved", "source"], ["result"]))
    model.graph.initializer.extend(convolution.initializer)
    return model


def test_normalization_activation_and_branch_keep_their_values_with_fewer_operators() -> None:
    generator = np.random.default_rng(5)
    weights = generator.integers(0, 128, (6, 6, 3), dtype=np.uint8)
    bias = generator.normal(size=6).astype(np.float32)
    steepness = generator.uniform(0.5, 2, (1, 6, 1)).astype(np.float32)
    inputs = {
        name: generator.normal(size=shape).astype(np.float32)
        for name, shape in (("source", (1, 6, 40)), ("factor", (1, 6, 1)), ("shift", (1, 6, 1)))
    }
    model = a_residual_block(weights, 60, 0.001, bias, steepness)
    assert len(restore_float(model, ALL)) == 1
    operators = [node.op_type for node in model.graph.node]
    assert operators.count("FusedConv") == operators.count("InstanceNormalization") == 1
    assert not {"Pow", "Sqrt", "ConvInteger"} & set(operators)

    source, factor, shift = (inputs[name].astype(np.float64)[0] for name in ("source", "factor", "shift"))
    normal = (source - source.mean(1, keepdims=True)) / np.sqrt(source.var(1, keepdims=True) + 1e-5)
    placed = factor * normal + shift
    activated = placed + np.sin(steepness[0] * placed) ** 2 / steepness[0]
    padded = np.pad(activated, ((0, 0), (2, 2)))
    factors = (weights.astype(np.float64) - 60) * 0.001
    expected = sum(factors[:, :, tap] @ padded[:, 2 * tap : 2 * tap + 40] for tap in range(3)) + bias[:, None] + source
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    np.testing.assert_allclose(session.run(None, inputs)[0][0], expected, atol=1e-5)


def test_convolutions_with_other_names_or_of_another_form_stay() -> None:
    weights = np.full((5, 6, 3), 7, np.uint8)
    named = a_quantized_convolution(weights, 60, 0.01)
    assert not restore_float(named, LAST_STAGE)
    without_scale = a_quantized_convolution(weights, 60, 0.01)
    multiply = next(node for node in without_scale.graph.node if node.output[0] == "scale")
    multiply.input[1] = "source_scale"
    assert not restore_float(without_scale, ALL)
    assert "ConvInteger" in [node.op_type for node in without_scale.graph.node]


def test_the_eighteen_convolutions_of_the_last_stage_are_float(kokoro_model: Path) -> None:
    nodes = onnx.load(kokoro_model, load_external_data=False).graph.node
    floats = [node for node in nodes if node.op_type in ("Conv", "FusedConv") and LAST_STAGE.search(node.name)]
    assert len(floats) == 18
    assert not [
        node for node in nodes if LAST_STAGE.search(node.name) and "/convs" in node.name and "Integer" in node.op_type
    ]


@pytest.mark.speech
def test_the_speech_keeps_its_words_and_length_and_loses_noise(kokoro_model: Path, tmp_path: Path) -> None:
    published = tmp_path / "published.onnx"
    model = onnx.load_from_string(bytes(joined_weights()))
    widen_softmax(model)  # so that both have the same durations
    onnx.save(model, published)
    before, after = (
        engine.speak(engine.prepare(SENTENCE), "zf_xiaoyi", text=SENTENCE, characters=14).samples.astype(np.float64)
        for engine in (KokoroEngine(published, {}), KokoroEngine(kokoro_model, {}, optimized=True))
    )
    length = min(len(before), len(after))
    assert abs(len(before) - len(after)) < 24_000 * 0.05
    assert np.corrcoef(before[:length], after[:length])[0, 1] > 0.9


@pytest.mark.exhaustive
def test_an_older_processor_makes_the_same_bytes() -> None:
    older = printed_on_older_processor(__file__)
    assert len(older) == len(SHAPES)
    assert older == printed_here(__file__)


SHAPES = (  # channels, taps, dilation, places
    (128, 3, 1, 5),
    (128, 7, 3, 37),
    (128, 11, 5, 501),
    (128, 11, 1, 130),
)


def hashes_of_convolutions() -> None:
    """The program for both processors: hashes of convolutions of the shapes of the last stage."""
    for channels, taps, dilation, places in SHAPES:
        generator = np.random.default_rng(places)
        weights = generator.integers(0, 128, (channels, channels, taps), dtype=np.uint8)
        pad = dilation * (taps - 1) // 2
        bias = generator.normal(size=channels).astype(np.float32)
        model = a_quantized_convolution(weights, 64, 0.003, bias, pads=[pad, pad], dilations=[dilation])
        assert len(restore_float(model, ALL)) == 1
        source = generator.normal(size=(1, channels, places)).astype(np.float32)
        print(hashlib.sha256(run(model, source).tobytes()).hexdigest())


if __name__ == "__main__":
    hashes_of_convolutions()
