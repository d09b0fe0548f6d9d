"""`packager registry import`."""

from __future__ import annotations

from pathlib import Path

import click

from packager.base.errors import EXIT_FINDINGS
from packager.base.i18n.language import _, ngettext
from packager.cli.ui.console import note, print_json, progress_bar, workspace_of
from packager.registry.database import open_registry
from packager.sync.exchange import import_file
from packager.sync.merge import Merged


@click.command(
    help=_(
        "Take over what other registries wrote with: packager registry export. In any order, as often as "
        "you like: what is known already changes nothing. A file that is damaged is refused as a whole. Ends "
        "with exit code 5 when two registries gave one number to two players."
    )
)
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(ctx: click.Context, files: tuple[Path, ...], as_json: bool) -> None:
    found: dict[str, Merged] = {}
    with open_registry(workspace_of(ctx).registry) as registry:
        for file in files:
            with progress_bar(0, file.name, unit=_(" rows")) as bar:
                found[str(file)] = merged = import_file(registry, file, counted=bar.update)
            if not as_json:
                _say(file, merged)
    last = merged
    if as_json:
        print_json([{"file": file, **_values(merged)} for file, merged in found.items()])
    elif last.twice:
        _say_twice(last.twice)
    if last.twice:
        ctx.exit(EXIT_FINDINGS)


def _say(file: Path, merged: Merged) -> None:
    note(
        _("{path}: {new} rows were new, {known} were known").format(
            path=file, new=sum(merged.new.values()), known=merged.known
        )
    )
    if merged.forgotten:
        note(
            ngettext(
                "{count} person was forgotten there, and is now forgotten here",
                "{count} persons were forgotten there, and are now forgotten here",
                merged.forgotten,
            ).format(count=merged.forgotten)
        )
    if merged.waiting:
        note(
            _("{count} rows wait for what another registry has to tell; import that one too").format(
                count=merged.waiting
            )
        )


def _say_twice(labels: tuple[str, ...]) -> None:
    click.echo(
        _("Two players carry the same number: {players}. Look with: packager registry settle {first}").format(
            players=", ".join(labels[:20]) + (" …" if len(labels) > 20 else ""), first=labels[0]
        )
    )


def _values(merged: Merged) -> dict[str, object]:
    return {
        "new": dict(merged.new),
        "known": merged.known,
        "waiting": merged.waiting,
        "forgotten": merged.forgotten,
        "twice": list(merged.twice),
    }
