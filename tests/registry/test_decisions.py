"""Decisions about releases: written once, the last one holds, a withdrawal before an approval of one step."""

from __future__ import annotations

import itertools

from packager.registry.database import Registry
from packager.registry.decisions import (
    Decision,
    Verb,
    all_decisions,
    decisions_about,
    effective_decision,
    record_decision,
)

CONTENT, OTHER = "c" * 64, "d" * 64


def test_the_last_decision_about_a_content_holds(registry: Registry) -> None:
    for verb in (Verb.APPROVED, Verb.WITHDRAWN, Verb.APPROVED):
        record_decision(registry, content=CONTENT, release="main-0001", decision=verb, decided_by="党群办")
    record_decision(
        registry, content=OTHER, release="main-0002", decision=Verb.WITHDRAWN, decided_by="党群办", reason="错字"
    )
    with registry.read() as connection:
        found = decisions_about(connection, CONTENT)
    assert [one.step for one in found] == [1, 2, 3]
    effective = effective_decision(found)
    assert effective is not None and effective.decision is Verb.APPROVED
    assert [one.content for one in all_decisions(registry)] == [CONTENT] * 3 + [OTHER]
    assert all_decisions(registry)[-1].reason == "错字"


def test_without_a_decision_none_holds(registry: Registry) -> None:
    with registry.read() as connection:
        assert effective_decision(decisions_about(connection, CONTENT)) is None


def test_of_two_that_did_not_know_of_each_other_the_withdrawal_holds() -> None:
    def made(identity: str, verb: Verb) -> Decision:
        return Decision(identity * 32, 1, CONTENT, "main-0001", verb, "", "", "")

    pair = (made("f", Verb.APPROVED), made("0", Verb.WITHDRAWN))
    for order in itertools.permutations(pair):
        assert effective_decision(order) == pair[1]
