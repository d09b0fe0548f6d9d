"""Chapters of plain text."""

from __future__ import annotations

from pathlib import Path

import pytest
from reading_kit import messages

from packager.reading import Chapter, DoubtKind, ReadBook, read_book
from packager.reading.heading_patterns import parse_numeral


def read(folder: Path, text: str, name: str = "book.txt") -> ReadBook:
    path = folder / name
    path.write_bytes(text.encode("utf-8"))
    return read_book(path)


def outline(reading: ReadBook) -> list[tuple[int, str]]:
    return [(chapter.level, chapter.title) for chapter in reading.book.chapters]


def test_chapters_and_sections_become_levels_and_an_empty_heading_joins_the_next(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        "楼组长手册\n\n序言\n\n写给楼组长。\n\n第一章 敲门\n\n先说自己是谁。\n\n第二章 上门\n\n"
        "第一节 看\n\n看灯亮不亮。\n\n第二节 问\n\n问一声好。\n\n第三章 回访\n\n过一周再来。\n",
    )
    assert reading.book.title == "楼组长手册"
    assert outline(reading) == [
        (1, "序言"),
        (1, "第一章 敲门"),
        (1, "第二章 上门\u3000第一节 看"),
        (2, "第二节 问"),
        (1, "第三章 回访"),
    ]
    assert reading.doubts == ()


@pytest.mark.parametrize(
    "headings",
    [
        ["第一回 门外来客", "第二回 一碗热面", "第三回 雨中送伞"],
        ["第1讲：防火", "第2讲：防电", "第3讲：防骗"],
        ["第〇一章", "第〇二章", "第〇三章"],
        ["第一百零九章 秋", "第一百一十章 冬", "第一百一十一章 春"],
        ["第壹篇 春", "第贰篇 夏", "第叁篇 秋"],
        ["第十二节　走路", "第十三节　吃饭", "第十四节　睡觉"],
        ["第一部分 吃", "第二部分 穿", "第三部分 住"],
        ["一、停水通知", "二、义诊", "三、重阳茶话会"],
        ["（一）停水通知", "（二）义诊", "（三）茶话会"],
        ["卷一 春", "卷二 夏", "卷三 秋"],
        ["序　言", "第一章 什么人会来敲门？", "附录一 电话"],
        ["春日篇", "夏日篇", "秋日篇"],
        ["【第一章】春", "【第二章】夏", "【第三章】秋"],
        ["上篇 春", "中篇 夏", "下篇 秋"],
        ["第一册", "第二册", "第三册"],
        ["第兩百章 春", "第兩百零一章 夏", "第兩百零二章 秋"],
        ["第一卷 第一章 春", "第一卷 第二章 夏", "第二卷 第三章 秋"],
        ["楔子 雨夜", "第一章 春", "尾声 回家"],
        ["前言：写给读者", "再版自序", "第一章 春"],
        ["Chapter 1 春", "Chapter 2 夏", "Chapter 3 秋"],
        ["一", "二", "三"],
        ["1. 春天", "2. 夏天", "3. 秋天"],
        ["001 春天", "002 夏天", "003 秋天"],
        ["☆、第一章 春", "☆、第二章 夏", "☆、第三章 秋"],
    ],
)
def test_numbering_of_every_kind_makes_chapters(tmp_path: Path, headings: list[str]) -> None:
    text = "\n\n".join(f"{heading}\n\n这一段是正文，讲的是日常生活。" for heading in headings)
    reading = read(tmp_path, text)
    titles = [" ".join(heading.replace("】", " ").lstrip("【☆、").split()) for heading in headings]
    assert [title for _, title in outline(reading)] == titles
    assert reading.doubts == ()


