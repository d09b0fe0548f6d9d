"""The command line: click commands in one folder per subject, all printing, and the mapping of errors to exit codes.

Commands are imported lazily, after the language is set: `packager --help` loads no speech library, and every help
text is translated.
"""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from packager import __version__
from packager.base.errors import EXIT_DONE, EXIT_FAULT, EXIT_INTERRUPTED, PackagerError
from packager.base.i18n.language import LANGUAGES, N_, _, choose_language, reason_of
from packager.base.interrupts import Presses, exit_surely, pressed
from packager.cli.ui.group import LazyGroup
from packager.cli.ui.help import ColumnFormatter, usage_message
from packager.cli.ui.proposals import remember_typed, with_typed_options

_SECTIONS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    N_("First steps"): {
        "demo": ("first_steps:demo_command", N_("run the whole workflow once on a sample, without a device")),
        "init": ("first_steps:init_command", N_("make a workspace with a sample")),
    },
    N_("Prepare content"): {
        "weekly": ("release.weekly", N_("do the work of a week, up to the next decision")),
        "week": ("release.week", N_("write the playlists of a week from the timetable")),
        "read": ("books.read", N_("show how a book is read: chapters, characters, minutes")),
        "voices": ("speech.voices", N_("list the voices and whether each works here")),
        "say": ("speech.say", N_("speak one sentence")),
        "build": ("release.build", N_("build a release from a playlist")),
        "proof": ("release.proof", N_("check a release with a speech recognizer")),
        "release": ("release.release", N_("list, check, approve, withdraw, pack and delete releases")),
        "publish": ("release.publish", N_("publish a release as a page, a podcast, audiobooks and more")),
        "cache": ("speech.cache", N_("show and prune the cache of synthesized speech")),
    },
    N_("Cards"): {
        "profiles": ("cards.profiles", N_("list the kinds of player and their limits")),
        "probe": ("cards.probe", N_("find the profile of an unknown player by ear, with a card of test tracks")),
        "prepare": ("cards.prepare", N_("prepare a new card: inspect it, test its capacity, assign it to a player")),
        "load": ("cards.load:load_command", N_("load a release onto a player's card")),
        "update": ("cards.load:update_command", N_("update a card to the newest release")),
        "station": ("station.station", N_("load cards one after another: insert, update, verify, remove")),
        "audit": ("cards.audit", N_("show what a card holds, or what every player holds")),
    },
    N_("People"): {
        "players": ("players.players", N_("manage the roster of players")),
        "due": ("fleet.due", N_("list the players to visit, and why")),
        "sheet": ("fleet.sheet", N_("write large-print sheets for listeners, and labels for players")),
    },
    N_("Office"): {
        "report": ("fleet.report", N_("write the weekly report as a page to mail or print")),
        "registry": ("registry.registry", N_("merge, check and rebuild the registry of who holds what")),
        "workers": ("workers.workers", N_("let several computers speak one library")),
        "trust": ("trust.trust", N_("sign what the office approves, so that nobody else can say it")),
        "backup": (
            "registry.backup:backup_command",
            N_("save the whole workspace in one file, to keep or to hand over"),
        ),
        "restore": ("registry.backup:restore_command", N_("restore a workspace from its backup")),
        "doctor": ("doctor", N_("examine this computer, and name remedies")),
        "completion": ("completion.completion", N_("let the Tab key complete commands, players and releases")),
    },
}
"""The commands by the job that they do, in the order of work."""
_COMMANDS = {name: place for commands in _SECTIONS.values() for name, place in commands.items()}

# Errors of disks and folders that are no fault of this program.
_ORDINARY = frozenset(
    {
        errno.EACCES,
        errno.EDQUOT,
        errno.EEXIST,
        errno.EFBIG,
        errno.EIO,
        errno.EISDIR,
        errno.ELOOP,
        errno.ENAMETOOLONG,
        errno.ENOSPC,
        errno.ENOTDIR,
        errno.EPERM,
        errno.EROFS,
    }
)


class _Commands(LazyGroup):
    """The group of all commands."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands by job, with their explanations in one column."""
        width = max(map(len, self._listed))
        for title, commands in _SECTIONS.items():
            with formatter.section(_(title)):
                formatter.write_dl([(name.ljust(width), _(text)) for name, (_place, text) in commands.items()])

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(
                _("Turn books into Mandarin speech on players' SD cards, and keep a registry of who holds what.")
            )
            formatter.write_paragraph()
            formatter.write_text(_("Start with: packager demo. Then: packager init DIR."))


