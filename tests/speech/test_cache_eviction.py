import os
from pathlib import Path

import pytest

from packager.speech import CacheEntry, cache_entries, drop_entries, entries_to_drop, mark_used

DAY = 24 * 3600.0
NOW = 100 * DAY


def entries(*days_ago: float, size: int = 100, suffix: str = ".clip") -> list[CacheEntry]:
    return [CacheEntry(Path(f"{days}{suffix}"), size, NOW - days * DAY) for days in days_ago]


def names(dropped: list[CacheEntry]) -> list[str]:
    return [entry.path.name for entry in dropped]


def test_what_was_not_used_for_longest_goes_first_and_no_more_than_needed() -> None:
    listed = entries(1, 9, 3, 7)
    assert names(entries_to_drop(listed, limit=250, used_before=NOW)) == ["9.clip", "7.clip"]
    assert entries_to_drop(listed, limit=400, used_before=NOW) == []
    assert len(entries_to_drop(listed, limit=0, used_before=NOW)) == 4


def test_what_a_build_has_used_stays_though_it_is_too_much() -> None:
    assert names(entries_to_drop(entries(1, 2, 3), limit=0, used_before=NOW - 2 * DAY)) == ["3.clip"]


def test_what_was_not_used_since_a_day_goes_without_a_limit() -> None:
    assert names(entries_to_drop(entries(1, 40, 80), used_before=NOW, unused_since=NOW - 30 * DAY)) == [
        "80.clip",
        "40.clip",
    ]


def test_what_a_killed_process_left_goes_after_a_day() -> None:
    listed = entries(0.5, 2, suffix=".part")
    assert names(entries_to_drop(listed, used_before=NOW)) == ["2.part"]


def test_entries_are_found_and_using_one_makes_it_the_last_to_go(tmp_path: Path) -> None:
    for name in ("ab/one.clip", "ab/two.clip", "cd/three.clip"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"12345")
        os.utime(path, (NOW, NOW))
    mark_used(tmp_path / "ab" / "one.clip")
    found = cache_entries(tmp_path)
    assert sum(entry.size for entry in found) == 15
    drop_entries(entries_to_drop(found, limit=5, used_before=NOW + 10**12))
    assert [path.name for path in tmp_path.rglob("*.clip")] == ["one.clip"]
    assert cache_entries(tmp_path / "nothing") == []


def test_what_is_gone_already_or_can_not_be_marked_is_no_error(tmp_path: Path) -> None:
    drop_entries([CacheEntry(tmp_path / "gone", 1, 0.0)])
    mark_used(tmp_path / "gone")
    with pytest.raises(OSError, match="directory"):
        drop_entries([CacheEntry(tmp_path, 1, 0.0)])
