"""DOCX by Word's own structure: automatic numbers, fields, tracked changes, hidden text, boxes, notes and tables."""

from __future__ import annotations

from pathlib import Path

import pytest
from docx_kit import field, level, lists, paragraph, run, write_docx

from packager.base.errors import InputError
from packager.reading import ReadBook, ReadOptions, read_book
from packager.reading.formats.word_numerals import numeral


def spoken(reading: ReadBook) -> list[str]:
    """All that is heard; a first line that was taken for the title is a part of it."""
    title = [reading.book.title] if reading.book.title != reading.source.stem else []
    return title + [text for chapter in reading.book.chapters for text in (chapter.title, *chapter.paragraphs) if text]


def said(path: Path, body: str, **parts: str) -> list[str]:
    return spoken(read_book(write_docx(path / "a.docx", body, **parts)))


@pytest.mark.parametrize(
    ("form", "first", "later"),
    [
        ("decimal", "1", {12: "12"}),
        ("decimalZero", "01", {12: "12", 100: "100"}),
        ("decimalFullWidth", "１", {12: "１２"}),
        ("decimalEnclosedCircle", "①", {20: "⑳", 21: "21"}),
        ("decimalEnclosedParen", "⑴", {20: "⒇"}),
        ("decimalEnclosedFullstop", "⒈", {20: "⒛"}),
        ("upperRoman", "I", {4: "IV", 49: "XLIX"}),
        ("lowerRoman", "i", {9: "ix"}),
        ("upperLetter", "A", {26: "Z", 27: "AA", 28: "BB"}),
        ("lowerLetter", "a", {3: "c"}),
        ("chineseCounting", "一", {10: "十", 11: "十一", 20: "二十", 99: "九十九", 101: "一〇一"}),
        (
            "chineseCountingThousand",
            "一",
            {10: "十", 21: "二十一", 101: "一百零一", 110: "一百一十", 1010: "一千零一十"},
        ),
        ("taiwaneseCountingThousand", "一", {12: "十二"}),
        ("japaneseCounting", "一", {100: "百", 101: "百一", 215: "二百十五"}),
        ("ideographDigital", "一", {12: "一二", 100: "一〇〇"}),
        ("chineseLegalSimplified", "壹", {10: "壹拾", 25: "贰拾伍"}),
        ("ideographLegalTraditional", "壹", {3: "參"}),
        ("ideographTraditional", "甲", {10: "癸", 11: "11"}),
        ("ideographZodiac", "子", {12: "亥", 13: "13"}),
        ("ideographZodiacTraditional", "甲子", {60: "癸亥"}),
        ("ideographEnclosedCircle", "㊀", {10: "㊉"}),
        ("ordinal", "1st", {2: "2nd", 3: "3rd", 11: "11th", 22: "22nd"}),
        ("zeros3", "001", {12: "012"}),
        ("somethingNew", "1", {7: "7"}),
    ],
)
def test_numbers_are_written_as_word_writes_them(form: str, first: str, later: dict[int, str]) -> None:
    assert numeral(1, form) == first
    assert {value: numeral(value, form) for value in later} == later


def test_chapters_and_sections_are_numbered_through_styles_that_inherit(tmp_path: Path) -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/><w:pPr><w:numPr>'
        '<w:numId w:val="1"/></w:numPr>'
        '<w:outlineLvl w:val="0"/></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="2"><w:name w:val="heading 2"/><w:pPr><w:numPr><w:ilvl w:val="1"/>'
        '<w:numId w:val="1"/></w:numPr><w:outlineLvl w:val="1"/></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="Mine"><w:name w:val="Mine"/><w:basedOn w:val="1"/></w:style>'
    )
    numbering = lists(
        [
            level(0, "第%1章", "chineseCountingThousand", '<w:pStyle w:val="1"/><w:suff w:val="space"/>'),
            level(1, "第%2节", "chineseCountingThousand"),
        ]
    )
    body = "".join(
        (
            paragraph("看灯", style="1"),
            paragraph("先看。"),
            paragraph("夜里", style="2"),
            paragraph("亮着。"),
            paragraph("清早", style="2"),
            paragraph("灭了。"),
            paragraph("关门", style="Mine"),
            paragraph("关好。"),
            paragraph("锁", style="2"),
            paragraph("锁上。"),
            paragraph("附言", style="1", num=0),
            paragraph("完。"),
        )
    )
    reading = read_book(write_docx(tmp_path / "a.docx", body, numbering=numbering, styles=styles))
    assert [(chapter.level, chapter.title) for chapter in reading.book.chapters] == [
        (1, "第一章 看灯"),
        (2, "第一节 夜里"),
        (2, "第二节 清早"),
        (1, "第二章 关门"),
        (2, "第一节 锁"),
        (1, "附言"),
    ]
    assert reading.doubts == ()