@pytest.mark.parametrize(
    "line",
    [
        "第一条 居民应当爱护楼道里的公共设施。",
        "第一章讲的是怎样过马路。",
        "第二章的内容比第一章多。",
        "第三次打电话来，他才说自己要钱。",
        "（一）突出一个“早”字，在宣传上抓早抓细。一是上门宣传。二是张贴海报。",
        "（一）修改章程；",
        "一、先挂断电话，再问家里人。",
        "一是全面宣传，二是重点走访",
        "“第一章你读完了吗”，他问。",
    ],
)
def test_a_sentence_with_a_number_is_a_paragraph(tmp_path: Path, line: str) -> None:
    reading = read(tmp_path, f"前面有一段话，用来开头。\n{line}\n后面还有一段话，用来结尾。\n")
    assert outline(reading) == [(1, "")]
    assert line in reading.book.chapters[0].paragraphs


def test_official_style_keeps_short_headings_and_run_in_headings_apart(tmp_path: Path) -> None:
    run_in = "（一）突出“实”，在服务居民上见行动。一是送餐上门。二是陪同就医。"
    reading = read(
        tmp_path,
        f"现将本月工作汇报如下：\n一、工作情况\n{run_in}\n二、存在问题\n一是人手不足。\n三、下步打算\n继续招募志愿者。\n",
    )
    assert outline(reading) == [(1, ""), (1, "一、工作情况"), (1, "二、存在问题"), (1, "三、下步打算")]
    assert reading.book.chapters[1].paragraphs == (run_in,)
    assert reading.book.title == "book"


def test_numbered_lines_that_do_not_count_up_with_text_between_are_no_chapters(tmp_path: Path) -> None:
    for text in (
        "请带好：\n1. 身份证\n2. 医保卡\n3. 老花镜\n我们等您。\n",
        "1. 春天\n正文在这里。\n5. 夏天\n正文在这里。\n7. 秋天\n正文在这里。\n",
        "第一章 甲\n1. 春天\n正文。\n2. 夏天\n正文。\n3. 秋天\n正文。\n第二章 乙\n正文。\n",
    ):
        assert not any(title.startswith(("1", "2")) for _, title in outline(read(tmp_path, text)))


def test_a_list_with_no_text_between_its_lines_is_no_row_of_chapters(tmp_path: Path) -> None:
    reading = read(tmp_path, "请大家带好：\n一、身份证\n二、医保卡\n三、老花镜\n我们在门口等您。\n")
    assert outline(reading) == [(1, "")]
    assert len(reading.book.chapters[0].paragraphs) == 5


def test_a_contents_page_is_counted_and_not_taken_for_chapters(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        "出行手册\n\n目 录\n\n序言 ……… 1\n第一章 走路 ……… 3\n第二章 坐车\t12\n\n序言\n\n写在前头的话。\n\n"
        "第一章 走路\n\n靠右边走。\n\n第二章 坐车\n\n坐稳扶好。\n",
    )
    assert outline(reading) == [(1, "序言"), (1, "第一章 走路"), (1, "第二章 坐车")]
    assert reading.left_out == {"line of a contents page": 4}


def test_a_contents_page_without_its_name_is_recognised(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        "第一章 走路\n第二章 坐车\n第三章 回家\n"
        "第一章 走路\n靠右边走。\n第二章 坐车\n坐稳扶好。\n第三章 回家\n报个平安。\n",
    )
    assert outline(reading) == [(1, "第一章 走路"), (1, "第二章 坐车"), (1, "第三章 回家")]
    assert reading.left_out == {"line of a contents page": 3}


def test_unnumbered_titles_are_found_by_the_contents_page(tmp_path: Path) -> None:
    reading = read(tmp_path, "故事集\n目录\n老槐树\n一盏灯\n老槐树\n村口有棵老槐树。\n一盏灯\n夜里亮着一盏灯。\n")
    assert outline(reading) == [(1, "老槐树"), (1, "一盏灯")]


