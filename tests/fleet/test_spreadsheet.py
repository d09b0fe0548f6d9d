"""Several tables as one workbook."""

from __future__ import annotations

import io

from openpyxl import load_workbook

from packager.fleet.spreadsheet import workbook_bytes


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
