"""What may be given out: approved where that is required, not withdrawn, no last day over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from visit_kit import Visits, refused

from packager.base.errors import CardRefusedError, InputError
from packager.base.findings import FindingKind
from packager.base.manifest import Manifest
from packager.fleet.status import PlayerStatusKind, fleet
from packager.registry.approval import DistributionBan, ReleasePolicy, ReleaseState, objections, read_release_policy
from packager.registry.database import Registry
from packager.registry.decisions import Verb, record_decision
from packager.registry.events import Verdict
from packager.registry.releases import record_release, release_for_player, release_for_update, release_record
from packager.releases.store import StoredRelease
from packager.roster.handover import lose
from packager.visits.audit import AuditResult

Make = Callable[..., Manifest]
TODAY = date(2026, 11, 23)
STRICT = {"approval_required": True}


def decide(registry: Registry, manifest: Manifest, verb: Verb, reason: str = "") -> None:
    record_decision(registry, release_record(manifest), verb, decided_by="党群办", reason=reason)


def due(manifest: Manifest, until: str) -> Manifest:
    """The manifest with a last day for its first track."""
    first, *others = manifest.tracks
    return replace(manifest, tracks=(replace(first, expires=until), *others))


def contents(sequence: int) -> tuple[bytes, ...]:
    return (b"one", b"week %d" % sequence)


def test_a_release_is_a_draft_only_where_approval_is_required(registry: Registry, release: Make) -> None:
    made = release(1)
    for required, state in ((False, ReleaseState.BUILT), (True, ReleaseState.DRAFT)):
        assert read_release_policy(registry, approval_required=required).state_of(made.content_id, made.id) is state
    decide(registry, made, Verb.APPROVED)
    assert (
        read_release_policy(registry, approval_required=True).state_of(made.content_id, made.id)
        is ReleaseState.APPROVED
    )


def test_an_approval_is_of_what_was_listened_to_and_of_nothing_made_later(registry: Registry, release: Make) -> None:
    heard = release(1)
    decide(registry, heard, Verb.APPROVED)
    rules = read_release_policy(registry, approval_required=True)
    renamed = replace(heard, release="main-0009", sequence=9, title="另一个名字")
    altered = release(2, contents=(b"one", b"two", b"other"))
    assert rules.objection(heard) == ""
    assert "draft" in rules.objection(renamed)
    assert "draft" in rules.objection(replace(altered, release=heard.release, sequence=heard.sequence))


def test_a_withdrawn_release_is_banned_whether_approval_is_required_or_not(registry: Registry, release: Make) -> None:
    made = release(1)
    decide(registry, made, Verb.APPROVED)
    decide(registry, made, Verb.WITHDRAWN, "第三集念错了")
    for required in (False, True):
        rules = read_release_policy(registry, approval_required=required)
        assert rules.ban_of(made.content_id, made.id, "") is DistributionBan.WITHDRAWN
        assert "第三集念错了" in rules.objection(made)


@pytest.mark.parametrize(
    ("today", "bar"),
    [
        (date(2027, 3, 31), None),
        (date(2027, 4, 1), DistributionBan.EXPIRED),
        (date(2030, 1, 1), DistributionBan.EXPIRED),
    ],
)
def test_a_release_is_barred_from_the_day_after_its_last(
    release: Make, today: date, bar: DistributionBan | None
) -> None:
    made = due(release(1), "2027-03-31")
    rules = ReleasePolicy({}, approval_required=False, today=today)
    assert rules.ban_of(made.content_id, made.id, made.expires) is bar
    assert ("《本周学习》 (until 2027-03-31)" in rules.objection(made)) is (bar is not None)


def test_what_may_not_be_given_out_is_refused_before_the_card_is_touched(visits: Visits) -> None:
    made = visits.release(1)
    refused(visits, InputError, "is a draft", lambda: visits.load(made, **STRICT))
    decide(visits.registry, made, Verb.APPROVED)
    assert visits.load(made, **STRICT).load is not None
    decide(visits.registry, made, Verb.WITHDRAWN, "错字")
    refused(visits, InputError, "withdrawn.*错字", lambda: visits.load(made, card="card 2", player="P002"))
    refused(visits, InputError, "withdrawn.*错字", lambda: visits.load(made))
    refused(visits, InputError, "withdrawn.*错字", visits.update)


def test_a_release_is_refused_when_a_last_day_is_over_by_the_registrys_clock(visits: Visits, tmp_path: Path) -> None:
    made = due(visits.release(1), "2026-11-22")
    (tmp_path / "releases" / "main-0001" / "folders" / "manifest.json").write_bytes(made.to_bytes())
    refused(visits, InputError, "until 2026-11-22", lambda: visits.load(made))


def test_an_update_passes_over_drafts_and_what_was_withdrawn(visits: Visits) -> None:
    first, second, third, fourth = (visits.release(n, contents=contents(n)) for n in (1, 2, 3, 4))
    for made in (first, second, third):
        decide(visits.registry, made, Verb.APPROVED)
    visits.load(first, **STRICT)
    decide(visits.registry, third, Verb.WITHDRAWN, "错字")
    result = visits.update(**STRICT)
    assert result.release == second
    assert [objection.split(" ")[0] for objection in result.passed_over] == ["'main-0004'", "'main-0003'"]
    assert visits.update().release == fourth  # where approval is not required


def test_an_update_stays_where_all_that_is_newer_is_a_draft(visits: Visits) -> None:
    first, _second = (visits.release(n, contents=contents(n)) for n in (1, 2))
    decide(visits.registry, first, Verb.APPROVED)
    visits.load(first, **STRICT)
    result = visits.update(**STRICT)
    assert result.release == first
    assert not result.plan.changes_tracks


def test_going_back_from_a_withdrawn_release_is_explained_and_asked_for(visits: Visits) -> None:
    first, second = (visits.release(n, contents=contents(n)) for n in (1, 2))
    visits.load(second)
    decide(visits.registry, second, Verb.WITHDRAWN, "错字")
    words = r"(?s)'main-0002' was withdrawn on 2026-11-23: 错字.*'main-0001'.*--downgrade"
    refused(visits, CardRefusedError, words, visits.update)
    result = visits.update(overrides=overrides(downgrade=True))
    assert result.release == first
    assert result.load is not None


def overrides(**options: bool) -> Any:
    from packager.visits.load_guards import LoadOverrides

    return LoadOverrides(**options)


def test_a_card_goes_on_from_a_withdrawn_release_to_a_newer_one(visits: Visits) -> None:
    first, second = (visits.release(n, contents=contents(n)) for n in (1, 2))
    visits.load(first)
    decide(visits.registry, first, Verb.WITHDRAWN)
    assert visits.update().release == second


def stored(manifest: Manifest) -> StoredRelease:
    return StoredRelease(Path(manifest.release), manifest)


def test_a_card_that_is_newer_than_all_that_may_be_given_out_stays_what_it_is(release: Make) -> None:
    on_card, draft, old = (release(n, contents=contents(n)) for n in (5, 6, 4))
    rules = ReleasePolicy({}, approval_required=False, today=TODAY)
    late = stored(due(draft, "2026-11-22"))
    with pytest.raises(InputError, match=r"(?s)may be given out.*main-0006.*until 2026-11-22"):
        release_for_update([late, stored(old)], on_card, rules=rules)
    assert release_for_update([late, stored(old), stored(on_card)], on_card, rules=rules) == stored(on_card)


def test_a_new_card_gets_the_newest_that_may_be_given_out(release: Make) -> None:
    first, second = (release(n, contents=contents(n)) for n in (1, 2))
    rules = ReleasePolicy({}, approval_required=False, today=TODAY)
    late = stored(due(second, "2026-11-22"))
    assert release_for_player([stored(first), late], "main", "folders", rules=rules) == stored(first)
    assert [one[:11] for one in objections(rules, [stored(first), late])] == ["'main-0002'"]
    with pytest.raises(InputError, match=r"(?s)may be given out.*main-0002"):
        release_for_player([late], "main", "folders", rules=rules)
    with pytest.raises(InputError, match="no release of series main for the profile keypad"):
        release_for_player([stored(first)], "main", "keypad", rules=rules)


def test_nobody_is_behind_what_may_not_be_given_out(visits: Visits) -> None:
    first, second = (visits.release(n, contents=contents(n)) for n in (1, 2))
    visits.load(first)
    record_release(visits.registry, second)
    assert [status.behind for status in fleet(visits.registry)] == [1, 0]
    decide(visits.registry, first, Verb.APPROVED)
    (held, _other) = fleet(visits.registry, approval_required=True)
    assert (held.kind, held.behind) == (PlayerStatusKind.CURRENT, 0)
    decide(visits.registry, second, Verb.APPROVED)
    assert fleet(visits.registry, approval_required=True)[0].behind == 1
    decide(visits.registry, second, Verb.WITHDRAWN)
    assert fleet(visits.registry)[0].behind == 0


def test_who_holds_what_was_withdrawn_needs_a_visit(visits: Visits) -> None:
    made = visits.release(1)
    visits.load(made)
    before, other = fleet(visits.registry)
    assert (before.recall, before.needs_action) == (None, False)
    decide(visits.registry, made, Verb.WITHDRAWN)
    after, _other = fleet(visits.registry)
    assert (after.kind, after.recall, after.needs_action) == (
        PlayerStatusKind.RECALLED,
        DistributionBan.WITHDRAWN,
        True,
    )
    assert other.recall is None
    lose(visits.registry, "P001")
    lost = fleet(visits.registry)[0]
    assert (lost.recall, lost.needs_action) == (DistributionBan.WITHDRAWN, False)


def test_who_holds_what_is_over_needs_a_visit(visits: Visits, tmp_path: Path) -> None:
    made = due(visits.release(1), "2026-11-23")
    (tmp_path / "releases" / "main-0001" / "folders" / "manifest.json").write_bytes(made.to_bytes())
    visits.load(made)
    assert fleet(visits.registry)[0].recall is None
    tomorrow = replace(visits.registry, clock=lambda: datetime(2026, 11, 24, 12, tzinfo=timezone.utc))
    status = fleet(tomorrow)[0]
    assert (status.recall, status.needs_action) == (DistributionBan.EXPIRED, True)


def test_the_audit_of_a_card_finds_what_has_to_be_taken_back(visits: Visits) -> None:
    made = visits.release(1)
    visits.load(made)
    assert visits.audit().result is AuditResult.GOOD
    decide(visits.registry, made, Verb.WITHDRAWN, "第三集念错了")
    seen = visits.audit()
    assert [found.kind for found in seen.findings] == [FindingKind.WITHDRAWN]
    assert "第三集念错了" in seen.findings[0].message
    assert seen.result is AuditResult.DOUBTFUL
    assert seen.verdict is Verdict.GOOD
