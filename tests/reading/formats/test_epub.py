"""EPUB as books are: tolerant of their mistakes, divided by their own contents, with notes at their marks."""

from __future__ import annotations

from pathlib import Path

import pytest
from epub_kit import page, write_epub

from packager.base.errors import InputError
from packager.reading import ReadBook, ReadOptions, read_book

TEXT = "<p>春天来了，河边的柳树绿了。</p>"
HEARD = "春天来了，河边的柳树绿了。"
OPF = "<package mlns='x'><manifest>{}</manifest><spine>{}</spine></package>"


def outline(reading: ReadBook) -> list[tuple[int, str, tuple[str, ...]]]:
    return [(chapter.level, chapter.title, chapter.paragraphs) for chapter in reading.book.chapters]


def titles(reading: ReadBook) -> list[str]:
    return [chapter.title for chapter in reading.book.chapters]


def body_of(path: Path, body: str, **more: object) -> ReadBook:
    options = more.pop("options", None)
    return read_book(write_epub(path / "a.epub", {"a.xhtml": body}, **more), options=options)  # type: ignore[arg-type]


def test_titles_come_from_the_contents_where_the_pages_have_none(tmp_path: Path) -> None:
    pages = {"a.xhtml": TEXT, "b.xhtml": TEXT}
    reading = read_book(write_epub(tmp_path / "a.epub", pages, [("第1章 桥", "a.xhtml"), ("第2章 船", "b.xhtml")]))
    assert outline(reading) == [(1, "第1章 桥", (HEARD,)), (1, "第2章 船", (HEARD,))]
    assert (reading.book.title, reading.left_out, reading.doubts) == ("老街", {}, ())


@pytest.mark.parametrize(
    ("heading", "listed", "title"),
    [
        ("<h2>第一章</h2>", "第1章 桥", "第一章"),
        ('<h1><img src="t.jpg" alt="第一章 桥"/></h1>', "第1章", "第一章 桥"),
        ('<div><img src="t.jpg" alt=""/></div>', "第一章 桥", "第一章 桥"),
        ("<p>第一章</p><p>桥</p>", "第一章 桥", "第一章 桥"),
        ("<h1>第一章</h1><h2>桥</h2>", "第一章 桥", "第一章 桥"),
        ("<p>第一章　桥</p>", "第一章：桥", "第一章 桥"),
        ("<p>第一章</p>", "第一章 桥", "第一章 桥"),
        ('<p role="heading" aria-level="1">桥</p>', "桥（一）", "桥"),
    ],
)
def test_a_chapter_has_one_heading_however_its_page_writes_it(
    tmp_path: Path, heading: str, listed: str, title: str
) -> None:
    pages = {"a.xhtml": heading + TEXT, "b.xhtml": f"<h1>第二章</h1>{TEXT}"}
    reading = read_book(write_epub(tmp_path / "a.epub", pages, [(listed, "a.xhtml"), ("第二章", "b.xhtml")]))
    assert outline(reading) == [(1, title, (HEARD,)), (1, "第二章", (HEARD,))]
    assert not [doubt for doubt in reading.doubts if "Hanzi" in doubt.message]


def test_a_volume_of_a_flat_contents_list_is_joined_to_its_first_chapter(tmp_path: Path) -> None:
    pages = {"v.xhtml": '<img src="v.jpg" alt=""/>', "a.xhtml": f"<h1>第一章 桥</h1>{TEXT}", "b.xhtml": TEXT}
    contents = [("第一部 河", "v.xhtml"), ("第一章 桥", "a.xhtml"), ("第二章 船", "b.xhtml")]
    reading = read_book(write_epub(tmp_path / "a.epub", pages, contents))
    assert outline(reading) == [(1, "第一部 河\u3000第一章 桥", (HEARD,)), (2, "第二章 船", (HEARD,))]


def test_a_heading_that_another_entry_or_the_title_page_has_is_not_taken(tmp_path: Path) -> None:
    pages = {"a.xhtml": f"<h1>李某某</h1>{TEXT}", "b.xhtml": f"<h1>第二章 船</h1>{TEXT}"}
    contents = [("桥", "a.xhtml"), ("下编", "b.xhtml"), ("第二章 船", "b.xhtml")]
    reading = read_book(write_epub(tmp_path / "a.epub", pages, contents))
    assert titles(reading) == ["桥", "下编\u3000第二章 船"]


def test_the_longer_title_of_the_contents_stays_where_the_page_has_its_end(tmp_path: Path) -> None:
    pages = {"a.xhtml": f"<h1>第一节 桥</h1>{TEXT}", "b.xhtml": f"<h1>第二节 船</h1>{TEXT}"}
    contents = [("第一章 第一节 桥", "a.xhtml"), ("第一章 第二节 船", "b.xhtml")]
    reading = read_book(write_epub(tmp_path / "a.epub", pages, contents))
    assert titles(reading) == ["第一章 第一节 桥", "第一章 第二节 船"]


