"""Parser of an office's roster: rows of players from a spreadsheet, and every problem in it.

Tolerates a title above the head, blank rows, a line of totals, full-width digits, and numbers that a
spreadsheet changed. A problem names its row and column. It quotes only telephone numbers that can't be read: a wrong
sign in one is invisible otherwise; names and addresses are never quoted.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from packager.base.display import shown
from packager.base.errors import DocumentError, InputError
from packager.base.i18n.language import _
from packager.fleet.spreadsheet import SheetRow, read_rows
from packager.registry.events import PlayerState
from packager.registry.players import MAX_TEXT, one_line, player_id
from packager.roster.columns import COLUMNS, NO, STATES, YES, RosterColumn
from packager.roster.record_linkage import Details

_HEADS_WITHIN = 20  # rows
_SHOWN_PROBLEMS = 200
_SAID_YES, _SAID_NO = "yes", "no"

_TOTALS = re.compile(r"(?:合计|总计|小计|共计|总数|汇总|制表|填表|审核|total|sum)", re.IGNORECASE)
_NUMBER = re.compile(r"(?:第|NO\.?)?P?[-_ ]?0*([1-9][0-9]{0,5})(?:\.0)?号?", re.IGNORECASE)
_LOST_DIGITS = re.compile(r"[0-9.]+E\+?[0-9]+", re.IGNORECASE)
_LETTERS_FOR_DIGITS = {"O": "0", "o": "0", "l": "1", "I": "1", "i": "1", "|": "1"}
_QUOTED = 40  # characters of a telephone number
_PHONE = re.compile(r"\+?[0-9]{3,15}(?:(?:转|x|ext)[0-9]{1,6})?", re.IGNORECASE)
_DATE = re.compile(r"(20[0-9]{2})[-/.年]([0-9]{1,2})(?:[-/.月]([0-9]{1,2})日?|月)?(?![0-9])")


@dataclass(frozen=True)
class RosterRow:
    """The values of one row; None for a blank cell, which changes nothing."""

    number: int  # in the file
    player: str
    community: str | None = None
    profile: str | None = None
    note: str | None = None
    state: PlayerState | None = None
    member: Details | None = None
    helper: Details | None = None
    handed_over: bool = False
    handed_over_on: date | None = None


@dataclass(frozen=True)
class RosterProblem:
    """What is wrong with a row of the file, as a line for people."""

    row: int
    text: str


@dataclass(frozen=True)
class RosterFile:
    """A parsed roster; `unused` are the heads of unknown columns, `rows` those without `problems`."""

    rows: tuple[RosterRow, ...]
    columns: tuple[RosterColumn, ...]
    unused: tuple[str, ...]
    left_out: int  # rows of totals and signatures
    problems: tuple[RosterProblem, ...] = ()


def read_roster(path: Path, *, sheet: str | None = None) -> RosterFile:
    """Read the roster in the XLSX or CSV file `path`.

    Problems of rows are part of the result, so that `plan_import` can report them with its own. Raises InputError if
    there is no column of players' numbers.
    """
    table = read_rows(path, sheet=sheet)
    heads = _heads(table, path)
    names = [_plain(cell) for cell in heads.cells]
    places = {COLUMNS[name]: place for place, name in enumerate(names) if name in COLUMNS}
    unused = [cell for cell, name in zip(heads.cells, names, strict=True) if cell and name not in COLUMNS]
    problems = [RosterProblem(heads.number, text) for text in _repeated(names, heads.number)]
    rows: list[RosterRow] = []
    left_out = 0
    for line in table[table.index(heads) + 1 :]:
        if _is_no_player(line, places):
            left_out += 1
            continue
        row, wrong = _understood(line, places)
        problems.extend(RosterProblem(line.number, text) for text in wrong)
        if row is not None:
            rows.append(row)
    kept, twice = _without_repeated_players(rows)
    problems.extend(twice)
    wrong_rows = {problem.row for problem in problems}
    sound = tuple(row for row in kept if row.number not in wrong_rows)
    return RosterFile(sound, tuple(places), tuple(unused), left_out, tuple(problems))


def roster_problems(path: Path, problems: Sequence[RosterProblem]) -> DocumentError:
    """All problems in the order of rows as one error; beyond a limit only their number."""
    ordered = [problem.text for problem in sorted(problems, key=lambda problem: problem.row)]
    said = ordered[:_SHOWN_PROBLEMS]
    if len(ordered) > len(said):
        said.append(_("and {count} more").format(count=len(ordered) - len(said)))
    return DocumentError(str(path), [*said, _("nothing was imported; correct these rows and import the file again")])


def _heads(table: Sequence[SheetRow], path: Path) -> SheetRow:
    for row in table[:_HEADS_WITHIN]:
        if RosterColumn.PLAYER in {COLUMNS.get(_plain(cell)) for cell in row.cells}:
            return row
    raise InputError(
        _(
            "{path}: no column of players' numbers was found in the first {count} rows. "
            "Call it 编号 (or: player), the others as: {names}"
        ).format(path=path, count=_HEADS_WITHIN, names=", ".join(column.value for column in RosterColumn))
    )


def _plain(text: str) -> str:
    """A head in the form of COLUMNS: one width and case, without spaces, punctuation and brackets."""
    text = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"\(.*?\)|[\W_]", "", text)


def _repeated(names: Sequence[str], row: int) -> Iterable[str]:
    found = [COLUMNS[name] for name in names if name in COLUMNS]
    for column in RosterColumn:
        if found.count(column) > 1:
            yield _("row {row}: two columns are called {name} or a synonym of it; keep one").format(
                row=row, name=column.value
            )


def _is_no_player(line: SheetRow, places: Mapping[RosterColumn, int]) -> bool:
    """Whether a row contains totals or signatures instead of a player."""
    number = _cell(line, places, RosterColumn.PLAYER)
    if _NUMBER.fullmatch(unicodedata.normalize("NFKC", number)):
        return False
    return any(_TOTALS.match(cell) for cell in line.cells)


def _cell(line: SheetRow, places: Mapping[RosterColumn, int], column: RosterColumn) -> str:
    place = places.get(column)
    return line.cells[place] if place is not None and place < len(line.cells) else ""


def _understood(line: SheetRow, places: Mapping[RosterColumn, int]) -> tuple[RosterRow | None, list[str]]:
    """The row with what could be read of it, or None without a player's number, and its problems."""
    problems: list[str] = []

    def value(column: RosterColumn, convert: Callable[[str], str]) -> str:
        text = _cell(line, places, column)
        try:
            return convert(text) if text else ""
        except InputError as error:
            problems.append(
                _("row {row}, {column}: {problem}").format(row=line.number, column=column.value, problem=error)
            )
            return ""

    if not _cell(line, places, RosterColumn.PLAYER):
        return None, [_("row {row}: it has no player's number").format(row=line.number)]
    player = value(RosterColumn.PLAYER, _player)
    member = Details(
        name=value(RosterColumn.MEMBER, _name),
        phone=value(RosterColumn.PHONE, _phone),
        address=value(RosterColumn.ADDRESS, _line),
        remark=value(RosterColumn.REMARK, _line),
    )
    helper = Details(name=value(RosterColumn.HELPER, _name), phone=value(RosterColumn.HELPER_PHONE, _phone))
    handed = [value(RosterColumn.HANDED_OVER, _yes_or_no), value(RosterColumn.HANDED_OVER_ON, _yes_or_no)]
    days = [date.fromisoformat(said) for said in handed if said not in ("", _SAID_YES, _SAID_NO)]
    state = value(RosterColumn.STATE, _state)
    row = RosterRow(
        number=line.number,
        player=player,
        community=value(RosterColumn.COMMUNITY, _line) or None,
        profile=value(RosterColumn.PROFILE, _line) or None,
        note=value(RosterColumn.NOTE, _line) or None,
        state=PlayerState(state) if state else None,
        member=member if member != Details() else None,
        helper=helper if helper != Details() else None,
        handed_over=any(handed) and _SAID_NO not in handed,
        handed_over_on=days[-1] if days else None,
    )
    if row.helper is not None and not row.helper.name:
        problems.append(_("row {row}: a helper's phone number without the helper's name").format(row=line.number))
    return (row if player else None), problems


