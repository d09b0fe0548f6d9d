"""`packager audit` without a card: where every player stands, by the registry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import click

from packager.cli.console import print_json, table, yes_no
from packager.cli.fleet import (
    KINDS,
    LAST,
    RECALLS,
    STANDINGS,
    helper_text,
    local_day,
    local_minute,
    meant,
    member_text,
    names_in,
    put_csv,
    standing_text,
)
from packager.language import _
from packager.tracking import DifferenceKind, PlayerStatus, Standing, fleet, open_registry, read_rules
from packager.tracking.approval import Rules
from packager.tracking.due import needs_action
from packager.workspace import Workspace


def audit_fleet(workspace: Workspace, options: Mapping[str, Any]) -> bool:
    """Print where every player that the options mean stands; return whether something is to be done."""
    with open_registry(workspace.registry) as registry:
        now, required = registry.clock(), workspace.approval_required
        everyone = fleet(registry, approval_required=required)
        players = meant(registry, everyone, options, now)
        rules = read_rules(registry, approval_required=required)
        names = names_in(registry, players) if options["with_names"] else None
    acting = {status.player.id for status in players if needs_action(status, rules)}
    lines = _Lines(now, rules, acting, names)
    if options["as_json"]:
        print_json([lines.values(status) for status in players])
    elif options["as_csv"]:
        put_csv(lines.table(players), options["output"])
    elif players:
        _print_fleet(players, lines)
    elif everyone:
        click.echo(_("No player is meant by these filters."))
    else:
        click.echo(_("There are no players yet; add them with: packager players add P001"))
    return bool(acting)


@dataclass(frozen=True)
class _Lines:
    """How players are listed. `names` is None where names were not asked for."""

    now: datetime
    rules: Rules
    acting: Collection[str]  # players that need action
    names: Mapping[str, str] | None

    def findings(self, status: PlayerStatus) -> tuple[str, ...]:
        """What is wrong with it beside its standing, in words."""
        found = [_(KINDS[DifferenceKind.CLONED])] if status.cloned else []
        if status.twice:
            found.append(_("two players have this number"))
        recall = self.rules.recall_of(status.release) if status.release else None
        return (*found, *([_(RECALLS[recall])] if recall is not None else ()))

    def table(self, players: Iterable[PlayerStatus]) -> Iterator[tuple[str, ...]]:
        """The heads and a row for each player, for a spreadsheet."""
        heads = [_("player"), _("community"), _("standing"), _("behind"), _("release"), _("last seen")]
        heads += [_("weeks unseen"), _("last outcome"), _("findings"), _("needs action"), _("helper")]
        yield (*heads, *([_("member")] if self.names is not None else []))
        for status in players:
            unseen = status.weeks_unseen(self.now)
            row = (
                status.player.id,
                status.player.community,
                _(STANDINGS[status.standing]),
                str(status.behind),
                status.release.release if status.release else "",
                local_day(status.last_seen),
                "" if unseen is None else str(unseen),
                _last(status),
                _("; ").join(self.findings(status)),
                yes_no(status.player.id in self.acting),
                helper_text(status.player.helper, self.names),
            )
            yield (*row, *((member_text(status, self.names),) if self.names is not None else ()))

    def values(self, status: PlayerStatus) -> dict[str, Any]:
        """The player as JSON values."""
        recall = self.rules.recall_of(status.release) if status.release else None
        values = {
            "player": status.player.id,
            "community": status.player.community,
            "helper": status.player.helper,
            "card": status.card,
            "release": status.release.release if status.release else None,
            "sequence": status.release.sequence if status.release else None,
            "standing": status.standing.value,
            "behind": status.behind,
            "last_seen": status.last_seen,
            "weeks_unseen": status.weeks_unseen(self.now),
            "last": status.last or None,
            "cloned": status.cloned,
            "twice": status.twice,
            "recall": recall.value if recall else None,
            "reason": status.reason,
            "needs_action": status.player.id in self.acting,
        }
        if self.names is not None:
            values["helper_name"] = self.names.get(status.player.helper or "")
            values["member_name"] = self.names.get(status.player.holder or status.player.member or "")
        return values


def _last(status: PlayerStatus) -> str:
    return _(LAST.get(status.last, status.last))


def _print_fleet(players: tuple[PlayerStatus, ...], lines: _Lines) -> None:
    heads = [_("player"), _("community"), _("release"), _("standing"), _("last seen"), _("last outcome"), ""]
    rows = []
    for status in players:
        row = [
            status.player.id,
            status.player.community,
            status.release.release if status.release else "",
            standing_text(status),
            local_minute(status.last_seen),
            _last(status),
            _("; ").join(
                [part for part in (status.reason.partition("\n")[0], *lines.findings(status)) if part]
            ),
        ]
        if lines.names is not None:
            row[2:2] = [member_text(status, lines.names), helper_text(status.player.helper, lines.names)]
        rows.append(row)
    if lines.names is not None:
        heads[2:2] = [_("member"), _("helper")]
    click.echo(table(heads, rows))
    click.echo()
    _print_counts(players)


def _print_counts(players: Iterable[PlayerStatus]) -> None:
    """Counts by standing, and by community where there is more than one."""
    counts: dict[str, Counter[Standing]] = {}
    for status in players:
        counts.setdefault(status.player.community, Counter())[status.standing] += 1
    total = sum(counts.values(), Counter())
    found = [standing for standing in Standing if total[standing]]
    if len(counts) > 1:
        heads = [_("community"), _("players"), *(_(STANDINGS[standing]) for standing in found)]
        rows = [
            [name or _("(none)"), str(sum(one.values())), *(str(one[standing] or "") for standing in found)]
            for name, one in sorted(counts.items())
        ]
        click.echo(table(heads, rows, right=range(1, len(heads))))
        click.echo()
    click.echo(", ".join(f"{_(STANDINGS[standing])}: {total[standing]}" for standing in found))
