"""`packager backup` and `packager restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from packager.backup.backup import back_up
from packager.backup.restore import RestoreOptions, restore
from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.cli.ui.claims import claim_values, say_claims
from packager.cli.ui.console import megabytes, note, print_json, progress_bar, warn, workspace_of
from packager.cli.ui.page_file import overwrite_option, require_new
from packager.cli.ui.unlock import key_if_unlocked
from packager.registry.number_blocks import read_blocks, take_back_registry
from packager.registry.workspace_registry import registry_of
from packager.trust.chain import Power


@click.command(
    help=_(
        "Save the workspace in FILE: settings, texts, playlists with their numbers, profiles, lexicon and "
        "the registry with all names. With --handover, the backup is for the next volunteer and takes "
        "the reserved numbers along; this registry then gives out no more numbers and releases."
    )
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--releases", is_flag=True, help=_("Include the built releases."))
@click.option("--handover", is_flag=True, help=_("Hand the workspace over, with its blocks of numbers."))
@overwrite_option()
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def backup_command(ctx: click.Context, /, file: Path, overwrite: bool, as_json: bool, **options: bool) -> None:
    require_new(file, overwrite=overwrite)
    workspace = workspace_of(ctx)
    with registry_of(workspace) as registry:
        key = key_if_unlocked(registry.trust, Power.EXCHANGE)
        with progress_bar(0, _("backup"), unit="B", scale=True) as bar:
            made = back_up(workspace, registry, file, key=key, progress=bar.update, **options)
        if key is None and registry.trust.is_required:
            warn(_("no key signed the backup; to restore it: packager restore {file} DIR --unsigned").format(file=file))
    if as_json:
        print_json({"file": str(file), "files": made.files, "size": made.size, "left_out": made.left_out})
        return
    note(_("{count} files, {size} MB written to {path}").format(count=made.files, size=megabytes(made.size), path=file))
    for name in made.left_out:
        warn(_("{path} is not a regular file and was left out").format(path=name))
    note(_("The file contains names, phone numbers and addresses: take care who gets it"))
    if options["handover"]:
        note(_("Handed over: restore it on one computer only. No more numbers and releases are given out here"))


@click.command(
    help=_(
        "Restore the workspace from FILE, a backup, into the folder DIR. An existing registry there is "
        "merged with the one in the backup; files that differ are replaced only with --overwrite."
    )
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--original-is-gone",
    is_flag=True,
    help=_("The original registry is lost or will not be used again: continue in its place."),
)
@click.option("--overwrite", is_flag=True, help=_("Replace files in DIR that differ."))
@click.option("--unsigned", is_flag=True, help=_("Restore a backup that no allowed key signed."))
@click.option("--fingerprint", default="", help=_("The fingerprint of the office, as it was read to you."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
def restore_command(file: Path, folder: Path, as_json: bool, **options: Any) -> None:
    with progress_bar(0, _("restore"), unit="B", scale=True) as bar:
        done = restore(file, folder, RestoreOptions(**options), progress=bar.update)
    if as_json:
        print_json(
            {
                "files": done.files,
                "takes_over": done.takes_over,
                "new": dict(done.merged.new) if done.merged else None,
                "claims": claim_values(done.merged.claims) if done.merged else [],
                "block": [done.block.low, done.block.high] if done.block else None,
                "signed_by": done.sender or None,
                "warning": done.warning or None,
                "trust_version": done.trust_version or None,
                "trust_left_aside": done.left_aside,
            }
        )
        return
    if done.warning:
        warn(done.warning)
    if done.sender:
        note(_("Signed by {name}").format(name=done.sender))
    if done.trust_version:
        note(_("Version {version} of the trust files came with it").format(version=done.trust_version))
    if done.left_aside:
        warn(
            _(
                "the trust files of the backup were not restored, for nobody compared their fingerprint; what its keys "
                "approved is claimed. Ask the office for the digits, then: packager trust join FINGERPRINT {file}"
            ).format(file=file)
        )
    say_claims(done.merged.claims if done.merged is not None else ())
    note(_("{count} files restored into {folder}").format(count=done.files, folder=folder))
    if done.merged is None:
        note(_("The registry is outside this folder (see packager.yaml) and was not changed"))
    elif done.takes_over:
        note(
            _(
                "This registry continues in place of the original. Never use numbers from both: two players would "
                "get the same number"
            )
        )
    elif done.block is not None:
        note(
            _(
                "This is a copy with a registry of its own; P{low:03d} to P{high:03d} are reserved for it. Tell "
                "the original registry: packager registry export here, packager registry import there"
            ).format(low=done.block.low, high=done.block.high)
        )


@click.command(
    help=_(
        "Use this registry again after a handover, because the backup was never restored. If it was restored, "
        "import that registry's export instead: otherwise both give the same numbers."
    )
)
@click.pass_context
def take_back_command(ctx: click.Context) -> None:
    with registry_of(workspace_of(ctx)) as registry, registry.write() as connection:
        if not read_blocks(connection).handed_over:
            raise InputError(_("this registry was not handed over"))
        take_back_registry(connection)
    note(_("Taken back: this registry gives out numbers and releases again"))
