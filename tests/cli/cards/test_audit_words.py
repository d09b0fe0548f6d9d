"""The result that an audit prints says what is so, and which command mends it."""

from __future__ import annotations

from pathlib import Path

import pytest
from card_kit import audit, load, make_release, sound
from fat_model import ModelCard

from packager.cli.cards._audit_card import Shown, _print_card
from packager.cli.ui.proposals import remember_typed
from packager.visits.audit import AuditResult, AuditVisit

FILES = {f"{n:03}.mp3": sound(str(n)) for n in range(1, 5)}
MENDED = "Result: doubtful: tracks are hidden or renamed; to mend them: packager update E:"


@pytest.fixture
def card(tmp_path: Path) -> ModelCard:
    loaded = ModelCard()
    load(loaded, make_release(tmp_path, FILES, finds_by="place"), tmp_path)
    return loaded


def printed(card: ModelCard, capsys: pytest.CaptureFixture[str]) -> tuple[AuditResult, str]:
    seen = audit(card)
    remember_typed(())  # not what the test before this one typed
    visit = AuditVisit(seen, "P001", seen.findings, 0)
    _print_card(visit, Path("E:"), Shown(as_json=False, number=None, firmware=()))
    return visit.result, capsys.readouterr().out


def rename(card: ModelCard, path: str, name: str) -> None:
    data = card.files[path]
    card.delete(path)
    card.barrier()
    card.create(name, [data])
    card.barrier()


def test_hidden_and_renamed_tracks_are_not_called_damaged_and_an_update_mends_them(card, tmp_path, capsys) -> None:
    card.hidden = {"002.mp3"}
    rename(card, "004.mp3", "004.MP3")
    result, text = printed(card, capsys)
    assert result is AuditResult.DOUBTFUL
    assert MENDED in text
    assert "damaged" not in text
    load(card, make_release(tmp_path, FILES, finds_by="place"), tmp_path)
    assert printed(card, capsys)[0] is AuditResult.GOOD


def test_foreign_files_among_the_tracks_are_said_to_be_so_and_not_damage(tmp_path, capsys) -> None:
    card = ModelCard()
    card.create("song.mp3", [b"own"])
    card.barrier()
    load(card, make_release(tmp_path, FILES, finds_by="place"), tmp_path)
    result, text = printed(card, capsys)
    assert result is AuditResult.DOUBTFUL
    assert "doubtful: other files are among the tracks" in text
    assert "packager update E: --accept-foreign" in text
    assert "damaged" not in text


def test_with_a_missing_track_the_playing_order_is_not_called_correct_without_a_word(card, capsys) -> None:
    card.delete("003.mp3")
    result, text = printed(card, capsys)
    assert result is AuditResult.DAMAGED
    assert "Playing order: correct among the tracks that are there; some are missing" in text
    assert "with --repair" in text
