"""Releases in another audio container than MP3."""

from __future__ import annotations

from pathlib import Path

import pytest
from card_kit import audit, load
from fat_model import ModelCard
from mutagen.mp4 import MP4
from tones import Office, open_office

from packager.arranging.profiles.catalog import BUILT_IN, load_profile, profile_names
from packager.base.errors import InputError
from packager.mastering import container, measure
from packager.mastering.container import container_names
from packager.releases.check import Asked, check_release, check_track
from packager.releases.store import list_releases

FAKES = Path(__file__).parent.parent / "support" / "containers"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A workspace with a profile for each container of this test."""
    made = open_office(tmp_path / "office")
    (made.root / "profiles").mkdir()
    plain = (BUILT_IN / "folders.yaml").read_text("utf-8")
    for name in ("m4a", "wav", "mp4"):
        changed = plain.replace("audio:\n", f"audio:\n  container: {name}\n")
        (made.root / "profiles" / f"{name}.yaml").write_text(changed, "utf-8")
    return made


def test_an_m4a_release_is_built_checked_and_loaded(office: Office) -> None:
    release = office.build(profile="m4a").result.release
    paths = [track.path for track in release.manifest.tracks]
    assert paths == ["01/001.m4a", "01/002.m4a", "02/011.m4a", "02/012.m4a"]
    assert MP4(release.folder / "02/011.m4a")["\xa9alb"] == ["读本"]
    check = check_release(release, office.workspace.spoken, jobs=1)
    assert [track.faults for track in check.tracks] == [()] * 4
    card = ModelCard()
    load(card, release.manifest, release.folder)
    assert audit(card).is_good
    assert office.build(profile="m4a").made == ()


def test_a_container_of_one_new_file_is_built_and_measured(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "__path__", [*container.__path__, str(FAKES)])
    release = office.build(profile="wav").result.release
    track = release.manifest.tracks[-1]
    path = release.folder / track.path
    assert (track.path, path.read_bytes()[:4]) == ("02/012.wav", b"RIFF")
    assert path.read_bytes().endswith("第二章 上门".encode())
    assert abs(measure(path).seconds - track.seconds) < 0.01
    assert check_track(Asked(track, release.folder, -18.0, release.manifest.pace, None)).faults == ()


def test_an_unknown_container_stops_the_build_before_anything_is_spoken(office: Office) -> None:
    with pytest.raises(InputError, match="no audio container 'mp4' - did you mean"):
        office.build(profile="mp4")
    assert list_releases(office.workspace.releases) == ()
    assert not office.workspace.clip_cache.exists()


def test_the_profiles_that_come_with_the_program_are_mp3() -> None:
    assert {load_profile(name, None).audio.container for name in profile_names(None)} == {"mp3"}
    assert container_names() == ("m4a", "mp3")
