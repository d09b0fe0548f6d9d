"""Decisions about releases: written once, the last one holds, a withdrawal before an approval of one step."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from packager.base.manifest import Manifest
from packager.registry.approval import ReleasePolicy, ReleaseState, registry_vouching
from packager.registry.database import Registry
from packager.registry.decisions import Decision, Verb, all_decisions, decisions_about, order_of, record_decision
from packager.registry.releases import release_record
from packager.registry.signatures import Vouching

Make = Callable[..., Manifest]
CONTENT = "c" * 64
MANIFESTS = ("1" * 32, "2" * 32)
ANY = Vouching()


def policy(decisions: tuple[Decision, ...], vouching: Vouching = ANY) -> ReleasePolicy:
    about = tuple(sorted(decisions, key=order_of))
    return replace(FREE, decisions={CONTENT: about}, approval_required=vouching.approval_required, vouching=vouching)


FREE = ReleasePolicy({}, approval_required=False, today=date(2026, 11, 23))


def made(identity: str, verb: Verb, step: int = 1, manifest: str = MANIFESTS[0]) -> Decision:
    about = ("main-0001", "main", 1, "folders", "")
    return Decision(identity * 32, step, CONTENT, manifest, *about, verb, "党群办", "", "2026-11-23T08:00:00Z")


def test_the_last_decision_about_a_release_holds(registry: Registry, release: Make) -> None:
    one, other = (release_record(release(n, contents=(b"week %d" % n,))) for n in (1, 2))
    for verb in (Verb.APPROVED, Verb.WITHDRAWN, Verb.APPROVED):
        record_decision(registry, one, verb, decided_by="党群办")
    record_decision(registry, other, Verb.WITHDRAWN, decided_by="党群办", reason="错字")
    with registry.read() as connection:
        found = decisions_about(connection, one.content)
        vouching = registry_vouching(connection, registry, approval_required=True)
    assert [each.step for each in found] == [1, 2, 3]
    rules = replace(FREE, decisions={one.content: found}, approval_required=True, vouching=vouching)
    assert rules.state_of(one.content, one.manifest) is ReleaseState.APPROVED
    assert {each.content: each.reason for each in all_decisions(registry)} == {one.content: "", other.content: "错字"}


def test_without_a_decision_none_holds() -> None:
    assert policy(()).decision_on(CONTENT, MANIFESTS[0]) is None


def test_of_two_that_did_not_know_of_each_other_the_withdrawal_holds() -> None:
    pair = (made("f", Verb.APPROVED), made("0", Verb.WITHDRAWN))
    for order in itertools.permutations(pair):
        assert policy(order).decision_on(CONTENT, MANIFESTS[0]) == pair[1]


def test_a_withdrawal_is_of_the_audio_and_an_approval_of_the_manifest() -> None:
    rules = policy((made("a", Verb.WITHDRAWN), made("b", Verb.APPROVED, 2)))
    assert [rules.state_of(CONTENT, one) for one in MANIFESTS] == [ReleaseState.APPROVED, ReleaseState.WITHDRAWN]


events = st.lists(
    st.tuples(st.sampled_from(Verb), st.integers(1, 4), st.sampled_from(MANIFESTS), st.booleans()), max_size=8
)


@given(events)
def test_claimed_decisions_never_make_a_release_more_approved(drawn: list[tuple[Verb, int, str, bool]]) -> None:
    """With any claims on top, what is given out is given out without them too."""
    decisions = [(made(f"{n:x}", verb, step, manifest), own) for n, (verb, step, manifest, own) in enumerate(drawn)]
    strict = Vouching(approval_required=True, own=frozenset(one.id for one, own in decisions if own))
    own = policy(tuple(one for one, is_own in decisions if is_own), strict)
    with_claims = policy(tuple(one for one, _own in decisions), strict)
    for manifest in MANIFESTS:
        if with_claims.state_of(CONTENT, manifest) is ReleaseState.APPROVED:
            assert own.state_of(CONTENT, manifest) is ReleaseState.APPROVED
