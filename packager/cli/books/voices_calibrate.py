"""`packager voices calibrate`: measure a voice here, and keep what that says of its paces."""

from __future__ import annotations

from typing import Any

import click

from packager.base.errors import StorageError
from packager.base.i18n.language import _, reason_of
from packager.cli.ui.console import note, print_json, progress_bar, warn_of_sending, workspace_of
from packager.mastering import PACES
from packager.mastering.calibration import (
    Calibration,
    add_calibrations,
    calibrate,
    calibration_chunks,
    load_calibrations,
)
from packager.speech import ClipCache, SpeechPool, is_online, kokoro_source, parse_voice


@click.command(
    help=_(
        "Measure how fast VOICE (as: kokoro:zm_yunjian) speaks by itself, over a text of 600 characters, and "
        "so at which paces it can be had. What is measured is kept in calibration.json of the workspace, and "
        "goes before what comes with the program; delete a voice there to go back to that. A build with a "
        "pace that its voice can't have is refused."
    )
)
@click.argument("voice")
@click.option("--jobs", type=click.IntRange(1, 256), help=_("How many processes speak at once."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(ctx: click.Context, /, voice: str, jobs: int | None, as_json: bool) -> None:
    workspace = workspace_of(ctx)
    speaker = parse_voice(voice)
    load_calibrations(workspace.calibration)  # that it can be read, before minutes of speaking
    source = kokoro_source(workspace.model)
    if is_online(speaker):
        warn_of_sending([voice])
    characters = sum(chunk.spoken for chunk in calibration_chunks())
    with (
        SpeechPool(source, ClipCache(workspace.clip_cache), jobs=jobs or workspace.settings.jobs) as pool,
        progress_bar(characters, _("speaking"), unit=_(" characters")) as bar,
    ):
        found = calibrate(speaker, pool, bar.update)
    try:
        add_calibrations({voice: found}, workspace.calibration)
    except OSError as error:
        raise StorageError(
            _("{path} can't be written: {reason}").format(path=workspace.calibration, reason=reason_of(error))
        ) from error
    if as_json:
        print_json({"voice": voice, **pace_values(found)})
        return
    click.echo(
        _("{voice} speaks {rate:.0f} characters a minute by itself; it can be had at {slowest} to {fastest}").format(
            voice=voice, rate=found.rate, slowest=found.slowest, fastest=found.fastest
        )
    )
    for pace in PACES:
        if found.reaches(pace):
            click.echo(
                _("{pace} a minute: its speech is slowed down to {stretch:.0%}").format(
                    pace=pace, stretch=found.stretch(pace)
                )
            )
        else:
            click.echo(_("{pace} a minute: out of reach").format(pace=pace))
    note(_("Kept in {path}").format(path=workspace.calibration))


def pace_values(found: Calibration) -> dict[str, Any]:
    """What a calibration says of paces, as JSON values."""
    return {
        "speed": found.speed,
        "rate": round(found.rate, 1),
        "slowest": found.slowest,
        "fastest": found.fastest,
        "stretch": {str(pace): found.stretch(pace) for pace in PACES if found.reaches(pace)},
    }
