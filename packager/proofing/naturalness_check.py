"""Rate the tracks of a release, and compare them with the bands of their voices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from packager.mastering.calibration import load_measurements
from packager.proofing.naturalness import Predictor, bands_of, below, mean_ratings, read_for_rating, windows_in
from packager.releases.store import StoredRelease
from packager.speech import DEFAULT_OPTIONS, EngineOptions, installed_engines

MOST_WINDOWS = 4  # of a track: half a minute


@dataclass(frozen=True)
class TrackNaturalness:
    """The mean ratings of a track by predictor, empty if it can't be read, and those below its voice's band."""

    number: int
    path: str
    voice: str
    ratings: Mapping[str, float]
    below: tuple[str, ...] = ()
    has_band: bool = True


def check_naturalness(
    release: StoredRelease,
    predictors: Mapping[str, Predictor],
    progress: Callable[[TrackNaturalness], object] = lambda track: None,
    options: EngineOptions = DEFAULT_OPTIONS,
) -> tuple[TrackNaturalness, ...]:
    """Rate up to `MOST_WINDOWS` windows of each track, evenly spread. `progress` gets each track when it is done.

    The bands are those of the installed voices, or what `options` say was measured here.
    """
    import soundfile

    bands = {str(info.voice): bands_of(info.naturalness) for info in installed_engines().voices(options)}
    for name, values in load_measurements(options).items():
        if "naturalness" in values:
            bands[name] = bands_of(values["naturalness"])
    found = []
    for track in release.manifest.tracks:
        voice = release.manifest.voice_of(track)
        known = bands.get(voice, {})
        try:
            windows = windows_in(read_for_rating(release.folder / track.path), MOST_WINDOWS)
        except (OSError, soundfile.SoundFileError):  # `release check` names such tracks
            rated = TrackNaturalness(track.number, track.path, voice, {}, has_band=bool(known))
        else:
            ratings = {name: round(value, 2) for name, value in mean_ratings(windows, predictors).items()}
            out = below(ratings, known, len(windows))
            rated = TrackNaturalness(track.number, track.path, voice, ratings, out, has_band=bool(known))
        found.append(rated)
        progress(rated)
    return tuple(found)
