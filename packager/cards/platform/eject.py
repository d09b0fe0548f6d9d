"""Eject a card with the tools of the system, or say how to do it by hand.

A failed eject does not fail the load: all data is settled and read back by then. So the result is data. It
counts whether the volume is gone afterwards, not what the tool answers.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from packager.base.display import shown
from packager.base.i18n.language import _
from packager.cards.platform.find_volumes import Lister, find_volumes
from packager.cards.platform.volumes import Volume

_SECONDS = 120  # a slow card may have much to write
_LOOKS = 20
_BETWEEN_LOOKS = 0.5  # seconds; Windows ejects in the background without notice


@dataclass(frozen=True)
class Ejection:
    """The result of an ejection; `message` tells the volunteer what to do next."""

    done: bool
    how: str  # the command that did it; empty if none did
    message: str


def eject(volume: Volume, *, volumes: Lister = find_volumes, sleep: Callable[[float], None] = time.sleep) -> Ejection:
    """Eject `volume` with the tools of this system, and check that it is gone. Raises no OSError.

    On Linux the volume is only unmounted: powering off a reader would also remove its other slots.
    """
    reason = ""
    for command in eject_commands(volume, sys.platform):
        if shutil.which(command[0]) is None:
            continue
        answer = _run(command)
        if _is_gone(volume, volumes, sleep, waits=answer == ""):
            return Ejection(True, " ".join(command), _taken_out(volume))
        reason = answer or reason
    return Ejection(False, "", by_hand(volume, sys.platform, reason))


def eject_commands(volume: Volume, platform: str) -> Iterator[tuple[str, ...]]:
    """The commands that eject `volume` on a system (`sys.platform`), the best first. Pure."""
    place = str(volume.mount_point)
    if platform == "win32":
        if re.fullmatch(r"[A-Za-z]:", volume.device):
            script = (
                "(New-Object -ComObject Shell.Application)"
                f".Namespace(17).ParseName('{volume.device}').InvokeVerb('Eject')"
            )
            yield ("powershell.exe", "-NoProfile", "-NonInteractive", "-Command", script)
    elif platform == "darwin":
        yield ("/usr/sbin/diskutil", "eject", volume.device or place)
    else:
        if volume.device.startswith("/dev/"):
            yield ("udisksctl", "unmount", "--no-user-interaction", "-b", volume.device)
        yield ("gio", "mount", "-u", place)
        yield ("umount", "--", place)


def by_hand(volume: Volume, platform: str, reason: str = "") -> str:
    """How the volunteer takes a card out safely if the program can't eject it."""
    place = shown(str(volume.mount_point))
    why = f" ({shown(reason)})" if reason else ""
    if platform == "win32":
        message = _("{card} could not be ejected{why}. Right-click it in the Explorer and choose Eject.")
    elif platform == "darwin":
        message = _("{card} could not be ejected{why}. Drag it to the Trash in the Finder.")
    else:
        message = _(
            "{card} could not be ejected{why}. Close what uses it, and eject it in the file manager, "
            "or with: sudo umount {card}"
        )
    return message.format(card=place, why=why)


def _taken_out(volume: Volume) -> str:
    name = shown(volume.label) or shown(str(volume.mount_point))
    return _("{card} can be removed now.").format(card=name)


def _run(command: Sequence[str]) -> str:
    """Run a command; returns its complaint, or nothing if it succeeded."""
    environment = {**os.environ, "LC_ALL": "C"}
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            env=environment,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0:
        return ""
    complaint = (done.stderr.strip() or done.stdout.strip()).partition("\n")[0]
    return complaint or f"{command[0]}: {done.returncode}"


def _is_gone(volume: Volume, volumes: Lister, sleep: Callable[[float], None], *, waits: bool) -> bool:
    for look in range(_LOOKS if waits else 1):
        if look:
            sleep(_BETWEEN_LOOKS)
        if not any(_is_same(volume, other) for other in volumes()):
            return True
    return False


def _is_same(volume: Volume, other: Volume) -> bool:
    """Whether the same medium is still there. On Windows an empty reader keeps its letter."""
    same_place = Path(volume.mount_point) == Path(other.mount_point)
    return same_place and volume.device == other.device and bool(other.file_system)
