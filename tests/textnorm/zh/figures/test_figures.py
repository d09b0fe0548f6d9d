import re
from collections import defaultdict
from pathlib import Path

import pytest

from packager.textnorm.zh.normalize import normalize


def _families() -> dict[str, list[tuple[str, str]]]:
    families = defaultdict(list)
    for line in (Path(__file__).parents[2] / "golden-figures.tsv").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            written, spoken, family = line.split("\t")
            families[family].append((written, spoken))
    return families


FAMILIES = _families()


def _words(text: str) -> str:
    return re.sub(r"[\W_]", "", text).lower().replace("幺", "一")


@pytest.mark.parametrize("family", FAMILIES)
def test_numbers_of_a_family_are_read_by_what_stands_around_them(family: str) -> None:
    wrong = {
        written: normalize(written)
        for written, spoken in FAMILIES[family]
        if _words(normalize(written)) not in map(_words, spoken.split("|"))
    }
    assert not wrong


@pytest.mark.parametrize("family", FAMILIES)
def test_numbers_of_a_family_are_read_the_same_inside_a_text(family: str) -> None:
    wrong = {
        written: normalize(f"大家好。{written}，谢谢。")
        for written, spoken in FAMILIES[family]
        if not any(_words(each) in _words(normalize(f"大家好。{written}，谢谢。")) for each in spoken.split("|"))
    }
    assert not wrong
