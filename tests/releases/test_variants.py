"""Variants of a release come from the same clips: nothing is spoken for a second pace or loudness."""

from __future__ import annotations

from pathlib import Path

import pytest
from shared import made_once
from speechlike import decode, meter
from tones import Built, Office, Tones, open_office

SENTENCE = "这一天天气很好，大家坐在树下面听书，听完了又说了一会儿话。"
TEXT = "# 读本\n\n" + "\n\n".join(
    f"## 第{chapter}章 树下\n\n" + "\n\n".join([f"{chapter}号。" + SENTENCE * 3] * 2) for chapter in "一二"
)


@pytest.fixture(scope="module")
def variants(tmp_path_factory: pytest.TempPathFactory) -> tuple[Office, dict[str, Built]]:
    def make(folder: Path) -> tuple[Office, dict[str, Built]]:
        office = open_office(folder / "office")
        office.write({"book.md": TEXT})
        names = ("folders", "folders+slow", "folders+loud", "folders+slow+loud")
        return office, {name: office.build(profile=name) for name in names}

    return made_once(tmp_path_factory, "variants", make)


def test_a_second_pace_and_loudness_speak_nothing(variants: tuple[Office, dict[str, Built]]) -> None:
    _office, built = variants
    assert built["folders"].spoken
    for name in ("folders+slow", "folders+loud", "folders+slow+loud"):
        assert built[name].spoken == ()
        assert (built[name].result.chunks_spoken, built[name].result.tracks_kept) == (0, 0)
        assert built[name].result.chunks_cached > 0


def test_numbers_paths_and_titles_are_the_same_and_each_has_a_sequence_of_its_own(
    variants: tuple[Office, dict[str, Built]],
) -> None:
    manifests = {name: each.result.release.manifest for name, each in variants[1].items()}
    assert {manifest.profile for manifest in manifests.values()} == set(manifests)
    assert [manifest.sequence for manifest in manifests.values()] == [1, 2, 3, 4]
    assert {manifest.series for manifest in manifests.values()} == {"main"}
    (listing,) = {
        tuple((track.number, track.path, track.title, track.place) for track in manifest.tracks)
        for manifest in manifests.values()
    }
    assert len(listing) == 4
    assert len({manifest.content_id for manifest in manifests.values()}) == 4


def test_the_slow_one_is_at_160_as_it_is_heard_and_as_long_as_that_takes(
    variants: tuple[Office, dict[str, Built]],
) -> None:
    for name, pace in (("folders", 190), ("folders+slow", 160), ("folders+slow+loud", 160)):
        built = variants[1][name]
        assert built.result.release.manifest.pace == pace
        for track in built.result.release.manifest.tracks:
            if track.book != "读本" or track.kind != "chapter":
                continue
            assert track.pace == pytest.approx(pace, rel=0.05)
            assert track.evidence is not None
            silences = decode(built.folder / track.path).silences()
            heard = silences[-1][0] - silences[0][1]
            # With the announcements, which have pauses of their own, it is a little slower than the body.
            assert track.evidence.characters / heard * 60 == pytest.approx(pace, rel=0.10)


def test_the_loud_one_is_at_minus_16_under_minus_3_by_a_meter_of_its_own(
    variants: tuple[Office, dict[str, Built]],
) -> None:
    for name, lufs in (("folders", -18), ("folders+loud", -16), ("folders+slow+loud", -16)):
        for track in variants[1][name].result.release.manifest.tracks:
            heard = meter(variants[1][name].folder / track.path)
            assert heard.lufs == pytest.approx(lufs, abs=0.5)
            assert heard.true_peak <= -3.0


def test_a_variant_is_built_again_without_work_and_is_not_taken_for_another(
    variants: tuple[Office, dict[str, Built]],
) -> None:
    office, built = variants
    tones = Tones(stop_at=SENTENCE[:5])
    again = office.build(profile="folders+slow", tones=tones)
    assert (again.result.is_new, again.made, again.spoken) == (False, (), ())
    assert again.result.release == built["folders+slow"].result.release


def test_every_track_of_the_slow_one_is_heard_to_be_a_tenth_slower(variants: tuple[Office, dict[str, Built]]) -> None:
    def spoken_seconds(built: Built, path: str) -> float:
        silences = decode(built.folder / path).silences()
        return silences[-1][0] - silences[0][1]

    usual, slow = variants[1]["folders"], variants[1]["folders+slow"]
    for track in usual.result.release.manifest.tracks:
        assert spoken_seconds(slow, track.path) >= 1.1 * spoken_seconds(usual, track.path), track.path
