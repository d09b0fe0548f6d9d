"""A book with grave doubts is named with the line that accepts them, until a person has written it."""

from __future__ import annotations

from pathlib import Path

import pytest

from packager.arranging.prepare import prepare_tracklist, unaccepted_doubts
from packager.base.errors import DocumentError
from packager.base.workspace import Settings, Workspace

PROSE = "王奶奶早上去菜市场买菜，回来的路上碰见了老同事。"


def problems(tmp_path: Path, line: str, *, text: bytes, replace_damaged: bool = False) -> list[str]:
    (tmp_path / "texts").mkdir(exist_ok=True)
    (tmp_path / "texts" / "甲.txt").write_bytes(text)
    playlist = tmp_path / "p.yaml"
    playlist.write_text(f"playlist: p\ntitle: 春\nitems:\n- book: texts/甲.txt\n  {line}\n", "utf-8")
    prepared = prepare_tracklist(Workspace(tmp_path, Settings()), playlist, replace_damaged=replace_damaged)
    return unaccepted_doubts(prepared)


def test_the_line_that_accepts_is_named_and_accepts(tmp_path: Path) -> None:
    text = f"第一章 甲\n{PROSE}\n第二章 乙\n锟斤拷锟斤拷\n".encode()
    (problem,) = problems(tmp_path, "tables: true", text=text)
    assert "texts/甲.txt has 1 grave doubt" in problem and "'accept_doubts: 1'" in problem
    assert problems(tmp_path, "accept_doubts: 1", text=text) == []
    with pytest.raises(DocumentError, match="accept_doubts"):
        problems(tmp_path, "accept_doubts: true", text=text)


def test_damaged_bytes_are_accepted_in_the_playlist_or_for_one_build(tmp_path: Path) -> None:
    text = f"{PROSE * 3}\n".encode("gb18030") + b"\xff\n" + PROSE.encode("gb18030")
    (problem,) = problems(tmp_path, "tables: true", text=text)
    assert "1 damaged place" in problem and "replace_damaged: true" in problem
    assert problems(tmp_path, "replace_damaged: true", text=text) == []
    assert problems(tmp_path, "tables: true", text=text, replace_damaged=True) == []
