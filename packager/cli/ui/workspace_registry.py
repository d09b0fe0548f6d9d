"""Opens a workspace's registry for a command that depends on which releases may be given out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from packager.base.workspace import Workspace
from packager.registry.approval_setting import note_approval_setting
from packager.registry.database import Registry
from packager.registry.workspace_registry import registry_of


@contextmanager
def workspace_registry(workspace: Workspace) -> Iterator[Registry]:
    """The registry of `workspace`, open; it then knows whether the office requires approval now."""
    with registry_of(workspace) as registry:
        note_approval_setting(registry, required=workspace.approval_required)
        yield registry