def test_chapters_in_one_page_begin_at_their_anchors(tmp_path: Path) -> None:
    body = f'<div id="x">{TEXT}</div><a id="y"></a><p>桥</p>{TEXT}<h3>小标题</h3>{TEXT}'
    contents = [("前言", "a.xhtml#x"), ("桥", "a.xhtml#y")]
    reading = body_of(tmp_path, body, contents=contents)
    assert outline(reading) == [(1, "前言", (HEARD,)), (1, "桥", (HEARD, "小标题", HEARD))]


def test_volumes_and_pages_without_text_and_a_listed_cover(tmp_path: Path) -> None:
    pages = {
        "cover.xhtml": '<img src="c.jpg"/>',
        "v.xhtml": '<img src="v.jpg"/>',
        "a.xhtml": f"<h2>第一回</h2>{TEXT}",
        "b.xhtml": f"<h2>第二回</h2>{TEXT}",
    }
    nested = (
        '<navPoint><navLabel><text>上卷</text></navLabel><content src="v.xhtml"/>'
        '<navPoint><navLabel><text>第一回</text></navLabel><content src="a.xhtml"/></navPoint></navPoint>'
        '<navPoint><navLabel><text>第二回</text></navLabel><content src="b.xhtml"/></navPoint>'
    )
    path = write_epub(tmp_path / "a.epub", pages, files={"OEBPS/toc.ncx": f"<ncx><navMap>{nested}</navMap></ncx>"})
    reading = read_book(path)
    assert titles(reading)[-1] == "第二回" and "第一回" in titles(reading)[0]
    assert reading.left_out == {"image": 2}


def test_a_nav_of_epub_3_is_read_and_not_spoken(tmp_path: Path) -> None:
    nav = (
        '<nav epub:type="toc"><ol><li><a href="a.xhtml">桥</a></li><li><span>下部</span><ol>'
        '<li><a href="b.xhtml">船</a></li></ol></li></ol></nav><nav epub:type="landmarks"><ol><li>x</li></ol></nav>'
    )
    pages = {"nav.xhtml": nav, "a.xhtml": TEXT, "b.xhtml": TEXT}
    more = '<item id="n" href="nav.xhtml" properties="nav"/>'
    order = '<itemref idref="nav.xhtml"/><itemref idref="a.xhtml"/><itemref idref="b.xhtml"/>'
    path = write_epub(tmp_path / "a.epub", pages, more=more, spine=order)
    reading = read_book(path)
    assert titles(reading) == ["桥", "下部　船"]


def test_a_page_of_links_is_the_contents_list(tmp_path: Path) -> None:
    names = [f"{n}.xhtml" for n in range(5)]
    links = "".join(f'<p><a href="{name}">第{n}回 说事</a></p>' for n, name in enumerate(names))
    pages = {"toc.xhtml": f"<h1>目录</h1>{links}", **dict.fromkeys(names, TEXT)}
    contents = [(f"第{n}回 说事", name) for n, name in enumerate(names)]
    reading = read_book(write_epub(tmp_path / "a.epub", pages, contents))
    assert [chapter.paragraphs for chapter in reading.book.chapters] == [(HEARD,)] * 5
    assert reading.left_out == {"line of a contents page": 5}


@pytest.mark.parametrize(
    ("mark", "note"),
    [
        ('<a epub:type="noteref" href="#n1">1</a>', '<aside epub:type="footnote" id="n1"><p>桥名。</p></aside>'),
        ('<sup><a id="r1" href="#n1">[1]</a></sup>', '<p id="n1"><a href="#r1">[1]</a> 桥名。</p>'),
        ('<a id="r1" href="#n1">①</a>', '<p><a id="n1" href="#r1">①</a>桥名。</p>'),
        ('<a class="duokan-footnote" href="#n1"><img alt="note"/></a>', '<ol><li id="n1">桥名。</li></ol>'),
        ('<img class="qqreader-footnote" alt="桥名。"/>', ""),
        ('<img class="zhangyue-footnote" zy-footnote="桥名。"/>', ""),
        ('<a id="r1" href="n.xhtml#n1">〔注1〕</a>', ""),
    ],
)
def test_a_note_is_read_once_at_its_mark(tmp_path: Path, mark: str, note: str) -> None:
    body = f"<p>过了桥{mark}就到了。</p><p>下一段。</p>{note}"
    pages = {
        "a.xhtml": body,
        "n.xhtml": '<p id="n1"><a href="a.xhtml#r1">〔注1〕</a>桥名。</p>' if "n.xhtml" in mark else "<p>完。</p>",
    }
    path = write_epub(tmp_path / "a.epub", pages)
    reading = read_book(path)
    heard = [text for chapter in reading.book.chapters for text in chapter.paragraphs]
    assert heard[:3] == ["过了桥就到了。", "注：桥名。", "下一段。"]
    assert "桥名" not in "".join(heard[3:])
    assert (reading.left_out["footnote mark"], reading.left_out.get("image")) == (1, None)
    bare = read_book(path, options=ReadOptions(notes=False))
    assert bare.book.chapters[0].paragraphs[:2] == ("过了桥就到了。", "下一段。")
    assert bare.left_out["footnote"] == 1
    for each in (reading, bare):
        assert not [doubt for doubt in each.doubts if "Hanzi" in doubt.message]


