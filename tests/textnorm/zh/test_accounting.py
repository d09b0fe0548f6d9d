from pathlib import Path
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packager.textnorm import Lexicon, unaccounted
from packager.textnorm.zh.normalize import normalize

HANZI = st.text(
    st.sampled_from("的在了和有人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子"),
    max_size=6,
)
NUMBERS = st.integers(0, 10**11).map(str)
BEHIND = st.sampled_from(["，", "个，", "年，", "元，", "人和", "%，", " ，", "："])


@settings(max_examples=40)
@given(st.lists(st.tuples(HANZI.filter(bool), NUMBERS, BEHIND), max_size=4))
def test_numbers_of_a_sentence_are_all_said_each_by_itself(parts: list[tuple[str, str, str]]) -> None:
    written = "".join(before + number + after for before, number, after in parts)
    assert not unaccounted(written, normalize(written))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("0¥0", "零，零元"),
        ("3¥5和12$7", "三，五元和十二，七美元"),
        ("100￥200", "一百，二百元"),
        ("10%5", "百分之十，五"),
        ("2_36", "二，三十六"),
        ("20“2", "二十、二"),
        ("1“100个", "一、一百个"),
        ("2<①", "二，一"),
        ("2036·$100", "二零三六，一百美元"),
        ("1 2 3", "一，二，三"),
    ],
)
def test_no_two_numbers_run_into_one_another_where_a_sign_between_them_is_moved_or_not_said(
    written: str, said: str
) -> None:
    assert normalize(written) == said
    assert not unaccounted(written, said)


DIGITS = st.sampled_from(["0", "1", "5", "12", "20", "36", "100", "105", "2024"])
SIGNS = st.sampled_from([*"¥$€%‰~#_“”’，", "和", "的", "个"])


@settings(max_examples=60)
@given(st.lists(st.tuples(DIGITS, SIGNS), min_size=2, max_size=5))
def test_numbers_with_signs_between_them_stay_apart(parts: list[tuple[str, str]]) -> None:
    written = "".join(number + sign for number, sign in parts)
    assert not [part for part in unaccounted(written, normalize(written)) if part.isdigit()]


def test_a_number_that_is_missing_is_found() -> None:
    assert unaccounted("共12个", "共个") == ("12",)
    assert unaccounted("12个和30个", "十二个和个") == ("30",)
    assert unaccounted("12个和12个", "十二个和个") == ("12",)


def test_two_numbers_that_ran_into_one_another_are_found() -> None:
    assert unaccounted("14 15", "一千四百一十五") == ("14", "15")
    assert unaccounted("星期六17:30", "星期六十七点三十分") == ("17",)
    assert unaccounted("20个", "二十五个") == ("20",)


def test_a_sign_that_is_missing_is_found() -> None:
    assert unaccounted("x=-3", "x等于三") == ("-",)
    assert unaccounted("占5%", "占五") == ("%",)
    assert unaccounted("₱5", "五") == ("₱",)
    assert "+" in unaccounted("3+4", "三四")


def test_letters_and_hanzi_that_are_missing_are_found() -> None:
    assert unaccounted("用MP3听", "用三听") == ("MP",)
    assert unaccounted("他来了", "他了") == ("来",)
    assert unaccounted("5kg", "五") == ("kg",)


def test_what_is_not_said_by_rule_is_no_loss() -> None:
    for written in ("产品®", "他是县令[12]，后来走了", "热闹😀", "<b>字</b>", "“引用”", "https://a.cn"):
        assert not unaccounted(written, normalize(written))


def test_the_spoken_form_of_a_lexicon_is_what_has_to_be_said() -> None:
    lexicon = Lexicon({"2030议程": "可持续发展议程"})
    assert not unaccounted("按2030议程办", normalize("按2030议程办", lexicon), lexicon)


def test_nothing_of_the_golden_cases_is_lost() -> None:
    folder = Path(__file__).parents[1]
    lost = {}
    for name in ("golden.tsv", "golden-readings.tsv", "golden-unseen.tsv", "golden-figures.tsv"):
        for line in (folder / name).read_text("utf-8").splitlines():
            written = line.split("\t")[0]
            if line and not line.startswith(("#", "written\t")) and (parts := unaccounted(written, normalize(written))):
                lost[written] = parts
    assert not lost


def test_floods_of_letters_and_amounts_are_searched_in_one_pass() -> None:
    for flood in ("IV" * 10_000, "元1" * 10_000):
        start = process_time()
        unaccounted(flood, "好" * 100)
        assert process_time() - start < 3
