"""`packager release approve` and `withdraw`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from packager.base.errors import DocumentError, InputError
from packager.base.i18n.language import _
from packager.cli.players._players import with_names_option
from packager.cli.release._releases import holders_in_order, names_for, put_holders
from packager.cli.ui.console import note, print_json, warn, workspace_of
from packager.cli.ui.page_file import overwrite_option
from packager.cli.ui.workspace_registry import workspace_registry
from packager.fleet.recall import approve, find_known, holders_of, require_approvable, withdraw
from packager.fleet.status import fleet
from packager.registry.approval import read_release_policy
from packager.releases.store import StoredRelease, damaged_files, find_release, list_releases


@click.command(
    help=_(
        "Record that the office listened to RELEASE (for example main-0007; several are possible) and "
        "approves it. The approval applies to the content id, so to exactly this audio. With 'approval: "
        "required' in packager.yaml, only approved releases are loaded onto cards. If one of several "
        "can't be approved, none is."
    )
)
@click.argument("releases", nargs=-1, required=True, metavar="RELEASE...")
@click.option("--by", required=True, help=_("Who approves it."))
@click.option("--content", default="", help=_("The expected content id, or its first characters."))
@click.option("--again", is_flag=True, help=_("Approve a withdrawn release again."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def approve_command(
    ctx: click.Context, /, releases: Sequence[str], content: str, as_json: bool, **options: Any
) -> None:
    workspace = workspace_of(ctx)
    names = tuple(dict.fromkeys(releases))
    if content and len(names) > 1:
        raise click.UsageError(_("--content applies to one release; approve the others separately"))
    stored = [_listened_to(find_release(workspace.releases, name), content) for name in names]
    with workspace_registry(workspace) as registry:
        for one in stored:
            require_approvable(registry, one, by=options["by"], again=options["again"])
        made = [approve(registry, one, by=options["by"], again=options["again"]) for one in stored]
    results = [(one.manifest.release, one.manifest.content_id, new) for one, new in zip(stored, made, strict=True)]
    if as_json:
        print_json([{"release": name, "content_id": id_, "new": new is not None} for name, id_, new in results])
        return
    for name, content_id, new in results:
        if new is None:
            click.echo(_("{release} is already approved").format(release=name))
        else:
            line = _("{release} is approved by {by}: content {content}")
            click.echo(line.format(release=name, by=new.decided_by, content=content_id))
    if any(made) and not workspace.approval_required:
        note(_("Approval was not needed: packager.yaml does not have 'approval: required'."))


def _listened_to(stored: StoredRelease, content: str) -> StoredRelease:
    """Return `stored`. Raises InputError if it is damaged or has another content id."""
    manifest = stored.manifest
    if not manifest.content_id.startswith(content.strip().lower()):
        raise InputError(
            _(
                "'{release}' has the content id {found}, not {given}. Listen to this release before you approve it"
            ).format(release=manifest.release, found=manifest.content_id, given=content)
        )
    # An approval applies to the files as they are here.
    damaged = list(damaged_files(stored))
    if damaged:
        message = _("'{release}' is damaged ({tracks}); build its playlist again, then listen to it")
        raise InputError(message.format(release=manifest.release, tracks=", ".join(damaged[:5])))
    return stored


@click.command(
    help=_(
        "Withdraw RELEASE (for example main-0007): it is no longer loaded onto cards, and the players "
        "that hold it are listed for a visit. Run it again without a reason for the current list. To "
        'undo: packager release approve RELEASE --again --by "WHO"'
    )
)
@click.argument("release")
@click.option("--reason", default="", help=_("The reason."))
@click.option("--by", default="", help=_("Who withdraws it."))
@click.option(
    "--content", default="", help=_("The content id, or its first characters, if two releases have that name.")
)
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.option("--csv", "as_csv", is_flag=True, help=_("Print the list as CSV for Excel."))
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help=_("Write the list as a printable page."))
@overwrite_option(pages=True)
@with_names_option()
@click.pass_context
def withdraw_command(ctx: click.Context, /, release: str, **options: Any) -> None:
    if sum((options["as_json"], options["as_csv"], options["html"] is not None)) > 1:
        raise click.UsageError(_("choose one of --json, --csv and --html"))
    workspace = workspace_of(ctx)
    try:
        stored = list_releases(workspace.releases)
    except DocumentError as error:
        # A damaged release does not prevent the withdrawal of another.
        warn(error)
        stored = ()
    with workspace_registry(workspace) as registry:
        known = find_known(registry, stored, release, content=options["content"])
        made = withdraw(registry, known, reason=options["reason"], by=options["by"])
        holders = holders_in_order(holders_of(registry, known.content, fleet(registry)))
        names = names_for(registry, holders, wanted=options["with_names"])
        rules = read_release_policy(registry, approval_required=False)
    reason = rules.decisions[known.content].reason
    line = _("{release} is withdrawn: {reason}") if made else _("{release} was already withdrawn: {reason}")
    note(line.format(release=release, reason=reason))
    put_holders(known, reason, holders, names, options)
    if holders:
        note(_("To replace it on each card: packager update CARD (--downgrade if that release is older)"))