def test_a_contents_page_may_have_lines_that_the_text_does_not_repeat(tmp_path: Path) -> None:
    contents = "目录\n老槐树\n【上编】\n一盏灯\n渡口\n"
    text = "老槐树\n村口有棵老槐树。\n一盏灯\n一、夜里\n夜里亮着灯。\n二、天亮\n灯灭了。\n渡口\n船来了。\n"
    reading = read(tmp_path, f"故事集\n{contents}{text}")
    assert [title for level, title in outline(reading) if level == 1] == ["老槐树", "一盏灯\u3000一、夜里", "渡口"]
    assert reading.left_out == {"line of a contents page": 5}


@pytest.mark.parametrize(
    ("above", "below"),
    [("第三章 归途", "导读"), ("第三章 本章导读", "第一章 远行"), ("第三章", "第二课 过桥"), ("第三章", "Chapter 3")],
)
def test_a_heading_right_under_a_numbered_one_is_joined_to_it(tmp_path: Path, above: str, below: str) -> None:
    before = "第一章 出门\n正文在这里。\n第二章 进山\n正文在这里。\n"
    reading = read(tmp_path, f"{before}{above}\n{below}\n正文在这里。\n第四章 下山\n正文在这里。\n")
    assert [title for _, title in outline(reading)][2] == f"{above}\u3000{below}"
    assert len(reading.book.chapters) == 4


def test_a_title_may_begin_as_a_sentence_goes_on_if_the_numbers_count_up(tmp_path: Path) -> None:
    titles = ["第一章 春天……", "第二章 邻居", "第四章串门", "第五章与邻居来往", "第六章 不说再见"]
    reading = read(tmp_path, "".join(f"{title}\n正文在这里。\n" for title in titles))
    assert [title for _, title in outline(reading)] == titles


def test_a_marker_stands_before_a_number_with_its_title_right_after_it(tmp_path: Path) -> None:
    titles = ["第1章春天", "第2章夏天", "第3章秋天"]
    reading = read(tmp_path, "".join(f"正文 {title}\n正文在这里。\n" for title in titles))
    assert [title for _, title in outline(reading)] == titles


def test_the_bare_first_line_of_a_long_text_is_not_its_title_if_the_file_is_named_otherwise(tmp_path: Path) -> None:
    for length, title in ((4000, "老街故事"), (40, "大槐树")):
        assert read(tmp_path, "大槐树\n" + "村口有棵老槐树。\n" * length, "老街故事.txt").book.title == title


def test_front_matter_is_kept_and_the_author_found(tmp_path: Path) -> None:
    reading = read(
        tmp_path, "《晨光里》\n作者：李某某\n\n二〇二六年十一月印\n\n第一章 起床\n\n天亮了。\n第二章 散步\n出门了。\n"
    )
    assert (reading.book.title, reading.book.author) == ("晨光里", "李某某")
    assert reading.book.chapters[0] == Chapter("", ("作者：李某某", "二〇二六年十一月印"), 1)


def test_a_preface_inside_a_volume_belongs_to_it(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        "第一卷 春\n序言\n春天的话。\n第一章 雨\n下雨了。\n"
        "第二卷 夏\n序言\n夏天的话。\n第一章 风\n起风了。\n后记\n写完了。\n",
    )
    assert outline(reading) == [
        (1, "第一卷 春\u3000序言"),
        (2, "第一章 雨"),
        (1, "第二卷 夏\u3000序言"),
        (2, "第一章 风"),
        (1, "后记"),
    ]


def test_a_heading_with_nothing_under_it_is_kept_and_reported(tmp_path: Path) -> None:
    reading = read(tmp_path, "第一章 有\n正文在这里。\n第二章 缺\n第三章 又有\n正文在这里。\n第四章 完\n")
    assert outline(reading) == [(1, "第一章 有"), (1, "第三章 又有")]
    assert reading.book.chapters[0].paragraphs == ("正文在这里。", "第二章 缺")
    assert reading.book.chapters[1].paragraphs == ("正文在这里。", "第四章 完")
    assert messages(reading) == ("'第二章 缺' has no text", "'第四章 完' has no text")


