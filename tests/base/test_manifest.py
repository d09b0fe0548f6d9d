"""The manifest: what it accepts, and that nothing unsafe in it gets through."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from manifests import manifest_with, track_of

from packager.base import manifest as manifest_module
from packager.base.errors import DocumentError
from packager.base.evidence import EvidenceSummary, add_summaries
from packager.base.formats import canonical_json, sha256_bytes
from packager.base.manifest import Manifest, ManifestTrack, Sidecar, content_id, release_path_problems


def _track(number: int, **changes: Any) -> ManifestTrack:
    values = {"size": 100_000 + number, "sha256": f"{number:064x}", "build_key": f"{number + 1000:064x}"}
    made = track_of(number, f"01/{number:03d}.mp3", b"", title=f"第{number}章", book="防骗手册", spoken=40, **values)
    return replace(made, **changes)


def _manifest(*tracks: ManifestTrack) -> Manifest:
    return manifest_with(*(tracks or (_track(1), _track(2))), playlist="2026-w48", title="十一月第四周")


_NAMES = {
    "release": "main-0001",
    "series": "main",
    "playlist": "2026-w48",
    "profile": "folders",
    "created": "2026-11-23T08:00:00Z",
}


def _changed(**changes: Any) -> bytes:
    values = json.loads(_manifest().to_bytes())
    values.update(changes)
    tracks = values["tracks"]
    values["content_id"] = content_id((track["path"], track["sha256"]) for track in tracks)
    return canonical_json(values)


def test_a_manifest_comes_back_from_its_bytes_unchanged() -> None:
    manifest = _manifest()
    assert Manifest.from_bytes(manifest.to_bytes(), "test") == manifest
    assert Manifest.from_bytes(manifest.to_bytes(), "test").id == manifest.id


def test_the_content_id_knows_paths_and_hashes_and_nothing_else() -> None:
    manifest = _manifest()
    later = Manifest.from_bytes(_changed(created="2027-01-01T00:00:00Z", title="另一个名字"), "test")
    assert later.content_id == manifest.content_id
    assert later.id != manifest.id
    assert _manifest(_track(2), _track(1)).content_id != manifest.content_id


@pytest.mark.parametrize(
    "path",
    ["../escape.mp3", "/etc/passwd", "a//b.mp3", "a\\b.mp3", "C:/x.mp3", "01/./x.mp3", ".packager/x", ".PACKAGER/x"],
)
def test_a_path_that_could_leave_its_place_is_refused(path: str) -> None:
    tracks = [_track(1, path=path).to_dict()]
    with pytest.raises(DocumentError):
        Manifest.from_bytes(_changed(tracks=tracks), "test")


def test_two_paths_that_fat_takes_for_one_are_refused() -> None:
    tracks = [_track(1, path="01/a.mp3").to_dict(), _track(2, path="01/A.MP3").to_dict()]
    with pytest.raises(DocumentError, match="the same name"):
        Manifest.from_bytes(_changed(tracks=tracks), "test")


def test_a_wrong_content_id_is_refused() -> None:
    values = json.loads(_manifest().to_bytes()) | {"content_id": "0" * 64}
    with pytest.raises(DocumentError, match="content_id"):
        Manifest.from_bytes(canonical_json(values), "test")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null\n",
        b"[]\n",
        b"\xff\xfe",
        b"{}\n",
        b'{"a":NaN}\n',
        _manifest().to_bytes()[:-200],
        _manifest().to_bytes() + b"\n",
        _manifest().to_bytes().replace(b'"pace":190,', b'"pace":190,"pace":190,'),
        _changed(sequence=0),
        _changed(surprise=1),
        _changed(tracks=[]),
        b"[" * 100_000,
        _manifest().to_bytes().replace("第1章".encode(), rb"\ud800"),
    ],
)
def test_anything_that_is_not_a_canonical_manifest_is_refused_with_its_source(data: bytes) -> None:
    with pytest.raises(DocumentError, match="the card"):
        Manifest.from_bytes(data, "the card")


@pytest.mark.parametrize(
    "paths",
    [
        ("01/a.mp3.",),
        ("01/a.mp3 ",),
        ("01/nul.mp3",),
        ("01/*.mp3",),
        (".packager./state.a",),
        ("PACKAG~1/state.a",),
        ("packag~9/state.a",),
        ("PACKAG~12/state.a",),
        ("01/\u202e3pm.mp3",),
        ("01/\x9b2J.mp3",),
        (".packager/\x9b2J.mp3",),
        ("1/2/3/4/5/6/7/8/9/a.mp3",),
        ("MYFAVO~1.MP3",),
        ("ab~123/1.mp3",),
        ("01/字a~1",),
        ("Week/1.mp3", "week/2.mp3"),
        ("a.mp3", "a.mp3/b.mp3"),
        ("01/\u00e9.mp3", "01/e\u0301.mp3"),
    ],
)
def test_paths_that_a_card_cannot_hold_are_refused_before_one_is_touched(paths: tuple[str, ...]) -> None:
    tracks = [_track(number, path=path).to_dict() for number, path in enumerate(paths, start=1)]
    with pytest.raises(DocumentError) as refused:
        Manifest.from_bytes(_changed(tracks=tracks), "test")
    assert all(line.isprintable() for line in str(refused.value).splitlines())


@pytest.mark.parametrize(
    "track",
    [
        {"size": 1000.0},
        {"size": 2**62},
        {"size": 1e300},
        {"number": 2**64},
        {"number": 1.0},
        {"place": 1.0},
        {"spoken": 40.0},
        {"seconds": 10**400},
        {"seconds": 1e300},
        {"pace": 1e300},
        {"lufs": -1e300},
        {"true_peak": 10**400},
    ],
)
def test_a_number_that_no_database_takes_is_refused(track: dict[str, object]) -> None:
    with pytest.raises(DocumentError):
        Manifest.from_bytes(_changed(tracks=[_track(1).to_dict() | track]), "test")


@pytest.mark.parametrize(
    "change",
    [{"sequence": 1.0}, {"pace": 190.0}, {"sequence": 10**30}, *({key: f"{value}\n"} for key, value in _NAMES.items())],
)
def test_a_name_or_sequence_that_only_looks_like_one_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(DocumentError):
        Manifest.from_bytes(_changed(**change), "test")


@pytest.mark.parametrize(
    "change",
    [
        {"sequence": 10**9 + 1},
        {"title": "字" * 1001},
        {"title": "a\0b"},
        {"created": "2026-02-30T08:00:00Z"},
        {"created": "2026-11-23T99:00:00Z"},
        {"created": "0000-01-01T00:00:00Z"},
        {"created": "9999-12-31T23:59:59Z"},
    ],
)
def test_what_registries_could_not_tell_each_other_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(DocumentError):
        Manifest.from_bytes(_changed(**change), "test")


@pytest.mark.parametrize("path", ["001 a~1.mp3", "longname~1.mp3", "a~1.flac", "a~b.mp3", "~1.mp3", "a~1.b.mp3"])
def test_a_name_with_a_tilde_that_fat_gives_to_no_other_file_is_accepted(path: str) -> None:
    assert Manifest.from_bytes(_manifest(_track(1, path=path)).to_bytes(), "test").tracks[0].path == path


def test_folders_may_be_nested_up_to_the_limit() -> None:
    path = "/".join("12345678") + "/a.mp3"
    assert Manifest.from_bytes(_manifest(_track(1, path=path)).to_bytes(), "test").tracks[0].path == path


@pytest.mark.parametrize("key", ["sha256", "build_key"])
def test_a_hash_that_ends_in_a_new_line_is_refused(key: str) -> None:
    track = _track(1).to_dict()
    with pytest.raises(DocumentError, match=f"'{key}' ends in a new line"):
        Manifest.from_bytes(_changed(tracks=[track | {key: f"{track[key]}\n"}]), "test")


def test_of_a_manifest_with_too_many_files_or_mistakes_only_some_are_told() -> None:
    for tracks in ([{}] * 20_001, [_track(1, path=f"../{number}").to_dict() for number in range(1000)]):
        with pytest.raises(DocumentError) as refused:
            Manifest.from_bytes(_changed(tracks=tracks) if tracks[0] else _with_tracks(tracks), "test")
        assert len(refused.value.problems) <= 101
        assert len(str(refused.value)) < 10_000
    for value in ([1] * 10_000, 10**4000):
        with pytest.raises(DocumentError) as refused:
            Manifest.from_bytes(_with_tracks([_track(1).to_dict() | {"seconds": value}]), "test")
        assert len(str(refused.value)) < 1000


def _with_tracks(tracks: list[dict[str, Any]]) -> bytes:
    return canonical_json({**json.loads(_manifest().to_bytes()), "tracks": tracks})


def test_what_is_said_of_a_bad_manifest_can_be_printed() -> None:
    with pytest.raises(DocumentError) as refused:
        Manifest.from_bytes(_changed(**{"\x1b[2J\u202e": 1}), "test")
    assert r"\u001b[2J\u202e" in str(refused.value)
    assert all(line.isprintable() for line in str(refused.value).splitlines())


def test_a_manifest_without_a_last_day_does_not_name_one() -> None:
    manifest = _manifest()
    assert manifest.expires == ""
    assert b"expires" not in manifest.to_bytes()


def test_a_book_with_a_last_day_is_expired_from_the_day_after() -> None:
    manifest = _manifest(
        _track(1),
        _track(2, book="歌集", expires="2027-03-31"),
        _track(3, book="歌集", expires="2027-03-31"),
        _track(4, book="菜谱", expires="2027-04-01"),
    )
    assert Manifest.from_bytes(manifest.to_bytes(), "test") == manifest
    assert manifest.expires == "2027-03-31"
    assert manifest.expired_books(date(2027, 3, 31)) == ()
    assert manifest.expired_books(date(2027, 4, 1)) == ("歌集",)
    assert manifest.expired_books(date(2027, 4, 2)) == ("歌集", "菜谱")


@pytest.mark.parametrize("day", ["2027-02-29", "2027-13-01", "2027-03-31\n", "20270331", "", "2027-3-31", 20270331])
def test_a_last_day_that_is_no_day_is_refused(day: object) -> None:
    tracks = [_track(1).to_dict() | {"expires": day}]
    with pytest.raises(DocumentError):
        Manifest.from_bytes(_changed(tracks=tracks), "test")


def test_sidecars_count_as_files_of_the_release() -> None:
    sidecar = Sidecar("list.m3u8", "m3u8", 30, "e" * 64)
    manifest = replace(_manifest(), sidecars=(sidecar,))
    assert Manifest.from_bytes(manifest.to_bytes(), "test") == manifest
    assert manifest.files == (*manifest.tracks, sidecar)
    assert manifest.size == _manifest().size + 30
    assert manifest.content_id != _manifest().content_id
    assert b"sidecars" not in _manifest().to_bytes()


@pytest.mark.parametrize(
    "change",
    [
        {"path": "01/001.MP3"},
        {"path": "../list.m3u8"},
        {"path": ".packager/list.m3u8"},
        {"kind": "m3u8\n"},
        {"kind": ""},
        {"size": 30.0},
        {"size": 0},
        {"sha256": "E" * 64},
        {"number": 1},
    ],
)
def test_a_sidecar_that_is_not_as_this_program_writes_it_is_refused(change: dict[str, object]) -> None:
    sidecar = {"path": "list.m3u8", "kind": "m3u8", "size": 30, "sha256": "e" * 64} | change
    values = json.loads(_manifest().to_bytes()) | {"sidecars": [sidecar]}
    files = [*values["tracks"], sidecar]
    values["content_id"] = content_id((str(file["path"]), str(file["sha256"])) for file in files)
    with pytest.raises(DocumentError, match="'kind' ends in a new line" if change == {"kind": "m3u8\n"} else None):
        Manifest.from_bytes(canonical_json(values), "test")


EVIDENCE = EvidenceSummary(clips=2, characters=40, phonemes=90, longest_silence=0.2, fastest=0.15, slowest=0.25)


def test_the_evidence_of_tracks_is_summed_up_and_comes_back() -> None:
    manifest = _manifest(_track(1, evidence=EVIDENCE), _track(2, evidence=EVIDENCE), _track(3))
    assert manifest.evidence == add_summaries([EVIDENCE, EVIDENCE])
    values = json.loads(manifest.to_bytes())
    assert values["evidence"]["clips"] == 4
    assert "evidence" not in values["tracks"][2]
    assert Manifest.from_bytes(manifest.to_bytes(), "test") == manifest
    assert _manifest().evidence is None
    assert "evidence" not in json.loads(_manifest().to_bytes())


@pytest.mark.parametrize("key", ["clips", "characters", "phonemes", "covered", "again", "split"])
@pytest.mark.parametrize("place", ["track", "release"])
def test_a_count_in_evidence_is_a_whole_number(key: str, place: str) -> None:
    values = json.loads(_manifest(_track(1, evidence=EVIDENCE)).to_bytes())
    evidence = values["evidence"] if place == "release" else values["tracks"][0]["evidence"]
    evidence[key] = float(evidence[key])
    with pytest.raises(DocumentError, match=f"'{key}' is"):
        Manifest.from_bytes(canonical_json(values), "test")


@pytest.mark.parametrize("change", [{"clips": 3}, {"fastest": 0}])
def test_totals_that_do_not_fit_the_tracks_to_the_byte_are_refused(change: dict[str, object]) -> None:
    values = json.loads(_manifest(_track(1, evidence=replace(EVIDENCE, fastest=0.0))).to_bytes())
    values["evidence"] |= change
    with pytest.raises(DocumentError, match="totals"):
        Manifest.from_bytes(canonical_json(values), "test")


def test_a_track_has_the_voice_of_the_release_or_its_own() -> None:
    manifest = _manifest(_track(1), _track(2, voice="edge:zh-CN-XiaoxiaoNeural"))
    assert [manifest.voice_of(track) for track in manifest.tracks] == ["kokoro:zf_xiaoyi", "edge:zh-CN-XiaoxiaoNeural"]
    assert [track.to_dict().get("voice") for track in manifest.tracks] == [None, "edge:zh-CN-XiaoxiaoNeural"]


def test_a_manifest_may_be_as_large_as_the_limit_and_no_larger(monkeypatch: pytest.MonkeyPatch) -> None:
    data = _manifest().to_bytes()
    assert manifest_module.MAX_MANIFEST_BYTES == 64 * 1024**2
    monkeypatch.setattr(manifest_module, "MAX_MANIFEST_BYTES", len(data))
    assert Manifest.from_bytes(data, "test").to_bytes() == data
    monkeypatch.setattr(manifest_module, "MAX_MANIFEST_BYTES", len(data) - 1)
    with pytest.raises(DocumentError, match="larger than"):
        Manifest.from_bytes(data, "test")


def test_the_highest_sequence_is_that_of_the_schema() -> None:
    highest = _changed(sequence=manifest_module.MAX_SEQUENCE)
    assert Manifest.from_bytes(highest, "test").sequence == manifest_module.MAX_SEQUENCE == 10**9


def test_the_id_is_the_beginning_of_the_hash_of_the_bytes() -> None:
    assert _manifest().id == sha256_bytes(_manifest().to_bytes())[:32]


def test_only_the_first_folder_of_a_path_is_compared_with_our_own() -> None:
    data = _changed(tracks=[_track(1, path="01/.packager").to_dict()])
    assert Manifest.from_bytes(data, "test").tracks[0].path == "01/.packager"


@pytest.mark.parametrize("key", ["sequence", "pace"])
def test_a_number_with_a_decimal_point_is_named(key: str) -> None:
    with pytest.raises(DocumentError, match=f"'{key}' is 7.0, expected a whole number"):
        Manifest.from_bytes(_changed(**{key: 7.0}).replace(b":7,", b":7.0,"), "test")


def test_an_unsafe_path_is_named() -> None:
    assert [problem for problem in release_path_problems(["../a.mp3"]) if "../a.mp3" in problem]
