"""`packager registry peers`."""

from __future__ import annotations

from collections.abc import Iterable

import click

from packager.base.i18n.language import _
from packager.cli.registry.exchange import this_computer
from packager.cli.ui.console import note, print_json, table, workspace_of
from packager.registry.events import ReleaseRecord
from packager.registry.number_blocks import registry_identity
from packager.registry.workspace_registry import registry_of
from packager.sync.peers import KnownPeer, exchanged_tables, known_peers, rows_here


@click.command(
    help=_(
        "Show the registries whose files were imported here: the computer, its numbers, the state that it told, and "
        "the newest releases that are stored on it. A file with what one of them lacks: packager registry export FILE "
        "--since COMPUTER"
    )
)
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def peers_command(ctx: click.Context, as_json: bool) -> None:
    workspace = workspace_of(ctx)
    with registry_of(workspace) as registry:
        found = known_peers(registry)
        with registry.read() as connection:
            own = registry_identity(connection)
            rows = rows_here(connection, exchanged_tables())
    here = this_computer(workspace)
    if as_json:
        print_json(
            {
                "registry": own,
                "computer": here.name,
                "rows": rows,
                "releases": list(here.releases),
                "peers": list(map(_values, found)),
            }
        )
        return
    note(
        _("This is the registry {registry} on {computer}, with {rows} rows").format(
            registry=own[:8], computer=here.name, rows=rows
        )
    )
    if not found:
        note(_("No file of another registry that tells its state was imported here yet"))
        return
    heads = (_("computer"), _("registry"), _("numbers"), _("state"), _("rows"), _("imported"), _("signed by"))
    lines = [(*_row(one), ", ".join(map(_release_text, _newest(one.releases)))) for one in found]
    click.echo(table((*heads, _("newest releases")), lines, right=(3, 4)))


def _row(one: KnownPeer) -> tuple[str, ...]:
    numbers = ", ".join(f"P{low:03d}–P{high:03d}" for low, high in one.blocks)
    rows = str(sum(state.rows for name, state in one.told.state.tables.items() if name in exchanged_tables()))
    return (
        one.peer.computer,
        one.peer.registry[:8],
        numbers,
        str(one.told.number),
        rows,
        one.peer.heard[:10],
        one.peer.signer,
    )


def _newest(releases: Iterable[ReleaseRecord]) -> list[ReleaseRecord]:
    """The newest release of each series and profile."""
    newest: dict[tuple[str, str], ReleaseRecord] = {}
    for one in sorted(releases, key=lambda one: one.sequence):
        newest[one.series, one.profile] = one
    return list(newest.values())


def _release_text(release: ReleaseRecord) -> str:
    return f"{release.release} ({release.profile})"


def _values(one: KnownPeer) -> dict[str, object]:
    return {
        "registry": one.peer.registry,
        "computer": one.peer.computer,
        "signed_by": one.peer.signer,
        "number": one.told.number,
        "state": one.told.state.name,
        "rows": one.told.state.rows,
        "imported": one.peer.heard,
        "numbers": [list(block) for block in one.blocks],
        "releases": [
            {"release": each.release, "profile": each.profile, "manifest": each.manifest} for each in one.releases
        ],
    }
