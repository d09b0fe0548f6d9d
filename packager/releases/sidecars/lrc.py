"""LRC: lyrics in GBK beside each track, with the time of each sentence, for players with a display. Pure.

A file of a track's name with the suffix `lrc`, as the firmwares of JieLi, Mountain View and Bluetrum look for
(docs/PLAYERS.md). Format: lines `[mm:ss.xx]text`, as players of the last decades agree on; there is no standard.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from unicodedata import combining, normalize

from packager.base.manifest import ManifestTrack
from packager.releases.sidecars import ReleaseContent
from packager.releases.text_sync import SyncedSentence, TextSync

MOST_BYTES = 128
"""Bytes of a line's text that Mountain View's firmware keeps (media_play_api.c, PlayerParseLrc)."""

_ENCODING = "gbk"
_UNKNOWN = "□"  # for characters that GBK lacks
_PART = re.compile(r"[^，、；：。！？…—,;:!?]*[，、；：。！？…—,;:!?”’」』）)]*")


def produce(content: ReleaseContent) -> Mapping[str, bytes]:
    """One file for each track whose text is known."""
    return {
        f"{track.path.rpartition('.')[0]}.lrc": _file(track, content.text_sync[track.sha256])
        for track in content.tracks
        if track.sha256 in content.text_sync
    }


def _file(track: ManifestTrack, text: TextSync) -> bytes:
    heads = [f"[ti:{_one_line(track.title)}]", f"[al:{_one_line(track.book)}]"]
    lines = [f"[{_time(begins)}]{line}" for begins, line in _timed_lines(_sentences(text))]
    return "".join(f"{_in_gbk(line)}\r\n" for line in (*heads, *lines)).encode(_ENCODING)


def _sentences(text: TextSync) -> Iterator[SyncedSentence]:
    """The sentences as written; the chunks as spoken where a record has no more."""
    if text.passages:
        for passage in text.passages:
            yield from passage.sentences
    else:
        for piece in text.pieces:
            yield SyncedSentence(piece.text, piece.begins, piece.ends)


def _timed_lines(sentences: Iterable[SyncedSentence]) -> Iterator[tuple[float, str]]:
    """Lines of at most MOST_BYTES and when they begin; within a sentence by the share of its characters."""
    for sentence in sentences:
        lines = [*_lines(_one_line(sentence.text))]
        edges = [0]
        for line in lines:
            edges.append(edges[-1] + len(line))
        seconds = sentence.ends - sentence.begins
        for line, (start, _end) in zip(lines, pairwise(edges), strict=True):
            yield sentence.begins + seconds * start / edges[-1], line


def _lines(text: str) -> Iterator[str]:
    """`text` cut behind punctuation where it is too long for one line, and anywhere where that is not enough."""
    line = ""
    for part in filter(None, _PART.findall(text)):
        if line and _size(line + part) > MOST_BYTES:
            yield line
            line = ""
        for character in part:
            if _size(line + character) > MOST_BYTES:
                yield line
                line = ""
            line += character
    if line:
        yield line


def _size(text: str) -> int:
    return len(_in_gbk(text).encode(_ENCODING))


def _in_gbk(text: str) -> str:
    return "".join(map(_known, text))


def _known(character: str) -> str:
    """The character, else the letter without its accent or in another width, else a sign for it."""
    plain = "".join(each for each in normalize("NFKD", character) if not combining(each))
    return next((each for each in (character, plain) if len(each) == 1 and _is_in_gbk(each)), _UNKNOWN)


def _is_in_gbk(character: str) -> bool:
    try:
        character.encode(_ENCODING)
    except UnicodeEncodeError:
        return False
    return True


def _time(seconds: float) -> str:
    hundredths = round(seconds * 100)
    return f"{hundredths // 6000:02d}:{hundredths // 100 % 60:02d}.{hundredths % 100:02d}"


def _one_line(text: str) -> str:
    # Brackets would end a tag.
    return " ".join(normalize("NFC", text).replace("[", "（").replace("]", "）").split())
