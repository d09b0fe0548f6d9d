"""The progress of a build on the screen, and what a person should know before it begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tqdm import tqdm

from packager.arranging.tracklist import TracklistEntry
from packager.base.i18n.language import _
from packager.cli.release._workers import note_sending
from packager.cli.ui.console import note, progress_bar, warn, warn_of_sending
from packager.releases.plan import PlannedTrack
from packager.releases.track_store import TrackMeasurements


def _warn_of_lost(tracks: Sequence[PlannedTrack]) -> None:
    """Warn of passages of which something is not found in the spoken text."""
    message = _("{file}: '{lost}' is written, but not found in the spoken text before “{text}”: packager read --spoken")
    for item in tracks:
        for chunk in item.unaccounted:
            warn(message.format(file=item.track.path, lost=" ".join(chunk.unaccounted), text=chunk.text[-20:]))


class BuildProgress:
    """A progress bar in tracks whose words are prepared, then in characters to synthesize if there are any."""

    def __init__(self, workers: str, tracks: int) -> None:
        self._workers = workers
        self._preparing = progress_bar(tracks, _("preparing the words"), unit=_(" tracks"))
        self._bar: tqdm[Any] | None = None

    def prepared(self) -> None:
        self._preparing.update(1)

    def planned(self, tracks: Sequence[PlannedTrack]) -> None:
        self._preparing.close()
        if self._bar is None:
            warn_of_sending(item.voice for item in tracks if item.kept is None)
            if any(item.kept is None for item in tracks):
                note_sending(self._workers)
            _warn_of_lost(tracks)
        characters = sum(item.characters for item in tracks if item.kept is None)
        if self._bar is not None:  # planned again after a fallback; finished clips are reported again
            self._bar.reset(characters)
        elif characters:
            self._bar = progress_bar(characters, _("synthesizing"), unit=_(" characters"))

    def heard(self, characters: int) -> None:
        if self._bar is not None:
            self._bar.update(characters)

    def finished(self, track: TracklistEntry, measured: TrackMeasurements) -> None:
        if self._bar is not None:
            self._bar.set_postfix_str(track.path)

    def fell_back(self, book: str, voice: str, reason: str) -> None:
        warn(reason)
        note(_("{book}: the whole book uses {voice} instead").format(book=book, voice=voice))

    def __enter__(self) -> BuildProgress:
        return self

    def __exit__(self, *_error: object) -> None:
        self._preparing.close()
        if self._bar is not None:
            self._bar.close()
