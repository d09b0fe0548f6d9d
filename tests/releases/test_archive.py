"""A release in one file: the same bytes each time, whole elsewhere, and refused when anything is amiss."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from tones import Built, Office, tree

from packager.base.errors import DocumentError, InputError, PackagerError, StorageError
from packager.base.formats import canonical_json
from packager.base.manifest import Manifest, content_id
from packager.releases import archive, archive_form
from packager.releases.archive import keep_unpacked, pack_release, unpacked
from packager.releases.archive_form import DECISIONS_FILE, MAX_DECISIONS_BYTES, TEXT_SYNC_FILE
from packager.releases.store import StoredRelease, list_releases, open_release

DECISIONS = canonical_json([{"decision": "approved", "by": "党群办"}])
SPOKEN = canonical_json({"tracks": {"ab": "第一号。"}})


@pytest.fixture
def release(first_office: tuple[Office, Built]) -> StoredRelease:
    """A release that must not be changed."""
    return first_office[1].result.release


@pytest.fixture
def packed(release: StoredRelease, tmp_path: Path) -> Path:
    file = tmp_path / "release.zip"
    pack_release(release, file, decisions=DECISIONS, spoken=SPOKEN)
    return file


def unpack(file: Path, releases: Path) -> StoredRelease:
    with unpacked(file, releases) as found:
        return keep_unpacked(found, releases)


def refuse(file: Path, releases: Path, words: str | None = None, error: type[PackagerError] = InputError) -> None:
    """The archive is refused, and nothing is left of it."""
    with pytest.raises(error, match=words):
        unpack(file, releases)
    assert not releases.exists() or list(releases.iterdir()) == []


def test_a_release_is_the_same_after_the_journey(release: StoredRelease, packed: Path, tmp_path: Path) -> None:
    with unpacked(packed, tmp_path / "there") as found:
        assert (found.decisions, found.spoken) == (DECISIONS, SPOKEN)
        arrived = keep_unpacked(found, tmp_path / "there")
    assert arrived.folder == tmp_path / "there" / "main-0001" / "folders"
    assert tree(arrived.folder) == tree(release.folder)
    assert list_releases(tmp_path / "there") == (arrived,)
    assert [path.name for path in (tmp_path / "there").iterdir()] == ["main-0001"]


def test_the_same_release_makes_the_same_bytes_on_any_day(release: StoredRelease, packed: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(release.folder, copy)
    for path in copy.rglob("*"):
        os.utime(path, (0, 0))
        path.chmod(0o700 if path.is_dir() else 0o600)
    size = pack_release(open_release(copy), tmp_path / "again.zip", decisions=DECISIONS, spoken=SPOKEN)
    assert (tmp_path / "again.zip").read_bytes() == packed.read_bytes()
    assert size == packed.stat().st_size


def test_an_archive_that_does_not_say_what_is_spoken_is_as_good(release: StoredRelease, tmp_path: Path) -> None:
    file = tmp_path / "older.zip"
    size = pack_release(release, file, decisions=DECISIONS)
    assert size == file.stat().st_size
    with unpacked(file, tmp_path / "there") as found:
        assert (found.decisions, found.spoken) == (DECISIONS, b"")
        assert tree(keep_unpacked(found, tmp_path / "there").folder) == tree(release.folder)


def test_what_is_spoken_beyond_all_measure_is_refused(
    packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(archive.MEMBER_LIMITS, archive.TEXT_SYNC_FILE, len(SPOKEN) - 1)
    refuse(packed, tmp_path / "there", "size")


def test_other_programs_can_open_it(release: StoredRelease, packed: Path) -> None:
    with zipfile.ZipFile(packed) as opened:
        assert opened.testzip() is None
        found = {name: opened.read(name) for name in opened.namelist()}
    assert found.pop(DECISIONS_FILE) == DECISIONS
    assert found.pop(TEXT_SYNC_FILE) == SPOKEN
    assert found == tree(release.folder)
    assert next(iter(found)) == "manifest.json"


def test_it_is_readable_too_where_it_is_too_large_for_the_old_form(
    release: StoredRelease, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, large = tmp_path / "plain.zip", tmp_path / "large.zip"
    pack_release(release, plain)
    monkeypatch.setattr(archive_form, "_MANY", 2)  # as if two were more than the short fields can count to
    monkeypatch.setattr(archive_form, "_FAR", 0xFFFF)
    pack_release(release, large)
    assert unpack(large, tmp_path / "there").manifest == release.manifest
    data = large.read_bytes()
    assert data.count(b"PK\x06\x06") == data.count(b"PK\x06\x07") == 1
    with zipfile.ZipFile(large) as opened, zipfile.ZipFile(plain) as expected:
        assert opened.namelist() == expected.namelist()
        assert opened.testzip() is None


def test_a_damaged_release_is_not_packed(release: StoredRelease, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(release.folder, copy)
    track = copy / release.manifest.tracks[1].path
    whole = track.read_bytes()
    for partial in (whole[:-1], whole + b"x", b"x" + whole[1:]):
        track.write_bytes(partial)
        with pytest.raises(InputError, match="altered"):
            pack_release(open_release(copy), tmp_path / "x.zip")
    track.unlink()
    with pytest.raises(InputError, match="missing"):
        pack_release(open_release(copy), tmp_path / "x.zip")
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]


def test_wherever_a_byte_is_altered_the_archive_is_refused(packed: Path, tmp_path: Path) -> None:
    whole = packed.read_bytes()
    with zipfile.ZipFile(packed) as opened:
        headers = [info.header_offset for info in opened.infolist()]
        end = opened.start_dir
    places = {*range(0, 60, 2), *range(end, len(whole), 17), *range(len(whole) - 22, len(whole), 2)}
    places |= {place + offset for place in headers for offset in range(0, 45, 6)}
    places |= set(random.Random(7).sample(range(len(whole)), 20))
    for place in sorted(places):
        altered = bytearray(whole)
        altered[place] ^= 0x20
        packed.write_bytes(altered)
        refuse(packed, tmp_path / "there")


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.6, 0.95, 0.999])
def test_an_archive_that_was_cut_is_refused(packed: Path, tmp_path: Path, share: float) -> None:
    whole = packed.read_bytes()
    packed.write_bytes(whole[: int(len(whole) * share)])
    refuse(packed, tmp_path / "there")


def test_what_was_added_before_behind_or_within_is_refused(packed: Path, tmp_path: Path) -> None:
    whole = packed.read_bytes()
    for changed in (b"#!/bin/sh\n" + whole, whole + b"\0", whole + whole, whole[:-2] + b"\x05\x00hello"):
        packed.write_bytes(changed)
        refuse(packed, tmp_path / "there")


def test_an_archive_of_another_program_is_refused_though_its_content_is_right(
    release: StoredRelease, tmp_path: Path
) -> None:
    for compression in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        file = tmp_path / "other.zip"
        with zipfile.ZipFile(file, "w", compression) as made:
            for path, data in (("manifest.json", release.manifest.to_bytes()), *tree(release.folder).items()):
                if path != "manifest.json" or path not in made.namelist():
                    made.writestr(path, data)
        refuse(file, tmp_path / "there", "not as it was packed|damaged")


@pytest.mark.parametrize("content", [b"", b"x", b"PK\x03\x04", b"PK\x03\x04" + bytes(5000), b"{}" * 5000])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    refuse(tmp_path / "file", tmp_path / "there")


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    refuse(tmp_path, tmp_path / "there", "is no file")
    refuse(tmp_path / "nothing", tmp_path / "there", "is no file")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        refuse(tmp_path / "pipe", tmp_path / "there", "is no file")


def crafted(manifest: dict[str, object] | bytes, files: dict[str, bytes], file: Path) -> Path:
    """An archive that is right in form for a manifest which nobody's `pack_release` would have."""
    data = manifest if isinstance(manifest, bytes) else canonical_json(manifest)
    contents = [("manifest.json", data), *files.items(), (DECISIONS_FILE, DECISIONS)]
    offset, members = 0, []
    for name, content in contents:
        members.append(archive_form.ArchiveMember(name, len(content), offset))
        offset = members[-1].end
    sums = [zlib.crc32(content) for _name, content in contents]
    parts = [
        archive_form.local_header(member, checksum) + content
        for member, checksum, (_name, content) in zip(members, sums, contents, strict=True)
    ]
    file.write_bytes(b"".join(parts) + archive_form.directory(members, sums))
    return file


