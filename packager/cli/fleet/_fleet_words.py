"""Shared by the commands about all players: words for a status, filter options, files that are written."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import click

from packager.base.formats import parse_utc, write_atomic
from packager.base.i18n.language import N_, _
from packager.cli.ui.console import note
from packager.cli.ui.page_file import require_new
from packager.fleet.filters import FleetFilter, check_communities, find_helpers, parse_age, read_communities
from packager.fleet.status import PlayerStatus, PlayerStatusKind
from packager.fleet.visit_list import DueVisit, Reason
from packager.registry.approval import DistributionBan
from packager.registry.database import Registry
from packager.registry.events import LoadOutcome, Player, Verdict
from packager.registry.people import Person, names_of, read_people

Command = Callable[..., Any]

STATUS_WORDS = {
    PlayerStatusKind.CURRENT: N_("current"),
    PlayerStatusKind.BEHIND: N_("behind"),
    PlayerStatusKind.NEVER_LOADED: N_("never loaded"),
    PlayerStatusKind.UNVERIFIED: N_("not verified"),
    PlayerStatusKind.INTERRUPTED: N_("interrupted"),
    PlayerStatusKind.FAILED: N_("failed"),
    PlayerStatusKind.NEEDS_CHECK: N_("needs a file system check"),
    PlayerStatusKind.DAMAGED: N_("damaged"),
    PlayerStatusKind.NOT_HANDED_OVER: N_("not handed over"),
    PlayerStatusKind.UNAPPROVED: N_("holds a release that was never approved"),
    PlayerStatusKind.RECALLED: N_("to be taken back"),
    PlayerStatusKind.LOST: N_("lost"),
    PlayerStatusKind.RETIRED: N_("retired"),
    PlayerStatusKind.MOVED: N_("moved away, by phone"),
}

EVENT_WORDS = {
    "begun": N_("begun"),
    LoadOutcome.DONE.value: N_("done"),
    LoadOutcome.FAILED.value: N_("failed"),
    LoadOutcome.INTERRUPTED.value: N_("interrupted"),
    LoadOutcome.NEEDS_CHECK.value: N_("needs a file system check"),
    Verdict.GOOD.value: N_("seen, good"),
    Verdict.UNVERIFIED.value: N_("seen, not verified"),
    Verdict.UNFINISHED.value: N_("seen, unfinished"),
    Verdict.DAMAGED.value: N_("seen, damaged"),
}
"""The outcome of a card's last load or audit."""

REASONS = {
    Reason.WITHDRAWN: N_("holds a withdrawn release"),
    Reason.EXPIRED: N_("holds an expired release"),
    Reason.DAMAGED: N_("card damaged"),
    Reason.NEEDS_CHECK: N_("card needs a file system check"),
    Reason.IN_DOUBT: N_("two cards or two players have the same number"),
    Reason.INTERRUPTED: N_("last load interrupted"),
    Reason.FAILED: N_("last load failed"),
    Reason.UNVERIFIED: N_("not verified"),
    Reason.NEVER_LOADED: N_("never loaded"),
    Reason.NOT_HANDED_OVER: N_("not handed over"),
    Reason.UNAPPROVED: N_("holds a release that was never approved"),
    Reason.BEHIND: N_("behind by {count}"),
    Reason.NOT_SEEN: N_("not seen for {weeks} weeks"),
    Reason.SEND_ARCHIVE: N_("moved away: send an archive instead of a visit"),
}

RECALLS = {DistributionBan.WITHDRAWN: N_("release withdrawn"), DistributionBan.EXPIRED: N_("release expired")}


def status_text(status: PlayerStatus) -> str:
    """The status of a player, in words."""
    text = _(STATUS_WORDS[status.kind])
    if status.spare and status.kind in (PlayerStatusKind.NEVER_LOADED, PlayerStatusKind.NOT_HANDED_OVER):
        return _("{status} (spare)").format(status=text)
    return f"{text} ({status.behind})" if status.kind is PlayerStatusKind.BEHIND else text


def reasons_text(visit: DueVisit) -> str:
    """The reasons for a visit, in words."""
    words = (_(REASONS[reason]) for reason in visit.reasons)
    return _("; ").join(word.format(count=visit.status.behind, weeks=visit.weeks_unseen or 0) for word in words)


