"""What is heard where sentences meet."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from packager.mastering import container
from packager.mastering.analysis import FRAME_SECONDS, TICKS, AudioAnalysis, listen
from packager.mastering.clip_leveler import levelled
from packager.releases.splice_checks import clicks_of, dead_air_of, jumps_of, measured_silences

RATE = 24_000
CONTAINERS = Path(__file__).parent.parent / "support" / "containers"


def spoken(seconds: float) -> np.ndarray:
    """Syllables that swell at the beginning and fade at the end, as those of a soft voice do."""
    time = np.arange(round(seconds * RATE)) / RATE
    voice = sum(np.sin(2 * np.pi * 130 * k * time) / k for k in range(1, 12))
    syllables = 0.15 + 0.85 * np.abs(np.sin(np.pi * 2.2 * time))
    fading = np.clip(time / 0.3, 0.02, 1) * np.clip((seconds - time) / 0.3, 0.02, 1)
    return levelled((0.2 * voice * syllables * fading).astype(np.float32), RATE)


@pytest.fixture
def heard(tmp_path, monkeypatch):
    monkeypatch.setattr(container, "__path__", [str(CONTAINERS)])  # WAV, which loses nothing

    def hear(*seconds: float) -> tuple[AudioAnalysis, list[tuple[int, int]]]:
        pause = np.zeros(round(0.6 * RATE))
        sounds = [pause]
        for each in seconds:
            sounds += [spoken(each), pause]
        soundfile.write(tmp_path / "sound.wav", np.concatenate(sounds), RATE, subtype="FLOAT")
        sound = listen(tmp_path / "sound.wav")
        silences = [span for span in measured_silences(sound, -26.0) if (span[1] - span[0]) * FRAME_SECONDS > 0.4]
        return sound, [(end, begin) for (_, end), (begin, _) in pairwise(silences)]

    return hear


def test_two_words_as_loud_as_the_sentence_before_them_are_no_jump(heard) -> None:
    sound, passages = heard(9.0, 1.1, 6.0, 1.3)
    assert len(passages) == 4
    assert [abs(jump) for _at, jump in jumps_of(sound, passages)] == pytest.approx([0.0] * 3, abs=0.4)


def test_the_silence_between_sentences_is_none_in_them() -> None:
    assert dead_air_of([(0, 50), (300, 380)], [(0.5, 3.0), (3.9, 6.0)]) == (None, None)
    assert dead_air_of([(0, 50), (200, 380)], [(0.5, 3.0), (3.9, 6.0)]) == (2.0, 1.0)


@pytest.mark.parametrize(("pulses", "clicks"), [((38, 51, 66, 86), ()), ((86,), (0.09,))])
def test_the_last_pulses_of_a_creaky_voice_are_no_clicks(pulses: tuple[int, ...], clicks: tuple[float, ...]) -> None:
    # In milliseconds, as a clip of zf_xiaobei ends: each pulse 8 times as rough as what is around it.
    roughness = np.full(400, 0.0015)
    roughness[110:] = 0.0
    roughness[list(pulses)] = 0.0125
    nothing = np.zeros(400 // TICKS)
    sound = AudioAnalysis(RATE, 1, 0.4, -3.0, nothing, nothing, roughness.reshape(-1, TICKS))
    assert clicks_of(sound, [(110 // TICKS, 400 // TICKS)], -18.0) == clicks
