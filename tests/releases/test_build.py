"""A build, with tones for speech: what it makes, what it keeps, and what it leaves when it breaks."""

from __future__ import annotations

import errno
import os
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from tones import BOOK, NEWS, NOW, PLAYLIST, Built, Office, Tones, Watcher, tree

from packager.arranging.number_ledger import load_ledger
from packager.base.errors import DocumentError, InputError, PackagerError, SpeechError, StorageError
from packager.base.formats import canonical_json, sha256_bytes
from packager.base.manifest import Manifest, content_id
from packager.base.yaml_documents import load_document, schema_problems
from packager.releases.store import damaged_files, list_releases, open_release


def folders_of(releases: Path) -> list[str]:
    return sorted(path.name for path in releases.iterdir() if path.is_dir())


def releases_of(office: Office) -> Path:
    return office.workspace.releases


def flip(path: Path) -> None:
    """Change one bit in the middle of a file, where it stands."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_a_release_is_exactly_the_tree_of_its_manifest(first_office: tuple[Office, Built]) -> None:
    office, built = first_office
    manifest = built.result.release.manifest
    assert [track.path for track in manifest.tracks] == ["01/001.mp3", "01/002.mp3", "02/011.mp3", "02/012.mp3"]
    assert tree(built.folder).keys() == {"manifest.json", *(track.path for track in manifest.tracks)}
    assert list(damaged_files(built.result.release)) == []
    assert open_release(built.folder) == built.result.release
    assert built.folder == releases_of(office) / "main-0001" / "folders"
    assert folders_of(releases_of(office)) == ["main-0001"]


def test_its_manifest_and_ledger_fit_their_schemas(first_office: tuple[Office, Built]) -> None:
    office, built = first_office
    manifest = built.result.release.manifest
    assert schema_problems(manifest.to_dict(), "manifest") == []
    assert load_document(office.places.numbers, "numbers")["sequence"] == 1
    assert load_ledger(office.places.numbers, "main").find("texts/book.md") is not None
    assert manifest.created == "2026-11-23T08:00:00Z"
    assert all(abs(track.lufs + 18) <= 0.5 and track.true_peak <= -3 for track in manifest.tracks)
    assert all(0 < track.spoken < 60 for track in manifest.tracks)


def test_a_build_again_speaks_nothing_makes_nothing_and_keeps_the_release(office: Office) -> None:
    before = {path: path.stat().st_mtime_ns for path in releases_of(office).rglob("*") if path.is_file()}
    ledger = office.places.numbers.read_bytes()
    again = office.build(now=NOW + timedelta(days=7))
    assert (again.spoken, again.made, again.result.is_new) == ((), (), False)
    assert (again.result.tracks_kept, again.result.chunks_cached) == (4, 0)
    assert again.result.release.manifest.release == "main-0001"
    lock = releases_of(office) / ".build.lock"
    after = {path: path.stat().st_mtime_ns for path in releases_of(office).rglob("*") if path.is_file()}
    assert after.keys() == before.keys()
    assert all(after[path] == before[path] for path in before if path != lock)
    assert office.places.numbers.read_bytes() == ledger


def test_one_changed_sentence_is_spoken_and_only_its_track_is_made(
    office: Office, first_office: tuple[Office, Built]
) -> None:
    office.write({"book.md": BOOK.replace("先问是谁", "先看是谁")})
    built = office.build()
    old = set(first_office[1].spoken)
    assert [text for text in built.spoken if "先看是谁" not in text] == []
    assert len(built.spoken) == 1
    assert not old & set(built.spoken)
    assert built.made == ("02/011.mp3",)
    assert (built.result.is_new, built.result.tracks_kept) == (True, 3)
    assert built.result.release.manifest.release == "main-0002"
    earlier = releases_of(office) / "main-0001" / "folders"
    for path in ("01/001.mp3", "01/002.mp3", "02/012.mp3"):
        assert (built.folder / path).samefile(earlier / path)  # the bytes lie on the disk once
    assert not (built.folder / "02/011.mp3").samefile(earlier / "02/011.mp3")
    assert tree(earlier) == tree(first_office[1].folder)


def test_a_new_title_of_the_playlist_is_a_new_release_though_most_tracks_stay(office: Office) -> None:
    playlist = office.root / "playlists" / "week.yaml"
    playlist.write_text(PLAYLIST.format(name="week").replace("title: week", "title: 新的一周"), "utf-8")
    built = office.build()
    assert built.result.is_new
    assert built.made == ("01/001.mp3",)


def test_force_makes_every_track_again_from_its_clips_with_the_same_bytes(
    office: Office, first_office: tuple[Office, Built]
) -> None:
    built = office.build(force=True)
    assert (len(built.made), built.spoken, built.result.tracks_kept) == (4, (), 0)
    assert not built.result.is_new
    assert tree(built.folder) == tree(first_office[1].folder)
    assert folders_of(releases_of(office)) == ["main-0001"]


@pytest.mark.parametrize("damage", ["flip", "cut", "delete"])
def test_a_damaged_track_of_a_release_is_healed_with_the_same_bytes(
    office: Office, first_office: tuple[Office, Built], damage: str
) -> None:
    whole = tree(first_office[1].folder)
    track = releases_of(office) / "main-0001" / "folders" / "02" / "011.mp3"
    if damage == "flip":
        flip(track)
    elif damage == "cut":
        track.write_bytes(track.read_bytes()[:-1])
    else:
        track.unlink()
    healed = office.build(now=NOW + timedelta(days=1))
    assert healed.made == ("02/011.mp3",)
    assert healed.spoken == ()
    assert not healed.result.is_new
    assert tree(healed.folder) == whole
    assert folders_of(releases_of(office)) == ["main-0001"]


def test_a_damaged_manifest_is_an_error_that_says_what_to_delete(office: Office) -> None:
    folder = releases_of(office) / "main-0001" / "folders"
    manifest = folder / "manifest.json"
    manifest.write_bytes(manifest.read_bytes()[:-40])
    with pytest.raises(DocumentError, match="delete the folder") as raised:
        office.build()
    assert str(folder) in str(raised.value)
    shutil.rmtree(folder)
    assert office.build().result.release.manifest.release == "main-0002"


def test_a_damaged_clip_is_spoken_again_and_never_used(office: Office, first_office: tuple[Office, Built]) -> None:
    for clip in office.workspace.clip_cache.rglob("*.clip"):
        flip(clip)
    shutil.rmtree(releases_of(office) / "main-0001")
    built = office.build()
    assert sorted(built.spoken) == sorted(first_office[1].spoken)
    manifest, original = built.result.release.manifest, first_office[1].result.release.manifest
    assert manifest.content_id == original.content_id


def test_damaged_words_are_worded_again(office: Office, first_office: tuple[Office, Built]) -> None:
    for place, words in enumerate(sorted(office.workspace.chunk_cache.rglob("*.json"))):
        words.write_bytes([b"", b"{}", b"[]", b'{"chunks":[],"sha256":""}'][place])
    built = office.build()
    assert not built.result.is_new
    assert built.result.tracks_kept == 4


def test_no_model_is_loaded_where_all_clips_are_in_the_cache(office: Office) -> None:
    shutil.rmtree(office.places.chunk_cache)
    shutil.rmtree(releases_of(office))
    tones = Tones()
    built = office.build(tones=tones)
    assert (built.spoken, len(built.made), tones.made_ready) == ((), 4, 0)


def test_long_sentences_of_a_track_are_spoken_before_its_short_ones(first_office: tuple[Office, Built]) -> None:
    spoken = first_office[1].spoken
    assert spoken.index("有人敲门。先问是谁。") < spoken.index("第十一号。读本。")


def test_progress_is_told_of_each_clip_when_it_is_spoken(new_office: Office) -> None:
    heard = threading.Event()

    class Hears(Watcher):
        def heard(self, characters: int) -> None:
            heard.set()

    class Waits(Tones):
        """Speaks in threads; what is played first only after something else was heard."""

        def submit(self, work: Callable[..., Any], /, *arguments: Any, **options: Any) -> Future[Any]:
            return threads.submit(self.wait, super().submit, work, *arguments)

        def wait(self, speak: Callable[..., Future[Any]], work: Callable[..., Any], task: Any) -> Any:
            if getattr(task, "text", "") == "第一号。播放机目录。":
                assert heard.wait(120), "nothing was told"
            return speak(work, task).result()

    with ThreadPoolExecutor(4) as threads:
        built = new_office.build(tones=Waits(), watcher=Hears())
    assert len(built.made) == 4


@pytest.mark.parametrize("lost", ["releases", "numbers"])
def test_a_sequence_is_never_given_out_twice_though_half_of_what_knows_it_is_lost(office: Office, lost: str) -> None:
    if lost == "releases":
        shutil.rmtree(office.workspace.output)
    else:
        office.places.numbers.unlink()
        office.write({"news.md": NEWS.replace("明天", "后天")})
    built = office.build()
    assert built.result.is_new
    assert built.result.release.manifest.release == "main-0002"
    assert load_ledger(office.places.numbers, "main").sequence == 2


def test_a_series_whose_last_sequence_is_taken_builds_nothing(office: Office) -> None:
    ledger = office.places.numbers
    ledger.write_text(ledger.read_text("utf-8").replace("sequence: 1\n", f"sequence: {10**9}\n"), "utf-8")
    office.write({"news.md": NEWS.replace("明天", "后天")})
    with pytest.raises(InputError, match="another series"):
        office.build()
    assert [stored.manifest.sequence for stored in list_releases(releases_of(office))] == [1]


def test_no_release_appears_when_its_sequence_can_not_be_kept(office: Office) -> None:
    numbers = office.places.numbers
    numbers.unlink()
    office.write({"news.md": NEWS.replace("明天", "后天")})
    # A folder in its place, once it has been read: root may write wherever it likes.
    tones = Tones(before=lambda _text: numbers.mkdir(exist_ok=True))
    with pytest.raises(StorageError, match="numbers"):
        office.build(tones=tones)
    assert [stored.manifest.sequence for stored in list_releases(releases_of(office))] == [1]


def test_two_profiles_of_a_series_share_its_sequence_and_nothing_else(office: Office) -> None:
    keypad = office.build(profile="keypad")
    assert keypad.result.release.manifest.release == "main-0002"
    assert keypad.folder.name == "keypad"
    assert office.build().result.release.manifest.release == "main-0001"
    assert [stored.manifest.sequence for stored in list_releases(releases_of(office))] == [1, 2]


def test_a_build_that_breaks_leaves_the_last_release_and_the_next_goes_on(office: Office) -> None:
    before = tree(releases_of(office) / "main-0001")
    ledger = office.places.numbers.read_bytes()
    office.write(
        {"news.md": NEWS.replace("明天", "后天"), "book.md": BOOK.replace("有人", "谁在").replace("不开门", "别开门")}
    )
    with pytest.raises(SpeechError, match="别开门"):
        office.build(tones=Tones(stop_at="别开门"))
    assert [name for name in folders_of(releases_of(office)) if not name.startswith(".")] == ["main-0001"]
    assert tree(releases_of(office) / "main-0001") == before
    assert office.places.numbers.read_bytes() == ledger
    built = office.build()
    assert built.spoken == ("不认识的人，别开门。",)
    assert folders_of(releases_of(office)) == ["main-0001", "main-0002"]


def test_an_interrupted_build_ends_the_same_as_one_that_was_not(
    new_office: Office, first_office: tuple[Office, Built]
) -> None:
    def interrupt(text: str) -> None:
        if "先问是谁" in text:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        new_office.build(tones=Tones(before=interrupt))
    assert [name for name in folders_of(releases_of(new_office)) if not name.startswith(".")] == []
    assert not new_office.places.numbers.exists()
    built = new_office.build()
    assert tree(built.folder) == tree(first_office[1].folder)
    assert set(built.spoken) < set(first_office[1].spoken)
    assert folders_of(releases_of(new_office)) == ["main-0001"]


def test_what_a_killed_build_left_of_its_release_is_cleared_away(office: Office) -> None:
    for name in (".release.part", ".damaged.part"):
        (releases_of(office) / name / "01").mkdir(parents=True)
        (releases_of(office) / name / "01" / "099.mp3").write_bytes(b"left over")
    office.write({"news.md": NEWS.replace("明天", "后天")})
    built = office.build()
    assert "01/099.mp3" not in tree(built.folder)
    assert folders_of(releases_of(office)) == ["main-0001", "main-0002"]


def test_a_half_finished_track_in_the_track_store_is_made_again(
    new_office: Office, first_office: tuple[Office, Built]
) -> None:
    with pytest.raises(KeyboardInterrupt):
        new_office.build(stop_at="01/002.mp3")  # the last: the shortest
    store = releases_of(new_office) / ".main-folders.part"
    build_keys = {track.path: track.build_key for track in first_office[1].result.release.manifest.tracks}
    flip(store / f"{build_keys['01/001.mp3']}.mp3")
    (measured,) = store.rglob(f"{build_keys['02/011.mp3']}.json")
    measured.write_bytes(b"{}")
    built = new_office.build()
    assert sorted(built.made) == ["01/001.mp3", "01/002.mp3", "02/011.mp3"]
    assert built.spoken == ()
    assert tree(built.folder) == tree(first_office[1].folder)


def test_a_second_build_at_once_is_refused_and_changes_nothing(office: Office) -> None:
    before = tree(releases_of(office))
    with FileLock(releases_of(office) / ".build.lock"), pytest.raises(PackagerError, match="another build"):
        office.build()
    assert tree(releases_of(office)) == before


def test_a_disk_that_takes_no_hard_links_gets_copies(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    office.write({"news.md": NEWS.replace("明天", "后天")})
    built = office.build()
    assert list(damaged_files(built.result.release)) == []
    earlier = releases_of(office) / "main-0001" / "folders" / "02" / "011.mp3"
    assert not (built.folder / "02" / "011.mp3").samefile(earlier)


def test_a_disk_that_fills_up_is_a_storage_error_and_the_build_goes_on_later(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    office.write({"news.md": NEWS.replace("明天", "后天")})
    with monkeypatch.context() as patch:
        patch.setattr(os, "link", full)
        patch.setattr(shutil, "copyfile", full)
        with pytest.raises(StorageError, match="No space left"):
            office.build()
    assert ".release.part" not in folders_of(releases_of(office))
    assert [stored.manifest.sequence for stored in list_releases(releases_of(office))] == [1]
    built = office.build()
    assert (built.spoken, built.made) == ((), ())
    assert built.result.release.manifest.sequence == 3  # 2 was given out, and is not given out again


def test_bytes_stay_though_the_tools_would_make_others(office: Office) -> None:
    """What another computer made is kept while its build_key is unchanged: cards are not written anew."""
    release = list_releases(releases_of(office))[0]
    track = release.manifest.tracks[-1]
    elsewhere = (release.folder / track.path).read_bytes() + b"\0" * 10
    (release.folder / track.path).write_bytes(elsewhere)
    values = release.manifest.to_dict()
    values["tracks"][-1] |= {"size": len(elsewhere), "sha256": sha256_bytes(elsewhere)}
    values["content_id"] = content_id((entry["path"], entry["sha256"]) for entry in values["tracks"])
    manifest = Manifest.from_bytes(canonical_json(values), "elsewhere")
    (release.folder / "manifest.json").write_bytes(manifest.to_bytes())
    office.write({"news.md": NEWS.replace("明天", "后天")})
    built = office.build()
    assert (built.folder / track.path).read_bytes() == elsewhere
