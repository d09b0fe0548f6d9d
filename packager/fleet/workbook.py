"""Several tables as one XLSX workbook: numbers as numbers, shares as percent, and no cell ever a formula."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Cell = str | int | float
"""Text, a count, or a share from 0 to 1."""

_UNPRINTABLE_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_NOT_IN_SHEET_NAMES = re.compile(r"[\\/*?:\[\]]")
_LONGEST_SHEET_NAME = 31  # characters, as Excel has it
_WIDEST = 60  # columns of text
_SAMPLE = 200  # rows from which widths are taken


def workbook_bytes(tables: Mapping[str, Iterable[Sequence[Cell]]]) -> bytes:
    """A workbook with a sheet for each of `tables`, by its name; the first row of each is its heads.

    The heads stay in sight when the sheet is scrolled.
    """
    from openpyxl import Workbook

    workbook = Workbook(write_only=True)
    for name, rows in tables.items():
        sheet: Any = workbook.create_sheet(_NOT_IN_SHEET_NAMES.sub(" ", name)[:_LONGEST_SHEET_NAME])
        sheet.freeze_panes = "A2"
        # Widths must be known before the first row is written, and rows may be many.
        waiting = []
        remaining = iter(rows)
        for row in remaining:
            waiting.append(row)
            if len(waiting) == _SAMPLE:
                break
        _set_widths(sheet, waiting)
        for place, row in enumerate([*waiting]):
            sheet.append([_cell(sheet, value, bold=place == 0) for value in row])
        for row in remaining:
            sheet.append([_cell(sheet, value, bold=False) for value in row])
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def _set_widths(sheet: Any, rows: Sequence[Sequence[Cell]]) -> None:
    from openpyxl.utils import get_column_letter

    for column in range(max(map(len, rows), default=0)):
        widest = max(_width(row[column]) for row in rows if column < len(row))
        sheet.column_dimensions[get_column_letter(column + 1)].width = min(widest, _WIDEST) + 2


def _width(value: Cell) -> int:
    text = value if isinstance(value, str) else f"{value:.0%}" if isinstance(value, float) else str(value)
    return sum(1 if character < "\u1100" else 2 for character in text)


def _cell(sheet: Any, value: Cell, *, bold: bool) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, value=_UNPRINTABLE_IN_XML.sub("\ufffd", value))
        cell.data_type = "s"  # text, whatever it begins with
    else:
        cell = WriteOnlyCell(sheet, value=value)
        if isinstance(value, float):
            cell.number_format = "0%"
    if bold:
        cell.font = Font(bold=True)
    return cell
