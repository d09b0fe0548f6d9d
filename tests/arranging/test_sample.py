"""The sample workspace, and the examples in the documentation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from packager.arranging.arrange import arrange
from packager.arranging.number_ledger import NumberLedger
from packager.arranging.playlist import PlaylistDefaults, load_playlist
from packager.arranging.profiles.catalog import load_profile
from packager.base import yaml_documents as documents
from packager.reading import read_book

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "packager" / "sample"
DEFAULTS = PlaylistDefaults(
    series="main", profile="folders", voice="kokoro:zf_xiaoyi", pace=190, keep=0, week_shelf=10, book_shelf=10
)


def characters(folder: Path) -> int:
    return sum(len(path.read_text("utf-8")) for path in (folder / "texts").iterdir())


def test_the_sample_is_two_books_of_at_most_500_characters() -> None:
    assert len(list((SAMPLE / "workspace" / "texts").iterdir())) == 2
    assert characters(SAMPLE / "workspace") <= 500
    assert characters(SAMPLE / "second-week") <= 120


@pytest.mark.parametrize("pattern", [r"\d%-\d+%", r"\d～\d", r"\d{4}年\d+月\d+日", r"\d%", r"\d+点", r"\d\d:\d\d"])
def test_the_sample_has_what_is_hard_to_read_aloud(pattern: str) -> None:
    texts = [path.read_text("utf-8") for path in (SAMPLE / "workspace" / "texts").iterdir()]
    assert any(re.search(pattern, text) for text in texts)


@pytest.mark.parametrize("part", ["texts", "playlists"])
def test_the_repository_is_a_workspace_with_the_sample_in_it(part: str) -> None:
    for path in (SAMPLE / "workspace" / part).iterdir():
        assert (ROOT / part / path.name).read_bytes() == path.read_bytes()


def test_both_weeks_of_the_sample_can_be_arranged_and_the_book_stays_as_it_is(tmp_path: Path) -> None:
    ledger = NumberLedger("main")
    folders = [SAMPLE / "workspace", SAMPLE / "second-week"]
    tracklists = []
    for folder in folders:
        for path in (folder / "playlists").iterdir():
            playlist = load_playlist(path, DEFAULTS)
            books = {}
            for item in playlist.items:
                file = next(f / item.book for f in reversed(folders) if (f / item.book).exists())
                reading = read_book(file)
                assert (reading.doubts, reading.left_out) == ((), {})
                books[item.book] = reading.book
            tracklist, ledger = arrange(playlist, load_profile("folders", None), books, ledger)
            tracklists.append(tracklist)
    first, second = tracklists
    assert [track.number for track in first.tracks] == [1, 2, 3, 11, 12, 13]
    assert first.tracks[3:] == second.tracks[3:]
    assert first.tracks[:3] != second.tracks[:3]


@pytest.mark.parametrize("section", ["Playlist", "Profile", "Numbers"])
def test_the_example_in_the_documentation_fits_its_schema(section: str) -> None:
    text = (ROOT / "docs" / "FORMAT.md").read_text("utf-8")
    found = re.search(rf"^## {section}$.*?^```yaml\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert found
    assert documents.parse_document(found[1].encode("utf-8"), section.lower(), source=section)


@pytest.mark.parametrize("section", ["Playlist", "Profile", "Numbers"])
def test_every_key_is_in_the_documentation(section: str) -> None:
    text = (ROOT / "docs" / "FORMAT.md").read_text("utf-8")
    part = text.split(f"\n## {section}\n")[1].split("\n## ")[0]
    for key in documents.load_schema(section.lower())["properties"]:
        assert key in part
