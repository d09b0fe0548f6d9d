"""A release that sounds as promised passes; whatever is done to one of its MP3s is heard and named."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import numpy.typing as npt
import pytest
import soundfile
from shared import made_once
from tones import Built, Office, open_office

from packager.base.evidence import Evidence
from packager.base.formats import sha256_file
from packager.releases.check import Asked, Fault, ReleaseCheck, TrackCheck, body_pieces, check_release, check_track
from packager.releases.store import StoredRelease
from packager.releases.text_sync import SyncedText, TextSync, load_text_sync

SENTENCE = "这一天天气很好，大家坐在树下面听书，听完了又说了一会儿话。"
TEXT = "# 读本\n\n" + "\n\n".join(
    f"## 第{chapter}章 树下\n\n" + "\n\n".join([f"{chapter}号。" + SENTENCE * 3] * 2) for chapter in "一二"
)
Samples = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Checked:
    """An office with a release, and the chapter that tests alter copies of."""

    office: Office
    built: Built

    @property
    def release(self) -> StoredRelease:
        return self.built.result.release

    def ask(self, folder: Path | None = None, *, spoken: bool = True) -> Asked:
        track = self.release.manifest.tracks[-1]
        known = load_text_sync(self.office.workspace.spoken, track.sha256) if spoken else None
        return Asked(track, folder or self.release.folder, -18.0, 190, known)


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    def make(folder: Path) -> Checked:
        office = open_office(folder / "office")
        office.write({"book.md": TEXT})
        return Checked(office, office.build())

    return made_once(tmp_path_factory, "checked", make)


@pytest.fixture
def altered(checked: Checked, tmp_path: Path) -> Callable[..., TrackCheck]:
    """The check of a copy of the chapter whose samples were changed and encoded again."""

    def alter(change: Callable[[Samples, int], Samples], *, spoken: bool = True) -> TrackCheck:
        asked = checked.ask(tmp_path, spoken=spoken)
        samples, rate = soundfile.read(checked.release.folder / asked.track.path)
        soundfile.write(tmp_path / "changed.wav", change(samples, rate), rate, subtype="FLOAT")
        path = tmp_path / asked.track.path
        path.parent.mkdir(parents=True, exist_ok=True)
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-i", str(tmp_path / "changed.wav")]
        subprocess.run([*command, "-c:a", "libmp3lame", "-b:a", "96k", str(path)], check=True)
        # As if it had been built so: what is heard is judged, not that the bytes are others.
        return check_track(replace(asked, track=replace(asked.track, sha256=sha256_file(path))))

    return alter


def joint(asked: Asked, place: int) -> float:
    """The middle of the silence after the piece at `place`, in seconds."""
    assert isinstance(asked.text_sync, TextSync)
    pieces = asked.text_sync.pieces
    return (pieces[place].ends + pieces[place + 1].begins) / 2


def test_a_release_as_it_was_built_passes_on_all_cores_with_progress(checked: Checked) -> None:
    heard: list[str] = []
    found = check_release(
        checked.release, checked.office.workspace.spoken, jobs=2, progress=lambda track: heard.append(track.path)
    )
    assert [(track.path, track.faults) for track in found.tracks] == [
        (track.path, ()) for track in checked.release.manifest.tracks
    ]
    assert sorted(heard) == sorted(track.path for track in found.tracks)
    assert found.is_good
    assert found.spread <= 0.6
    for track, listed in zip(found.tracks, checked.release.manifest.tracks, strict=True):
        assert (track.lufs, track.true_peak) == pytest.approx((listed.lufs, listed.true_peak), abs=0.1)
        assert (track.head, track.tail) == pytest.approx((0.74, 1.55), abs=0.15)
    (book,) = (book for book in found.books if book.book == "读本")
    assert book.pace == pytest.approx(190, rel=0.02)
    chapters = [track for track in found.tracks if track.book == "读本"]
    assert all(track.is_body_pace and track.pace == pytest.approx(190, rel=0.03) for track in chapters)


def test_without_what_was_said_when_the_pace_counts_announcements_and_is_judged_mildly(checked: Checked) -> None:
    found = check_track(checked.ask(spoken=False))
    assert (found.faults, found.is_body_pace, found.jump) == ((), False, None)
    assert found.pace is not None
    assert 150 < found.pace < 190


def test_a_copy_that_was_only_encoded_again_is_good(altered) -> None:
    assert altered(lambda samples, rate: samples).faults == ()


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda samples, rate: samples * 10 ** (-1 / 20), Fault.LOUDNESS),
        (lambda samples, rate: np.concatenate([np.zeros(rate), samples]), Fault.HEAD),
        (lambda samples, rate: samples[round(0.5 * rate) :], Fault.HEAD),
        (lambda samples, rate: np.concatenate([samples, np.zeros(rate)]), Fault.TAIL),
        (lambda samples, rate: samples[: -round(1.2 * rate)], Fault.TAIL),
        (lambda samples, rate: samples[: -round(0.3 * rate)], Fault.LENGTH),
        (lambda samples, rate: np.stack([samples, samples], axis=1), Fault.CHANNELS),
    ],
)
def test_what_is_out_is_named(change, fault: Fault, altered) -> None:
    assert fault in altered(change).faults


def test_a_peak_that_the_limiter_would_not_let_pass_is_named(altered) -> None:
    def with_peak(samples: Samples, rate: int) -> Samples:
        loudest = int(np.argmax(np.abs(samples)))
        samples[loudest - 3 : loudest + 4] *= 10 ** (-1 / 20) / np.abs(samples).max()
        return samples

    assert altered(with_peak).faults == (Fault.PEAK,)


def test_a_click_in_a_pause_is_heard_where_it_is(checked: Checked, altered) -> None:
    at = joint(checked.ask(), 2)

    def with_click(samples: Samples, rate: int) -> Samples:
        samples[round(at * rate)] += 0.05
        return samples

    found = altered(with_click)
    assert found.faults == (Fault.CLICK,)
    assert found.clicks == pytest.approx([at], abs=0.1)


def test_a_sentence_that_breaks_off_is_a_click(checked: Checked, altered) -> None:
    asked = checked.ask()
    assert asked.text_sync is not None
    end = asked.text_sync.pieces[2].ends

    def cut(samples: Samples, rate: int) -> Samples:
        first, last = round((end - 0.3) * rate), round((end + 0.2) * rate)
        loudest = first + int(np.argmax(np.abs(samples[first : last - rate // 4])))
        samples[loudest:last] = 0
        return samples

    assert Fault.CLICK in altered(cut).faults


def test_a_sentence_louder_than_its_neighbours_is_a_jump(checked: Checked, altered) -> None:
    asked = checked.ask()
    begin, end = joint(asked, 3), joint(asked, 4)

    def louder(samples: Samples, rate: int) -> Samples:
        samples[round(begin * rate) : round(end * rate)] *= 10 ** (-2 / 20)
        return samples

    found = altered(louder)
    assert Fault.JUMP in found.faults
    assert abs(found.jump) == pytest.approx(2.0, abs=0.5)


def test_words_that_are_silent_are_named_with_their_time(checked: Checked, altered) -> None:
    asked = checked.ask()
    assert asked.text_sync is not None
    at = max(asked.text_sync.pieces, key=lambda piece: piece.ends - piece.begins).begins + 0.5

    def silent(samples: Samples, rate: int) -> Samples:
        samples[round(at * rate) : round((at + 1.5) * rate)] = 0
        return samples

    found = altered(silent)
    assert Fault.SILENCE in found.faults
    assert found.silence_at == pytest.approx(at, abs=0.15)
    assert found.silence == pytest.approx(1.5, abs=0.2)


def test_a_long_silence_is_named_also_where_it_is_not_known_what_is_said(altered) -> None:
    def silent(samples: Samples, rate: int) -> Samples:
        samples[5 * rate : 10 * rate] = 0
        return samples

    assert Fault.SILENCE in altered(silent, spoken=False).faults


def test_tracks_that_differ_more_than_they_may_are_no_good_release_though_each_is_in_order() -> None:
    tracks = [TrackCheck(place, f"00{place}.mp3", "", (), lufs=lufs) for place, lufs in enumerate((-18.4, -17.7))]
    even, uneven = (ReleaseCheck(tuple(some), (), -18.0, 190) for some in (tracks[:1], tracks))
    assert (even.is_uneven, even.is_good) == (False, True)
    assert (uneven.is_uneven, uneven.is_good) == (True, False)


def test_a_body_at_another_pace_than_was_asked_for_is_named(checked: Checked) -> None:
    assert check_track(replace(checked.ask(), pace=160)).faults == (Fault.PACE,)
    # Where announcements can't be told from it, a short track is not judged by its pace.
    assert check_track(replace(checked.ask(spoken=False), pace=160)).faults == ()


def test_a_title_as_long_as_the_end_of_the_body_is_not_taken_for_the_body() -> None:
    def piece(spoken: int, begins: float, ends: float) -> SyncedText:
        return SyncedText("", (), begins, ends, Evidence(1.0, spoken, 0, 0.5, 0.0))

    number, title = piece(4, 0.7, 1.6), piece(6, 3.7, 5.6)
    body = [piece(30, 9.7, 19.2), piece(30, 19.8, 29.3), piece(6, 30.0, 31.5)]
    told, rest = body_pieces([number, title, *body], 66, 182.0), body_pieces([number, title, *body], 60, 184.0)
    assert (told, rest) == ((2, 4), (2, 3))
    assert body_pieces([number, title, *body], 7, 190.0) is None


def test_files_that_are_gone_changed_or_no_mp3_are_named(checked: Checked, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(checked.release.folder, folder)
    tracks = checked.release.manifest.tracks
    (folder / tracks[0].path).unlink()
    (folder / tracks[1].path).write_bytes(b"nothing")
    shutil.copyfile(folder / tracks[-1].path, folder / tracks[-2].path)
    found = check_release(StoredRelease(folder, checked.release.manifest), checked.office.workspace.spoken, jobs=1)
    assert found.tracks[0].faults == (Fault.MISSING,)
    assert found.tracks[1].faults == (Fault.CHANGED, Fault.UNREADABLE)
    assert found.tracks[-2].faults[0] is Fault.CHANGED
    assert not found.is_good
