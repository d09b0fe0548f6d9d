"""An archive of what changed: whole at a computer that has the rest, and refused with the reason elsewhere."""

from __future__ import annotations

import json
import os
import random
import shutil
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tones import Built, Office, tree

from packager.base.errors import DocumentError, InputError, PackagerError
from packager.base.formats import canonical_json
from packager.base.manifest import Manifest
from packager.releases.archive import keep_unpacked, pack_release, unpacked
from packager.releases.archive_form import (
    DECISIONS_FILE,
    SINCE_FILE,
    ArchiveMember,
    difference_of,
    directory,
    local_header,
)
from packager.releases.store import MANIFEST_FILE, StoredRelease, open_release


@pytest.fixture
def release(first_office: tuple[Office, Built]) -> StoredRelease:
    """A release that must not be changed."""
    return first_office[1].result.release


@pytest.fixture
def earlier(release: StoredRelease) -> Manifest:
    """A release before it, without its last two tracks."""
    return replace(release.manifest, release="main-0000", tracks=release.manifest.tracks[:-2])


@pytest.fixture
def there(release: StoredRelease, earlier: Manifest, tmp_path: Path) -> Path:
    """The releases of a computer that has the earlier one."""
    place = tmp_path / "there" / "main-0000" / "folders"
    for track in earlier.tracks:
        (place / track.path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(release.folder / track.path, place / track.path)
    (place / MANIFEST_FILE).write_bytes(earlier.to_bytes())
    return tmp_path / "there"


@pytest.fixture
def packed(release: StoredRelease, earlier: Manifest, tmp_path: Path) -> Path:
    file = tmp_path / "difference.zip"
    pack_release(release, file, since=difference_of(release.manifest, earlier))
    return file


def unpack(file: Path, releases: Path) -> tuple[StoredRelease, int]:
    with unpacked(file, releases) as found:
        return keep_unpacked(found, releases), found.from_here


def refuse(file: Path, releases: Path, words: str, error: type[PackagerError] = InputError) -> None:
    """The archive is refused, and nothing is changed."""
    before = tree(releases) if releases.exists() else {}
    with pytest.raises(error, match=words):
        unpack(file, releases)
    assert (tree(releases) if releases.exists() else {}) == before


def test_a_difference_makes_the_whole_release_where_the_earlier_one_is(
    release: StoredRelease, earlier: Manifest, packed: Path, there: Path
) -> None:
    arrived, from_here = unpack(packed, there)
    assert from_here == len(earlier.tracks)
    assert tree(arrived.folder) == tree(release.folder)
    assert arrived.manifest == release.manifest
    assert sorted(path.name for path in there.iterdir()) == ["main-0000", "main-0001"]


def test_a_difference_holds_only_what_changed_and_has_the_same_bytes_each_time(
    release: StoredRelease, earlier: Manifest, packed: Path, tmp_path: Path
) -> None:
    whole = pack_release(release, tmp_path / "whole.zip")
    saved = sum(file.size for file in earlier.files)
    assert packed.stat().st_size < whole - saved + 100 * (len(earlier.files) + 2)
    again = tmp_path / "again.zip"
    assert pack_release(release, again, since=difference_of(release.manifest, earlier)) == packed.stat().st_size
    assert again.read_bytes() == packed.read_bytes()


def test_any_release_with_the_same_files_will_do(packed: Path, there: Path, earlier: Manifest) -> None:
    """By hash, whatever the paths and the name."""
    old, new = there / "main-0000", there / "other-0009"
    old.rename(new)
    first = earlier.tracks[0]
    (new / "folders" / first.path).rename(new / "folders" / "moved.mp3")
    moved = replace(
        earlier, release="other-0009", series="other", tracks=(replace(first, path="moved.mp3"), *earlier.tracks[1:])
    )
    (new / "folders" / MANIFEST_FILE).write_bytes(moved.to_bytes())
    assert unpack(packed, there)[1] == len(earlier.tracks)


def test_without_the_earlier_release_a_difference_is_refused_by_its_name(
    packed: Path, earlier: Manifest, tmp_path: Path
) -> None:
    refuse(packed, tmp_path / "empty", f"since 'main-0000'.*{len(earlier.tracks)} files are not here.*in no release")


@pytest.mark.parametrize("change", ["altered", "shorter", "deleted", "link"])
def test_an_earlier_release_that_was_altered_is_named(
    packed: Path, there: Path, earlier: Manifest, tmp_path: Path, change: str
) -> None:
    file = there / "main-0000" / "folders" / earlier.tracks[1].path
    data = file.read_bytes()
    file.unlink()
    if change == "altered":
        file.write_bytes(bytes([data[0] ^ 1]) + data[1:])
    elif change == "shorter":
        file.write_bytes(data[:-1])
    elif change == "link":
        (tmp_path / "elsewhere").write_bytes(data)
        file.symlink_to(tmp_path / "elsewhere")
    refuse(packed, there, f"1 files are not here .*{file.name} is missing or was altered")


def test_a_second_release_with_the_file_helps_where_the_first_was_altered(
    packed: Path, there: Path, earlier: Manifest
) -> None:
    shutil.copytree(there / "main-0000", there / "main-0002")
    (there / "main-0002" / "folders" / MANIFEST_FILE).write_bytes(
        replace(earlier, release="main-0002", sequence=2).to_bytes()
    )
    (there / "main-0000" / "folders" / earlier.tracks[0].path).write_bytes(b"no sound")
    unpack(packed, there)


def test_a_damaged_release_is_mended_by_a_difference(
    release: StoredRelease, packed: Path, there: Path, earlier: Manifest
) -> None:
    arrived, _from_here = unpack(packed, there)
    last = arrived.folder / release.manifest.tracks[-1].path
    last.write_bytes(b"no sound")
    unpack(packed, there)
    assert tree(arrived.folder) == tree(release.folder)


def test_on_a_disk_without_links_files_are_copied(
    release: StoredRelease, packed: Path, there: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_link(*_arguments: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", no_link)
    assert tree(unpack(packed, there)[0].folder) == tree(release.folder)


def test_releases_without_a_common_file_make_no_difference(release: StoredRelease, earlier: Manifest) -> None:
    other = replace(earlier, tracks=tuple(replace(track, sha256=64 * "0") for track in earlier.tracks))
    with pytest.raises(InputError, match="no file in common"):
        difference_of(release.manifest, other)


def crafted(release: StoredRelease, since: bytes, file: Path, left_out: set[str]) -> Path:
    """An archive that is right in form but for its `since.json`."""
    contents = [(MANIFEST_FILE, release.manifest.to_bytes()), (SINCE_FILE, since)]
    for each in release.manifest.files:
        if each.sha256 not in left_out:
            contents.append((each.path, (release.folder / each.path).read_bytes()))
    contents.append((DECISIONS_FILE, b"[]\n"))
    offset, members = 0, []
    for name, content in contents:
        members.append(ArchiveMember(name, len(content), offset))
        offset = members[-1].end
    sums = [zlib.crc32(content) for _name, content in contents]
    parts = [local_header(m, s) + content for m, s, (_name, content) in zip(members, sums, contents, strict=True)]
    file.write_bytes(b"".join(parts) + directory(members, sums))
    return file


@pytest.mark.parametrize(
    "change",
    [
        lambda values: values | {"format": 2},
        lambda values: values | {"more": 1},
        lambda values: values | {"release": ""},
        lambda values: values | {"release": "a\nb"},
        lambda values: values | {"release": 7},
        lambda values: values | {"left_out": []},
        lambda values: values | {"left_out": list(reversed(values["left_out"]))},
        lambda values: values | {"left_out": values["left_out"] + values["left_out"][:1]},
        lambda values: values | {"left_out": sorted([*values["left_out"], 64 * "0"])},
        lambda values: values | {"left_out": ["../../etc/passwd"]},
        lambda values: values | {"left_out": [[]]},
        lambda values: values | {"left_out": {}},
        lambda values: [values],
    ],
)
def test_a_hostile_list_of_what_is_left_out_is_refused(
    release: StoredRelease, earlier: Manifest, there: Path, tmp_path: Path, change: Callable[[Any], Any]
) -> None:
    right = json.loads(difference_of(release.manifest, earlier).to_bytes())
    file = crafted(release, canonical_json(change(right)), tmp_path / "x.zip", set(right["left_out"]))
    refuse(file, there, "what the archive leaves out", DocumentError)


def test_an_archive_that_lacks_other_files_than_it_says_is_refused(
    release: StoredRelease, earlier: Manifest, there: Path, tmp_path: Path
) -> None:
    since = difference_of(release.manifest, earlier)
    more = {*since.left_out, release.manifest.tracks[-1].sha256}
    fewer = set(since.left_out) - {earlier.tracks[0].sha256}
    for left_out in (more, fewer, set[str]()):
        refuse(crafted(release, since.to_bytes(), tmp_path / "x.zip", left_out), there, "damaged")
    assert unpack(crafted(release, since.to_bytes(), tmp_path / "x.zip", set(since.left_out)), there)


def test_wherever_a_byte_of_a_difference_is_altered_it_is_refused(packed: Path, there: Path, tmp_path: Path) -> None:
    data, random_ = packed.read_bytes(), random.Random(7)
    heads = range(2000)  # the manifest's header and beginning
    since = data.index(SINCE_FILE.encode())
    places = [*random_.sample(heads, 20), *range(since - 30, since + 60, 7), *random_.sample(range(len(data)), 40)]
    before = tree(there)
    for place in [*places, len(data) - 1]:
        (tmp_path / "x.zip").write_bytes(data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :])
        with pytest.raises(PackagerError):
            unpack(tmp_path / "x.zip", there)
    for end in random_.sample(range(len(data)), 20):
        (tmp_path / "x.zip").write_bytes(data[:end])
        with pytest.raises(PackagerError):
            unpack(tmp_path / "x.zip", there)
    assert tree(there) == before


def test_the_release_is_open_to_reading_after_a_difference(packed: Path, there: Path) -> None:
    arrived, _from_here = unpack(packed, there)
    assert open_release(arrived.folder) == arrived
