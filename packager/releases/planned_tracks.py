"""Reads tracks as they are compared before a build: those of a tracklist, and those of a finished release."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from packager.arranging.estimate import estimate_seconds
from packager.arranging.tracklist import Tracklist, TracklistEntry
from packager.base.evidence import Evidence
from packager.releases.passages import written_passages
from packager.releases.release_diff import compared_tracks, speech_of
from packager.releases.store import StoredRelease
from packager.releases.text_sync import WrittenRole, load_text_sync
from packager.releases.track_changes import ComparedSentence, ComparedTrack, SpokenPiece
from packager.textnorm import Chunk
from packager.textnorm.sentence_pairs import written_sentences as cut_text


def plain_tracks(release: StoredRelease, spoken: Path) -> tuple[ComparedTrack, ...]:
    """The tracks of `release` for a comparison with tracks that are not built yet.

    The build key stands for the audio, and each passage is cut where it is written, not where it is heard.
    """
    found = []
    for track, compared in zip(release.manifest.tracks, compared_tracks(release, spoken), strict=True):
        text = load_text_sync(spoken, track.sha256) if compared.sentences is not None else None
        sentences = cut_sentences((each.role, each.text) for each in text.passages) if text is not None else None
        found.append(replace(compared, audio=track.build_key, sentences=sentences))
    return tuple(found)


def planned_track(
    track: TracklistEntry,
    tracklist: Tracklist,
    *,
    audio: str = "",
    chunks: Iterable[Chunk] | None = None,
    clips: Sequence[tuple[str, Evidence]] = (),
) -> ComparedTrack:
    """A track of a tracklist for a comparison with `plain_tracks`.

    `audio` is its build key, `clips` the texts and evidence of all its clips; empty: not known.
    """
    voice = track.voice or tracklist.voice
    return ComparedTrack(
        number=track.number,
        kind=track.kind,
        title=track.title,
        book=track.book,
        place=track.place,
        audio=audio or f"to be made: {track.number}",
        seconds=estimate_seconds(track, tracklist.pace),
        voice=voice,
        pace=tracklist.pace,
        sentences=cut_sentences(written_passages(track.script, track.title)),
        pieces=tuple(SpokenPiece(chunk.text, chunk.readings) for chunk in chunks or ()),
        speech=speech_of(voice, tracklist.pace, clips) if clips else "",
    )


def cut_sentences(passages: Iterable[tuple[WrittenRole, str]]) -> tuple[ComparedSentence, ...]:
    """The sentences of passages as written."""
    return tuple(
        ComparedSentence(sentence, role is WrittenRole.ANNOUNCEMENT)
        for role, text in passages
        for sentence in ((text,) if role is WrittenRole.HEADING else cut_text(text))
    )
