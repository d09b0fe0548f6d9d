import re
import subprocess
import sys
import time
import unicodedata
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packager.textnorm.fingerprint import wording_fingerprint
from packager.textnorm.zh.characters import spoken_characters
from packager.textnorm.zh.normalize import doubtful_numbers, normalize
from packager.textnorm.zh.rules import BARE_RULES, RULES
from packager.textnorm.zh.rules.units import UNIT


def _cases(name: str) -> list[tuple[str, ...]]:
    lines = (Path(__file__).parents[1] / name).read_text("utf-8").splitlines()
    return [tuple(line.split("\t")) for line in lines if line and not line.startswith(("#", "written\t"))]


GOLDEN = _cases("golden.tsv")
# By another hand, before the rules; its comments say how it is to be read.
READINGS = _cases("golden-readings.tsv")
UNSEEN = _cases("golden-unseen.tsv")  # written before they were run, when the rules stood
SECONDS_OF_A_FLOOD = 3  # of 20,000 characters; wetext takes as long for prose, and has taken a minute for these
MARKS = "，。！？；：、"
DEPEND_ON_PLACE = ("list numbers", "circled numerals", "Roman numerals", "gaps", "marks", "emoji")
# What has to be read right, and the families of both golden files that hold it.
COVERED = {
    "years": "years|year|spans of years",
    "year ranges": "year ranges|year-range",
    "dates": "dates|date",
    "times": "times|time",
    "ranges": "ranges|number-range",
    "percent": "percent",
    "per mille": "per mille",
    "fractions": "fractions|fraction-decimal",
    "decimals": "decimals|fraction-decimal",
    "negative numbers and hyphens": "negative numbers|negative-hyphen",
    "temperature": "temperature",
    "money": "money",
    "units": "units|unit",
    "telephones": "phones|phone-id",
    "numbers of identity": "numbers of identity",
    "routes": "routes",
    "rooms": "rooms",
    "ordinals and numbered things": "ordinals|numbered",
    "versions": "versions",
    "Roman numerals": "Roman numerals",
    "circled numerals": "circled numerals|list numbers",
    "arithmetic": "arithmetic|one-plus-n",
    "letters and figures": "letters and figures|letters-digits",
    "Latin": "Latin",
    "addresses": "addresses",
    "emoji": "emoji|url-email-emoji",
    "marks": "marks|quotes-brackets",
    "Greek": "Greek|greek-symbols",
    "counts": "counts|large-counts",
    "classical": "classical",
}

FRAGMENTS = st.sampled_from(
    [written for written, _, _ in GOLDEN]
    + list(
        "中国人民的一二三十百零〇年月日号室路点元度第周，。！？；：、（）《》“”…—-–～~·+×÷=<>%‰℃°#@&*/\\'\"_^|[]{} \n"
    )
    + list("0123456789aAbBxXkgmIVeoéÀω①Ⅲ½²٣五")
    + ["……", "——", "20", "2024", "km", "No.", "￥", "www.", ".com", "Wi-Fi", "\u3000", "\u200b", "\ue000", "😀"]
)
MIXTURES = st.lists(FRAGMENTS, max_size=12).map("".join)
ANY_TEXT = st.text(max_size=40) | MIXTURES


@pytest.mark.parametrize(("written", "spoken", "family"), GOLDEN)
def test_a_written_form_is_said_as_a_reader_would(written: str, spoken: str, family: str) -> None:
    assert normalize(written) == spoken


@pytest.mark.parametrize(("written", "spoken", "family"), [case for case in GOLDEN if case[2] not in DEPEND_ON_PLACE])
def test_a_written_form_is_said_the_same_inside_a_text(written: str, spoken: str, family: str) -> None:
    assert spoken.rstrip("。") in normalize(f"大家好。{written}")


@pytest.mark.parametrize(("written", "spoken", "family"), [*READINGS, *UNSEEN])
def test_a_reading_written_before_it_was_run_is_met(written: str, spoken: str, family: str) -> None:
    assert _words(normalize(written)) in [_words(reading) for reading in spoken.split("|")]


@pytest.mark.parametrize("family", COVERED)
def test_each_family_has_ten_cases(family: str) -> None:
    names = COVERED[family].split("|")
    assert sum(case[2] in names for case in [*GOLDEN, *READINGS]) >= 10


def test_every_rule_has_golden_cases() -> None:
    # golden-figures.tsv holds the rules for numbers and pairs
    assert {rule.family for rule in RULES} - {"signs", "numbers", "pairs"} <= {family for _, _, family in GOLDEN}
    assert len(GOLDEN) == len(set(GOLDEN)) >= 240
    assert len(READINGS) == len(set(READINGS)) >= 200
    assert len(UNSEEN) == len(set(UNSEEN)) >= 360


@given(
    st.text(
        st.sampled_from("学而时习之不亦说乎有朋自远方来一二三十百千万年月零兩這裡隻儿㐂𠮷，。！？；：、“”‘’《》（）…·"),
        max_size=80,
    )
)
def test_text_without_figures_loses_and_gains_no_character_that_is_spoken(text: str) -> None:
    assert _spoken(normalize(text)) == _spoken(text)


