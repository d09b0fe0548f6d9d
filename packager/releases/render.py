"""Render the tracks of a tracklist: speak and master them, with the fallback voice where an online voice fails.

A book has one voice: when an online voice fails for good, the tracklist's fallback voice speaks the whole book.
"""

from __future__ import annotations

from dataclasses import dataclass

from packager.releases.plan import PlannedTrack, RenderJob, with_fallback
from packager.releases.task_window import ClipCount, TaskWindow
from packager.releases.track_store import FinishedTrack


@dataclass(frozen=True)
class RenderResult:
    """The finished tracks of a release, and the number of clips in those that were made now."""

    planned: tuple[PlannedTrack, ...]
    tracks: tuple[FinishedTrack, ...]
    clips_spoken: int
    clips_cached: int


def render_tracks(job: RenderJob, planned: tuple[PlannedTrack, ...]) -> RenderResult:
    """Speak and master the unfinished tracks. Raises SpeechError for text that can't be spoken."""
    count = ClipCount()
    while True:
        window = TaskWindow(job, count)
        made = window.make([item for item in planned if item.kept is None])
        if window.failed is None:
            break
        planned = with_fallback(job, planned, window.failed, str(window.reason))
        count.begin_again()
        job.observer.planned(planned)
    tracks = tuple(item.kept or made[item.track.path] for item in planned)
    return RenderResult(planned, tracks, clips_spoken=count.spoken, clips_cached=count.cached)
