"""Rows that this program never writes: a damaged registry is said to be one."""

from __future__ import annotations

from contextlib import ContextDecorator
from types import TracebackType

from packager.base.errors import RegistryError
from packager.base.i18n.language import _


class _Understood(ContextDecorator):
    """See `understood`; a class, because a generator for each of a million rows takes longer than the row."""

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, (ValueError, TypeError)):
            raise RegistryError(
                _(
                    "the registry holds what this program never writes ({reason}): it is damaged. "
                    "Move it aside without deleting it, and put the last copy of it in its place"
                ).format(reason=error)
            ) from error


def understood() -> _Understood:
    """Raise RegistryError when a row can't be turned into what it stands for; a decorator, or for `with`."""
    return _Understood()
