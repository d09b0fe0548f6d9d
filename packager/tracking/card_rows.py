"""Rows of `loads`, `outcomes` and `audits`, and the events that they stand for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from packager.tracking.events import AuditRecord, LoadBegun, LoadEnded, Outcome, Place, Verdict
from packager.tracking.registry import understood

if TYPE_CHECKING:
    from sqlalchemy import Row


@understood()
def load_of_row(row: Row[Any]) -> LoadBegun:
    """The event in a row of `loads`."""
    return LoadBegun(**_nested(row))


@understood()
def outcome_of_row(row: Row[Any]) -> LoadEnded:
    """The event in a row of `outcomes`."""
    values = row._asdict()
    return LoadEnded(
        **{**values, "outcome": Outcome(values["outcome"]), "verified": bool(values["verified"])}
    )


@understood()
def audit_of_row(row: Row[Any]) -> AuditRecord:
    """The event in a row of `audits`."""
    values = _nested(row)
    values["verdict"] = Verdict(values["verdict"])
    values["findings"] = tuple(sorted(json.loads(values["findings"]).items()))
    return AuditRecord(**values)


def _nested(row: Row[Any]) -> dict[str, Any]:
    values = row._asdict()
    values["place"] = Place(values["place"], values.pop("step"))
    return values
