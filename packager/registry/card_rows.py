"""Rows of `loads`, `outcomes` and `audits`, and the events that they stand for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from packager.registry.events import AuditRecord, LoadBegun, LoadEnded, LoadOutcome, LogicalTime, Verdict
from packager.registry.row_errors import understood

if TYPE_CHECKING:
    from collections.abc import Sequence


@understood()
def load_of_row(row: Sequence[Any]) -> LoadBegun:
    """The event in a row of `loads`, with its columns in their order: there are millions of them."""
    identity, parent, card, counter, place, step, player, manifest, at = row
    return LoadBegun(identity, parent, card, counter, LogicalTime(place, step), player, manifest, at)


@understood()
def outcome_of_row(row: Sequence[Any]) -> LoadEnded:
    """The event in a row of `outcomes`, with its columns in their order."""
    load, outcome, counter, verification, verified, reason, at = row
    return LoadEnded(load, LoadOutcome(outcome), counter, verification, bool(verified), reason, at)


@understood()
def audit_of_row(row: Sequence[Any]) -> AuditRecord:
    """The event in a row of `audits`, with its columns in their order."""
    identity, card, counter, place, step, load, manifest, verification, verdict, findings, at = row
    found = tuple(sorted(json.loads(findings).items()))
    where = LogicalTime(place, step)
    return AuditRecord(identity, card, counter, where, load, manifest, verification, Verdict(verdict), found, at)
