"""`packager voices measure`: any voice of any engine, with what is installed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Cli, new_workspace
from tiny_kokoro import make_kokoro_folder

from packager.base.errors import EXIT_INPUT, InputError
from packager.cli.speech import measure
from packager.mastering.calibration import load_calibrations
from packager.proofing import voice_measures
from packager.speech import EngineOptions


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    office = new_workspace(tmp_path / "office")
    make_kokoro_folder(office / "models" / "zh")
    (office / "packager.yaml").write_text("model: models/zh\nvoice: kokoro:zf_001\n", "utf-8")
    monkeypatch.chdir(office)
    return office


def without_extras(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_folder: object, *, threads: int) -> None:
        raise InputError('a proof needs a recognizer, which is not installed: pip install "elder-packager[proof]"')

    monkeypatch.setattr(measure, "open_whisper", missing)
    monkeypatch.setattr(measure, "is_installed", lambda: False)


def test_without_extras_rate_pitch_and_speed_are_measured_and_the_install_commands_are_said(
    office: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_extras(monkeypatch)
    done = cli("voices", "measure", "kokoro:zf_001", "kokoro:zm_010", "--save", "--jobs", "1", "--json").require()
    woman, man = json.loads(done.out)
    assert (woman["voice"], man["voice"]) == ("kokoro:zf_001", "kokoro:zm_010")
    assert woman["pinyin_error"] is None and woman["naturalness"] is None
    assert woman["pitch"] > man["pitch"] > 100  # a tone of its own for each phoneme, above that of the voice
    assert woman["seconds_a_second"] >= 0  # rounded: the tiny model takes no time
    assert woman["paces"]["slowest"] < 190
    assert "elder-packager[proof]" in done.err and "elder-packager[naturalness]" in done.err
    saved = load_calibrations(EngineOptions(model=office / "models" / "zh"))
    assert set(saved) == {"kokoro:zf_001", "kokoro:zm_010"}
    assert not (office / "calibration.json").exists()
    listed = {each["voice"]: each for each in json.loads(cli("voices", "--json").require().out)}
    assert listed["kokoro:zf_001"]["pitch"] == woman["pitch"]
    assert listed["kokoro:zf_001"]["paces"]["slowest"] == woman["paces"]["slowest"]


class Listener:
    """A predictor that rates all alike, and a recognizer that always hears the same words."""

    fingerprint = "listener"

    def rate(self, samples: object) -> float:
        return 4.0

    def hear(self, samples: object) -> str:
        return "大家好"


def test_with_instruments_error_and_ratings_are_in_the_table_and_the_file(
    office: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        measure, "_instruments", lambda: voice_measures.Instruments(Listener(), {"distillmos": Listener()})
    )
    done = cli("voices", "measure", "kokoro:zf_001", "--save", "--jobs", "1").require()
    line = next(line for line in done.out.splitlines() if line.startswith("kokoro:zf_001"))
    assert "4.00" in line and "%" in line
    values = json.loads((office / "models" / "zh" / "calibration.json").read_text("utf-8"))["kokoro:zf_001"]
    assert values["naturalness"] == {"distillmos": {"mean": 4.0, "spread": 0.0}}
    assert 0.9 < values["pinyin_error"] <= 1.0  # few of 600 syllables are those three


def test_a_voice_that_can_not_be_used_is_refused_before_anything_is_spoken(office: Path, cli: Cli) -> None:
    told = cli("voices", "measure", "kokoro:zf_001", "kokoro:zf_099").require(EXIT_INPUT).err
    assert "has no voice zf_099" in told
    assert not list((office / "output").rglob("*.clip"))