def _without_repeated_players(rows: Sequence[RosterRow]) -> tuple[list[RosterRow], list[RosterProblem]]:
    """The rows, one for each player, and problems for two different rows of one player."""
    first: dict[str, RosterRow] = {}
    problems = []
    for row in rows:
        before = first.setdefault(row.player, row)
        if before is not row and vars(before) | {"number": 0} != vars(row) | {"number": 0}:
            line = _("row {row}: row {first} has player {player} already, with other values")
            text = line.format(row=row.number, player=row.player, first=before.number)
            problems.append(RosterProblem(row.number, text))
    return list(first.values()), problems


def _player(text: str) -> str:
    match = _NUMBER.fullmatch(unicodedata.normalize("NFKC", text))
    if match is None:
        raise InputError(_("this is not a player's number; numbers are P001 to P999999"))
    return player_id(f"P{match[1]}")


def _name(text: str) -> str:
    # Full-width letters become plain ones; Hanzi stay as they are, variants and rare ones too.
    spaced = " ".join(text.replace("\u3000", " ").split())
    plain = "".join(unicodedata.normalize("NFKC", c) if "\uff01" <= c <= "\uff5e" else c for c in spaced)
    between = re.compile(r"(?<=[\u2e80-\u9fff\U00020000-\U0003ffff]) (?=[\u2e80-\u9fff\U00020000-\U0003ffff])")
    return _line(between.sub("", plain))


