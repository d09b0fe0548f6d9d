"""`packager audit`: check one card, or list the status of all players from the registry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from packager.base.display import shown
from packager.base.errors import EXIT_FINDINGS, InputError, RegistryError
from packager.base.findings import FINDING_WORDS, FindingKind
from packager.base.i18n.language import N_, _, ngettext
from packager.base.workspace import Workspace
from packager.cards import CardChoice, audit_card, open_card
from packager.cards.io.card import CardAccess
from packager.cli.cards._audit_number import firmwares_for, number_lines, number_values
from packager.cli.cards._card_options import VERIFICATIONS, allow_folder_option, place_of, shown_progress
from packager.cli.fleet._audit_fleet import audit_fleet
from packager.cli.fleet._fleet_words import filters, output_option
from packager.cli.players._players import with_names_option
from packager.cli.ui.console import print_json, workspace_of
from packager.cli.ui.page_file import overwrite_option
from packager.cli.ui.proposals import with_typed_options
from packager.registry.players import player_id
from packager.registry.workspace_registry import registry_of
from packager.visits.audit import AuditResult, AuditVisit, audit_visit

_RESULTS = {
    AuditResult.GOOD: N_("good: the release is complete and in order"),
    AuditResult.UNVERIFIED: N_("names match; file contents were not read"),
    AuditResult.DOUBTFUL: N_("doubtful: the files match, but do what the findings below say"),
    AuditResult.UNFINISHED: N_("unfinished: run the load or update again"),
    AuditResult.DAMAGED: N_("damaged: load it again with --repair, or use another card"),
}
_CHECK_FIRST = N_("damaged: check the file system first, as the finding below says")

_OF_THE_FLEET = {
    "community": "--community",
    "helper": "--helper",
    "behind": "--behind",
    "not_seen": "--not-seen",
    "as_csv": "--csv",
    "output": "--output",
    "overwrite": "--overwrite",
    "with_names": "--with-names",
}

_ORDERS = {
    True: N_("correct, in each folder and between folders"),
    False: N_("wrong; load the card again"),
    None: N_("not known"),
}

# A folder on a disk has no directory order that players would follow.
_GOOD_FOLDER = N_("good: the release is complete")
_ORDER_OF_FOLDER = N_("not known: a practice folder has no order")


@click.command(
    help=_(
        "With CARD, read the card and show what it holds and what is wrong. Without CARD, show from the "
        "registry which release each player holds. Exit code 5 if something needs to be done."
    )
)
@click.argument("card", required=False, type=click.Path(readable=False, path_type=Path))
@click.option("--find", is_flag=True, help=_("Audit the one packager card that is plugged in."))
@allow_folder_option()
@click.option(
    "--number",
    type=click.IntRange(1, 99_999),
    help=_("Show what this number plays on a player with this card, by the rules of its chip family."),
)
@click.option(
    "--firmware",
    multiple=True,
    help=_("With --number: the chip family of the player, instead of those of its profile. Can be repeated."),
)
@click.option("--quick", is_flag=True, help=_("Check names and sizes only; the result is never “good”."))
@filters()
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.option("--csv", "as_csv", is_flag=True, help=_("Print all players as CSV for Excel."))
@output_option(_("Write the CSV to this file."))
@overwrite_option()
@with_names_option()
@click.pass_context
def command(ctx: click.Context, /, card: Path | None, find: bool, quick: bool, **options: Any) -> None:
    workspace = workspace_of(ctx)
    allow_folder, as_json = options["allow_folder"], options["as_json"]
    _refuse_two_forms(options)
    if find:
        card = place_of(card, CardChoice.OURS)
    if options["firmware"] and options["number"] is None:
        raise click.UsageError(_("--firmware needs --number"))
    if card is None and options["number"] is not None:
        raise click.UsageError(_("--number needs CARD"))
    if card is None:
        acts = audit_fleet(workspace, options)
    else:
        _refuse_filters(options)
        _refuse_number(card)
        shows = _Shown(as_json, options["number"], options["firmware"])
        acts = _audit_card(workspace, card, allow_folder=allow_folder, quick=quick, shows=shows)
    if acts:
        ctx.exit(EXIT_FINDINGS)


@dataclass(frozen=True)
class _Shown:
    """What to show of a card: as JSON or text, and what one number plays."""

    as_json: bool
    number: int | None
    firmware: tuple[str, ...]


def _refuse_two_forms(options: Mapping[str, Any]) -> None:
    if options["as_json"] and options["as_csv"]:
        raise click.UsageError(_("choose one: --json or --csv"))
    if options["output"] is not None and not options["as_csv"]:
        raise click.UsageError(_("--output needs --csv"))


def _refuse_number(card: Path) -> None:
    """Raise UsageError if `card` is a player's number instead of a path."""
    if card.exists():
        return
    try:
        player = player_id(str(card))
    except InputError:
        return
    raise click.UsageError(
        _(
            "CARD is the path of a card; {player} is a player's number. For that player: packager players show {player}"
        ).format(player=player)
    )


