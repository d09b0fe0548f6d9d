"""Row errors: a row that this program never writes is reported as a damaged registry."""

from __future__ import annotations

from contextlib import ContextDecorator
from types import TracebackType

from packager.base.errors import RegistryError
from packager.base.i18n.language import _


def damaged_registry(reason: object) -> RegistryError:
    """The error for a row that no object can be made of."""
    return RegistryError(
        _(
            "the registry holds an invalid row ({reason}): it is damaged. "
            "Move it aside without deleting it, and put the last copy of it in its place"
        ).format(reason=reason)
    )


class RowErrors(ContextDecorator):
    """Raises RegistryError in place of the ValueError or TypeError of code that reads values of rows."""

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, (ValueError, TypeError)):
            raise damaged_registry(error) from error
