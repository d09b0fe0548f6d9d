"""Examines a workspace: settings, voice, registry, backup and trust."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from packager.backup.backup import LAST_BACKUP
from packager.base.display import shown
from packager.base.errors import PackagerError
from packager.base.formats import parse_utc
from packager.base.i18n.language import _
from packager.base.workspace import Workspace
from packager.check.check import ProblemKind, check_registry
from packager.doctor.examination import Examination, Subject, bad, doubtful, good
from packager.registry.database import Registry
from packager.registry.number_blocks import read_blocks
from packager.registry.own_settings import read_setting
from packager.registry.workspace_registry import registry_of
from packager.speech.engine import EngineOptions
from packager.speech.registry import installed_engines
from packager.trust.store import TrustMode

_OLD_BACKUP = timedelta(days=14)


def workspace(place: Workspace) -> Examination:
    """Whether the workspace can be written."""
    path = shown(str(place.root))
    if not os.access(place.root, os.W_OK):
        return bad(Subject.WORKSPACE, _("{path} can't be written").format(path=path), _("check who may write there"))
    return good(Subject.WORKSPACE, path)


def voice(place: Workspace) -> Examination:
    """Whether the voice of `packager.yaml` can be used here."""
    engines = installed_engines()
    try:
        chosen = engines.parse(place.settings.voice)
        engines.check(chosen, EngineOptions.of(place))
    except (PackagerError, OSError) as error:
        return bad(Subject.VOICE, str(error), _("see the voices that work here with: packager voices"))
    if engines.is_online(chosen):
        found = _("{voice} needs the internet, and the text is sent there").format(voice=chosen)
        return doubtful(Subject.VOICE, found, _("voices that need none are shown by: packager voices"))
    return good(Subject.VOICE, _("{voice} works without a network").format(voice=chosen))


def registry(place: Workspace, now: datetime) -> Iterator[Examination]:
    """The registry, the age of its last backup, and the trust files that come with it."""
    if not _is_there(place):
        yield good(Subject.REGISTRY, _("none yet; the first command that needs it makes it"))
        return
    try:
        with registry_of(place) as opened:
            yield from _of_registry(opened)
            yield _backup(opened, now)
            yield _trust(opened)
    except PackagerError as error:
        yield bad(Subject.REGISTRY, str(error))


def newest_event(place: Workspace) -> datetime | None:
    """The time of the latest event that the registry knows; None without a registry or an event."""
    from sqlalchemy import func, select

    from packager.registry.schema import decisions, loads, player_events

    if not _is_there(place):
        return None
    try:
        with registry_of(place) as opened, opened.read() as connection:
            found = [
                connection.scalar(select(func.max(column)))
                for column in (loads.c.at, decisions.c.at, player_events.c.at)
            ]
    except PackagerError:
        return None
    latest = max(filter(None, found), default="")
    return parse_utc(latest) if latest else None


def _is_there(place: Workspace) -> bool:
    """Whether there is a registry; opening one makes it."""
    return not isinstance(place.registry, Path) or place.registry.exists()


def _of_registry(opened: Registry) -> Iterator[Examination]:
    with opened.read() as connection:
        handed_over = read_blocks(connection).handed_over
    if handed_over:
        found = _("it was handed over on {day} and gives out no numbers").format(day=handed_over[:10])
        yield doubtful(Subject.REGISTRY, found, _("to use it again: packager registry take-back"))
    problems = [one for one in check_registry(opened) if one.kind is not ProblemKind.NO_COPY]
    for problem in problems:
        make = doubtful if problem.warning else bad
        yield make(Subject.REGISTRY, problem.message, _("more about it: packager registry check"))
    if not problems and not handed_over:
        yield good(Subject.REGISTRY, _("{path} has no damage").format(path=shown(opened.name)))


def _backup(opened: Registry, now: datetime) -> Examination:
    with opened.read() as connection:
        last = read_setting(connection, LAST_BACKUP)
    remedy = _("save the workspace on another medium with: packager backup FILE")
    if not last:
        return doubtful(Subject.BACKUP, _("there was none yet"), remedy)
    found = _("the last one is of {day}").format(day=parse_utc(last).astimezone().strftime("%Y-%m-%d"))
    is_old = now - parse_utc(last) > _OLD_BACKUP
    return doubtful(Subject.BACKUP, found, remedy) if is_old else good(Subject.BACKUP, found)


def _trust(opened: Registry) -> Examination:
    if opened.trust.mode is TrustMode.OFF:
        return good(Subject.TRUST, _("not used: one computer needs no keys"))
    try:
        last = opened.trust.last
    except PackagerError as error:
        return bad(Subject.TRUST, str(error))
    if last is None:
        remedy = _("start or join: packager trust start, packager trust join")
        return bad(Subject.TRUST, _("packager.yaml asks for it, and there are no trust files"), remedy)
    return good(Subject.TRUST, _("version {version} of the office's trust files").format(version=last.version))
