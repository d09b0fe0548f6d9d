"""Approval decisions: the office approved or withdrew a release.

An approval is of one *manifest*: the audio, and also the title, the books with their last days, the series, the
sequence and the profile. A withdrawal is of a *content*, so a renamed copy of withdrawn audio stays withdrawn. The
decision with the highest step is in effect; of two concurrent decisions, the withdrawal.

A decision that was made through another registry is *claimed*: the file that brought it may be anybody's. A claimed
withdrawal holds, since holding a release back harms less than giving a wrong one out. A claimed approval counts for
nothing until somebody approves the release here, or an allowed key signed it (docs/decisions/trust.md). Which
decisions were made here is not exchanged, so a file cannot say it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

from packager.registry.column_types import CONTENT, DAY, IDENTITY, MOMENT, STEP, line, text
from packager.registry.database import Registry
from packager.registry.events import ReleaseRecord, next_step, require_identity
from packager.registry.row_kinds import Column, row_kind

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Verb(str, Enum):
    """The kinds of decision."""

    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Decision:
    """A decision about the release with the id `manifest`; a withdrawal is about all releases with `content`."""

    id: Annotated[str, Column("identity of the decision", IDENTITY)]
    step: Annotated[int, Column("orders the decisions about one content", STEP)]
    content: Annotated[str, Column("content id", CONTENT)]
    manifest: Annotated[str, Column("id of the manifest", IDENTITY)]
    release: Annotated[str, Column("name of the release", line(500))]
    series: Annotated[str, Column("its series", text(100))]
    sequence: Annotated[int, Column("its place in the series", STEP)]
    profile: Annotated[str, Column("its profile", text(200))]
    expires: Annotated[str, Column("last day on which it may be given out; empty: none", DAY)]
    decision: Annotated[Verb, Column("decision")]
    decided_by: Annotated[str, Column("responsible person in the office", line(1000))]
    reason: Annotated[str, Column("reason", line(10_000))]
    at: Annotated[str, Column("when, for people", MOMENT)]

    def __post_init__(self) -> None:
        require_identity(self.id)


DECISIONS = row_kind(
    Decision, "decisions", "A release was approved or withdrawn.", indexes=(("content", "step"),), decides=()
)


@dataclass(frozen=True)
class OwnDecision:
    """A decision that was made through this registry."""

    decision: Annotated[str, Column("identity of the decision", IDENTITY)]


OWN_DECISIONS = row_kind(
    OwnDecision,
    "own_decisions",
    "A decision that was made through this registry. The others are claimed.",
    key="decision",
    decides=(),
)


def record_decision(
    registry: Registry,
    about: ReleaseRecord,
    decision: Verb,
    *,
    decided_by: str,
    reason: str = "",
    also: Callable[[Connection, Decision], None] = lambda _connection, _decision: None,
) -> Decision:
    """Record a decision about a release, after all that are known about its content.

    `also` runs in the same transaction, as to record a signature.
    """
    from packager.registry.schema import decisions, own_decisions

    with registry.write() as connection:
        known = decisions_about(connection, about.content)
        made = Decision(
            id=registry.new_id(),
            step=next_step(*(one.step for one in known)),
            content=about.content,
            manifest=about.manifest,
            release=about.release,
            series=about.series,
            sequence=about.sequence,
            profile=about.profile,
            expires=about.expires,
            decision=decision,
            decided_by=decided_by,
            reason=reason,
            at=registry.now(),
        )
        connection.execute(decisions.insert().values(**DECISIONS.to_row(made)))
        connection.execute(own_decisions.insert().values(decision=made.id))
        also(connection, made)
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


def decisions_by_content(registry: Registry) -> dict[str, tuple[Decision, ...]]:
    """All decisions about each content, in their order."""
    return {content: tuple(about) for content, about in groupby(all_decisions(registry), key=lambda one: one.content)}


def made_here(connection: Connection) -> frozenset[str]:
    """The identities of the decisions that were made through this registry."""
    from packager.registry.schema import own_decisions

    return frozenset(connection.execute(own_decisions.select()).scalars())


def order_of(decision: Decision) -> tuple[int, bool, str]:
    """The sort key of decisions about one content."""
    return (decision.step, decision.decision is Verb.WITHDRAWN, decision.id)
