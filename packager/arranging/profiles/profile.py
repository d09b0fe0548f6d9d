"""What one kind of player can take: layout, names, how it finds a track, audio format, tags, limits."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from packager.arranging.profiles.variant import Variant


class FindsBy(str, Enum):
    """How a player finds the track that the listener wants."""

    PLACE = "place"  # the n-th file in directory order: a hole must be filled, or all numbers after it shift
    NAME = "name"  # folder and file name: a hole is simply absent


class Layout(str, Enum):
    """How numbers are laid out on the card."""

    FOLDERS = "folders"  # a folder a shelf
    WEEKS = "weeks"  # the same, and each kept week has a folder of its own
    FLAT = "flat"  # all files in one folder, which is the root if it has no name


class Numbering(str, Enum):
    """What the number is that the listener keys in, and hears."""

    CARD = "card"  # the series' number: one row of numbers for the whole card
    FOLDER = "folder"  # the folder's number, then the file's, which begins at 1 in each folder


class Saying(str, Enum):
    """How a number is said to the listener."""

    NUMBER = "number"  # 第一百零三号
    DIGITS = "digits"  # 第幺零三号: as it is keyed in, for players with number keys


class Naming(str, Enum):
    """What a file's name says."""

    NUMBER = "number"
    TITLE = "title"  # number and title, for players that show names


@dataclass(frozen=True)
class AudioFormat:
    """The audio that the player decodes: constant bit rate, mono."""

    sample_rate: int  # hertz
    bit_rate: int  # kilobits a second
    container: str = "mp3"  # a name of `mastering.container`

    @property
    def suffix(self) -> str:
        """The suffix of a track's file, with its dot."""
        return f".{self.container}"

    def size_of(self, seconds: float) -> int:
        """Bytes of a file of `seconds`, without tags."""
        return round(seconds * self.bit_rate * 1000 / 8)


@dataclass(frozen=True)
class TagFormat:
    """Which tags the player reads."""

    id3v1_gbk: bool = False


@dataclass(frozen=True)
class Limits:
    """What the player can't exceed: errors at build time, never surprises on the player.

    `root_entries` are 32-byte entries of the root directory, 512 on a FAT16 card, of which a name takes two
    or more; `megabytes` are 10^6 bytes of all tracks; `name_units` the UTF-16 units of a file's name. None:
    no limit.
    """

    tracks: int
    files_per_folder: int
    minutes_per_track: float
    folders: int = 1
    megabytes: int | None = None
    root_entries: int | None = None
    name_units: int = 255


@dataclass(frozen=True)
class Profile:
    """One kind of player. `folder` is the one folder of the flat layout; empty: the root."""

    name: str
    title: str
    finds_by: FindsBy
    layout: Layout
    folder_digits: int
    file_digits: int
    audio: AudioFormat
    tags: TagFormat
    limits: Limits
    numbering: Numbering = Numbering.CARD
    naming: Naming = Naming.NUMBER
    folder: str = ""
    saying: Saying = Saying.NUMBER
    variants: tuple[Variant, ...] = ()
    sidecars: tuple[str, ...] = ()  # the producers of files beside the tracks, as m3u8

    @property
    def lufs(self) -> float | None:
        """The integrated loudness of each track, where it is not the usual one."""
        return next((variant.lufs for variant in self.variants if variant.lufs is not None), None)

    def pace_for(self, pace: int) -> int:
        """The pace (spoken Hanzi a minute) of speech that is at `pace` for all others."""
        return min([pace, *(variant.pace for variant in self.variants if variant.pace is not None)])
