"""`packager players history`."""

from __future__ import annotations

import click

from packager.base.i18n.language import N_, _
from packager.cli.fleet._fleet_words import local_minute
from packager.cli.players._players import who, with_names_option
from packager.cli.ui.console import print_json, table, workspace_of
from packager.registry.database import open_registry
from packager.registry.history import Happening, player_history
from packager.registry.people import names_of

_WORDS = {
    "added": N_("added"),
    "changed": N_("changed"),
    "assigned": N_("meant for"),
    "helper": N_("helper"),
    "handover": N_("handed over"),
    "returned": N_("came back"),
    "lost": N_("lost"),
    "found": N_("came to light"),
    "retired": N_("retired"),
    "reactivated": N_("used again"),
    "replaced": N_("replaced"),
    "card": N_("got a card"),
    "load": N_("load begun"),
    "load done": N_("load done"),
    "load failed": N_("load failed"),
    "load interrupted": N_("load interrupted"),
    "load needs-check": N_("card needs a check"),
    "audit good": N_("audit: good"),
    "audit unverified": N_("audit: not all was read"),
    "audit unfinished": N_("audit: unfinished"),
    "audit damaged": N_("audit: damaged"),
}


@click.command(help=_("Show what happened to a player: its people, cards, loads and audits."))
@click.argument("number", metavar="PLAYER")
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@with_names_option()
@click.pass_context
def command(ctx: click.Context, number: str, as_json: bool, with_names: bool) -> None:
    with open_registry(workspace_of(ctx).registry) as registry:
        found = player_history(registry, number)
        people = {one.person for one in found if one.person is not None}
        names = names_of(registry, people) if with_names else None
    if as_json:
        print_json(
            [{**vars(one), **({"name": names.get(one.person or "")} if names is not None else {})} for one in found]
        )
        return
    rows = [(local_minute(one.at), _(_WORDS[one.what]), _told(one, names)) for one in found]
    click.echo(table((_("when"), _("what"), ""), rows))


def _told(one: Happening, names: object) -> str:
    assert names is None or isinstance(names, dict)
    return " ".join(part for part in (who(one.person, names, _("a member or helper")), one.detail) if part)
