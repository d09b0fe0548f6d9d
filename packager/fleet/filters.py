"""Filters for a fleet: by community, helper, releases behind, time unseen.

`parse_age`, `check_communities` and `apply_filter` are pure; `read_communities` and `find_helpers` read the registry.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from packager.base.errors import InputError
from packager.base.formats import parse_utc
from packager.base.i18n.language import _
from packager.base.yaml_documents import did_you_mean
from packager.fleet.status import PlayerStatus
from packager.registry.database import Registry
from packager.registry.people import PersonKind, read_people

_AGE = re.compile(r"([0-9]{1,4}) ?(d|w|m|天|周|星期|个月|月)")
_DAYS = {"d": 1, "天": 1, "w": 7, "周": 7, "星期": 7, "m": 30, "月": 30, "个月": 30}
_SHORTEST_IDENTITY = 8  # hexadecimal digits, as listings show it


@dataclass(frozen=True)
class FleetFilter:
    """A filter: a player must meet every condition. Empty sets, 0 and None are no condition."""

    communities: frozenset[str] = frozenset()
    helpers: frozenset[str] = frozenset()  # identities
    behind: int = 0  # at least so many releases behind
    not_seen: timedelta | None = None  # not seen for so long, or never


def parse_age(text: str) -> timedelta:
    """Parse `3w`, `10d` or `2m` (months of 30 days). Raises InputError for anything else."""
    match = _AGE.fullmatch(unicodedata.normalize("NFKC", text).strip().lower())
    if match is None or int(match[1]) == 0:
        raise InputError(
            _("'{text}' is not a period; write 10d for days, 3w for weeks, 2m for months").format(text=text)
        )
    return timedelta(days=int(match[1]) * _DAYS[match[2]])


def check_communities(texts: Iterable[str], communities: Iterable[str]) -> frozenset[str]:
    """`texts` as communities. Raises InputError for one that is not in `communities`."""
    wanted, known = {text.strip() for text in texts}, set(communities)
    for text in sorted(wanted - known):
        raise InputError(
            _("no player is in the community '{text}'{hint}").format(text=text, hint=did_you_mean(text, sorted(known)))
        )
    return frozenset(wanted)


def read_communities(registry: Registry) -> frozenset[str]:
    """The communities of the registry's players."""
    from sqlalchemy import select

    from packager.registry.schema import players

    with registry.read() as connection:
        return frozenset(connection.execute(select(players.c.community).distinct()).scalars())


def find_helpers(registry: Registry, texts: Iterable[str]) -> frozenset[str]:
    """The identities of the helpers with these names or beginnings of identities.

    Raises InputError for an unknown one; its message contains no name.
    """
    wanted = [text.strip() for text in texts]
    if not wanted:
        return frozenset()
    from sqlalchemy import select

    from packager.registry.schema import players

    with registry.read() as connection:
        people = read_people(connection, kind=PersonKind.HELPER)
        # A forgotten helper has no name any more, but still an identity.
        assigned = select(players.c.helper).where(players.c.helper.is_not(None)).distinct()
        identities = {*people, *connection.execute(assigned).scalars()}
    found: set[str] = set()
    for text in wanted:
        named = {person.id for person in people.values() if person.name == text}
        if len(text) >= _SHORTEST_IDENTITY:
            named |= {identity for identity in identities if identity.startswith(text.lower())}
        if not named:
            raise InputError(_("no helper has that name; list the helpers with: packager players list --with-names"))
        found |= named
    return frozenset(found)


def apply_filter(statuses: Iterable[PlayerStatus], wanted: FleetFilter, now: datetime) -> Iterator[PlayerStatus]:
    """Those of `statuses` that the filter selects, in their order."""
    seen_last = None if wanted.not_seen is None else now - wanted.not_seen
    for status in statuses:
        player = status.player
        if wanted.communities and player.community not in wanted.communities:
            continue
        if wanted.helpers and player.helper not in wanted.helpers:
            continue
        if status.behind < wanted.behind:
            continue
        if seen_last is not None and status.last_seen and parse_utc(status.last_seen) > seen_last:
            continue
        yield status
