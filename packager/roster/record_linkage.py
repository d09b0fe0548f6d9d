"""Record linkage: match an imported person to an existing member by name and phone number. Pure.

Many people share a name. A name with another phone number is another person; a name alone matches only if
exactly one known person fits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.registry.people import Person


@dataclass(frozen=True)
class Details:
    """The details of a person; "" for an unknown one. Hidden in `repr`, since logs contain it."""

    name: str = ""
    phone: str = ""
    address: str = ""
    remark: str = ""

    def __repr__(self) -> str:
        return "Details(...)"

    def changes(self, person: Person) -> dict[str, str]:
        """The details that are given here and differ from those of `person`."""
        return {name: value for name, value in vars(self).items() if value and value != getattr(person, name)}


def match_helper(details: Details, known: Sequence[Person]) -> Person | None:
    """The one of the `known` helpers who matches; None: a new one. Raises InputError if several match."""
    candidates = _candidates(details, known)
    if len(candidates) > 1:
        raise InputError(_("there are several helpers of this name; give the phone number too"))
    return candidates[0] if candidates else None


def match_member(
    details: Details, current: Person | None, known: Sequence[Person], player_of: Mapping[str, str]
) -> Person | None:
    """The one of the `known` members who matches; None: a new one.

    `current` is the player's member so far, `player_of` the player of each member. Raises InputError if the
    name and phone number match a member who has another player.
    """
    if current is not None and current.name == details.name:
        return current
    candidates = _candidates(details, known)
    certain = [person for person in candidates if details.phone and person.phone == details.phone]
    for person in certain:
        if person.id in player_of:
            raise InputError(
                _(
                    "this member has player {player} already; if that one is broken or lost: "
                    "packager players replace {player} NEW"
                ).format(player=player_of[person.id])
            )
    free = [person for person in certain or candidates if person.id not in player_of]
    return free[0] if len(free) == 1 else None


def _candidates(details: Details, known: Sequence[Person]) -> list[Person]:
    same = [person for person in known if person.name == details.name]
    exact = [person for person in same if person.phone == details.phone]
    return exact or [person for person in same if not person.phone or not details.phone]
