from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mutagen.id3 import ID3
from mutagen.mp3 import MP3
from speechlike import TAGS

from packager.arranging.profiles.profile import TagFormat
from packager.mastering import MasteredTrack
from packager.mastering.container.mp3 import CONTAINER, id3v1_gbk


def test_tags_read_back_as_they_were_given(finished: tuple[Path, MasteredTrack]) -> None:
    id3 = ID3(finished[0], translate=False)
    assert {key: frame.text for key, frame in id3.items()} == {
        "TIT2": ["第一章　总则"],
        "TALB": ["读本"],
        "TPE1": ["编写组"],
        "TRCK": ["1/12"],
        "TLAN": ["zho"],
    }


def test_the_bytes_are_id3v2_3_with_utf16_and_no_padding(finished: tuple[Path, MasteredTrack]) -> None:
    data = finished[0].read_bytes()
    assert data[:5] == b"ID3\x03\x00"
    assert b"\x01\xff\xfe" + "第一章　总则".encode("utf-16-le") in data
    size = data[6] << 21 | data[7] << 14 | data[8] << 7 | data[9]
    assert data[10 + size : 12 + size] == b"\xff\xfb"  # the first frame stands right after the tag


def test_without_the_profiles_wish_there_is_no_id3v1(finished: tuple[Path, MasteredTrack]) -> None:
    assert finished[0].read_bytes()[-128:-125] != b"TAG"


def test_gbk_id3v1_stands_at_the_end_and_leaves_the_rest_alone(
    finished: tuple[Path, MasteredTrack], tmp_path: Path
) -> None:
    path = tmp_path / "001.mp3"
    path.write_bytes(finished[0].read_bytes())
    CONTAINER.write_tags(path, TAGS, TagFormat(id3v1_gbk=True))
    data = path.read_bytes()
    assert data[:-128] == finished[0].read_bytes()
    assert data[-128:-125] == b"TAG"
    assert data[-125:-95].rstrip(b"\0").decode("gbk") == "第一章　总则"
    assert data[-95:-65].rstrip(b"\0").decode("gbk") == "编写组"
    assert data[-65:-35].rstrip(b"\0").decode("gbk") == "读本"
    assert data[-2] == 1
    assert MP3(path).tags["TIT2"].text == ["第一章　总则"]


def test_gbk_text_is_cut_at_a_whole_character() -> None:
    data = id3v1_gbk(replace(TAGS, title="a" + "长" * 20))
    assert data[3:33].rstrip(b"\0").decode("gbk") == "a" + "长" * 14
    assert len(data) == 128


def test_a_character_that_gbk_lacks_does_not_stop_the_rest() -> None:
    assert id3v1_gbk(replace(TAGS, title="一\U0001f600二"))[3:8] == "一?二".encode("gbk")


def test_an_unknown_author_is_left_out(finished: tuple[Path, MasteredTrack], tmp_path: Path) -> None:
    path = tmp_path / "001.mp3"
    path.write_bytes(finished[0].read_bytes())
    ID3(path).delete(path)
    CONTAINER.write_tags(path, replace(TAGS, artist=""), TagFormat())
    assert "TPE1" not in ID3(path)
