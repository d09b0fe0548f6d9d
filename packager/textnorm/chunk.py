"""The noun of wording: the piece of normalized text that is spoken in one go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from packager.arranging.tracklist import Role
from packager.base.pronunciation import Pronunciation


class Break(str, Enum):
    """What ends with a chunk, and so how long the silence after it is (`mastering.PAUSE_SECONDS`)."""

    CLAUSE = "clause"
    SENTENCE = "sentence"
    PARAGRAPH = "paragraph"
    HEADING = "heading"


@dataclass(frozen=True)
class Chunk:
    """Text to be spoken in one go: one or a few sentences, normalized, with what ends after it.

    The texts of the chunks of one passage, joined, are the normalized text of the passage. `spoken` counts
    the characters that are heard (Hanzi; Latin letters and digits that normalization left), the pace's unit.
    `readings` are the words of `text` with their pinyin, in order. `unaccounted` are the figures, letters and signs of
    the written passage for which nothing is found in the text of its chunks; the passage's last chunk has them.
    """

    text: str
    role: Role
    ends: Break
    spoken: int
    readings: tuple[Pronunciation, ...] = ()
    unaccounted: tuple[str, ...] = ()

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Chunk:
        """The chunk whose fields are `values`, as `dataclasses.asdict` gives them. Raises KeyError, TypeError."""
        return cls(
            text=values["text"],
            role=Role(values["role"]),
            ends=Break(values["ends"]),
            spoken=values["spoken"],
            readings=tuple(
                Pronunciation(each["start"], tuple(each["syllables"]), each["is_fixed"]) for each in values["readings"]
            ),
            unaccounted=tuple(values["unaccounted"]),
        )