@settings(max_examples=2000)  # there are 242
@given(st.from_regex(UNIT, fullmatch=True))
def test_every_unit_is_said_in_hanzi(unit: str) -> None:
    assert re.fullmatch("[一-龥]*三[一-龥]+。", normalize(f"3{unit}。"))


@given(ANY_TEXT)
def test_normalizing_again_changes_nothing(text: str) -> None:
    spoken = normalize(text)
    assert normalize(spoken) == spoken


@given(ANY_TEXT | st.sampled_from([case[0] for case in [*GOLDEN, *READINGS, *UNSEEN]]))
def test_rules_for_figures_change_nothing_where_there_are_none(text: str) -> None:
    bare = all_rules = re.sub(r"\d", "", text)
    for rule in RULES:
        all_rules = rule.apply(all_rules)
    for rule in BARE_RULES:
        bare = rule.apply(bare)
    assert bare == all_rules


def test_hanzi_and_letters_in_circles_brackets_and_squares_are_said() -> None:
    units, rights = "㎡㎥㎎㎏㎖㎜㎝㎞㎢㏄", "🄫🄬🅪🅫🅬"
    framed = {
        char: letters
        for char in map(chr, [*range(0x3190, 0x3400), *range(0x249C, 0x24EA), *range(0x1F110, 0x1F252)])
        if char not in units + rights and (letters := re.sub("[^a-zA-Z一-龥]", "", unicodedata.normalize("NFKC", char)))
    }
    assert len(framed) > 300
    assert not [char for char, letters in framed.items() if letters not in normalize(f"这是{char}的")]


@given(ANY_TEXT)
def test_no_hanzi_is_lost_whatever_stands_around_it(text: str) -> None:
    before = Counter(unicodedata.normalize("NFKC", text))
    after = Counter(normalize(text))
    lost = {char for char in before if "一" <= char <= "龥" and after[char] < before[char]}
    assert not lost


@given(
    st.lists(
        st.sampled_from(["word", "It's", "GDP", "Wi-Fi", "T", "x", "中", "文", "，", "。", " ", "“", "）", "/", "😀"])
    ).map("".join)
)
def test_no_letter_is_lost_where_no_figure_makes_it_a_unit(text: str) -> None:
    assert [char for char in normalize(text) if char.isascii() and char.isalpha()] == [
        char for char in text if char.isascii() and char.isalpha()
    ]


@given(ANY_TEXT)
def test_the_result_holds_nothing_but_letters_and_the_marks_that_engines_know(text: str) -> None:
    spoken = normalize(text)
    assert all(char.isalpha() or char in MARKS + " '-" for char in spoken)
    assert not spoken or spoken_characters(spoken)
    assert not any(a in MARKS and b in MARKS for a, b in pairwise(spoken))


@pytest.mark.parametrize("text", ["", " ", "……", "***", "——", "“”", "\n", "★", "。"])
def test_text_with_nothing_to_say_is_empty(text: str) -> None:
    assert normalize(text) == ""


def test_a_text_of_a_million_characters_without_a_mark_is_read() -> None:
    assert len(normalize("中" * 1_000_000)) == 1_000_000


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "1.",
        "1-",
        "1/",
        "1:",
        "123,",
        "123 ",
        "a1",
        "1%",
        "¥1",
        "中1",
        "(1)",
        "1、",
        "a@1",
        "９年",
        "1e-5",
        "1..2--",
    ],
)
def test_a_flood_of_figures_and_signs_takes_a_moment_and_loses_none(piece: str) -> None:
    flood = piece * (20_000 // len(piece))
    start = time.process_time()
    spoken = normalize(flood)
    assert time.process_time() - start < SECONDS_OF_A_FLOOD
    lost = Counter(char for char in flood if char.isalnum() and not char.isdigit()) - Counter(spoken)
    assert not lost
    figures = sum(map(str.isdigit, flood))
    assert sum(char in "零一幺二两三四五六七八九" for char in spoken) >= figures


def test_spoken_characters_are_hanzi_letters_and_digits() -> None:
    assert spoken_characters("第一章，GDP 增长。") == 8


def test_the_fingerprint_is_the_same_in_another_process() -> None:
    program = "from packager.textnorm.fingerprint import wording_fingerprint as f; print(f())"
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == wording_fingerprint()


def _words(text: str) -> str:
    """`text` without marks and gaps, in small letters."""
    return "".join(char for char in text if char.isalnum()).lower()


def _spoken(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


def test_a_flood_of_pairs_takes_time_in_proportion_to_its_length() -> None:
    flood = "1 - " * 20_000
    start = time.process_time()
    normalize(flood)
    assert all(len(doubt.before) + len(doubt.after) < 200 for doubt in doubtful_numbers(flood))
    assert time.process_time() - start < 6


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("孝昌三年(527年)", "孝昌三年，五二七年"),
        ("康熙五十九年(1720)即位", "康熙五十九年，一七二零，即位"),
        ("每袋3公斤（6斤）", "每袋三公斤，六斤"),
        ("党工委（扩大）会议", "党工委扩大会议"),
    ],
)
def test_an_aside_that_says_a_number_again_is_parted_from_it(written: str, said: str) -> None:
    assert normalize(written) == said
