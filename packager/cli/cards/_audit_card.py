"""`packager audit CARD`: read one card, and print what it holds and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from packager.base.display import shown
from packager.base.errors import RegistryError
from packager.base.findings import FINDING_WORDS, FindingKind
from packager.base.i18n.language import N_, _, ngettext
from packager.base.workspace import Workspace
from packager.cards import CardChoice, audit_card, open_card
from packager.cards.io.card import CardAccess
from packager.cli.cards._audit_number import firmwares_for, number_lines, number_values
from packager.cli.cards._card_options import VERIFICATIONS, place_of, shown_progress
from packager.cli.ui.console import print_json
from packager.cli.ui.proposals import with_typed_options
from packager.registry.workspace_registry import registry_of
from packager.visits.audit import CAUSED_BY_OTHERS, MENDED_BY_UPDATE, AuditResult, AuditVisit, audit_visit, faults_on

_RESULTS = {
    AuditResult.GOOD: N_("good: the release is complete and in order"),
    AuditResult.UNVERIFIED: N_("names match; file contents were not read"),
    AuditResult.DOUBTFUL: N_("doubtful: do what the findings below say"),
    AuditResult.UNFINISHED: N_("unfinished: run the load or update again"),
    AuditResult.DAMAGED: N_("damaged: load it again with --repair, or use another card"),
}
_MENDED_BY_UPDATE = N_("doubtful: tracks are hidden or renamed; to mend them: packager update {card}")
_CAUSED_BY_OTHERS = N_(
    "doubtful: other files are among the tracks, so numbers may be wrong; move them away, or accept them with: "
    "packager update {card} --accept-foreign"
)
_CHECK_FIRST = N_("damaged: check the file system first, as the finding below says")

_ORDERS = {
    True: N_("correct, in each folder and between folders"),
    False: N_("wrong; load the card again"),
    None: N_("not known"),
}

_ORDER_OF_THE_REST = N_("correct among the tracks that are there; some are missing")

# A folder on a disk has no directory order that players would follow.
_GOOD_FOLDER = N_("good: the release is complete")
_ORDER_OF_FOLDER = N_("not known: a practice folder has no order")


@dataclass(frozen=True)
class Shown:
    """What to show of a card: as JSON or text, and what one number plays."""

    as_json: bool
    number: int | None
    firmware: tuple[str, ...]


def own_card() -> Path:
    """The one card of this program that is plugged in. Raises CardRefusedError if there is none or more than one."""
    return place_of(None, CardChoice.OURS)


def audit_one(workspace: Workspace, card: Path, *, allow_folder: bool, quick: bool, shows: Shown) -> bool:
    """Audit a card and print the result; whether something needs to be done."""
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
        _print_card(_without_registry(card, allow_folder=allow_folder, quick=quick), card, shows)
        raise
    _print_card(seen, card, shows)
    return seen.result is not AuditResult.GOOD


def _without_registry(card: Path, *, allow_folder: bool, quick: bool) -> AuditVisit:
    with shown_progress() as progress:
        opened = open_card(card, CardAccess(allow_folder=allow_folder, only_read=True))
        return AuditVisit(audit_card(opened, quick=quick, progress=progress), None, (), 0)


def _print_card(seen: AuditVisit, place: Path, shows: Shown) -> None:
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
    click.echo(_("Result: {verdict}").format(verdict=with_typed_options(_result_of(seen, place))))
    click.echo(_("Verified: {how}").format(how=_(VERIFICATIONS[seen.card.verification])))
    click.echo(_("Playing order: {order}").format(order=_(_order_of(seen))))
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


def _result_of(seen: AuditVisit, place: Path) -> str:
    faults = frozenset(found.kind for found in seen.findings if not found.warning)
    words = _RESULTS[seen.result]
    if any(found.kind is FindingKind.NEEDS_CHECK for found in seen.findings):
        words = _CHECK_FIRST
    elif seen.result is AuditResult.GOOD and seen.card.is_in_order is None:
        words = _GOOD_FOLDER
    elif seen.result is AuditResult.DOUBTFUL and faults <= MENDED_BY_UPDATE:
        words = _MENDED_BY_UPDATE
    elif seen.result is AuditResult.DOUBTFUL and faults <= CAUSED_BY_OTHERS:
        words = _CAUSED_BY_OTHERS
    return _(words).format(card=shown(str(place)))


def _order_of(seen: AuditVisit) -> str:
    if seen.result is AuditResult.GOOD and seen.card.is_in_order is None:
        return _ORDER_OF_FOLDER
    is_whole = not faults_on(seen.card) & {FindingKind.MISSING, FindingKind.RENAMED}
    return _ORDERS[seen.card.is_in_order] if is_whole or not seen.card.is_in_order else _ORDER_OF_THE_REST


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