def _refuse_filters(options: Mapping[str, Any]) -> None:
    """Raise UsageError for options that apply to all players only."""
    given = [option for name, option in _OF_THE_FLEET.items() if options[name]]
    if given:
        raise click.UsageError(_("{option} applies to all players; leave out CARD").format(option=given[0]))


def _audit_card(workspace: Workspace, card: Path, *, allow_folder: bool, quick: bool, shows: _Shown) -> bool:
    firmwares_for(None, shows.firmware)  # a misspelled name is an error before minutes of reading
    try:
        with registry_of(workspace) as registry, shown_progress() as progress:
            seen = audit_visit(
                registry,
                card,
                allow_folder=allow_folder,
                quick=quick,
                progress=progress,
                approval_required=workspace.approval_required,
            )
    except RegistryError:
        # Print the contents of the card first, then the error of the registry.
        _print_card(_without_registry(card, allow_folder=allow_folder, quick=quick), shows)
        raise
    _print_card(seen, shows)
    return seen.result is not AuditResult.GOOD


def _without_registry(card: Path, *, allow_folder: bool, quick: bool) -> AuditVisit:
    with shown_progress() as progress:
        opened = open_card(card, CardAccess(allow_folder=allow_folder, only_read=True))
        return AuditVisit(audit_card(opened, quick=quick, progress=progress), None, (), 0)


def _print_card(seen: AuditVisit, shows: _Shown) -> None:
    firmwares = firmwares_for(seen.card.manifest, shows.firmware)
    if shows.as_json:
        number = {"number": number_values(seen.card, shows.number, firmwares)} if shows.number is not None else {}
        print_json({**_card_values(seen), **number})
        return
    manifest = seen.card.manifest
    click.echo(_("Card {card}, player {player}").format(card=seen.card.card[:8], player=seen.player or "?"))
    if manifest is not None:
        line = _("Release {release}: {title}, {tracks} tracks")
        click.echo(line.format(release=manifest.release, title=shown(manifest.title), tracks=len(manifest.tracks)))
    if seen.signed_by:
        click.echo(_("Released by {names}, by signature").format(names=", ".join(map(shown, seen.signed_by))))
    result, order = _RESULTS[seen.result], _ORDERS[seen.card.is_in_order]
    if seen.result is AuditResult.GOOD and seen.card.is_in_order is None:
        result, order = _GOOD_FOLDER, _ORDER_OF_FOLDER
    if any(found.kind is FindingKind.NEEDS_CHECK for found in seen.findings):
        result = _CHECK_FIRST
    click.echo(_("Result: {verdict}").format(verdict=_(result)))
    click.echo(_("Verified: {how}").format(how=_(VERIFICATIONS[seen.card.verification])))
    click.echo(_("Playing order: {order}").format(order=_(order)))
    if seen.card.read_only:
        click.echo(_("The card is locked (read-only). It can be audited; to load it, move its lock switch back."))
    for found in seen.findings:
        line = _("Warning ({kind}): {message}") if found.warning else _("Finding ({kind}): {message}")
        click.echo(with_typed_options(line.format(kind=_(FINDING_WORDS[found.kind]), message=found.message)))
    if shows.number is not None:
        for line in number_lines(seen.card, shows.number, firmwares):
            click.echo(line)
    if seen.card.recordings:
        count = len(seen.card.recordings)
        message = ngettext(
            "{count} file was recorded by the player and was left alone",
            "{count} files were recorded by the player and were left alone",
            count,
        )
        click.echo(message.format(count=count))
    others = [path for path in seen.card.foreign if path not in set(seen.card.recordings)]
    if others:
        count = len(others)
        click.echo(
            ngettext(
                "{count} file was not written by packager and was left alone",
                "{count} files were not written by packager and were left alone",
                count,
            ).format(count=count)
        )
        for path in others[:10]:
            click.echo(f"  {path}")


def _card_values(seen: AuditVisit) -> dict[str, Any]:
    manifest = seen.card.manifest
    return {
        "card": seen.card.card,
        "player": seen.player,
        "release": manifest.release if manifest else None,
        "content_id": manifest.content_id if manifest else None,
        "signed_by": list(seen.signed_by),
        "verdict": seen.result.value,
        "verification": seen.card.verification.value,
        "read_only": seen.card.read_only,
        "in_order": seen.card.is_in_order,
        "behind": seen.behind,
        "findings": list(map(vars, seen.findings)),
        "foreign": list(seen.card.foreign),
        "recordings": list(seen.card.recordings),
    }
