"""A changed announcement in a built release: what is spoken for it, and which tracks it changes."""

from __future__ import annotations

import pytest
from tones import PLAYLIST, Built, Office


def with_announcements(office: Office, announce: str) -> Built:
    """The release that comes of the playlist with this `announce`."""
    path = office.root / "playlists" / "week.yaml"
    path.write_text(f"{PLAYLIST.format(name='week')}\nannounce: {announce}\n", "utf-8")
    return office.build()


@pytest.mark.parametrize(
    ("announce", "spoken", "made"),
    [
        ("{opening: 邻居们，周末好}", ("邻居们，周末好。",), ("01/001.mp3",)),
        ("{contents: false, opening: 大家好}", ("第一号。",), ("01/001.mp3",)),
        ("{tail: 下次再听}", ("下次再听。",), ("01/001.mp3", "01/002.mp3", "02/011.mp3", "02/012.mp3")),
        ("{tail: true, number: true}", (), ()),
    ],
)
def test_only_its_words_are_spoken_and_only_its_tracks_are_made(
    office: Office, announce: str, spoken: tuple[str, ...], made: tuple[str, ...]
) -> None:
    with_announcements(office, "{opening: 大家好}")
    built = with_announcements(office, announce.replace("{tail", "{opening: 大家好, tail"))
    assert (built.spoken, tuple(sorted(built.made))) == (spoken, made)


def test_announcements_are_spoken_by_the_voice_of_their_book(office: Office) -> None:
    path = office.root / "playlists" / "week.yaml"
    text = PLAYLIST.format(name="week")
    path.write_text(f"{text}\nannounce: {{tail: 下次再听}}\nvoice: kokoro:zm_yunjian\n", "utf-8")
    built = office.build()
    manifest = built.result.release.manifest
    assert manifest.voice == "kokoro:zm_yunjian"
    assert {track.voice for track in manifest.tracks} == {""}
    assert built.spoken.count("下次再听。") == 1  # once for all tracks
