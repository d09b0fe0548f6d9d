"""Pauses inside a sentence become longer, in a slower variant most, and nothing else of the sentence changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from packager.arranging.tracklist import Role
from packager.mastering.breaths import breaths_at_marks
from packager.mastering.clip_leveler import pauses_inside
from packager.mastering.concat import Assembly, SpokenChunk, assemble, stretched_track
from packager.mastering.speech_rate import (
    BREATH_SECONDS,
    PAUSE_SECONDS,
    Piece,
    SpeechTiming,
    time_slower_track,
    time_track,
    times_of,
)
from packager.speech.clip import Clip
from packager.speech.evidence import measure_evidence
from packager.textnorm import Break, Chunk

RATE = 24_000


def tone(seconds: float) -> np.ndarray:
    at = np.arange(round(seconds * RATE)) / RATE
    return (0.3 * np.sin(2 * np.pi * 200 * at)).astype(np.float32)


def clip(*lengths: float) -> Clip:
    """Sounds with silences between them: every second length is a silence."""
    parts = [
        tone(each) if place % 2 == 0 else np.zeros(round(each * RATE), np.float32) for place, each in enumerate(lengths)
    ]
    samples = np.concatenate(parts)
    return Clip(samples, RATE, measure_evidence(samples, RATE, characters=8, phonemes=0))


def assembly(folder: Path, *clips: Clip, role: Role = Role.PARAGRAPH) -> Assembly:
    spoken = [SpokenChunk(Chunk("字字字字，字字字字。", role, Break.SENTENCE, 8), each) for each in clips]
    return assemble(spoken, folder / "speech.pcm", peaks=14.0)


def silences(blocks: bytes) -> list[float]:
    """The seconds of each silence of 50 ms and more."""
    samples = np.frombuffer(blocks, "<i4").astype(np.float64) / 2**30
    frames = samples[: len(samples) // 240 * 240].reshape(-1, 240)
    quiet = np.sqrt(np.mean(frames**2, axis=1)) < 0.003
    edges = np.flatnonzero(np.diff(np.concatenate(([0], quiet, [0])).astype(np.int8)))
    lengths = (edges[1::2] - edges[::2]) / 100
    return [round(float(each), 2) for each in lengths if each >= 0.05]


def test_pauses_of_eight_hundredths_and_more_inside_the_sound_are_found() -> None:
    found = pauses_inside(clip(0.5, 0.2, 0.6, 0.05, 0.4, 0.1, 0.3).samples, RATE)
    assert np.array(found) == pytest.approx(np.array([(0.5, 0.7), (1.75, 1.85)]), abs=0.02)
    assert pauses_inside(np.concatenate([np.zeros(RATE // 2, np.float32), clip(0.5).samples]), RATE) == []
    assert pauses_inside(np.zeros(RATE, np.float32), RATE) == []


def test_only_pauses_at_a_mark_become_longer() -> None:
    spoken = clip(1.0, 0.2, 1.0, 0.1, 1.0).samples  # twelve characters, four in each part
    assert breaths_at_marks("今天天气，真的很好我们出去。", spoken, RATE) == pytest.approx((1.1,), abs=0.02)
    assert breaths_at_marks("今天天气真的很好，我们出去。", spoken, RATE) == pytest.approx((2.25,), abs=0.02)
    assert breaths_at_marks("今天天气，真的很好，我们出去。", spoken, RATE) == pytest.approx((1.1, 2.25), abs=0.02)
    assert breaths_at_marks("今天天气真的很好我们出去。", spoken, RATE) == ()


def test_a_pause_inside_a_sentence_is_longer_by_the_breath_and_the_track_by_as_much(tmp_path: Path) -> None:
    made = assembly(tmp_path, clip(0.5, 0.2, 0.6), clip(0.7, 0.3, 0.4))
    without, longer = SpeechTiming(0.8, 0.0, 16, 190.0), SpeechTiming(0.8, 0.0, 16, 160.0, breath=0.4)
    before, after = (b"".join(stretched_track(made, timing)) for timing in (without, longer))
    head, first, between, second, tail = silences(before)
    assert (head, between, tail) == pytest.approx((0.7, 0.6, 1.5), abs=0.03)
    assert silences(after) == pytest.approx([head, first + 0.4, between, second + 0.4, tail], abs=0.03)
    assert len(after) - len(before) == pytest.approx(4 * 0.8 * RATE, abs=16)
    for timing, pcm in ((without, before), (longer, after)):
        *_others, (begin, end) = times_of(made.pieces, timing)
        assert end - begin == pytest.approx(1.4 / 0.8 + timing.breath, abs=1e-3)
        assert len(pcm) / 4 / RATE == pytest.approx(end + 1.5, abs=0.01)
    assert times_of(made.pieces, longer)[1][0] - times_of(made.pieces, without)[1][0] == pytest.approx(0.4, abs=1e-3)


def test_announcements_keep_their_pauses(tmp_path: Path) -> None:
    made = assembly(tmp_path, clip(0.5, 0.2, 0.6), role=Role.LEAD_IN)
    without, longer = (
        b"".join(stretched_track(made, SpeechTiming(0.8, 0.0, 0, 0.0, breath=breath))) for breath in (0.0, 0.4)
    )
    assert without == longer


def test_pauses_inside_sentences_help_a_dense_text_to_its_pace() -> None:
    plain = [Piece(10.0, Break.SENTENCE, 42, True)] * 3
    breathing = [Piece(10.0, Break.SENTENCE, 42, True, (2.0, 5.0, 8.0))] * 3
    without, with_breaths = (time_slower_track(pieces, 160, 190) for pieces in (plain, breathing))
    assert without.pause_scale == with_breaths.pause_scale == 1.0
    assert with_breaths.breath == BREATH_SECONDS[2]
    assert 160 < with_breaths.pace < without.pace - 1
    assert with_breaths.tempo > without.tempo


def test_a_usual_track_pauses_longer_at_commas_and_is_stretched_less() -> None:
    plain = [Piece(8.0, Break.SENTENCE, 32, True)] * 3
    breathing = [Piece(8.0, Break.SENTENCE, 32, True, (2.0, 5.0))] * 3
    without, with_breaths = (time_track(pieces, 190) for pieces in (plain, breathing))
    assert with_breaths.breath == BREATH_SECONDS[1]
    assert with_breaths.tempo > without.tempo
    assert with_breaths.pace == pytest.approx(190, rel=1e-3)
    # What a voice that pauses for 0.2 s makes of a comma is about what lies between two clips at a comma.
    assert 0.2 + with_breaths.breath == pytest.approx(PAUSE_SECONDS[Break.CLAUSE], abs=0.06)


def test_a_brisk_track_has_no_longer_pauses_inside_sentences_than_the_voice_makes() -> None:
    slow_voice = [Piece(10.0, Break.SENTENCE, 32, True, (2.0, 5.0))] * 3
    brisk = time_track(slow_voice, 220)
    assert (brisk.tempo, brisk.pause_scale, brisk.breath) == (1.0, -1.0, BREATH_SECONDS[0])
