"""Examines the computer: program, libraries, console, clock, disk, ffmpeg, and the cards that are inserted."""

from __future__ import annotations

import platform
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path

from packager import __version__
from packager.base.display import shown
from packager.base.errors import PackagerError
from packager.base.i18n.language import N_, _
from packager.doctor.examination import Examination, Subject, bad, doubtful, good
from packager.mastering.ffmpeg import run_ffmpeg
from packager.station.card_readers import Sighting, look_around

DISTRIBUTION = "elder-packager"

_OLDEST_PYTHON = (3, 10)
_BUILT = datetime(2026, 1, 1, tzinfo=timezone.utc)  # no clock is right that says less
_FEW_BYTES, _LITTLE_BYTES = 500 * 10**6, 3 * 10**9  # free: too few to build a week, little for a book
_INSTALL_AGAIN = N_("install the program again, with the same file: install.bat, install.command or install.sh")
_NAME = re.compile(r"[A-Za-z0-9._-]+")


def program() -> Examination:
    """The versions of program, Python and system."""
    found = _("version {version} (Python {python}, {system})").format(
        version=__version__, python=platform.python_version(), system=f"{platform.system()} {platform.release()}"
    )
    if sys.version_info < _OLDEST_PYTHON:
        return bad(Subject.PROGRAM, found, _("install Python 3.10 or newer, and the program again"))
    if sys.maxsize < 2**32:
        return bad(Subject.PROGRAM, found, _("install the 64-bit Python: the speech model needs it"))
    return good(Subject.PROGRAM, found)


def libraries() -> Examination:
    """Whether all libraries that the program needs are installed."""
    try:
        wanted = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return doubtful(Subject.LIBRARIES, _("the program runs without being installed"))
    missing = sorted(name for line in wanted if (name := _plain_name(line)) and not _is_installed(name))
    if missing:
        return bad(Subject.LIBRARIES, _("missing: {names}").format(names=_(", ").join(missing)), _(_INSTALL_AGAIN))
    return good(Subject.LIBRARIES, _("all are installed"))


def _plain_name(requirement: str) -> str:
    """The name in a line such as `numpy>=1.24`; empty for a library of an extra or of another system."""
    match = _NAME.match(requirement)
    return "" if match is None or ";" in requirement else match[0]


def _is_installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def console(encoding: str | None) -> Examination:
    """Whether the console can show Chinese."""
    name = encoding or "ascii"
    try:
        "编号：第01号，《读本》".encode(name)
    except (LookupError, UnicodeEncodeError):
        remedy = _("on Windows: chcp 65001; elsewhere: export LANG=C.UTF-8")
        return doubtful(Subject.CONSOLE, _("{encoding} can't show Chinese").format(encoding=name), remedy)
    return good(Subject.CONSOLE, _("{encoding} shows Chinese").format(encoding=name))


def clock(now: datetime, newest: datetime | None) -> Examination:
    """Whether the clock is plausible; `newest` is the latest event that the registry knows."""
    said = now.astimezone().strftime("%Y-%m-%d %H:%M")
    remedy = _("set date and time in the system's settings: weeks and approvals depend on them")
    if now < _BUILT:
        return bad(Subject.CLOCK, _("it says {time}").format(time=said), remedy)
    if newest is not None and newest > now:
        found = _("it says {time}, but the registry has an event of {newest}").format(
            time=said, newest=newest.astimezone().strftime("%Y-%m-%d %H:%M")
        )
        return doubtful(Subject.CLOCK, found, remedy)
    return good(Subject.CLOCK, _("it says {time}").format(time=said))


def disk(place: Path) -> Examination:
    """The free space where releases are built."""
    free = shutil.disk_usage(place).free
    found = _("{size:.1f} GB are free at {path}").format(size=free / 10**9, path=shown(str(place)))
    remedy = _("make room; see what the program can delete: packager release prune, packager cache")
    if free < _FEW_BYTES:
        return bad(Subject.DISK, found, remedy)
    return doubtful(Subject.DISK, found, remedy) if free < _LITTLE_BYTES else good(Subject.DISK, found)


def ffmpeg() -> Examination:
    """Whether ffmpeg, which makes the MP3s, runs."""
    try:
        version = run_ffmpeg(["-version"]).partition("\n")[0]
    except PackagerError as error:
        return bad(Subject.FFMPEG, str(error), _(_INSTALL_AGAIN))
    return good(Subject.FFMPEG, _("works ({version})").format(version=" ".join(version.split()[2:3])))


def cards() -> Iterator[Examination]:
    """The media that are inserted, and why one is no card."""
    try:
        found: Sequence[Sighting] = look_around()
    except (OSError, PackagerError) as error:
        yield bad(Subject.CARDS, _("the inserted cards can't be listed: {reason}").format(reason=error))
        return
    if not found:
        yield good(Subject.CARDS, _("no card is inserted"))
    for sighting in found:
        if sighting.refusal:
            yield doubtful(Subject.CARDS, sighting.refusal)
        else:
            yield good(Subject.CARDS, _("a card at {path}").format(path=shown(str(sighting.place))))
