"""Spreadsheets of the office: reads untrusted XLSX and CSV files, writes both without formulas.

Every cell that is read becomes text. Error messages never quote a cell: it may be a name. Written text that a
spreadsheet could take for a formula gets an apostrophe (CSV injection) or the text type (XLSX).
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packager.base.errors import InputError
from packager.base.formats import written_aside
from packager.base.i18n.language import _
from packager.reading.archive import pack, unpack
from packager.reading.source import read_source

if TYPE_CHECKING:
    from openpyxl import Workbook

MAX_ROWS = 200_000  # not counting empty ones
MAX_COLUMNS = 64
MAX_CELL = 2_000  # characters

_MAX_LINES = 2_000_000  # of a CSV file, with empty ones
_MAX_LINE = 4 * MAX_COLUMNS * MAX_CELL  # characters
_MAX_SHEETS = 50
_MAX_MERGED = 20_000  # cells in all merged blocks together
_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_ESCAPED = re.compile(r"'(?=[=+\-@\t\r＝＋－＠])")
_UNPRINTABLE_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_INVISIBLE = dict.fromkeys((0xAD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF))  # often pasted from chats
_DELIMITERS = ",;\t，；|"
_ROW = re.compile(rb"""<(?:\w+:)?row\s[^>]*?\br\s*=\s*["']([0-9]+)""")
_VALUE = re.compile(rb"<(?:\w+:)?(?:v|is)[>\s]")
_NOT_IN_SHEET_NAMES = re.compile(r"[\\/*?:\[\]]")
_LONGEST_SHEET_NAME = 31  # characters, as in Excel
_WIDEST = 60  # columns of text
_SAMPLE = 200  # rows that set the widths of columns
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"')


Cell = str | int | float
"""Text, a count, or a share from 0 to 1."""


@dataclass(frozen=True)
class SheetRow:
    """A row: its number in the file, from 1, and its cells as text."""

    number: int
    cells: tuple[str, ...]


def read_rows(path: Path, *, sheet: str | None = None) -> tuple[SheetRow, ...]:
    """The rows of a table that are not empty. The bytes of the file decide the format, not its name.

    CSV may be UTF-8 with or without a BOM, UTF-16 with one, or GB18030, with commas, semicolons or tabs. `sheet`
    names the sheet of a workbook (default: the first). Every row of a merged block gets its text. Raises
    InputError.
    """
    data = read_source(path)
    if data.startswith(_ZIP):
        return tuple(_limited(_rows_of_workbook(data, path, sheet), path))
    if data.startswith(_OLD_EXCEL):
        raise InputError(
            _(
                "{path} is in the format of old Excel, or locked with a password; save it as .xlsx or .csv without one"
            ).format(path=path)
        )
    return tuple(_limited(_rows_of_text(_decoded(data, path), path), path))


def _limited(rows: Iterable[SheetRow], path: Path) -> Iterator[SheetRow]:
    for count, row in enumerate(rows, start=1):
        if count > MAX_ROWS:
            raise _too_many_rows(path)
        yield row


def _decoded(data: bytes, path: Path) -> str:
    # Not `reading.decode`: that expects prose, and its message would quote the text around an error.
    marks = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
    marked = next((name for mark, name in marks if data.startswith(mark)), None)
    for encoding in [marked] if marked else ["utf-8", "gb18030"]:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError(
        _("{path} is neither UTF-8 nor GB18030 text; save it from Excel as 'CSV UTF-8' or as .xlsx").format(path=path)
    )


def _rows_of_text(text: str, path: Path) -> Iterator[SheetRow]:
    if "\x00" in text:
        raise InputError(_("{path} is not a table: it contains zero bytes").format(path=path))
    beginning = "\n".join(text.splitlines()[:20]) if len(text) < 10**6 else text[:20_000]
    delimiter = max(_DELIMITERS, key=beginning.count)
    lines = csv.reader(_lines(text, path), delimiter=delimiter)
    before = 0
    try:
        for cells in lines:
            row = _row(before + 1, cells, path)
            before = lines.line_num  # a quoted cell may span lines; a row is named by its first
            if row is not None:
                yield row
    except csv.Error as error:
        raise InputError(
            _("{path}, row {row}: not a table ({reason}); is a quotation mark missing?").format(
                path=path, row=before + 1, reason=error
            )
        ) from error


