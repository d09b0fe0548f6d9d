"""The table of all commands in `commands.json`, and click commands made from it.

Importing a command imports what it works with, which takes longer than a shell may wait for a completion. So the
table repeats the names, options and placeholders of all commands. `docs/cli_reference.py` writes it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from packager.base.errors import PackagerError
from packager.base.i18n.language import _
from packager.base.workspace import find_workspace

BUILT_IN_VALUES = ("PROFILE", "VOICE")
"""Placeholders with values that come with the program."""


@lru_cache(maxsize=1)
def command_table() -> dict[str, Any]:
    """The content of `commands.json`."""
    return dict(json.loads((resources.files("packager.cli.completion") / "commands.json").read_text("utf-8")))


def built_in_values(placeholder: str) -> list[str]:
    """The values of a placeholder that come with the program."""
    return list(command_table()["values"][placeholder])


class _WorkspaceValue(click.types.StringParamType):
    """A text, completed by the values that its placeholder stands for."""

    def __init__(self, metavar: str) -> None:
        self._placeholders = re.findall(r"[A-Z]{2,}", metavar)
        self._words = re.findall(r"(?<![\w=])[a-z]{2,}", metavar)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from packager.cli.completion.values import values_of

        if "COMMAND" in self._placeholders:
            typed = (*(ctx.params.get(param.name or "") or ()), incomplete)
            return _commands(ctx, [str(word) for word in typed])
        named = ctx.find_root().params.get("workspace")
        try:
            workspace = find_workspace(Path(named or Path.cwd()))
        except (PackagerError, OSError):
            return []
        found = [value for placeholder in self._placeholders for value in values_of(placeholder, workspace)]
        found += [(word, "") for word in self._words]
        begin = incomplete.casefold()
        return [
            CompletionItem(value, help=text)
            for value, text in dict(found).items()
            if value.casefold().startswith(begin) and ("+" not in value or "+" in incomplete)
        ]


def _commands(ctx: click.Context, typed: list[str]) -> list[CompletionItem]:
    """The commands and subcommands that continue `packager help ...`."""
    command: click.Command | None = ctx.find_root().command
    for word in typed[:-1]:
        command = command.get_command(ctx, word) if isinstance(command, click.Group) else None
    if not isinstance(command, click.Group):
        return []
    return [
        CompletionItem(name, help=command.commands[name].short_help)
        for name in command.list_commands(ctx)
        if name.startswith(typed[-1])
    ]


def commands_of_table(name: str = "packager", entry: Mapping[str, Any] | None = None) -> click.Command:
    """A click command as in the table, with its subcommands; it completes as the real one, and does nothing."""
    entry = command_table()["packager"] if entry is None else entry
    parameters = list(_parameters(entry))
    # A help option is completed like any other.
    settings = {"help_option_names": ["-h", "--help"]}
    short = _(entry["help"])
    if "commands" not in entry:
        return click.Command(name, params=parameters, short_help=short, context_settings=settings)
    group = click.Group(
        name, params=parameters, short_help=short, context_settings=settings, invoke_without_command=True
    )
    for sub, value in entry["commands"].items():
        group.add_command(commands_of_table(sub, value))
    if name == "packager":
        group.add_command(
            click.Command("help", params=[click.Argument(["command"], nargs=-1, type=_WorkspaceValue("COMMAND"))])
        )
    return group


def _parameters(entry: Mapping[str, Any]) -> Iterator[click.Parameter]:
    for number, option in enumerate(entry.get("options", ())):
        more = (
            {"is_flag": True} if option.get("flag") else {"type": _type(option), "multiple": option.get("many", False)}
        )
        # A name, because click would make one from the option that some other option may share.
        name = "workspace" if "--workspace" in option["names"] else f"option_{number}"
        yield click.Option([name, *option["names"]], help=_(option["help"]), **more)
    for number, argument in enumerate(entry.get("arguments", ())):
        count = -1 if argument.get("many") else 1
        yield click.Argument([f"argument_{number}"], nargs=count, required=False, type=_type(argument))


def _type(parameter: Mapping[str, Any]) -> click.ParamType[Any]:
    if "choices" in parameter:
        return click.Choice(parameter["choices"])
    if "path" in parameter:
        return click.Path(file_okay=parameter["path"] == "file", dir_okay=parameter["path"] == "folder")
    return _WorkspaceValue(parameter["value"]) if "value" in parameter else click.STRING
