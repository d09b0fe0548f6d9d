"""`packager release check`: measure every MP3 of a release."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click

from packager.base.errors import EXIT_FINDINGS
from packager.base.i18n.language import N_, _, ngettext
from packager.cli.ui.console import minutes, note, print_json, progress_bar, table, workspace_of
from packager.proofing.naturalness import open_predictors
from packager.proofing.naturalness_check import TrackNaturalness, check_naturalness
from packager.releases.check import (
    HEAD_SECONDS,
    MOST_JUMP,
    MOST_SPREAD,
    TAIL_SECONDS,
    Fault,
    ReleaseCheck,
    TrackCheck,
    check_release,
)
from packager.releases.store import StoredRelease, find_release
from packager.speech import EngineOptions

_FAULTS = {
    Fault.MISSING: N_("missing"),
    Fault.UNREADABLE: N_("can't be decoded"),
    Fault.CHANGED: N_("content changed"),
    Fault.CHANNELS: N_("not mono"),
    Fault.LOUDNESS: N_("loudness"),
    Fault.PEAK: N_("peak"),
    Fault.HEAD: N_("head"),
    Fault.TAIL: N_("tail"),
    Fault.LENGTH: N_("length"),
    Fault.PACE: N_("pace"),
    Fault.CLICK: N_("click"),
    Fault.JUMP: N_("jump"),
    Fault.SILENCE: N_("silence"),
}

_PREDICTORS = {"distillmos": "DistillMOS", "dnsmos": "DNSMOS"}


@click.command(
    help=_(
        "Measure every MP3 of RELEASE (for example main-0007), independently of the build: loudness "
        "(LUFS), true peak (dBTP), silence at head and tail, length, speech rate, clicks where sentences "
        "meet, loudness jumps between them. Exit code 5 if anything is out of bounds."
    )
)
@click.argument("release")
@click.option("--jobs", type=click.IntRange(1, 256), help=_("Number of measuring processes."))
@click.option(
    "--naturalness",
    is_flag=True,
    help=_("Also predict how natural each track sounds, and warn of tracks below the band of their voice."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.option("--csv", "as_csv", is_flag=True, help=_("Print CSV."))
@click.pass_context
def command(
    ctx: click.Context, /, release: str, *, jobs: int | None, naturalness: bool, as_json: bool, as_csv: bool
) -> None:
    if as_json and as_csv:
        raise click.UsageError(_("choose one: --json or --csv"))
    if naturalness and as_csv:
        raise click.UsageError(_("--naturalness goes with --json or the table"))
    predictors = open_predictors() if naturalness else {}
    workspace = workspace_of(ctx)
    stored = find_release(workspace.releases, release)
    with progress_bar(len(stored.manifest.tracks), _("listening"), unit=_(" tracks")) as bar:

        def done(_track: TrackCheck) -> None:
            bar.update(1)

        check = check_release(stored, workspace.spoken, jobs=jobs, progress=done)
    rated: tuple[TrackNaturalness, ...] = ()
    if naturalness:
        with progress_bar(len(stored.manifest.tracks), _("rating"), unit=_(" tracks")) as bar:
            options = EngineOptions.of(workspace)
            rated = check_naturalness(stored, predictors, lambda _track: bar.update(1), options)
    if as_json:
        print_json({**_values(stored, check), **({"naturalness": list(map(asdict, rated))} if naturalness else {})})
    elif as_csv:
        click.echo(_csv(check), nl=False)
    else:
        _print(stored, check)
    if naturalness:
        _warn(rated)
    if not check.is_good:
        ctx.exit(EXIT_FINDINGS)


def _print(stored: StoredRelease, check: ReleaseCheck) -> None:
    out_of_bounds = _("out of bounds")
    heads = [_("path"), "LUFS", "dBTP", _("head"), _("tail"), _("minutes"), _("pace"), _("jump"), _("clicks")]
    click.echo(table([*heads, out_of_bounds], [_row(track) for track in check.tracks], right=range(1, 9)))
    for book in check.books:
        line = _("《{book}》: {pace:.0f} characters per minute, target {wanted}")
        line = line.format(book=book.book, pace=book.pace, wanted=check.pace)
        click.echo(f"{line} - {out_of_bounds}" if book.is_out else line)
    loudness = _("Loudness: target {lufs:.0f} LUFS, spread {spread:.2f} LU (at most {most})").format(
        lufs=check.lufs, spread=check.spread, most=MOST_SPREAD
    )
    click.echo(f"{loudness} - {out_of_bounds}" if check.is_uneven else loudness)
    for path in check.damaged_sidecars:
        click.echo(_("{path} is missing or was changed").format(path=path))
    out, count = sum(bool(track.faults) for track in check.tracks), len(check.tracks)
    if out:
        line = ngettext("{out} of {n} track is out of bounds", "{out} of {n} tracks are out of bounds", count)
        click.echo(line.format(out=out, n=count))
    if out or check.damaged_sidecars:
        note(
            _(
                "Bounds: head {head} s, tail {tail} s, jump at most {jump} LU, no click. To restore changed or "
                "missing tracks: packager build {playlist} --profile {profile}"
            ).format(
                head=_range(HEAD_SECONDS),
                tail=_range(TAIL_SECONDS),
                jump=MOST_JUMP,
                playlist=stored.manifest.playlist,
                profile=stored.manifest.profile,
            )
        )
    else:
        click.echo(ngettext("{n} track, all within bounds", "{n} tracks, all within bounds", count).format(n=count))
    if not any(track.is_body_pace for track in check.tracks):
        note(
            _(
                "The times of sentences are not known here (for example after unpacking a release): the speech "
                "rate includes announcements, and jumps between sentences are not measured."
            )
        )


def _warn(rated: Sequence[TrackNaturalness]) -> None:
    """Warnings on standard error."""
    for track in rated:
        if track.below:
            message = _("{path} sounds less natural or noisier than {voice} usually does ({ratings}); listen to it")
            ratings = ", ".join(f"{_PREDICTORS[name]} {track.ratings[name]:.1f}" for name in track.below)
            note(message.format(path=track.path, voice=track.voice, ratings=ratings))
    for voice in sorted({track.voice for track in rated if not track.has_band}):
        note(_("{voice} has no measured band; its tracks are not judged").format(voice=voice))
    judged = [track for track in rated if track.has_band and track.ratings]
    if judged and not any(track.below for track in judged):
        line = ngettext(
            "{n} track sounds as its voice usually does", "{n} tracks sound as their voices usually do", len(judged)
        )
        note(line.format(n=len(judged)))


def _range(bounds: tuple[float, float]) -> str:
    return f"{bounds[0]:g}-{bounds[1]:g}"


def _row(track: TrackCheck) -> tuple[str, ...]:
    return (
        track.path,
        _number(track.lufs, 1),
        _number(track.true_peak, 1),
        _number(track.head, 2),
        _number(track.tail, 2),
        "" if track.seconds is None else minutes(track.seconds),
        _number(track.pace, 0),
        _number(track.jump, 1),
        " ".join(f"{minutes(time)}" for time in track.clicks[:3]),
        ", ".join(_fault(track, fault) for fault in track.faults),
    )


def _fault(track: TrackCheck, fault: Fault) -> str:
    word = _(_FAULTS[fault])
    if fault is Fault.SILENCE and track.silence_at is not None:
        return f"{word} {minutes(track.silence_at)}"
    return word


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _track_values(track: TrackCheck) -> dict[str, Any]:
    return {**asdict(track), "faults": [fault.value for fault in track.faults]}


def _values(stored: StoredRelease, check: ReleaseCheck) -> dict[str, Any]:
    return {
        "release": stored.manifest.release,
        "profile": stored.manifest.profile,
        "good": check.is_good,
        "lufs": check.lufs,
        "pace": check.pace,
        "spread": check.spread,
        "tracks": [_track_values(track) for track in check.tracks],
        "books": [asdict(book) for book in check.books],
        "damaged_sidecars": list(check.damaged_sidecars),
    }


def _csv(check: ReleaseCheck) -> str:
    rows = [_track_values(track) for track in check.tracks]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else ["number", "path"], lineterminator="\n")
    writer.writeheader()
    for row in rows:
        lists = {key: " ".join(map(str, value)) for key, value in row.items() if isinstance(value, list | tuple)}
        writer.writerow({**row, **lists})
    return text.getvalue()
