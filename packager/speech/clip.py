"""The nouns of speaking: the speech of one Chunk, and the evidence that nothing of it is known to be lost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from packager.base.evidence import Evidence

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Clip:
    """The speech of one Chunk: mono samples between -1 and 1, silence at head and tail trimmed."""

    samples: Samples  # shape (n,), float32
    sample_rate: int  # hertz
    evidence: Evidence