def test_nested_lists_count_anew_under_each_item_above_them(tmp_path: Path) -> None:
    numbering = lists([level(0, "%1、", "chineseCounting"), level(1, "（%2）", "chineseCounting"), level(2, "%3.")])
    rows = [(0, "甲"), (1, "乙"), (2, "丙"), (2, "丁"), (1, "戊"), (2, "己"), (0, "庚"), (1, "辛")]
    body = "".join(paragraph(text * 3 + "。", num=1, level=at) for at, text in rows)
    assert said(tmp_path, body, numbering=numbering) == [
        "一、甲甲甲。",
        "（一）乙乙乙。",
        "1.丙丙丙。",
        "2.丁丁丁。",
        "（二）戊戊戊。",
        "1.己己己。",
        "二、庚庚庚。",
        "（一）辛辛辛。",
    ]


@pytest.mark.parametrize(
    ("levels", "places", "labels"),
    [
        ([level(0, "%1."), level(1, "%1.%2")], (1, 1, 0, 1), ["1.1 ", "1.2 ", "2.", "2.1 "]),  # a level that is skipped
        ([level(0, "%1", "upperRoman"), level(1, "%1.%2", more="<w:isLgl/>")], (0, 1), ["I ", "1.1 "]),
        (
            [level(0, "%1、"), level(1, "(%2)", more='<w:lvlRestart w:val="0"/>')],
            (0, 1, 0, 1),
            ["1、", "(1)", "2、", "(2)"],
        ),
        ([level(0, "第%1条", start=5)], (0, 0), ["第5条 ", "第6条 "]),
        ([level(0, "第%1条", more='<w:suff w:val="nothing"/>')], (0,), ["第1条"]),
        ([level(0, "●", "bullet"), level(1, "%2)")], (0, 1), ["", "1)"]),
        ([level(0, "%1", "none"), level(1, "%1附%2：")], (1,), ["附1："]),
    ],
)
def test_labels_follow_the_levels_rules(
    tmp_path: Path, levels: list[str], places: tuple[int, ...], labels: list[str]
) -> None:
    body = "".join(paragraph("说一件事。", num=1, level=at) for at in places)
    assert said(tmp_path, body, numbering=lists(levels)) == [label + "说一件事。" for label in labels]


def test_lists_of_one_kind_count_on_and_an_override_restarts_once(tmp_path: Path) -> None:
    restart = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
    other = f'<w:lvlOverride w:ilvl="0">{level(0, "（%1）", "upperLetter")}</w:lvlOverride>'
    numbering = lists([level(0, "%1.")], nums=[(1, 0, ""), (2, 0, ""), (3, 0, restart), (4, 0, other)])
    body = "".join(paragraph("有事。", num=num, level=0) for num in (1, 2, 3, 3, 1, 4))
    assert said(tmp_path, body, numbering=numbering) == [
        f"{label}有事。" for label in ("1.", "2.", "1.", "2.", "3.", "（D）")
    ]


