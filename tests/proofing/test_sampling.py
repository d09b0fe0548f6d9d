from __future__ import annotations

import pytest
from recording import piece_of

from packager.proofing.sampling import suspicion
from packager.speech import installed_engines

VOICE = "kokoro:zf_xiaoyi"
TEXT = "社区卫生站给六十到七十岁的居民免费体检。"
bounds = installed_engines().bounds_of(VOICE)
assert bounds is not None
SHORTEST, LONGEST = bounds.limits(TEXT)


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        ({"again": 1}, "had to be spoken again"),
        ({"again": 2, "pieces": 3}, "had to be spoken again"),
        ({"longest_silence": 1.1}, "a silence of 1.1 s in it"),
        ({"seconds": SHORTEST * 1.01}, "very short or very long for its text"),
        ({"seconds": LONGEST * 0.99}, "very short or very long for its text"),
    ],
)
def test_what_came_near_to_being_refused_is_listened_to(evidence: dict[str, float], reason: str) -> None:
    usual = {"seconds": (SHORTEST + LONGEST) / 2}
    assert suspicion(piece_of(TEXT, 0.7, **usual), VOICE) is None
    assert suspicion(piece_of(TEXT, 0.7, **{**usual, **evidence}), VOICE) == reason


def test_latin_words_are_listened_to() -> None:
    assert suspicion(piece_of("请连上Wi-Fi。", 0.7), "nobody:knows") == "Latin letters"
    assert suspicion(piece_of("请连上网。", 0.7), "nobody:knows") is None
