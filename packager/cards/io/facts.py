"""Read what directory entries say besides name and size: hidden entries, and files that begin in one cluster."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace

from packager.cards.filesystem import CardFS, DirEntry, DirEntryKind
from packager.cards.plan.snapshot import CardSnapshot

_BROKEN_NAME = re.compile(r"[\x00-\x1f\x7f:\\]")


def is_broken_name(name: str) -> bool:
    """Whether a name has characters that only a damaged folder has; nothing of ours is inside."""
    return _BROKEN_NAME.search(name) is not None


def with_facts(fs: CardFS, snapshot: CardSnapshot) -> CardSnapshot:
    """The snapshot with what directory entries say besides name and size, and with the dirty mark.

    Read are the entries of ours, and where the system shows first clusters, those of all files. Raises OSError.
    """
    if not snapshot.keeps_order:
        return snapshot
    ours: dict[str, None] = {}
    for manifest in snapshot.manifests.values():
        for file in manifest.files:
            parts = file.path.split("/")
            ours.update(dict.fromkeys("/".join(parts[:depth]) for depth in range(1, len(parts) + 1)))
    facts = {path: fs.facts_of(path) for path in ours if _has_facts(snapshot.entries.get(path))}
    facts |= {path: fs.facts_of(path) for path, entry in snapshot.own.items() if entry.kind is DirEntryKind.FILE}
    if any(found.first_cluster is not None for found in facts.values()):
        others = snapshot.entries
        for path, entry in others.items():
            if path not in facts and entry.kind is DirEntryKind.FILE and entry.size and not is_broken_name(path):
                with suppress(PermissionError):
                    facts[path] = fs.facts_of(path)
    return replace(snapshot, facts=facts, marked_dirty=fs.is_marked_dirty)


def _has_facts(entry: DirEntry | None) -> bool:
    return entry is not None and entry.kind is not DirEntryKind.OTHER
