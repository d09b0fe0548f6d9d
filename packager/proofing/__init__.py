"""A Release is listened to: what a recognizer hears against what is said, and the doubtful places."""

from packager.proofing.compare import DOUBTFUL_SOUNDS, Heard, HeardDifference, hear_pieces
from packager.proofing.known import known_proofs
from packager.proofing.proof import ProofOutcome, Task, TrackProof, plan_proof, proof_tracks
from packager.proofing.recognizer import HEARING_RATE, Recognizer, open_whisper

__all__ = [
    "DOUBTFUL_SOUNDS",
    "HEARING_RATE",
    "Heard",
    "HeardDifference",
    "ProofOutcome",
    "Recognizer",
    "Task",
    "TrackProof",
    "hear_pieces",
    "known_proofs",
    "open_whisper",
    "plan_proof",
    "proof_tracks",
]