def helper_text(helper: str | None, names: Mapping[str, str] | None) -> str:
    """A helper's name, or the start of the identity if `names` is None."""
    return name_of(helper, names, "" if helper is None else helper[:8])


def member_text(status: PlayerStatus, names: Mapping[str, str] | None) -> str:
    """The name of the member who has a player or will get it; empty if `names` is None."""
    return name_of(status.player.holder or status.player.member, names, "")


def name_of(person: str | None, names: Mapping[str, str] | None, unnamed: str) -> str:
    """The name of a person, `unnamed` if `names` is None, or empty if there is no person."""
    if person is None:
        return ""
    if names is None:
        return unnamed
    return names.get(person) or _("(name deleted, or not in this registry)")


def name_values(player: Player, names: Mapping[str, str] | None) -> dict[str, str | None]:
    """The names of a player's helper and member as JSON values; none if `names` is None."""
    if names is None:
        return {}
    member = player.holder or player.member or ""
    return {"helper_name": names.get(player.helper or ""), "member_name": names.get(member)}


def filters() -> Callable[[Command], Command]:
    """The options that select players."""
    options = (
        click.option("--community", multiple=True, help=_("Only this community; can be repeated.")),
        click.option(
            "--helper",
            multiple=True,
            help=_("Only players of this helper: a name, or an identity as shown in listings; can be repeated."),
        ),
        click.option("--behind", type=click.IntRange(1), help=_("Only players at least this many releases behind.")),
        click.option("--not-seen", metavar="TIME", help=_("Only players not seen for this long: 10d, 3w or 2m.")),
    )

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def output_option(text: str) -> Callable[[Command], Command]:
    """`--output`, with its help text."""
    return click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help=text)


def filter_of(registry: Registry, options: Mapping[str, Any]) -> FleetFilter:
    """The filter that the options of `filters` describe. Raises InputError for an unknown community or helper."""
    return FleetFilter(
        communities=check_communities(options["community"], read_communities(registry)),
        helpers=find_helpers(registry, options["helper"]),
        behind=options["behind"] or 0,
        not_seen=parse_age(options["not_seen"]) if options["not_seen"] else None,
    )


def local_day(moment: str) -> str:
    """The day of a moment (UTC text) at this place, as 2026-11-23; empty for none."""
    return local_minute(moment)[:10]


def local_minute(moment: str) -> str:
    """A moment (UTC text) by the clocks of this place, as 2026-11-23 16:15; empty for none."""
    return _local_minute(moment[:16], time.tzname) if moment else ""


@lru_cache(maxsize=16_384)  # a fleet is seen in the minutes of a few weeks
def _local_minute(minute: str, _place: tuple[str, str]) -> str:
    return parse_utc(f"{minute}:00Z").astimezone().isoformat(" ", "minutes")[:16]


def people_in(registry: Registry, players: Iterable[Player]) -> dict[str, Person]:
    """All members and helpers of these players, by identity."""
    with registry.read() as connection:
        return read_people(connection, _identities(players))


def names_in(registry: Registry, players: Iterable[Player]) -> Mapping[str, str]:
    """The names of all members and helpers of these players, by identity."""
    return names_of(registry, _identities(players))


def _identities(players: Iterable[Player]) -> set[str]:
    return {one for player in players for one in (player.member, player.holder, player.helper) if one}


def put_csv(rows: Iterable[Sequence[str]], output: Path | None, *, overwrite: bool = False) -> None:
    """Write rows as CSV for Excel to standard output or to `output`; as a workbook if that ends in .xlsx.

    Raises InputError if the file exists, unless `overwrite`.
    """
    from packager.fleet.spreadsheet import csv_bytes, write_table

    if output is None:
        click.echo(csv_bytes(rows), nl=False)
        return
    require_new(output, overwrite=overwrite)
    if output.suffix.lower() == ".xlsx":
        write_table(output, rows)
    else:
        write_atomic(output, csv_bytes(rows))
    say_written(output)


def say_written(path: Path) -> None:
    """Print where output was written."""
    note(_("written: {path}").format(path=path))


def write_page(path: Path, html: str) -> None:
    """Write an HTML page and print its path."""
    write_atomic(path, html.encode("utf-8", "replace"))
    say_written(path)