def values_of(release: StoredRelease) -> dict[str, object]:
    values: dict[str, object] = json.loads(release.manifest.to_bytes())
    return values


@pytest.mark.parametrize(
    "path",
    [
        "../../escape.mp3",
        "/tmp/escape.mp3",
        "C:/escape.mp3",
        "..\\escape.mp3",
        "01/../../escape.mp3",
        "manifest.json",
        "Manifest.JSON",
        "manifest.json/x.mp3",
        ".packager/card.json",
        "01/nul.mp3",
        "01/x.mp3:stream",
        "01/\u202e3pm.mp3",
    ],
)
def test_a_path_that_leaves_its_place_or_takes_anothers_is_refused(
    release: StoredRelease, tmp_path: Path, path: str
) -> None:
    values = values_of(release)
    track = values["tracks"][0]  # type: ignore[index]
    content = (release.folder / track["path"]).read_bytes()
    track["path"] = path
    values["tracks"] = [track]
    values["content_id"] = content_id([(path, track["sha256"])])
    values["evidence"] = track.get("evidence", {})
    file = crafted(values, {path: content}, tmp_path / "crafted.zip")
    refuse(file, tmp_path / "deep" / "there", error=DocumentError)
    assert not list(tmp_path.rglob("escape.mp3"))


def test_two_tracks_that_are_one_without_case_are_refused(release: StoredRelease, tmp_path: Path) -> None:
    values = values_of(release)
    first, second = values["tracks"][:2]  # type: ignore[index]
    first["path"], second["path"] = "01/a.mp3", "01/A.mp3"
    values["tracks"] = [first, second]
    values["content_id"] = content_id((track["path"], track["sha256"]) for track in (first, second))
    file = crafted(values, {"01/a.mp3": b"x", "01/A.mp3": b"y"}, tmp_path / "crafted.zip")
    refuse(file, tmp_path / "there", error=DocumentError)


