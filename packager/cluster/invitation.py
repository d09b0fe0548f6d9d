"""Who may join a cluster: the authority on the computer that invites, and invitations that helpers keep.

Both hold secret keys. They lie with the keys of trust, outside every workspace, readable by their owner alone.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from packager.base.errors import InputError, StorageError
from packager.base.formats import canonical_json, write_atomic
from packager.base.i18n.language import _, reason_of
from packager.cluster.certificates import Identity, issue, new_authority
from packager.trust.keys import for_its_owner_alone

INVITATION_DAYS = 90
OWN_DAYS = 7  # of the certificate of a build or a scheduler, made anew each time
SCHEME = "tls://"
_KIND = "packager workers invitation 1"
_AUTHORITY = "workers-authority.json"
_INVITATION = "workers-invitation.json"
_MOST_BYTES = 64 * 1024


@dataclass(frozen=True)
class Invitation:
    """What a computer needs to be a member of a cluster. `address` is empty where the inviter named none."""

    address: str
    identity: Identity

    def to_bytes(self) -> bytes:
        """The invitation as a small file."""
        return canonical_json({"kind": _KIND, "address": self.address, **asdict(self.identity)})

    @classmethod
    def from_bytes(cls, data: bytes, source: object, *, now: datetime) -> Invitation:
        """Parse an invitation; `source` names its file. Raises InputError where it is none, or too old."""
        try:
            values = json.loads(data)
            if values["kind"] != _KIND:
                raise ValueError(_KIND)
            texts = {name: values[name] for name in ("authority", "certificate", "key")}
            invitation = cls(values["address"], Identity(**texts))
            expires = invitation.identity.expires
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(
                _("{path} is no invitation; make one with: packager workers invite").format(path=source)
            ) from error
        if expires <= now:
            raise InputError(
                _("the invitation {path} ended on {day}; ask for a new one: packager workers invite").format(
                    path=source, day=expires.date()
                )
            )
        return invitation


def require_tls(address: str) -> str:
    """`address` if it is one of TLS. Raises InputError for others."""
    if address.startswith(SCHEME) and ":" in address.removeprefix(SCHEME).rstrip("/"):
        return address.rstrip("/")
    if address.startswith("tcp://"):
        raise InputError(
            _(
                "{address} is not encrypted, and anybody could read the texts and send speech; use tls://HOST:PORT"
            ).format(address=address)
        )
    raise InputError(_("{address} is no address of workers; expected tls://HOST:PORT").format(address=address))


def open_authority(folder: Path, *, name: str, now: datetime) -> Identity:
    """The authority in the key folder, made if it is missing. Raises InputError, StorageError."""
    path = folder / _AUTHORITY
    if not path.is_file():
        _save(path, canonical_json(asdict(new_authority(name, now=now))))
    try:
        return Identity(**json.loads(_read(path)))
    except (ValueError, TypeError) as error:
        raise InputError(
            _("{path} is damaged; delete it, serve again, and invite everybody anew").format(path=path)
        ) from error


def invite(folder: Path, helper: str, address: str, *, now: datetime, days: int = INVITATION_DAYS) -> Invitation:
    """A new invitation by the authority in `folder`."""
    return Invitation(address, issue(open_authority(folder, name=helper, now=now), helper, now=now, days=days))


def keep_invitation(folder: Path, invitation: Invitation) -> None:
    """Keep an invitation for later commands. Raises StorageError."""
    _save(folder / _INVITATION, invitation.to_bytes())


def own_identity(folder: Path, name: str, *, now: datetime) -> Identity:
    """What this computer shows to a cluster: of its own authority, or of the invitation that it keeps.

    Raises InputError where it has neither.
    """
    if (folder / _AUTHORITY).is_file():
        return invite(folder, name, "", now=now, days=OWN_DAYS).identity
    path = folder / _INVITATION
    if not path.is_file():
        raise InputError(
            _(
                "this computer has no invitation to the workers; on the computer that serves: packager workers invite "
                "FILE, and here: packager workers list --invitation FILE"
            )
        )
    return read_invitation(path, now=now).identity


def read_invitation(path: Path, *, now: datetime) -> Invitation:
    """The invitation in a file. Raises InputError."""
    return Invitation.from_bytes(_read(path), path, now=now)


def write_invitation(path: Path, invitation: Invitation) -> None:
    """Write an invitation to a new file, for its owner alone. Raises InputError where the file exists."""
    if path.exists():
        raise InputError(_("{path} exists already; name a new file").format(path=path))
    _save(path, invitation.to_bytes())


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(_MOST_BYTES)
    except OSError as error:
        raise InputError(_("{path} can't be read: {reason}").format(path=path, reason=reason_of(error))) from error


def _save(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with for_its_owner_alone():
            write_atomic(path, data)
    except OSError as error:
        raise StorageError(_("{path} can't be written: {reason}").format(path=path, reason=reason_of(error))) from error
