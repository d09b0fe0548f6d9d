"""The probe card's tracks, spoken by the offline voice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from mutagen.mp3 import MP3, BitrateMode
from tones import NOW

from packager.probe.release import build_probe
from packager.probe.tracks import probe_tracks
from packager.speech import ClipCache, EngineOptions, SpeechPool, parse_voice


@pytest.mark.speech
def test_test_tracks_are_spoken_and_encoded_as_each_is_to_be_tried(tmp_path: Path, kokoro: EngineOptions) -> None:
    tracks = [track for track in probe_tracks() if track.path in ("003.mp3", "07/003.mp3", "07/005.mp3")]
    with SpeechPool(ClipCache(tmp_path / "clips"), options=kokoro, make_executor=lambda: ThreadPoolExecutor(1)) as pool:
        probe = build_probe(tracks, pool, parse_voice("kokoro:zf_xiaoyi"), tmp_path, now=NOW)
    found = {path: MP3(probe.folder / path).info for path in (track.path for track in tracks)}
    assert (found["003.mp3"].sample_rate, found["003.mp3"].channels) == (44100, 2)
    assert (found["07/003.mp3"].sample_rate, found["07/003.mp3"].channels) == (22050, 1)
    assert found["07/005.mp3"].bitrate_mode is BitrateMode.VBR
    for track in probe.manifest.tracks:
        assert 2 < track.seconds < 8
        assert -24 < track.lufs < -13
        assert track.true_peak < -1
