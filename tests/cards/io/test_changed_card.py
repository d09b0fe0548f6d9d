"""A card that changed between the look at it and the first write is not written on."""

import uuid

import pytest
from card_kit import audit, card_on, files_of, folder_card, load, make_release, plan_of, sound

from packager.base.errors import CardRefusedError
from packager.cards import apply_load

WEEK_1 = {"01/001.mp3": sound("contents 1"), "01/002.mp3": sound("reading"), "02/001.mp3": sound("book")}
WEEK_2 = {"01/001.mp3": sound("contents 2"), "01/002.mp3": sound("reading"), "01/003.mp3": sound("new")}


@pytest.fixture
def weeks(tmp_path):
    """Two releases, each as (manifest, folder)."""
    return tuple(
        (make_release(tmp_path / f"week-{n}", files, sequence=n), tmp_path / f"week-{n}")
        for n, files in enumerate((WEEK_1, WEEK_2), start=1)
    )


@pytest.fixture
def card(tmp_path, weeks):
    loaded = folder_card(tmp_path / "card")
    load(loaded, *weeks[0])
    return loaded


def planned(card, manifest):
    seen = card_on(card)
    return seen, plan_of(seen, manifest)


@pytest.mark.parametrize("path", ["01/003.mp3", "02/001.mp3"])
def test_a_file_that_appears_at_a_tracks_path_is_kept(card, weeks, path) -> None:
    seen, plan = planned(card, weeks[1][0])
    (card.root / path).write_bytes(b"a song")
    with pytest.raises(CardRefusedError, match="not as it was"):
        apply_load(seen, plan, weeks[1][1], load_id=str(uuid.uuid4()))
    # Nor does the next load take it for a track that it had begun to write.
    with pytest.raises(CardRefusedError, match=path):
        load(card, *weeks[1])
    assert files_of(card.root) == {**WEEK_1, path: b"a song"}


def test_another_inserted_card_is_not_changed(card, weeks, tmp_path) -> None:
    seen, plan = planned(card, weeks[1][0])
    other = folder_card(tmp_path / "other")
    load(other, *weeks[0])
    card.root.rename(tmp_path / "taken-out")
    other.root.rename(card.root)
    with pytest.raises(CardRefusedError, match="another card was put in"):
        apply_load(seen, plan, weeks[1][1], load_id=str(uuid.uuid4()))
    assert audit(folder_card(card.root)).is_good
    assert files_of(card.root) == WEEK_1


def test_a_plan_made_before_another_load_is_not_carried_out(card, weeks) -> None:
    seen, plan = planned(card, weeks[0][0])
    load(card, *weeks[1])
    with pytest.raises(CardRefusedError, match="something else writes on it"):
        apply_load(seen, plan, weeks[0][1], load_id=str(uuid.uuid4()))
    assert audit(card).is_good
    assert files_of(card.root) == WEEK_2
