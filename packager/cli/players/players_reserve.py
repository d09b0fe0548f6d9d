"""`packager players reserve`."""

from __future__ import annotations

import re

import click

from packager.base.i18n.language import _
from packager.cli.ui.console import note, print_json, table, workspace_of
from packager.registry.database import open_registry
from packager.registry.number_blocks import Blocks, read_blocks, reserve

_BLOCK = re.compile(r"[Pp]?([0-9]{1,6})\s*(?:-|–|—|~|～|至|\.\.)\s*[Pp]?([0-9]{1,6})")


@click.command(
    help=_(
        "Set a block of players' numbers aside, as: packager players reserve 201-300. Two registries that "
        "are offline for weeks then give out no number twice. Without BLOCK, show the blocks and the code of "
        "this registry; with --for CODE the block is another registry's, which hears of it by: "
        "packager registry import."
    )
)
@click.argument("block", required=False)
@click.option("--for", "code", help=_("The code of the registry that gets the block."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(ctx: click.Context, block: str | None, code: str | None, as_json: bool) -> None:
    with open_registry(workspace_of(ctx).registry) as registry:
        if block is not None:
            match = _BLOCK.fullmatch(block.strip())
            if match is None:
                raise click.UsageError(_("a block is the first and last number, as 201-300"))
            made = reserve(registry, int(match[1]), int(match[2]), code=code)
            note(_("P{low:03d} to P{high:03d} are set aside").format(low=made.low, high=made.high))
            return
        with registry.read() as connection:
            blocks = read_blocks(connection)
    if as_json:
        print_json(
            {
                "registry": blocks.own,
                "blocks": [{"low": one.low, "high": one.high, "registry": one.registry} for one in blocks.reservations],
            }
        )
    else:
        _print(blocks)


def _print(blocks: Blocks) -> None:
    click.echo(_("This registry: {code}").format(code=blocks.own))
    if blocks.reservations:
        rows = [
            (
                f"P{one.low:03d}",
                f"P{one.high:03d}",
                _("this one") if one.registry == blocks.own else one.registry,
            )
            for one in blocks.reservations
        ]
        click.echo(table((_("from"), _("to"), _("registry")), rows))
