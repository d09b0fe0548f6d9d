"""`packager registry export` and `import`."""

from __future__ import annotations

import platform
from pathlib import Path

import click

from packager.base.errors import EXIT_FINDINGS, DocumentError
from packager.base.formats import can_be_shown
from packager.base.i18n.language import _, ngettext
from packager.base.workspace import Workspace
from packager.cli.players._players import EVENT_WORDS
from packager.cli.ui.claims import claim_values, say_claims
from packager.cli.ui.console import note, print_json, progress_bar, warn, workspace_of
from packager.cli.ui.page_file import overwrite_option, require_new
from packager.cli.ui.unlock import key_if_unlocked
from packager.registry.workspace_registry import registry_of
from packager.releases.store import list_releases
from packager.sync.exchange import Computer, export_registry, import_file
from packager.sync.merge import Merged
from packager.sync.peers import recipient_named
from packager.sync.state import MAX_COMPUTER
from packager.trust.chain import Power


@click.command(
    help=_(
        "Export this registry to FILE, for: packager registry import. Names, phone numbers and addresses "
        "are left out without --with-names. With --since the file has only what another registry lacks, by the last "
        "file that it sent: packager registry peers"
    )
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--with-names", is_flag=True, help=_("Include personal data. Take care who gets the file."))
@click.option("--since", metavar="COMPUTER", help=_("Only what this registry lacks: its computer or first digits."))
@overwrite_option()
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def export_command(  # noqa: PLR0917 - one argument an option, as click gives them
    ctx: click.Context, file: Path, with_names: bool, since: str | None, overwrite: bool, as_json: bool
) -> None:
    workspace = workspace_of(ctx)
    require_new(file, overwrite=overwrite)
    with registry_of(workspace) as registry:
        recipient = recipient_named(registry, since) if since is not None else None
        key = key_if_unlocked(registry.trust, Power.EXCHANGE)
        with progress_bar(0, _("export"), unit=_(" rows")) as bar:
            written = export_registry(
                registry,
                file,
                with_names=with_names,
                key=key,
                computer=this_computer(workspace),
                recipient=recipient,
                counted=bar.update,
            )
        if key is None and registry.trust.is_required:
            warn(
                _(
                    "nobody can import this file where trust is required: no key of this computer signed it. Make "
                    "one: packager trust key, and ask the office to add it"
                )
            )
    if as_json:
        print_json(
            {
                "file": str(file),
                "lines": dict(written.lines),
                "events": written.events,
                "state": written.told.number if written.told is not None else None,
                "since": recipient.since.registry if recipient is not None else None,
            }
        )
        return
    note(_("{count} rows written to {path}").format(count=sum(written.lines.values()), path=file))
    if recipient is not None:
        note(
            _("Only the registry {registry} can import it, by its state {number}").format(
                registry=recipient.since.registry[:8], number=recipient.since.number
            )
        )
    if with_names:
        note(_("The file contains names, phone numbers and addresses: delete it after the import"))


def this_computer(workspace: Workspace) -> Computer:
    """What a file tells of this computer: its name, and the releases that are stored on it, the newest first."""
    name = "".join(filter(can_be_shown, platform.node()))[:MAX_COMPUTER]
    try:
        releases = list_releases(workspace.releases)
    except DocumentError:  # a damaged release is no reason to send nothing
        releases = ()
    stored = sorted(releases, key=lambda one: one.manifest.created, reverse=True)
    return Computer(name, tuple(one.manifest.id for one in stored))


@click.command(
    help=_(
        "Merge the exports of other registries, in any order and as often as you like: known rows change "
        "nothing. A damaged file is refused as a whole. Exit code 5 if two registries gave the same "
        "number to two players."
    )
)
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def import_command(ctx: click.Context, files: tuple[Path, ...], as_json: bool) -> None:
    found: dict[str, Merged] = {}
    with registry_of(workspace_of(ctx)) as registry:
        for file in files:
            with progress_bar(0, file.name, unit=_(" rows")) as bar:
                found[str(file)] = merged = import_file(registry, file, counted=bar.update)
            if not as_json:
                _say_merged(file, merged)
    last = merged
    if as_json:
        print_json(
            [
                {"file": file, **vars(merged), "new": dict(merged.new), "claims": claim_values(merged.claims)}
                for file, merged in found.items()
            ]
        )
    elif last.twice:
        players = ", ".join(last.twice[:20]) + (" …" if len(last.twice) > 20 else "")
        line = _("Two players have the same number: {players}. To resolve: packager registry settle {first}")
        click.echo(line.format(players=players, first=last.twice[0]))
    if last.twice:
        ctx.exit(EXIT_FINDINGS)


def _say_merged(file: Path, merged: Merged) -> None:
    new = sum(merged.new.values())
    note(_("{path}: {new} new rows, {known} known rows").format(path=file, new=new, known=merged.known))
    if merged.forgotten:
        note(
            ngettext(
                "{count} person was forgotten there, and is now forgotten here",
                "{count} people were forgotten there, and are now forgotten here",
                merged.forgotten,
            ).format(count=merged.forgotten)
        )
    if merged.changes:
        counts = ", ".join(f"{_(EVENT_WORDS[kind])} {count}" for kind, count in sorted(merged.changes.items()))
        note(_("Changes of players that the file brought: {changes}").format(changes=counts))
    if merged.warning:
        warn(merged.warning)
    if merged.sender:
        note(_("Signed by {name}").format(name=merged.sender))
    if merged.trust_version:
        note(_("Version {version} of the trust files came with it").format(version=merged.trust_version))
    say_claims(merged.claims)
    if merged.waiting:
        note(_("{count} rows wait for rows of another registry; import that one too").format(count=merged.waiting))
