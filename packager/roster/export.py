"""Export of the roster as a table with the columns that an import reads; personal data is optional."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from packager.base.formats import parse_utc
from packager.registry.database import Registry
from packager.registry.people import Person, read_people
from packager.registry.players import read_players
from packager.roster.columns import STATE_NAMES, RosterColumn

if TYPE_CHECKING:
    from packager.registry.events import Player

_PERSONAL = (
    RosterColumn.MEMBER,
    RosterColumn.PHONE,
    RosterColumn.ADDRESS,
    RosterColumn.REMARK,
    RosterColumn.HELPER,
    RosterColumn.HELPER_PHONE,
)


def roster_table(registry: Registry, *, with_names: bool = False) -> tuple[tuple[str, ...], ...]:
    """The head and a row for each player, by number; personal data only `with_names`."""
    with registry.read() as connection:
        players = read_players(connection)
        people = read_people(connection) if with_names else {}
    columns = [column for column in RosterColumn if with_names or column not in _PERSONAL]
    heads = tuple(column.value for column in columns)
    return (heads, *_rows(players, people, columns))


def _rows(
    players: tuple[Player, ...], people: dict[str, Person], columns: list[RosterColumn]
) -> Iterator[tuple[str, ...]]:
    for player in players:
        member = people.get(player.holder or player.member or "")
        helper = people.get(player.helper or "")
        cells = {
            RosterColumn.PLAYER: player.id,
            RosterColumn.COMMUNITY: player.community,
            RosterColumn.PROFILE: player.profile or "",
            RosterColumn.STATE: STATE_NAMES[player.state],
            RosterColumn.NOTE: player.note,
            RosterColumn.HANDED_OVER: "是" if player.holder else "否",
            RosterColumn.HANDED_OVER_ON: _day(player.handed_over) if player.holder else "",
        }
        if member is not None:
            cells |= {
                RosterColumn.MEMBER: member.name,
                RosterColumn.PHONE: member.phone,
                RosterColumn.ADDRESS: member.address,
                RosterColumn.REMARK: member.remark,
            }
        if helper is not None:
            cells |= {RosterColumn.HELPER: helper.name, RosterColumn.HELPER_PHONE: helper.phone}
        yield tuple(cells.get(column, "") for column in columns)


def _day(moment: str | None) -> str:
    return parse_utc(moment).astimezone().date().isoformat() if moment else ""
