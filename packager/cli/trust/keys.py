"""`packager trust key`, `add`, `rotate`, `revoke` and `spare`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from packager.base.errors import InputError
from packager.base.formats import utc_now, utc_text
from packager.base.i18n.language import _
from packager.cli.trust._pages import new_key_folder, print_code, require_outside, write_spare_page
from packager.cli.trust.changing import proposes
from packager.cli.ui.console import note, warn, workspace_of
from packager.cli.ui.page_file import require_new
from packager.cli.ui.unlock import a_name, ask_new_passphrase, require_chain, required_key
from packager.fleet.recall import only_signed_by, sign_again
from packager.registry.workspace_registry import registry_of
from packager.releases.store import list_releases
from packager.trust.chain import Power, TrustedKey
from packager.trust.changes import SPARE, require_key, with_key, with_key_replaced, with_key_revoked, without_key
from packager.trust.errors import SignatureError
from packager.trust.keys import key_folder, keys_here, save_key
from packager.trust.minisign import PublicKey
from packager.trust.secret_key import new_key


@click.command(help=_("Make a key on this computer, and print its public half for the office: packager trust add"))
@click.pass_context
def key_command(ctx: click.Context, /) -> None:
    keys = new_key_folder(workspace_of(ctx).root)
    passphrase = ask_new_passphrase()
    key = new_key()
    path = save_key(keys, key, passphrase)
    click.echo(key.public.to_text())
    print_code(key.public.to_text())
    note(_("The secret half is in {path}. Tell the office on the telephone: key {key}").format(path=path, key=key.id))


@click.command(
    help=_(
        "Let the key PUBLIC do what --may says. PUBLIC is the line that `packager trust key` printed on the other "
        "computer, or a file of minisign. Compare the key's 16 digits on the telephone."
    )
)
@click.argument("public")
@click.option("--name", required=True, help=_("Whose key it is."))
@click.option(
    "--may",
    multiple=True,
    type=click.Choice([power.value for power in Power]),
    default=[Power.EXCHANGE.value],
    show_default=True,
    help=_("What it may do; several are possible."),
)
@click.option("--approvals", type=click.IntRange(1, 9), help=_("From now on, an approval takes this many keys."))
@click.option("--spare", is_flag=True, help=_("Sign with the printed spare."))
@click.pass_context
@proposes
def add_command(ctx: click.Context, /, public: str, may: Sequence[str], spare: bool, **options: Any) -> None:
    name = a_name(options["name"], _("name of the owner"))
    with registry_of(workspace_of(ctx)) as registry:
        chain = require_chain(registry.trust)
        key = _public_key(public)
        signer = required_key(registry.trust, Power.TRUST, spare=spare)
        added = TrustedKey(name, key, frozenset(map(Power, may)))
        new = with_key(chain, utc_text(utc_now()), added, [signer], approvals=options["approvals"])
        registry.trust.save(new)
    note(
        _("{name} has the key {key}. The new trust files travel with every export and archive").format(
            name=name, key=key.id
        )
    )
    note(_("Fingerprint now: {digits}").format(digits=new.last.fingerprint))


def _public_key(text: str) -> PublicKey:
    try:
        path = Path(text)
        return PublicKey.from_text(path.read_text("utf-8") if path.is_file() else text)
    except (SignatureError, OSError, UnicodeDecodeError) as error:
        raise InputError(
            _("this is no public key ({reason}); give the line that packager trust key printed").format(reason=error)
        ) from error


@click.command(
    help=_(
        "Replace a key by a new one on this computer: from time to time, or with --spare if the old key is lost or its "
        "passphrase forgotten. What the old key approved is signed by the new one. If the key was stolen: packager "
        "trust revoke"
    )
)
@click.option("--key", "old", default="", help=_("The key to replace (default: this computer's)."))
@click.option("--spare", is_flag=True, help=_("Sign with the printed spare."))
@click.pass_context
@proposes
def rotate_command(ctx: click.Context, /, old: str, spare: bool) -> None:
    workspace = workspace_of(ctx)
    keys = new_key_folder(workspace.root)
    with registry_of(workspace) as registry:
        chain = require_chain(registry.trust)
        old = old or _own_key(chain.last.keys)
        require_key(chain, old)
        signer = required_key(registry.trust, Power.TRUST, spare=spare)
        passphrase = ask_new_passphrase()
        key = new_key()
        path = save_key(keys, key, passphrase)
        new = with_key_replaced(chain, utc_text(utc_now()), old, key.public, [signer, key], reason=_("replaced"))
        count = sign_again(registry, list_releases(workspace.releases), key)
        registry.trust.save(new)
    note(
        _("The key {old} is replaced by {key} in {path}; {count} approvals are signed anew").format(
            old=old, key=key.id, path=path, count=count
        )
    )
    note(_("Fingerprint now: {digits}").format(digits=new.last.fingerprint))


def _own_key(keys: Iterable[str]) -> str:
    here = keys_here(key_folder(), sorted(keys))
    if not here:
        raise InputError(_("no key of the trust files is on this computer; say which is replaced: --key"))
    return here[-1]


@click.command(
    help=_(
        "Let nothing count any more that the key KEY signed: it was stolen, or its owner left. Lists the releases that "
        "only this key approved; approve them again."
    )
)
@click.argument("key")
@click.option("--reason", required=True, help=_("Why, for people."))
@click.option("--dry-run", is_flag=True, help=_("Only list the releases that would need a new approval."))
@click.option("--spare", is_flag=True, help=_("Sign with the printed spare."))
@click.pass_context
@proposes
def revoke_command(ctx: click.Context, /, key: str, reason: str, dry_run: bool, spare: bool) -> None:
    with registry_of(workspace_of(ctx)) as registry:
        chain = require_chain(registry.trust)
        key = key.strip().upper()
        require_key(chain, key)
        reason = a_name(reason, _("reason"))
        lost = only_signed_by(registry, without_key(chain.last, key, reason))
        if not dry_run:
            signer = required_key(registry.trust, Power.TRUST, spare=spare)
            chain = with_key_revoked(chain, utc_text(utc_now()), key, [signer], reason=reason)
            registry.trust.save(chain)
    if not dry_run:
        note(_("The key {key} is revoked. The new trust files travel with every export and archive").format(key=key))
        note(_("Fingerprint now: {digits}").format(digits=chain.last.fingerprint))
    for release in lost:
        line = _('{release} needs a new approval: packager release approve {release} --by "WHO"')
        click.echo(line.format(release=release))


@click.command(
    help=_("Make a new spare, and write it as a page to FILE, to print and lock away. An older spare no longer counts.")
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--spare", is_flag=True, help=_("Sign with the printed spare."))
@click.pass_context
@proposes
def spare_command(ctx: click.Context, /, file: Path, spare: bool) -> None:
    workspace = workspace_of(ctx)
    require_outside(file, workspace.root)
    require_new(file, overwrite=False)
    with registry_of(workspace) as registry:
        chain = require_chain(registry.trust)
        signer = required_key(registry.trust, Power.TRUST, spare=spare)
        key, made = new_key(), utc_text(utc_now())
        write_spare_page(chain.last.office, key, file)  # first: a change that others have to sign names the key
        older = [old for old, one in chain.last.keys.items() if one.name == SPARE and not one.revoked]
        if older:
            new = with_key_replaced(chain, made, older[0], key.public, [signer, key], reason=_("replaced"))
        else:
            new = with_key(chain, made, TrustedKey(SPARE, key.public, frozenset({Power.TRUST})), [signer])
        registry.trust.save(new)
    note(_("Print {path}, lock the paper away, and delete the file").format(path=file))
    if older:
        warn(_("The paper with the older spare is worthless now; destroy it"))
