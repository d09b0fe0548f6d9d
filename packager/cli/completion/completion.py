"""`packager completion`: installs or shows the script with which a shell completes commands."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
from platformdirs import user_data_path

from packager.base.errors import InputError, StorageError
from packager.base.formats import write_atomic
from packager.base.i18n.language import N_, _, reason_of
from packager.cli.completion.shells import SHELLS, script
from packager.cli.ui.console import note
from packager.cli.ui.group import LazyGroup

_MARK = "# packager completion"
_POWERSHELLS = ("pwsh", "powershell")


@click.group(
    cls=LazyGroup,
    listed={
        "install": ("completion.completion:install_command", N_("install it for your shell")),
        "show": ("completion.completion:show_command", N_("print the script of a shell")),
    },
    help=_(
        "Let the Tab key complete commands, options, and the values of your workspace: players, releases, "
        "playlists, weeks, communities, voices and profiles. For bash, zsh, fish and PowerShell."
    ),
)
def command() -> None:
    pass


@click.command(
    help=_(
        "Install completion for SHELL (default: the shell that you use). Adds one line to the start file of the "
        "shell; run it again at any time."
    )
)
@click.argument("shell", metavar="[SHELL]", required=False, type=click.Choice(list(SHELLS)))
def install_command(shell: str | None) -> None:
    shell = shell or _own_shell()
    try:
        changed = _install_fish() if shell == "fish" else _install(shell)
    except OSError as error:
        message = _("{path} can't be written: {reason}")
        raise StorageError(message.format(path=error.filename, reason=reason_of(error))) from error
    for path in changed:
        click.echo(_("Written: {path}").format(path=path))
    note(_("Open a new window, type “packager l” and press Tab."))
    if shell == "powershell" and sys.platform == "win32":
        note(
            _(
                "If the new window says that running scripts is disabled, run once: "
                "Set-ExecutionPolicy -Scope CurrentUser RemoteSigned"
            )
        )


@click.command(help=_("Print the script with which SHELL completes packager."))
@click.argument("shell", metavar="SHELL", type=click.Choice(list(SHELLS)))
def show_command(shell: str) -> None:
    click.echo(script(shell), nl=False)


def _own_shell() -> str:
    """The user's shell. Raises InputError if it is unknown."""
    name = "powershell" if sys.platform == "win32" else Path(os.environ.get("SHELL", "")).name
    shell = "powershell" if name in _POWERSHELLS else name
    if shell not in SHELLS:
        known = ", ".join(SHELLS)
        raise InputError(_("name your shell: packager completion install SHELL, one of: {shells}").format(shells=known))
    return shell


def _install_fish() -> list[Path]:
    """fish loads completions from a folder by itself."""
    configuration = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    path = configuration / "fish" / "completions" / "packager.fish"
    write_atomic(path, script("fish").encode())
    return [path]


def _install(shell: str) -> list[Path]:
    suffix = {"powershell": "ps1"}.get(shell, shell)
    path = user_data_path("packager", appauthor=False) / f"completion.{suffix}"
    starts = _start_files(shell)
    write_atomic(path, script(shell).encode())
    line = f". {_quoted(path, shell)}  {_MARK}"
    return [path, *(start for start in starts if _add_line(start, line))]


def _quoted(path: Path, shell: str) -> str:
    if shell == "powershell" and sys.platform == "win32":
        # Windows PowerShell reads a start file in the system's code page: no name of a user may stand there.
        return rf"(Join-Path $env:LOCALAPPDATA 'packager\{path.name}')"
    return "'" + str(path).replace("'", "''" if shell == "powershell" else "'\\''") + "'"


def _add_line(start: Path, line: str) -> bool:
    """Add a line to a start file unless it is there; everything else stays as it is."""
    old = start.read_bytes() if start.exists() else b""
    if line.encode() in old.splitlines():
        return False
    start.parent.mkdir(parents=True, exist_ok=True)
    with start.open("ab") as file:
        file.write((b"" if not old or old.endswith(b"\n") else b"\n") + line.encode() + b"\n")
    return True


def _start_files(shell: str) -> list[Path]:
    if shell == "zsh":
        return [Path(os.environ.get("ZDOTDIR") or Path.home()) / ".zshrc"]
    if shell == "bash":
        # A terminal of macOS starts a login shell, which does not read .bashrc.
        return [Path.home() / (".bash_profile" if sys.platform == "darwin" else ".bashrc")]
    found = [_powershell_profile(program) for program in map(shutil.which, _POWERSHELLS) if program]
    if not found:
        raise InputError(_("no PowerShell was found on this computer"))
    return found


def _powershell_profile(program: str) -> Path:
    asked = "[Console]::OutputEncoding = [Text.Encoding]::UTF8; $PROFILE.CurrentUserAllHosts"
    done = subprocess.run([program, "-NoProfile", "-Command", asked], capture_output=True, check=False)
    path = done.stdout.decode("utf-8-sig", "replace").strip()
    if done.returncode or not path:
        raise InputError(_("PowerShell did not name its start file"))
    return Path(path)
