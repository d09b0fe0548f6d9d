"""DOCX, EPUB, ODT and HTML: the same book from each, and nothing of it lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from reading_kit import messages

from packager.base.errors import InputError
from packager.reading import ReadBook, ReadOptions, read_book

Make = Callable[..., Path]
Rewrite = Callable[[Path, str, Callable[[bytes], bytes]], Path]

FORMATS = ["docx", "epub", "odt", "html"]
HANDBOOK = """
写在前面的话。

# 第一章 敲门

先说自己是谁。再问一声好。

## 第一节 看

> 看灯亮不亮。

# 第二章 回访

过一周再来。
"""


def outline(reading: ReadBook) -> list[tuple[int, str, tuple[str, ...]]]:
    return [(chapter.level, chapter.title, chapter.paragraphs) for chapter in reading.book.chapters]


def spoken(reading: ReadBook) -> list[str]:
    return [text for chapter in reading.book.chapters for text in (chapter.title, *chapter.paragraphs) if text]


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_gives_the_same_book(make: Make, form: str) -> None:
    reading = read_book(make(f"book.{form}", HANDBOOK, title="楼组长手册", author="晨光社区"))
    chapters = outline(reading)
    if chapters[0][2][0] == "晨光社区":  # written as a line of the text too, where the format has no author
        chapters[0] = (1, "", chapters[0][2][1:])
    assert chapters == [
        (1, "", ("写在前面的话。",)),
        (1, "第一章 敲门", ("先说自己是谁。再问一声好。",)),
        (2, "第一节 看", ("看灯亮不亮。",)),
        (1, "第二章 回访", ("过一周再来。",)),
    ]
    assert (reading.book.title, reading.book.author, reading.format) == ("楼组长手册", "晨光社区", form)
    assert (dict(reading.left_out), reading.doubts) == ({}, ())


@pytest.mark.parametrize("form", FORMATS)
def test_lists_tables_and_breaks_are_read_as_a_person_would(make: Make, form: str) -> None:
    lists = "1. 身份证\n2. 医保卡\n\n- 老花镜\n\n| 日 | 事 |\n|---|---|\n| 周一 | 停水 |\n\n窗外\\\n雀声"
    text = f"# 甲\n\n{lists}\n\n# 乙\n\n文。"
    reading = read_book(make(f"book.{form}", text))
    first, second = ("1.", "2.") if form == "docx" else ("1、", "2、")  # as Word shows them
    assert reading.book.chapters[0].paragraphs == (
        f"{first}身份证",
        f"{second}医保卡",
        "老花镜",
        "日，事",
        "周一，停水",
        "窗外",
        "雀声",
    )


@pytest.mark.parametrize("form", FORMATS)
def test_tables_and_footnotes_can_be_left_out_and_are_counted(make: Make, form: str) -> None:
    text = "# 甲\n\n正文[^1]在此。\n\n[^1]: 注文。\n\n| 日 | 事 |\n|---|---|\n| 周一 | 停水 |\n\n# 乙\n\n文。"
    path = make(f"book.{form}", text, title="书")
    heard = read_book(path)
    assert heard.book.chapters[0].paragraphs == ("正文在此。", "注：注文。", "日，事", "周一，停水")
    assert heard.left_out == {"footnote mark": 1}
    bare = read_book(path, options=ReadOptions(tables=False, notes=False))
    assert bare.book.chapters[0].paragraphs == ("正文在此。",)
    assert bare.left_out == {"footnote": 1, "table": 1}
    assert bare.doubts == ()


@pytest.mark.parametrize("form", FORMATS)
def test_a_document_without_headings_is_divided_by_its_numbering(make: Make, form: str) -> None:
    text = "第一章 走路\n\n靠右边走。\n\n第二章 坐车\n\n坐稳扶好。\n"
    assert [title for _, title, _ in outline(read_book(make(f"book.{form}", text)))] == ["第一章 走路", "第二章 坐车"]


def test_an_image_is_counted(make: Make) -> None:
    reading = read_book(make("book.html", "# 甲\n\n看图。\n\n![](a.png)\n\n# 乙\n\n文。"))
    assert reading.left_out == {"image": 1}


@pytest.mark.parametrize(
    ("form", "member", "before", "ruby"),
    [
        (
            "docx",
            "word/document.xml",
            b"<w:body>",
            "<w:p><w:r><w:t>一个</w:t></w:r><w:r><w:ruby><w:rubyPr/><w:rt><w:r><w:t>jiao</w:t></w:r></w:rt><w:rubyBase>"
            "<w:r><w:t>角</w:t></w:r></w:rubyBase></w:ruby></w:r><w:r><w:t>落。</w:t></w:r></w:p>",
        ),
        (
            "odt",
            "content.xml",
            b"<office:text>",
            "<text:p>一个<text:ruby><text:ruby-base>角</text:ruby-base><text:ruby-text>jiao</text:ruby-text></text:ruby>"
            "落。</text:p>",
        ),
        ("epub", "EPUB/text/ch001.xhtml", b"</h1>", "<p>一个<ruby>角<rp>(</rp><rt>jiao</rt><rp>)</rp></ruby>落。</p>"),
    ],
)
def test_ruby_keeps_its_characters_and_counts_its_readings(
    make: Make, rewrite: Rewrite, form: str, member: str, before: bytes, ruby: str
) -> None:
    path = make(f"book.{form}", "# 甲\n\n正文。\n\n# 乙\n\n文。")
    path = rewrite(path, member, lambda xml: xml.replace(before, before + ruby.encode(), 1))
    reading = read_book(path)
    assert "一个角落。" in spoken(reading)
    assert reading.left_out == {"reading above characters (ruby)": 1}
    assert reading.doubts == ()


@pytest.mark.parametrize(
    ("form", "member", "before", "box"),
    [
        (
            "docx",
            "word/document.xml",
            b"<w:body>",
            "<w:p><w:r><w:pict><w:txbxContent><w:p><w:r><w:t>框里的话</w:t></w:r></w:p></w:txbxContent></w:pict></w:r></w:p>",
        ),
        (
            "odt",
            "content.xml",
            b"<office:text>",
            "<text:p>甲<draw:frame><draw:text-box><text:p>框里的话</text:p></draw:text-box></draw:frame></text:p>",
        ),
    ],
)
def test_a_text_box_is_heard_after_its_paragraph(
    make: Make, rewrite: Rewrite, form: str, member: str, before: bytes, box: str
) -> None:
    path = make(f"book.{form}", "# 甲\n\n正文。\n\n# 乙\n\n文。")
    path = rewrite(path, member, lambda xml: xml.replace(before, before + box.encode(), 1))
    assert "框里的话" in spoken(read_book(path))


def test_text_that_pandoc_drops_is_reported_and_counted(make: Make, rewrite: Rewrite) -> None:
    path = make("book.odt", "# 甲\n\n正文。\n\n# 乙\n\n文。")
    lost = "<text:unknown>丢了的话</text:unknown>".encode()
    path = rewrite(path, "content.xml", lambda xml: xml.replace(b"<office:text>", b"<office:text>" + lost, 1))
    reading = read_book(path)
    assert reading.left_out == {"Hanzi that could not be placed": 4}
    assert "4 Hanzi are in no paragraph" in messages(reading)[0]


@pytest.mark.parametrize("form", ["docx", "odt"])
def test_a_long_document_is_cut_for_pandoc_and_comes_out_whole(make: Make, form: str) -> None:
    paragraphs = [f"第{n}件事情要记在小本子上，回头好说给大家听，不要忘了。" for n in range(9000)]
    path = make(f"book.{form}", "# 甲\n\n" + "\n\n".join(paragraphs) + "\n\n1. 一\n2. 二\n")
    reading = read_book(path)
    numbers = ("1.", "2.") if form == "docx" else ("1、", "2、")
    assert reading.book.chapters[0].paragraphs == (*paragraphs, f"{numbers[0]}一", f"{numbers[1]}二")


def test_a_web_page_in_the_encoding_that_it_declares(tmp_path: Path) -> None:
    path = tmp_path / "page.htm"
    page = '<html><head><meta content="text/html; charset=big5"></head><body><p>記下電話。</p><p>記下號碼。</p>'
    path.write_bytes(page.encode("big5"))
    assert read_book(path).encoding == "big5hkscs"
    assert spoken(read_book(path)) == ["記下電話。", "記下號碼。"]
    path.write_bytes(page.replace("big5", "gb2312").encode("utf-8"))  # saved anew, but not declared so
    assert (read_book(path).encoding, spoken(read_book(path))) == ("utf-8", ["記下電話。", "記下號碼。"])


def test_scripts_styles_and_comments_of_a_page_are_not_text(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(
        "<!DOCTYPE html><title>通知</title><style>p{}</style><script>var 甲='<p>乙</p>'</script>"
        "<!-- 丙 --><p>明天停水。</p>",
        encoding="utf-8",
    )
    reading = read_book(path)
    assert (reading.book.title, spoken(reading), reading.doubts[1:]) == ("通知", ["明天停水。"], ())


def test_titles_of_the_contents_list_divide_an_e_book_without_headings(make: Make, rewrite: Rewrite) -> None:
    path = make("book.epub", "# 老槐树\n\n村口有棵老槐树。\n\n# 一盏灯\n\n夜里亮着一盏灯。\n")

    def without_headings(page: bytes) -> bytes:
        return page.replace(b"<h1", b"<p").replace(b"</h1>", b"</p>")

    for number in (1, 2):
        path = rewrite(path, f"EPUB/text/ch00{number}.xhtml", without_headings)
    assert [title for _, title, _ in outline(read_book(path))] == ["老槐树", "一盏灯"]


def test_a_page_outside_of_the_order_of_reading_is_counted(make: Make, rewrite: Rewrite) -> None:
    path = make("book.epub", "# 甲\n\n正文。\n\n# 乙\n\n文。")
    path = rewrite(
        path, "EPUB/content.opf", lambda opf: opf.replace(b'idref="ch002_xhtml"', b'idref="ch002_xhtml" linear="no"')
    )
    path = rewrite(path, "EPUB/text/title_page.xhtml", lambda _: b"<html/>")
    assert read_book(path).left_out == {"page outside the reading order": 1}


@pytest.mark.parametrize(
    ("algorithm", "refused"),
    [("http://www.w3.org/2001/04/xmlenc#aes128-cbc", True), ("http://www.idpf.org/2008/embedding", False)],
)
def test_protection_is_refused_and_scrambled_fonts_are_not(
    make: Make, rewrite: Rewrite, algorithm: str, refused: bool
) -> None:
    encryption = f'<encryption><e:EncryptionMethod Algorithm="{algorithm}"/></encryption>'.encode()
    path = rewrite(make("book.epub", HANDBOOK), "META-INF/encryption.xml", lambda _: encryption)
    if refused:
        with pytest.raises(InputError, match=r"copy protection \(DRM\).*ask the publisher"):
            read_book(path)
    else:
        assert len(read_book(path).book.chapters) == 4


def test_senseless_properties_are_not_taken_for_title_and_author(make: Make, rewrite: Rewrite) -> None:
    path = make("book.docx", "正文。\n\n还有。")
    core = b"<dc:title>Microsoft Word - 1.doc</dc:title><dc:creator>Administrator</dc:creator>"
    book = read_book(rewrite(path, "docProps/core.xml", lambda _: b"<x xmlns:dc='d'>" + core + b"</x>")).book
    assert (book.title, book.author) == ("book", "")


def test_an_encoding_can_not_be_forced_on_what_has_its_own(make: Make) -> None:
    with pytest.raises(InputError, match="leave out --encoding"):
        read_book(make("book.docx", HANDBOOK), encoding="gbk")
