"""Plain text as download sites write it: advertisements, wrapped and repeated headings, other shapes of headings."""

from __future__ import annotations

from pathlib import Path

import pytest

from packager.reading import ReadBook, read_book

PROSE = "王奶奶早上去菜市场买菜，回来的路上碰见了老同事，两个人说了半天的话，都很高兴。\n" * 12


def read(tmp_path: Path, text: str) -> ReadBook:
    path = tmp_path / "书.txt"
    path.write_text(text, "utf-8")
    return read_book(path)


def titles(reading: ReadBook) -> list[str]:
    return [chapter.title for chapter in reading.book.chapters]


@pytest.mark.parametrize(
    ("form", "title"),
    [
        ("[(第{n}章 春天{n})]", "第{n}章 春天{n}"),
        ("【第{n}章】", "第{n}章"),
        ("《第{n}章 春天》", "第{n}章 春天"),
        ("☆、第{n}章 春天", "第{n}章 春天"),
        ("正文 第{n}章 春天", "第{n}章 春天"),
        ("《》目录 第{n}回 春天", "第{n}回 春天"),
        ("正文 第{n}章春天来了", "第{n}章春天来了"),
        ("=== 第{n}节 春天 ===", "第{n}节 春天"),
    ],
)
def test_headings_stand_in_brackets_and_after_markers(tmp_path: Path, form: str, title: str) -> None:
    reading = read(tmp_path, "".join(f"{form.format(n=n)}\n{PROSE}" for n in range(1, 6)))
    assert titles(reading) == [title.format(n=n) for n in range(1, 6)]


@pytest.mark.parametrize(
    "line",
    ["第8集团军的进攻", "第14集团军", "第二卷约在春天写成", "第三回合", "第二部队的人都走了", "第一集团军向北走"],
)
def test_numbers_in_text_are_no_headings(tmp_path: Path, line: str) -> None:
    reading = read(tmp_path, f"第一章 前线\n{PROSE}{line}\n{PROSE}第二章 后方\n{PROSE}")
    assert titles(reading) == ["第一章 前线", "第二章 后方"]
    assert line in reading.book.chapters[0].paragraphs


@pytest.mark.parametrize(
    "headings",
    [
        ["1科学", "2台球", "3农场", "4长夜"],
        ["一 青山依旧", "二 明月几时", "三 高山流水", "四 故人西辞"],
        ["I", "II", "III", "IV", "V"],
        ["海上见闻其一", "海上见闻其二", "海上见闻其三"],
        ["《三十年》之一", "《三十年》之二", "《三十年》之三"],
        ["第一夜", "第二夜", "第三夜", "第四夜"],
        ["正文 大雪", "正文 小寒", "正文 立春", "正文 雨水", "正文 清明"],
        ["【大雪】", "【小寒】", "【立春】", "【雨水】", "【清明】"],
    ],
)
def test_headings_of_any_shape_are_found(tmp_path: Path, headings: list[str]) -> None:
    reading = read(tmp_path, "".join(f"{heading}\n{PROSE}" for heading in headings))
    assert titles(reading) == [heading.strip("【】") for heading in headings]


NAMES = ["大雪", "小寒", "立春", "雨水", "清明", "谷雨"]
INDENTED = "".join(f"\u3000\u3000{line}\n" for line in PROSE.splitlines())


def test_short_lines_farther_to_the_left_than_all_paragraphs_are_headings(tmp_path: Path) -> None:
    reading = read(tmp_path, "".join(f" {name}\n{INDENTED}\u3000\u3000此致\n" for name in NAMES))
    assert titles(reading) == NAMES


def test_short_lines_farther_to_the_right_are_proposed_and_not_taken(tmp_path: Path) -> None:
    text = "\u3000\u3000开头的话，说的是节气。\n" + "".join(f"\u3000\u3000\u3000{name}\n{INDENTED}" for name in NAMES)
    reading = read(tmp_path, text)
    assert titles(reading) == [""]
    (line,) = [doubt.message for doubt in reading.doubts if "may be headings" in doubt.message]
    assert 'chapters: {starts: ["大雪", "小寒", "立春", "雨水", "清明", "谷雨"]}' in line


@pytest.mark.parametrize(
    "line",
    [
        "本书由好书网（www.haoshu123.com）整理，更多精彩小说请登录好书网",
        "更多精彩好书，请访问http://www.haoshu123.com",
        "请记住本站域名：www.haoshu123.com",
        "本电子书仅供读者预览，请在下载24小时内删除，如果喜欢请购买正版",
        "一秒记住好书网，为您提供精彩小说阅读",
        "手机用户请浏览m.haoshu123.com阅读，更优质的阅读体验",
        "TXT小说下载",
    ],
)
def test_advertisements_are_left_out_counted_and_shown(tmp_path: Path, line: str) -> None:
    reading = read(tmp_path, f"第一章 甲\n{PROSE}{line}\n第二章 乙\n{PROSE}")
    assert reading.left_out["advertisement line"] == 1
    assert [(each.text, each.line) for each in reading.left_out_texts] == [(line, 14)]
    assert all(line not in chapter.paragraphs for chapter in reading.book.chapters)


