"""Generates a week's playlist file from the timetable: this week's books, kept weeks, standing books.

The file looks as a person would write it. Its fingerprint tells whether a person changed it since.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any
from unicodedata import normalize

from packager.arranging.timetable import TIMETABLE_FILE, ScheduledReading, TimetablePlaylist, monday_of, weeks_before
from packager.base.errors import InputError
from packager.base.formats import sha256_bytes
from packager.base.i18n.language import _
from packager.base.yaml_documents import did_you_mean

_HEADER = (
    "# Made by `packager week {week}` from playlists/{timetable}: change it there, and run that again.\n"
    "# 由 packager week {week} 按 playlists/{timetable} 生成：请改周表，再运行一次。\n"
    "# fingerprint: {fingerprint}\n"
)
_FINGERPRINT = re.compile(rb"# fingerprint: ([0-9a-f]{32})\n")


class FileState(str, Enum):
    """The state of a week's playlist file compared with the timetable."""

    NEW = "new"  # it does not exist
    SAME = "same"
    OUTDATED = "outdated"  # made from an older timetable
    EDITED = "edited"  # a person wrote or changed it


@dataclass(frozen=True)
class WeekPlaylist:
    """The playlist of a week: its id, which is its file's name, and the file's content."""

    id: str
    data: bytes
    left_out: tuple[ScheduledReading, ...]  # standing books whose last day is before this week


def week_playlist(plan: TimetablePlaylist, week: str) -> WeekPlaylist:
    """The playlist of `plan` in `week`. The same timetable gives the same bytes.

    Among the books of an earlier week, those that stay longest come first, so that no number moves when the others
    go. Raises InputError when the timetable has no entry for this week, or no book at all.
    """
    if week not in plan.weeks:
        known = ", ".join(sorted(plan.weeks)[-3:]) or _("none")
        raise InputError(
            _(
                "the timetable has no week {week} for the playlist '{name}' (its last weeks: {known}); add "
                "the week with its books, or with [] for none"
            ).format(week=week, name=plan.name or plan.series, known=known)
        )
    monday = monday_of(week).isoformat()
    over = tuple(one for one in plan.standing if one.entry.get("until", monday) < monday)
    items = [*_reading_items(plan, week), *(dict(one.entry) for one in plan.standing if one not in over)]
    if not items:
        raise InputError(
            _("the playlist '{name}' would be empty in {week}: no book is read, and none stays").format(
                name=plan.name or plan.series, week=week
            )
        )
    own = "-".join(part for part in (week.lower(), plan.name) if part)
    values = {
        "playlist": own,
        "title": _title(plan, week),
        "series": plan.series,
        "week": week,
        "keep": plan.keep,
        "profile": plan.profile,
        **plan.own,
        "items": items,
    }
    return WeekPlaylist(own, _file(values, week), over)


def file_state(path: Path, made: WeekPlaylist) -> FileState:
    """The state of the file at `path` compared with `made`. Raises OSError when it can't be read."""
    if not path.exists():
        return FileState.NEW
    # Editors and version control may change line ends.
    found = path.read_bytes().removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    if found == made.data:
        return FileState.SAME
    match = _FINGERPRINT.search(found)
    untouched = match is not None and match[1] == _fingerprint(found[match.end() :])
    return FileState.OUTDATED if untouched else FileState.EDITED


def missing_texts(root: Path, plan: TimetablePlaylist, week: str) -> Iterator[str]:
    """A sentence for each missing text that the week needs in the workspace `root`."""
    monday = monday_of(week).isoformat()
    needed = [(week, one) for one in plan.weeks.get(week, ())]
    needed += list(_kept(plan, week))
    needed += [("", one) for one in plan.standing if one.entry.get("until", monday) >= monday]
    known = sorted(path.relative_to(root).as_posix() for path in (root / "texts").rglob("*") if path.is_file())
    same_form = {normalize("NFC", name) for name in known}  # macOS may give names in another Unicode form
    for of_week, reading in needed:
        # Names are compared too: some systems open a file whose name differs in case.
        if normalize("NFC", reading.book) in same_form and (root / reading.book).is_file():
            continue
        hint = did_you_mean(reading.book, known)
        if not of_week:
            message = _("{book} (a standing book) is not there{hint}; put it there, or change the timetable")
        elif of_week == week:
            message = _("{book} (read in {week}) is not there{hint}; put it there, or change the timetable")
        else:
            message = _(
                "{book} (stays from {week}) is not there{hint}; put it back, or give it 'keep: 0' in the timetable"
            )
        yield message.format(book=reading.book, week=of_week, hint=hint)


def _reading_items(plan: TimetablePlaylist, week: str) -> Iterator[dict[str, Any]]:
    for reading in plan.weeks[week]:
        yield _item(reading, shelf="week")
    for earlier, reading in _kept(plan, week):
        yield _item(reading, shelf="kept", week=earlier)


def _kept(plan: TimetablePlaylist, week: str) -> Iterator[tuple[str, ScheduledReading]]:
    """The books that stay of earlier weeks, with their week, the latest week first."""
    for age, earlier in enumerate(weeks_before(week, plan.keep), start=1):
        readings = plan.weeks.get(earlier, ())
        longest_first = sorted(readings, key=lambda one: -_stays(one, plan))
        yield from ((earlier, one) for one in longest_first if _stays(one, plan) >= age)


def _stays(reading: ScheduledReading, plan: TimetablePlaylist) -> int:
    return plan.keep if reading.keep is None else min(reading.keep, plan.keep)


def _item(reading: ScheduledReading, **place: str) -> dict[str, Any]:
    rest = {key: value for key, value in reading.entry.items() if key != "book"}
    return {"book": reading.book, **place, **rest}


def _title(plan: TimetablePlaylist, week: str) -> str:
    year, number = week.split("-W")
    return plan.title.replace("{year}", year).replace("{week}", str(int(number)))


def _file(values: dict[str, Any], week: str) -> bytes:
    import yaml

    body = yaml.safe_dump(values, allow_unicode=True, sort_keys=False, width=10_000).encode()
    header = _HEADER.format(week=week, timetable=TIMETABLE_FILE, fingerprint=_fingerprint(body).decode())
    return header.encode() + body


def _fingerprint(body: bytes) -> bytes:
    return sha256_bytes(body)[:32].encode()
