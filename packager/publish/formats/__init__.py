"""The channels: what a release is published as.

This folder is a plugin registry. Each module in it is one channel, named as in `--as`. A module has a function
`produce` that takes a Work and yields the files of the folder.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterable
from importlib import import_module

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.base.yaml_documents import did_you_mean
from packager.publish.folder import OutputFile
from packager.publish.options import Work

Produce = Callable[[Work], Iterable[OutputFile]]


def channel_names() -> tuple[str, ...]:
    """The names of all channels."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def find_channels(names: Iterable[str]) -> dict[str, Produce]:
    """The channels of these names. Raises InputError for a name that no channel has."""
    return {name: _channel(name) for name in names}


def _channel(name: str) -> Produce:
    known = channel_names()
    if name not in known:
        raise InputError(
            _("there is no channel '{name}'{hint} (known: {known})").format(
                name=name, hint=did_you_mean(name, list(known)), known=", ".join(known)
            )
        )
    produce: Produce = import_module(f"{__name__}.{name}").produce
    return produce
