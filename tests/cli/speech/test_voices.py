"""`packager voices`: the table, and a sample of each voice."""

from __future__ import annotations

import json
from pathlib import Path

import mutagen
import pytest
from command_line import Cli, new_workspace, run_apart, tone_command

from packager.base.errors import EXIT_INPUT
from packager.base.i18n.language import choose_language
from packager.cli import run
from packager.cli.ui.columns import display_width
from packager.mastering import measure
from packager.speech import LISTENERS
from packager.speech.kokoro.provider import PROVIDER


def test_all_eight_voices_are_listed_clearest_first_with_their_measurements(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    lines = [line for line in cli("voices").require().out.splitlines() if line.startswith("kokoro:")]
    assert len(lines) == 8
    errors = [float(line.split("%")[0].split()[-1]) for line in lines]
    assert errors == sorted(errors)
    assert sum("default; best for most listeners" in line for line in lines[:3]) == 1
    assert [line.split()[0] for line in lines if "not recommended" in line] == ["kokoro:zf_xiaoni"]
    assert sum("best for who hear high tones badly" in line for line in lines) == 1


def test_chinese_remarks_have_chinese_separators(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["--lang", "zh", "voices"]) == 0
    choose_language("en")
    table = capfd.readouterr().out
    assert "；" in table and ";" not in table


def test_json_has_the_same_figures(cli: Cli) -> None:
    voices = {values["voice"]: values for values in json.loads(cli("voices", "--json").require().out)}
    assert len(voices) == 14
    for info in PROVIDER.voices():
        values = voices[str(info.voice)]
        assert (values["pitch"], values["name"]) == (info.pitch, info.name)
        assert values["recommended"] == info.is_recommended
    assert voices["edge:zh-CN-YunxiNeural"]["pinyin_error"] is None


def test_measurements_are_plausible_and_each_group_of_listeners_has_a_recommended_voice() -> None:
    voices = PROVIDER.voices()
    assert all(60 < info.pitch < 400 and 200 < info.characters_a_minute < 400 for info in voices)
    groups = [who for info in voices for who in info.best_for]
    assert sorted(groups) == sorted(LISTENERS)
    assert all(info.is_recommended for info in voices if info.best_for)
    lower = next(info for info in voices if "high" in info.best_for)
    usual = next(info for info in voices if "most" in info.best_for)
    assert lower.pitch < 0.7 * usual.pitch


def test_a_sample_of_every_voice_is_written_mastered_and_named(tmp_path: Path) -> None:
    office = new_workspace(tmp_path / "office")
    done = run_apart(tone_command("voices", "--sample", tmp_path / "try", "--json"), office).require()
    files = {values["voice"]: Path(values["file"]) for values in json.loads(done.out)}
    assert sorted(path.name for path in (tmp_path / "try").iterdir()) == sorted(
        f"kokoro-{info.voice.name}.mp3" for info in PROVIDER.voices()
    )
    for info in PROVIDER.voices():
        path = files[str(info.voice)]
        tags = mutagen.File(path)
        assert str(tags["TIT2"]) == info.name
        assert measure(path).lufs == pytest.approx(-18, abs=0.5)


def test_a_sample_of_one_voice_is_written(tmp_path: Path) -> None:
    office = new_workspace(tmp_path / "office")
    command = tone_command("voices", "--sample", "try", "--voice", "kokoro:zm_yunjian")
    assert "云健" in run_apart(command, office).require().out
    assert [path.name for path in (office / "try").iterdir()] == ["kokoro-zm_yunjian.mp3"]


def test_impossible_samples_are_refused_before_anything_is_synthesized(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(new_workspace(tmp_path / "office"))
    (tmp_path / "try" / "kokoro-zf_xiaoyi.mp3").mkdir(parents=True)
    assert "not a regular file" in cli("voices", "--sample", tmp_path / "try").require(EXIT_INPUT).err
    wrong = cli("voices", "--sample", tmp_path / "new", "--voice", "kokoro:zm_yunjan")
    assert "did you mean 'kokoro:zm_yunjian'" in wrong.require(EXIT_INPUT).err
    assert not (tmp_path / "new").exists()
    assert "--voice needs --sample" in cli("voices", "--voice", "kokoro:zm_yunjian").require(2).err


def test_in_a_narrow_terminal_no_line_is_wider_than_it(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = cli("voices").out.splitlines()
    assert max(map(display_width, lines)) <= 80
    place = next(number for number, line in enumerate(lines) if line.startswith("kokoro:zf_xiaobei"))
    assert "female; default; best for" in lines[place + 1]
