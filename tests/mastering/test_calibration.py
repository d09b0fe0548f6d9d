"""What was measured of a voice decides at which paces it is offered."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from packager.base.errors import DocumentError, InputError
from packager.mastering import PACES
from packager.mastering.calibration import (
    Calibration,
    add_calibrations,
    calibration_chunks,
    load_calibrations,
    measured,
    require_reach,
)
from packager.mastering.speech_rate import FASTEST_TEMPO, SLOWEST_TEMPO, Piece, time_track
from packager.speech import EngineOptions
from packager.speech.kokoro.provider import PROVIDER

SOME = Calibration(1.0, 600, 115.0, {"sentence": 11, "paragraph": 8})


def test_every_offline_voice_on_offer_was_measured_over_the_text_that_ships() -> None:
    known = load_calibrations()
    assert set(known) == {str(info.voice) for info in PROVIDER.voices()}
    spoken = sum(chunk.spoken for chunk in calibration_chunks())
    for calibration in known.values():
        assert calibration.characters == spoken
        assert 230 < calibration.rate < 380
        assert [pace for pace in PACES if calibration.reaches(pace)] == list(PACES)


def test_a_pace_within_reach_is_kept_by_a_track_with_the_text_that_was_measured() -> None:
    for pace in (*PACES, SOME.slowest, SOME.fastest):
        assert SOME.reaches(pace)
        assert SLOWEST_TEMPO <= SOME.stretch(pace) <= FASTEST_TEMPO
        assert SOME.timing(pace).pace == pytest.approx(pace, rel=0.026)
    for pace in (SOME.slowest - 1, SOME.fastest + 1):
        assert not SOME.reaches(pace)
        assert abs(SOME.timing(pace).pace / pace - 1) > 0.025


def test_the_figures_come_to_the_same_as_the_clips_themselves() -> None:
    chunks = calibration_chunks()
    seconds = [0.19 * chunk.spoken for chunk in chunks]
    pieces = [Piece.of(chunk, length) for chunk, length in zip(chunks, seconds, strict=True)]
    found = measured(chunks, seconds)
    for pace in PACES:
        timing, again = time_track(pieces, pace), found.timing(pace)
        assert again.tempo == pytest.approx(timing.tempo, abs=2e-4)
        assert again.pause_scale == pytest.approx(timing.pause_scale, abs=2e-3)


def test_a_slow_voice_is_not_offered_at_a_brisk_pace_and_the_message_names_what_it_can_have() -> None:
    slow = replace(SOME, seconds=170.0)
    known = {"kokoro:slow": slow, "kokoro:some": SOME}
    require_reach(["kokoro:slow", "kokoro:some", "edge:never-measured"], 190, known)
    with pytest.raises(InputError) as told:
        require_reach(["kokoro:slow", "kokoro:some"], 220, known)
    assert str(told.value) == (
        f"kokoro:slow can't be brought to 220 characters a minute: it can have {slow.slowest} to "
        f"{slow.fastest} (160, 190); choose another pace or voice"
    )


def test_what_the_workspace_measured_goes_before_what_ships(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    add_calibrations({"kokoro:zf_xiaoyi": SOME}, path)
    add_calibrations({"edge:zh-CN-YunxiNeural": SOME}, path)
    known = load_calibrations(EngineOptions(calibration=path))
    assert known["kokoro:zf_xiaoyi"] == known["edge:zh-CN-YunxiNeural"] == SOME
    assert known["kokoro:zm_yunjian"] == load_calibrations()["kokoro:zm_yunjian"]
    assert set(json.loads(path.read_text("utf-8"))) == {"kokoro:zf_xiaoyi", "edge:zh-CN-YunxiNeural"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"kokoro:zf_xiaoyi": {"speed": 1.0, "characters": 600, "seconds": 0, "pauses": {}}}', "seconds' is 0"),
        ('{"kokoro:zf_xiaoyi": {"speed": 0.8, "characters": 600, "seconds": 9, "pauses": {}}}', "speed' is 0.8"),
        ('{"kokoro:zf_xiaoyi": {"speed": 1.0, "characters": 600, "seconds": 9}}', "'pauses' is missing"),
        ('{"kokoro:zf_xiaoyi": {"speed": 1.0, "characters": 600, "seconds": .nan, "pauses": {}}}', "not a number"),
        ("[1, 2]", "calibration.json"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_by_name(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    path.write_text(text, "utf-8")
    with pytest.raises(DocumentError, match=told):
        load_calibrations(EngineOptions(calibration=path))
    with pytest.raises(DocumentError, match=told):
        add_calibrations({"kokoro:zf_xiaoyi": SOME}, path)


def test_shipped_calibrations_and_fitted_bounds_fit_the_schema(tmp_path: Path) -> None:
    shipped = load_calibrations()
    fitted = {"beep:any/path#3": measured(calibration_chunks(), [0.2 * each.spoken for each in calibration_chunks()])}
    add_calibrations(shipped | fitted, tmp_path / "calibration.json")
    known = load_calibrations(EngineOptions(calibration=tmp_path / "calibration.json"))
    assert known == shipped | fitted
    assert known["beep:any/path#3"].bounds is not None
