"""Reads the tracks of a release with their text, to compare them with those of another release."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from packager.base.evidence import Evidence
from packager.base.formats import canonical_json, sha256_bytes
from packager.base.manifest import ManifestTrack
from packager.releases.store import StoredRelease
from packager.releases.text_sync import TextSync, WrittenRole, load_text_sync
from packager.releases.track_changes import ComparedSentence, ComparedTrack, SpokenPiece, TrackChange, compare_tracks


def compare_releases(before: StoredRelease | None, after: StoredRelease, spoken: Path) -> tuple[TrackChange, ...]:
    """What differs between two releases; without `before` everything is added. `spoken` is the folder of the texts."""
    earlier = compared_tracks(before, spoken) if before is not None else ()
    return compare_tracks(earlier, compared_tracks(after, spoken))


def compared_tracks(release: StoredRelease, spoken: Path) -> tuple[ComparedTrack, ...]:
    """The tracks of `release`."""
    return tuple(_compared(release, track, load_text_sync(spoken, track.sha256)) for track in release.manifest.tracks)


def speech_of(voice: str, pace: int, clips: Iterable[tuple[str, Evidence]]) -> str:
    """What is equal for equal speech: of the texts of clips and their evidence."""
    measured = [[text, evidence.seconds, evidence.peak, evidence.spoken] for text, evidence in clips]
    return sha256_bytes(canonical_json([voice, pace, measured]))


def _compared(release: StoredRelease, track: ManifestTrack, text: TextSync | None) -> ComparedTrack:
    return ComparedTrack(
        number=track.number,
        kind=track.kind,
        title=track.title,
        book=track.book,
        place=track.place,
        audio=track.sha256,
        seconds=track.seconds,
        voice=release.manifest.voice_of(track),
        pace=release.manifest.pace,
        sentences=written_sentences(text) if text is not None and text.passages else None,
        pieces=tuple(SpokenPiece(piece.text, piece.readings) for piece in text.pieces) if text is not None else (),
        speech=_speech(release, track, text) if text is not None else "",
    )


def _speech(release: StoredRelease, track: ManifestTrack, text: TextSync) -> str:
    clips = ((piece.text, piece.evidence) for piece in text.pieces)
    return speech_of(release.manifest.voice_of(track), release.manifest.pace, clips)


def written_sentences(text: TextSync) -> tuple[ComparedSentence, ...]:
    """The sentences of a finished track as written."""
    return tuple(
        ComparedSentence(sentence.text, passage.role is WrittenRole.ANNOUNCEMENT)
        for passage in text.passages
        for sentence in passage.sentences
    )
