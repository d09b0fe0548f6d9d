"""Signs of a damaged file system: a card that shows one is not written before it was checked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from card_kit import audit, card_on, load, make_release, manifest_of, plan_of, sound
from fat_model import ModelCard
from snapshots import snapshot_of, updating

from packager.base.errors import NeedsCheckError
from packager.base.findings import FindingKind
from packager.base.manifest import Manifest
from packager.cards.filesystem import EntryFacts
from packager.cards.io.survey import survey
from packager.cards.plan.damage import signs_of_damage
from packager.cards.plan.plan import plan_load
from packager.cards.plan.state_slots import IDENTITY_PATH, SLOT_PATHS, manifest_path, may_be_torn_slot

FILES = {f"0{shelf}/00{n}.mp3": sound(f"{shelf}.{n}", 5000) for shelf in (1, 2) for n in (1, 2, 3)}


@pytest.fixture
def release(tmp_path) -> Manifest:
    return make_release(tmp_path / "release", FILES)


@pytest.fixture
def card(tmp_path, release) -> ModelCard:
    made = ModelCard()
    load(made, release, tmp_path / "release")
    made.create("fill.bin", [sound("own", 9000)])
    made.barrier()
    return made


def require_check(card: ModelCard, release: Manifest, words: str, *, lifted: bool) -> None:
    """A load is refused with these words, an audit tells them, and `--repair` lifts them if that is safe."""
    before = dict(card.files)
    with pytest.raises(NeedsCheckError, match=words):
        plan_of(card_on(card), release)
    seen = audit(card)
    assert not seen.is_good
    assert FindingKind.NEEDS_CHECK in [finding.kind for finding in seen.findings]
    if lifted:
        plan_of(card_on(card), release, repair=True)
    else:
        with pytest.raises(NeedsCheckError, match=words):
            plan_of(card_on(card), release, repair=True)
    assert card.files == before


def test_a_whole_card_shows_no_sign(card, release) -> None:
    assert list(signs_of_damage(survey(card_on(card), release))) == []
    assert audit(card).is_good


def test_a_manifest_with_the_content_of_a_listeners_file_needs_a_check(card, release) -> None:
    path = manifest_path(release.id)
    card.files[path] = sound("own", 9000)[: len(card.files[path])]
    require_check(card, release, rf"{path} has the content of another file", lifted=True)


def test_an_identity_with_foreign_content_needs_a_check(card, release) -> None:
    card.files[IDENTITY_PATH] = b"shopping list"
    require_check(card, release, r"card\.json has the content of another file", lifted=True)


def test_a_slot_with_foreign_content_needs_a_check_and_a_torn_or_an_empty_one_does_not(card, release) -> None:
    older = card_on(card).slots.older_path
    newer = next(path for path in SLOT_PATHS if path != older)
    whole = card.files[newer]
    for torn in (bytes(512), whole[:256] + bytes(256), bytes(256) + whole[256:], card.files[older][:256] + whole[256:]):
        card.files[older] = torn
        assert list(signs_of_damage(card_on(card).snapshot)) == []
    for foreign in (sound("own", 512), b"a list of\n" * 51 + b"\n\n", whole[:256] + sound("own", 256)):
        card.files[older] = foreign
        require_check(card, release, r"state\.. has the content of another file", lifted=True)


@pytest.mark.parametrize(("first", "last", "torn"), [
    (b'{"checksum":"'.ljust(256, b"x"), b" \n".rjust(256), True),
    (b'{"checksum":"'.ljust(256, b"x"), b"}\n".rjust(256), True),
    (b'{"checksum":"'.ljust(256, b"\xff"), b" \n".rjust(256), False),
    (bytes(256), bytes(255) + b"x", False),
])  # fmt: skip
def test_a_torn_slot_has_the_beginning_or_the_end_of_a_state(first: bytes, last: bytes, torn: bool) -> None:
    assert may_be_torn_slot(first + last) is torn


def test_files_that_take_more_clusters_than_are_in_use_need_a_check(card, release) -> None:
    used = card.used_space()
    card.used_space = lambda: used - card.allocation_unit
    assert list(signs_of_damage(card_on(card).snapshot)) != []
    require_check(card, release, "counts only", lifted=False)


def test_clusters_that_no_file_has_are_no_sign(card, release) -> None:
    used = card.used_space()
    card.used_space = lambda: used + 100 * card.allocation_unit
    plan_of(card_on(card), release)


def test_two_files_that_begin_in_one_cluster_need_a_check(card, release) -> None:
    clusters = {path: number for number, path in enumerate(card.files, start=5)}
    clusters["fill.bin"] = clusters["02/002.mp3"]
    card.facts_of = lambda path: EntryFacts(first_cluster=clusters.get(path))
    require_check(card, release, r"02/002\.mp3 and fill\.bin begin in the same cluster", lifted=False)


def test_a_dirty_mark_needs_a_check_unless_a_load_of_ours_was_interrupted(card, release) -> None:
    card.is_marked_dirty = True
    require_check(card, release, "not properly removed", lifted=True)
    snapshot = survey(card_on(card), release)
    assert list(signs_of_damage(replace(snapshot, state=None))) == []


def test_the_refusal_names_the_command_that_checks_this_card(card, release) -> None:
    card.is_marked_dirty = True
    card.check_command = "chkdsk E: /F"
    with pytest.raises(NeedsCheckError, match=r"with: chkdsk E: /F - then .*\n.*add --repair"):
        plan_load(survey(card_on(card), release), release)


@pytest.mark.parametrize(("size", "signs"), [(30_000, 1), (20_000, 0)])
def test_after_an_interruption_a_foreign_file_larger_than_all_that_is_in_use_is_a_sign(size: int, signs: int) -> None:
    tracks = {"01/001.mp3": bytes(5000), "01/002.mp3": bytes(5000)}
    manifest = manifest_of(tracks)
    held = snapshot_of({**tracks, "01/x.1": bytes(size)}, updating(manifest), [manifest], used_space=15_000)
    found = [sign.message for sign in signs_of_damage(held)]
    assert found == ["01/x.1 is larger than all that is in use on the card"] * signs
