"""Tables of the office are written without formulas and read back as they were."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from openpyxl import load_workbook

from packager.fleet.spreadsheet import escape_formula, read_rows, workbook_bytes, write_table


def test_a_workbook_has_numbers_as_numbers_shares_as_percent_and_text_that_is_no_formula() -> None:
    rows = [("社区", "人数", "比例"), ("=1+1", 12, 0.5), ("+86", 0, 1.0), ("\x00坏", 3, 0.0)]
    workbook = load_workbook(io.BytesIO(workbook_bytes({"社区": iter(rows), "a/b[1]" * 9: [("x",)]})))
    sheet = workbook["社区"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["社区", "人数", "比例"],
        ["=1+1", 12, 0.5],
        ["+86", 0, 1.0],
        ["\ufffd坏", 3, 0.0],
    ]
    assert sheet["A2"].data_type == "s" and sheet["B2"].data_type == "n" and sheet["C2"].number_format == "0%"
    assert sheet["A1"].font.bold and not sheet["A2"].font.bold and sheet.freeze_panes == "A2"
    assert all(len(name) <= 31 for name in workbook.sheetnames)


def test_a_long_table_is_whole() -> None:
    rows = ((f"P{number:03d}", number) for number in range(1, 1001))
    sheet = load_workbook(io.BytesIO(workbook_bytes({"all": rows}))).active
    assert [row[1].value for row in sheet.iter_rows()] == list(range(1, 1001))


@pytest.mark.parametrize("text", ["=1+1", "+86138", "-", "@SUM(A1)", "\t=1", "＝1", '=HYPERLINK("http://x")'])
def test_nothing_in_an_export_is_a_formula(tmp_path: Path, text: str) -> None:
    assert escape_formula(text).startswith("'")
    for name in ("o.csv", "o.xlsx"):
        write_table(tmp_path / name, [["编号", "社区"], ["P001", text]])
    row = list(csv.reader(io.StringIO((tmp_path / "o.csv").read_text("utf-8-sig"))))[1]
    assert not row[1].startswith(("=", "+", "-", "@", "\t"))
    sheet = load_workbook(tmp_path / "o.xlsx").active
    assert sheet is not None
    assert sheet["B2"].data_type != "f" and sheet["B2"].value == text
    assert read_rows(tmp_path / "o.csv")[1].cells[1] == text.strip()