def test_a_list_style_lends_its_levels(tmp_path: Path) -> None:
    numbering = (
        '<w:abstractNum w:abstractNumId="0"><w:styleLink w:val="S"/>'
        + level(0, "%1）", "lowerLetter")
        + "</w:abstractNum>"
        '<w:abstractNum w:abstractNumId="1"><w:numStyleLink w:val="S"/></w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>'
    )
    styles = (
        '<w:style w:type="numbering" w:styleId="S"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    )
    body = paragraph("一件。", num=2, level=0) + paragraph("两件。", num=2, level=0)
    assert said(tmp_path, body, numbering=numbering, styles=styles) == ["a）一件。", "b）两件。"]
    assert said(tmp_path, body, numbering=numbering) == ["a）一件。", "b）两件。"]


def test_an_empty_paragraph_counts_but_the_end_of_a_section_does_not(tmp_path: Path) -> None:
    body = (
        paragraph("有。", num=1, level=0)
        + paragraph("", num=1, level=0)
        + paragraph("", num=1, level=0, more="<w:sectPr/>")
        + paragraph("还有。", num=1, level=0)
    )
    assert said(tmp_path, body, numbering=lists([level(0, "%1.")])) == ["1.有。", "3.还有。"]


def test_loops_in_styles_and_lists_end(tmp_path: Path) -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="A"><w:basedOn w:val="B"/></w:style>'
        '<w:style w:styleId="B"><w:basedOn w:val="A"/></w:style>'
    )
    numbering = (
        '<w:abstractNum w:abstractNumId="0"><w:numStyleLink w:val="S"/></w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    )
    assert said(tmp_path, paragraph("文。", style="A", num=1, level=0), styles=styles, numbering=numbering) == ["文。"]


def test_fields_give_their_results_and_no_codes(tmp_path: Path) -> None:
    body = "".join(
        (
            paragraph(run("见") + field("REF a", run("第三条")) + run("。")),
            paragraph(run("日期：") + f'<w:fldSimple w:instr="DATE">{run("今天")}</w:fldSimple>'),
            paragraph(run("外") + field("IF " + field("PAGE", run("不读")), run("读")) + run("面")),
            paragraph(
                run("圈")
                + '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>eq \\o\\ac(○,</w:instrText></w:r>'
                + '<w:r><w:instrText>7)</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
                + run("号")
            ),
        )
    )
    assert said(tmp_path, body) == ["见第三条。", "日期：今天", "外读面", "圈7号"]


def test_words_own_contents_list_is_left_out(tmp_path: Path) -> None:
    begin, separate, end = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end"))
    body = "".join(
        (
            paragraph("目录"),
            paragraph(f"{begin}<w:r><w:instrText>TOC \\o</w:instrText></w:r>{separate}{run('走路 1')}"),
            paragraph("坐车 2"),
            paragraph(end + run("正文从这里开始。")),
            paragraph("走路", more='<w:outlineLvl w:val="0"/>'),
            paragraph("靠右。"),
            paragraph("坐车", more='<w:outlineLvl w:val="0"/>'),
            paragraph("坐稳。"),
        )
    )
    reading = read_book(write_docx(tmp_path / "a.docx", body))
    assert spoken(reading) == ["正文从这里开始。", "走路", "靠右。", "坐车", "坐稳。"]
    assert (reading.left_out, reading.doubts) == ({"line of a contents page": 3}, ())
    unended = write_docx(tmp_path / "b.docx", body.replace(end, ""))
    assert spoken(read_book(unended))[-4:] == ["走路", "靠右。", "坐车", "坐稳。"]


def test_tracked_changes_are_read_as_accepted(tmp_path: Path) -> None:
    body = paragraph(
        run("开头。")
        + f"<w:ins>{run('新写的。')}</w:ins><w:del><w:r><w:delText>删去的。</w:delText></w:r></w:del>"
        + f"<w:moveFrom>{run('移走的。')}</w:moveFrom><w:moveTo>{run('移来的。')}</w:moveTo>"
    )
    body += paragraph("前半，", more="<w:rPr><w:del/></w:rPr>") + paragraph("后半。")
    body += (
        f"<w:tbl><w:tr><w:trPr><w:del/></w:trPr><w:tc>{paragraph('删行')}</w:tc></w:tr>"
        f"<w:tr><w:tc>{paragraph('留行')}</w:tc></w:tr></w:tbl>"
    )
    reading = read_book(write_docx(tmp_path / "a.docx", body))
    assert spoken(reading) == ["开头。新写的。移来的。", "前半，后半。", "留行"]
    assert reading.left_out == {"deleted text": 3}


def test_hidden_text_is_left_out_and_counted(tmp_path: Path) -> None:
    styles = '<w:style w:type="character" w:styleId="H"><w:name w:val="H"/><w:rPr><w:vanish/></w:rPr></w:style>'
    body = paragraph(
        run("看得见，") + run("看不见，", "<w:vanish/>") + run("也看不见，", '<w:rStyle w:val="H"/>')
        + run("又看得见。", '<w:rStyle w:val="H"/><w:vanish w:val="0"/>')
    )  # fmt: skip
    reading = read_book(write_docx(tmp_path / "a.docx", body, styles=styles))
    assert spoken(reading) == ["看得见，又看得见。"]
    assert (reading.left_out, reading.doubts[1:]) == ({"hidden text": 2}, ())


def test_a_text_box_is_read_once_after_its_paragraph(tmp_path: Path) -> None:
    inside = f"<w:txbxContent>{paragraph('框里。')}</w:txbxContent>"
    box = (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx>{inside}</wps:txbx></w:drawing>'
        f"</mc:Choice>"
        f"<mc:Fallback><w:pict><v:textbox>{inside}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    reading = read_book(write_docx(tmp_path / "a.docx", paragraph(run("前") + box + run("后。")) + paragraph("下。")))
    assert spoken(reading) == ["前后。", "框里。", "下。"]
    assert (reading.left_out, reading.doubts[1:]) == ({}, ())


def test_content_controls_are_read_and_their_prompts_are_not(tmp_path: Path) -> None:
    def control(inside: str, properties: str = "") -> str:
        return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{inside}</w:sdtContent></w:sdt>"

    body = control(paragraph("整段。")) + paragraph(run("姓名：") + control(run("老周")))
    body += paragraph(run("电话：") + control(run("单击此处输入文字"), "<w:showingPlcHdr/>"))
    cells = f"<w:tc>{paragraph('甲')}</w:tc>" + control(f"<w:tc>{paragraph('乙')}</w:tc>")
    body += "<w:tbl>" + control(f"<w:tr>{cells}</w:tr>") + "</w:tbl>"
    reading = read_book(write_docx(tmp_path / "a.docx", body))
    assert spoken(reading) == ["整段。", "姓名：老周", "电话：", "甲，乙"]
    assert reading.left_out == {"prompt of an empty form field": 1}


def test_notes_follow_their_paragraph(tmp_path: Path) -> None:
    notes = (
        '<w:footnote w:id="-1" w:type="separator"><w:p/></w:footnote>'
        + f'<w:footnote w:id="2">{paragraph("<w:r><w:footnoteRef/></w:r>" + run("桥名。"))}</w:footnote>'
        + f'<w:footnote w:id="3">{paragraph("没有人提到。")}</w:footnote>'
    )
    body = paragraph(run("过了桥") + '<w:r><w:footnoteReference w:id="2"/></w:r>' + run("。")) + paragraph("下一段。")
    path = write_docx(tmp_path / "a.docx", body, notes=notes)
    assert spoken(read_book(path)) == ["过了桥。", "注：桥名。", "下一段。"]
    assert read_book(path).left_out == {"footnote mark": 1, "footnote": 1}
    bare = read_book(path, options=ReadOptions(notes=False))
    assert (spoken(bare), bare.left_out) == (["过了桥。", "下一段。"], {"footnote": 2})
    assert bare.doubts[1:] == ()


def test_merged_cells_are_read_once_and_a_layout_table_as_paragraphs(tmp_path: Path) -> None:
    def cell(text: str, properties: str = "") -> str:
        return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(text)}</w:tc>"

    head, first = '<w:gridSpan w:val="2"/>', '<w:vMerge w:val="restart"/>'
    body = (
        f"<w:tbl><w:tr>{cell('表头', head)}</w:tr>"
        f"<w:tr>{cell('上午', first)}{cell('量血压')}</w:tr>"
        f"<w:tr>{cell('', '<w:vMerge/>')}{cell('听课')}</w:tr></w:tbl>"
    )
    assert said(tmp_path, body) == ["表头", "上午，量血压", "听课"]
    title = paragraph("看灯", more='<w:outlineLvl w:val="0"/>')
    layout = f"<w:tbl><w:tr><w:tc>{title}{paragraph('正文。')}</w:tc><w:tc>{paragraph('旁注。')}</w:tc></w:tr></w:tbl>"
    assert said(tmp_path, layout) == ["看灯", "正文。", "旁注。"]


def test_marks_of_the_layout_are_no_text(tmp_path: Path) -> None:
    body = paragraph(
        "<w:r><w:t>软</w:t><w:softHyphen/><w:t>连，硬</w:t><w:noBreakHyphen/><w:t>连，制表</w:t><w:tab/><w:t>后</w:t>"
        '<w:sym w:font="Wingdings" w:char="F0FE"/><w:br/><w:t>换行</w:t></w:r>'
        "<m:oMath><m:r><m:t>S=3</m:t></m:r></m:oMath>"
    )
    reading = read_book(write_docx(tmp_path / "a.docx", body))
    assert spoken(reading) == ["软连，硬-连，制表 后", "换行S=3"]
    assert reading.left_out == {"symbol of a picture font": 1}


def test_strict_documents_and_the_xml_of_word_2003_are_read(tmp_path: Path) -> None:
    strict = 'xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main"'
    path = write_docx(
        tmp_path / "a.docx", paragraph("你好。", num=1, level=0), numbering=lists([level(0, "%1、")]), namespaces=strict
    )
    assert spoken(read_book(path)) == ["1、你好。"]
    old = tmp_path / "b.doc"
    old.write_text(
        '<?xml version="1.0"?><?mso-application progid="Word.Document"?>'
        '<w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml"'
        ' xmlns:wx="http://schemas.microsoft.com/office/word/2003/auxHint"><w:body><wx:sect><w:p><w:pPr><w:listPr>'
        '<wx:t wx:val="1."/></w:listPr></w:pPr><w:r><w:t>明天停水。</w:t></w:r></w:p></wx:sect></w:body>'
        "</w:wordDocument>",
        encoding="utf-8",
    )
    reading = read_book(old)
    assert (reading.format, spoken(reading)) == ("wordxml", ["1.明天停水。"])


def test_a_document_without_a_body_is_damaged(tmp_path: Path) -> None:
    path = write_docx(tmp_path / "a.docx", paragraph("文。"), namespaces='xmlns:w="urn:something"')
    with pytest.raises(InputError, match="damaged"):
        read_book(path)
