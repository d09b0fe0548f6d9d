"""`packager say --pinyin`."""

from pathlib import Path

import pytest

from packager.cli import run


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "packager.yaml").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_pinyin_is_printed_and_nothing_is_written(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["say", "--pinyin", "仇大爷2点还款，GDP增长5%。"]) == 0
    said = "qiu2 da4 ye5 liang3 dian3 huan2 kuan3，GDP zeng1 zhang3 bai3 fen1 zhi1 wu3。"
    assert capsys.readouterr().out.strip() == said
    assert [path.name for path in office.iterdir()] == ["packager.yaml"]


def test_the_lexicon_of_the_workspace_is_used(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (office / "lexicon.yaml").write_text("words: {GDP: 国内生产总值, 行人: hang2 ren2}", "utf-8")
    assert run(["say", "--pinyin", "GDP和行人"]) == 0
    assert capsys.readouterr().out.strip() == "guo2 nei4 sheng1 chan3 zong3 zhi2 he2 hang2 ren2"


def test_a_wrong_lexicon_is_named_with_its_line(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (office / "lexicon.yaml").write_text("words:\n  行人: hangg2 ren2\n", "utf-8")
    assert run(["say", "--pinyin", "行人"]) == 3
    assert "line 2: '行人': 'hangg2' is no syllable of pinyin - did you mean 'hang'?" in capsys.readouterr().err
