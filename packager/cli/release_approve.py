"""`packager release approve`."""

from __future__ import annotations

from typing import Any

import click

from packager.cli.console import note, print_json, workspace_of
from packager.errors import InputError
from packager.language import _
from packager.releasing import damaged_tracks, find_release
from packager.tracking import open_registry
from packager.tracking.recall import approve


@click.command(
    help=_(
        "Say that the office listened to RELEASE (as: main-0007) and approves it. The approval is of what is "
        "heard: its content id. Where packager.yaml has 'approval: required', nothing goes on a card before."
    )
)
@click.argument("release")
@click.option("--by", required=True, help=_("Who approves it."))
@click.option(
    "--content", default="", help=_("The content id of what was listened to, or its beginning, to be sure.")
)
@click.option("--again", is_flag=True, help=_("Give out what was withdrawn."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(ctx: click.Context, /, release: str, content: str, as_json: bool, **options: Any) -> None:
    workspace = workspace_of(ctx)
    stored = find_release(workspace.releases, release)
    manifest = stored.manifest
    if not manifest.content_id.startswith(content.strip().lower()):
        raise InputError(
            _(
                "'{release}' here is not what was listened to: its content id is {found}, not {given}. "
                "Listen to this one before you approve it"
            ).format(release=release, found=manifest.content_id, given=content)
        )
    # What is approved is what lies here: a release whose files were altered is not what its manifest says.
    damaged = list(damaged_tracks(stored))
    if damaged:
        raise InputError(
            _("'{release}' is damaged ({tracks}); build its playlist again, then listen to it").format(
                release=release, tracks=", ".join(damaged[:5])
            )
        )
    with open_registry(workspace.registry) as registry:
        made = approve(registry, stored, by=options["by"], again=options["again"])
    if as_json:
        print_json({"release": release, "content_id": manifest.content_id, "new": made is not None})
    elif made is None:
        click.echo(_("{release} is approved already").format(release=release))
    else:
        click.echo(
            _("{release} is approved by {by}: content {content}").format(
                release=release, by=made.decided_by, content=manifest.content_id
            )
        )
        if not workspace.approval_required:
            note(_("It would have been given out anyway: packager.yaml does not say 'approval: required'."))
