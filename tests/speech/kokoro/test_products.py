"""Convolutions as products: the same sums, on this processor and on one that would overflow."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.parser
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper, numpy_helper

from packager.speech.kokoro.engine import KokoroEngine
from packager.speech.kokoro.graph.float_stage import LAST_STAGE, restore_float
from packager.speech.kokoro.graph.products import lower_convolutions
from packager.speech.kokoro.graph.softmax import widen_softmax
from packager.speech.kokoro.graph.upsampling import LAST_UPSAMPLING, lower_upsampling
from packager.speech.kokoro.model import joined_weights
from tests.support.older_processor import printed_on_older_processor

SENTENCE = "雨下了一夜，河里的水涨到了桥边。"


def a_convolution(
    weights: Any, zero: int = 64, constant: bool = True, with_bias: int = 100, **settings: Any
) -> tuple[onnx.ModelProto, dict[str, Any]]:
    """A model of one quantized convolution, and its weights where they are to be given to it."""
    model = onnx.parser.parse_model(
        """<ir_version: 9, opset_import: ["" : 18, "com.microsoft" : 1]>
        one (float[N, C, P] source) => (float[N, O, Q] result) {
            bytes, source_scale, source_zero = DynamicQuantizeLinear(source)
            sums = ConvInteger(bytes, weights, source_zero, zero)
            scale = Mul(source_scale, weight_scale)
            steps = Div(bias, scale)
            whole = Floor(steps)
            integers = Cast<to = 6>(whole)
            places = Reshape(integers, shape)
            shifted = Add(sums, places)
            float_sums = Cast<to = 1>(shifted)
            result = Mul(float_sums, scale)
        }"""
    )
    node = next(node for node in model.graph.node if node.op_type == "ConvInteger")
    node.attribute.extend(helper.make_attribute(name, value) for name, value in settings.items())
    bias = np.random.default_rng(zero).normal(size=weights.shape[0]).astype(np.float32) * with_bias
    constants = {"zero": np.array(zero, np.uint8), "weight_scale": np.float32(1), "bias": bias, "shape": [1, -1, 1]}
    model.graph.initializer.extend(numpy_helper.from_array(np.array(value), name) for name, value in constants.items())
    if constant:
        model.graph.initializer.append(numpy_helper.from_array(weights, "weights"))
        return model, {}
    model.graph.input.append(helper.make_tensor_value_info("weights", onnx.TensorProto.UINT8, weights.shape))
    return model, {"weights": weights}


def run(model: onnx.ModelProto, inputs: dict[str, Any]) -> Any:
    onnx.checker.check_model(model)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, inputs)[0]


def random_bytes(generator: np.random.Generator, *shape: int, up_to: int = 255) -> Any:
    return generator.integers(0, up_to + 1, shape, dtype=np.uint8)


@given(
    seed=st.integers(0, 2**32),
    outputs=st.integers(1, 20),
    channels=st.integers(1, 20),
    taps=st.integers(1, 5),
    dilation=st.integers(1, 4),
    pads=st.tuples(st.integers(0, 6), st.integers(0, 6)),
    places=st.integers(20, 50),
    batch=st.integers(1, 2),
    zero=st.integers(0, 127),
    mean=st.integers(-6, 6),
)
@settings(max_examples=60)
def test_a_convolution_and_its_product_have_the_same_sums(
    seed: int,
    outputs: int,
    channels: int,
    taps: int,
    dilation: int,
    pads: tuple[int, int],
    places: int,
    batch: int,
    zero: int,
    mean: int,
) -> None:
    generator = np.random.default_rng(seed)
    weights = random_bytes(generator, outputs, channels, taps, up_to=127)
    model, inputs = a_convolution(weights, zero, pads=pads, dilations=[dilation])
    inputs |= {"source": generator.normal(mean, 3, (batch, channels, places)).astype(np.float32)}
    before = run(model, inputs)
    assert len(lower_convolutions(model)) == 1
    assert [node.op_type for node in model.graph.node].count("ConvInteger") == 0
    np.testing.assert_array_equal(run(model, inputs), before)


@pytest.mark.parametrize(
    ("shape", "constant", "settings"),
    [
        ((4, 6, 3), True, {"strides": [2]}),
        ((4, 3, 3), True, {"group": 2}),
        ((4, 6, 3), True, {"auto_pad": "SAME_UPPER"}),
        ((4, 6, 3), False, {}),
        ((4, 6, 3), True, {"zero": 128}),
    ],
)
def test_other_convolutions_stay_unchanged(shape: tuple[int, ...], constant: bool, settings: dict[str, Any]) -> None:
    generator = np.random.default_rng(1)
    weights = random_bytes(generator, *shape, up_to=127)
    model, inputs = a_convolution(weights, constant=constant, **settings)
    before = model.SerializeToString()
    assert not lower_convolutions(model)
    assert model.SerializeToString() == before
    run(model, inputs | {"source": generator.normal(size=(1, 6, 30)).astype(np.float32)})


def test_weights_of_more_than_seven_bits_stay_unchanged() -> None:
    for largest, products in ((127, 1), (128, 0)):
        model, _ = a_convolution(np.full((4, 6, 3), largest, np.uint8))
        assert len(lower_convolutions(model)) == products


@pytest.mark.speech
def test_the_speech_is_the_same_sample_for_sample(kokoro_model: Path, tmp_path: Path) -> None:
    unlowered = tmp_path / "unlowered.onnx"
    model = onnx.load_from_string(bytes(joined_weights()))
    restore_float(model, LAST_STAGE)
    lower_upsampling(model, LAST_UPSAMPLING)
    widen_softmax(model)
    onnx.save(model, unlowered)
    engines = KokoroEngine(unlowered, {}), KokoroEngine(kokoro_model, {}, optimized=True)
    for voice in ("zf_xiaoyi", "zm_yunyang"):
        clips = [engine.speak(engine.prepare(SENTENCE), voice, text=SENTENCE, characters=14) for engine in engines]
        np.testing.assert_array_equal(clips[0].samples, clips[1].samples)


def test_at_most_three_convolutions_of_the_model_stay(kokoro_model: Path) -> None:
    nodes = onnx.load(kokoro_model, load_external_data=False).graph.node
    left = [node for node in nodes if node.op_type == "ConvInteger"]
    assert len(left) <= 3  # those of a stride


@pytest.mark.exhaustive
def test_an_older_processor_does_not_overflow() -> None:
    sums = [255 * (weight - zero) * 64 * 3 for weight, zero in EXTREMES]
    assert printed_on_older_processor(__file__) == ["overflows", *map(str, sums)]


EXTREMES = ((127, 0), (127, 64), (0, 127), (0, 0))


def the_largest_sums() -> None:
    """The program for the older processor: sums that overflow without the shift, and those of the products."""
    largest = {"source": np.full((1, 64, 40), 255, np.float32)}
    eight_bits = onnx.parser.parse_model(
        """<ir_version: 9, opset_import: ["" : 13]>
        one (uint8[8, 64] unsigned, int8[64, 16] signed) => (int32[8, 16] sums) {
            sums = MatMulInteger(unsigned, signed)
        }"""
    )
    factors = {"unsigned": np.full((8, 64), 255, np.uint8), "signed": np.full((64, 16), 127, np.int8)}
    print("right" if (run(eight_bits, factors) == 255 * 127 * 64).all() else "overflows")
    for weight, zero in EXTREMES:
        model, _ = a_convolution(np.full((16, 64, 3), weight, np.uint8), zero, with_bias=0, pads=[1, 1])
        assert len(lower_convolutions(model)) == 1
        print(*map(int, set(run(model, largest)[0, :, 1:-1].ravel())))


if __name__ == "__main__":
    the_largest_sums()
