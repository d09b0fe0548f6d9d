"""The ear that judges releases agrees with a meter that nobody here made."""

from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
import soundfile
from speechlike import RATE, chapter, make, meter, speech_like

from packager.arranging.profiles.profile import AudioFormat
from packager.base.errors import InputError
from packager.mastering import analysis as listening
from packager.mastering.analysis import AudioAnalysis, decibels, listen, loudness_of


def encoded(samples, rate: int, path: Path, *, bit_rate: str = "96k") -> Path:
    wave = path.with_suffix(".wav")
    soundfile.write(wave, samples, rate, subtype="FLOAT")
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-i", str(wave)]
    subprocess.run([*command, "-c:a", "libmp3lame", "-b:a", bit_rate, str(path)], check=True)
    return path


@pytest.mark.parametrize("audio", [AudioFormat(44_100, 64), AudioFormat(22_050, 32), AudioFormat(16_000, 24)])
def test_loudness_and_true_peak_are_those_of_ffmpegs_own_summary(audio: AudioFormat, tmp_path: Path) -> None:
    path = tmp_path / "track.mp3"
    make(chapter(), path, audio=audio)
    sound, said = listen(path), meter(path)
    assert loudness_of(sound.power) == pytest.approx(said.lufs, abs=0.1)
    assert sound.true_peak == pytest.approx(said.true_peak, abs=0.15)
    assert (sound.sample_rate, sound.channels) == (audio.sample_rate, 1)
    samples, rate = soundfile.read(path)
    assert sound.seconds == pytest.approx(len(samples) / rate, abs=1e-6)
    assert len(sound.power) == len(sound.level) == len(sound.roughness) == round(sound.seconds * 100)


def test_both_channels_of_a_stereo_file_are_heard(tmp_path: Path) -> None:
    voice = speech_like(6.0, 0.3)
    path = encoded(np.stack([voice, 0.5 * voice], axis=1), RATE, tmp_path / "two.mp3")
    sound, said = listen(path), meter(path)
    assert sound.channels == 2
    assert loudness_of(sound.power) == pytest.approx(said.lufs, abs=0.1)
    assert sound.true_peak == pytest.approx(said.true_peak, abs=0.15)


def test_nothing_depends_on_where_the_blocks_are_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "track.mp3"
    make(chapter(), path, audio=AudioFormat(22_050, 32))  # whose frames have half a sample
    heard: list[AudioAnalysis] = []
    for frames in (300, 50, 100_000):
        monkeypatch.setattr(listening, "_BLOCK_FRAMES", frames)
        heard.append(listen(path))
    for other in heard[1:]:
        assert loudness_of(other.power) == pytest.approx(loudness_of(heard[0].power), abs=0.01)
        np.testing.assert_allclose(other.level, heard[0].level, rtol=1e-9)
        np.testing.assert_allclose(other.roughness, heard[0].roughness, rtol=1e-9)
        assert other.true_peak == pytest.approx(heard[0].true_peak, abs=0.05)


def test_a_peak_between_the_samples_is_found(tmp_path: Path) -> None:
    rate = 44_100
    time = np.arange(rate) / rate
    # A quarter of the sample rate, each sample 45 degrees beside a peak: 3 dB under what lies between them.
    tone = 0.5 * np.sin(2 * np.pi * rate / 4 * time + np.pi / 4) * np.sin(np.pi * time) ** 0.1
    assert decibels(float(np.abs(tone).max())) == pytest.approx(-9.03, abs=0.01)
    sound = listen(encoded(tone, rate, tmp_path / "tone.mp3", bit_rate="192k"))
    assert sound.true_peak == pytest.approx(-6.02, abs=0.3)


def test_silence_and_sounds_shorter_than_the_standards_block_have_a_loudness() -> None:
    assert loudness_of(np.zeros(100)) == loudness_of(np.zeros(0)) == -70.0
    assert loudness_of(np.full(10, 0.01)) == pytest.approx(-20.69, abs=0.01)
    assert loudness_of(np.full(100, 0.01)) == pytest.approx(-20.69, abs=0.01)


@pytest.mark.parametrize("content", [b"", b"no sound at all" * 1000, b"ID3\x03\x00\x00\x00\x00\x00\x00"])
def test_what_is_no_mp3_is_refused_by_name(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "odd.mp3"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"odd\.mp3"):
        listen(path)
    with pytest.raises(InputError, match=r"gone\.mp3"):
        listen(tmp_path / "gone.mp3")
