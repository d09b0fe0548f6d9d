"""Export of the roster as a table with the columns that an import reads; personal data is optional."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from packager.base.formats import parse_utc
from packager.registry.database import Registry
from packager.registry.people import Person, read_people
from packager.registry.players import read_players
from packager.roster.columns import STATE_NAMES, Column

if TYPE_CHECKING:
    from packager.registry.events import Player

_PERSONAL = (Column.MEMBER, Column.PHONE, Column.ADDRESS, Column.REMARK, Column.HELPER, Column.HELPER_PHONE)


def roster_table(registry: Registry, *, with_names: bool = False) -> tuple[tuple[str, ...], ...]:
    """The head and a row for each player, by number; personal data only `with_names`."""
    with registry.read() as connection:
        players = read_players(connection)
        people = read_people(connection) if with_names else {}
    columns = [column for column in Column if with_names or column not in _PERSONAL]
    heads = tuple(column.value for column in columns)
    return (heads, *_rows(players, people, columns))


def _rows(players: tuple[Player, ...], people: dict[str, Person], columns: list[Column]) -> Iterator[tuple[str, ...]]:
    for player in players:
        member = people.get(player.holder or player.member or "")
        helper = people.get(player.helper or "")
        cells = {
            Column.PLAYER: player.id,
            Column.COMMUNITY: player.community,
            Column.PROFILE: player.profile or "",
            Column.STATE: STATE_NAMES[player.state],
            Column.NOTE: player.note,
            Column.HANDED_OVER: "是" if player.holder else "否",
            Column.HANDED_OVER_ON: _day(player.handed_over) if player.holder else "",
        }
        if member is not None:
            cells |= {
                Column.MEMBER: member.name,
                Column.PHONE: member.phone,
                Column.ADDRESS: member.address,
                Column.REMARK: member.remark,
            }
        if helper is not None:
            cells |= {Column.HELPER: helper.name, Column.HELPER_PHONE: helper.phone}
        yield tuple(cells.get(column, "") for column in columns)


def _day(moment: str | None) -> str:
    return parse_utc(moment).astimezone().date().isoformat() if moment else ""
