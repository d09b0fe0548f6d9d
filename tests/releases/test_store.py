"""The releases on disk: found by order and by name, and what lies among them that is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from tones import Built, Office

from packager.base.errors import InputError
from packager.releases.store import find_release, list_releases, open_release


def test_a_folder_in_the_making_or_without_a_manifest_is_no_release(
    first_office: tuple[Office, Built], tmp_path: Path
) -> None:
    manifest = first_office[1].result.release.manifest
    for folder in (".main-0009-folders.part", "main-0001/.folders.part", ".x/folders", "main-0001/folders"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "manifest.json").write_bytes(manifest.to_bytes())
    (tmp_path / "main-0002" / "folders").mkdir(parents=True)
    (tmp_path / "notes.txt").touch()
    assert [stored.folder for stored in list_releases(tmp_path)] == [tmp_path / "main-0001" / "folders"]
    with pytest.raises(InputError, match="no release in"):
        open_release(tmp_path / "main-0002" / "folders")


def test_a_name_that_is_nearly_right_is_asked_about(first_office: tuple[Office, Built]) -> None:
    releases = first_office[0].workspace.releases
    assert find_release(releases, "main-0001").manifest.sequence == 1
    with pytest.raises(InputError, match="did you mean 'main-0001'"):
        find_release(releases, "main-001")
