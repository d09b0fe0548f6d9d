"""A click group that imports its commands lazily."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from packager.base.i18n.language import _
from packager.cli.ui.help import with_examples


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called; listing them imports none.

    `listed` maps a command's name to its location and a line of help, marked for translation. The location is
    "module" or "module:attribute" below `packager.cli`; the default attribute is "command".
    """

    def __init__(self, *args: Any, listed: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._listed = listed

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of work."""
        return list(self._listed)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in self._listed:
            return super().get_command(ctx, cmd_name)
        module, _colon, attribute = self._listed[cmd_name][0].partition(":")
        command = getattr(import_module(f"packager.cli.{module}"), attribute or "command")
        assert isinstance(command, click.Command)
        # The path without the name of the program, which the first context has.
        return with_examples(command, " ".join([*ctx.command_path.split()[1:], cmd_name]))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As in click, but an unknown name is answered with a similar one."""
        if self.get_command(ctx, args[0]) is None:
            from packager.base.yaml_documents import did_you_mean

            # `approve` is `release approve`; a similar name comes after that.
            whole = [f"{group} {args[0]}" for group in _groups_with(args[0]) if group in self._listed]
            hint = did_you_mean(whole[0], whole) if whole else did_you_mean(args[0], list(self._listed))
            ctx.fail(_("no command '{name}'{hint}").format(name=args[0], hint=hint))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands with their lines of help."""
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, _(text)) for name, (_module, text) in self._listed.items()])


def _groups_with(command: str) -> list[str]:
    """The groups of the program that have a command of this name."""
    from packager.cli.completion.command_table import command_table

    commands = command_table()["packager"]["commands"]
    return [name for name, entry in commands.items() if command in entry.get("commands", {})]
