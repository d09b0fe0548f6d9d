"""`packager audit` without a card: the status of every player, from the registry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

import click

from packager.base.findings import FINDING_WORDS, FindingKind
from packager.base.i18n.language import _, ngettext
from packager.base.workspace import Workspace
from packager.cli.fleet._fleet_words import (
    EVENT_WORDS,
    RECALLS,
    STATUS_WORDS,
    filter_of,
    helper_text,
    local_day,
    local_minute,
    member_text,
    name_values,
    names_in,
    put_csv,
    status_text,
)
from packager.cli.ui.console import echo_pages, note, print_json_rows, table, table_lines, yes_no
from packager.cli.ui.proposals import with_typed_options
from packager.fleet.filters import apply_filter
from packager.fleet.status import PlayerStatus, PlayerStatusKind, read_fleet
from packager.registry.approval import read_release_policy
from packager.registry.database import Registry
from packager.registry.workspace_registry import registry_of

_PAGE = 500  # players per query for names


def audit_fleet(workspace: Workspace, options: Mapping[str, Any]) -> bool:
    """Print the status of every selected player; return whether any of them needs action.

    Players are streamed: only the cells of a table are kept.
    """
    with registry_of(workspace) as registry:
        rules = read_release_policy(registry, approval_required=workspace.approval_required)
        chosen, now = filter_of(registry, options), registry.clock()
        lines = _Lines(now, {} if options["with_names"] else None)
        with registry.read() as connection:
            counts = _Counts()
            everyone = counts.counting(read_fleet(connection, rules))
            players = counts.counting_selected(apply_filter(everyone, chosen, now))
            if lines.names is not None:
                players = _named(registry, players, lines.names)
            if options["as_json"]:
                print_json_rows(map(lines.values, players))
            elif options["as_csv"]:
                put_csv(lines.table(players), options["output"], overwrite=options["overwrite"])
            else:
                _print_fleet(players, lines, counts)
    return counts.acting > 0


@dataclass
class _Counts:
    """Counts that are updated while players are streamed."""

    everyone: int = 0
    acting: int = 0  # selected players that need action
    kinds: dict[str, Counter[PlayerStatusKind]] = field(default_factory=dict)  # of selected players, by community

    def counting(self, players: Iterable[PlayerStatus]) -> Iterator[PlayerStatus]:
        """Yield the players and count them all."""
        for status in players:
            self.everyone += 1
            yield status

    def counting_selected(self, players: Iterable[PlayerStatus]) -> Iterator[PlayerStatus]:
        """Yield the selected players and count them by status."""
        for status in players:
            self.acting += status.needs_action
            self.kinds.setdefault(status.player.community, Counter())[status.kind] += 1
            yield status


def _named(registry: Registry, players: Iterator[PlayerStatus], names: dict[str, str]) -> Iterator[PlayerStatus]:
    """Yield the players; `names` has the names of a player's people before it is yielded."""
    while page := list(islice(players, _PAGE)):
        names.update(names_in(registry, (status.player for status in page)))
        yield from page


@dataclass(frozen=True)
class _Lines:
    """Formats players. `names` is None without --with-names."""

    now: datetime
    names: dict[str, str] | None

    def findings(self, status: PlayerStatus) -> tuple[str, ...]:
        """Problems that the status does not name, in words."""
        found = [_(FINDING_WORDS[FindingKind.CLONED])] if status.cloned else []
        if status.twice:
            found.append(_("two players have this number"))
        recall = status.recall
        return (*found, *([_(RECALLS[recall])] if recall is not None else ()))

    def table(self, players: Iterable[PlayerStatus]) -> Iterator[tuple[str, ...]]:
        """The heads and one row per player, for a spreadsheet."""
        heads = [_("player"), _("community"), _("status"), _("behind"), _("release"), _("last seen")]
        heads += [_("weeks unseen"), _("last outcome"), _("findings"), _("action needed"), _("helper")]
        yield (*heads, *([_("member")] if self.names is not None else []))
        for status in players:
            unseen = status.weeks_unseen(self.now)
            row = (
                status.player.id,
                status.player.community,
                _(STATUS_WORDS[status.kind]),
                str(status.behind),
                status.release.release if status.release else "",
                local_day(status.last_seen),
                "" if unseen is None else str(unseen),
                _last(status),
                _("; ").join(self.findings(status)),
                yes_no(status.needs_action),
                helper_text(status.player.helper, self.names),
            )
            yield (*row, *((member_text(status, self.names),) if self.names is not None else ()))

    def values(self, status: PlayerStatus) -> dict[str, Any]:
        """The player as JSON values."""
        return {
            "player": status.player.id,
            "community": status.player.community,
            "helper": status.player.helper,
            "card": status.card,
            "release": status.release.release if status.release else None,
            "sequence": status.release.sequence if status.release else None,
            "status": status.kind.value,
            "behind": status.behind,
            "last_seen": status.last_seen,
            "weeks_unseen": status.weeks_unseen(self.now),
            "last": status.last or None,
            "cloned": status.cloned,
            "twice": status.twice,
            "spare": status.spare,
            "recall": status.recall.value if status.recall else None,
            "reason": status.reason,
            "needs_action": status.needs_action,
            **name_values(status.player, self.names),
        }


def _last(status: PlayerStatus) -> str:
    return _(EVENT_WORDS.get(status.last, status.last))


def _print_fleet(players: Iterable[PlayerStatus], lines: _Lines, counts: _Counts) -> None:
    rows = [_row(status, lines) for status in players]
    if rows:
        heads = [_("player"), _("community")]
        heads += [_("member"), _("helper")] if lines.names is not None else []
        heads += [_("release"), _("status"), _("last seen"), _("last outcome"), ""]
        echo_pages(f"{line}\n" for line in table_lines(heads, rows))
        click.echo()
        _print_counts(counts.kinds)
        if counts.acting:
            note(
                ngettext(
                    "{count} player needs action. To see whom to visit and why: packager due",
                    "{count} players need action. To see whom to visit and why: packager due",
                    counts.acting,
                ).format(count=counts.acting)
            )
    elif counts.everyone:
        click.echo(_("No player matches these filters."))
    else:
        click.echo(with_typed_options(_("There are no players yet; add one with: packager players add P001")))


def _row(status: PlayerStatus, lines: _Lines) -> tuple[str, ...]:
    player, release = status.player, status.release
    people: tuple[str, ...] = ()
    if lines.names is not None:
        people = (member_text(status, lines.names), helper_text(player.helper, lines.names))
    found = (status.reason.partition("\n")[0], *lines.findings(status))
    return (
        player.id,
        player.community,
        *people,
        release.release if release else "",
        status_text(status),
        local_minute(status.last_seen),
        _last(status),
        _("; ").join([part for part in found if part]),
    )


def _print_counts(counts: Mapping[str, Counter[PlayerStatusKind]]) -> None:
    """Print counts by status, and by community if there are several."""
    total = sum(counts.values(), Counter())
    found = [kind for kind in PlayerStatusKind if total[kind]]
    if len(counts) > 1:
        heads = [_("community"), _("players"), *(_(STATUS_WORDS[kind]) for kind in found)]
        rows = [
            [name or _("(none)"), str(sum(one.values())), *(str(one[kind] or "") for kind in found)]
            for name, one in sorted(counts.items())
        ]
        click.echo(table(heads, rows, right=range(1, len(heads))))
        click.echo()
    each = _("{state}: {count}")
    click.echo(_(", ").join(each.format(state=_(STATUS_WORDS[kind]), count=total[kind]) for kind in found))
