"""When the office began or ceased to require approval, so that a setting never changes figures of past weeks.

`packager.yaml` says what holds now. The registry keeps each change with the time at which a command first saw it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packager.base.formats import canonical_json
from packager.registry.database import Registry
from packager.registry.own_settings import read_setting, write_setting

if TYPE_CHECKING:
    from sqlalchemy import Connection

_NAME = "approval"  # of the registry's setting
_MOST = 25  # changes kept; a setting has at most 1,000 characters


@dataclass(frozen=True)
class ApprovalSetting:
    """The changes of the setting as (UTC text, whether approval is required from then on), in their order."""

    changes: tuple[tuple[str, bool], ...]

    def required_at(self, moment: str) -> bool:
        """Whether approval was required at `moment` (UTC text). The first known setting counts for the time before."""
        past = [required for at, required in self.changes if at < moment]
        return past[-1] if past else self.changes[0][1]


def always(required: bool) -> ApprovalSetting:
    """The setting of an office that never changed it."""
    return ApprovalSetting((("", required),))


def note_approval_setting(registry: Registry, *, required: bool) -> None:
    """Record the setting of `packager.yaml` if it differs from the one last recorded."""
    with registry.read() as connection:
        if (known := _recorded(connection)) and known[-1][1] is required:
            return
    with registry.write() as connection:
        changes = _recorded(connection)
        if changes and changes[-1][1] is required:
            return
        value = canonical_json([*changes, (registry.now(), required)][-_MOST:]).decode()
        write_setting(connection, _NAME, value)


def read_approval_setting(registry: Registry, *, required: bool) -> ApprovalSetting:
    """The recorded changes, or `required` where there are none."""
    with registry.read() as connection:
        changes = _recorded(connection)
    return ApprovalSetting(changes) if changes else always(required)


def _recorded(connection: Connection) -> tuple[tuple[str, bool], ...]:
    changes = json.loads(read_setting(connection, _NAME) or "[]")
    return tuple((str(at), bool(required)) for at, required in changes)
