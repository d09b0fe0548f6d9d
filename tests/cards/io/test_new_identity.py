"""A copy of a card gets an identity of its own: the power may fail at every operation of that."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path

import pytest
from card_kit import (
    NOW,
    FailingMedium,
    PowerCutError,
    audit,
    card_on,
    files_of,
    folder_card,
    load,
    make_release,
    plan_of,
    sound,
)

from packager.base.manifest import Manifest
from packager.cards import CardFS, LoadResult, apply_load
from packager.cards.io.card import CardAccess, is_unchanged, with_new_identity
from packager.cards.io.find_cards import clones
from packager.cards.plan.state_slots import IDENTITY_PATH, CardIdentity
from packager.cards.platform.volumes import Volume

OLD = {f"01/{n:03}.mp3": sound(f"old {n}") for n in range(1, 4)}
NEW = {**OLD, "01/002.mp3": sound("new"), "01/004.mp3": sound("more")}


def load_as_new(fs: CardFS, manifest: Manifest, folder: Path) -> LoadResult:
    card = with_new_identity(card_on(fs), CardAccess(clock=lambda: NOW))
    return apply_load(card, plan_of(card, manifest), folder, load_id=str(uuid.uuid4()))


@pytest.fixture
def copied(tmp_path: Path) -> tuple[Path, Manifest]:
    """A card with last week's release, and this week's release."""
    old = make_release(tmp_path / "old", OLD)
    load(folder_card(tmp_path / "card"), old, tmp_path / "old")
    return tmp_path / "card", make_release(tmp_path / "new", NEW, sequence=2)


@pytest.mark.exhaustive
def test_a_new_identity_cut_at_every_operation_ends_in_one_whole_card(tmp_path, copied) -> None:
    original, manifest = copied
    first = card_on(folder_card(original)).identity
    counting = FailingMedium(folder_card(tmp_path / "count"), fail_at=-1)
    shutil.copytree(original, tmp_path / "count", dirs_exist_ok=True)
    load_as_new(counting, manifest, tmp_path / "new")
    assert card_on(counting).identity != first
    for cut in range(counting.operations):
        root = tmp_path / f"card-{cut}"
        shutil.copytree(original, root)
        fs = folder_card(root)
        with pytest.raises(PowerCutError):
            load_as_new(FailingMedium(fs, fail_at=cut, partly=True), manifest, tmp_path / "new")
        seen = audit(fs)
        if seen.is_good:
            assert seen.manifest is not None
            assert files_of(root) == (OLD if seen.manifest.sequence == 1 else NEW)
        result = load_as_new(fs, manifest, tmp_path / "new")
        assert card_on(fs, claim=False).identity.id == result.card != first.id
        assert files_of(root) == NEW
        assert audit(fs).is_good


def test_a_card_that_was_swapped_before_its_new_identity_is_written_is_not_changed(tmp_path, copied) -> None:
    original, _manifest = copied
    card = with_new_identity(card_on(folder_card(original)), CardAccess(clock=lambda: NOW))
    assert is_unchanged(card, [])
    (original / IDENTITY_PATH).write_bytes(CardIdentity(uuid.uuid4().hex, NOW).to_bytes())
    assert not is_unchanged(card, [])


def test_a_card_is_no_clone_of_itself_nor_of_cards_with_another_identity(tmp_path, copied) -> None:
    original, manifest = copied
    load(folder_card(tmp_path / "other"), manifest, tmp_path / "new")
    volumes = tuple(Volume(tmp_path / name, "vfat", read_only=False) for name in ("card", "other", "gone"))
    assert clones(card_on(folder_card(original)), original, volumes=lambda: volumes) == ()


def test_a_copy_on_another_volume_is_a_clone_unless_it_is_no_fat_volume(tmp_path, copied) -> None:
    original, _manifest = copied
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second medium here")
    elsewhere = memory / f"card-{uuid.uuid4().hex}"
    try:
        shutil.copytree(original, elsewhere)
        card = card_on(folder_card(original))
        for kind, found in (("vfat", (elsewhere,)), ("ext4", ())):
            volume = Volume(elsewhere, kind, read_only=False)
            assert clones(card, original, volumes=lambda volume=volume: (volume,)) == found
    finally:
        shutil.rmtree(elsewhere)
