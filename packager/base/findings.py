"""Findings: what an audit saw wrong, on a card or in the registry, and the words for it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from packager.base.i18n.language import N_


class FindingSource(str, Enum):
    """Where a finding comes from."""

    CARD = "card"  # the card alone shows it
    REGISTRY = "registry"  # the card differs from what is recorded of it


class FindingKind(str, Enum):
    """What can be wrong with a card."""

    UNKNOWN = "unknown"  # the card can't say what it holds
    UNFINISHED = "unfinished"
    MISSING = "missing"
    RENAMED = "renamed"  # a track of ours whose name differs only in case
    TRUNCATED = "truncated"
    ALTERED = "altered"
    UNREADABLE = "unreadable"
    MISORDERED = "misordered"
    MISNUMBERED = "misnumbered"  # a number plays another track on this kind of player
    HIDDEN = "hidden"  # the attribute of FAT: some players skip such files
    NEEDS_CHECK = "needs-check"  # signs of a damaged file system
    EXTRA = "extra"  # foreign audio in a folder of ours
    RECORDING = "recording"  # the player recorded it, and it plays among the tracks or shifts their numbers
    OS_JUNK = "os-junk"  # a file that an operating system left, and a player may try to play
    UNASSIGNED = "unassigned"  # the registry does not know whose card it is
    DISPLACED = "displaced"  # its player has another card now
    STALE = "stale"  # there are newer releases
    UNRECORDED = "unrecorded"  # the card holds something else than the registry knew
    ROLLED_BACK = "rolled-back"  # the card shows a state older than one that was seen
    CLONED = "cloned"  # two cards carry one identity
    FORKED = "forked"  # the card's release is not the one known under its sequence
    WITHDRAWN = "withdrawn"  # the card's release has to be taken back
    EXPIRED = "expired"  # the last day of a book on the card is over
    UNVOUCHED = "unvouched"  # no key that may approve releases signed what the card holds

    @property
    def source(self) -> FindingSource:
        """Where findings of this kind come from."""
        return FindingSource.REGISTRY if self in _OF_THE_REGISTRY else FindingSource.CARD


_OF_THE_REGISTRY = frozenset(
    {
        FindingKind.UNASSIGNED,
        FindingKind.DISPLACED,
        FindingKind.STALE,
        FindingKind.UNRECORDED,
        FindingKind.ROLLED_BACK,
        FindingKind.CLONED,
        FindingKind.FORKED,
        FindingKind.WITHDRAWN,
        FindingKind.EXPIRED,
        FindingKind.UNVOUCHED,
    }
)

FINDING_WORDS = {
    FindingKind.UNKNOWN: N_("holds nothing known"),
    FindingKind.UNFINISHED: N_("unfinished"),
    FindingKind.MISSING: N_("missing"),
    FindingKind.RENAMED: N_("renamed"),
    FindingKind.TRUNCATED: N_("truncated"),
    FindingKind.ALTERED: N_("altered"),
    FindingKind.UNREADABLE: N_("unreadable"),
    FindingKind.MISORDERED: N_("out of order"),
    FindingKind.MISNUMBERED: N_("wrong number"),
    FindingKind.HIDDEN: N_("hidden"),
    FindingKind.NEEDS_CHECK: N_("file system may be damaged"),
    FindingKind.EXTRA: N_("not ours"),
    FindingKind.RECORDING: N_("a recording"),
    FindingKind.OS_JUNK: N_("left by an operating system"),
    FindingKind.UNASSIGNED: N_("unassigned"),
    FindingKind.DISPLACED: N_("its player has another card"),
    FindingKind.STALE: N_("not the newest"),
    FindingKind.UNRECORDED: N_("was not recorded"),
    FindingKind.ROLLED_BACK: N_("rolled back"),
    FindingKind.CLONED: N_("cloned"),
    FindingKind.FORKED: N_("differs from the known release"),
    FindingKind.WITHDRAWN: N_("withdrawn"),
    FindingKind.EXPIRED: N_("may be given out no more"),
    FindingKind.UNVOUCHED: N_("nobody here vouches for it"),
}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong. A warning does not keep a card from being good."""

    kind: FindingKind
    message: str
    path: str = ""  # empty when it concerns the whole card
    warning: bool = False

    @property
    def source(self) -> FindingSource:
        """Whether the card alone shows it, or the registry was needed."""
        return self.kind.source
