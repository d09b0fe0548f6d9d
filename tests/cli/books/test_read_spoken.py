"""`packager read --spoken` and `--html`: the spoken text for proof-reading."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import Cli

from packager.cli.ui.columns import display_width

BOOK = """# 第一章 通知

老街的GDP增长20%-30%，仇大爷3月2日去了。

大家都很高兴。

# 第二章 故事

从前有一座山。<b>好</b> & 看カナ。
"""


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "packager.yaml").touch()
    (tmp_path / "lexicon.yaml").write_text("words: {GDP: 国内生产总值}\nbooks: {老街: {老街: 旧街}}\n", "utf-8")
    path = tmp_path / "老街.md"
    path.write_text(BOOK, "utf-8")
    monkeypatch.chdir(tmp_path)
    return path


def test_differing_sentences_are_printed_beside_the_written_text(cli: Cli, book: Path) -> None:
    out = cli("read", book, "--spoken").require().out.split("total")[1]
    note, *rows = [row for row in out.splitlines()[1:] if row and not row.startswith("Left out")]
    assert note.startswith("Only what is said differently from the written text is shown below.")
    sides = [
        "".join(row.partition(" │ ")[side].strip() for row in rows[1 : rows.index("2  第二章 故事")]) for side in (0, 2)
    ]
    assert rows[0] == "1  第一章 通知"
    assert sides[0] == "老街的GDP增长20%-30%，仇大爷3月2日去了。"
    assert sides[1] == "旧街的国内生产总值增长百分之二十到百分之三十，仇大爷三月二日去了。"
    assert "大家都很高兴" not in "".join(rows) and "│ 好和" in rows[-1]


def test_the_lexicon_of_the_workspace_and_of_the_book_is_used(cli: Cli, book: Path) -> None:
    values = json.loads(cli("read", book, "--spoken", "--json").require().out)
    assert (
        values["chapters"][0]["differences"]
        == [
            {"written": "第一章 通知", "spoken": "第一章，通知。"},
            {
                "written": "老街的GDP增长20%-30%，仇大爷3月2日去了。",
                "spoken": "旧街的国内生产总值增长百分之二十到百分之三十，仇大爷三月二日去了。",
            },
        ][1:]
    )
    assert "differences" not in json.loads(cli("read", book, "--json").require().out)["chapters"][0]


@pytest.mark.parametrize("columns", ["40", "80", "200"])
def test_no_line_is_wider_than_the_terminal(
    cli: Cli, book: Path, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    book.write_text(BOOK + "\n" + "共2个，很长的一句话，" * 20 + "x" * 90 + "。", "utf-8")
    lines = cli("read", book, "--spoken").require().out.split("total")[1].splitlines()[1:]
    assert max(map(display_width, lines)) <= int(columns)
    assert (" │ " in "\n".join(lines)) == (columns != "40")


def test_lexicon_entries_for_another_title_are_reported(cli: Cli, book: Path) -> None:
    (book.parent / "lexicon.yaml").write_text("books: {老街上: {老街: 旧街}}\n", "utf-8")
    outcome = cli("read", book, "--spoken").require()
    assert "lexicon.yaml has entries for 《老街上》, but none for this book, “老街”" in outcome.err


def test_no_speech_library_is_loaded_for_it(book: Path) -> None:
    program = (
        "import sys; from packager.cli import run;"
        "assert run(['read', sys.argv[1], '--spoken', '--html', 'a.html']) == 0;"
        "speech = {'onnxruntime', 'kokoro_onnx', 'soundfile', 'phonemizer'};"
        "print(sorted(speech & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(book), str(book.with_name("a.html"))],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_only_an_earlier_page_is_overwritten(cli: Cli, book: Path) -> None:
    page = book.with_name("页.html")
    cli("read", book, "--html", page).require()
    first = page.read_bytes()
    cli("read", book, "--html", page).require()
    assert page.read_bytes() == first
    page.write_text("<html><p>mine</p></html>")
    outcome = cli("read", book, "--html", page).require(3)
    assert "was not made by this command" in outcome.err and page.read_text() == "<html><p>mine</p></html>"
    cli("read", book, "--html", page, "--overwrite").require()
    assert page.read_bytes() == first
    assert "is the book itself" in cli("read", page, "--html", page, "--overwrite").require(3).err
    assert "not a regular file" in cli("read", book, "--html", book.parent).require(3).err
    assert sorted(path.name for path in book.parent.iterdir()) == sorted(
        ["packager.yaml", "lexicon.yaml", "老街.md", "页.html"]
    )


def test_doubts_alone_list_them_and_no_line_begins_with_a_closing_sign(cli: Cli, tmp_path: Path) -> None:
    book = tmp_path / "notice.md"
    book.write_text("# 通知\n\n" + "每天2次，每次5克，饭后半小时服用，一共服7天，不要停。" * 3 + "\n", encoding="utf-8")
    outcome = cli("read", book, "--doubts")
    assert outcome.out == cli("read", book, "--spoken", "--doubts").out
    parts = [part.strip() for line in outcome.out.splitlines() if "│" in line for part in line.split("│")]
    assert parts and not any(part.startswith(("，", "。")) for part in parts)
