"""What is announced, as it is spoken."""

from __future__ import annotations

import re
from pathlib import Path

from announcement_cases import lines

from packager.speech import pinyin_of

GOLDEN = Path(__file__).with_name("golden-announcements.tsv")


def test_every_announcement_is_spoken_as_in_the_golden_file() -> None:
    assert list(lines()) == GOLDEN.read_text("utf-8").splitlines()


def test_no_announcement_has_a_figure_left_that_a_voice_would_guess_at() -> None:
    spoken = [line.split("\t")[3] for line in GOLDEN.read_text("utf-8").splitlines()]
    assert len(spoken) > 100
    assert not [text for text in spoken if re.search(r"[0-9{}《》]", text)]


def test_keys_are_read_as_keys() -> None:
    assert pinyin_of("第幺幺零号") == "di4 yao1 yao1 ling2 hao4"
    assert pinyin_of("第二零幺幺号到第四零四五号") == "di4 er4 ling2 yao1 yao1 hao4 dao4 di4 si4 ling2 si4 wu3 hao4"
