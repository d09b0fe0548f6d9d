"""What is kept of what is said in each finished track."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tones import Built, Office, Watcher, open_office

from packager.base.errors import DocumentError
from packager.base.formats import canonical_json
from packager.base.manifest import ManifestTrack
from packager.releases import text_sync as spoken_module
from packager.releases.text_sync import TextSync, load_text_sync, pack_text_sync, parse_text_sync, save_text_sync


def said_in(office: Office, track: ManifestTrack) -> TextSync:
    found = load_text_sync(office.places.text_sync, track.sha256)
    assert found is not None
    return found


def test_every_track_of_a_release_has_all_that_is_said_in_it_with_its_times(first_office: tuple[Office, Built]) -> None:
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
    from packager.textnorm import load_lexicon

    built = office.build(lexicon=load_lexicon(office.root / "lexicon.yaml"))
    chapter = next(track for track in built.result.release.manifest.tracks if "敲门" in track.title)
    said = said_in(office, chapter)
    assert said.voice == built.result.release.manifest.voice
    assert ("qiao1", "men2") in [reading.syllables for piece in said.pieces for reading in piece.readings]


def test_a_build_that_goes_on_after_an_interruption_knows_what_is_said_in_every_track(tmp_path: Path) -> None:
    office = open_office(tmp_path / "office")
    paths = [track.path for track in office.prepare().tracklist.tracks]
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
    shutil.copytree(office.places.text_sync, spoken)
    one, other = (track.sha256 for track in built.result.release.manifest.tracks[:2])
    (path,) = spoken.glob(f"*/{one}.json")
    assert load_text_sync(spoken, one) is not None
    moved = spoken / other[:2] / f"{other}.json"
    shutil.copyfile(path, moved)
    assert load_text_sync(spoken, other) is None, "an entry under another one's name"
    whole = path.read_bytes()
    for damaged in (whole.replace("第".encode(), "弟".encode(), 1), whole[:-20], b"", b"[]"):
        assert damaged != whole
        path.write_bytes(damaged)
        assert load_text_sync(spoken, one) is None
    path.unlink()
    assert load_text_sync(spoken, one) is None


def hashes_of(built: Built) -> list[str]:
    return [track.sha256 for track in built.result.release.manifest.tracks]


def test_what_is_said_is_the_same_after_the_journey(first_office: tuple[Office, Built]) -> None:
    office, built = first_office
    tracks = built.result.release.manifest.tracks
    data = pack_text_sync(office.places.text_sync, hashes_of(built))
    found = parse_text_sync(data, hashes_of(built), "spoken.json")
    assert found == {track.sha256: said_in(office, track) for track in tracks}


def test_what_is_unknown_or_damaged_here_stays_behind(
    first_office: tuple[Office, Built], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, built = first_office
    hashes = hashes_of(built)
    kept = tmp_path / "spoken"
    assert pack_text_sync(kept, hashes) == b""
    assert parse_text_sync(b"", hashes, "spoken.json") == {}
    shutil.copytree(office.places.text_sync, kept)
    one, other = hashes[:2]
    (kept / one[:2] / f"{one}.json").unlink()
    (kept / other[:2] / f"{other}.json").write_bytes(b"{}")
    data = pack_text_sync(kept, hashes)
    assert list(parse_text_sync(data, hashes, "spoken.json")) == sorted(set(hashes) - {one, other})
    monkeypatch.setattr(spoken_module, "MAX_TEXT_SYNC_BYTES", len(data) - 1)
    fewer = pack_text_sync(kept, hashes)
    assert len(fewer) < len(data)
    assert list(parse_text_sync(fewer, hashes, "spoken.json")) == sorted(hashes[2:-1])


def partial(values: dict[str, Any], key: str, value: Any) -> bytes:
    """The document with one value changed, of the first track's first piece where it has the key."""
    track = next(iter(values["tracks"].values()))
    piece = track["pieces"][0]
    piece["readings"] = [{"start": 0, "syllables": ["di4", "yi1"], "is_fixed": False}]
    for place in (piece["readings"][0], piece["evidence"], piece, track, values):
        if key in place:
            place[key] = value
            return canonical_json(values)
    piece[key] = value
    return canonical_json(values)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("format", 2),
        ("tracks", {}),
        ("tracks", []),
        ("tracks", {"0" * 64: {"voice": "x", "pieces": []}}),
        ("voice", 7),
        ("voice", "kokoro:\u001b[2J"),
        ("pieces", {}),
        ("text", None),
        ("text", "一\u202e二三"),
        ("text", "一"),  # shorter than its readings
        ("begins", "0.5"),
        ("begins", True),
        ("begins", -1.0),
        ("begins", 10**400),
        ("begins", 1e6),  # after its end
        ("ends", 0.0),
        ("start", -1),
        ("start", 0.0),
        ("syllables", []),
        ("syllables", "di4"),
        ("syllables", ["<b>1"]),
        ("is_fixed", 1),
        ("peak", None),
        ("again", 1.5),
        ("spoken", -3),
        ("more", 1),
    ],
)
def test_what_nobody_packed_is_refused(first_office: tuple[Office, Built], key: str, value: Any) -> None:
    office, built = first_office
    data = pack_text_sync(office.places.text_sync, hashes_of(built))
    as_packed = partial(json.loads(data), "start", 0)
    assert parse_text_sync(as_packed, hashes_of(built), "spoken.json")
    with pytest.raises(DocumentError, match=r"spoken\.json"):
        parse_text_sync(partial(json.loads(data), key, value), hashes_of(built), "spoken.json")


@pytest.mark.parametrize("data", [b"x", b"[]\n", b"null\n", b"[" * 100_000, b"\xff", b'{"format":1,"tracks":{}}\n'])
def test_what_is_no_such_document_is_refused(data: bytes) -> None:
    with pytest.raises(DocumentError, match=r"spoken\.json"):
        parse_text_sync(data, ["0" * 64], "spoken.json")


def test_another_form_of_the_same_and_pieces_out_of_order_are_refused(
    first_office: tuple[Office, Built], tmp_path: Path
) -> None:
    office, built = first_office
    hashes = hashes_of(built)
    data = pack_text_sync(office.places.text_sync, hashes)
    for other in (data[:-1], data + b" ", json.dumps(json.loads(data)).encode()):
        with pytest.raises(DocumentError):
            parse_text_sync(other, hashes, "spoken.json")
    values = json.loads(data)
    next(each for each in values["tracks"].values() if len(each["pieces"]) > 1)["pieces"].reverse()
    with pytest.raises(DocumentError):
        parse_text_sync(canonical_json(values), hashes, "spoken.json")
    said = said_in(office, built.result.release.manifest.tracks[0])
    save_text_sync(tmp_path, hashes[0], TextSync("\x07", said.pieces))
    assert pack_text_sync(tmp_path, hashes) == b"", "what would be refused is not packed"
