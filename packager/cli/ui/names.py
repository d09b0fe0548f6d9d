"""Names that options ask for: a word that stands for one in a proposed command is none."""

from __future__ import annotations

import click

from packager.base.i18n.language import _


def refuse_stand_in(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    """Return `value`. Raises click.BadParameter for the word of a proposal that was pasted as it stands, as WHO."""
    if value.strip() in {"WHO", _("WHO")}:
        raise click.BadParameter(_("'{word}' stands for a name; write the name in its place").format(word=value))
    return value
