"""`packager release approve`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.cli.ui.console import note, print_json, workspace_of
from packager.fleet.recall import approve, require_approvable
from packager.registry.database import open_registry
from packager.registry.decisions import Decision
from packager.releases import StoredRelease, damaged_tracks, find_release


@click.command(
    help=_(
        "Say that the office listened to RELEASE (as: main-0007; several may be named) and approves it. The "
        "approval is of what is heard: its content id. Where packager.yaml has 'approval: required', nothing "
        "goes on a card before. When one of several can't be approved, none is."
    )
)
@click.argument("releases", nargs=-1, required=True, metavar="RELEASE...")
@click.option("--by", required=True, help=_("Who approves it."))
@click.option("--content", default="", help=_("The content id of what was listened to, or its beginning, to be sure."))
@click.option("--again", is_flag=True, help=_("Give out what was withdrawn."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(ctx: click.Context, /, releases: Sequence[str], content: str, as_json: bool, **options: Any) -> None:
    workspace = workspace_of(ctx)
    names = tuple(dict.fromkeys(releases))
    if content and len(names) > 1:
        raise click.UsageError(_("--content is of one release; approve the others apart"))
    stored = [_listened_to(find_release(workspace.releases, name), content) for name in names]
    with open_registry(workspace.registry) as registry:
        for one in stored:
            require_approvable(registry, one, by=options["by"], again=options["again"])
        made = [approve(registry, one, by=options["by"], again=options["again"]) for one in stored]
    if as_json:
        print_json([_values(one, new) for one, new in zip(stored, made, strict=True)])
        return
    for one, new in zip(stored, made, strict=True):
        _tell(one, new)
    if any(made) and not workspace.approval_required:
        note(_("It would have been given out anyway: packager.yaml does not say 'approval: required'."))


def _listened_to(stored: StoredRelease, content: str) -> StoredRelease:
    """The release, which is whole and has this content id. Raises InputError for another."""
    manifest = stored.manifest
    if not manifest.content_id.startswith(content.strip().lower()):
        raise InputError(
            _(
                "'{release}' here is not what was listened to: its content id is {found}, not {given}. "
                "Listen to this one before you approve it"
            ).format(release=manifest.release, found=manifest.content_id, given=content)
        )
    # What is approved is what lies here: a release whose files were altered is not what its manifest says.
    damaged = list(damaged_tracks(stored))
    if damaged:
        raise InputError(
            _("'{release}' is damaged ({tracks}); build its playlist again, then listen to it").format(
                release=manifest.release, tracks=", ".join(damaged[:5])
            )
        )
    return stored


def _values(stored: StoredRelease, made: Decision | None) -> dict[str, Any]:
    manifest = stored.manifest
    return {"release": manifest.release, "content_id": manifest.content_id, "new": made is not None}


def _tell(stored: StoredRelease, made: Decision | None) -> None:
    manifest = stored.manifest
    if made is None:
        click.echo(_("{release} is approved already").format(release=manifest.release))
    else:
        click.echo(
            _("{release} is approved by {by}: content {content}").format(
                release=manifest.release, by=made.decided_by, content=manifest.content_id
            )
        )
