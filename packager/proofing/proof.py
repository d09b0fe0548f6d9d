"""A release is listened to: each of its tracks against what is said in it, as far as anything is in doubt."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np

from packager.base.errors import InputError, StorageError
from packager.base.formats import sha256_file
from packager.base.i18n.language import _, reason_of
from packager.base.manifest import ManifestTrack
from packager.mastering.ffmpeg import file_argument, run_ffmpeg
from packager.proofing.compare import NOTHING, Heard, HeardDifference, hear_pieces
from packager.proofing.recognizer import HEARING_RATE, Recognizer
from packager.proofing.sampling import suspicion
from packager.proofing.transcripts import Transcript, open_transcript
from packager.releases.store import StoredRelease
from packager.releases.text_sync import SyncedPassage, TextSync, load_text_sync
from packager.speech.clip import Samples

_MOST_ERRORS = 0.1  # of the sounds of a track: more is no recognizer's slips
_ENOUGH_SOUNDS = 40  # below this a share says nothing


class ProofOutcome(str, Enum):
    """What came of one track."""

    HEARD = "heard"
    NOTHING_IN_DOUBT = "nothing in doubt"  # so it was not listened to
    UNKNOWN = "unknown"  # what is said in it was not kept
    DAMAGED = "damaged"  # its file is not what the release says


@dataclass(frozen=True)
class TrackProof:
    """What listening to a track came to."""

    track: ManifestTrack
    outcome: ProofOutcome
    suspicions: tuple[str, ...] = ()  # why pieces of it were listened to, each once
    heard: Heard = NOTHING
    passages: tuple[SyncedPassage, ...] = ()  # the text as written; empty where it is not known

    def written_at(self, difference: HeardDifference) -> str:
        """The sentences as written in which the difference is; empty where they are not known."""
        return "".join(
            sentence.text
            for passage in self.passages
            for sentence in passage.sentences
            if sentence.begins < difference.ends and sentence.ends > difference.begins
        )

    @property
    def error_rate(self) -> float:
        """The share of sounds that were heard otherwise, the recognizer's own slips included."""
        return self.heard.errors / max(self.heard.sounds, 1)

    @property
    def longest(self) -> HeardDifference | None:
        """The longest difference, if there is any."""
        return max(self.heard.differences, key=lambda each: each.length, default=None)

    @property
    def doubts(self) -> tuple[HeardDifference, ...]:
        """What somebody should listen to."""
        return tuple(each for each in self.heard.differences if each.is_doubtful)

    @property
    def is_doubtful(self) -> bool:
        """Whether somebody should look at the track."""
        wrong = self.heard.sounds >= _ENOUGH_SOUNDS and self.error_rate > _MOST_ERRORS
        return self.outcome is ProofOutcome.DAMAGED or bool(self.doubts) or wrong


@dataclass(frozen=True)
class Task:
    """One track to be proofed: what is said in it, and which pieces of it are listened to, and why."""

    track: ManifestTrack
    spoken: TextSync | None
    chosen: Mapping[int, str]

    @property
    def seconds(self) -> float:
        """How much is listened to."""
        pieces = self.spoken.pieces if self.spoken else ()
        return sum(pieces[place].ends - pieces[place].begins for place in self.chosen)


class ProofFolders(Protocol):
    """Where a proof reads and writes: a workspace has both."""

    @property
    def spoken(self) -> Path:
        """What is said in finished tracks."""

    @property
    def transcripts(self) -> Path:
        """What was heard in them."""


def plan_proof(
    release: StoredRelease, places: ProofFolders, *, everything: bool, numbers: Collection[int] = ()
) -> tuple[Task, ...]:
    """What is to be listened to: all of it with `everything`, else what is in doubt by its evidence.

    With `numbers`, only the tracks of these. Raises InputError for a number that the release does not have,
    and when of none of the tracks it is known what is said in it.
    """
    tracks = [track for track in release.manifest.tracks if not numbers or track.number in numbers]
    missing = sorted(set(numbers) - {track.number for track in tracks})
    if missing:
        message = _("{release} has no track {number}")
        raise InputError(message.format(release=release.manifest.release, number=missing[0]))
    tasks = tuple(proof_task(track, places, everything=everything) for track in tracks)
    if all(task.spoken is None for task in tasks):
        message = _(
            "it is not known here what is said in {release}: it was built on another computer, or before "
            "that was kept. Where its texts are: packager build {playlist} --force"
        )
        manifest = release.manifest
        raise InputError(message.format(release=manifest.release, playlist=manifest.playlist))
    return tasks


