"""Approval decisions: the office approved or withdrew a release.

Decisions are events about a *content*, so a release that was renamed or unpacked elsewhere keeps them. The
decision with the highest step is in effect; of two concurrent decisions, the withdrawal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Annotated

from packager.registry.column_types import CONTENT, IDENTITY, MOMENT, STEP, line
from packager.registry.database import Registry
from packager.registry.events import next_step, require_identity
from packager.registry.row_kinds import Column, row_kind

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Verb(str, Enum):
    """The kinds of decision."""

    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Decision:
    """A decision about the release with the content id `content`."""

    id: Annotated[str, Column("identity of the decision", IDENTITY)]
    step: Annotated[int, Column("orders the decisions about one content", STEP)]
    content: Annotated[str, Column("content id", CONTENT)]
    release: Annotated[str, Column("name of the release, for people", line(500))]
    decision: Annotated[Verb, Column("decision")]
    decided_by: Annotated[str, Column("responsible person in the office", line(1000))]
    reason: Annotated[str, Column("reason", line(10_000))]
    at: Annotated[str, Column("when, for people", MOMENT)]

    def __post_init__(self) -> None:
        require_identity(self.id)


DECISIONS = row_kind(
    Decision, "decisions", "A release was approved or withdrawn.", indexes=(("content", "step"),), decides=()
)


def record_decision(
    registry: Registry, *, content: str, release: str, decision: Verb, decided_by: str, reason: str = ""
) -> Decision:
    """Record a decision after all that are known about this content."""
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
        connection.execute(decisions.insert().values(**DECISIONS.to_row(made)))
    return made


def decisions_about(connection: Connection, content: str) -> tuple[Decision, ...]:
    """All decisions about a content, in their order."""
    from packager.registry.schema import decisions

    rows = connection.execute(decisions.select().where(decisions.c.content == content))
    return tuple(sorted(map(DECISIONS.of_row, rows), key=order_of))


def all_decisions(registry: Registry) -> tuple[Decision, ...]:
    """All decisions, by content and then in their order."""
    from packager.registry.schema import decisions

    with registry.read() as connection:
        found = map(DECISIONS.of_row, connection.execute(decisions.select()))
        return tuple(sorted(found, key=lambda one: (one.content, *order_of(one))))


def effective_decision(decisions: Iterable[Decision]) -> Decision | None:
    """The decision in effect among those about one content, or None. Pure."""
    return max(decisions, key=order_of, default=None)


def order_of(decision: Decision) -> tuple[int, bool, str]:
    """The sort key of decisions about one content."""
    return (decision.step, decision.decision is Verb.WITHDRAWN, decision.id)
