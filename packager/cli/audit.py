"""`packager audit`: what a card holds, or who holds what."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import click

from packager.cli.card import VERIFICATIONS, allow_folder_option, place_of, shown_progress
from packager.cli.console import print_json, table, workspace_of
from packager.errors import EXIT_FINDINGS, RegistryError
from packager.language import N_, _, ngettext
from packager.loading import Finding, FindingKind, Which, audit_card, open_card, shown
from packager.tracking import (
    AuditVisit,
    Difference,
    DifferenceKind,
    PlayerStatus,
    Standing,
    Verdict,
    audit_visit,
    fleet,
    open_registry,
)
from packager.tracking.registry import random_identity, utc_now
from packager.workspace import Workspace

_VERDICTS = {
    Verdict.GOOD: N_("good: it holds its release whole and in order"),
    Verdict.UNVERIFIED: N_("names match; what is in the files was not read"),
    Verdict.UNFINISHED: N_("unfinished: run the load or update again"),
    Verdict.DAMAGED: N_("not good: load it again with --repair, or take another card"),
}

_STANDINGS = {
    Standing.CURRENT: N_("current"),
    Standing.BEHIND: N_("behind"),
    Standing.NEVER_LOADED: N_("never loaded"),
    Standing.UNVERIFIED: N_("not verified"),
    Standing.INTERRUPTED: N_("interrupted"),
    Standing.FAILED: N_("failed"),
    Standing.NEEDS_CHECK: N_("needs a file system check"),
    Standing.DAMAGED: N_("damaged"),
    Standing.NOT_HANDED_OVER: N_("not handed over"),
    Standing.LOST: N_("lost"),
    Standing.RETIRED: N_("retired"),
}

_KINDS: dict[FindingKind | DifferenceKind, str] = {
    FindingKind.UNKNOWN: N_("holds nothing known"),
    FindingKind.UNFINISHED: N_("unfinished"),
    FindingKind.MISSING: N_("missing"),
    FindingKind.TRUNCATED: N_("truncated"),
    FindingKind.ALTERED: N_("altered"),
    FindingKind.UNREADABLE: N_("unreadable"),
    FindingKind.MISORDERED: N_("out of order"),
    FindingKind.EXTRA: N_("not ours"),
    FindingKind.LITTER: N_("left behind by a computer"),
    DifferenceKind.UNASSIGNED: N_("unassigned"),
    DifferenceKind.STALE: N_("not the newest"),
    DifferenceKind.UNRECORDED: N_("was not recorded"),
    DifferenceKind.ROLLED_BACK: N_("rolled back"),
    DifferenceKind.CLONED: N_("cloned"),
    DifferenceKind.FORKED: N_("differs from the known release"),
}


@click.command(
    help=_(
        "With CARD, read the card and say what it holds and what is wrong with it. Without, say from the "
        "registry which player holds which release. Ends with exit code 5 when something needs to be done."
    )
)
@click.argument("card", required=False, type=click.Path(readable=False, path_type=Path))
@click.option("--find", is_flag=True, help=_("Audit the one card of ours that is plugged in."))
@allow_folder_option()
@click.option(
    "--quick", is_flag=True, help=_("Look at names and sizes only; such a card is never called good.")
)
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(ctx: click.Context, /, card: Path | None, find: bool, quick: bool, **options: bool) -> None:
    workspace = workspace_of(ctx)
    allow_folder, as_json = options["allow_folder"], options["as_json"]
    if find:
        card = place_of(card, Which.OURS)
    if card is None:
        needs_action = _audit_fleet(workspace, as_json)
    else:
        needs_action = _audit_card(workspace, card, allow_folder=allow_folder, quick=quick, as_json=as_json)
    if needs_action:
        ctx.exit(EXIT_FINDINGS)


def _audit_card(workspace: Workspace, card: Path, *, allow_folder: bool, quick: bool, as_json: bool) -> bool:
    try:
        with open_registry(workspace.registry) as registry, shown_progress() as progress:
            seen = audit_visit(registry, card, allow_folder=allow_folder, quick=quick, progress=progress)
    except RegistryError:
        # What the card holds can be said all the same; then the volunteer hears of the registry.
        _print_seen(_without_registry(card, allow_folder=allow_folder, quick=quick), as_json)
        raise
    _print_seen(seen, as_json)
    return seen.needs_action or seen.verdict is not Verdict.GOOD


def _without_registry(card: Path, *, allow_folder: bool, quick: bool) -> AuditVisit:
    with shown_progress() as progress:
        opened = open_card(
            card,
            allow_folder=allow_folder,
            claim=False,
            new_id=random_identity,
            clock=utc_now,
            only_read=True,
        )
        return AuditVisit(audit_card(opened, quick=quick, progress=progress), None, (), 0)


def _print_seen(seen: AuditVisit, as_json: bool) -> None:
    if as_json:
        print_json(_card_values(seen))
    else:
        _print_card(seen)


def _print_card(seen: AuditVisit) -> None:
    manifest = seen.card.manifest
    click.echo(_("Card {card}, player {player}").format(card=seen.card.card[:8], player=seen.player or "?"))
    if manifest is not None:
        click.echo(
            _("Release {release}: {title}, {tracks} tracks").format(
                release=manifest.release, title=shown(manifest.title), tracks=len(manifest.tracks)
            )
        )
    click.echo(_("Result: {verdict}").format(verdict=_(_VERDICTS[seen.verdict])))
    click.echo(_("Verified: {how}").format(how=_(VERIFICATIONS[seen.card.verification])))
    if seen.card.read_only:
        click.echo(
            _("The card is locked (read-only): it can be looked at; to load it, slide its lock switch back.")
        )
    found_at_all: list[Finding | Difference] = [*seen.card.findings, *seen.differences]
    for found in found_at_all:
        line = _("Warning ({kind}): {message}") if found.warning else _("Finding ({kind}): {message}")
        click.echo(line.format(kind=_(_KINDS[found.kind]), message=found.message))
    if seen.card.foreign:
        count = len(seen.card.foreign)
        click.echo(
            ngettext(
                "{count} file is not ours and was left alone",
                "{count} files are not ours and were left alone",
                count,
            ).format(count=count)
        )
        for path in seen.card.foreign[:10]:
            click.echo(f"  {path}")


def _card_values(seen: AuditVisit) -> dict[str, Any]:
    manifest = seen.card.manifest
    return {
        "card": seen.card.card,
        "player": seen.player,
        "release": manifest.release if manifest else None,
        "content_id": manifest.content_id if manifest else None,
        "verdict": seen.verdict.value,
        "verification": seen.card.verification.value,
        "read_only": seen.card.read_only,
        "behind": seen.behind,
        "findings": [
            {"kind": found.kind.value, "path": found.path, "message": found.message, "warning": found.warning}
            for found in seen.card.findings
        ]
        + [
            {"kind": found.kind.value, "path": "", "message": found.message, "warning": found.warning}
            for found in seen.differences
        ],
        "foreign": list(seen.card.foreign),
    }


def _audit_fleet(workspace: Workspace, as_json: bool) -> bool:
    with open_registry(workspace.registry) as registry:
        players = fleet(registry)
    if as_json:
        print_json([_player_values(status) for status in players])
    else:
        _print_fleet(players)
    return any(status.needs_action for status in players)


def _print_fleet(players: tuple[PlayerStatus, ...]) -> None:
    if not players:
        click.echo(_("There are no players yet; add them with: packager players add P001"))
        return
    rows = [
        (
            status.player.id,
            status.player.community,
            status.release.release if status.release else "",
            standing_text(status),
            status.last_seen,
            status.reason.partition("\n")[0],
        )
        for status in players
    ]
    click.echo(table((_("player"), _("community"), _("release"), _("standing"), _("last seen"), ""), rows))
    counts = Counter(status.standing for status in players)
    click.echo(
        ", ".join(
            f"{_(_STANDINGS[standing])}: {counts[standing]}" for standing in Standing if counts[standing]
        )
    )


def standing_text(status: PlayerStatus) -> str:
    """Where a player stands, in words."""
    text = _(_STANDINGS[status.standing])
    return f"{text} ({status.behind})" if status.standing is Standing.BEHIND else text


def _player_values(status: PlayerStatus) -> dict[str, Any]:
    return {
        "player": status.player.id,
        "community": status.player.community,
        "card": status.card,
        "release": status.release.release if status.release else None,
        "sequence": status.release.sequence if status.release else None,
        "standing": status.standing.value,
        "behind": status.behind,
        "last_seen": status.last_seen,
        "reason": status.reason,
        "needs_action": status.needs_action,
    }
