"""What is kept of what is said in each finished track."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tones import Built, Office, Watcher, open_office

from packager.releasing.manifest import ManifestTrack
from packager.releasing.spoken import SpokenTrack, find_spoken


def said_in(office: Office, track: ManifestTrack) -> SpokenTrack:
    found = find_spoken(office.places.spoken, track.sha256)
    assert found is not None
    return found


def test_every_track_of_a_release_has_all_that_is_said_in_it_with_its_times(
    first_office: tuple[Office, Built],
) -> None:
    office, built = first_office
    for track in built.result.release.manifest.tracks:
        pieces = said_in(office, track).pieces
        assert track.evidence is not None
        assert len(pieces) == track.evidence.clips
        assert sum(piece.evidence.spoken for piece in pieces) == track.evidence.characters
        ends = [0.0, *(piece.ends for piece in pieces)]
        assert all(before < piece.begins < piece.ends for before, piece in zip(ends, pieces, strict=False))
        assert pieces[-1].ends < track.seconds
    chapter = next(track for track in built.result.release.manifest.tracks if "敲门" in track.title)
    assert "有人敲门。先问是谁。" in "".join(piece.text for piece in said_in(office, chapter).pieces)


def test_the_voice_and_fixed_readings_are_kept(office: Office) -> None:
    (office.root / "lexicon.yaml").write_text("words:\n  敲门: qiao1 men2\n", "utf-8")
    from packager.wording import load_lexicon

    built = office.build(lexicon=load_lexicon(office.root / "lexicon.yaml"))
    chapter = next(track for track in built.result.release.manifest.tracks if "敲门" in track.title)
    said = said_in(office, chapter)
    assert said.voice == built.result.release.manifest.voice
    assert ("qiao1", "men2") in [reading.syllables for piece in said.pieces for reading in piece.readings]


def test_a_build_that_goes_on_after_an_interruption_knows_what_is_said_in_every_track(tmp_path: Path) -> None:
    office = open_office(tmp_path / "office")
    paths = [track.path for track in office.prepare().lineup.tracks]
    with pytest.raises(KeyboardInterrupt):
        office.build(watcher=Watcher(stop_at=paths[-1]))
    built = office.build()
    assert 0 < len(built.made) < len(paths)
    for track in built.result.release.manifest.tracks:
        said_in(office, track)


def test_nothing_is_known_of_other_bytes_or_from_a_damaged_entry(
    first_office: tuple[Office, Built], tmp_path: Path
) -> None:
    office, built = first_office
    spoken = tmp_path / "spoken"
    shutil.copytree(office.places.spoken, spoken)
    one, other = (track.sha256 for track in built.result.release.manifest.tracks[:2])
    (path,) = spoken.glob(f"*/{one}.json")
    assert find_spoken(spoken, one) is not None
    moved = spoken / other[:2] / f"{other}.json"
    shutil.copyfile(path, moved)
    assert find_spoken(spoken, other) is None, "an entry under another one's name"
    entry = json.loads(path.read_bytes())
    entry["track"]["pieces"][0]["text"] = "别的话。"
    for damaged in (json.dumps(entry).encode(), path.read_bytes()[:-20], b"", b"[]", b'{"track": 5}'):
        path.write_bytes(damaged)
        assert find_spoken(spoken, one) is None
    path.unlink()
    assert find_spoken(spoken, one) is None
