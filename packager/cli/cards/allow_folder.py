"""The option `--allow-folder` of the commands for one card."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from packager.base.i18n.language import _

_Command = TypeVar("_Command", bound=Callable[..., Any])


def allow_folder_option() -> Callable[[_Command], _Command]:
    """`--allow-folder`; without it, only mounted cards are accepted."""
    return click.option("--allow-folder", is_flag=True, help=_("Accept a folder as CARD, for practice."))