def _lines(text: str, path: Path) -> Iterator[str]:
    """The lines of a text, within the limits of their length and number."""
    for number, line in enumerate(io.StringIO(text, newline=""), start=1):
        if number > _MAX_LINES:
            raise _too_many_rows(path)
        if len(line) > _MAX_LINE:
            raise InputError(
                _("{path}, row {row}: more than {count} columns; is it the right file?").format(
                    path=path, row=number, count=MAX_COLUMNS
                )
            )
        yield line


def _rows_of_workbook(data: bytes, path: Path, sheet: str | None) -> Iterator[SheetRow]:
    # Unpack only the parts of a table, within limits: no pictures, no macros.
    members = unpack(data, path, (".xml", ".rels"))
    for content in members.values():
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content or content[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise InputError(_("{path} contains XML that no spreadsheet needs; it is refused").format(path=path))
    workbook = _opened(members, path)
    try:
        chosen = _sheet_of(workbook, path, sheet)
        content = members.get(str(chosen._worksheet_path).lstrip("/"), b"")
        _refuse_far_rows(content, path)
        merged = _merged_blocks(content, path)
        tops: dict[int, str] = {}  # by column: the text of the last merged block
        for number, values in enumerate(_values(chosen, path), start=1):
            cells = [_text_of(value) for value in values]
            if any(cells):  # a row without cells of its own is empty, even inside a merged block
                row = _row(number, _filled(number, cells, merged, tops), path)
                if row is not None:
                    yield row
    finally:
        workbook.close()


def _opened(members: dict[str, bytes], path: Path) -> Workbook:
    from openpyxl import load_workbook

    try:
        return load_workbook(io.BytesIO(pack(members)), read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # openpyxl raises anything for damaged files
        raise _damaged(path) from error


def _sheet_of(workbook: Workbook, path: Path, name: str | None) -> Any:
    names = [one.title for one in workbook.worksheets]
    if not names or len(names) > _MAX_SHEETS:
        raise _damaged(path)
    if name is not None and name not in names:
        raise InputError(
            _("{path} has no sheet '{sheet}'; it has: {names}").format(path=path, sheet=name, names=", ".join(names))
        )
    found: Any = workbook[name] if name is not None else workbook.worksheets[0]
    found.reset_dimensions()  # the declared size may be false
    return found


def _values(sheet: Any, path: Path) -> Iterator[tuple[Any, ...]]:
    rows = sheet.iter_rows(max_row=MAX_ROWS, max_col=MAX_COLUMNS, values_only=True)
    while True:
        try:
            values = next(rows, None)
        except Exception as error:  # as above
            raise _damaged(path) from error
        if values is None:
            return
        yield values


def _refuse_far_rows(content: bytes, path: Path) -> None:
    """Refuse rows with huge numbers: openpyxl would yield all rows before them, ten million in minutes.

    Empty far rows are harmless: Excel leaves them when a whole column is coloured.
    """
    far = next((match for match in _ROW.finditer(content) if _is_far(match[1])), None)
    if far is not None and _VALUE.search(content, far.start()) is not None:
        raise _too_many_rows(path)


def _is_far(number: bytes) -> bool:
    digits = number.lstrip(b"0")
    return len(digits) > len(str(MAX_ROWS)) or int(digits or b"0") > MAX_ROWS


def _merged_blocks(content: bytes, path: Path) -> dict[int, list[tuple[int, int]]]:
    """By row: the columns of merged blocks, and the row where each block begins.

    Fills blocks downward only: a title across the table stays one text.
    """
    from openpyxl.utils import column_index_from_string

    blocks: dict[int, list[tuple[int, int]]] = {}
    cells = 0
    for match in _MERGED.finditer(content):
        column, top, bottom = column_index_from_string(match[1].decode()) - 1, int(match[2]), int(match[4])
        if column >= MAX_COLUMNS or top >= bottom:
            continue
        cells += bottom - top + 1
        if cells > _MAX_MERGED:
            raise InputError(_("{path} has too many merged cells; unmerge them").format(path=path))
        for row in range(top, bottom + 1):
            blocks.setdefault(row, []).append((column, top))
    return blocks


def _filled(number: int, cells: list[str], merged: dict[int, list[tuple[int, int]]], tops: dict[int, str]) -> list[str]:
    """The cells of a row with the text of merged blocks from above."""
    for column, top in merged.get(number, ()):
        cells.extend([""] * (column + 1 - len(cells)))
        if number == top:
            tops[column] = cells[column]
        cells[column] = tops.get(column, "")
    return cells


def _text_of(value: Any) -> str:
    """A cell as text: whole numbers without a point, a date as 2026-11-23."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value)


def _row(number: int, cells: Sequence[str], path: Path) -> SheetRow | None:
    if len(cells) > MAX_COLUMNS and any(cell.strip() for cell in cells[MAX_COLUMNS:]):
        raise InputError(
            _("{path}, row {row}: more than {count} columns; is it the right file?").format(
                path=path, row=number, count=MAX_COLUMNS
            )
        )
    texts = tuple(_ESCAPED.sub("", cell.translate(_INVISIBLE), count=1).strip() for cell in cells[:MAX_COLUMNS])
    if any(len(cell) > MAX_CELL for cell in texts):
        raise InputError(
            _("{path}, row {row}: a cell has more than {count} characters; is it the right file?").format(
                path=path, row=number, count=MAX_CELL
            )
        )
    return SheetRow(number, texts) if any(texts) else None


def _too_many_rows(path: Path) -> InputError:
    message = _("{path} has more than {count} rows; is it the right file?")
    return InputError(message.format(path=path, count=MAX_ROWS))


def _damaged(path: Path) -> InputError:
    return InputError(_("{path} is damaged or not a workbook; save it again from Excel, or as CSV").format(path=path))


def write_table(path: Path, rows: Iterable[Sequence[str]]) -> None:
    """Write rows, the head first, to `path` as XLSX or CSV by its suffix. No cell is ever a formula.

    Raises InputError for another suffix, OSError if the disk refuses.
    """
    kind = path.suffix.lower()
    if kind not in (".xlsx", ".csv"):
        raise InputError(_("{path}: a table is written as .csv or .xlsx").format(path=path))
    data = _plain_workbook(rows) if kind == ".xlsx" else csv_bytes(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_aside(path) as stream:
        stream.write(data)


def csv_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    """Rows as CSV: UTF-8 with a BOM, since Excel in China would assume GB18030, and CRLF."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerows([escape_formula(cell) for cell in row] for row in rows)
    return codecs.BOM_UTF8 + stream.getvalue().encode("utf-8", "replace")


def escape_formula(cell: str) -> str:
    """`cell` with an apostrophe if a spreadsheet could take it for a formula. `read_rows` removes it again."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _plain_workbook(rows: Iterable[Sequence[str]]) -> bytes:
    from openpyxl import Workbook

    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet()
    for row in rows:
        sheet.append([_cell(sheet, text, bold=False) for text in row])
    return _saved(workbook)


def workbook_bytes(tables: Mapping[str, Iterable[Sequence[Cell]]]) -> bytes:
    """An XLSX workbook with a sheet for each of `tables`, by name; the first row of each is a frozen head.

    Numbers stay numbers, shares become percentages.
    """
    from openpyxl import Workbook

    workbook = Workbook(write_only=True)
    for name, rows in tables.items():
        sheet: Any = workbook.create_sheet(_NOT_IN_SHEET_NAMES.sub(" ", name)[:_LONGEST_SHEET_NAME])
        sheet.freeze_panes = "A2"
        # openpyxl needs the widths before the first row; the rows may be too many to hold.
        waiting = []
        remaining = iter(rows)
        for row in remaining:
            waiting.append(row)
            if len(waiting) == _SAMPLE:
                break
        _set_widths(sheet, waiting)
        for place, row in enumerate(waiting):
            sheet.append([_cell(sheet, value, bold=place == 0) for value in row])
        for row in remaining:
            sheet.append([_cell(sheet, value, bold=False) for value in row])
    return _saved(workbook)


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


def _saved(workbook: Workbook) -> bytes:
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()
