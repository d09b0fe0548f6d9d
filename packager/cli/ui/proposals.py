"""Commands that messages propose carry the options of the command that was typed.

The rooms below write a proposal as `packager update E:\\`. Whoever typed `--workspace office` or `--allow-folder`
needs these options in the proposed command too: they are put right behind its name. A proposal for a player whom
the room does not know says `--player PLAYER`; the player that was typed takes its place. A typed path that a shell
would take apart, as one with a blank, is quoted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from packager.base.file_hints import in_command
from packager.base.i18n.language import _

PRACTICE = "--allow-folder"
TAKE_PRACTICE = frozenset({"audit", "load", "prepare", "probe", "registry rebuild", "station", "update"})
"""The commands with the option `--allow-folder`."""

_GROUPS = "cache|players|profiles|registry|release|voices"
_PROPOSED = re.compile(
    rf"(?<![\w/.-])packager (?P<command>(?:(?:{_GROUPS}) )?[a-z][a-z-]*)(?=(?P<rest>[^\n,;；，。]*))"
)


_FROM_COMMAND = re.compile(r"(?<![\w/.-])packager [a-z-].*")
_LONGEST_PATH = 1000  # characters


class _Typed:
    """The options of the command that runs: workspace and player as typed, and whether folders may be cards."""

    arguments: Sequence[str] = ()
    workspace = ""
    player = ""
    practice = False
    paths: re.Pattern[str] | None = None  # typed paths that must be quoted, as they were typed and from the root


def remember_typed(arguments: Sequence[str]) -> None:
    """Keep the options of this command line that proposals repeat."""
    _Typed.arguments = tuple(arguments)
    _Typed.workspace = _value_of("--workspace", arguments)
    _Typed.player = _value_of("--player", arguments)
    _Typed.practice = PRACTICE in arguments
    _Typed.paths = _to_quote(arguments)


def typed_arguments() -> Sequence[str]:
    """The command line that was typed."""
    return _Typed.arguments


def _to_quote(arguments: Sequence[str]) -> re.Pattern[str] | None:
    typed = {part for part in arguments if not part.startswith("-") and len(part) <= _LONGEST_PATH}
    paths = {path for part in typed for path in (part, str(Path.cwd() / part)) if in_command(path) != path}
    if not paths:
        return None
    longest_first = "|".join(map(re.escape, sorted(paths, key=len, reverse=True)))
    return re.compile(rf"(?<=[\s=])(?:{longest_first})(?=[\s.,;:，；。)]|$)")


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
        message = message.replace("--player " + _("PLAYER"), f"--player {in_command(_Typed.player)}")
    if _Typed.workspace or _Typed.practice:
        message = _PROPOSED.sub(_completed, message)
    if _Typed.paths is not None:
        message = _FROM_COMMAND.sub(_with_quotes, message)
    return message


def _with_quotes(match: re.Match[str]) -> str:
    assert _Typed.paths is not None
    return _Typed.paths.sub(lambda path: in_command(path[0]), match[0])


def _completed(match: re.Match[str]) -> str:
    command, rest = match["command"], match["rest"]
    where = f" --workspace {in_command(_Typed.workspace)}" if _Typed.workspace else ""
    practice = f" {PRACTICE}" if _Typed.practice and command in TAKE_PRACTICE and PRACTICE not in rest else ""
    return f"packager{where} {command}{practice}"
