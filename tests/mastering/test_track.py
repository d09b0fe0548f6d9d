from __future__ import annotations

import hashlib
import json
import pickle
import subprocess
import sys
import weakref
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from mutagen.mp3 import MP3, BitrateMode
from speechlike import RATE, TAGS, Decoded, chapter, chunk_of, decode, make, speech_like

from packager.arranging.profiles.profile import AudioFormat
from packager.arranging.tracklist import Role
from packager.base.errors import PackagerError, StorageError
from packager.mastering import PAUSE_SECONDS, MasteredTrack, SpokenChunk, build_key_parts
from packager.speech.clip import Clip
from packager.textnorm.chunk import Break

IN_ANOTHER_PROCESS = """
import pickle, sys
from pathlib import Path
from packager.arranging.profiles.profile import AudioFormat, TagFormat
from packager.mastering import master
source, destination = map(Path, sys.argv[1:])
spoken, tags = pickle.loads(source.read_bytes())
audio = AudioFormat(44_100, 64)
master(spoken, pace=190, audio=audio, tags=tags, tag_format=TagFormat(), destination=destination)
"""
BIT_RATES = {
    3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),  # MPEG-1 layer III
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),  # MPEG-2 layer III
}
SAMPLE_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000)}


def frames(data: bytes) -> Counter[tuple[int, int, int]]:
    """How often each (bit rate, sample rate, channel mode) stands in a frame header; every byte is in one."""
    at = 10 + (data[6] << 21 | data[7] << 14 | data[8] << 7 | data[9])
    seen: Counter[tuple[int, int, int]] = Counter()
    while at < len(data):
        assert data[at] == 0xFF
        version = data[at + 1] >> 3 & 3
        bit_rate = BIT_RATES[version][data[at + 2] >> 4]
        sample_rate = SAMPLE_RATES[version][data[at + 2] >> 2 & 3]
        seen[bit_rate, sample_rate, data[at + 3] >> 6] += 1
        at += (144 if version == 3 else 72) * bit_rate * 1000 // sample_rate + (data[at + 2] >> 1 & 1)
    assert at == len(data)
    return seen


def body_seconds(decoded: Decoded) -> float:
    """From the first word of the body to its last, in a track of `chapter`."""
    silences = decoded.silences()
    begins = silences[1][0] + silences[1][1]  # after the lead-in's pause
    ends = silences[-2][0]  # before the tail
    return ends - begins


def test_the_same_clips_give_the_same_bytes_in_two_other_processes(
    finished: tuple[Path, MasteredTrack], tmp_path: Path
) -> None:
    source = tmp_path / "clips"
    source.write_bytes(pickle.dumps((chapter(), TAGS)))
    for name in ("one.mp3", "two.mp3"):
        subprocess.run([sys.executable, "-c", IN_ANOTHER_PROCESS, source, tmp_path / name], check=True)
    assert (tmp_path / "one.mp3").read_bytes() == (tmp_path / "two.mp3").read_bytes()
    assert (tmp_path / "one.mp3").read_bytes() == finished[0].read_bytes()


@pytest.mark.parametrize(
    "audio", [AudioFormat(44_100, 64), AudioFormat(44_100, 48), AudioFormat(22_050, 32), AudioFormat(24_000, 64)]
)
def test_every_frame_has_the_profiles_bit_rate_and_sample_rate_and_one_channel(
    audio: AudioFormat, tmp_path: Path
) -> None:
    path = tmp_path / "001.mp3"
    mastered = make(chapter()[:3], path, audio=audio)
    mono = 3
    assert set(frames(path.read_bytes())) == {(audio.bit_rate, audio.sample_rate, mono)}
    decoded = decode(path)
    assert decoded.rate == audio.sample_rate
    assert mastered.seconds == pytest.approx(len(decoded.samples) / decoded.rate, abs=0.15)


