"""Who is meant by a name and a phone number: the same person as before, or a new one. Pure.

Two people of one name are nothing rare. A name with another phone number is another person, and a name alone
is taken for the one known person of that name only where no doubt is left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.registry.people import Person


@dataclass(frozen=True)
class Details:
    """What somebody said of a person; "" where nothing was said. Never in `repr`: it comes into logs."""

    name: str = ""
    phone: str = ""
    address: str = ""
    remark: str = ""

    def __repr__(self) -> str:
        return "Details(...)"

    def changes(self, person: Person) -> dict[str, str]:
        """What is said here and differs from what is known of `person`."""
        return {name: value for name, value in vars(self).items() if value and value != getattr(person, name)}


def helper_meant(details: Details, known: Sequence[Person]) -> Person | None:
    """Which of the `known` helpers of this name is meant; None: a new one.

    Raises InputError when there are several and the phone number does not tell them apart.
    """
    fitting = _fitting(details, known)
    if len(fitting) > 1:
        raise InputError(_("there are several helpers of this name; give the phone number too"))
    return fitting[0] if fitting else None


def member_meant(
    details: Details, present: Person | None, known: Sequence[Person], player_of: Mapping[str, str]
) -> Person | None:
    """Which of the `known` members of this name is meant for a player; None: a new one.

    `present` is the player's member up to now, `player_of` the player of each member that has one. Raises
    InputError when the one meant has another player.
    """
    if present is not None and present.name == details.name:
        return present
    fitting = _fitting(details, known)
    certain = [person for person in fitting if details.phone and person.phone == details.phone]
    for person in certain:
        if person.id in player_of:
            raise InputError(
                _(
                    "this member has player {player} already; if that one is broken or lost: "
                    "packager players replace {player} NEW"
                ).format(player=player_of[person.id])
            )
    free = [person for person in certain or fitting if person.id not in player_of]
    return free[0] if len(free) == 1 else None


def _fitting(details: Details, known: Sequence[Person]) -> list[Person]:
    same = [person for person in known if person.name == details.name]
    exact = [person for person in same if person.phone == details.phone]
    return exact or [person for person in same if not person.phone or not details.phone]
