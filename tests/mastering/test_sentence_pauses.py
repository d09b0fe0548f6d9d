"""Sentence ends inside a clip, found by its pauses."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from packager.mastering.sentence_pauses import sentence_pauses
from packager.speech.clip import Samples

RATE = 16_000


def clip(*parts: tuple[str, float]) -> Samples:
    """Speech (a modulated tone, "s") and pauses ("p") of so many seconds."""
    waves = []
    for kind, seconds in parts:
        at = np.arange(round(seconds * RATE)) / RATE
        wave = np.sin(2 * np.pi * 200 * at) * (0.3 + 0.2 * np.sin(2 * np.pi * 5 * at))
        waves.append(wave * (1 if kind == "s" else 1e-3))
    return np.concatenate(waves).astype(np.float32)


def test_a_sentence_ends_at_the_long_pause_near_its_place() -> None:
    samples = clip(("s", 1.0), ("p", 0.12), ("s", 0.6), ("p", 0.35), ("s", 2.0))
    ((begins, ends),) = sentence_pauses(samples, RATE, [8, 10])
    assert begins == pytest.approx(1.72, abs=0.03)
    assert ends == pytest.approx(2.07, abs=0.03)


def test_a_comma_takes_no_sentence_end_from_a_full_stop() -> None:
    samples = clip(("s", 1.2), ("p", 0.3), ("s", 0.5), ("p", 0.1), ("s", 0.7), ("p", 0.3), ("s", 1.0))
    found = sentence_pauses(samples, RATE, [6, 6, 5])
    assert [begins for begins, _ends in found] == pytest.approx([1.2, 2.8], abs=0.03)


def test_without_pauses_a_sentence_ends_by_its_share_of_characters() -> None:
    found = sentence_pauses(clip(("s", 4.0)), RATE, [5, 5, 10])
    assert [begins for begins, _ends in found] == pytest.approx([1.0, 2.0], abs=0.13)
    assert all(begins == ends for begins, ends in found)


def test_pauses_are_in_order_and_inside_the_clip_whatever_is_asked() -> None:
    samples = clip(("p", 0.2), ("s", 0.3), ("p", 0.2), ("s", 0.1), ("p", 0.3))
    for counts in ([1, 1], [1, 0, 0, 9], [0, 0], [3] * 9):
        edges = [edge for pause in sentence_pauses(samples, RATE, counts) for edge in pause]
        assert len(edges) == 2 * (len(counts) - 1)
        assert all(before <= after for before, after in pairwise(edges))
        assert edges[0] >= 0 and edges[-1] <= len(samples) / RATE
    assert sentence_pauses(np.zeros(0, np.float32), RATE, [1, 1]) == ((0.0, 0.0),)
    assert len(sentence_pauses(np.zeros(RATE, np.float32), RATE, [1, 1])) == 1