def proof_task(track: ManifestTrack, places: ProofFolders, *, everything: bool) -> Task:
    """What is to be listened to in one track."""
    spoken = load_text_sync(places.spoken, track.sha256)
    if spoken is None:
        return Task(track, None, {})
    reasons = {place: suspicion(piece, spoken.voice) for place, piece in enumerate(spoken.pieces)}
    return Task(track, spoken, {place: reason or "" for place, reason in reasons.items() if reason or everything})


class ProofObserver(Protocol):
    """Who wants to know how far a proof is."""

    def listened(self, seconds: float) -> None:
        """So much more has been listened to."""


def proof_tracks(
    release: StoredRelease,
    tasks: Collection[Task],
    recognizer: Recognizer,
    places: ProofFolders,
    observer: ProofObserver,
) -> Iterator[TrackProof]:
    """Listen to what `tasks` says, a track at a time.

    Raises StorageError where what was heard can't be kept, PackagerError where ffmpeg fails.
    """
    for task in tasks:
        yield _proof(release.folder / task.track.path, task, recognizer, places)
        observer.listened(task.seconds)


def _proof(file: Path, task: Task, recognizer: Recognizer, places: ProofFolders) -> TrackProof:
    track = task.track
    if not file.is_file() or file.stat().st_size != track.size or sha256_file(file) != track.sha256:
        return TrackProof(track, ProofOutcome.DAMAGED)
    if task.spoken is None:
        return TrackProof(track, ProofOutcome.UNKNOWN)
    if not task.chosen:
        return TrackProof(track, ProofOutcome.NOTHING_IN_DOUBT)
    transcript = open_transcript(places.transcripts, track.sha256, recognizer.fingerprint)
    sound = _Sound(file)
    try:
        try:
            heard = hear_pieces(task.spoken.pieces, task.chosen.keys(), partial(_hear, recognizer, sound, transcript))
        finally:
            transcript.save()
    except OSError as error:
        message = _("what was heard can't be kept in {folder}: {reason}; make room or check its permissions")
        raise StorageError(message.format(folder=places.transcripts, reason=reason_of(error))) from error
    return TrackProof(track, ProofOutcome.HEARD, suspicions_of(task), heard, task.spoken.passages)


def suspicions_of(task: Task) -> tuple[str, ...]:
    """Why pieces of a track are listened to, each reason once."""
    return tuple(dict.fromkeys(reason for reason in task.chosen.values() if reason))


class _Sound:
    """The samples of a file, decoded when they are first asked for."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._samples: Samples | None = None

    def between(self, begins: float, ends: float) -> Samples:
        """What is heard between two times (seconds)."""
        if self._samples is None:
            self._samples = decoded(self._file)
        return self._samples[round(begins * HEARING_RATE) : round(ends * HEARING_RATE)]


def _hear(recognizer: Recognizer, sound: _Sound, transcript: Transcript, begins: float, ends: float) -> str:
    known = transcript.get(begins, ends)
    if known is None:
        known = recognizer.hear(sound.between(begins, ends))
        transcript.add(begins, ends, known)
    return known


def decoded(file: Path) -> Samples:
    """The sound of an MP3 as recognizers take it. Raises PackagerError where ffmpeg fails."""
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "sound.f32"
        rate = ["-ac", "1", "-ar", str(HEARING_RATE), "-f", "f32le"]
        run_ffmpeg(["-i", file_argument(file), *rate, file_argument(raw)])
        samples: Samples = np.fromfile(raw, "<f4")
    return samples
