import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from packager.base.errors import SpeechError, StorageError
from packager.speech import Clip, ClipCache, Evidence, Voice
from packager.speech.cache import clip_key

VOICE = Voice("kokoro", "zf_xiaoyi")
KEY = clip_key("你好", "engine 1", VOICE)
EVIDENCE = Evidence(seconds=0.5, spoken=2, phonemes=8, peak=0.6, longest_silence=0.0)


def a_clip() -> Clip:
    noise = np.random.default_rng(7).uniform(-1, 1, 12_000).astype(np.float32)
    return Clip(noise, 24_000, EVIDENCE)


def test_a_clip_reads_back_the_same_every_time(clips: Path) -> None:
    cache = ClipCache(clips)
    cache.store(KEY, a_clip())
    first, second = cache.load(KEY), ClipCache(clips).load(KEY)
    assert first.samples.tobytes() == second.samples.tobytes()
    assert (first.sample_rate, first.evidence) == (24_000, EVIDENCE)
    assert np.max(np.abs(first.samples - a_clip().samples)) <= 1 / 32768
    assert cache.evidence(KEY) == EVIDENCE


def test_storing_a_clip_that_was_read_back_changes_no_byte(clips: Path) -> None:
    cache = ClipCache(clips)
    cache.store(KEY, a_clip())
    (entry,) = clips.rglob("*.clip")
    before = entry.read_bytes()
    cache.store(KEY, cache.load(KEY))
    assert entry.read_bytes() == before


def test_the_cache_key_depends_on_everything_that_decides_the_sound() -> None:
    keys = {
        clip_key(text, engine, voice)
        for text in ("你好", "你好。")
        for engine in ("engine 1", "engine 2")
        for voice in (VOICE, Voice("kokoro", "zm_yunjian"))
    }
    assert len(keys) == 8


def test_a_missing_clip_has_no_evidence_and_loading_it_is_an_error(clips: Path) -> None:
    assert ClipCache(clips).evidence(KEY) is None
    with pytest.raises(SpeechError, match="again"):
        ClipCache(clips).load(KEY)


@pytest.mark.parametrize("place", [0, 20, 70, 100, 500, -1])
def test_an_entry_with_one_flipped_bit_is_not_used(clips: Path, place: int) -> None:
    cache = ClipCache(clips)
    cache.store(KEY, a_clip())
    (entry,) = clips.rglob("*.clip")
    data = bytearray(entry.read_bytes())
    data[place] ^= 1
    entry.write_bytes(data)
    assert cache.evidence(KEY) is None


@pytest.mark.parametrize("size", [0, 1, 64, 65, 200, 1000])
def test_a_truncated_entry_is_not_used(clips: Path, size: int) -> None:
    cache = ClipCache(clips)
    cache.store(KEY, a_clip())
    (entry,) = clips.rglob("*.clip")
    entry.write_bytes(entry.read_bytes()[:size])
    assert cache.evidence(KEY) is None


def test_an_entry_under_the_name_of_another_is_not_used(clips: Path) -> None:
    cache = ClipCache(clips)
    cache.store(KEY, a_clip())
    (entry,) = clips.rglob("*.clip")
    other = clip_key("再见", "engine 1", VOICE)
    (clips / other[:2]).mkdir(exist_ok=True)
    shutil.copy(entry, clips / other[:2] / f"{other}.clip")
    assert cache.evidence(other) is None


def test_a_folder_that_can_not_be_written_is_a_storage_error_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="file"):
        ClipCache(tmp_path / "file" / "clips").store(KEY, a_clip())


@pytest.mark.skipif(sys.platform == "win32", reason="a limit to the size of files stands for a full disk")
def test_a_full_disk_is_a_storage_error_and_leaves_no_file(clips: Path) -> None:
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(StorageError, match="clips"):
            ClipCache(clips).store(KEY, a_clip())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [path for path in clips.rglob("*") if path.is_file()] == []