@pytest.mark.parametrize(("key", "name"), [("release", "con"), ("profile", "nul"), ("release", "main-0001.")])
def test_a_release_that_can_be_no_folder_on_some_computer_is_refused(
    release: StoredRelease, tmp_path: Path, key: str, name: str
) -> None:
    manifest = replace(release.manifest, **{key: name})
    files = {track.path: (release.folder / track.path).read_bytes() for track in manifest.tracks}
    refuse(crafted(manifest.to_bytes(), files, tmp_path / "x.zip"), tmp_path / "there", name, DocumentError)


def test_a_manifest_that_promises_other_tracks_is_refused(release: StoredRelease, tmp_path: Path) -> None:
    manifest = release.manifest
    files = {track.path: (release.folder / track.path).read_bytes() for track in manifest.tracks}
    first = manifest.tracks[0].path
    same_size = bytes(len(files[first]))
    for content, words in ((same_size, "altered"), (files[first] + b"x", "damaged"), (b"", "damaged")):
        file = crafted(manifest.to_bytes(), {**files, first: content}, tmp_path / "x.zip")
        refuse(file, tmp_path / "there", words)
    for name in ("extra.mp3", TEXT_SYNC_FILE):
        more = crafted(manifest.to_bytes(), {**files, name: b"x"}, tmp_path / "x.zip")
        refuse(more, tmp_path / "there", "damaged")
    fewer = crafted(manifest.to_bytes(), dict(list(files.items())[:-1]), tmp_path / "x.zip")
    refuse(fewer, tmp_path / "there", "damaged")
    swapped = crafted(manifest.to_bytes(), dict(reversed(files.items())), tmp_path / "x.zip")
    refuse(swapped, tmp_path / "there", "damaged")


