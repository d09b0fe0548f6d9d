"""`packager release approve` and `withdraw`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from packager.base.errors import DocumentError, InputError
from packager.base.i18n.language import _
from packager.base.manifest import Manifest
from packager.cli.players._players import with_names_option
from packager.cli.release._releases import holders_in_order, names_for, put_holders
from packager.cli.ui.console import note, print_json, warn, workspace_of
from packager.cli.ui.names import refuse_stand_in
from packager.cli.ui.page_file import overwrite_option
from packager.cli.ui.unlock import key_for, required_key
from packager.fleet.recall import approve, find_known, has_code, holders_of, require_approvable, withdraw
from packager.fleet.status import fleet
from packager.registry.approval import ReleasePolicy, ReleaseState, read_release_policy
from packager.registry.database import Registry
from packager.registry.events import ReleaseRecord
from packager.registry.publications import last_publications
from packager.registry.workspace_registry import registry_of
from packager.releases.store import StoredRelease, damaged_files, find_release, list_releases
from packager.trust.chain import Power
from packager.trust.minisign import SigningKey


@click.command(
    help=_(
        "Record that the office listened to RELEASE (for example main-0007; several are possible) and "
        "approves it. The approval applies to exactly this release: its audio, titles, last days and "
        "number. A release that was approved on another computer needs an approval here. With 'approval: "
        "required' in packager.yaml, only approved releases are loaded onto cards. If one of several "
        "can't be approved, none is."
    )
)
@click.argument("releases", nargs=-1, required=True, metavar="RELEASE...")
@click.option("--by", required=True, callback=refuse_stand_in, help=_("Who approves it."))
@click.option("--code", default="", help=_("The expected check code, as it was read to you."))
@click.option("--again", is_flag=True, help=_("Approve a withdrawn release again."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def approve_command(ctx: click.Context, /, releases: Sequence[str], code: str, as_json: bool, **options: Any) -> None:
    workspace = workspace_of(ctx)
    names = tuple(dict.fromkeys(releases))
    if code and len(names) > 1:
        raise click.UsageError(_("--code applies to one release; approve the others separately"))
    stored = [_listened_to(find_release(workspace.releases, name), code) for name in names]
    with registry_of(workspace) as registry:
        for one in stored:
            require_approvable(registry, one, by=options["by"], again=options["again"])
        key = _key_to_approve(registry)
        made = [approve(registry, one, by=options["by"], again=options["again"], key=key) for one in stored]
    results = list(zip((one.manifest for one in stored), made, strict=True))
    if as_json:
        names_of = ("release", "content_id", "check_code")
        print_json([{**{key: getattr(one, key) for key in names_of}, "new": new is not None} for one, new in results])
        return
    for manifest, new in results:
        if new is None:
            click.echo(_("{release} is already approved").format(release=manifest.release))
        else:
            line = _("{release} is approved by {by}: check code {code}")
            click.echo(line.format(release=manifest.release, by=new.decided_by, code=manifest.check_code))
    if any(made) and not workspace.approval_required:
        note(_("Approval was not needed: packager.yaml does not have 'approval: required'."))


def _key_to_approve(registry: Registry) -> SigningKey | None:
    """This computer's key that may approve. Raises TrustError where trust is required and there is none."""
    if registry.trust.is_required:
        return required_key(registry.trust, Power.APPROVE)
    return key_for(registry.trust, Power.APPROVE)


def _listened_to(stored: StoredRelease, code: str) -> StoredRelease:
    """Return `stored`. Raises InputError if it is damaged or has another check code."""
    manifest = stored.manifest
    if not has_code(manifest.id, code):
        raise InputError(
            _(
                "{given} is not the check code of '{release}'. The code is at the end of the page on which you listen "
                "to this release: packager release review {release}"
            ).format(release=manifest.release, given=code)
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
@click.option("--by", default="", callback=refuse_stand_in, help=_("Who withdraws it."))
@click.option("--code", default="", help=_("The check code, if two releases have that name."))
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
    with registry_of(workspace) as registry:
        known = find_known(registry, stored, release, code=options["code"])
        key = key_for(registry.trust, Power.APPROVE) if options["reason"] else None
        made = withdraw(registry, known, reason=options["reason"], by=options["by"], key=key)
        holders = holders_in_order(holders_of(registry, known.content, fleet(registry)))
        names = names_for(registry, holders, wanted=options["with_names"])
        with registry.read() as connection:
            published = last_publications(connection, known.content)
        rules = read_release_policy(registry, approval_required=False)
    last = rules.decision_on(known.content, known.manifest)
    reason = last.reason if last is not None else ""
    line = _("{release} is withdrawn: {reason}") if made else _("{release} was already withdrawn: {reason}")
    note(line.format(release=release, reason=reason))
    if published:
        where = ", ".join(f"{one.channel} ({one.at[:10]})" for one in published)
        note(
            _(
                "It was published: {where}. Publish a newer release into the same folder, which removes it there."
            ).format(where=where)
        )
    put_holders(known, reason, holders, names, {**options, "published": published})
    for other in _of_same_texts(stored, rules, known):
        line = _(
            "{other} is of the same playlist ({profile}) and stays in use. Has it the same fault? packager release "
            "withdraw {other}"
        )
        note(line.format(other=other.release, profile=other.profile))
    if holders:
        note(_("To replace it on each card: packager update CARD (--downgrade if that release is older)"))


def _of_same_texts(stored: Iterable[StoredRelease], rules: ReleasePolicy, known: ReleaseRecord) -> Iterator[Manifest]:
    """The releases of the playlist of `known` for other profiles that are not withdrawn, as its slow variant."""
    manifests = [one.manifest for one in stored]
    playlists = {one.playlist for one in manifests if one.content_id == known.content}
    for one in manifests:
        is_twin = one.playlist in playlists and one.profile != known.profile
        if is_twin and rules.state_of(one.content_id, one.id) is not ReleaseState.WITHDRAWN:
            yield one
