"""`packager trust start`, `show` and `join`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from packager.base.display import shown
from packager.base.formats import utc_now, utc_text
from packager.base.i18n.language import N_, _
from packager.base.workspace import set_setting
from packager.cli.trust._pages import (
    new_key_folder,
    print_code,
    require_outside,
    write_fingerprint_page,
    write_spare_page,
)
from packager.cli.ui.console import note, print_json, table, workspace_of
from packager.cli.ui.names import refuse_stand_in
from packager.cli.ui.page_file import overwrite_option
from packager.cli.ui.unlock import a_name, ask_new_passphrase, require_chain
from packager.fleet.recall import sign_again
from packager.registry.approval import ReleaseState, read_release_policy
from packager.registry.workspace_registry import registry_of
from packager.releases.store import list_releases
from packager.trust.chain import Power, TrustChain, TrustFile, merged, require_fingerprint
from packager.trust.changes import first_chain
from packager.trust.errors import TrustError
from packager.trust.keys import key_folder, keys_here, save_key
from packager.trust.offered import chain_in
from packager.trust.secret_key import new_key
from packager.trust.store import TrustStore, set_aside

POWER_WORDS = {
    Power.APPROVE: N_("approve releases"),
    Power.EXCHANGE: N_("sign exports and backups"),
    Power.TRUST: N_("change trust"),
}


@click.command(
    help=_(
        "Make the office's key, with a passphrase, and a spare to print and lock away. From now on, cards of this "
        "workspace get only what the key approved. Releases that were approved here are signed at once."
    )
)
@click.option("--office", required=True, help=_("The name of the office, for people."))
@click.option("--by", required=True, callback=refuse_stand_in, help=_("Whose key it is."))
@click.option(
    "--spare", "page", type=click.Path(dir_okay=False, path_type=Path), help=_("Write the spare as a page to FILE.")
)
@click.option("--no-spare", is_flag=True, help=_("Make no spare. If the key is lost, everybody has to join again."))
@click.option("--strict", is_flag=True, help=_("Only the spare may change trust, not the daily key."))
@click.option(
    "--again", is_flag=True, help=_("Start anew, if the office's keys are lost. Everybody has to join again.")
)
@click.pass_context
def start_command(ctx: click.Context, /, office: str, page: Path | None, no_spare: bool, **options: Any) -> None:
    workspace = workspace_of(ctx)
    if (page is None) != no_spare:
        raise click.UsageError(_("choose one of --spare FILE and --no-spare"))
    if options["strict"] and no_spare:
        raise click.UsageError(_("--strict needs a spare"))
    if page is not None:
        require_outside(page, workspace.root)
    keys = new_key_folder(workspace.root)
    office, by = a_name(office, _("name of the office")), a_name(options["by"], _("name of the owner"))
    with registry_of(workspace) as registry:
        if not options["again"]:
            _require_none(registry.trust)
        passphrase = ask_new_passphrase()
        key, spare = new_key(), None if no_spare else new_key()
        made = utc_text(utc_now())
        chain = first_chain(office, made, key, by=by, spare=spare, strict=options["strict"])
        path = save_key(keys, key, passphrase)
        if page is not None and spare is not None:
            write_spare_page(office, spare, page)
        stored = list_releases(workspace.releases)
        count = sign_again(registry, stored, key)
        if options["again"]:
            set_aside(workspace.trust)
        registry.trust.save(chain)
        rules = read_release_policy(registry, approval_required=True)
    waiting = dict.fromkeys(
        one.manifest.release
        for one in stored
        if rules.state_of(one.manifest.content_id, one.manifest.id) in (ReleaseState.DRAFT, ReleaseState.CLAIMED)
    )
    set_setting(workspace.root, "trust", "required")
    note(_("The key is in {path}; it is in no backup, export or archive. Keep the passphrase").format(path=path))
    if page is not None:
        note(_("Print {path}, lock the paper away, and delete the file").format(path=page))
    if count:
        note(_("{count} approvals that were made here are signed").format(count=count))
    if waiting:
        note(
            _("Not approved: {releases}. No card gets them before: packager release approve RELEASE").format(
                releases=_(", ").join(waiting)
            )
        )
    _print_fingerprint(chain.last)
    note(_("Everybody else: packager trust join, with these digits and a file from you"))


def _require_none(store: TrustStore) -> None:
    if store.chain is not None:
        raise TrustError(
            _("this workspace follows {office} already; see: packager trust show").format(
                office=shown(store.chain.last.office)
            )
        )


@click.command(help=_("Show the office that this workspace follows: its fingerprint, its keys and what each may do."))
@click.option("--page", type=click.Path(dir_okay=False, path_type=Path), help=_("Write the fingerprint as a page."))
@overwrite_option(pages=True)
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def show_command(ctx: click.Context, /, page: Path | None, overwrite: bool, as_json: bool) -> None:
    workspace = workspace_of(ctx)
    with registry_of(workspace) as registry:
        last = require_chain(registry.trust).last
    here = keys_here(key_folder(), last.keys)
    if as_json:
        print_json(_values(last, here))
        return
    heads = (_("key"), _("name"), _("may"), "")
    click.echo(table(heads, [_row(last, key, here) for key in sorted(last.keys)]))
    click.echo()
    _print_fingerprint(last)
    if page is not None:
        write_fingerprint_page(last, page, overwrite=overwrite)


def _row(last: TrustFile, key: str, here: tuple[str, ...]) -> tuple[str, ...]:
    one = last.keys[key]
    state = _("revoked: {reason}").format(reason=one.revoked) if one.revoked else ""
    if key in here and not one.revoked:
        state = _("on this computer")
    return key, one.name, ", ".join(_(POWER_WORDS[power]) for power in Power if power in one.may), state


def _values(last: TrustFile, here: tuple[str, ...]) -> dict[str, object]:
    keys = [{"id": key, **one.to_dict(), "here": key in here} for key, one in sorted(last.keys.items())]
    thresholds = {power.value: count for power, count in last.thresholds.items()}
    head = {"office": last.office, "version": last.version, "fingerprint": last.fingerprint}
    return {**head, "keys": keys, "thresholds": thresholds}


def _print_fingerprint(last: TrustFile) -> None:
    line = _("{office}, version {version} of its trust files. Fingerprint: {digits}")
    click.echo(line.format(office=shown(last.office), version=last.version, digits=last.fingerprint))
    print_code(last.fingerprint.replace(" ", ""))


@click.command(
    help=_(
        "Follow the office whose trust files FILE carries: a release archive, an export, a backup, or a folder. "
        "FINGERPRINT are the digits that the office read to you or that you scanned; not those in the file. From now "
        "on, cards of this workspace get only what the office's keys approved."
    )
)
@click.argument("fingerprint")
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--again", is_flag=True, help=_("Leave the office that this workspace follows now."))
@click.pass_context
def join_command(ctx: click.Context, /, fingerprint: str, file: Path, again: bool) -> None:
    workspace = workspace_of(ctx)
    offered = chain_in(file)
    require_fingerprint(offered, fingerprint, str(file))
    with registry_of(workspace) as registry:
        store = registry.trust
        if again:
            set_aside(workspace.trust)
        elif store.chain is not None:
            _require_newer(store.chain, offered, file)
        store.save(offered)
    set_setting(workspace.root, "trust", "required")
    note(
        _(
            "This workspace follows {office}, version {version} of its trust files: cards get only what its keys "
            "approved"
        ).format(office=shown(offered.last.office), version=offered.last.version)
    )


def _require_newer(own: TrustChain, offered: TrustChain, file: Path) -> None:
    """Raise TrustError for another office, and for trust files that are older or contradict those here."""
    if own.files[0].data != offered.files[0].data:
        raise TrustError(
            _("this workspace follows {office}; to leave it, add --again").format(office=shown(own.last.office))
        )
    if offered.last.version < own.last.version:
        raise TrustError(
            _("{file} has version {found} of the trust files, and here is version {here} already").format(
                file=file, found=offered.last.version, here=own.last.version
            )
        )
    merged(own, offered, str(file))
