"""`audit CARD --number`: what a number plays on players of each chip family."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from card_kit import audit, load
from command_line import Cli
from fat_model import ModelCard
from walked_cards import Series

from packager.arranging.profiles.catalog import load_profile
from packager.base.errors import EXIT_INPUT
from packager.cards import CardAudit
from packager.cli.cards._audit_number import firmwares_for, number_lines, number_values


@pytest.fixture
def card(tmp_path: Path) -> ModelCard:
    """A card radio that counts through folders, with ten tracks."""
    made, series = ModelCard(), Series(load_profile("keypad-folders", None), keep=0)
    series.readings[1], series.books["book"] = 2, 3
    load(made, series.release(tmp_path, 1), tmp_path)
    return made


def lines(seen: CardAudit, number: int, *firmwares: str) -> list[str]:
    return list(number_lines(seen, number, firmwares_for(seen.manifest, firmwares)))


def record(card: ModelCard) -> None:
    """The player records, and a book that comes later stands behind its folder."""
    card.make_folder("JL_REC")
    card.create("JL_REC/AC690001.MP3", [b"recorded"])
    card.barrier()
    for name in ("03", "04"):
        card.make_folder(name)


def test_a_number_is_told_with_its_track_and_what_each_family_plays(card: ModelCard) -> None:
    seen = audit(card)
    assert lines(seen, 6) == [
        "Number 6 in the release: 02/006.mp3 (book: book第1章)",
        "  jieli, mountain-view, bluetrum: plays 02/006.mp3 (in part a guess)",
        "  actions: plays 02/006.mp3",
    ]
    assert lines(seen, 6, "rockbox")[1:] == ["  rockbox: no number keys"]
    assert lines(seen, 99)[0] == "Number 99 is not in the release"
    assert lines(seen, 99, "actions")[1:] == ["  actions: plays nothing"]


def test_recordings_that_move_numbers_are_told_with_the_families_that_count_them(card: ModelCard) -> None:
    rows = card.rows[""]
    record(card)
    # The recorder's folder fell into a hole before our last folder.
    last = ("JL_REC", "02", "03", "04")
    card.rows[""] = [*(name for name in rows if name not in last), *last]
    seen = audit(card)
    assert lines(seen, 6)[1:] == [
        "  jieli: plays JL_REC/AC690001.MP3 (in part a guess)",
        "    if it leaves out the recordings in JL_REC: 02/006.mp3",
        "  mountain-view: plays JL_REC/AC690001.MP3 (in part a guess)",
        "  bluetrum: plays JL_REC/AC690001.MP3 (in part a guess)",
        "    if it goes by name: 02/006.mp3",
        "  actions: plays JL_REC/AC690001.MP3",
    ]
    values = number_values(seen, 6, firmwares_for(seen.manifest, ["jieli"]))
    assert values["path"] == "02/006.mp3"
    assert values["plays"] == [
        {
            "firmware": "jieli",
            "keys": "place",
            "path": "JL_REC/AC690001.MP3",
            "certainty": "guess",
            "doubts": [{"reason": "if it leaves out the recordings in JL_REC", "path": "02/006.mp3"}],
        }
    ]
    wrong = [(finding.message, finding.warning) for finding in seen.findings if finding.kind.value == "misnumbered"]
    assert wrong == [
        (
            "on players of jieli, mountain-view, bluetrum, actions, number 6 plays JL_REC/AC690001.MP3 instead of "
            "02/006.mp3, and 2 other numbers are wrong (for jieli, mountain-view, bluetrum, in part a guess)",
            False,
        )
    ]
    recorded = [(finding.path, finding.warning) for finding in seen.findings if finding.kind.value == "recording"]
    assert recorded == [("JL_REC/AC690001.MP3", False)]
    assert seen.recordings == ("JL_REC/AC690001.MP3",)
    assert not seen.is_good


def test_recordings_behind_all_tracks_are_left_alone_and_move_no_number(card: ModelCard) -> None:
    card.make_folder("RECORD")
    card.create("RECORD/REC001.WAV", [b"recorded"])
    seen = audit(card)
    assert seen.findings == ()
    assert (seen.foreign, seen.recordings) == (("RECORD/REC001.WAV",),) * 2


def test_a_practice_folder_says_that_its_order_can_not_be_read(cli: Cli, office: Path) -> None:
    (office / "cards").mkdir()
    cli("load", "cards", "--player", "P001", "--new", "--allow-folder").require()
    said = cli("audit", "cards", "--allow-folder", "--number", "2").require()
    assert "Number 2 in the release: 01/002.mp3" in said.out
    assert "The order of the files can't be read here" in said.out
    said = cli("audit", "cards", "--allow-folder", "--number", "1002", "--firmware", "dfplayer", "--json").require()
    number = json.loads(said.out)["number"]
    assert (number["order_read"], number["plays"][0]["path"]) == (False, "01/002.mp3")


def test_misspelled_families_and_lonely_options_are_refused(cli: Cli, office: Path) -> None:
    assert "did you mean 'jieli'" in cli("audit", ".", "--number", "2", "--firmware", "jiely").require(EXIT_INPUT).err
    assert "--number needs CARD" in cli("audit", "--number", "2").require(2).err
    assert "--firmware needs --number" in cli("audit", ".", "--firmware", "jieli").require(2).err
