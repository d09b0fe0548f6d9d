"""`packager workers serve`, `invite`, `join` and `list`."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from packager.base.errors import InputError
from packager.base.formats import utc_now
from packager.base.i18n.language import _
from packager.cli.ui.console import note, print_json, table, workspace_or_defaults
from packager.cluster.invitation import (
    INVITATION_DAYS,
    invite,
    keep_invitation,
    own_identity,
    read_invitation,
    require_tls,
    write_invitation,
)
from packager.trust.keys import for_its_owner_alone, key_folder

_Command = Callable[..., Any]


def invitation_option(command: _Command) -> _Command:
    """Adds the option for the invitation that this computer got."""
    return click.option(
        "--invitation",
        type=click.Path(dir_okay=False, path_type=Path),
        help=_("The file that `packager workers invite` wrote; it is kept for later commands."),
    )(command)


@click.command(
    help=_(
        "Pass work from builds to workers, until Ctrl-C. ADDRESS is of this computer, as tls://192.168.1.5:8786; only "
        "computers with an invitation can connect."
    )
)
@click.argument("address")
@click.option(
    "--dashboard", type=click.IntRange(1, 65535), help=_("Show Dask's own page on this port of this computer.")
)
def serve_command(address: str, dashboard: int | None) -> None:
    from packager.cluster.connection import security_of
    from packager.cluster.scheduler import serve

    address = require_tls(address)
    now = utc_now()
    security = security_of(invite(key_folder(), socket.gethostname(), address, now=now).identity)

    def ready(bound: str) -> None:
        note(_("Serving at {address}. Invite a computer: packager workers invite FILE {address}").format(address=bound))

    serve(address, security, ready, dashboard=f"127.0.0.1:{dashboard}" if dashboard else None)


@click.command(
    help=_(
        "Write an invitation to the new FILE for a helper's computer; it is valid for some weeks. Whoever has the file "
        "can join, see texts, and send speech: hand it over on a stick, and delete it then."
    )
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("address")
@click.option("--name", "helper", default="", help=_("Whose computer it is."))
@click.option("--days", type=click.IntRange(1, 730), default=INVITATION_DAYS, show_default=True)
@click.pass_context
def invite_command(ctx: click.Context, /, file: Path, address: str, helper: str, days: int) -> None:
    workspace = workspace_or_defaults(ctx)
    if (workspace.root / "packager.yaml").is_file() and file.resolve().is_relative_to(workspace.root.resolve()):
        raise InputError(
            _("{path} is in the workspace, which others get copies of; write the invitation to a stick").format(
                path=file
            )
        )
    made = invite(key_folder(), helper or file.stem, require_tls(address), now=utc_now(), days=days)
    with for_its_owner_alone():
        write_invitation(file, made)
    note(
        _("On the other computer: packager workers join {address} --invitation {file}").format(
            address=made.address, file=file
        )
    )


@click.command(
    help=_(
        "Work for the builds of others with the cores of this computer, until Ctrl-C. ADDRESS is of the computer that "
        "serves. The invitation, if it is not kept here yet, is given once with --invitation."
    )
)
@click.argument("address")
@invitation_option
@click.option("--cores", type=click.IntRange(1, 256), help=_("How many cores work (default: all)."))
@click.option(
    "--nice", type=click.IntRange(0, 19), default=10, show_default=True, help=_("How much other programs come first.")
)
@click.pass_context
def join_command(ctx: click.Context, /, address: str, invitation: Path | None, cores: int | None, nice: int) -> None:
    from packager.cluster.connection import use_dask
    from packager.cluster.worker import join
    from packager.speech import EngineOptions

    use_dask()
    address = require_tls(address)
    now = utc_now()
    if invitation is not None:
        keep_invitation(key_folder(), read_invitation(invitation, now=now))
    identity = own_identity(key_folder(), socket.gethostname(), now=now)
    options = EngineOptions.of(workspace_or_defaults(ctx))
    scratch = key_folder() / "workers"
    join(address, identity, options, scratch, cores=cores or os.cpu_count() or 1, nice=nice)


@click.command(help=_("List the workers at ADDRESS (default: that of packager.yaml), and who is another version."))
@click.argument("address", default="")
@invitation_option
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def list_command(ctx: click.Context, /, address: str, invitation: Path | None, as_json: bool) -> None:
    from packager.cluster.connection import security_here
    from packager.cluster.roll_call import call_workers

    now = utc_now()
    if invitation is not None:
        keep_invitation(key_folder(), read_invitation(invitation, now=now))
    address = address or workspace_or_defaults(ctx).settings.workers or ""
    found = call_workers(require_tls(address), security_here(socket.gethostname(), now=now))
    if as_json:
        print_json([vars(worker) for worker in found])
        return
    rows = [(worker.host, worker.address, worker.version, worker.problem or _("ready")) for worker in found]
    click.echo(table((_("computer"), _("address"), _("version"), _("state")), rows))
