"""What a build would do, without building: what changes since the newest release, and what is to be synthesized.

Only texts in the chunk cache have a known build key. A track of another text is counted by its words as written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from packager.arranging.estimate import heard_characters
from packager.arranging.tracklist import Tracklist, TracklistEntry
from packager.base.evidence import Evidence
from packager.releases.build_key import track_build_key
from packager.releases.chunk_cache import known_chunks
from packager.releases.planned_tracks import plain_tracks, planned_track
from packager.releases.store import StoredRelease
from packager.releases.track_changes import ChangeKind, ComparedTrack, TrackChange, compare_tracks
from packager.speech import ClipCache, EngineOptions, Voice, installed_engines
from packager.speech.cache import clip_key
from packager.textnorm import Chunk, Lexicon, to_chunks


@dataclass(frozen=True)
class ForecastPlaces:
    """Where a forecast reads."""

    chunk_cache: Path
    clip_cache: Path
    spoken: Path  # the folder of the texts of finished tracks


@dataclass(frozen=True)
class Forecast:
    """What a build would do. `newest` is the release that it follows; None: none of its series and profile."""

    newest: StoredRelease | None
    changes: tuple[TrackChange, ...]
    characters: int  # to be synthesized, about


def forecast_build(
    tracklist: Tracklist,
    stored: Iterable[StoredRelease],
    places: ForecastPlaces,
    *,
    lexicon: Lexicon,
    options: EngineOptions,
) -> Forecast:
    """The forecast of building `tracklist` after the releases in `stored`; nothing is written.

    Raises InputError or SpeechError for a voice that can't be used.
    """
    newest = newest_like(tracklist, stored)
    before = plain_tracks(newest, places.spoken) if newest is not None else ()
    plan = _Plan(tracklist, places, lexicon, options, {}, {})
    chunks = {track.path: plan.known(track) for track in tracklist.tracks}
    changes = plan.compared(before, chunks)
    unread = {change.after.number for change in changes if change.after and _has_same_words(change)}
    for track in tracklist.tracks:
        if chunks[track.path] is None and track.number in unread:  # its words or voice may have changed
            chunks[track.path] = plan.read(track)
    changes = plan.compared(before, chunks)
    return Forecast(newest, changes, round(sum(plan.characters(change, chunks) for change in changes)))


def newest_like(tracklist: Tracklist, stored: Iterable[StoredRelease], series: str = "") -> StoredRelease | None:
    """The newest release of the tracklist's profile, and of its series or the one given; None without one."""
    kind = (series or tracklist.series, tracklist.profile.name)
    alike = [one for one in stored if (one.manifest.series, one.manifest.profile) == kind]
    return max(alike, key=lambda one: one.manifest.sequence, default=None)


def moved_numbers(tracklist: Tracklist, newest: StoredRelease, spoken: Path) -> tuple[TrackChange, ...]:
    """What changes from a release to a tracklist of another series."""
    after = [planned_track(track, tracklist) for track in tracklist.tracks]
    return compare_tracks(plain_tracks(newest, spoken), after)


def _has_same_words(change: TrackChange) -> bool:
    return not {ChangeKind.ADDED, ChangeKind.EDITED} & set(change.kinds)


_Chunks = dict[str, "tuple[Chunk, ...] | None"]


@dataclass(frozen=True)
class _Plan:
    """Says what is known of planned tracks; fields as in `forecast_build`."""

    tracklist: Tracklist
    places: ForecastPlaces
    lexicon: Lexicon
    options: EngineOptions
    voices: dict[str, Voice]
    fingerprints: dict[str, str]

    def known(self, track: TracklistEntry) -> tuple[Chunk, ...] | None:
        lexicon, language = self.lexicon.for_book(track.book), self._voice(track).language
        return known_chunks(track.script, self.places.chunk_cache, lexicon, language=language)

    def read(self, track: TracklistEntry) -> tuple[Chunk, ...]:
        return to_chunks(track.script, self.lexicon.for_book(track.book), language=self._voice(track).language)

    def compared(self, before: Sequence[ComparedTrack], chunks: _Chunks) -> tuple[TrackChange, ...]:
        after = [
            planned_track(
                track,
                self.tracklist,
                audio=self._key(track, chunks[track.path]),
                chunks=chunks[track.path],
                clips=self._clips(track, chunks[track.path] or ()),
            )
            for track in self.tracklist.tracks
        ]
        return compare_tracks(before, after)

    def characters(self, change: TrackChange, chunks: _Chunks) -> float:
        """The characters of a track that are in no clip, about."""
        if change.after is None or change.is_same:
            return 0
        track = next(one for one in self.tracklist.tracks if one.number == change.after.number)
        known = chunks[track.path]
        if known is not None:
            return sum(chunk.spoken for chunk in known if not self._has_clip(chunk, track))
        if change.edits:
            return sum(heard_characters("".join(edit.added)) for edit in change.edits)
        return sum(heard_characters(passage.text) for passage in track.script)

    def _has_clip(self, chunk: Chunk, track: TracklistEntry) -> bool:
        return ClipCache(self.places.clip_cache).has(self._clip_key(chunk, track))

    def _clips(self, track: TracklistEntry, chunks: Sequence[Chunk]) -> list[tuple[str, Evidence]]:
        """The texts and evidence of all clips of a track; empty if one of them is missing."""
        cache = ClipCache(self.places.clip_cache)
        found = [(chunk.text, cache.evidence(self._clip_key(chunk, track))) for chunk in chunks]
        known = [(text, evidence) for text, evidence in found if evidence is not None]
        return known if len(known) == len(found) else []

    def _clip_key(self, chunk: Chunk, track: TracklistEntry) -> str:
        return clip_key(chunk.text, self._fingerprint(track), self._voice(track), chunk.readings)

    def _key(self, track: TracklistEntry, chunks: tuple[Chunk, ...] | None) -> str:
        if chunks is None:
            return ""
        return track_build_key(
            track,
            chunks,
            self.tracklist.profile,
            engine=self._fingerprint(track),
            voice=str(self._voice(track)),
            pace=self.tracklist.pace,
            usual_pace=self.tracklist.usual_pace,
        )

    def _voice(self, track: TracklistEntry) -> Voice:
        name = track.voice or self.tracklist.voice
        if name not in self.voices:
            self.voices[name] = installed_engines().parse(name)
        return self.voices[name]

    def _fingerprint(self, track: TracklistEntry) -> str:
        voice = self._voice(track)
        if str(voice) not in self.fingerprints:
            provider = installed_engines().provider(voice.engine)
            self.fingerprints[str(voice)] = provider.fingerprint(voice, self.options)
        return self.fingerprints[str(voice)]
