"""Files that are damaged, mislabelled or made to do harm: a clear error, soon, and nothing written."""

from __future__ import annotations

import io
import os
import re
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading_kit import messages

from packager.base.errors import InputError
from packager.reading import archive, read_book
from packager.reading.formats import pandoc

Make = Callable[..., Path]
MakePdf = Callable[..., Path]
Rewrite = Callable[[Path, str, Callable[[bytes], bytes]], Path]

FEW = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SHARES = st.integers(0, 999)  # a document is not of the same length each time that it is made
SECONDS = 20  # of processor time, well above what is promised
ENTITIES = b'<!DOCTYPE x [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'


def spent() -> float:
    """The processor seconds of this process and of its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def refusal(path: Path) -> str:
    before = sorted(path.parent.iterdir())
    start = spent()
    with pytest.raises(InputError) as caught:
        read_book(path)
    assert spent() - start < SECONDS
    assert sorted(path.parent.iterdir()) == before
    return str(caught.value)


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "what", "advice"),
    [
        (OLE + "EncryptedPackage".encode("utf-16-le"), "locked with a password", "without"),
        (b"\x89PNG\r\n", "an image", "OCR"),
        (b"\xff\xd8\xff\xe0", "an image", "OCR"),
        (b"Rar!\x1a\x07\x00", "an archive", "unpack"),
        (b"\x1f\x8b\x08\x00", "an archive", "unpack"),
        (b"ID3\x04", "sound", "text file"),
    ],
)
@pytest.mark.parametrize("name", ["book.txt", "book.docx", "book.bin"])
def test_an_unreadable_file_is_named_with_advice(
    tmp_path: Path, content: bytes, what: str, advice: str, name: str
) -> None:
    message = refusal(written(tmp_path, name, content + b"\0" * 100))
    assert re.search(f"{what}.*can't be read: .*{advice}", message)


@pytest.mark.parametrize(
    ("member", "what"),
    [("xl/workbook.xml", "spreadsheet"), ("ppt/presentation.xml", "presentation"), ("a.txt", "an archive")],
)
def test_archives_that_are_not_texts_are_named(tmp_path: Path, member: str, what: str) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        made.writestr(member, "x")
    assert what in refusal(written(tmp_path, "book.docx", stream.getvalue()))


def test_content_counts_and_not_the_ending(make: Make, make_pdf: MakePdf, tmp_path: Path) -> None:
    text = "# 第一章 甲\n\n正文。\n\n# 第二章 乙\n\n文。"
    for name, form in (("a.docx", "docx"), ("a.epub", "epub"), ("a.odt", "odt")):
        path = make(name, text).rename(tmp_path / "wrong.txt")
        reading = read_book(path)
        assert (reading.format, len(reading.book.chapters)) == (form, 2)
        assert "ending is '.txt'" in messages(reading)[0]
    path = make_pdf("a.pdf", [["正文在此，这一页的字还算多。"]]).rename(tmp_path / "wrong.docx")
    assert read_book(path).format == "pdf"
    assert read_book(written(tmp_path, "text.docx", "第一章 甲\n正文。\n".encode())).format == "txt"
    assert "damaged" in refusal(written(tmp_path, "noise.docx", bytes(range(256)) * 8))


@pytest.mark.parametrize(
    ("form", "member"), [("docx", "word/document.xml"), ("odt", "content.xml"), ("epub", "EPUB/nav.xhtml")]
)
def test_entities_are_refused_before_anything_resolves_them(
    make: Make, rewrite: Rewrite, form: str, member: str
) -> None:
    path = rewrite(make(f"book.{form}", "# 甲\n\n正文。"), member, lambda xml: ENTITIES + xml)
    message = refusal(path)
    assert "entities" in message and "root:" not in message


def test_a_page_can_not_make_pandoc_read_other_files(tmp_path: Path) -> None:
    secret = written(tmp_path, "secret.txt", b"Hidden-Words")
    page = f'<html><p>文。</p><iframe src="{secret}"></iframe><object data="{secret}">替</object></html>'
    reading = read_book(written(tmp_path, "page.html", page.encode()))
    assert "Hidden" not in str(reading.book)


@pytest.mark.parametrize(
    ("form", "member", "place"), [("docx", "word/document.xml", b"<w:body>"), ("odt", "content.xml", b"<office:body>")]
)
def test_bombs_are_refused_by_what_they_really_unfold_to(
    make: Make, rewrite: Rewrite, form: str, member: str, place: bytes
) -> None:
    bomb = place + b" " * (archive.MAX_UNPACKED_BYTES + 1)
    path = rewrite(make(f"book.{form}", "文。"), member, lambda xml: xml.replace(place, bomb, 1))
    assert path.stat().st_size < 200_000 + archive.MAX_UNPACKED_BYTES // 1000
    assert "expands beyond" in refusal(path)


@pytest.mark.parametrize("size", [10, 2**31])
def test_a_size_that_lies_is_not_believed(make: Make, size: int) -> None:
    path = make("book.docx", "正文。")
    data = bytearray(path.read_bytes())
    place = data.rfind(b"word/document.xml") - 46  # its entry in the archive's directory
    struct.pack_into("<I", data, place + 24, size)
    path.write_bytes(data)
    if size == 10:
        assert "damaged" in refusal(path)
    else:
        assert read_book(path).book.characters == 3


@pytest.mark.parametrize("form", ["docx", "odt"])
@pytest.mark.parametrize("member", ["../../evil.xml", "/etc/evil.xml", "a\\..\\evil.xml"])
def test_paths_out_of_the_archive_are_refused(make: Make, rewrite: Rewrite, form: str, member: str) -> None:
    assert "unsafe path" in refusal(rewrite(make(f"book.{form}", "文。"), member, lambda _: b"x"))


def test_an_archive_of_too_many_members_is_refused(make: Make) -> None:
    path = make("many.docx", "文。")
    with zipfile.ZipFile(path, "a") as made:
        for number in range(20_001):
            made.writestr(f"word/{number}.xml", b"")
    assert "too many files" in refusal(path)


@pytest.mark.parametrize("share", [0.01, 0.3, 0.9, 0.999])
@pytest.mark.parametrize("form", ["docx", "epub", "odt"])
def test_a_truncated_archive_is_damaged(make: Make, form: str, share: float) -> None:
    path = make(f"book.{form}", "# 甲\n\n正文。\n\n# 乙\n\n文。")
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    assert "damaged" in refusal(path)


def test_deep_nesting_is_refused(make: Make, rewrite: Rewrite, tmp_path: Path) -> None:
    deep = b"<w:sdt><w:sdtContent>" * 1000 + b"</w:sdtContent></w:sdt>" * 1000
    path = make("book.docx", "文。")
    path = rewrite(path, "word/document.xml", lambda x: x.replace(b"<w:body>", b"<w:body>" + deep, 1))
    assert "nested too deep" in refusal(path)
    page = b"<html>" + b"<blockquote>" * 400 + b"x" + b"</blockquote>" * 400
    assert "nested too deep" in refusal(written(tmp_path, "deep.html", page))


def test_a_page_that_keeps_pandoc_busy_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pandoc, "_SECONDS", 1.0)
    assert "more than 1 seconds of processor time" in refusal(
        written(tmp_path, "slow.html", b"<html>" + b"<ul><li>" * 3000)
    )


def test_a_giant_sparse_file_is_refused_at_once(tmp_path: Path) -> None:
    for name in ("giant.txt", "giant.docx"):
        with (tmp_path / name).open("wb") as stream:
            stream.truncate(2 * 1024**3)
        assert "larger than 64 MiB" in refusal(tmp_path / name)


def test_one_line_of_ten_million_characters_is_read(tmp_path: Path) -> None:
    start = spent()
    reading = read_book(written(tmp_path, "line.txt", "好".encode() * 10_000_000))
    assert reading.book.characters == 10_000_000
    assert spent() - start < SECONDS


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("brackets.md", "[" * 90_000),
        ("images.md", "![" * 90_000),
        ("stars.md", "*a " * 200_000),
        ("rows.md", "1. x\n" * 100_000),
        ("rows.txt", "好\n" * 500_000),
        ("cells.md", "|a" * 20_000 + "\n" + "|-" * 20_000 + "\n" + ("|b" * 20_000 + "\n") * 10),
        ("marks.txt", "a" + "\u0301\u0316" * 500_000),
    ],
)
def test_floods_of_signs_rows_and_marks_hold_nothing_up(tmp_path: Path, name: str, text: str) -> None:
    start = spent()
    try:
        read_book(written(tmp_path, name, text.encode()))
    except InputError as error:
        assert name in str(error)
    assert spent() - start < SECONDS


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no such device")
def test_a_device_is_refused(tmp_path: Path) -> None:
    (tmp_path / "zero.txt").symlink_to("/dev/zero")
    assert "not a regular file" in refusal(tmp_path / "zero.txt")


def test_a_member_whose_second_name_is_no_text_is_damage(make: Make) -> None:
    """An archive names each member twice; the flag for UTF-8 stands beside each."""
    path = make("book.epub", "# 第一章 甲\n\n正文。\n")
    content = bytearray(path.read_bytes())
    name = content.index(b"content.opf")  # in the header before the member itself
    header = content.rindex(b"PK\x03\x04", 0, name)
    content[header + 7] |= 0x08
    content[name] = 0x80
    path.write_bytes(content)
    assert "is damaged" in refusal(path)


@given(data=st.data())
@FEW
def test_a_damaged_document_is_read_or_refused(make: Make, make_pdf: MakePdf, data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(["docx", "epub", "odt", "html", "pdf"]))
    path = (
        make_pdf("book.pdf", [["第一章 甲", "正文在此，不多不少。"]])
        if form == "pdf"
        else make(f"book.{form}", "# 第一章 甲\n\n正文[^1]。\n\n[^1]: 注。\n\n| 子 | 丑 |\n|--|--|\n| 寅 | 卯 |\n")
    )
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(SHARES) * len(content) // 1000
        content[place] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del content[data.draw(SHARES) * len(content) // 1000 :]
    path.write_bytes(content)
    try:
        reading = read_book(path)
    except InputError as error:
        assert str(path) in str(error)
    else:
        assert reading.book.characters > 0


@given(content=st.binary(max_size=300), start=st.sampled_from([b"PK\x03\x04", b"%PDF-1.4\n", b"<html>", b""]))
@FEW
def test_any_bytes_under_any_ending_are_read_or_refused(tmp_path: Path, content: bytes, start: bytes) -> None:
    for name in ("book.docx", "book.epub", "book.odt", "book.html", "book.pdf"):
        path = written(tmp_path, name, start + content)
        try:
            reading = read_book(path)
        except InputError as error:
            assert str(path) in str(error)
        else:
            assert all(chapter.paragraphs for chapter in reading.book.chapters)
