"""Labels: their positions on the sheet, and QR codes that a decoder reads."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import zxingcpp

from packager.base.errors import InputError
from packager.fleet.label_sheet import A4, FORMATS, PADDING, LabelFormat, label_sheets, qr_path, qr_size


def picture(path: str, modules: int, scale: int) -> np.ndarray:
    """What the path paints: black squares on white."""
    canvas = np.full((modules, modules), 255, np.uint8)
    pieces = re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", path)
    assert "".join(f"M{x} {y}h{w}v1h-{b}z" for x, y, w, b in pieces) == path
    for x, y, width, _back in pieces:
        assert (canvas[int(y), int(x) : int(x) + int(width)] == 255).all()
        canvas[int(y), int(x) : int(x) + int(width)] = 0
    return np.kron(canvas, np.ones((scale, scale), np.uint8))


@pytest.mark.parametrize("player", ["P001", "P100", "P999999"])
@pytest.mark.parametrize("scale", [3, 8])
def test_the_qr_code_says_the_players_number_and_nothing_else(player: str, scale: int) -> None:
    path, modules = qr_path(player)
    found = zxingcpp.read_barcodes(picture(path, modules, scale))
    assert [one.text for one in found] == [player]


def test_a_quarter_of_the_code_may_be_worn_off() -> None:
    path, modules = qr_path("P037")
    worn = picture(path, modules, 8)
    worn[100:130, 100:170] = 255
    assert [one.text for one in zxingcpp.read_barcodes(worn)] == ["P037"]


@pytest.mark.parametrize("layout", FORMATS.values(), ids=FORMATS)
def test_labels_lie_on_the_paper_and_none_over_another(layout: LabelFormat) -> None:
    players = [(f"P{number:03d}", "") for number in range(1, layout.count + 1)]
    (sheet,) = label_sheets(players, layout)
    for label in sheet:
        assert label.left >= 0 and label.left + layout.width <= A4[0] + 0.001
        assert label.top >= 0 and label.top + layout.height <= A4[1] + 0.001
    for one, other in combinations(sheet, 2):
        apart = abs(one.left - other.left) >= layout.width - 0.001
        assert apart or abs(one.top - other.top) >= layout.height - 0.001


def test_a_sheet_of_seventy_by_thirty_seven_has_three_columns_and_eight_rows() -> None:
    layout = FORMATS["70x37"]
    sheets = label_sheets([(f"P{number:03d}", "东湖") for number in range(1, 101)], layout)
    assert [len(sheet) for sheet in sheets] == [24, 24, 24, 24, 4]
    places = [(label.player, label.left, label.top) for label in sheets[0]]
    assert places[0] == ("P001", 0, 0.5)
    assert places[2] == ("P003", 140, 0.5)
    assert places[23] == ("P024", 140, 0.5 + 7 * 37)


def test_places_that_were_used_stay_empty() -> None:
    layout = FORMATS["99.1x38.1"]
    sheets = label_sheets([("P001", ""), ("P002", ""), ("P003", "")], layout, skip=13)
    whole = label_sheets([(f"P{number:03d}", "") for number in range(1, 15)], layout)[0]
    assert [len(sheet) for sheet in sheets] == [1, 2]
    assert (sheets[0][0].left, sheets[0][0].top) == (whole[13].left, whole[13].top)
    assert (sheets[1][0].left, sheets[1][0].top) == (whole[0].left, whole[0].top)


def test_no_players_make_no_sheet() -> None:
    assert label_sheets([], FORMATS["70x37"]) == ()


def test_a_number_too_long_for_the_label_is_refused_with_its_name() -> None:
    with pytest.raises(InputError, match=r"too small for P999999"):
        label_sheets([("P999999", "")], FORMATS["48.5x25.4"])


@pytest.mark.parametrize("player", ["P001", "P9999", "P999999"])
def test_the_qr_code_leaves_room_for_the_number(player: str) -> None:
    layout = FORMATS["70x37"]
    size = qr_size(player, layout)
    assert 12 <= size <= layout.height - 2 * PADDING
    assert size + 3 * PADDING + len(player) * 30 / 72 * 25.4 * 0.64 <= layout.width + 0.01


def test_the_documented_measures_are_those_of_the_formats() -> None:
    text = (Path(__file__).parents[2] / "docs" / "FORMAT.md").read_text("utf-8")
    found = {
        name: tuple(float(number) for number in re.findall(r"[\d.]+", rest))
        for name, rest in re.findall(r"^\| `([\d.x]+)` (\|.*)$", text, re.MULTILINE)
    }
    assert found == {
        name: tuple(round(value, 2) for value in (one.columns, one.rows, one.left, one.top, one.across, one.down))
        for name, one in FORMATS.items()
    }
