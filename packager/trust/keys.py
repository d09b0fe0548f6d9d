"""The secret keys of this user: files outside every workspace, so that no backup, export or card has them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from packager.base.errors import InputError, StorageError
from packager.base.formats import write_atomic
from packager.base.i18n.language import _, reason_of
from packager.trust.errors import SignatureError
from packager.trust.minisign import SigningKey
from packager.trust.secret_key import KeyFile, WrongPassphraseError, locked

KEYS_VARIABLE = "PACKAGER_KEYS"
_SUFFIX = ".key"
_MOST_BYTES = 16 * 1024


def key_folder() -> Path:
    """The folder of secret keys: PACKAGER_KEYS, or the user's data folder of this system."""
    named = os.environ.get(KEYS_VARIABLE)
    if named:
        return Path(named)
    from platformdirs import user_data_path

    return user_data_path("packager", appauthor=False) / "keys"


@contextmanager
def for_its_owner_alone() -> Iterator[None]:
    """Files that are made within are readable by the user alone, where the system has such permissions."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def keys_here(folder: Path, wanted: Iterable[str]) -> tuple[str, ...]:
    """Those of the key ids `wanted` whose secret key is on this computer."""
    return tuple(key for key in wanted if (folder / f"{key}{_SUFFIX}").is_file())


def save_key(folder: Path, key: SigningKey, passphrase: str) -> Path:
    """Write the key file; only its owner may read it. Raises StorageError."""
    path = folder / f"{key.id}{_SUFFIX}"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with for_its_owner_alone():
            write_atomic(path, locked(key, passphrase).encode())
    except OSError as error:
        raise StorageError(_("{path} can't be written: {reason}").format(path=path, reason=reason_of(error))) from error
    return path


def open_key(folder: Path, key: str, passphrase: str) -> SigningKey:
    """Unlock a key of this computer. Raises InputError when it is missing, damaged, or the passphrase is wrong."""
    path = folder / f"{key}{_SUFFIX}"
    try:
        with path.open("rb") as stream:
            found = KeyFile.from_text(stream.read(_MOST_BYTES).decode()).unlock(passphrase)
    except WrongPassphraseError as error:
        raise InputError(
            _(
                "the passphrase does not open the key {key}. If nobody knows it any more, type the spare: "
                "packager trust rotate --spare"
            ).format(key=key)
        ) from error
    except OSError as error:
        raise InputError(_("{path} can't be read: {reason}").format(path=path, reason=reason_of(error))) from error
    except (SignatureError, UnicodeDecodeError) as error:
        raise InputError(
            _(
                "{path} is no key file ({reason}); put a copy of it in its place, or: packager trust rotate --spare"
            ).format(path=path, reason=error)
        ) from error
    if found.id != key:
        raise InputError(_("{path} holds another key: {found}").format(path=path, found=found.id))
    return found
