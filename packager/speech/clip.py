"""A clip: the speech of one chunk, with the evidence that it is complete. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from packager.base.evidence import Evidence

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Clip:
    """The speech of one chunk: mono samples between -1 and 1, trimmed of silence at head and tail."""

    samples: Samples  # shape (n,), float32
    sample_rate: int  # hertz
    evidence: Evidence