def _print_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        click.echo(f"packager {__version__}")
        ctx.exit()


def _help_command() -> click.Command:
    @click.command("help", hidden=True, help=_("Show the help of COMMAND, as: packager help load."))
    @click.argument("command", metavar="[COMMAND]...", nargs=-1)
    @click.pass_context
    def show_help(ctx: click.Context, command: tuple[str, ...]) -> None:
        root = ctx.find_root()
        root.command.main([*command, "-h"], prog_name="packager", obj=root.obj, standalone_mode=False)

    return show_help


def _top() -> click.Group:
    """The top command group; made for each run, so that its help is in the chosen language."""
    click.Context.formatter_class = ColumnFormatter  # of every command

    @click.group(cls=_Commands, listed=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
    @click.option(
        "--lang",
        type=click.Choice(LANGUAGES),
        expose_value=False,  # read by `run`
        help=_("The language of messages (default: from LANG)."),
    )
    @click.option(
        "--version",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_print_version,
        help=_("Show the version."),
    )
    @click.option(
        "--workspace",
        type=click.Path(file_okay=False, path_type=Path),
        help=_("The workspace (default: the nearest parent folder with a packager.yaml)."),
    )
    @click.pass_context
    def packager(ctx: click.Context, workspace: Path | None) -> None:
        ctx.obj = workspace

    packager.add_command(_help_command())
    return packager


def run(  # noqa: PLR0911 - one return an exit code
    arguments: Sequence[str], *, typed: Sequence[str] | None = None
) -> int:
    """Run the command line with `arguments` and return the exit code; prints, and raises nothing.

    `typed` is the command line that a person typed, if it is another.
    """
    try:
        remember_typed(arguments if typed is None else typed)
        choose_language(_language_asked_for(arguments))
        result = _top().main(list(arguments), prog_name="packager", standalone_mode=False)
        return result if isinstance(result, int) else EXIT_DONE
    except click.ClickException as error:
        context = error.ctx if isinstance(error, click.UsageError) else None
        click.UsageError(usage_message(error), context).show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        return _interrupted()
    except PackagerError as error:
        click.echo(with_typed_options(_("Error: {message}").format(message=error)), err=True)
        return error.exit_code
    except SystemExit:
        return EXIT_DONE  # click exits when the reader of a pipe has closed it, as `| head` does
    except OSError as error:
        if error.errno not in _ORDINARY:
            return _unexpected(error)
        place = error.filename2 or error.filename or _("the disk")
        click.echo(_("Error: {path}: {reason}").format(path=place, reason=reason_of(error)), err=True)
        return EXIT_FAULT
    except Exception as error:
        # Ctrl-C during the import of a library can become an error of that library.
        return _interrupted() if Presses.last else _unexpected(error)


def main() -> None:
    """Entry point of the console script."""
    # The imports leave nothing to collect, and looking for it takes a tenth of the time of a short command.
    gc.set_threshold(10_000)
    for stream in (sys.stdout, sys.stderr):
        # Characters that the terminal can't encode must not stop the output.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    if "_PACKAGER_COMPLETE" in os.environ:  # a shell asks what may follow
        from packager.cli.completion.shells import answer

        sys.exit(answer())
    # A plain end by SIGTERM would leave the warnings of multiprocessing about its semaphores.
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, pressed)
    code = run(sys.argv[1:])
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.SIG_IGN)
    if Presses.last:
        exit_surely(code)
    sys.exit(code)


def _interrupted() -> int:
    click.echo(_("Interrupted. Finished work is kept; run the same command again to continue."), err=True)
    return EXIT_INTERRUPTED


def _language_asked_for(arguments: Sequence[str]) -> str | None:
    """The value of `--lang`; it is needed before click parses the arguments, for the help texts."""
    for index, argument in enumerate(arguments):
        if argument.startswith("--lang="):
            return argument.partition("=")[2]
        if argument == "--lang" and index + 1 < len(arguments):
            return arguments[index + 1]
        if not argument.startswith("-") and arguments[index - 1 : index] != ["--workspace"]:
            return None
    return None


def _unexpected(error: Exception) -> int:
    if os.environ.get("PACKAGER_DEBUG"):
        raise error
    line = _(
        "Error: unexpected failure ({kind}: {message}). Run the command again with PACKAGER_DEBUG=1 and "
        "report its output."
    )
    click.echo(line.format(kind=type(error).__name__, message=error), err=True)
    return EXIT_FAULT
