"""Commands that messages propose carry the options of the command that was typed.

The rooms below write a proposal as `packager update E:\\`. Whoever typed `--workspace office` or `--allow-folder`
needs these options in the proposed command too: they are put right behind its name. A proposal for a player whom
the room does not know says `--player PLAYER`; the player that was typed takes its place.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from shlex import quote

from packager.base.i18n.language import _

PRACTICE = "--allow-folder"
TAKE_PRACTICE = frozenset({"audit", "load", "prepare", "probe", "registry rebuild", "station", "update"})
"""The commands with the option `--allow-folder`."""

_GROUPS = "cache|players|profiles|registry|release|voices"
_PROPOSED = re.compile(
    rf"(?<![\w/.-])packager (?P<command>(?:(?:{_GROUPS}) )?[a-z][a-z-]*)(?=(?P<rest>[^\n,;；，。]*))"
)


class _Typed:
    """The options of the command that runs: workspace and player as typed, and whether folders may be cards."""

    arguments: Sequence[str] = ()
    workspace = ""
    player = ""
    practice = False


def remember_typed(arguments: Sequence[str]) -> None:
    """Keep the options of this command line that proposals repeat."""
    _Typed.arguments = tuple(arguments)
    _Typed.workspace = _value_of("--workspace", arguments)
    _Typed.player = _value_of("--player", arguments)
    _Typed.practice = PRACTICE in arguments


def typed_arguments() -> Sequence[str]:
    """The command line that was typed."""
    return _Typed.arguments


def _value_of(option: str, arguments: Sequence[str]) -> str:
    for place, argument in enumerate(arguments):
        if argument.startswith(f"{option}="):
            return argument.partition("=")[2]
        if argument == option and place + 1 < len(arguments):
            return arguments[place + 1]
    return ""


def with_typed_options(message: str) -> str:
    """`message` with the typed options in each command that it proposes."""
    if _Typed.player:
        message = message.replace("--player " + _("PLAYER"), f"--player {_quoted(_Typed.player)}")
    if not (_Typed.workspace or _Typed.practice):
        return message
    return _PROPOSED.sub(_completed, message)


def _completed(match: re.Match[str]) -> str:
    command, rest = match["command"], match["rest"]
    where = f" --workspace {_quoted(_Typed.workspace)}" if _Typed.workspace else ""
    practice = f" {PRACTICE}" if _Typed.practice and command in TAKE_PRACTICE and PRACTICE not in rest else ""
    return f"packager{where} {command}{practice}"


def _quoted(path: str) -> str:
    return subprocess.list2cmdline([path]) if sys.platform == "win32" else quote(path)
