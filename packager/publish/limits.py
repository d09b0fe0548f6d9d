"""The limits of a channel, from its YAML file in `channels/`."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources

import yaml


@dataclass(frozen=True)
class ArticleLimits:
    """What an article with audio may hold."""

    audio_minutes: float
    audio_mb: float  # 10^6 bytes
    title: int  # characters
    digest: int
    article: int


def load_limits(channel: str) -> ArticleLimits:
    """The limits of `channel`."""
    text = (resources.files("packager") / "publish" / "channels" / f"{channel}.yaml").read_text("utf-8")
    return ArticleLimits(**yaml.safe_load(text))
