"""Proofs from what a recognizer heard in earlier runs: nothing is listened to now."""

from __future__ import annotations

from functools import partial

from packager.base.manifest import ManifestTrack
from packager.proofing.compare import hear_pieces
from packager.proofing.proof import ProofFolders, ProofOutcome, Task, TrackProof, proof_task, suspicions_of
from packager.proofing.transcripts import Transcript, known_transcripts
from packager.releases.store import StoredRelease


class _NotHeardError(Exception):
    """A stretch of a track that nobody listened to."""


def known_proofs(release: StoredRelease, places: ProofFolders) -> tuple[TrackProof, ...]:
    """The proofs of the tracks that were listened to before, wholly or where they were in doubt."""
    found = (_known(track, places) for track in release.manifest.tracks)
    return tuple(proof for proof in found if proof is not None)


def _known(track: ManifestTrack, places: ProofFolders) -> TrackProof | None:
    transcripts = known_transcripts(places.transcripts, track.sha256)
    if not transcripts:
        return None
    for everything in (True, False):
        task = proof_task(track, places, everything=everything)
        for transcript in transcripts:
            proof = _proof(task, transcript)
            if proof is not None:
                return proof
    return None


def _proof(task: Task, transcript: Transcript) -> TrackProof | None:
    if task.spoken is None or not task.chosen:
        return None
    try:
        heard = hear_pieces(task.spoken.pieces, task.chosen.keys(), partial(_heard, transcript))
    except _NotHeardError:
        return None
    return TrackProof(task.track, ProofOutcome.HEARD, suspicions_of(task), heard, task.spoken.passages)


def _heard(transcript: Transcript, begins: float, ends: float) -> str:
    text = transcript.get(begins, ends)
    if text is None:
        raise _NotHeardError
    return text
