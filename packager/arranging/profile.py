"""What one kind of player can take: layout, names, how it finds a track, audio format, tags, limits."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class FindsBy(str, Enum):
    """How a player finds the track that the listener wants."""

    PLACE = "place"  # the n-th file in directory order: a hole must be filled, or all numbers after it shift
    NAME = "name"  # folder and file name: a hole is simply absent


class Layout(str, Enum):
    """How numbers are laid out on the card."""

    FOLDERS = "folders"  # a folder a shelf
    FLAT = "flat"  # all files in the root


@dataclass(frozen=True)
class AudioFormat:
    """The MP3 that the player decodes: constant bit rate, mono."""

    sample_rate: int  # hertz
    bit_rate: int  # kilobits a second

    def size_of(self, seconds: float) -> int:
        """Bytes of a file of `seconds`, without tags."""
        return round(seconds * self.bit_rate * 1000 / 8)


@dataclass(frozen=True)
class TagFormat:
    """Which tags the player reads."""

    id3v1_gbk: bool = False


@dataclass(frozen=True)
class Limits:
    """What the player can't exceed: errors at build time, never surprises on the player."""

    tracks: int
    folders: int
    files_per_folder: int
    minutes_per_track: float


@dataclass(frozen=True)
class Profile:
    """One kind of player."""

    name: str
    title: str
    finds_by: FindsBy
    layout: Layout
    folder_digits: int
    file_digits: int
    audio: AudioFormat
    tags: TagFormat
    limits: Limits
