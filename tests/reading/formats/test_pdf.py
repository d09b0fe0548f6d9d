"""PDF with a text layer."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont
from reading_kit import messages

from packager.arranging.prepare import prepare_tracklist
from packager.base.errors import InputError
from packager.base.workspace import Settings, Workspace
from packager.reading import ReadOptions, read_book
from packager.reading.cleaning import hanzi_for_radicals
from packager.reading.formats.pdf import join_pages
from packager.reading.formats.pdf_checks import document_title, garbled_pages, low_scores
from packager.reading.formats.pdf_layout import rows_of
from packager.reading.formats.pdf_process import Extract, Fragment, PdfPage
from packager.reading.nouns import DoubtKind

MakePdf = Callable[..., Path]

SENTENCE = "清晨的菜市场里人来人往大家一边挑菜一边聊天说着昨天晚上的新闻和今天的天气"

SCANNED = ("第一章 走路", "清晨的菜市场里人来人往，", "大家一边挑菜一边聊天。")
FONTS = (
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
    Path("/System/Library/Fonts/PingFang.ttc"),
    Path("C:/Windows/Fonts/simsun.ttc"),
)


def wrapped(text: str, width: int = 30) -> list[str]:
    return [text[i : i + width] for i in range(0, len(text), width)]


def book_of(pages: int) -> list[list[str] | None]:
    """Chapters of two pages with running heads and page numbers; paragraphs go over the edges of pages."""
    found: list[list[str] | None] = []
    for page in range(1, pages + 1):
        chapter = (page + 1) // 2
        title = f"第{'一二三四五六七八九十'[chapter - 1]}章 讲第{chapter}件事"
        body = wrapped(f"这是第{page}页。" + SENTENCE * 3)
        full = body[: len(body) - 1]  # its last row goes on to the next page
        rows = [title, *full] if page % 2 else ["邻里手册", *full, "完了。"]
        found.append([*rows, f"- {page} -"])
    return found


def test_rows_become_paragraphs_and_heads_and_numbers_are_counted(make_pdf: MakePdf) -> None:
    reading = read_book(make_pdf("book.pdf", book_of(10)))
    assert [chapter.title for chapter in reading.book.chapters] == [
        f"第{numeral}章 讲第{n}件事" for n, numeral in enumerate("一二三四五", start=1)
    ]
    assert reading.left_out == {"page number": 10, "running head": 5}
    first = reading.book.chapters[0].paragraphs
    assert len(first) == 1
    assert first[0].startswith("这是第1页。清晨") and first[0].endswith("完了。") and "这是第2页。" in first[0]


def test_a_chapter_title_that_is_repeated_as_a_running_head_is_kept_once(make_pdf: MakePdf) -> None:
    pages = [["第一章 走路", *wrapped(f"{n}甲" + SENTENCE * 2 + "。")] for n in range(4)]
    pages += [["第二章 坐车", *wrapped(f"{n}乙" + SENTENCE * 2 + "。")] for n in range(4)]
    reading = read_book(make_pdf("book.pdf", pages))
    assert [chapter.title for chapter in reading.book.chapters] == ["第一章 走路", "第二章 坐车"]
    assert reading.left_out == {"running head": 6}


def test_a_running_foot_that_hangs_on_the_last_row_is_taken_off(make_pdf: MakePdf) -> None:
    pages = [[*wrapped(f"第{n}次。" + SENTENCE * 2), "完了。", "邻里手册"] for n in range(5)]
    pages[2][-2:] = ["完了。邻里手册"]
    pages.append(["他说的是邻里手册"])
    reading = read_book(make_pdf("book.pdf", pages))
    body = "".join(reading.book.chapters[0].paragraphs)
    assert body.count("邻里手册") == 1 and body.count("完了。") == 5
    assert body.endswith("他说的是邻里手册")
    assert reading.left_out == {"running head": 5}


def test_numbers_that_do_not_count_the_pages_are_text(make_pdf: MakePdf) -> None:
    pages = [["记下这些号码。", "120"], ["还有这一个。", "110"], ["再有一个。", "119"]]
    reading = read_book(make_pdf("book.pdf", pages))
    assert reading.book.chapters[0].paragraphs == ("记下这些号码。", "120", "还有这一个。", "110", "再有一个。", "119")


def test_a_mark_that_stands_alone_in_a_row_is_not_lost(make_pdf: MakePdf) -> None:
    rows = ["第一章 甲", *wrapped(SENTENCE * 2, 36), "。", "第二章 乙", "正文。"]
    reading = read_book(make_pdf("book.pdf", [rows, rows[-2:]]))
    assert reading.book.chapters[0].paragraphs[0].endswith("天气。")
    assert reading.left_out == {}


def test_no_character_of_the_body_is_lost(make_pdf: MakePdf) -> None:
    pages = book_of(10)
    body = "".join(row for rows in pages for row in (rows or [])[1:-1])
    chapters = read_book(make_pdf("book.pdf", pages)).book.chapters
    assert "".join("".join(chapter.paragraphs) for chapter in chapters) == body


def test_title_of_the_document_and_pages_without_text(make_pdf: MakePdf) -> None:
    pages = [
        ["第一章 甲", "正文在此，不多不少，刚好这么长，一页的字也就够了。"],
        None,
        ["第二章 乙", "正文还有，就这么多，也是刚好，再写下去就没有了。"],
    ]
    reading = read_book(make_pdf("book.pdf", pages, info="邻里手册"))
    assert reading.book.title == "邻里手册"
    assert reading.left_out == {"page without text": 1, "image": 1}
    assert "1 of 3 pages have no text" in messages(reading)[0]


def test_radicals_that_look_like_hanzi_are_read_as_hanzi(make_pdf: MakePdf) -> None:
    pages = [
        ["第\u2f00章 \u2f9b路", "他\u2f9b得快，\u2ed3\u2ed4外有\u2ecb，\u2f8f\u2f08不少，一共２０个Ⅳ。"],
        ["第\u2f06章 坐\u2ecb", "\u2ee2不停，\uf9b4路不停，①也不停，ＡＢＣ（全角）也一样！"],
    ]
    book = read_book(make_pdf("book.pdf", pages, info="\u2f9b\u2ecb记")).book
    assert book.title == "走车记"
    assert [chapter.title for chapter in book.chapters] == ["第一章 走路", "第二章 坐车"]
    assert [chapter.paragraphs for chapter in book.chapters] == [
        ("他走得快，长门外有车，行人不少，一共２０个Ⅳ。",),
        ("马不停，領路不停，①也不停，ＡＢＣ（全角）也一样！",),
    ]


def test_every_radical_becomes_a_character_of_another_block_or_stays() -> None:
    radicals = "".join(map(chr, (*range(0x2E80, 0x2EF4), *range(0x2F00, 0x2FD6))))
    hanzi = hanzi_for_radicals(radicals)
    assert len(hanzi) == len(radicals)
    stayed = [before for before, after in zip(radicals, hanzi, strict=True) if before == after]
    assert len(stayed) == 15 and max(stayed) < "\u2f00"
    pairs = "\u2e81厂\u2ea0民\u2ec1虎\u2ed3长\u2eda页\u2ee2马\u2ee9黄\u2ef0龙\u2ef3龟\u2f00一\u2fd5龠"
    assert hanzi_for_radicals(pairs[::2]) == pairs[1::2]
    assert hanzi_for_radicals("全角（，）Ａ①々〇") == "全角（，）Ａ①々〇"


def test_columns_that_are_drawn_row_by_row_are_read_one_after_the_other(make_pdf: MakePdf) -> None:
    text = (SENTENCE * 5)[:170] + "。"
    left, right = wrapped("左" + text, 15), wrapped("右" + text, 15)
    mixed = [f"{a:\u3000<15}  {b}" for a, b in zip(left, right, strict=True)]
    reading = read_book(make_pdf("book.pdf", [wrapped(SENTENCE * 8 + "。"), mixed]))
    heard = "".join(reading.book.chapters[0].paragraphs)
    assert heard == SENTENCE * 8 + "。" + "左" + text + "右" + text


def test_a_scan_is_named_as_one(make_pdf: MakePdf) -> None:
    with pytest.raises(InputError, match=r"scanned PDF: its 3 pages.*read --ocr"):
        read_book(make_pdf("book.pdf", [None, None, None]))


def test_a_locked_pdf_is_named_as_one(make_pdf: MakePdf) -> None:
    from pypdf import PdfReader, PdfWriter

    path = make_pdf("book.pdf", [["正文在此。"]])
    writer = PdfWriter(clone_from=PdfReader(path))
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(path)
    with pytest.raises(InputError, match="locked with a password"):
        read_book(path)
    writer = PdfWriter(clone_from=PdfReader(make_pdf("open.pdf", [["正文在此。", "还有。"]])))
    writer.encrypt("", owner_password="secret", algorithm="RC4-128")
    writer.write(path)
    assert read_book(path).book.chapters[0].paragraphs == ("正文在此。", "还有。")


def test_a_cut_pdf_is_refused_or_read(make_pdf: MakePdf) -> None:
    path = make_pdf("book.pdf", book_of(4))
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(InputError, match=r"book\.pdf: the PDF can't be read"):
        read_book(path)


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("<4D6963726F736F667420576F7264202D20C1DAC0EFCAD6B2E12E646F63>", "邻里手册"),
        ("<FEFF90BB91CC>", "邻里"),
        ("Microsoft Word - 1.doc", ""),
        ("<not hexadecimal>", "<not hexadecimal>"),
        ("¹Ø ÓÚ ¾ü ÊÂ", ""),
        ("oö\x01", ""),
    ],
)
def test_titles_in_properties_are_decoded_or_dropped(written: str, title: str) -> None:
    assert document_title(written) == title


def page_of(text: str, unmapped: int = 0) -> PdfPage:
    return PdfPage((Fragment(text, 0, 0, 10.0 * len(text), 10),), characters=len(text), unmapped=unmapped)


@pytest.mark.parametrize(
    ("text", "unmapped"),
    [
        ("¹Ø ÓÚ ºì ¾ü ×÷ Õ½ µÄ Ô­ Ôò", 0),
        ("\ue001\ue002\ue003\ue004\ue005\ue006\ue007\ue008" * 3, 0),
        ("".join(map(chr, range(0x4E80, 0x4F80))), 0),
        (SENTENCE * 3, 9),
    ],
)
def test_garbled_text_is_refused_and_one_garbled_page_is_a_grave_doubt(text: str, unmapped: int) -> None:
    sound = page_of(SENTENCE * 3)
    with pytest.raises(InputError, match=r"garbled.*read --ocr"):
        garbled_pages(Extract((page_of(text, unmapped), sound), "", "", ()), Path("a.pdf"))
    (doubt,) = garbled_pages(Extract((*[sound] * 9, page_of(text, unmapped)), "", "", ()), Path("a.pdf"))
    assert (doubt.kind, doubt.grave, doubt.page, doubt.count) == (DoubtKind.MOJIBAKE, True, 10, 1)
    assert garbled_pages(Extract((sound, page_of("• 第一条 \ue001 a²")), "", "", ()), Path("a.pdf")) == []


def placed(*rows: tuple[str, float, float, float]) -> PdfPage:
    """A page of rows: text, left edge, line, size."""
    return PdfPage(tuple(Fragment(text, x, y, x + len(text) * size, y + size) for text, x, y, size in rows))


def test_columns_under_a_heading_over_both_are_read_in_order() -> None:
    left = [("左" * 15, 50.0, 700.0 - 20 * n, 10.0) for n in range(8)]
    right = [("右" * 15, 250.0, 700.0 - 20 * n, 10.0) for n in range(8)]
    crossed = [row for pair in zip(left, right, strict=True) for row in pair]
    (rows,), _marks = rows_of([placed(("标题在两栏之上" * 3, 60.0, 740.0, 16.0), *crossed)])
    assert [row.text[0] for row in rows] == ["标", *"左" * 8, *"右" * 8]
    table = [
        cell
        for n in range(8)
        for cell in (("姓名", 50.0, 700.0 - 20 * n, 10.0), ("三号楼", 250.0, 700.0 - 20 * n, 10.0))
    ]
    (rows,), _marks = rows_of([placed(*table)])
    assert rows[0].text == "姓名  三号楼"


def test_notes_at_the_foot_follow_the_paragraph_and_their_marks_are_taken_out() -> None:
    body = [("正" * 30, 50.0, 700.0 - 20 * n, 10.0) for n in range(10)]
    mark = ("①", 350.0, 703.5, 6.0)
    notes = [("① 桥名，在村口。", 50.0, 90.0, 7.0), ("② 人名。", 50.0, 78.0, 7.0)]
    second = [("完了。", 50.0, 700.0, 10.0), ("下一段。", 70.0, 680.0, 10.0)]
    pages, marks = rows_of([placed(*body, mark, *notes), placed(*second)])
    assert (marks, [row.is_note for row in pages[0]]) == (1, [False] * 10 + [True] * 2)
    paragraphs = join_pages([[row for row in rows if not row.is_note] for rows in pages], {0: ["注：桥名。"]})
    assert paragraphs == ["正" * 300 + "完了。", "注：桥名。", "下一段。"]


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of Hanzi as a picture in a PDF."""
    pytest.importorskip("rapidocr_onnxruntime", reason="text recognition is not installed: pip install '.[ocr]'")
    font = next((path for path in FONTS if path.exists()), None)
    if font is None:
        pytest.skip("there is no Chinese font: install fonts-noto-cjk")
    picture = Image.new("L", (1240, 900), 255)
    draw = ImageDraw.Draw(picture)
    for row, text in enumerate(SCANNED):
        draw.text((120, 120 + 90 * row), text, 0, ImageFont.truetype(str(font), 40))
    path = tmp_path_factory.mktemp("scan") / "scan.pdf"
    picture.save(path, resolution=150)
    return path


