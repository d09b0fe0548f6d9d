import json
import os
import shutil
import sys
from importlib import resources
from pathlib import Path
from typing import NoReturn

import beep_engine
import numpy as np
import pytest
from command_line import Outcome, environment, new_workspace, run_apart

from packager.base.errors import InputError
from packager.speech import EngineRegistry, Voice, installed_engines, parse_voice
from packager.speech.kokoro.provider import PROVIDER


def test_a_voice_consists_of_engine_and_name() -> None:
    voice = parse_voice("kokoro:zf_xiaoyi")
    assert voice == Voice("kokoro", "zf_xiaoyi")
    assert (str(voice), voice.language) == ("kokoro:zf_xiaoyi", "zh")


@pytest.mark.parametrize("text", ["kokoro:zf_xiaoyy", "zf_xiaoyi", "kokro:zf_xiaoyi"])
def test_the_error_for_a_misspelt_voice_suggests_the_right_one(text: str) -> None:
    with pytest.raises(InputError, match=r"did you mean 'kokoro:zf_xiaoyi'"):
        parse_voice(text)


@pytest.mark.parametrize("text", ["", ":", "kokoro:", "kokoro:zf_nobody"])
def test_a_voice_that_is_not_offered_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="packager voices"):
        parse_voice(text)


def test_every_kokoro_voice_has_its_style_vectors_in_the_package() -> None:
    with np.load(str(resources.files("packager") / "speech" / "kokoro" / "voices.npz")) as styles:
        for info in PROVIDER.voices():
            vectors = styles[info.voice.name]
            assert vectors.shape == (510, 1, 256)
            assert np.isfinite(vectors).all()


def test_kokoro_voices_are_listed_clearest_first() -> None:
    errors = [info.pinyin_error or 1.0 for info in PROVIDER.voices()]
    assert errors == sorted(errors)
    assert len(errors) == 8
    assert [info.voice.name for info in PROVIDER.voices() if not info.is_recommended] == ["zf_xiaoni"]


def test_offline_voices_are_listed_before_online_ones() -> None:
    prefixes = [info.voice.engine for info in installed_engines().voices()]
    assert prefixes == sorted(prefixes, reverse=True)
    assert {"kokoro", "edge"} <= set(prefixes)


def test_an_engine_that_can_not_be_imported_is_an_error_for_its_voices_only() -> None:
    def fail() -> NoReturn:
        raise ImportError("no such library")

    engines = EngineRegistry({"broken": fail, "beep": lambda: beep_engine.PROVIDER})
    assert [str(info.voice) for info in engines.voices()] == ["beep:low", "beep:high"]
    assert engines.parse("beep:low") == Voice("beep", "low")
    with pytest.raises(InputError, match=r"broken.*no such library"):
        engines.parse("broken:voice")
    with pytest.raises(InputError, match="there are: beep, broken"):
        engines.provider("other")


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A workspace, beside the folder of a package with one module: an engine."""
    installed = tmp_path / "site"
    metadata = installed / "beep_engine-1.0.dist-info"
    metadata.mkdir(parents=True)
    shutil.copy(beep_engine.__file__, installed)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: beep-engine\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[packager.engines]\nbeep = beep_engine:PROVIDER\n")
    return new_workspace(tmp_path / "office")


def packager(office: Path, *arguments: str) -> Outcome:
    path = os.pathsep.join([str(office.parent / "site"), *sys.path])
    command = [sys.executable, "-m", "packager", "--lang", "en", *arguments]
    return run_apart(command, office, environment(PYTHONPATH=path)).require()


def test_an_engine_of_another_package_lists_speaks_calibrates_and_builds(office: Path) -> None:
    listed = {voice["voice"]: voice for voice in json.loads(packager(office, "voices", "--json").out)}
    assert (listed["beep:high"]["name"], listed["beep:high"]["works"]) == ("高音", True)

    packager(office, "say", "今天开门。", "--voice", "beep:low", "-o", "one.mp3")
    assert (office / "one.mp3").stat().st_size > 5_000

    packager(office, "voices", "calibrate", "beep:low", "--jobs", "1")
    measured = json.loads((office / "calibration.json").read_text())["beep:low"]
    assert measured["seconds"] == pytest.approx(0.2 * measured["characters"], rel=0.01)
    assert measured["bounds"]["syllable"] == pytest.approx(0.2, abs=0.01)

    built = json.loads(packager(office, "build", "week", "--voice", "beep:low", "--jobs", "1", "--json").out)
    assert built["voices"].keys() == {"beep:low"}
    assert built["chunks_spoken"] > 0
