"""`packager doctor`: every subject once, the remedies, and the exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Cli

from packager.base.i18n.language import choose_language
from packager.cli import run
from packager.doctor.examination import Subject


def test_the_doctor_examines_every_subject_and_names_remedies(cli: Cli, office: Path) -> None:
    told = " ".join(cli("doctor").require().out.split())
    for subject in Subject:
        assert f": {subject.value} - " in told
    assert "packager backup FILE" in told
    found = json.loads(cli("doctor", "--json").require().out)
    assert {one["subject"] for one in found} == {subject.value for subject in Subject}
    assert {tuple(one) for one in found} == {("condition", "found", "remedy", "subject")}


def test_what_a_volunteer_reads_in_chinese_has_no_words_of_programmers(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        assert run(["--lang", "zh", "doctor"]) == 0
    finally:
        choose_language("en")
    told = capsys.readouterr().out
    assert "配套程序，都装好了" in told
    for word in ("依赖", "编码可以", "信任文件", "glibc", "pip ", "ffmpeg version", "缓存"):
        assert word not in told


def test_what_is_broken_gives_exit_code_5(cli: Cli, office: Path) -> None:
    (office / "registry.db").write_bytes(b"no database" * 1000)
    told = cli("doctor").require(5)
    assert "bad: registry - " in told.out and "Everything works here" not in told.err


def test_without_a_workspace_the_computer_alone_is_examined(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = cli("doctor").require()
    assert "good: ffmpeg" in told.out and "doubtful: workspace" in told.out and "registry" not in told.out
