"""Profiles of players: layout and file names, how tracks are found, audio format, tags, limits. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from packager.arranging.profiles.variant import SLOWER_PACE, Variant


class FindsBy(str, Enum):
    """How a player finds the track that the listener wants."""

    PLACE = "place"  # the n-th file in directory order: a gap must be filled, or all numbers after it shift
    NAME = "name"  # folder and file name: a gap stays empty


class Layout(str, Enum):
    """How numbers are laid out on the card."""

    FOLDERS = "folders"  # a folder a number range
    WEEKS = "weeks"  # the same, and each kept week has a folder of its own
    FLAT = "flat"  # all files in one folder, which is the root if it has no name


class Numbering(str, Enum):
    """Which number the listener hears and keys in."""

    CARD = "card"  # the series' number: one sequence for the whole card
    FOLDER = "folder"  # the folder's number, then the file's, from 1 in each folder


class Saying(str, Enum):
    """How a number is spoken."""

    NUMBER = "number"  # 第一百零三号
    DIGITS = "digits"  # 第幺零三号: as it is keyed in, for players with number keys


class Naming(str, Enum):
    """What a file's name contains."""

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
    """The player's limits, checked when a release is built.

    `root_entries` are 32-byte entries of the root directory, 512 on a FAT16 card, of which a name takes two or
    more; `files_and_folders` are counted together, sidecars too; `megabytes` are 10^6 bytes of all tracks; `name_units`
    the UTF-16 units of a file's name, `name_bytes` its bytes in GBK. None: no limit.
    """

    tracks: int
    files_per_folder: int
    minutes_per_track: float
    folders: int = 1
    megabytes: int | None = None
    root_entries: int | None = None
    name_units: int = 255
    files_and_folders: int | None = None
    name_bytes: int | None = None


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
    firmware: tuple[str, ...] = ()  # the firmwares of these players, by name; empty: not known

    @property
    def lufs(self) -> float | None:
        """The integrated loudness of each track; None for the usual one."""
        return next((variant.lufs for variant in self.variants if variant.lufs is not None), None)

    def pace_for(self, pace: int) -> int:
        """The pace in spoken Hanzi a minute for a playlist's `pace`, which variants lower by a sixth at least."""
        slower = [variant.pace for variant in self.variants if variant.pace is not None]
        return min([*slower, round(pace * SLOWER_PACE)]) if slower else pace
