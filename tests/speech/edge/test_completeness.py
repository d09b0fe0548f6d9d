import re
import subprocess
from dataclasses import replace

import imageio_ffmpeg
import numpy as np
import pytest
from edge_server import FRAME, HEAD_SECONDS, mp3_of, seconds_of

from packager.speech.edge.client import Answer, Boundary
from packager.speech.edge.completeness import SAMPLE_RATE, CompleteSpeech, check_answer, mp3_seconds

TEXT = "社区食堂今天开门，欢迎大家来吃饭。"
HALF = len(TEXT) // 2
ENDS = HEAD_SECONDS + seconds_of(TEXT)


def answer(*boundaries: Boundary, audio: bytes | None = None) -> Answer:
    """The speech of TEXT, named as a whole or by these boundaries."""
    named = boundaries or (Boundary(HEAD_SECONDS, seconds_of(TEXT), TEXT),)
    return Answer(mp3_of(TEXT) if audio is None else audio, named, ended=True)


def test_a_complete_answer_has_its_samples_and_the_characters_that_were_named() -> None:
    speech = check_answer(answer(), TEXT)
    assert isinstance(speech, CompleteSpeech)
    assert speech.covered == 15
    assert len(speech.samples) / SAMPLE_RATE == pytest.approx(len(mp3_of(TEXT)) / FRAME * 0.024, abs=0.05)
    assert speech.samples.dtype == np.float32


def test_case_width_and_marks_of_the_named_text_do_not_matter() -> None:
    named = Boundary(HEAD_SECONDS, seconds_of(TEXT), "wi fi ＯＫ１")
    assert isinstance(check_answer(answer(named), "Wi-Fi，OK1。"), CompleteSpeech)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (replace(answer(), ended=False), "ended before"),
        (replace(answer(), audio=b""), "no sound"),
        (replace(answer(), audio=mp3_of(TEXT)[:-1]), "cut off"),
        (replace(answer(), boundaries=()), "named 0 of 15"),
        (answer(Boundary(0.1, 1, TEXT[:HALF])), r"named 8 of 15 .* and 0 others"),
        (answer(Boundary(0.1, 1, TEXT + "好")), r"named 15 of 15 .* and 1 others"),
        (answer(Boundary(0.1, 1, TEXT[HALF:]), Boundary(1.1, 1, TEXT[:HALF])), "named"),
        (answer(Boundary(2, 1, TEXT[:HALF]), Boundary(0, 1, TEXT[HALF:])), "times"),
        (answer(Boundary(float("nan"), 1, TEXT)), "times"),
        (answer(Boundary(0, float("inf"), TEXT)), "times"),
        (answer(Boundary(-2, 1, TEXT)), "times"),
    ],
)
def test_an_answer_with_one_defect_is_not_complete(given: Answer, reason: str) -> None:
    problem = check_answer(given, TEXT)
    assert isinstance(problem, str)
    assert re.search(reason, problem), problem


@pytest.mark.parametrize(
    ("off", "complete"), [(-1.55, False), (-1.45, True), (0.0, True), (0.02, True), (0.05, False), (3.0, False)]
)
def test_the_sound_is_as_long_as_the_last_boundary_says_or_up_to_a_second_and_a_half_longer(
    off: float, complete: bool
) -> None:
    seconds = mp3_seconds(mp3_of(TEXT))
    assert seconds is not None
    found = check_answer(answer(Boundary(0, seconds + off, TEXT)), TEXT)
    assert isinstance(found, CompleteSpeech) == complete


def test_boundaries_without_times_are_believed() -> None:
    assert isinstance(check_answer(answer(Boundary(0, 0, TEXT)), TEXT), CompleteSpeech)


def encoded(rate: int, kilobits: int) -> bytes:
    """Two seconds of a tone of 440 Hz as MP3."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi"]
    command += ["-i", f"sine=frequency=440:sample_rate={rate}:duration=2", "-b:a", f"{kilobits}k"]
    command += ["-reservoir", "0", "-write_xing", "0", "-id3v2_version", "0", "-f", "mp3", "-"]
    return subprocess.run(command, capture_output=True, check=True).stdout


@pytest.mark.parametrize(
    ("rate", "kilobits"),
    [(44_100, 64), (44_100, 320), (48_000, 96), (32_000, 48), (22_050, 64), (16_000, 32), (11_025, 16), (8_000, 8)],
)
def test_mp3s_of_every_mpeg_version_are_measured_and_brought_to_the_engines_rate(rate: int, kilobits: int) -> None:
    audio = encoded(rate, kilobits)
    seconds = mp3_seconds(audio)
    assert seconds == pytest.approx(2, abs=0.2)
    speech = check_answer(answer(Boundary(0, 2, TEXT), audio=audio), TEXT)
    assert isinstance(speech, CompleteSpeech)
    assert len(speech.samples) / SAMPLE_RATE == pytest.approx(seconds, abs=0.1)
    spectrum = np.abs(np.fft.rfft(speech.samples))
    assert np.argmax(spectrum) * SAMPLE_RATE / len(speech.samples) == pytest.approx(440, abs=3)


def test_an_mp3_consists_of_complete_frames_from_end_to_end() -> None:
    whole = mp3_of(TEXT)
    assert mp3_seconds(whole) == pytest.approx(len(whole) / FRAME * 0.024)
    tagged = b"ID3\x04\0\0\0\0\0\x05hello" + whole + b"TAG" + b"\0" * 125
    assert mp3_seconds(tagged) == mp3_seconds(whole)
    for broken in (b"", b"\xff", whole[:-1], whole[1:], whole[:1000] + whole[1010:], b"x" * 5000):
        assert mp3_seconds(broken) is None


def test_sound_that_does_not_decode_to_its_length_is_not_complete() -> None:
    mixed = encoded(24_000, 48) + encoded(8_000, 8) * 2
    seconds = mp3_seconds(mixed)
    assert seconds == pytest.approx(6, abs=0.5)
    assert check_answer(answer(Boundary(0, seconds, TEXT), audio=mixed), TEXT) == "the sound can't be decoded"
