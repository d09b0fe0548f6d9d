"""Which chapters and books of a release miss the pace that was asked for."""

from __future__ import annotations

from dataclasses import replace

from manifests import manifest_with, track_of

from packager.base.manifest import ManifestTrack, TrackKind
from packager.releases.pacing import pace_misses


def _track(
    path: str, pace: float, *, spoken: int = 100, book: str = "读本", kind: TrackKind = TrackKind.CHAPTER
) -> ManifestTrack:
    return track_of(1, path, b"x", kind=kind, title=path, book=book, seconds=60.0, spoken=spoken, pace=pace)


def _missed(*tracks: ManifestTrack) -> list[tuple[str, str, float]]:
    return [(miss.book, miss.track, miss.pace) for miss in pace_misses(manifest_with(*tracks))]


def test_a_chapter_within_ten_percent_of_a_book_within_five_is_no_miss() -> None:
    assert _missed(_track("1", 190 * 1.09), _track("2", 190 * 0.93)) == []


def test_a_chapter_more_than_ten_percent_off_is_one_though_its_book_is_not() -> None:
    assert _missed(_track("1", 150.0, spoken=10), _track("2", 190.0, spoken=1000)) == [("读本", "1", 150.0)]


def test_a_book_more_than_five_percent_off_is_one_though_its_chapters_are_not() -> None:
    assert _missed(_track("1", 203.0), _track("2", 203.0)) == [("读本", "", 203.0)]


def test_a_book_s_pace_is_that_of_its_time_not_the_mean_of_its_chapters() -> None:
    # 100 characters at 100 a minute and 300 at 300 take two minutes: 200 a minute, which is 5.3 % too fast.
    assert ("读本", "", 200.0) in _missed(_track("1", 100.0), _track("2", 300.0, spoken=300))


def test_of_a_word_or_two_no_pace_can_be_told() -> None:
    assert _missed(_track("1", 115.0, spoken=2), _track("2", 190.0, spoken=1000)) == []
    assert _missed(_track("1", 115.0, spoken=2)) == []


def test_contents_and_tracks_without_a_body_are_not_looked_at() -> None:
    assert _missed(_track("1", 100.0, kind=TrackKind.CONTENTS), _track("2", 0.0)) == []


def test_a_slower_variant_may_miss_its_pace_by_ten_percent_for_its_sound() -> None:
    manifest = replace(manifest_with(_track("1", 174.0)), pace=160)
    assert len(list(pace_misses(manifest))) == 1
    assert list(pace_misses(replace(manifest, profile="folders+slow"))) == []
    fast = replace(manifest_with(_track("1", 178.0)), pace=160, profile="folders+slow+loud")
    assert len(list(pace_misses(fast))) == 2
