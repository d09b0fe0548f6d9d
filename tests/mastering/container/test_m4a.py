"""M4A tracks: measured and tagged as MP3s are, by decoding them."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from mutagen.mp4 import MP4
from speechlike import TAGS, chapter, make

from packager.arranging.profiles.profile import AudioFormat
from packager.base.errors import InputError
from packager.mastering import CEILING_DBTP, TARGET_LUFS, TOLERANCE_LU, MasteredTrack, measure
from packager.mastering.analysis import listen, loudness_of
from packager.mastering.container import find_container

AUDIO = AudioFormat(44_100, 64, "m4a")


@pytest.fixture(scope="module")
def track(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, MasteredTrack]:
    path = tmp_path_factory.mktemp("card") / "037.m4a"
    return path, make(chapter(), path, audio=AUDIO)


def decoded(path: Path) -> np.ndarray:
    """The samples of a file as ffmpeg decodes it."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(path), "-f", "f32le", "-"]
    return np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, "<f4")


def test_an_m4a_track_decodes_to_its_length_and_loudness(track: tuple[Path, MasteredTrack]) -> None:
    path, mastered = track
    samples = decoded(path)
    assert abs(len(samples) / 44_100 - mastered.seconds) < 0.05
    assert float(np.abs(samples).max()) <= 10 ** (CEILING_DBTP / 20)
    heard = listen(path)
    assert (heard.sample_rate, heard.channels) == (44_100, 1)
    assert abs(loudness_of(heard.power) - TARGET_LUFS) <= TOLERANCE_LU + 0.05
    assert abs(measure(path).lufs - mastered.lufs) < 0.01
    assert path.stat().st_size * 8 / mastered.seconds < 80_000


def test_an_m4a_track_carries_its_tags_and_no_date_or_encoder(track: tuple[Path, MasteredTrack]) -> None:
    tags = MP4(track[0])
    assert dict(tags.tags) == {
        "\xa9nam": ["第一章　总则"],
        "\xa9alb": ["读本"],
        "\xa9ART": ["编写组"],
        "trkn": [(1, 12)],
    }
    data = track[0].read_bytes()
    assert data.index(b"moov") < data.index(b"mdat"), "the index comes before the sound"
    assert b"Lavf" not in data and b"Lavc" not in data


def test_the_same_speech_makes_the_same_m4a(track: tuple[Path, MasteredTrack], tmp_path: Path) -> None:
    again = make(chapter(), tmp_path / "again.m4a", audio=AUDIO)
    assert again.sha256 == track[1].sha256


def test_an_unknown_author_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "1.m4a"
    make(chapter(), path, audio=AUDIO, tags=replace(TAGS, artist=""))
    assert "\xa9ART" not in MP4(path)


def test_a_bit_rate_beyond_aac_is_brought_to_the_most_that_it_has() -> None:
    arguments = find_container("m4a").encoder_arguments(AudioFormat(16_000, 192, "m4a"))
    assert arguments[arguments.index("-b:a") + 1] == "96000"
    arguments = find_container("m4a").encoder_arguments(AUDIO)
    assert arguments[arguments.index("-b:a") + 1] == "64000"


def test_a_file_that_is_no_m4a_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.m4a"
    path.write_bytes(json.dumps("no sound").encode() * 100)
    with pytest.raises(InputError):
        measure(path)
    with pytest.raises(InputError):
        listen(path)
    with pytest.raises(ValueError):
        find_container("m4a").stream_info(path)
