"""How the weights that the graph needs come from the published model. Pure.

Each kind has a `source`: the name of a published tensor when the graph is made, its place in the published file when
the weights are put together. All results are exact, so that they are the same bytes everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

_OFFSET = 64


@dataclass(frozen=True)
class SignedMatrix:
    """Convolution weights, uint8 of 0 to 127 and shape (outputs, channels, taps), as signed factors of a product.

    The result is int8 of -64 to 63, of shape (taps * channels, outputs).
    """

    source: str
    shape: tuple[int, int, int]

    def made(self, values: Any) -> Any:
        """The result for these published values."""
        outputs, channels, taps = self.shape
        return self.signed(values).transpose(2, 1, 0).reshape(taps * channels, outputs)

    @staticmethod
    def signed(values: Any) -> Any:
        """Weights or their zero point, both shifted, so that their difference stays the same."""
        return (values.astype(np.int16) - _OFFSET).astype(np.int8)


@dataclass(frozen=True)
class FloatWeights:
    """Convolution weights, uint8 of shape (outputs, channels, taps), as float32, divided by a number per channel."""

    source: str
    shape: tuple[int, ...]
    zero: int
    scale: float  # of 32 bits
    divisor: str | None

    def made(self, values: Any, divisor: Any = None) -> Any:
        """The result for these published values and divisors."""
        floats = (values.astype(np.float32) - np.float32(self.zero)) * np.float32(self.scale)
        return floats if divisor is None else floats / divisor.reshape(1, -1, 1)


@dataclass(frozen=True)
class Phases:
    """Weights of a transposed convolution, float32 of shape (channels, outputs, 2 * stride), for a convolution.

    The result has the shape (outputs * stride, channels, 2): the outputs of all places between two inputs.
    """

    source: str
    shape: tuple[int, ...]

    def made(self, values: Any) -> Any:
        """The result for these published values."""
        channels, outputs, kernel = self.shape
        taps = values.reshape(channels, outputs, 2, kernel // 2)[:, :, ::-1]
        return taps.transpose(1, 3, 0, 2).reshape(outputs * kernel // 2, channels, 2)


Weights = SignedMatrix | FloatWeights | Phases

_ALIGNMENT = 64  # bytes: each tensor begins at a multiple


def weights_at(published: Any, entry: Mapping[str, Any]) -> bytes:
    """The bytes that `entry` of weights.json describes, padded, from the `published` file, an array of uint8."""

    def values(place: int, dtype: str, shape: Sequence[int]) -> Any:
        size = int(np.prod(shape)) * np.dtype(dtype).itemsize
        return published[place : place + size].view(dtype).reshape(shape)

    kind, place, shape = entry["kind"], entry["source"], tuple(entry["shape"])
    made: Any
    if kind == "copy":
        made = values(place, "u1", shape)
    elif kind == "signed":
        made = SignedMatrix("", shape).made(values(place, "u1", shape))
    elif kind == "phases":
        made = Phases("", shape).made(values(place, "<f4", shape))
    else:
        divisor = entry["divisor"]
        weights = FloatWeights("", shape, entry["zero"], entry["scale"], None if divisor is None else "")
        made = weights.made(
            values(place, "u1", shape), None if divisor is None else values(divisor, "<f4", (shape[1],))
        )
    content: bytes = made.tobytes()
    return content + bytes(-len(content) % _ALIGNMENT)