def test_the_times_told_of_clips_are_those_at_which_they_are_heard(finished: tuple[Path, MasteredTrack]) -> None:
    path, mastered = finished
    silences = decode(path).silences()
    begins = [begin + length for begin, length in silences[:-1]]
    ends = [begin for begin, _length in silences[1:]]
    assert [begin for begin, _end in mastered.times] == pytest.approx(begins, abs=0.06)
    assert [end for _begin, end in mastered.times] == pytest.approx(ends, abs=0.06)


def test_the_ordinary_format_is_known_as_constant_bit_rate(finished: tuple[Path, MasteredTrack]) -> None:
    info = MP3(finished[0]).info
    assert (info.bitrate_mode, info.bitrate, info.channels) == (BitrateMode.CBR, 64_000, 1)
    assert not info.sketchy


def test_what_is_told_of_a_track_is_true_of_its_file(finished: tuple[Path, MasteredTrack]) -> None:
    path, mastered = finished
    data = path.read_bytes()
    assert mastered.size == len(data)
    assert mastered.sha256 == hashlib.sha256(data).hexdigest()
    assert mastered.seconds == pytest.approx(len(decode(path).samples) / 44_100, abs=0.1)
    assert mastered.spoken == sum(each.chunk.spoken for each in chapter() if each.chunk.role.is_body)


def test_each_pause_has_its_length_whatever_the_tempo(tmp_path: Path) -> None:
    spoken = chapter()
    expected = [0.7, *(PAUSE_SECONDS[each.chunk.ends] for each in spoken[:-1]), 1.5]
    tempos = set()
    for pace in (190, 220):
        tempos.add(make(spoken, tmp_path / "001.mp3", pace=pace).tempo)
        silences = [length for _, length in decode(tmp_path / "001.mp3").silences()]
        assert silences == pytest.approx(expected, abs=0.04)
    assert len(tempos) == 2


@pytest.mark.parametrize("pace", [190, 220])
def test_the_body_as_it_is_heard_has_its_pace_within_one_percent(pace: int, tmp_path: Path) -> None:
    mastered = make(chapter(), tmp_path / "001.mp3", pace=pace)
    heard = mastered.spoken / body_seconds(decode(tmp_path / "001.mp3")) * 60
    assert heard == pytest.approx(pace, rel=0.01)
    assert mastered.pace == pytest.approx(heard, rel=0.01)
    assert 0.6 < mastered.tempo < 1.0


def test_a_pace_out_of_reach_is_told(tmp_path: Path) -> None:
    mastered = make(chapter(), tmp_path / "001.mp3", pace=80)
    assert mastered.tempo == 0.6
    assert mastered.pace > 90


def test_the_stretch_keeps_the_pitch(tmp_path: Path) -> None:
    time = np.arange(4 * RATE) / RATE
    tone = (0.5 * np.sin(2 * np.pi * 250 * time)).astype(np.float32)
    mastered = make([chunk_of(tone, Role.PARAGRAPH, Break.PARAGRAPH, spoken=18)], tmp_path / "001.mp3")
    decoded = decode(tmp_path / "001.mp3")
    strongest = np.argmax(np.abs(np.fft.rfft(decoded.samples))) * decoded.rate / len(decoded.samples)
    assert mastered.tempo < 0.75
    assert strongest == pytest.approx(250, abs=2)


def test_clips_that_begin_and_end_at_full_level_do_not_click(tmp_path: Path) -> None:
    time = np.arange(2 * RATE) / RATE
    crest = (0.5 * np.cos(2 * np.pi * 200 * time)).astype(np.float32)  # begins and ends at its crest
    spoken = [chunk_of(crest, Role.PARAGRAPH, Break.SENTENCE, spoken=9) for _ in range(3)]
    make(spoken, tmp_path / "001.mp3")
    decoded = decode(tmp_path / "001.mp3")
    step = np.abs(np.diff(decoded.samples))
    inside = max(
        float(np.max(step[round((begin - 0.6) * decoded.rate) : round((begin - 0.2) * decoded.rate)]))
        for begin, _ in decoded.silences()[1:]
    )
    assert float(np.max(step)) < 1.5 * inside