def _line(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise InputError(_("more than {limit} characters").format(limit=MAX_TEXT))
    return one_line(" ".join(text.split()), _("text"))


def _phone(text: str) -> str:
    plain = re.sub(r"[\s\-–—()./]", "", unicodedata.normalize("NFKC", re.sub(r"\.0$", "", text)))
    if _LOST_DIGITS.fullmatch(unicodedata.normalize("NFKC", text)):
        line = _("the spreadsheet cut digits off '{text}'; format the column as text, and enter the number again")
        raise InputError(line.format(text=shown(text)[:_QUOTED]))
    if _PHONE.fullmatch(plain):
        return plain
    quoted = shown(text)[:_QUOTED]
    letters = [sign for sign in dict.fromkeys(plain) if sign in _LETTERS_FOR_DIGITS]
    if letters and _PHONE.fullmatch("".join(_LETTERS_FOR_DIGITS.get(sign, sign) for sign in plain)):
        line = _("'{text}' has the letter {letter} in it; write the digit {digit}")
        raise InputError(
            line.format(
                text=quoted,
                letter=_(", ").join(letters),
                digit=_(", ").join(dict.fromkeys(_LETTERS_FOR_DIGITS[letter] for letter in letters)),
            )
        )
    raise InputError(_("'{text}' is not one phone number; of several numbers, keep one").format(text=quoted))


def _yes_or_no(text: str) -> str:
    """Yes, no, or a date (ISO); a month alone becomes its first day."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace(" ", "")
    if plain in YES:
        return _SAID_YES
    if plain in NO:
        return _SAID_NO
    if (found := _DATE.match(plain)) is not None:
        with suppress(ValueError):
            return date(int(found[1]), int(found[2]), int(found[3] or 1)).isoformat()
    raise InputError(_("write 是 or 否, or the date"))


def _state(text: str) -> str:
    state = STATES.get(_plain(text))
    if state is None:
        raise InputError(_("write 在用, 丢失 or 停用"))
    return state.value
