"""Let the system finish with a card, so that it can be taken out; where that can't be done, say how.

That a card could not be ejected is no failure of a load: what was written is settled and read back by then.
So the outcome is data. What counts is not what a tool answers but whether the volume is gone afterwards.
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

_SECONDS = 120  # a slow card may have much to settle
_LOOKS = 20
_BETWEEN_LOOKS = 0.5  # seconds: Windows ejects behind our back, and tells nobody when it has done


@dataclass(frozen=True)
class Ejection:
    """How an ejection ended; `message` says so to the volunteer, and what is left to be done."""

    done: bool
    how: str  # the command that did it, as it was typed; empty when none did
    message: str


def eject(volume: Volume, *, volumes: Lister = find_volumes, sleep: Callable[[float], None] = time.sleep) -> Ejection:
    """Eject `volume` with what this system has, and look whether it is gone. Raises nothing of the system's.

    On Linux the volume is unmounted, no more: cutting the power of a reader would take its other slots along.
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
    """What the volunteer does to take a card out safely, where the program can't."""
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
    return _("{card} can be taken out now.").format(card=name)


def _run(command: Sequence[str]) -> str:
    """Run a command; what it complains of, or nothing when it ended well."""
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
    """Whether the same medium is still there; a reader keeps its letter on Windows, without a file system."""
    same_place = Path(volume.mount_point) == Path(other.mount_point)
    return same_place and volume.device == other.device and bool(other.file_system)
