"""Shared by `build --dry-run` and `week --dry-run`: the tracks to come, what changes, and which numbers would move."""

from __future__ import annotations

from typing import Any

import click

from packager.arranging.estimate import estimate_seconds
from packager.arranging.prepare import NewSeriesNeededError
from packager.arranging.tracklist import Tracklist
from packager.base.display import shown
from packager.base.i18n.language import _, ngettext
from packager.base.workspace import Workspace
from packager.cli.ui.console import megabytes, minutes, note, table
from packager.cli.ui.track_changes import change_text, change_values, put_changes
from packager.releases.forecast import Forecast, ForecastPlaces, forecast_build, moved_numbers, newest_like
from packager.releases.store import list_releases
from packager.releases.track_changes import ChangeKind, of_kind
from packager.speech import EngineOptions
from packager.textnorm import Lexicon


def forecast_of(workspace: Workspace, tracklist: Tracklist, lexicon: Lexicon) -> Forecast:
    """What a build of `tracklist` would change and synthesize."""
    places = ForecastPlaces(workspace.chunk_cache, workspace.clip_cache, workspace.spoken)
    stored = list_releases(workspace.releases)
    return forecast_build(tracklist, stored, places, lexicon=lexicon, options=EngineOptions.of(workspace))


def put_tracklist(tracklist: Tracklist) -> None:
    """Print every track with its number, path, estimated length and size."""
    lengths = _lengths(tracklist)
    rows = [
        (str(track.number), track.path, track.book, track.title, minutes(length), megabytes(size))
        for track, (length, size) in zip(tracklist.tracks, lengths, strict=True)
    ]
    seconds, sizes = (sum(each[place] for each in lengths) for place in (0, 1))
    rows.append(("", "", "", _("total, about"), minutes(seconds), megabytes(round(sizes))))
    heads = (_("number"), _("path"), _("book"), _("title"), _("minutes"), "MB")
    click.echo(table(heads, rows, right=(0, 4, 5)))


def put_forecast(forecast: Forecast) -> None:
    """Print what changes since the newest release, and how much is to be synthesized."""
    click.echo()
    if forecast.newest is not None:
        click.echo(_("Compared with {release}:").format(release=forecast.newest.manifest.release))
        put_changes(forecast.changes)
    message = ngettext(
        "To be synthesized: about {n} character; all else is there",
        "To be synthesized: about {n} characters; all else is there",
        forecast.characters,
    )
    click.echo(message.format(n=forecast.characters) if forecast.characters else _("Nothing is to be synthesized"))


def forecast_values(tracklist: Tracklist, forecast: Forecast) -> dict[str, Any]:
    """The tracks and the forecast as JSON values."""
    names = ("number", "path", "kind", "title", "book")
    return {
        "tracks": [
            {**{name: getattr(track, name) for name in names}, "seconds": round(length), "size": size}
            for track, (length, size) in zip(tracklist.tracks, _lengths(tracklist), strict=True)
        ],
        "compared_with": forecast.newest.manifest.release if forecast.newest else None,
        "changes": [change_values(change) for change in forecast.changes],
        "characters_to_synthesize": forecast.characters,
    }


def _lengths(tracklist: Tracklist) -> list[tuple[float, int]]:
    """The estimated seconds and bytes of each track."""
    seconds = [estimate_seconds(track, tracklist.pace) for track in tracklist.tracks]
    return [(length, tracklist.profile.audio.size_of(length)) for length in seconds]


def note_moves(workspace: Workspace, error: NewSeriesNeededError) -> None:
    """Print which numbers would move in a new series, before it is refused to go on without one."""
    tracklist = error.preview
    newest = newest_like(tracklist, list_releases(workspace.releases), error.series)
    if newest is None:
        return
    changes = moved_numbers(tracklist, newest, workspace.spoken)
    moved = of_kind(changes, ChangeKind.MOVED)
    kept = sum(change.before is not None and change.after is not None for change in changes) - len(moved)
    note(
        _(
            "In a new series {new}, compared with {release}, {moved} tracks would have another number and {kept} the "
            "same:"
        ).format(new=tracklist.series, release=newest.manifest.release, moved=len(moved), kept=kept)
    )
    listed = [change for change in changes if len(change.kinds) > 1 or change.kinds[0] is not ChangeKind.SPOKEN_ANEW]
    rows = [
        (str(change.track.number), change_text(change), shown(change.track.book), shown(change.track.title))
        for change in listed
        if change.kinds != (ChangeKind.EDITED,)
    ]
    note(table((_("number"), _("change"), _("book"), _("title")), rows, right=(0,)))
    note(_("Each card then needs: packager load CARD --switch, and each listener a new sheet."))
