"""Sidecar files: made by producers, and carried with the tracks to the card."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from card_kit import audit, load
from fat_model import ModelCard
from tones import NEWS, Office, open_office, tree
from two_weeks import of_model

from packager.arranging.profiles.catalog import BUILT_IN, load_profile, profile_names
from packager.base.errors import DocumentError, InputError
from packager.base.findings import FindingKind
from packager.base.formats import sha256_bytes
from packager.base.manifest import Manifest
from packager.releases import sidecars
from packager.releases.archive import keep_unpacked, pack_release, unpacked
from packager.releases.check import check_release
from packager.releases.sidecars import ReleaseContent, find_producers, make_sidecars
from packager.releases.sidecars.m3u8 import produce
from packager.releases.store import damaged_files, list_releases

FAKES = Path(__file__).parent.parent / "support" / "sidecars"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """A workspace with a profile `listed` that wants a playlist file, and one that the tests' own file makes."""
    monkeypatch.setattr(sidecars, "__path__", [*sidecars.__path__, str(FAKES)])
    made = open_office(tmp_path / "office")
    want(made, "[m3u8, titles]")
    return made


def want(office: Office, names: str) -> None:
    profiles = office.root / "profiles"
    profiles.mkdir(exist_ok=True)
    plain = (BUILT_IN / "folders.yaml").read_text("utf-8")
    (profiles / "listed.yaml").write_text(f"{plain}sidecars: {names}\n", "utf-8")


def test_a_producer_of_one_new_file_is_built_packed_loaded_verified_and_audited(office: Office, tmp_path: Path) -> None:
    built = office.build(profile="listed").result.release
    manifest = built.manifest
    assert [(each.path, each.kind) for each in manifest.sidecars] == [
        ("playlist.m3u8", "m3u8"),
        ("01/titles.txt", "titles"),
        ("02/titles.txt", "titles"),
    ]
    assert tree(built.folder).keys() == {"manifest.json", *(file.path for file in manifest.files)}
    assert (built.folder / "02/titles.txt").read_text("utf-8").startswith("11 第一章 敲门: 第十一")

    pack_release(built, tmp_path / "packed.zip")
    with unpacked(tmp_path / "packed.zip", tmp_path / "elsewhere") as found:
        release = keep_unpacked(found, tmp_path / "elsewhere")
    assert tree(release.folder) == tree(built.folder)

    card = ModelCard()
    result = load(card, release.manifest, release.folder)
    assert result.written == tuple(file.path for file in manifest.files)
    assert (result.tracks_written, result.untouched) == (len(manifest.tracks), 0)
    assert audit(card).is_good
    card.files["02/titles.txt"] = b"?" * len(card.files["02/titles.txt"])
    found_wrong = audit(card)
    assert [(each.kind, each.path) for each in found_wrong.findings] == [(FindingKind.ALTERED, "02/titles.txt")]


def test_an_update_replaces_a_sidecar_that_changed_and_deletes_one_that_is_wanted_no_more(office: Office) -> None:
    card = ModelCard()
    first = office.build(profile="listed").result.release
    load(card, first.manifest, first.folder)
    want(office, "[m3u8]")
    office.write({"news.md": NEWS + "\n## 讲座\n\n星期一有讲座。\n"})
    second = office.build(profile="listed").result.release
    result = load(card, second.manifest, second.folder)
    assert result.written[-1] == "playlist.m3u8"
    assert set(result.deleted) >= {"playlist.m3u8", "01/titles.txt", "02/titles.txt"}
    assert of_model(card) == {file.path: (second.folder / file.path).read_bytes() for file in second.manifest.files}
    assert audit(card).is_good


def test_a_release_that_differs_in_a_sidecar_alone_is_new_and_keeps_its_tracks(office: Office) -> None:
    first = office.build(profile="listed").result.release.manifest
    assert not office.build(profile="listed").result.is_new
    want(office, "[m3u8]")
    again = office.build(profile="listed")
    second = again.result.release.manifest
    assert (again.result.is_new, again.made) == (True, ())
    assert second.tracks == first.tracks
    assert second.content_id != first.content_id


