from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from speechlike import RATE, Samples, chapter, chunk_of, make, meter, speech_like

from packager.arranging.profiles.profile import AudioFormat
from packager.arranging.tracklist import Role
from packager.base.errors import InputError, SpeechError
from packager.mastering import TARGET_LUFS, MasteredTrack, SpokenChunk, measure
from packager.mastering.loudness import Attempt, Level, Loudness, nearer
from packager.textnorm.chunk import Break


def one(samples: Samples) -> list[SpokenChunk]:
    return [chunk_of(samples, Role.PARAGRAPH, Break.PARAGRAPH)]


def peaky() -> Samples:
    """Quiet speech with a bang twice a second, 30 dB above it."""
    samples = speech_like(8.0, peak=0.03)
    for at in range(RATE // 4, len(samples) - 200, RATE // 2):
        samples[at : at + 48] = np.hanning(48) * 0.95
    return samples


def placeholder() -> list[SpokenChunk]:
    return [chunk_of(speech_like(2.2), Role.LEAD_IN, Break.SENTENCE)]


INPUTS = {
    "ordinary": chapter(),
    "quiet": chapter(peak=0.004),
    "loud": chapter(peak=1.0),
    "over full scale": chapter(peak=1.2),
    "peaky": one(peaky()),
    "one word of a quarter of a second": one(speech_like(0.25)),
    "placeholder": placeholder(),
    "loud and quiet clips together": [*one(speech_like(3.0, 0.9)), *one(speech_like(3.0, 0.3, seed=2))],
}


@pytest.mark.parametrize("name", INPUTS)
def test_the_finished_file_is_at_minus_18_lufs_under_minus_3_dbtp(name: str, tmp_path: Path) -> None:
    mastered = make(INPUTS[name], tmp_path / "001.mp3")
    heard = meter(tmp_path / "001.mp3")
    assert heard.lufs == pytest.approx(-18.0, abs=0.5)
    assert heard.true_peak <= -3.0
    assert mastered.lufs == pytest.approx(heard.lufs, abs=0.06)
    assert mastered.true_peak == pytest.approx(heard.true_peak, abs=0.06)


def test_another_loudness_can_be_asked_for(tmp_path: Path) -> None:
    mastered = make(INPUTS["ordinary"], tmp_path / "001.mp3", lufs=-20.0)
    heard = meter(tmp_path / "001.mp3")
    assert heard.lufs == pytest.approx(-20.0, abs=0.5)
    assert heard.true_peak <= -3.0
    assert mastered.lufs == pytest.approx(heard.lufs, abs=0.06)


@pytest.mark.parametrize("audio", [AudioFormat(22_050, 32), AudioFormat(44_100, 128), AudioFormat(48_000, 64)])
def test_loudness_and_peak_hold_for_other_formats(audio: AudioFormat, tmp_path: Path) -> None:
    make(chapter(), tmp_path / "001.mp3", audio=audio)
    heard = meter(tmp_path / "001.mp3")
    assert heard.lufs == pytest.approx(-18.0, abs=0.5)
    assert heard.true_peak <= -3.0


@pytest.mark.parametrize("samples", [np.zeros(RATE, np.float32), np.zeros(0, np.float32)])
def test_silence_is_an_error_that_names_the_track(samples: Samples, tmp_path: Path) -> None:
    with pytest.raises(SpeechError, match="track 37 "):
        make(one(samples), tmp_path / "001.mp3")
    assert list(tmp_path.iterdir()) == []


def test_nothing_to_say_is_an_error_that_names_the_track(tmp_path: Path) -> None:
    with pytest.raises(SpeechError, match="track 37 "):
        make([], tmp_path / "001.mp3")


def test_sound_that_cannot_reach_its_loudness_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    clicks = np.zeros(4 * RATE, np.float32)
    clicks[:: RATE * 2] = 0.9
    clicks[RATE // 2] = 0.9
    with pytest.raises(SpeechError, match=r"track 37 .*LUFS"):
        make(one(clicks), tmp_path / "001.mp3")
    assert list(tmp_path.iterdir()) == []


def test_measure_agrees_with_an_independent_meter(finished: tuple[Path, MasteredTrack]) -> None:
    path, mastered = finished
    heard, independent = measure(path), meter(path)
    assert heard.lufs == pytest.approx(independent.lufs, abs=0.06)
    assert heard.true_peak == pytest.approx(independent.true_peak, abs=0.06)
    assert (heard.sample_rate, heard.channels) == (44_100, 1)
    assert heard.seconds == pytest.approx(mastered.seconds, abs=0.001)


def test_what_is_no_mp3_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "note.mp3").write_text("not sound")
    with pytest.raises(InputError, match=r"note\.mp3"):
        measure(tmp_path / "note.mp3")
    with pytest.raises(InputError, match=r"absent\.mp3"):
        measure(tmp_path / "absent.mp3")


def heard_as(lufs: float, true_peak: float) -> Loudness:
    return Loudness(lufs, true_peak, seconds=1, sample_rate=44_100, channels=1)


def test_the_next_try_raises_what_was_too_quiet_and_limits_what_went_over() -> None:
    louder = nearer([Attempt(Level(5.0, -3.5), heard_as(-19.0, -3.5))], TARGET_LUFS)
    assert louder.gain > 6.0
    assert louder.ceiling == pytest.approx(-3.35)
    lower = nearer([Attempt(Level(5.0, -3.5), heard_as(-18.0, -2.8))], TARGET_LUFS)
    assert lower.gain == 5.0
    assert lower.ceiling == pytest.approx(-4.05)


def test_a_limiter_that_takes_half_of_the_gain_is_answered_with_twice_the_gain() -> None:
    first = Attempt(Level(5.0, -3.5), heard_as(-24.0, -3.3))
    second = Attempt(Level(11.0, -3.5), heard_as(-21.0, -3.3))
    assert nearer([first, second], TARGET_LUFS).gain == pytest.approx(17.0)


def test_the_limiter_is_never_opened_over_the_ceiling_itself() -> None:
    assert nearer([Attempt(Level(5.0, -3.5), heard_as(-19.0, -12.0))], TARGET_LUFS).ceiling == -3.0
