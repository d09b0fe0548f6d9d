"""The fewest differences between two rows of sounds, in runs."""

from __future__ import annotations

import time
import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packager.proofing.alignment import align
from packager.proofing.phonetic_tokens import sounds_of
from packager.textnorm.zh.g2p.disambiguator import load_disambiguator

HANZI = "春眠不觉晓处闻啼鸟夜来风雨声花落知多少床前明月光"
texts = st.text(HANZI, max_size=60)


@given(texts)
def test_the_same_text_has_no_differences(text: str) -> None:
    assert align(sounds_of(text), sounds_of(text)).runs == ()


@given(texts, texts)
def test_differences_account_for_all_that_is_lost_and_added(said: str, heard: str) -> None:
    expected, found = sounds_of(said), sounds_of(heard)
    runs = align(expected, found).runs
    lost, added = sum(run.lost for run in runs), sum(run.added for run in runs)
    assert len(expected) - lost + added == len(found)
    assert sum(run.length for run in runs) <= max(len(expected), len(found))
    assert all(0 <= run.start <= run.end <= len(expected) for run in runs)
    assert all(before.end + 1 < after.start for before, after in pairwise(runs))


@settings(max_examples=50)
@given(st.integers(0, 20), st.integers(4, 12))
def test_a_piece_that_was_lost_is_one_run_of_its_length(start: int, length: int) -> None:
    polyphones = load_disambiguator().readings
    said = "".join(each for each in map(chr, range(0x4E00, 0x5200, 17)) if each not in polyphones)[:40]
    heard = said[:start] + said[start + length :]
    (run,) = align(sounds_of(said), sounds_of(heard)).runs
    assert (run.lost, run.added, run.other) == (length, 0, 0)
    assert run.end - run.start >= length


def test_a_piece_that_was_said_twice_is_one_run_with_its_text() -> None:
    (run,) = align(sounds_of("春眠不觉晓处处闻啼鸟"), sounds_of("春眠不觉晓春眠不觉晓处处闻啼鸟")).runs
    assert (run.lost, run.added, run.other) == (0, 5, 0)
    assert sorted(run.heard) == sorted("春眠不觉晓")


def test_differences_close_together_are_one_run_and_those_apart_are_two() -> None:
    said = "春眠不觉晓夜来风雨声"
    assert [run.length for run in align(sounds_of(said), sounds_of("春棉不月晓夜来风雨声")).runs] == [1]
    assert [run.length for run in align(sounds_of(said), sounds_of("春花不月晓夜来风雨声")).runs] == [2]
    assert [run.length for run in align(sounds_of(said), sounds_of("花眠不觉晓夜来风雨花")).runs] == [1, 1]


@pytest.mark.parametrize(
    ("said", "heard", "places"),
    [
        ("我买了糖", "我买了汤", [3]),  # tang2, tang1
        ("他是教师", "她是教室", [3]),
        ("妈妈问路", "妈妈吻鹿", [2]),
        ("一天不去", "亿天部去", []),  # yi4 and bu2 before them: as they are said
        ("请你走", "情泥走", []),  # third tones before third tones
        ("好的地方", "好得地方", []),
        ("桌子", "桌字", []),  # a neutral tone tells nothing
        ("还书", "还书", []),
    ],
)
def test_a_sound_in_another_tone_is_told_and_is_no_difference(said: str, heard: str, places: list[int]) -> None:
    found = align(sounds_of(said), sounds_of(heard))
    assert found.errors == 0
    assert [run.start for run in found.tones] == places


def test_a_quarter_of_an_hour_is_aligned_in_a_moment_and_little_memory() -> None:
    said = [sounds_of(HANZI[place % 20] + HANZI[place * 7 % 24]) for place in range(2500)]
    expected = tuple(sound for pair in said for sound in pair)
    heard = (*expected[:1000], *expected[2000:3000], *expected[2500:])
    tracemalloc.start()
    begun = time.monotonic()
    found = align(expected, heard)
    seconds, (_now, peak) = time.monotonic() - begun, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.errors <= 1500
    assert seconds < 5
    assert peak < 20e6
