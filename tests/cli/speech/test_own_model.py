"""A Kokoro model of the workspace's own, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Cli, new_workspace
from tiny_kokoro import make_kokoro_folder

from packager.base.errors import EXIT_INPUT


def test_the_commands_list_and_check_the_voices_of_the_folder(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = new_workspace(tmp_path / "office")
    make_kokoro_folder(office / "models" / "zh")
    (office / "packager.yaml").write_text("model: models/zh\nvoice: kokoro:zf_001\n", "utf-8")
    monkeypatch.chdir(office)
    listed = {each["voice"]: each for each in json.loads(cli("voices", "--json").require().out)}
    assert listed["kokoro:zf_001"]["works"] and "kokoro:zf_xiaobei" not in listed
    told = cli("say", "你好。", "--voice", "kokoro:zf_xiaobei", "-o", "a.mp3").require(EXIT_INPUT).err
    assert "has no voice zf_xiaobei; it has zf_001, zm_010" in told
    (office / "models" / "zh" / "config.json").unlink()
    assert "config.json is no Kokoro model" in cli("voices").require(EXIT_INPUT).err