def test_a_link_to_another_part_of_the_text_is_no_note(tmp_path: Path) -> None:
    body = f'<p>参看<a href="#x">第二节</a>和<a href="#x">2</a>。</p><h2 id="x">第二节 船</h2>{TEXT}'
    assert body_of(tmp_path, body).book.chapters[0].paragraphs[0] == "参看第二节和2。"


def test_what_is_not_shown_is_not_read(tmp_path: Path) -> None:
    body = (
        '<p>甲<span epub:type="pagebreak" title="12">12</span>乙。</p><p hidden="hidden">一。</p>'
        '<p style="display: none">二。</p><p class="x">三。</p><p class="y">四。</p><script>五</script><p>丙。</p>'
    )
    css = "p.x, .z { display:none } @media amzn-mobi { .y { display: none } }"
    reading = body_of(
        tmp_path, body, files={"OEBPS/s.css": css}, more='<item id="s" href="s.css" media-type="text/css"/>'
    )
    assert reading.book.chapters[0].paragraphs == ("甲乙。", "四。", "丙。")
    assert reading.left_out == {"page break with a number": 1, "hidden text": 3}


def test_lists_and_tables(tmp_path: Path) -> None:
    body = (
        "<p>开始。</p><ol start='3'><li>身份证</li><li><p>医保卡</p></li></ol><ol><li>1. 自己编的号</li></ol>"
        "<ul><li>老花镜</li></ul><table><tr><td>日</td><td>事</td></tr><tr><td colspan='2'>停水</td></tr></table>"
        "<table><tr><td><p>框里。</p></td></tr></table>"
    )
    assert body_of(tmp_path, body).book.chapters[0].paragraphs == (
        "开始。", "3、身份证", "4、医保卡", "1. 自己编的号", "老花镜", "日，事", "停水", "框里。",
    )  # fmt: skip


@pytest.mark.parametrize(
    "files",
    [
        {"META-INF/container.xml": ""},
        {"META-INF/container.xml": "<container><rootfiles><rootfile full-path='oebps/Book.opf'/></rootfiles>"},
        {"OEBPS/book.opf": OPF.format("<item id='a' href='A%2Exhtml'/>", "<itemref idref='a'/>")},
        {"OEBPS/book.opf": "<o:package xmlns:o='wrong'><o:manifest><o:item href='a.xhtml'/></o:manifest>"},
        {"OEBPS/book.opf": OPF.format("<item href='a.xhtml'/>", "<itemref idref='gone'/><itemref idref='a.xhtml'/>")},
        {"OEBPS/book.opf": OPF.format("<item id='a' href='gone.xhtml'/><item id='a' href='a.xhtml'/>", "")},
        {"OEBPS/a.xhtml": "<html><head><title/></head><body><p>春天来了，河边的柳树绿了。<br><p/></body>"},
        {"OEBPS/a.xhtml": page("<p>春天来了，&ensp;&nbsp;河边的柳树绿了。</p>").replace("&ensp;&nbsp;", "&zwnj;")},
        {"OEBPS/a.xhtml": "\ufeff<?xml version='1.0'?><!DOCTYPE html>" + page(TEXT)},
        {"OEBPS/toc.ncx": "no contents"},
        {"OEBPS/toc.ncx": ""},
    ],
)  # fmt: skip
def test_books_with_mistakes_are_read_as_e_readers_read_them(tmp_path: Path, files: dict[str, str]) -> None:
    reading = body_of(tmp_path, TEXT, files=files)
    assert outline(reading) == [(1, "", (HEARD,))]


def test_a_page_in_another_encoding(tmp_path: Path) -> None:
    path = write_epub(tmp_path / "a.epub", {"a.xhtml": TEXT})
    import zipfile

    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    declared = '<?xml version="1.0" encoding="gb2312"?>' + page(TEXT)
    files["OEBPS/a.xhtml"] = declared.encode("gb18030")
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    assert read_book(path).book.chapters[0].paragraphs == (HEARD,)


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd"])
def test_a_target_outside_of_the_book_is_nothing(tmp_path: Path, name: str) -> None:
    path = write_epub(
        tmp_path / "a.epub", {"a.xhtml": TEXT}, [("甲", name)], more=f'<item id="e" href="{name}"/>',
        spine='<itemref idref="e"/><itemref idref="a.xhtml"/>',
    )  # fmt: skip
    assert read_book(path).book.chapters[0].paragraphs == (HEARD,)


def test_deep_pages_and_books_without_pages_are_refused(tmp_path: Path) -> None:
    deep = write_epub(tmp_path / "a.epub", {"a.xhtml": "<div>" * 1000 + "深" + "</div>" * 1000})
    with pytest.raises(InputError, match="nested too deep"):
        read_book(deep)
    with pytest.raises(InputError, match="does not say where its text is"):
        read_book(write_epub(tmp_path / "b.epub", {}))
