"""Opens the registry of a workspace with its trust files, and notices an older folder in their place.

Trust files travel with every file, and only grow. A folder that is older than what the registry has seen was put
back: from an old copy of the workspace, or so that a revoked key counts again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from packager.base.formats import sha256_bytes
from packager.base.workspace import Workspace
from packager.registry.approval_setting import note_approval_setting
from packager.registry.database import Registry, open_registry
from packager.registry.own_settings import read_setting, write_setting
from packager.trust.store import TrustMode, TrustStore

if TYPE_CHECKING:
    from sqlalchemy import Connection

_NAME = "trust"  # of the registry's setting


def registry_of(workspace: Workspace) -> Registry:
    """Open the registry of a workspace, with the workspace's trust files. Raises as `open_registry`.

    The registry then knows whether the office requires approval from now on.
    """
    trust = TrustStore(workspace.trust, TrustMode(workspace.settings.trust))
    registry = open_registry(workspace.registry, trust=trust)
    try:
        note_approval_setting(registry, required=workspace.approval_required)
        note_trust_version(registry, trust)
    except BaseException:
        registry.close()
        raise
    return registry


def note_trust_version(registry: Registry, store: TrustStore) -> None:
    """Record the version in `store` if it is newer than the recorded one; else `store` learns what was seen.

    Another office's trust files, after the workspace left one, count anew.
    """
    chain = store.chain
    if chain is None:
        return
    office = sha256_bytes(chain.files[0].data)
    with registry.read() as connection:
        seen_office, seen = _recorded(connection)
    if seen_office == office and seen >= chain.last.version:
        store.least = seen
        return
    with registry.write() as connection:
        write_setting(connection, _NAME, f"{office} {chain.last.version}")


def _recorded(connection: Connection) -> tuple[str, int]:
    office, _space, version = (read_setting(connection, _NAME) or " 0").partition(" ")
    return office, int(version)
