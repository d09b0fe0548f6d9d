"""Speech rates that a build missed are told the right way round, with the remedy."""

from __future__ import annotations

from dataclasses import replace

from manifests import manifest_with, track_of

from packager.base.i18n.language import choose_language
from packager.base.manifest import Manifest, TrackKind
from packager.cli.release.build import pace_warnings


def missed(pace: float, wanted: int, voice: str) -> Manifest:
    track = track_of(
        1, "01/001.mp3", b"x", kind=TrackKind.CHAPTER, title="章", book="读本", seconds=60.0, spoken=100, pace=pace
    )
    return replace(manifest_with(track), pace=wanted, voice=voice)


def test_too_fast_is_faster_and_the_slowest_voice_is_the_remedy() -> None:
    book, chapter, remedy = pace_warnings(missed(192.0, 160, "kokoro:zf_xiaoyi"))
    assert chapter == "Warning: 01/001.mp3 has 192 characters per minute, faster than the target 160"
    assert "faster than the target 160" in book
    assert "kokoro:zf_xiaobei speaks slowest: --voice kokoro:zf_xiaobei" in remedy


def test_too_slow_is_slower_and_needs_no_other_voice() -> None:
    lines = list(pace_warnings(missed(150.0, 220, "kokoro:zf_xiaoyi")))
    assert len(lines) == 2
    assert all("slower than the target 220" in line for line in lines)


def test_the_slowest_voice_itself_has_no_remedy() -> None:
    assert len(list(pace_warnings(missed(192.0, 160, "kokoro:zf_xiaobei")))) == 2


def test_in_chinese_a_faster_rate_is_faster() -> None:
    choose_language("zh")
    try:
        first, *_others = pace_warnings(missed(192.0, 160, "kokoro:zf_xiaoyi"))
    finally:
        choose_language("en")
    assert "每分钟 192 字，比设定的 160 字快" in first
