"""The build_key of a track: what changes it, and what must not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from packager.arranging.profiles.catalog import load_profile
from packager.arranging.profiles.profile import AudioFormat, TagFormat
from packager.arranging.tracklist import Passage, Role, TracklistEntry
from packager.base.manifest import TrackKind
from packager.releases.build_key import track_build_key
from packager.textnorm import Break, Chunk

FOLDERS = load_profile("folders", None)
CHUNK = Chunk("明天停水。", Role.PARAGRAPH, Break.PARAGRAPH, 4)
TRACK = TracklistEntry(
    number=2,
    path="01/002.mp3",
    kind=TrackKind.CHAPTER,
    book="通知",
    author="居委会",
    title="停水",
    place=1,
    places=3,
    voice="",
    script=(Passage(Role.PARAGRAPH, "明天停水。"),),
)


def build_key(track: TracklistEntry = TRACK, **changes: Any) -> str:
    values: dict[str, Any] = {"engine": "kokoro 1", "voice": "kokoro:zf_xiaoyi", "pace": 190}
    values |= {"chunks": [CHUNK], "profile": FOLDERS} | changes
    chunks, profile = values.pop("chunks"), values.pop("profile")
    return track_build_key(track, chunks, profile, **values)


@pytest.mark.parametrize(
    "changes",
    [
        {"engine": "kokoro 2"},
        {"voice": "kokoro:zm_yunjian"},
        {"pace": 160},
        {"chunks": [replace(CHUNK, text="后天停水。")]},
        {"chunks": [replace(CHUNK, ends=Break.SENTENCE)]},
        {"profile": replace(FOLDERS, audio=AudioFormat(44_100, 96))},
        {"profile": replace(FOLDERS, tags=TagFormat(id3v1_gbk=True))},
    ],
)
def test_whatever_is_heard_or_written_changes_the_build_key(changes: dict[str, Any]) -> None:
    assert build_key(**changes) != build_key()


@pytest.mark.parametrize("changes", [{"title": "停电"}, {"number": 3}, {"author": ""}, {"places": 4}])
def test_what_stands_in_the_tags_changes_the_build_key(changes: dict[str, Any]) -> None:
    assert build_key(replace(TRACK, **changes)) != build_key()


def test_another_place_on_the_card_or_name_of_the_profile_does_not() -> None:
    assert build_key(replace(TRACK, path="elsewhere.mp3")) == build_key()
    assert build_key(profile=replace(FOLDERS, name="other", title="other")) == build_key()
