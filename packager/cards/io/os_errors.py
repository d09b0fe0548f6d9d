"""Map the errno of a failing card to a message that says what to do next."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from packager.base.errors import CardFailedError, NeedsCheckError
from packager.base.i18n.language import N_, _, reason_of

_REASONS = {
    errno.ENOSPC: N_("it is full; delete files of your own from it"),
    errno.EROFS: N_("it has become read-only; check its lock switch and its file system"),
    errno.EIO: N_("it could not be read or written; try another reader, and if that fails another card"),
    errno.EACCES: N_("this user may not write on it"),
    errno.EPERM: N_("this user may not write on it"),
    errno.EEXIST: N_("a file appeared on it while it was being loaded; move that file away"),
    errno.ENOTEMPTY: N_("a file appeared on it while it was being loaded; move that file away"),
}
_REMOVED = frozenset({errno.ENODEV, errno.ENXIO, errno.ENOENT, errno.ENOTDIR, errno.ESTALE, errno.ENOTCONN})


def is_full_root(error: OSError) -> bool:
    """Whether a root of fixed size has no free entry left. Windows says ERROR_CANNOT_MAKE, which C calls EACCES."""
    return error.errno == errno.ENOSPC or (sys.platform == "win32" and error.errno == errno.EACCES)


@contextmanager
def card_failures(card: str, *, begun: bool = True, interrupted: bool = False) -> Iterator[None]:
    """Turn an OSError of the card into a CardFailedError.

    Once a load has begun on the card, it stays known to be unfinished. A card that can't be read or written
    after a load was `interrupted` on it, and one that becomes read-only under a load, is a damaged file
    system: NeedsCheckError.
    """
    try:
        yield
    except OSError as error:
        if error.errno == errno.EROFS or (interrupted and error.errno == errno.EIO):
            raise NeedsCheckError(
                _(
                    "{card} failed: {reason}. The load stopped. Check the card's file system with this "
                    "system's own tool (fsck.vfat, chkdsk, Disk Utility), then run the same command again. "
                    "({detail})"
                ).format(card=card, reason=_reason(error), detail=error)
            ) from error
        message = (
            _(
                "{card} failed: {reason}. It is marked as unfinished; solve this problem, then run the same "
                "command again. ({detail})"
            )
            if begun
            else _(
                "{card} failed: {reason}. Its tracks were not changed; solve this problem, then run the same "
                "command again. ({detail})"
            )
        )
        raise CardFailedError(message.format(card=card, reason=_reason(error), detail=error)) from error


def _reason(error: OSError) -> str:
    if error.errno in _REMOVED:
        return _("it was removed, or its files can no longer be found; insert it again")
    known = _REASONS.get(error.errno or 0)
    return _(known) if known else reason_of(error)
