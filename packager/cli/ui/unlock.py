"""Passphrases and the spare, asked for or from the environment, and the keys that they open."""

from __future__ import annotations

import os
import sys

import click

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.registry.players import one_line
from packager.trust.chain import MAX_NAME, Power, TrustChain
from packager.trust.errors import SignatureError, TrustError
from packager.trust.keys import key_folder, keys_here, open_key
from packager.trust.minisign import SigningKey
from packager.trust.secret_key import key_of_spare
from packager.trust.store import TrustStore

PASSPHRASE_VARIABLE, SPARE_VARIABLE = "PACKAGER_PASSPHRASE", "PACKAGER_SPARE"
_SHORTEST = 8  # characters


def a_name(text: str, what: str) -> str:
    """`text` as a trust file may have it: one line, at most 200 characters. Raises InputError, which says `what`."""
    name = one_line(text.strip(), what)
    if not 0 < len(name) <= MAX_NAME:
        raise InputError(_("the {what} has 1 to {most} characters").format(what=what, most=MAX_NAME))
    return name


def require_chain(store: TrustStore) -> TrustChain:
    """The workspace's chain. Raises TrustError where nobody started or joined."""
    if store.chain is None:
        raise TrustError(
            _("this workspace follows no office; start one: packager trust start, or join one: packager trust join")
        )
    return store.chain


def key_for(store: TrustStore, power: Power) -> SigningKey | None:
    """This computer's key that may do `power`, unlocked; None where there is none."""
    if store.last is None:
        return None
    found = keys_here(key_folder(), sorted(store.last.who_may(power)))
    return open_key(key_folder(), found[0], ask_passphrase(found[0])) if found else None


def key_if_unlocked(store: TrustStore, power: Power) -> SigningKey | None:
    """As `key_for`, but None where nobody is there to type the passphrase, as in a nightly backup."""
    can_ask = os.environ.get(PASSPHRASE_VARIABLE) is not None or sys.stdin.isatty()
    return key_for(store, power) if can_ask else None


def required_key(store: TrustStore, power: Power, *, spare: bool = False) -> SigningKey:
    """As `key_for`, with the printed spare if `spare`. Raises TrustError where there is none."""
    chain = require_chain(store)
    if spare:
        key = ask_spare()
        if key.id not in chain.last.who_may(power):
            raise TrustError(_("these digits are the key {key}, which may not do this").format(key=key.id))
        return key
    key_here = key_for(store, power)
    if key_here is None:
        raise TrustError(
            _("no key on this computer may do this; use the computer of {who}, or type the spare: add --spare").format(
                who=", ".join(chain.last.keys[key].name for key in sorted(chain.last.who_may(power)))
            )
        )
    return key_here


def ask_passphrase(key: str) -> str:
    """The passphrase of a key of this computer."""
    said = os.environ.get(PASSPHRASE_VARIABLE)
    if said is not None:
        return said
    asked: str = click.prompt(_("Passphrase of the key {key}").format(key=key), hide_input=True, err=True)
    return asked


def ask_new_passphrase() -> str:
    """A new passphrase, asked for twice. Raises InputError for one that is too short."""
    said = os.environ.get(PASSPHRASE_VARIABLE)
    if said is None:
        said = click.prompt(
            _("New passphrase, at least {count} characters").format(count=_SHORTEST),
            hide_input=True,
            confirmation_prompt=_("The same again"),
            err=True,
        )
    if len(said) < _SHORTEST:
        raise InputError(_("a passphrase has at least {count} characters").format(count=_SHORTEST))
    return said


def ask_spare() -> SigningKey:
    """The key of the printed digits. Raises InputError for a slip."""
    said = os.environ.get(SPARE_VARIABLE)
    if said is None:
        said = click.prompt(_("The 100 digits of the spare (or scan its code)"), hide_input=False, err=True)
    try:
        return key_of_spare(said)
    except SignatureError as error:
        raise InputError(_("this is no spare: {reason}").format(reason=error)) from error
