"""One build at a time in a workspace, and who has the turn.

Two builds at once would give out the same sequence, and nothing is gained by them: one uses every core.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from packager.base.errors import PackagerError
from packager.base.formats import canonical_json, parse_utc, utc_text, write_atomic
from packager.base.i18n.language import _

_LOCK, _HOLDER = ".build.lock", ".build.json"


@contextmanager
def build_lock(
    releases: Path, doing: str, *, now: datetime, waiting: Callable[[str], None] | None = None
) -> Iterator[None]:
    """Hold the turn to change what lies in the folder `releases` and in the caches beside it.

    `doing` names the work to those who come meanwhile. While another process has the turn, `waiting` is
    called once with a sentence that says who, and the turn is waited for; without it PackagerError is raised.
    Who holds the turn may take it again. A process that is killed loses it.
    """
    releases.mkdir(parents=True, exist_ok=True)
    lock = FileLock(releases / _LOCK, is_singleton=True)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        holder = _holder(releases)
        if waiting is None:
            raise PackagerError(
                _("{holder} in {folder}; wait until it has ended").format(holder=holder, folder=releases)
            ) from error
        waiting(holder)
        lock.acquire(poll_interval=0.2)
    try:
        if lock.lock_counter == 1:
            about = {"host": socket.gethostname(), "process": os.getpid(), "since": utc_text(now)}
            with suppress(OSError):  # a full disk must not keep anybody from making room on it
                write_atomic(releases / _HOLDER, canonical_json({**about, "doing": doing}))
        yield
    finally:
        if lock.lock_counter == 1:
            (releases / _HOLDER).unlink(missing_ok=True)
        lock.release()


def _holder(releases: Path) -> str:
    """A sentence about who has the turn, as far as that is known."""
    try:
        about = json.loads((releases / _HOLDER).read_bytes())
        since = parse_utc(about["since"]).astimezone()
        return _("“{doing}” is running since {time} (process {process} on {host})").format(
            doing=about["doing"],
            time=since.strftime("%H:%M"),
            process=about["process"],
            host=about["host"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        return _("another build is running")