def test_the_name_of_a_site_between_chapters_is_found_by_its_repetition(tmp_path: Path) -> None:
    names = ["好,书,t，xt,网", "好/书\\t=xt网", "好-书-t-xt-网", "好 书 txt 网"]
    reading = read(tmp_path, "".join(f"第{n}章 甲\n{PROSE}{name}\n" for n, name in enumerate(names, start=1)))
    assert reading.left_out["advertisement line"] == 4


@pytest.mark.parametrize(
    "line",
    [
        "详情请访问 www.shequ.gov.cn 查询",
        "网址https://www.example.com/a，看一看。",
        "他在图书馆下载了一份资料。",
        "请记住这个电话：110。",
        "咨询电话：12345，邮箱 a@example.com",
        "我们更多地关心老人。",
    ],
)
def test_notices_with_addresses_are_text(tmp_path: Path, line: str) -> None:
    assert line in read(tmp_path, f"{PROSE}{line}\n{PROSE}").book.chapters[0].paragraphs


def test_a_heading_that_stands_twice_is_said_once(tmp_path: Path) -> None:
    reading = read(tmp_path, "".join(f"第{n}章 春{n}\n\n第{n}章 春{n}\n{PROSE}" for n in range(1, 4)))
    assert titles(reading) == ["第1章 春1", "第2章 春2", "第3章 春3"]
    assert reading.left_out["heading that stands twice"] == 3


@pytest.mark.parametrize(
    ("first", "title", "author"),
    [
        ("《边城故事》TXT下载（全本）作者：王小明", "边城故事", "王小明"),
        ("[边城故事 / 王小明 著 ]", "边城故事", "王小明"),
        ("书名: 边城故事", "边城故事", ""),
        ("【书名】边城故事", "边城故事", ""),
        ("边城故事 作者：王小明", "边城故事", "王小明"),
        ("作者：王小明", "书", ""),
        ("_分节阅读_1", "书", ""),
    ],
)
def test_title_and_author_are_read_from_the_first_line(tmp_path: Path, first: str, title: str, author: str) -> None:
    book = read(tmp_path, f"{first}\n第一章 甲\n{PROSE}第二章 乙\n{PROSE}").book
    assert (book.title, book.author) == (title, author)


def test_a_line_with_the_author_alone_before_the_first_chapter_is_no_chapter(tmp_path: Path) -> None:
    reading = read(tmp_path, "《远山》\n作者：李四\n第一章 出门\n走了很久。\n第二章 回家\n到家了。\n")
    assert (reading.book.title, reading.book.author) == ("远山", "李四")
    assert titles(reading) == ["第一章 出门", "第二章 回家"]
    assert [each.text for each in reading.left_out_texts] == ["《远山》", "作者：李四"]


CONTENTS = """目 录
中译本序
第1章 旧的路
“谁在敲门？”
一条河
第2章 新的路
山的那边
译者后记

"""


def test_a_contents_list_is_found_where_the_text_writes_its_titles_otherwise(tmp_path: Path) -> None:
    headings = ("序言", "第一章　旧的路\n“谁在敲门？”", "一条河", "第二章·新的路", "山的那边", "译者后记")
    text = CONTENTS + "".join(f"{heading}\n{PROSE}" for heading in headings)
    reading = read(tmp_path, text)
    assert titles(reading) == [
        "序言",
        "第一章 旧的路\u3000“谁在敲门？”",
        "一条河",
        "第二章·新的路",
        "山的那边",
        "译者后记",
    ]
    assert len(reading.left_out_texts) == 8


def test_a_line_of_a_site_with_date_and_length_is_left_out(tmp_path: Path) -> None:
    reading = read(tmp_path, "第一章 出门\n更新时间2009-1-9 9:21:42  字数：1511\n走了很久。\n")
    assert [each.text for each in reading.left_out_texts] == ["更新时间2009-1-9 9:21:42 字数：1511"]


@pytest.mark.parametrize("prefix", ["第一梦 红蝗 ", "上篇 经营之道 "])
def test_a_volume_before_a_chapter_number_belongs_to_the_heading(tmp_path: Path, prefix: str) -> None:
    reading = read(tmp_path, "".join(f"{prefix}第0{number}章\n{PROSE}" for number in range(1, 5)))
    assert titles(reading) == [f"{prefix}第0{number}章" for number in range(1, 5)]


def test_a_first_line_drawn_as_a_table_row_names_the_title(tmp_path: Path) -> None:
    reading = read(tmp_path, "│ 远山记 │ 宋·某某 │\n第一章 出门\n走了很久。\n")
    assert reading.book.title == "远山记"
