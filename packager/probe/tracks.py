"""The test tracks of the probe card. Each says a number; the numbers heard show how a player plays. Pure.

Names, directory order and tags disagree on purpose. The tracks are in directory order. The questions of the sheet and
the answers (`answers.py`) refer to their numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

PROBE_SERIES = "probe"
SUFFIX = ".mp3"  # the probe tries MP3 encodings alone
COUNTING_FILES = 300
COUNTING_FOLDERS = 99
COUNTING_FOLDER = "10"
PLAIN_TRACKS = frozenset({11, 12, 13, 14, *range(21, 26), *range(31, 36), 61, *range(71, 76)})
"""The numbers of tracks in the encoding that every player knows, with no tags and with names of ASCII."""
MARKS = (1, 9, 20, 31, 32, 50, 63, 64, 99, 100, 127, 128, 150, 199, 200, 254, 255, 256, 299, 300)
"""Likely limits of players: a counting track says the highest of these that is not above its own place."""


_FORMATS = (  # hertz, channels, constant bit rate
    (44100, 1, True),
    (44100, 2, True),
    (22050, 1, True),
    (24000, 1, True),
    (44100, 1, False),
    (48000, 1, True),
)


class ProbeTags(str, Enum):
    """Which tags a test track has."""

    NONE = "none"
    ID3V23 = "ID3v2.3"
    ID3V24 = "ID3v2.4"
    ID3V1_GBK = "ID3v1"
    COVER = "cover"


@dataclass(frozen=True)
class ProbeAudio:
    """The text and the MP3 encoding of a test track. The defaults, stereo at 44.1 kHz with a constant bit rate, are
    what every player plays."""

    text: str
    sample_rate: int = 44100  # hertz
    channels: int = 2
    constant: bool = True  # bit rate


@dataclass(frozen=True)
class ProbeTrack:
    """A test track, which says `number`; `title` and `order` are for its tags."""

    path: str
    number: int
    audio: ProbeAudio
    tags: ProbeTags = ProbeTags.NONE
    title: str = ""
    order: int = 0


def probe_tracks() -> tuple[ProbeTrack, ...]:
    """All tracks of the probe card, in directory order."""
    root = (*_root_order(), *_formats("", 6), *_tags("", 12))
    folders = (*_folder_order(), *_names(), *_left_out(), *_formats("07/", 1), *_tags("08/", 1))
    return (*root, *folders, *_counting())


def said(number: int) -> str:
    """The Mandarin text of a test track: its number twice, since players may cut off the beginning."""
    return f"测试，{number}。{number}。"


def _root_order() -> Iterator[ProbeTrack]:
    """By name 12 13 11 14, in directory order 11 12 13 14; file 004 is missing."""
    for name, number in (("003", 11), ("001", 12), ("002", 13), ("005", 14)):
        yield _track(f"{name}{SUFFIX}", number)


def _folder_order() -> Iterator[ProbeTrack]:
    """By name 23 24 25 22 21, in directory order 21 22 23 24 25."""
    for path, number in (("03/002", 21), ("03/001", 22), ("01/001", 23), ("01/002", 24), ("02/001", 25)):
        yield _track(f"{path}{SUFFIX}", number)


def _names() -> Iterator[ProbeTrack]:
    """Depth of folders, Chinese names, and the number of digits."""
    yield _track(f"04/05/001{SUFFIX}", 31)
    yield _track(f"05中文/001{SUFFIX}", 64)
    for name, number in (("0001", 32), ("02", 33), ("003", 34), ("900", 35)):
        yield _track(f"06/{name}{SUFFIX}", number)
    yield _track(f"09/001{SUFFIX}", 61)
    yield _track(f"09/002 中文名字{SUFFIX}", 62)
    yield _track(f"mp3/0007{SUFFIX}", 71)


def _left_out() -> Iterator[ProbeTrack]:
    """What one chip family leaves out and another does not: folders of recorders, and a name with a dot first."""
    for path, number in (("REC/001", 72), ("RECORD/001", 73), ("JL_REC/001", 74), ("09/.003", 75)):
        yield _track(f"{path}{SUFFIX}", number)


def _formats(folder: str, first: int) -> Iterator[ProbeTrack]:
    for place, (rate, channels, constant) in enumerate(_FORMATS):
        number = 41 + place
        audio = ProbeAudio(said(number), rate, channels, constant)
        yield ProbeTrack(f"{folder}{first + place:03d}{SUFFIX}", number, audio)


def _tags(folder: str, first: int) -> Iterator[ProbeTrack]:
    """The higher the name, the lower the track number in the tags: 53 before 52 means order by tags."""
    for place, tags in enumerate(ProbeTags):
        number = 51 + place
        path = f"{folder}{first + place:03d}{SUFFIX}"
        yield ProbeTrack(path, number, ProbeAudio(said(number)), tags, f"中文标题{number}", 9 - place)


def _counting() -> Iterator[ProbeTrack]:
    for place in range(1, COUNTING_FILES + 1):
        yield _count(f"{COUNTING_FOLDER}/{place:03d}{SUFFIX}", place)
    for folder in range(int(COUNTING_FOLDER) + 1, COUNTING_FOLDERS + 1):
        yield _count(f"{folder:02d}/001{SUFFIX}", folder)


def _track(path: str, number: int) -> ProbeTrack:
    return ProbeTrack(path, number, ProbeAudio(said(number)))


def _count(path: str, place: int) -> ProbeTrack:
    mark = max(mark for mark in MARKS if mark <= place)
    # Above all test numbers, so that each number has one meaning.
    return ProbeTrack(path, 1000 + mark, ProbeAudio(f"计数，{mark}。"))