def test_a_track_of_two_minutes_keeps_its_pace(tmp_path: Path) -> None:
    piece = speech_like(4.0)
    spoken = [chunk_of(piece, Role.PARAGRAPH, Break.SENTENCE) for _ in range(20)]
    mastered = make(spoken, tmp_path / "001.mp3")
    assert mastered.pace == pytest.approx(190, rel=0.01)
    body = mastered.spoken / mastered.pace * 60
    assert len(decode(tmp_path / "001.mp3").samples) / 44_100 == pytest.approx(0.7 + body + 1.5, abs=0.1)


def test_clips_are_taken_one_at_a_time(tmp_path: Path) -> None:
    clips: list[weakref.ref[Clip]] = []
    alive: list[int] = []

    def one_by_one() -> Iterator[SpokenChunk]:
        for seed in range(5):
            made = chunk_of(speech_like(1.0, seed=seed), Role.PARAGRAPH, Break.SENTENCE)
            clips.append(weakref.ref(made.clip))
            alive.append(sum(clip() is not None for clip in clips))
            yield made
            del made

    make(one_by_one(), tmp_path / "001.mp3")
    assert len(alive) == 5
    assert max(alive) == 2  # the one being made, and the one before it that is still in hand


def test_clips_of_different_sample_rates_are_refused(tmp_path: Path) -> None:
    spoken = chapter()
    odd = spoken[0].clip
    other = SpokenChunk(spoken[0].chunk, type(odd)(odd.samples, 16_000, odd.evidence))
    with pytest.raises(ValueError, match="sample rates"):
        make([other, *spoken[1:]], tmp_path / "001.mp3")
    assert list(tmp_path.iterdir()) == []


def test_an_old_file_is_replaced_and_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "001.mp3"
    path.write_bytes(b"old")
    left = tmp_path / ".001.mp3.part"
    left.mkdir()
    (left / "speech.pcm").write_bytes(b"half")
    mastered = make(chapter()[:3], path)
    assert path.stat().st_size == mastered.size
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_encoder_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "001.mp3"
    path.write_bytes(b"old")
    with pytest.raises(PackagerError, match="ffmpeg failed"):
        make(chapter()[:3], path, audio=AudioFormat(12_345, 64))
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_interruption_while_clips_are_taken_leaves_nothing(tmp_path: Path) -> None:
    def interrupted() -> Iterator[SpokenChunk]:
        yield chapter()[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(interrupted(), tmp_path / "001.mp3")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_a_storage_error_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="gone"):
        make(chapter()[:1], tmp_path / "gone" / "001.mp3")


def test_odd_characters_in_the_path_are_no_obstacle(tmp_path: Path) -> None:
    folder = tmp_path / "第一 周: 50%, [a]'b"
    folder.mkdir()
    make(chapter()[:2], folder / "001 %d.mp3")
    assert [path.name for path in folder.iterdir()] == ["001 %d.mp3"]


def test_the_build_key_holds_every_constant_as_json() -> None:
    parts = build_key_parts()
    assert json.loads(json.dumps(parts)) == parts
    assert parts["pauses"] == {
        "clause": [0.15, 0.3, 0.9],
        "sentence": [0.3, 0.6, 1.8],
        "paragraph": [0.6, 1.2, 3.0],
        "heading": [1.0, 2.0, 3.5],
    }
    assert (parts["head"], parts["tail"], parts["lufs"], parts["true_peak"]) == (0.7, 1.5, -18.0, -3.0)
    assert parts["peaks"] == [14.0, 15.0]
    assert build_key_parts(-16.0) == {**parts, "lufs": -16.0, "peaks": [10.5, 15.0]}
