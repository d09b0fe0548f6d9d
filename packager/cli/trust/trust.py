"""`packager trust`: who may approve releases and send registries."""

from __future__ import annotations

import click

from packager.base.i18n.language import N_, _
from packager.cli.ui.group import LazyGroup


@click.group(
    cls=LazyGroup,
    listed={
        "start": ("trust.office:start_command", N_("make the office's key, and require its signature from now on")),
        "show": ("trust.office:show_command", N_("show the office's fingerprint, and who may do what")),
        "join": ("trust.office:join_command", N_("follow an office, by the fingerprint that it read to you")),
        "key": ("trust.keys:key_command", N_("make a key on this computer, for the office to add")),
        "add": ("trust.keys:add_command", N_("let a key approve releases or sign exports")),
        "rotate": (
            "trust.keys:rotate_command",
            N_("replace a key that is old or lost, or whose passphrase is forgotten"),
        ),
        "revoke": ("trust.keys:revoke_command", N_("let nothing count any more that a stolen key signed")),
        "threshold": ("trust.changing:threshold_command", N_("say how many keys a change of trust takes")),
        "sign": ("trust.changing:sign_command", N_("sign a change of trust that takes several keys")),
        "spare": ("trust.keys:spare_command", N_("make a new spare key to print and lock away")),
    },
    help=_(
        "Sign what the office approves, so that nobody else can say it. One computer alone needs none of this. See "
        "docs/TRUST.md."
    ),
)
def command() -> None:
    pass
