from pathlib import Path

from packager.textnorm import Lexicon, load_lexicon, normalize, review_numbers
from packager.textnorm.zh.silent import without_silent


def test_a_number_that_could_be_a_year_is_listed_with_both_readings() -> None:
    (number,) = review_numbers(["大家都在谈2030议程。"], Lexicon())
    assert number.lines == ('  "2030议程": 二零三零议程', '  "2030议程": 两千零三十议程')


def test_figures_behind_letters_are_listed() -> None:
    assert [number.word for number in review_numbers(["买了AK47和B612"], Lexicon())] == ["B612", "AK47"]


def test_numbers_that_are_sure_are_not_listed() -> None:
    texts = ["2024年", "1998元", "拨打120", "一共1234人", "5号楼3-402", "第1999名"]
    assert not review_numbers(texts, Lexicon())


def test_each_line_settles_its_number(tmp_path: Path) -> None:
    text = "按2030议程办，再看2020奥运，坐着AK47号船。"
    for number in review_numbers([text], Lexicon()):
        for line, said in zip(number.lines, number.choices, strict=True):
            path = tmp_path / "lexicon.yaml"
            path.write_text(f"words:\n{line}\n", "utf-8")
            lexicon = load_lexicon(path)
            assert said in normalize(text, lexicon)
            assert number.word not in [other.word for other in review_numbers([text], lexicon)]


def test_what_is_not_said_is_counted_by_kind() -> None:
    text, left_out = without_silent("他是县令[12]，<b>热闹</b>😀！产品®见https://a.cn")
    assert text == "他是县令， 热闹 😀！产品见https://a.cn"
    assert left_out == {
        "remains of markup": 2,
        "note mark": 1,
        "sign that is not said": 1,
        "emoji": 1,
        "http:// before an address": 1,
    }


def test_signs_that_have_a_word_are_said() -> None:
    assert normalize("已交：√，未交：✗") == "已交：对勾，未交：叉号"
    assert normalize("见§3") == "见第三节"
    assert normalize("天气：☀") == "天气：太阳"
    assert normalize("3&nbsp;个&amp;碗") == "三个和碗"


def test_brackets_that_are_no_note_mark_are_said() -> None:
    assert normalize("附件[2]") == "附件，二"
    assert normalize("[3]煤气") == "三、煤气"
