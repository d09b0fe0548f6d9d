"""The proof of a release whose speech is tones, by a recognizer that knows them."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from parrot import Parrot, parrot_of
from tones import Built, Office, open_office, tree

from packager.base.errors import InputError, StorageError
from packager.base.formats import sha256_file
from packager.base.manifest import ManifestTrack
from packager.proofing import ProofOutcome, TrackProof, plan_proof, proof_tracks
from packager.releases.text_sync import load_text_sync, save_text_sync


@dataclass
class Listened:
    seconds: float = 0.0

    def listened(self, seconds: float) -> None:
        self.seconds += seconds


@dataclass(frozen=True)
class Proofed:
    """An office with a release, and who listens to it."""

    office: Office
    built: Built

    @property
    def tracks(self) -> tuple[ManifestTrack, ...]:
        return self.built.result.release.manifest.tracks

    def parrot(self) -> Parrot:
        return parrot_of(self.built.result.release, self.office.workspace.spoken)

    def proof(self, recognizer: Parrot, *, everything: bool = True, numbers: Collection[int] = ()) -> list[TrackProof]:
        release, places = self.built.result.release, self.office.workspace
        tasks = plan_proof(release, places, everything=everything, numbers=numbers)
        observer = Listened()
        proofs = list(proof_tracks(release, tasks, recognizer, places, observer))
        assert observer.seconds == pytest.approx(sum(task.seconds for task in tasks))
        return proofs


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Proofed:
    office = open_office(tmp_path_factory.mktemp("proof") / "office")
    return Proofed(office, office.build())


@pytest.fixture
def proofed(finished: Proofed, tmp_path: Path) -> Proofed:
    """A copy, to be changed."""
    root = tmp_path / "office"
    shutil.copytree(finished.office.root, root)
    office = Office(root)
    return Proofed(office, office.build())


def test_a_release_that_is_heard_as_it_was_said_has_no_doubts_and_is_left_as_it_is(proofed: Proofed) -> None:
    before = tree(proofed.built.folder)
    proofs = proofed.proof(proofed.parrot())
    assert [proof.track for proof in proofs] == list(proofed.tracks)
    assert {proof.outcome for proof in proofs} == {ProofOutcome.HEARD}
    assert [proof.heard.errors for proof in proofs] == [0] * len(proofs)
    assert [proof.heard.sounds for proof in proofs] == [
        track.evidence.characters for track in proofed.tracks if track.evidence
    ]
    assert tree(proofed.built.folder) == before


def test_without_all_only_what_is_in_doubt_by_its_evidence_is_listened_to(proofed: Proofed) -> None:
    parrot, spoken = proofed.parrot(), proofed.office.workspace.spoken
    chapters = [track for track in proofed.tracks if track.kind == "chapter"]
    for track in chapters:  # how long a tone lasts says nothing: no band is known of its voice
        said = load_text_sync(spoken, track.sha256)
        assert said is not None
        save_text_sync(spoken, track.sha256, replace(said, voice="tones:1"))
    numbers = [track.number for track in chapters]
    unheard = proofed.proof(parrot, everything=False, numbers=numbers)
    assert {proof.outcome for proof in unheard} == {ProofOutcome.NOTHING_IN_DOUBT}
    assert parrot.calls == 0
    doubted = replace(said.pieces[2], evidence=replace(said.pieces[2].evidence, again=1))
    pieces = (*said.pieces[:2], doubted, *said.pieces[3:])
    save_text_sync(spoken, track.sha256, replace(said, voice="tones:1", pieces=pieces))
    *others, proof = proofed.proof(parrot, everything=False, numbers=numbers)
    assert {other.outcome for other in others} == {ProofOutcome.NOTHING_IN_DOUBT}
    assert (proof.outcome, proof.suspicions) == (ProofOutcome.HEARD, ("had to be spoken again",))
    assert proof.heard.sounds == doubted.evidence.spoken
    assert parrot.calls == 1


def test_what_a_track_lost_is_told_with_its_place(proofed: Proofed) -> None:
    parrot = proofed.parrot()
    parrot.change = lambda text: text.replace("先问是谁", "")
    doubtful = [proof for proof in proofed.proof(parrot) if proof.is_doubtful]
    assert [proof.track.title for proof in doubtful] == ["第一章 敲门"]
    (doubt,) = doubtful[0].doubts
    assert (doubt.expected, doubt.heard, doubt.lost) == ("先问是谁", "", 4)
    assert doubt.before.endswith("有人敲门。")
    assert doubtful[0].longest == doubt
    said = load_text_sync(proofed.office.workspace.spoken, doubtful[0].track.sha256)
    assert said is not None
    piece = next(piece for piece in said.pieces if "先问是谁" in piece.text)
    assert piece.begins < doubt.begins < doubt.ends <= piece.ends


def test_a_track_of_which_much_was_heard_otherwise_here_and_there_is_doubtful(proofed: Proofed) -> None:
    parrot = proofed.parrot()
    proof = proofed.proof(parrot, numbers=[proofed.tracks[0].number])[0]
    assert proof.heard.sounds >= 40
    assert not proof.is_doubtful
    parrot.fingerprint = "parrot 2"
    parrot.change = lambda text: "".join("" if place % 8 == 3 else sound for place, sound in enumerate(text))
    proof = proofed.proof(parrot, numbers=[proofed.tracks[0].number])[0]
    assert proof.error_rate > 0.1
    assert proof.is_doubtful


def test_a_track_that_is_damaged_or_missing_is_not_listened_to_and_never_called_good(proofed: Proofed) -> None:
    parrot = proofed.parrot()
    first, second = (proofed.built.folder / track.path for track in proofed.tracks[:2])
    data = bytearray(first.read_bytes())
    data[len(data) // 2] ^= 1
    first.unlink()  # it shares its bytes with the copy that it was made from
    first.write_bytes(data)
    second.unlink()
    proofs = proofed.proof(parrot)
    assert [proof.outcome for proof in proofs[:2]] == [ProofOutcome.DAMAGED] * 2
    assert all(proof.is_doubtful for proof in proofs[:2])
    assert {proof.outcome for proof in proofs[2:]} == {ProofOutcome.HEARD}


def test_tracks_of_which_it_is_not_known_what_is_said_are_told_apart(proofed: Proofed) -> None:
    parrot, spoken = proofed.parrot(), proofed.office.workspace.spoken
    (entry,) = spoken.glob(f"*/{proofed.tracks[0].sha256}.json")
    entry.unlink()
    proofs = proofed.proof(parrot)
    assert [proof.outcome for proof in proofs][:2] == [ProofOutcome.UNKNOWN, ProofOutcome.HEARD]
    shutil.rmtree(spoken)
    with pytest.raises(InputError, match="packager build week --force"):
        proofed.proof(parrot)
    proofed.office.build(force=True)
    assert {proof.outcome for proof in proofed.proof(parrot)} == {ProofOutcome.HEARD}


def test_what_was_heard_once_is_not_listened_to_again(proofed: Proofed) -> None:
    first, again = proofed.parrot(), proofed.parrot()
    proofs = proofed.proof(first)
    assert first.calls > 0
    assert proofed.proof(again) == proofs
    assert again.calls == 0
    again.fingerprint = "parrot 2"
    proofed.proof(again)
    assert again.calls == first.calls, "another recognizer hears for itself"


def test_a_proof_that_was_interrupted_goes_on(proofed: Proofed) -> None:
    whole = proofed.parrot()
    expected = proofed.proof(whole)
    shutil.rmtree(proofed.office.workspace.transcripts)
    stopped, going_on = proofed.parrot(), proofed.parrot()
    stopped.stop_after = whole.calls - 1
    with pytest.raises(KeyboardInterrupt):
        proofed.proof(stopped)
    assert proofed.proof(going_on) == expected
    assert stopped.calls + going_on.calls == whole.calls


def test_a_track_with_a_damaged_transcript_is_heard_again(proofed: Proofed) -> None:
    first, again = proofed.parrot(), proofed.parrot()
    expected = proofed.proof(first)
    damages = [b"", b"[]", b"\n{}", b'0123\n{"0.400 9.000": "x"}']
    paths = sorted(proofed.office.workspace.transcripts.rglob("*.json"))
    assert len(paths) >= len(damages) - 1
    for path, damage in zip(paths, damages, strict=False):
        path.write_bytes(damage)
    paths[-1].write_bytes(paths[-1].read_bytes().replace("。".encode(), "，".encode()))
    assert proofed.proof(again) == expected
    assert again.calls == first.calls


def test_a_transcript_that_can_t_be_written_is_reported(proofed: Proofed) -> None:
    proofed.office.workspace.transcripts.parent.mkdir(exist_ok=True)
    proofed.office.workspace.transcripts.write_text("a file")
    with pytest.raises(StorageError, match="transcripts"):
        proofed.proof(proofed.parrot())


def test_single_tracks_can_be_chosen_and_others_are_refused(proofed: Proofed) -> None:
    number = proofed.tracks[1].number
    (proof,) = proofed.proof(proofed.parrot(), numbers=[number])
    assert proof.track == proofed.tracks[1]
    with pytest.raises(InputError, match="no track 999"):
        proofed.proof(proofed.parrot(), numbers=[number, 999])


def test_the_words_belong_to_the_bytes_and_not_to_the_release(proofed: Proofed) -> None:
    for track in proofed.tracks:
        assert sha256_file(proofed.built.folder / track.path) == track.sha256
        assert list(proofed.office.workspace.spoken.glob(f"*/{track.sha256}.json"))