@pytest.mark.exhaustive
def test_a_scan_is_recognized_when_asked(scan: Path) -> None:
    with pytest.raises(InputError, match="scanned PDF"):
        read_book(scan)
    reading = read_book(scan, options=ReadOptions(ocr=True))
    heard = "".join(chapter.title + "".join(chapter.paragraphs) for chapter in reading.book.chapters)
    assert [char for text in SCANNED for char in text if "\u4e00" <= char <= "\u9fff" and char not in heard] == []


@pytest.mark.exhaustive
def test_a_scan_in_a_playlist_with_ocr_has_the_tracks_of_what_is_recognized(scan: Path, tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    shutil.copy(scan, tmp_path / "texts")
    playlist = tmp_path / "p.yaml"
    playlist.write_text("playlist: p\ntitle: 春\nitems:\n- book: texts/scan.pdf\n", "utf-8")
    with pytest.raises(InputError, match="'ocr: true' in the playlist"):
        prepare_tracklist(Workspace(tmp_path, Settings()), playlist)
    playlist.write_text(playlist.read_text("utf-8") + "  ocr: true\n", "utf-8")
    prepared = prepare_tracklist(Workspace(tmp_path, Settings()), playlist)
    assert SCANNED[1].strip("，") in str(prepared)


def test_rows_of_which_recognition_was_not_sure_are_doubts() -> None:
    page = PdfPage((Fragment("清楚的一行", 0, 0, 50, 10, 0.97), Fragment("不清楚的一行", 0, 20, 50, 30, 0.61)))
    (doubt,) = low_scores(Extract((page,), "", "", ()))
    assert (doubt.kind, doubt.page, doubt.excerpt) == (DoubtKind.RECOGNITION, 1, "不清楚的一行")
    assert "61 %" in doubt.message
