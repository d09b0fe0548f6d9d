"""Findings that only the registry can make: how a card differs from what is recorded of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class RegistryFindingKind(str, Enum):
    """How a card and the registry can differ."""

    UNASSIGNED = "unassigned"  # the registry does not know whose card it is
    STALE = "stale"  # there are newer releases
    UNRECORDED = "unrecorded"  # the card holds something else than the registry knew
    ROLLED_BACK = "rolled-back"  # the card shows a state older than one that was seen
    CLONED = "cloned"  # two cards carry one identity
    FORKED = "forked"  # the card's release is not the one known under its sequence
    WITHDRAWN = "withdrawn"  # what the card holds has to be taken back
    OVERDUE = "overdue"  # the last day of a book on the card is over


@dataclass(frozen=True)
class RegistryFinding:
    """A Finding that only the registry can make. A warning does not keep the card from being good."""

    kind: RegistryFindingKind
    message: str
    warning: bool = False
