"""Estimates a track's duration before it is spoken, for the volunteer and for players' limits. Pure."""

from __future__ import annotations

import re

from packager.arranging.tracklist import TracklistEntry

_PAUSE_SECONDS = 1.2  # after an announcement
_SILENCE_SECONDS = 2.0  # at the head and tail of a track

_HANZI = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_LATIN = re.compile(r"[A-Za-z]+")
_NUMBER = re.compile(r"(?P<whole>\d+)(?:\.(?P<fraction>\d+))?(?P<after>[%％‰℃年]?)")
_HEARD_UNIT = {"%": 3, "％": 3, "‰": 3, "℃": 3}  # 百分之, 千分之, 摄氏度
_YEAR_DIGITS = 4
_BETWEEN_NUMBERS = re.compile(r"(?<=[\d%％])\s*[-–—~～]+\s*(?=\d)")  # 到
_LETTERS_OF_A_SYLLABLE = 3
_LONGEST_COUNT = 5  # digits; longer ones are read one by one, as telephone numbers are


def heard_characters(text: str) -> float:
    """About the number of Hanzi heard when `text` is read aloud, including numbers and Latin words."""
    heard = float(len(_HANZI.findall(text)) + len(_BETWEEN_NUMBERS.findall(text)))
    heard += sum(_heard_in_number(found) for found in _NUMBER.finditer(text))
    for word in _LATIN.findall(text):
        heard += len(word) if word.isupper() else max(1.0, len(word) / _LETTERS_OF_A_SYLLABLE)
    return heard


def estimate_seconds(track: TracklistEntry, pace: int) -> float:
    """About the duration of `track` in seconds at `pace` spoken Hanzi a minute.

    The pace includes the pauses of the body; announcements and the silences at both ends come on top.
    """
    seconds = _SILENCE_SECONDS
    for passage in track.script:
        seconds += heard_characters(passage.text) * 60 / pace
        seconds += 0 if passage.role.is_body else _PAUSE_SECONDS
    return seconds


def _heard_in_number(found: re.Match[str]) -> int:
    whole, fraction = len(found["whole"]), len(found["fraction"] or "")
    one_by_one = whole > _LONGEST_COUNT or (found["after"] == "年" and whole == _YEAR_DIGITS)
    heard = whole if one_by_one else 2 * whole - 1  # 三十七, 一百二十三
    return heard + (fraction + 1 if fraction else 0) + _HEARD_UNIT.get(found["after"], 0)
