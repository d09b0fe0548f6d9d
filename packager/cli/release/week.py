"""`packager week`: write the playlists of a week from the timetable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import click

from packager.arranging.playlist import NumberRangeKind, Playlist, parse_playlist
from packager.arranging.prepare import NewSeriesNeededError, Prepared, playlist_defaults, prepare_playlist
from packager.arranging.timetable import (
    TIMETABLE_FILE,
    TimetablePlaylist,
    load_timetable,
    monday_of,
    parse_week,
    timetable_week,
)
from packager.arranging.weekly import FileState, WeekPlaylist, file_state, missing_texts, week_playlist
from packager.base.errors import DocumentError, InputError
from packager.base.formats import write_atomic
from packager.base.i18n.language import N_, _
from packager.base.workspace import Workspace
from packager.base.yaml_documents import did_you_mean
from packager.cli.release._dry_run import forecast_of, forecast_values, note_moves, put_forecast, put_tracklist
from packager.cli.release.build import language_of, warn_of_expired
from packager.cli.ui.console import next_step, note, print_json, table, workspace_of
from packager.releases.forecast import Forecast
from packager.textnorm import LEXICON_FILE, load_lexicon

_DONE = {
    FileState.NEW: N_("written"),
    FileState.SAME: N_("unchanged"),
    FileState.OUTDATED: N_("rewritten"),
    FileState.EDITED: N_("manual changes overwritten"),
}
_TO_DO = {
    FileState.NEW: N_("would be written"),
    FileState.SAME: N_("unchanged"),
    FileState.OUTDATED: N_("would be rewritten"),
    FileState.EDITED: N_("written or changed by hand"),
}


@dataclass(frozen=True)
class _Made:
    """A playlist of the week and its tracklist."""

    file: Path
    state: FileState
    source: WeekPlaylist
    playlist: Playlist
    prepared: Prepared


@click.command(
    help=_(
        "Write the playlists of WEEK (for example 2026-W48; default: this week) from "
        "playlists/timetable.yaml: the week's readings, kept weeks and standing books. Then: packager "
        "build. A playlist that was changed by hand is not changed."
    )
)
@click.argument("week", required=False)
@click.option("--only", metavar="NAME", help=_("Only this playlist of the timetable."))
@click.option("--dry-run", is_flag=True, help=_("Show numbers, paths and titles; write nothing."))
@click.option("--overwrite", is_flag=True, help=_("Replace playlists that were changed by hand."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(ctx: click.Context, /, week: str | None, **options: Any) -> None:
    workspace = workspace_of(ctx)
    meant = timetable_week(today()) if week is None else parse_week(week, year=today().year)
    plans = plans_of(workspace, options["only"])
    _require_texts(workspace, plans, meant)
    made = [_made(workspace, plan, meant) for plan in plans]
    if not options["dry_run"]:
        _write(made, overwrite=options["overwrite"])
    if options["as_json"]:
        print_json([_values(workspace, one, meant, dry_run=options["dry_run"]) for one in made])
    else:
        _print(workspace, made, dry_run=options["dry_run"])


def today() -> date:
    """The local date."""
    return date.today()


def plans_of(workspace: Workspace, only: str | None) -> Sequence[TimetablePlaylist]:
    """The playlists of the timetable, or the one called `only`. Raises InputError if there is none."""
    path = workspace.playlists / TIMETABLE_FILE
    if not path.exists():
        raise InputError(
            _(
                "there is no {path} yet. It lists the readings of each week; start with these lines:\n"
                "weeks:\n  2026-W48:\n  - book: texts/NAME.md"
            ).format(path=path)
        )
    plans = load_timetable(path, playlist_defaults(workspace)).plans
    if only is None:
        return plans
    names = [plan.name for plan in plans]
    if only not in names:
        hint = did_you_mean(only, [name for name in names if name])
        raise InputError(_("{file} has no playlist '{name}'{hint}").format(file=path, name=only, hint=hint))
    return [plan for plan in plans if plan.name == only]


def _require_texts(workspace: Workspace, plans: Sequence[TimetablePlaylist], week: str) -> None:
    missing = dict.fromkeys(text for plan in plans for text in missing_texts(workspace.root, plan, week))
    if missing:
        raise DocumentError(_("{week} needs these texts").format(week=week), list(missing))


def _made(workspace: Workspace, plan: TimetablePlaylist, week: str) -> _Made:
    source = week_playlist(plan, week)
    file = workspace.playlists / f"{source.id}.yaml"
    playlist = parse_playlist(source.data, str(file), playlist_defaults(workspace))
    # Expiry in a later week is decided by the first day of that week.
    day = max(today(), monday_of(week))
    try:
        prepared = prepare_playlist(workspace, playlist, today=day, language_of=language_of)
    except NewSeriesNeededError as error:
        note_moves(workspace, error)
        raise
    return _Made(file, file_state(file, source), source, playlist, prepared)


def _write(made: Sequence[_Made], *, overwrite: bool) -> None:
    """Write all playlists, or none if one was changed by hand."""
    edited = [one.file for one in made if one.state is FileState.EDITED]
    if edited and not overwrite:
        raise InputError(
            _(
                "{files}: written or changed by hand. Make the change in the timetable, or replace the file with "
                "--overwrite; nothing was written"
            ).format(files=", ".join(map(str, edited)))
        )
    for one in made:
        if one.state is not FileState.SAME:
            write_atomic(one.file, one.source.data)


def _print(workspace: Workspace, made: Sequence[_Made], *, dry_run: bool) -> None:
    words = _TO_DO if dry_run else _DONE
    for one in made:
        for reading in one.source.left_out:
            title = reading.entry.get("title") or reading.book
            note(_("{book} is left out: it expires on {day}").format(book=title, day=reading.entry["until"]))
        warn_of_expired(one.prepared)
        if dry_run:
            click.echo(_("{file}: {state}").format(file=one.file, state=_(words[one.state])))
            put_tracklist(one.prepared.tracklist)
            put_forecast(_forecast(workspace, one))
            click.echo()
    if dry_run:
        return
    heads = (_("playlist"), "", _("series"), _("this week"), _("kept weeks"), _("standing books"), _("tracks"))
    rows = [
        (
            one.playlist.id,
            _(words[one.state]),
            one.playlist.series,
            *(str(_count(one, kind)) for kind in (NumberRangeKind.WEEK, NumberRangeKind.KEPT, NumberRangeKind.BOOK)),
            str(len(one.prepared.tracklist.tracks)),
        )
        for one in made
    ]
    click.echo(table(heads, rows, right=(3, 4, 5, 6)))
    for one in made:
        next_step(_("Next: packager build {playlist}").format(playlist=one.playlist.id))


def _forecast(workspace: Workspace, made: _Made) -> Forecast:
    return forecast_of(workspace, made.prepared.tracklist, load_lexicon(workspace.root / LEXICON_FILE))


def _count(made: _Made, kind: NumberRangeKind) -> int:
    return sum(item.range_kind is kind for item in made.playlist.items)


def _values(workspace: Workspace, made: _Made, week: str, *, dry_run: bool) -> dict[str, Any]:
    tracklist = made.prepared.tracklist
    forecast = forecast_values(tracklist, _forecast(workspace, made)) if dry_run else {}
    return {
        **forecast,
        "week": week,
        "playlist": made.playlist.id,
        "file": str(made.file),
        "series": made.playlist.series,
        "profile": made.playlist.profile,
        "state": made.state.value,
        "written": not dry_run and made.state is not FileState.SAME,
        "left_out": [reading.book for reading in made.source.left_out],
        "items": [
            {"book": item.book, "shelf": item.range_kind.value, "week": item.week or None}
            for item in made.playlist.items
        ],
        "numbers": {track.number: track.title for track in tracklist.tracks},
    }
