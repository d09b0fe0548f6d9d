"""The nouns of speaking: the speech of one Chunk, and the evidence that nothing of it is known to be lost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Evidence:
    """What is known of a clip without listening to it."""

    seconds: float
    spoken: int  # characters that should be heard
    phonemes: int  # 0 where the engine takes text
    peak: float  # of full scale, 0 to 1
    longest_silence: float  # seconds inside the speech, head and tail not counted
    clipped: int = 0  # samples cut off at full scale
    covered: int = 0  # characters that an online service named as spoken; 0 where the engine takes phonemes
    again: int = 0  # how often it, or a piece of it, was spoken again before nothing was amiss
    pieces: int = 1  # in how many pieces it was spoken

    @property
    def seconds_per_character(self) -> float:
        """Seconds of speech a spoken character: a dropped or repeated piece shows here."""
        return self.seconds / max(self.spoken, 1)


@dataclass(frozen=True)
class Clip:
    """The speech of one Chunk: mono samples between -1 and 1, silence at head and tail trimmed."""

    samples: Samples  # shape (n,), float32
    sample_rate: int  # hertz
    evidence: Evidence
