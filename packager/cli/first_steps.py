"""`packager init` and `packager demo`: a workspace with a sample, and a demonstration on it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click

from packager.arranging.timetable import timetable_week
from packager.base.errors import EXIT_DONE, EXIT_FINDINGS, InputError
from packager.base.file_hints import in_command
from packager.base.i18n.language import _
from packager.base.workspace import copy_sample
from packager.cards.plan.foreign import is_audio
from packager.cli.ui.console import next_step, note
from packager.cli.ui.run_command import run_command


@click.command(
    help=_(
        "Create a workspace in the folder DIR: packager.yaml with commented defaults, texts/ with a small sample, "
        "playlists/ with a timetable for this week, output/. Existing files are not changed."
    )
)
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
def init_command(folder: Path) -> None:
    made = copy_sample("workspace", folder) + copy_sample("timetable", folder, week=timetable_week(today()))
    for path in sorted(made):
        click.echo(path)
    if not made:
        note(_("{folder} was already complete; nothing was changed.").format(folder=folder))
    if Path.cwd() != folder.resolve():
        next_step(_("Run the other commands in this folder: cd {folder}").format(folder=in_command(str(folder))))
        next_step(
            _("Next: {command}").format(command=f"packager --workspace {in_command(str(folder))} weekly --dry-run")
        )
    else:
        next_step(_("Next: {command}").format(command="packager weekly --dry-run"))


def today() -> date:
    """The local date."""
    return date.today()


_PLAYERS = ("P001", "P002")


@click.command(
    help=_(
        "Run the whole workflow once, without a device, account or network: read the sample, synthesize "
        "it, build a release, load it into two folders in place of cards, update one of them to a second "
        "week, and audit both. Takes about two minutes and asks nothing."
    )
)
@click.option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help=_("A new folder for the demo's workspace (default: a temporary one)."),
)
@click.pass_context
def demo_command(ctx: click.Context, folder: Path | None) -> None:
    if folder is not None and folder.is_dir() and any(folder.iterdir()):
        raise InputError(_("{folder} is not empty; choose a new folder for the demo").format(folder=folder))
    root = (folder or Path(tempfile.mkdtemp(prefix="packager-demo-"))).resolve()
    started = time.monotonic()
    for headline, arguments in _steps(root):
        exit_code = run_command(root, headline, arguments)
        # An audit with findings has succeeded.
        if exit_code not in (EXIT_DONE, EXIT_FINDINGS):
            ctx.exit(exit_code)
    seconds = time.monotonic() - started
    click.echo()
    click.echo(_("The demo took {seconds:.0f} seconds. Listen:").format(seconds=seconds))
    for card in sorted((root / "cards").iterdir()):
        for track in sorted(path for path in card.rglob("*") if is_audio(path.name))[:2]:
            click.echo(f"  {track}")
    click.echo(_("Try next:"))
    click.echo(f"  cd {in_command(str(root))}")
    click.echo("  packager audit cards/P001 --allow-folder")
    click.echo("  packager update cards/P001 --allow-folder --dry-run")
    click.echo("  packager read texts/fangzha.md")
    click.echo(_("With several computers, sign what the office approves, so that nobody else can say it:"))
    click.echo("  packager trust start --office OFFICE --by NAME --spare /media/STICK/spare.html")
    click.echo("  packager release approve main-0002 --by NAME")
    click.echo("  packager release pack main-0002")
    click.echo("  packager trust join FINGERPRINT main-0002-folders.packager.zip")
    click.echo(
        _(
            "With a real card: packager players add P003, then packager load CARD --player P003 --new "
            "(CARD is its mount point)"
        )
    )


def _steps(root: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield a headline and a command line per step; files that a step needs are made before it is yielded."""
    cards = {player: root / "cards" / player for player in _PLAYERS}
    first, second = cards.values()
    yield _("A workspace with a sample"), ["init", str(root)]
    yield _("How a book is read"), ["read", str(root / "texts" / "fangzha.md")]
    yield _("The first week, synthesized on this computer"), ["build", "playlists/2026-w48.yaml"]
    yield _("Two players"), ["players", "add", *_PLAYERS]
    for player, card in cards.items():
        card.mkdir(parents=True)
        yield (
            _("Load the first week onto the card of {player}").format(player=player),
            ["load", str(card), "--player", player, "--new", "--allow-folder"],
        )
    copy_sample("second-week", root)
    yield _("The second week: only changed text is synthesized"), ["build", "playlists/2026-w49.yaml"]
    yield _("Update the card of P002 to the second week"), ["update", str(second), "--allow-folder"]
    yield _("What do the cards hold?"), ["audit", str(first), "--allow-folder"]
    yield "", ["audit", str(second), "--allow-folder"]
    yield _("Who holds what?"), ["audit"]
