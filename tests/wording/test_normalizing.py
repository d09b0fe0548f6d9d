import subprocess
import sys
import unicodedata
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packager.wording.characters import spoken_characters
from packager.wording.fingerprint import wording_fingerprint
from packager.wording.normalizing import normalize
from packager.wording.rules import RULES

GOLDEN = [
    tuple(line.split("\t")) for line in Path(__file__).with_name("golden.tsv").read_text("utf-8").splitlines()
]
READINGS = [  # by another hand, before the rules; its comments say how it is to be read
    tuple(line.split("\t")[:3])
    for line in Path(__file__).with_name("golden-readings.tsv").read_text("utf-8").splitlines()[1:]
    if line and not line.startswith("#")
]
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
        "中国人民的一二三十百零〇年月日号室路点元度第周"
        "，。！？；：、（）《》“”…—-–～~·+×÷=<>%‰℃°#@&*/\\'\"_^|[]{} \n"
    )
    + list("0123456789aAbBxXkgmIVeoéÀω①Ⅲ½²٣五")
    + [
        "……",
        "——",
        "20",
        "2024",
        "km",
        "No.",
        "￥",
        "www.",
        ".com",
        "Wi-Fi",
        "\u3000",
        "\u200b",
        "\ue000",
        "😀",
    ]
)
MIXTURES = st.lists(FRAGMENTS, max_size=12).map("".join)
ANY_TEXT = st.text(max_size=40) | MIXTURES


@pytest.mark.parametrize(("written", "spoken", "family"), GOLDEN)
def test_a_written_form_is_said_as_a_reader_would(written: str, spoken: str, family: str) -> None:
    assert normalize(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken", "family"), [case for case in GOLDEN if case[2] not in DEPEND_ON_PLACE]
)
def test_a_written_form_is_said_the_same_inside_a_text(written: str, spoken: str, family: str) -> None:
    assert spoken.rstrip("。") in normalize(f"大家好。{written}")


@pytest.mark.parametrize(("written", "spoken", "family"), READINGS)
def test_a_reading_written_before_the_rules_is_met(written: str, spoken: str, family: str) -> None:
    assert _words(normalize(written)) in [_words(reading) for reading in spoken.split("|")]


@pytest.mark.parametrize("family", COVERED)
def test_each_family_has_ten_cases(family: str) -> None:
    names = COVERED[family].split("|")
    assert sum(case[2] in names for case in [*GOLDEN, *READINGS]) >= 10


def test_every_rule_has_golden_cases() -> None:
    assert {rule.family for rule in RULES} - {"signs"} <= {family for _, _, family in GOLDEN}
    assert len(GOLDEN) == len(set(GOLDEN)) >= 240
    assert len(READINGS) == len(set(READINGS)) >= 200


@settings(max_examples=150, deadline=None)
@given(
    st.text(
        st.sampled_from(
            "学而时习之不亦说乎有朋自远方来一二三十百千万年月零兩這裡隻儿㐂𠮷，。！？；：、“”‘’《》（）…·"
        ),
        max_size=80,
    )
)
def test_text_without_figures_loses_and_gains_no_character_that_is_spoken(text: str) -> None:
    assert _spoken(normalize(text)) == _spoken(text)


@settings(max_examples=200, deadline=None)
@given(ANY_TEXT)
def test_normalizing_again_changes_nothing(text: str) -> None:
    spoken = normalize(text)
    assert normalize(spoken) == spoken


@settings(max_examples=200, deadline=None)
@given(ANY_TEXT)
def test_no_hanzi_is_lost_whatever_stands_around_it(text: str) -> None:
    before = Counter(unicodedata.normalize("NFKC", text))
    after = Counter(normalize(text))
    lost = {char for char in before if "一" <= char <= "龥" and after[char] < before[char]}
    assert not lost


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["word", "It's", "GDP", "Wi-Fi", "T", "x", "中", "文", "，", "。", " ", "“", "）", "/", "😀"]
        )
    ).map("".join)
)
def test_no_letter_is_lost_where_no_figure_makes_it_a_unit(text: str) -> None:
    assert [char for char in normalize(text) if char.isascii() and char.isalpha()] == [
        char for char in text if char.isascii() and char.isalpha()
    ]


@settings(max_examples=200, deadline=None)
@given(ANY_TEXT)
def test_the_result_holds_nothing_but_letters_and_the_marks_that_engines_know(text: str) -> None:
    spoken = normalize(text)
    assert all(char.isalpha() or char in MARKS + " '-" for char in spoken)
    assert not spoken or spoken_characters(spoken)
    assert not any(a in MARKS and b in MARKS for a, b in pairwise(spoken))


@pytest.mark.parametrize("text", ["", " ", "……", "***", "——", "“”", "\n", "😀", "。"])
def test_text_with_nothing_to_say_is_empty(text: str) -> None:
    assert normalize(text) == ""


def test_a_text_of_a_million_characters_without_a_mark_is_read() -> None:
    assert len(normalize("中" * 1_000_000)) == 1_000_000


def test_spoken_characters_are_hanzi_letters_and_digits() -> None:
    assert spoken_characters("第一章，GDP 增长。") == 8


def test_the_fingerprint_is_the_same_in_another_process() -> None:
    program = "from packager.wording.fingerprint import wording_fingerprint as f; print(f())"
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == wording_fingerprint()


def _words(text: str) -> str:
    """`text` without marks and gaps, in small letters."""
    return "".join(char for char in text if char.isalnum()).lower()


def _spoken(text: str) -> str:
    return "".join(char for char in text if char.isalnum())