def test_a_damaged_sidecar_is_found_and_made_again_by_the_next_build(office: Office) -> None:
    release = office.build(profile="listed").result.release
    good = (release.folder / "playlist.m3u8").read_bytes()
    (release.folder / "playlist.m3u8").write_bytes(b"x" * len(good))
    (release.folder / "01/titles.txt").unlink()
    assert list(damaged_files(release)) == ["playlist.m3u8", "01/titles.txt"]
    check = check_release(release, office.workspace.spoken, jobs=1)
    assert check.damaged_sidecars == ("playlist.m3u8", "01/titles.txt")
    assert not check.is_good
    again = office.build(profile="listed").result
    assert not again.is_new
    assert list(damaged_files(again.release)) == []
    assert (release.folder / "playlist.m3u8").read_bytes() == good


def test_an_archive_with_an_altered_sidecar_is_refused(office: Office, tmp_path: Path) -> None:
    release = office.build(profile="listed").result.release
    pack_release(release, tmp_path / "packed.zip")
    data = (tmp_path / "packed.zip").read_bytes()
    (tmp_path / "packed.zip").write_bytes(data.replace(b"#EXTM3U", b"#EXTM3X"))
    with pytest.raises(InputError, match=r"playlist\.m3u8"), unpacked(tmp_path / "packed.zip", tmp_path / "elsewhere"):
        pass


def test_a_profile_that_wants_an_unknown_sidecar_stops_the_build_before_anything_is_spoken(office: Office) -> None:
    want(office, "[m3u]")
    with pytest.raises(InputError, match="did you mean 'm3u8'"):
        office.build(profile="listed")
    assert list_releases(office.workspace.releases) == ()
    assert not office.workspace.clip_cache.exists()


@pytest.mark.parametrize("path", ["01/001.MP3", "../out.txt", ".packager/state.a", "manifest.json"])
def test_a_producer_can_not_name_a_file_that_is_taken_or_leaves_the_card(
    path: str, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bad.py").write_text(f"def produce(content):\n    return {{{path!r}: b'x'}}\n", "utf-8")
    monkeypatch.setattr(sidecars, "__path__", [*sidecars.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, "packager.releases.sidecars.bad", raising=False)
    want(office, "[bad]")
    with pytest.raises(DocumentError):
        office.build(profile="listed")
    assert list_releases(office.workspace.releases) == ()


def test_of_the_program_s_profiles_only_that_for_talking_books_wants_sidecars() -> None:
    wanted = {name: load_profile(name, None).sidecars for name in profile_names(None)}
    assert {name: sidecars for name, sidecars in wanted.items() if sidecars} == {"daisy": ("daisy",)}


def test_an_m3u8_names_every_track_in_the_order_of_play_with_its_length(office: Office) -> None:
    manifest = office.build(profile="listed").result.release.manifest
    data = produce(ReleaseContent("两\n行", manifest.tracks, {}))["playlist.m3u8"]
    lines = data.decode().split("\r\n")
    assert lines[:2] == ["#EXTM3U", "#PLAYLIST:两 行"]
    assert lines[3::2] == [track.path for track in manifest.tracks]
    last = manifest.tracks[-1]
    assert lines[-3] == f"#EXTINF:{round(last.seconds)},{last.book} - {last.title}"
    assert (lines[-1], b"\n" in data.replace(b"\r\n", b"")) == ("", False)


def test_the_kind_of_a_sidecar_is_its_producer_and_empty_files_are_left_out() -> None:
    content = ReleaseContent("周", (), {})
    made = make_sidecars({"one": lambda _: {"a.txt": b"a", "empty.txt": b""}}, content)
    assert [(each.path, each.kind, each.size, each.sha256) for each in made] == [
        ("a.txt", "one", 1, sha256_bytes(b"a"))
    ]


def test_producers_come_in_the_order_of_the_profile(office: Office) -> None:
    assert list(find_producers(["titles", "m3u8"])) == ["titles", "m3u8"]


def test_a_manifest_with_sidecars_comes_back_from_its_bytes(office: Office) -> None:
    manifest = office.build(profile="listed").result.release.manifest
    assert Manifest.from_bytes(manifest.to_bytes(), "test") == manifest
    assert manifest.size == sum(file.size for file in (*manifest.tracks, *manifest.sidecars))
