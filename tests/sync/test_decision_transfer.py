"""Decisions that come with an archive: taken over once, and refused when they tell another story."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from packager.base.errors import DocumentError, InputError
from packager.base.formats import canonical_json
from packager.base.manifest import Manifest
from packager.registry.database import Registry
from packager.registry.decisions import Decision, Verb, all_decisions, record_decision
from packager.registry.releases import record_release, recorded_releases, release_record
from packager.registry.signatures import DecisionSignature, signature_id
from packager.sync.decision_transfer import pack_decisions, read_decisions, read_trust, take_over

Make = Callable[..., Manifest]


@pytest.fixture
def packed(registry: Registry, release: Make) -> tuple[Manifest, bytes]:
    """A release that was approved and withdrawn in the registry, and its decisions as they travel."""
    made = release(1)
    for verb in (Verb.APPROVED, Verb.WITHDRAWN):
        record_decision(registry, release_record(made), verb, decided_by="党群办", reason="错字")
    return made, pack_decisions(registry, made).decisions


def test_what_was_decided_arrives_as_it_was(registry: Registry, packed: tuple[Manifest, bytes]) -> None:
    manifest, data = packed
    found = read_decisions(data, manifest, "here")
    assert found == all_decisions(registry)
    for _time in range(2):
        take_over(registry, manifest, found)
    assert all_decisions(registry) == found
    assert [one.release for one in recorded_releases(registry)] == ["main-0001"]


@pytest.mark.parametrize(
    "change",
    [
        {"id": "x"},
        {"id": "A" * 32},
        {"step": 0},
        {"step": 1.0},
        {"step": True},
        {"step": 10**30},
        {"content": "c" * 64},
        {"manifest": "c" * 32},
        {"manifest": None},
        {"sequence": 0},
        {"expires": "soon"},
        {"decision": "praised"},
        {"decision": ["approved"]},
        {"decided_by": 7},
        {"decided_by": "x" * 1001},
        {"reason": "a\nb"},
        {"reason": "\u202e"},
        {"release": None},
        {"at": "yesterday"},
        {"at": "2026-11-23"},
        {"more": 1},
    ],
)
def test_what_is_never_packed_is_refused(packed: tuple[Manifest, bytes], change: dict[str, Any]) -> None:
    manifest, data = packed
    values = json.loads(data)
    values[0] = values[0] | change
    with pytest.raises(DocumentError, match="no decisions about 'main-0001'"):
        read_decisions(canonical_json(values), manifest, "here")


def test_one_decision_twice_or_a_thousand_are_refused(packed: tuple[Manifest, bytes]) -> None:
    manifest, data = packed
    first = json.loads(data)[0]
    many = [first | {"id": f"{number:032x}"} for number in range(1001)]
    for values in ([first, first], many):
        with pytest.raises(DocumentError):
            read_decisions(canonical_json(values), manifest, "here")
    assert len(read_decisions(canonical_json(many[:1000]), manifest, "here")) == 1000


def test_a_decision_that_is_known_otherwise_is_refused_with_nothing_recorded(
    registry: Registry, packed: tuple[Manifest, bytes], release: Make
) -> None:
    manifest, data = packed
    before = all_decisions(registry)
    first = json.loads(data)[0]
    new = first | {"id": "f" * 32, "step": 9}
    with pytest.raises(InputError, match="differs from the one in this registry"):
        lying = canonical_json([new, first | {"reason": "another"}])
        take_over(registry, manifest, read_decisions(lying, manifest, "here"))
    record_release(registry, release(1, contents=(b"other",)))
    with pytest.raises(InputError, match="same sequence"):
        take_over(registry, manifest, read_decisions(canonical_json([new]), manifest, "here"))
    assert all_decisions(registry) == before


def claimed(manifest: Manifest, count: int, reason: str) -> list[Decision]:
    """Withdrawals that came with a file of somebody else."""
    about = release_record(manifest)
    of_release = {name: getattr(about, name) for name in ("content", "manifest", "release", "series", "sequence")}
    return [
        Decision(
            f"{number + 10**9:032x}",
            1,
            **of_release,
            profile=about.profile,
            expires="",
            decision=Verb.WITHDRAWN,
            decided_by="街道办",
            reason=reason,
            at="2026-11-23T08:00:00Z",
        )
        for number in range(count)
    ]


@pytest.mark.parametrize(("count", "reason"), [(130, "错" * 9000), (1001, "错")])
def test_claimed_decisions_that_no_archive_can_hold_are_left_out(
    registry: Registry, packed: tuple[Manifest, bytes], count: int, reason: str
) -> None:
    manifest, own = packed
    take_over(registry, manifest, claimed(manifest, 3, reason))
    few = pack_decisions(registry, manifest)
    assert few.left_out == 0 and len(read_decisions(few.decisions, manifest, "here")) == 5
    take_over(registry, manifest, claimed(manifest, count, reason))
    many = pack_decisions(registry, manifest)
    assert many.left_out == count and many.decisions == own
    assert read_decisions(many.decisions, manifest, "here")


def test_signatures_that_no_archive_can_hold_are_left_out(registry: Registry, packed: tuple[Manifest, bytes]) -> None:
    manifest, data = packed
    (first, *_others) = read_decisions(data, manifest, "here")
    false = [DecisionSignature(signature_id(first.id, text, ""), first.id, text, "") for text in map(str, range(3001))]
    take_over(registry, manifest, (), false)
    assert read_trust(pack_decisions(registry, manifest).trust, [first], "here") == (None, ())
