"""Old office documents and Kindle e-books: read where the libraries and programs are there, else named with advice."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest

from packager.base.errors import InputError
from packager.reading import read_book
from packager.reading.formats import mobi, office

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def rtf(*paragraphs: str, more: str = "") -> bytes:
    """A rich text file in GBK, as word processors on Chinese systems write it."""

    def escaped(text: str) -> str:
        return "".join(chr(byte) if byte < 0x80 else f"\\'{byte:02x}" for byte in text.encode("gbk"))

    body = "".join(f"{{\\pard\\f0 {escaped(text)}\\par}}" for text in paragraphs)
    return f"{{\\rtf1\\ansi\\ansicpg936{{\\fonttbl{{\\f0 SimSun;}}}}{more}{body}}}".encode("ascii")


def test_rich_text_is_read_with_its_list_numbers_and_chapters(tmp_path: Path) -> None:
    path = tmp_path / "a.rtf"
    listed = "{\\listtext\\f0 1.\\tab}"
    path.write_bytes(
        rtf("第一章 走路", "靠右边走。", "第二章 坐车", "坐稳扶好。", more="{\\info{\\title x}}{\\pict ffd8}").replace(
            b"\\'bf\\'bf", listed.encode() + b"\\'bf\\'bf", 1
        )
    )
    reading = read_book(path)
    assert reading.format == "rtf"
    assert [(chapter.title, chapter.paragraphs) for chapter in reading.book.chapters] == [
        ("第一章 走路", ("1. 靠右边走。",)),
        ("第二章 坐车", ("坐稳扶好。",)),
    ]


@pytest.mark.parametrize("content", [b"{\\rtf1", b"{\\rtf1\\ansi \\'zz\\u99999999? }", b"{\\rtf1" + b"{" * 100_000])
def test_damaged_rich_text_is_read_or_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.rtf"
    path.write_bytes(content)
    try:
        read_book(path)
    except InputError as error:
        assert str(path) in str(error)


def test_an_old_word_document_without_libreoffice_is_named_with_advice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office, "office_program", lambda: None)
    path = tmp_path / "a.doc"
    path.write_bytes(OLE + "WordDocument".encode("utf-16-le") + b"\0" * 100)
    with pytest.raises(InputError, match=r"old Word document \(DOC\).*DOCX"):
        read_book(path)


@pytest.mark.exhaustive
@pytest.mark.skipif(office.office_program() is None, reason="LibreOffice is not installed")
def test_an_old_word_document_is_read_by_libreoffice(tmp_path: Path) -> None:
    source = tmp_path / "a.rtf"
    source.write_bytes(rtf("第一章 走路", "靠右边走。", "第二章 坐车", "坐稳扶好。"))
    program = office.office_program()
    assert program is not None
    command = [program, "--headless", f"-env:UserInstallation={(tmp_path / 'p').as_uri()}", "--convert-to", "doc"]
    subprocess.run([*command, "--outdir", str(tmp_path), str(source)], check=True, capture_output=True)
    reading = read_book(tmp_path / "a.doc")
    assert reading.format == "doc"
    assert [chapter.title for chapter in reading.book.chapters] == ["第一章 走路", "第二章 坐车"]


def kindle(encryption: int) -> bytes:
    """The head of a Kindle e-book, whose first record says how the text is encrypted."""
    head = b"\0" * 60 + b"BOOKMOBI" + b"\0" * 8 + b"\0\1" + (86).to_bytes(4, "big") + b"\0" * 4
    return head + b"\0" * 12 + encryption.to_bytes(2, "big") + b"\0" * 200


@pytest.mark.parametrize(("encryption", "message"), [(2, r"copy protection \(DRM\)"), (0, "Kindle e-book that can't")])
def test_a_protected_or_damaged_kindle_book_is_named(tmp_path: Path, encryption: int, message: str) -> None:
    path = tmp_path / "a.azw3"
    path.write_bytes(kindle(encryption))
    with pytest.raises(InputError, match=message):
        read_book(path)


def test_what_is_unpacked_of_a_kindle_book_becomes_an_archive_of_its_texts(tmp_path: Path) -> None:
    for name in ("book.html", "content.opf", "Images/a.jpeg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x", encoding="utf-8")
    with zipfile.ZipFile(io.BytesIO(mobi._as_epub(tmp_path / "book.html"))) as archive:
        assert archive.namelist() == ["book.html", "content.opf"]
    done = subprocess.run(
        [sys.executable, "-m", "packager.reading.formats.mobi"],
        input=b"no book",
        capture_output=True,
        check=False,
        env={**os.environ, "TMPDIR": str(tmp_path), "TEMP": str(tmp_path)},
    )
    assert (done.returncode, done.stdout) == (4, b"")


def test_nothing_is_left_of_a_kindle_book_that_is_damaged_or_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.azw3"
    path.write_bytes(kindle(0))
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    for seconds in (mobi._SECONDS, 0.05):
        monkeypatch.setattr(mobi, "_SECONDS", seconds)
        with pytest.raises(InputError, match="can't be unpacked"):
            read_book(path)
        assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [
        rb"\u9999999999 x",  # no character
        rb"\uc \u20013 ?",  # no number
        rb"{\pict\bin99999999999 x",
        rb"{\field{\*\fldinst{" + b'HYPERLINK "' * 20_000,  # takes a pattern for ever
    ],
)
def test_rich_text_that_is_made_to_fail_is_read_or_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.setattr(office, "_RTF_SECONDS", 0.8)
    path = tmp_path / "a.rtf"
    path.write_bytes(rb"{\rtf1\ansi " + content + b"}")
    with pytest.raises(InputError, match=r"is damaged|nothing to say"):
        read_book(path)


def test_hidden_text_of_rtf_is_left_out_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.rtf"
    path.write_bytes(
        rtf("第一章 走路", "靠右边走。HERE", "第二章 坐车", "坐稳扶好。").replace(
            b"HERE", b"{\\v secret}\\v more\\v0 end"
        )
    )
    reading = read_book(path)
    assert [chapter.paragraphs for chapter in reading.book.chapters] == [("靠右边走。end",), ("坐稳扶好。",)]
    assert reading.left_out["hidden text"] == 2
