"""`packager doctor`: whether everything works on this computer, with remedies."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import click

from packager.base.errors import EXIT_FINDINGS, InputError
from packager.base.i18n.language import _
from packager.base.workspace import Workspace
from packager.cli.ui.columns import wrapped
from packager.cli.ui.console import note, print_json, workspace_of
from packager.cli.ui.proposals import with_typed_options
from packager.doctor import computer, office
from packager.doctor.examination import CONDITION_WORDS, SUBJECT_WORDS, Condition, Examination, Subject, doubtful

_WIDTH = 78


@click.command(
    help=_(
        "Examine this computer: program, libraries, console, clock, disk, ffmpeg, inserted cards, workspace, voice, "
        "registry, last backup and trust. Each is good, doubtful or bad, with the remedy. Exit code 5 if one is "
        "bad. Nothing is changed. When you ask somebody for help, send the output of --json; it names no listener."
    )
)
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    found = []
    for one in _examine(ctx):
        found.append(one)
        if not as_json:
            _print(one)
    if as_json:
        print_json(
            [{name: getattr(one, name) for name in ("subject", "condition", "found", "remedy")} for one in found]
        )
    worst = {one.condition for one in found}
    if Condition.BAD in worst:
        ctx.exit(EXIT_FINDINGS)
    if not as_json and Condition.DOUBTFUL not in worst:
        note(_("Everything works here."))


def _examine(ctx: click.Context) -> Iterator[Examination]:
    now = datetime.now(timezone.utc)
    place: Workspace | None = None
    problem = ""
    try:
        place = workspace_of(ctx)
    except InputError as error:
        problem = str(error)
    yield computer.program()
    yield computer.libraries()
    yield computer.console(sys.stdout.encoding)
    yield computer.clock(now, None if place is None else office.newest_event(place))
    yield computer.disk(Path(tempfile.gettempdir()) if place is None else place.root)
    yield computer.ffmpeg()
    yield from computer.cards()
    if place is None:
        yield doubtful(Subject.WORKSPACE, problem)
        return
    yield office.workspace(place)
    yield office.voice(place)
    yield from office.registry(place, now)


def _print(one: Examination) -> None:
    line = _("{condition}: {subject} - {found}").format(
        condition=_(CONDITION_WORDS[one.condition]), subject=_(SUBJECT_WORDS[one.subject]), found=one.found
    )
    text = with_typed_options(line)
    click.echo("\n".join(wrapped(text, _WIDTH)))
    if one.remedy:
        for line in wrapped(with_typed_options(one.remedy), _WIDTH - 4):
            click.echo(f"    {line}")