def test_a_missing_chapter_number_is_reported(tmp_path: Path) -> None:
    reading = read(tmp_path, "第一章 甲\n正文。\n第二章 乙\n正文。\n第四章 丁\n正文。\n")
    assert len(reading.book.chapters) == 3
    assert messages(reading) == ("'第四章 丁' comes after '第二章 乙': is one missing, or not recognised?",)


def test_numbering_may_go_on_or_begin_again_in_a_new_volume(tmp_path: Path) -> None:
    again = read(tmp_path, "第一卷\n第一章\n文。\n第二章\n文。\n第二卷\n第一章\n文。\n")
    on = read(tmp_path, "第一卷\n第一章\n文。\n第二章\n文。\n第二卷\n第三章\n文。\n")
    assert again.doubts == on.doubts == ()


def test_each_line_is_a_paragraph(tmp_path: Path) -> None:
    reading = read(tmp_path, "第一句在这里。\r\n\r\n　　第二句在这里。\r第三句在这里，\n第四句在这里\n")
    assert reading.book.chapters[0].paragraphs == ("第一句在这里。", "第二句在这里。", "第三句在这里，", "第四句在这里")


def test_lines_wrapped_at_a_fixed_width_are_joined_and_this_is_said(tmp_path: Path) -> None:
    paragraph = "清晨的菜市场里人来人往大家一边挑菜一边聊天说着昨天晚上的新闻和今天的天气" * 4
    rows = [paragraph[i : i + 32] for i in range(0, len(paragraph), 32)]
    reading = read(tmp_path, "　　" + "\n".join(rows) + "。\n　　" + "\n".join(rows) + "。\n")
    assert reading.book.chapters[0].paragraphs == (paragraph + "。", paragraph + "。")
    assert "64 columns" in messages(reading)[0]


def test_verse_is_not_joined(tmp_path: Path) -> None:
    verse = "\n".join(["窗外一声雀", "门前半树花", "老人端茶坐", "孩子放学回"] * 5)
    reading = read(tmp_path, verse)
    assert reading.book.chapters[0].paragraphs[-1] == "孩子放学回"
    assert len(reading.book.chapters[0].paragraphs) == 19  # the first line is the title


def test_invisible_characters_are_removed_and_counted(tmp_path: Path) -> None:
    reading = read(tmp_path, "今\u200b天\u00ad天\ufeff气\x07好。\n＊＊＊\n------\n明天也好。\n")
    assert reading.book.chapters[0].paragraphs == ("今天天气好。", "明天也好。")
    assert reading.left_out == {"invisible character": 3, "control character": 1, "line without words": 2}


def test_full_width_punctuation_stays(tmp_path: Path) -> None:
    reading = read(tmp_path, "他说：“好！（真的）”，她问：“是吗？”\n")
    assert reading.book.chapters[0].paragraphs == ("他说：“好！（真的）”，她问：“是吗？”",)


def test_private_and_lost_characters_are_kept_and_reported(tmp_path: Path) -> None:
    reading = read(tmp_path, "姓名里有个\ue123字，还有一个\ufffd字。\n")
    assert "\ue123" in reading.book.chapters[0].paragraphs[0]
    kinds = {doubt.kind: doubt for doubt in reading.doubts}
    assert "private font" in kinds[DoubtKind.FONT].message and "\ue123" in kinds[DoubtKind.FONT].excerpt
    assert "was lost" in kinds[DoubtKind.DAMAGED].message and "\ufffd" in kinds[DoubtKind.DAMAGED].excerpt


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("十", 10),
        ("十二", 12),
        ("一二", 12),
        ("廿三", 23),
        ("两百零五", 205),
        ("壹拾贰", 12),
        ("一千零一", 1001),
        ("１０", 10),
    ],
)
def test_numerals_of_every_kind_are_understood(written: str, number: int) -> None:
    assert parse_numeral(written) == number


def test_other_text_has_no_number() -> None:
    assert parse_numeral("上") is None
