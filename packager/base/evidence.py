"""Evidence of clips, and its summary for a track or a release. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

# The pace of fewer characters is meaningless.
_LONG_ENOUGH = 10


@dataclass(frozen=True)
class Evidence:
    """The measurements of a clip by which it counts as complete."""

    seconds: float
    spoken: int  # characters that should be audible
    phonemes: int  # 0 where the engine takes text
    peak: float  # of full scale, 0 to 1
    longest_silence: float  # seconds inside the speech, without head and tail
    clipped: int = 0  # samples cut off at full scale
    covered: int = 0  # characters that an online service reported as spoken; 0 where the engine takes phonemes
    again: int = 0  # how often it, or a piece of it, was spoken again until all checks passed
    pieces: int = 1  # number of pieces in which it was spoken

    @property
    def seconds_per_character(self) -> float:
        """Seconds of speech a character; dropped or repeated speech changes it."""
        return self.seconds / max(self.spoken, 1)


@dataclass(frozen=True)
class EvidenceSummary:
    """The evidence of all clips of a track or of a release."""

    clips: int = 0
    characters: int = 0  # that should be audible
    phonemes: int = 0  # all in the model's vocabulary
    covered: int = 0  # characters that an online service reported as spoken
    again: int = 0  # clips that were spoken again until all checks passed
    split: int = 0  # clips that were complete only in pieces
    longest_silence: float = 0.0  # seconds within a clip
    fastest: float = 0.0  # seconds a character, over clips of at least ten characters; 0 without any
    slowest: float = 0.0


def summarize_evidence(clips: Iterable[Evidence]) -> EvidenceSummary:
    """The totals of clips; a clip used twice counts twice."""
    listed = list(clips)
    paces = [clip.seconds_per_character for clip in listed if clip.spoken >= _LONG_ENOUGH]
    return EvidenceSummary(
        clips=len(listed),
        characters=sum(clip.spoken for clip in listed),
        phonemes=sum(clip.phonemes for clip in listed),
        covered=sum(clip.covered for clip in listed),
        again=sum(clip.again > 0 for clip in listed),
        split=sum(clip.pieces > 1 for clip in listed),
        longest_silence=max((clip.longest_silence for clip in listed), default=0.0),
        fastest=round(min(paces, default=0.0), 3),
        slowest=round(max(paces, default=0.0), 3),
    )


def add_summaries(parts: Iterable[EvidenceSummary]) -> EvidenceSummary:
    """The totals of all `parts`."""
    listed = list(parts)
    return EvidenceSummary(
        clips=sum(part.clips for part in listed),
        characters=sum(part.characters for part in listed),
        phonemes=sum(part.phonemes for part in listed),
        covered=sum(part.covered for part in listed),
        again=sum(part.again for part in listed),
        split=sum(part.split for part in listed),
        longest_silence=max((part.longest_silence for part in listed), default=0.0),
        fastest=min((part.fastest for part in listed if part.fastest), default=0.0),
        slowest=max((part.slowest for part in listed), default=0.0),
    )
