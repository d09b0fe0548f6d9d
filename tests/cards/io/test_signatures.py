"""The signature beside a manifest: written with it, kept with it, and never in the way of a load."""

from __future__ import annotations

from dataclasses import replace

import pytest
from card_kit import FailingMedium, PowerCutError, audit, card_on, load, plan_of
from fat_model import ModelCard
from two_weeks import WEEK_2, of_model

from packager.cards.plan.plan import plan_load
from packager.cards.plan.state_slots import MAX_SIGNATURE_BYTES, manifest_path, signature_path

FIRST, SECOND = b"signature of the first week", b"signature of the second week"


def signatures_on(card: ModelCard) -> dict[str, bytes]:
    return {path: data for path, data in card.files.items() if path.endswith(".minisig")}


@pytest.mark.parametrize("partly", [False, True])
def test_after_a_power_cut_at_any_operation_the_signature_is_that_of_the_release(weeks, partly) -> None:
    def fresh() -> ModelCard:
        card = ModelCard()
        load(card, *weeks[0], signature=FIRST)
        return card

    counting = FailingMedium(fresh(), fail_at=-1)
    load(counting, *weeks[1], signature=SECOND)
    for cut in range(counting.operations):
        card = fresh()
        with pytest.raises(PowerCutError):
            load(FailingMedium(card, fail_at=cut, partly=partly), *weeks[1], signature=SECOND)
        seen = audit(card)
        if seen.is_good:
            # A torn signature vouches for nothing; it is never that of another release.
            true = FIRST if seen.manifest == weeks[0][0] else SECOND
            assert true.startswith(seen.signature), f"cut at {cut}"
        load(card, *weeks[1], signature=SECOND)
        assert of_model(card) == WEEK_2
        assert audit(card).signature == SECOND
        assert signatures_on(card) == {signature_path(weeks[1][0].id): SECOND}, f"cut at {cut}"


def test_a_load_that_knows_no_signature_keeps_that_on_the_card(weeks) -> None:
    card = ModelCard()
    load(card, *weeks[0], signature=FIRST)
    load(card, *weeks[0])
    assert audit(card).signature == FIRST
    load(card, *weeks[1])
    assert signatures_on(card) == {}


def test_an_altered_signature_is_written_again(weeks) -> None:
    card = ModelCard()
    load(card, *weeks[0], signature=FIRST)
    card.files[signature_path(weeks[0][0].id)] = b"altered"
    load(card, *weeks[0], signature=FIRST)
    assert audit(card).signature == FIRST


def test_a_signature_beyond_all_measure_is_not_read(weeks) -> None:
    card = ModelCard()
    load(card, *weeks[0], signature=FIRST)
    card.files[signature_path(weeks[0][0].id)] = b"x" * (MAX_SIGNATURE_BYTES + 1)
    assert audit(card).signature == b""


def test_the_space_of_a_signature_is_counted(weeks) -> None:
    manifest = weeks[0][0]
    card = card_on(ModelCard())
    without = plan_of(card, manifest).space.least
    snapshot = card.snapshot
    with_one = plan_load(replace(snapshot, surveyed=True), manifest, signature=FIRST).space.least
    assert without - with_one >= snapshot.allocation_unit
    assert manifest_path(manifest.id) != signature_path(manifest.id)
