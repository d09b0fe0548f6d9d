"""A voice by its engine and its name there, as `kokoro:zf_xiaoyi`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Voice:
    """A voice by its engine and its name there."""

    engine: str
    name: str

    def __str__(self) -> str:
        return f"{self.engine}:{self.name}"
