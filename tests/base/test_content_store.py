import os
from pathlib import Path

import pytest

from packager.base.content_store import ContentStore, StoreEntry, choose_evictions, evict, list_entries, mark_used

DAY = 24 * 3600.0
NOW = 100 * DAY
KEY, PAYLOAD = "ab12", b"line 1\nline 2\n" + bytes(range(256))


@pytest.fixture
def store(tmp_path: Path) -> ContentStore:
    return ContentStore(tmp_path / "store", ".clip")


def test_an_entry_is_read_back_unchanged_until_it_is_deleted(store: ContentStore) -> None:
    assert (store.get(KEY), store.has(KEY)) == (None, False)
    for payload in (PAYLOAD, b"", b"\n"):
        store.put(KEY, payload)
        assert (store.get(KEY), store.has(KEY)) == (payload, True)
    store.delete(KEY)
    store.delete(KEY)
    assert (store.get(KEY), store.has(KEY)) == (None, False)


def test_a_flipped_bit_anywhere_or_a_missing_end_makes_an_entry_invalid(store: ContentStore) -> None:
    store.put(KEY, PAYLOAD)
    whole = store.path(KEY).read_bytes()
    for place in range(len(whole)):
        store.path(KEY).write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert store.get(KEY) is None
        store.path(KEY).write_bytes(whole[:place])
        assert store.get(KEY) is None
    store.path(KEY).write_bytes(whole)
    assert store.get(KEY) == PAYLOAD


def test_a_file_under_the_name_of_another_key_is_invalid(store: ContentStore) -> None:
    store.put(KEY, PAYLOAD)
    other = store.path("cd34")
    other.parent.mkdir()
    other.write_bytes(store.path(KEY).read_bytes())
    assert store.get("cd34") is None


def test_reading_an_entry_counts_as_its_last_use_and_asking_whether_it_exists_does_not(store: ContentStore) -> None:
    store.put(KEY, PAYLOAD)
    os.utime(store.path(KEY), (NOW, NOW))
    store.has(KEY)
    assert [entry.used for entry in list_entries(store.folder)] == [NOW]
    store.get(KEY)
    assert [entry.used > NOW for entry in list_entries(store.folder)] == [True]


def test_a_failed_write_leaves_the_old_entry_and_no_other_file(store: ContentStore) -> None:
    store.put(KEY, PAYLOAD)
    with pytest.raises(TypeError):
        store.put(KEY, "no bytes")  # type: ignore[arg-type]
    assert store.get(KEY) == PAYLOAD
    assert len(list_entries(store.folder)) == 1


def entries(*days_ago: float, size: int = 100, suffix: str = ".clip") -> list[StoreEntry]:
    return [StoreEntry(Path(f"{days}{suffix}"), size, NOW - days * DAY) for days in days_ago]


def names(evicted: list[StoreEntry]) -> list[str]:
    return [entry.path.name for entry in evicted]


def test_the_least_recently_used_entries_are_evicted_first_and_no_more_than_needed() -> None:
    listed = entries(1, 9, 3, 7)
    assert names(choose_evictions(listed, limit=250, used_before=NOW)) == ["9.clip", "7.clip"]
    assert names(choose_evictions(listed, limit=300, used_before=NOW)) == ["9.clip"]
    assert choose_evictions(listed, limit=400, used_before=NOW) == []
    assert len(choose_evictions(listed, limit=0, used_before=NOW)) == 4


def test_entries_used_by_a_running_build_stay_above_the_limit() -> None:
    assert names(choose_evictions(entries(1, 2, 3), limit=0, used_before=NOW - 2 * DAY)) == ["3.clip"]


def test_entries_unused_since_a_day_are_evicted_without_a_limit() -> None:
    evicted = choose_evictions(entries(1, 30, 40, 80), used_before=NOW, unused_since=NOW - 30 * DAY)
    assert names(evicted) == ["80.clip", "40.clip"]


def test_leftovers_of_a_killed_process_are_evicted_after_a_day() -> None:
    assert names(choose_evictions(entries(0.5, 1, 2, suffix=".part"), used_before=NOW)) == ["2.part"]


def test_entries_are_listed_with_sizes_and_evicted_by_last_use(tmp_path: Path) -> None:
    for name in ("ab/one.clip", "ab/two.clip", "cd/three.clip"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"12345")
        os.utime(path, (NOW, NOW))
    mark_used(tmp_path / "ab" / "one.clip")
    found = list_entries(tmp_path)
    assert sum(entry.size for entry in found) == 15
    evict(choose_evictions(found, limit=5, used_before=NOW + 10**12))
    assert [path.name for path in tmp_path.rglob("*.clip")] == ["one.clip"]
    assert list_entries(tmp_path / "nothing") == []


def test_a_missing_entry_is_no_error_when_it_is_evicted_or_marked(tmp_path: Path) -> None:
    evict([StoreEntry(tmp_path / "gone", 1, 0.0)])
    mark_used(tmp_path / "gone")
    with pytest.raises(OSError, match="directory"):
        evict([StoreEntry(tmp_path, 1, 0.0)])
