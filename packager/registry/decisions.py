"""What the office decided of a release: approved, or withdrawn. Only written and read here.

Decisions are events about a *content*, so that a release that was renamed or unpacked elsewhere is the same.
The one with the highest step holds; of two that did not know of each other, a withdrawal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from packager.registry.database import Registry
from packager.registry.events import next_step, require_identity
from packager.registry.row_errors import understood

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row


class Verb(str, Enum):
    """What can be decided."""

    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Decision:
    """A decision about the release with the content id `content` (64 hexadecimal digits)."""

    id: str
    step: int
    content: str
    release: str  # its name, for people
    decision: Verb
    decided_by: str
    reason: str
    at: str  # UTC, for people

    def __post_init__(self) -> None:
        require_identity(self.id)


def record_decision(
    registry: Registry, *, content: str, release: str, decision: Verb, decided_by: str, reason: str = ""
) -> Decision:
    """Record a decision, after all that are known about this content."""
    from packager.registry.schema import decisions

    with registry.write() as connection:
        known = decisions_about(connection, content)
        made = Decision(
            id=registry.new_id(),
            step=next_step(*(one.step for one in known)),
            content=content,
            release=release,
            decision=decision,
            decided_by=decided_by,
            reason=reason,
            at=registry.now(),
        )
        connection.execute(decisions.insert().values(**{**asdict(made), "decision": decision.value}))
    return made


def decisions_about(connection: Connection, content: str) -> tuple[Decision, ...]:
    """All decisions about a content, in their order."""
    from packager.registry.schema import decisions

    rows = connection.execute(decisions.select().where(decisions.c.content == content))
    return tuple(sorted(map(decision_of_row, rows), key=order_of))


def all_decisions(registry: Registry) -> tuple[Decision, ...]:
    """All decisions, by content and then in their order."""
    from packager.registry.schema import decisions

    with registry.read() as connection:
        found = map(decision_of_row, connection.execute(decisions.select()))
        return tuple(sorted(found, key=lambda one: (one.content, *order_of(one))))


def standing_decision(decisions: Iterable[Decision]) -> Decision | None:
    """Of the decisions about one content the one that holds, if there is one. Pure."""
    return max(decisions, key=order_of, default=None)


def order_of(decision: Decision) -> tuple[int, bool, str]:
    """What the decisions about one content are ordered by."""
    return (decision.step, decision.decision is Verb.WITHDRAWN, decision.id)


@understood()
def decision_of_row(row: Row[Any]) -> Decision:
    """The decision in a row of `decisions`."""
    values = row._asdict()
    return Decision(**{**values, "decision": Verb(values["decision"])})
