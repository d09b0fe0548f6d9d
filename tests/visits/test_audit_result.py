"""What an audit came to: verdict, result and exit code agree for every combination of findings."""

from __future__ import annotations

from itertools import chain, combinations, product

import pytest

from packager.base.findings import Finding, FindingKind, FindingSource
from packager.cards import CardAudit, Verification
from packager.cli.cards._audit_card import _RESULTS
from packager.registry.events import Verdict
from packager.visits.audit import CAUSED_BY_OTHERS, MENDED_BY_UPDATE, AuditResult, AuditVisit, audit_verdict

KINDS = {source: [kind for kind in FindingKind if kind.source is source] for source in FindingSource}


def findings_of(source: FindingSource) -> list[tuple[Finding, ...]]:
    """Every set of findings of one source: each kind absent, a warning, or more; of many kinds up to three."""
    single = [[Finding(kind, "words", warning=warning) for warning in (True, False)] for kind in KINDS[source]]
    found = []
    for chosen in chain.from_iterable(combinations(single, count) for count in range(4)):
        found += [*product(*chosen)]
    everything = tuple(Finding(kind, "words") for kind in KINDS[source])
    return [*found, everything]


@pytest.mark.parametrize("verification", [Verification.NAMES, Verification.HASHES, Verification.HASHES_PAST_CACHE])
def test_for_every_combination_of_findings_the_result_is_good_if_and_only_if_nothing_has_to_be_done(
    verification: Verification,
) -> None:
    of_the_card, of_the_registry = findings_of(FindingSource.CARD), findings_of(FindingSource.REGISTRY)
    few = [found for found in of_the_card if len(found) < 2], [found for found in of_the_registry if len(found) < 2]
    for on_card, recorded in chain(product(of_the_card, few[1]), product(few[0], of_the_registry)):
        card = CardAudit("c", None, None, on_card, (), verification)
        visit = AuditVisit(card, "P001", (*on_card, *recorded), 0)
        acts = [finding for finding in visit.findings if not finding.warning]
        assert (visit.result is AuditResult.GOOD) == (not acts and verification is not Verification.NAMES)
        faults = {finding.kind for finding in on_card if not finding.warning}
        if faults - MENDED_BY_UPDATE - CAUSED_BY_OTHERS:
            assert visit.result in (AuditResult.DAMAGED, AuditResult.UNFINISHED)
        elif acts:
            assert visit.result is AuditResult.DOUBTFUL
        assert (audit_verdict(card) is Verdict.GOOD) == card.is_good


def test_every_result_has_words_of_its_own_and_every_verdict_is_a_result() -> None:
    assert set(_RESULTS) == set(AuditResult)
    assert len(set(_RESULTS.values())) == len(AuditResult)
    assert {verdict.value for verdict in Verdict} <= {result.value for result in AuditResult}