def test_sizes_that_lie_are_found_before_anything_is_written(
    release: StoredRelease, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *others = release.manifest.tracks
    huge = replace(release.manifest, tracks=(replace(first, size=0xFFFFFFF0), *others))
    files = {track.path: (release.folder / track.path).read_bytes() for track in huge.tracks}
    monkeypatch.setattr(Path, "mkdir", lambda *_arguments, **_options: pytest.fail("something was made"))
    refuse(crafted(huge.to_bytes(), files, tmp_path / "x.zip"), tmp_path / "there", "damaged")
    larger = replace(release.manifest, tracks=(replace(first, size=2**32), *others))
    refuse(crafted(larger.to_bytes(), files, tmp_path / "x.zip"), tmp_path / "there", "4 GiB")


def test_a_manifest_or_decisions_beyond_all_measure_are_refused(
    release: StoredRelease, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {track.path: (release.folder / track.path).read_bytes() for track in release.manifest.tracks}
    monkeypatch.setitem(crafted.__globals__, "DECISIONS", bytes(MAX_DECISIONS_BYTES + 1))
    refuse(crafted(release.manifest.to_bytes(), files, tmp_path / "x.zip"), tmp_path / "there", "size")
    monkeypatch.setattr(archive, "MAX_MANIFEST_BYTES", 100)
    refuse(crafted(release.manifest.to_bytes(), files, tmp_path / "x.zip"), tmp_path / "there", "larger than a")


def test_a_list_of_contents_beyond_all_measure_is_refused_before_it_is_read(
    packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(packed) as opened:
        size = packed.stat().st_size - 22 - opened.start_dir
    monkeypatch.setattr(archive, "MAX_DIRECTORY_BYTES", size)
    unpack(packed, tmp_path / "there")
    monkeypatch.setattr(archive, "MAX_DIRECTORY_BYTES", size - 1)
    refuse(packed, tmp_path / "elsewhere", "its list of contents can't be read")


def test_without_room_nothing_is_written(packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = shutil.disk_usage(tmp_path)._replace(free=1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: full)
    refuse(packed, tmp_path / "there", "make room", StorageError)


@pytest.mark.parametrize("stop", [0, 1, 2])
def test_an_interruption_leaves_nothing_behind(packed: Path, tmp_path: Path, stop: int) -> None:
    seen: list[int] = []

    def progress(done: int, _total: int) -> None:
        seen.append(done)
        if len(seen) > stop:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), unpacked(packed, tmp_path / "there", progress=progress):
        pass
    assert list((tmp_path / "there").iterdir()) == []


def test_an_interruption_of_packing_leaves_the_old_archive(
    release: StoredRelease, packed: Path, tmp_path: Path
) -> None:
    before = packed.read_bytes()

    def progress(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pack_release(release, packed, progress=progress)
    assert packed.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [packed.name]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
def test_what_a_killed_unpacking_left_is_no_release_and_does_not_disturb(packed: Path, tmp_path: Path) -> None:
    program = """
import os, sys
from pathlib import Path
from packager.releases.archive import unpacked
with unpacked(Path(sys.argv[1]), Path(sys.argv[2]), progress=lambda *_: os.kill(os.getpid(), 9)):
    pass
"""
    there = tmp_path / "there"
    subprocess.run([sys.executable, "-c", program, str(packed), str(there)], check=False)
    assert list(there.iterdir())
    assert list_releases(there) == ()
    unpack(packed, there)
    assert [path.name for path in there.iterdir()] == ["main-0001"]


def test_a_damaged_release_is_replaced_by_the_one_that_comes(packed: Path, tmp_path: Path) -> None:
    first = unpack(packed, tmp_path / "there")
    whole = tree(first.folder)
    (first.folder / first.manifest.tracks[0].path).write_bytes(b"spoiled")
    assert tree(unpack(packed, tmp_path / "there").folder) == whole


def test_a_manifest_of_the_archive_is_no_other_than_that_of_a_release(
    release: StoredRelease, packed: Path, tmp_path: Path
) -> None:
    with unpacked(packed, tmp_path / "there") as found:
        assert found.manifest == release.manifest
        assert Manifest.from_bytes((found.folder / "manifest.json").read_bytes(), "x").id == release.manifest.id
