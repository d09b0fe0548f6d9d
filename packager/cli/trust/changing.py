"""`packager trust threshold` and `sign`, for changes that take several keys."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from packager.base.display import shown
from packager.base.errors import StorageError
from packager.base.formats import utc_now, utc_text, write_atomic
from packager.base.i18n.language import _, reason_of
from packager.cli.ui.console import note, workspace_of
from packager.cli.ui.unlock import require_chain, required_key
from packager.registry.workspace_registry import registry_of
from packager.trust.chain import MAX_SIGNATURES, Power, TrustChain
from packager.trust.changes import with_threshold
from packager.trust.errors import TrustError
from packager.trust.proposals import (
    MAX_PROPOSAL_BYTES,
    TooFewSignersError,
    TrustProposal,
    adopted,
    changes,
    missing_signers,
    require_next,
    signed,
)

P = ParamSpec("P")
T = TypeVar("T")


def proposes(command: Callable[P, T]) -> Callable[P, T | None]:
    """A command that changes trust: where that takes more keys, it writes the change to a file for them to sign."""

    @wraps(command)
    def run(*arguments: P.args, **options: P.kwargs) -> T | None:
        try:
            return command(*arguments, **options)
        except TooFewSignersError as error:
            path = Path(f"trust-{error.proposal.file.version}.proposal.json")
            _write(path, error.proposal)
            _say_missing(path, error.missing)
            return None

    return run


@click.command(
    help=_(
        "From now on, changing trust takes COUNT different keys. A change is then a file that goes from one key holder "
        "to the next: packager trust sign"
    )
)
@click.argument("count", type=click.IntRange(1, MAX_SIGNATURES))
@click.option("--spare", is_flag=True, help=_("Sign with the printed spare."))
@click.pass_context
@proposes
def threshold_command(ctx: click.Context, /, count: int, spare: bool) -> None:
    with registry_of(workspace_of(ctx)) as registry:
        chain = require_chain(registry.trust)
        signer = required_key(registry.trust, Power.TRUST, spare=spare)
        new = with_threshold(chain, utc_text(utc_now()), count, [signer])
        registry.trust.save(new)
    _say_in_force(new)


@click.command(
    help=_(
        "Sign the change of trust in FILE, which another key holder proposed; shows first what it changes. With enough "
        "signatures it is in force here, and FILE brings it to the other computers by the same command."
    )
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--spare", is_flag=True, help=_("Sign with the printed spare."))
@click.pass_context
def sign_command(ctx: click.Context, /, file: Path, spare: bool) -> None:
    proposal = _read(file)
    with registry_of(workspace_of(ctx)) as registry:
        chain = require_chain(registry.trust)
        if proposal.file.data == chain.last.data:
            note(_("This change is in force here already"))
            return
        require_next(chain, proposal, str(file))
        for line in changes(chain.last, proposal.file):
            click.echo(shown(line))
        if missing_signers(chain, proposal):
            proposal = signed(proposal, required_key(registry.trust, Power.TRUST, spare=spare))
            _write(file, proposal)
        missing = missing_signers(chain, proposal)
        if missing:
            _say_missing(file, missing)
            return
        new = adopted(chain, proposal, str(file))
        registry.trust.save(new)
    _say_in_force(new)


def _say_missing(path: Path, count: int) -> None:
    note(
        _(
            "Nothing has changed yet: {count} more keys have to sign. Give {path} to another key holder: packager "
            "trust sign {path}"
        ).format(count=count, path=path)
    )


def _say_in_force(chain: TrustChain) -> None:
    note(_("The change is in force. The new trust files travel with every export and archive"))
    note(_("Fingerprint now: {digits}").format(digits=chain.last.fingerprint))


def _read(file: Path) -> TrustProposal:
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_PROPOSAL_BYTES + 1)
    except OSError as error:
        raise StorageError(_("{path} can't be read: {reason}").format(path=file, reason=reason_of(error))) from error
    if len(data) > MAX_PROPOSAL_BYTES:
        raise TrustError(_("{path} is larger than a trust file can be").format(path=file))
    return TrustProposal.from_bytes(data, str(file))


def _write(path: Path, proposal: TrustProposal) -> None:
    try:
        write_atomic(path, proposal.to_bytes())
    except OSError as error:
        raise StorageError(_("{path} can't be written: {reason}").format(path=path, reason=reason_of(error))) from error
