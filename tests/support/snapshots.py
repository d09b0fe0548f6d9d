"""Snapshots of cards and plans, for tests of what is decided without a card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from packager.base.formats import sha256_bytes
from packager.base.manifest import Manifest
from packager.cards.filesystem import DirEntry, DirEntryKind
from packager.cards.plan.directory_order import play_order
from packager.cards.plan.snapshot import CardSnapshot
from packager.cards.plan.state_slots import SlotState, SlotStatus, Verification
from packager.cards.plan.steps import Barrier, CreateFile, DeleteFile, DeleteFolder, LoadPlan, MakeFolder, ReadBack

LOAD_ID = "7a8e3329-b61e-40b1-80ee-a0d5802b4e12"


def clean(manifest: Manifest) -> SlotState:
    """The state of a card that holds a release."""
    return SlotState(2, LOAD_ID, "", SlotStatus.CLEAN, (manifest.id,), manifest.id, Verification.HASHES)


def updating(target: Manifest, *owned: Manifest) -> SlotState:
    """The state of a card on which the load of `target` was interrupted."""
    names = tuple(manifest.id for manifest in owned)
    return SlotState(3, LOAD_ID, "", SlotStatus.UPDATING, names, target.id, Verification.NOTHING)


def snapshot_of(
    files: Mapping[str, bytes], state: SlotState | None, manifests: Sequence[Manifest], **values: Any
) -> CardSnapshot:
    """A card with these files in directory order, all of them read unless the card is clean.

    A path that ends in a slash is an empty folder.
    """
    folders: dict[str, tuple[DirEntry, ...]] = {}
    order = play_order(path.rstrip("/") for path in files)
    empty = {path.rstrip("/") for path in files if path.endswith("/")}
    for folder in {**order, **dict.fromkeys(empty, ())}:
        paths = [f"{folder}/{name}" if folder else name for name in order.get(folder, ())]
        folders[folder] = tuple(
            DirEntry(path.rpartition("/")[2], 0, DirEntryKind.FOLDER)
            if path in order or path in empty
            else DirEntry(path.rpartition("/")[2], len(files[path]), DirEntryKind.FILE)
            for path in paths
        )
    given: dict[str, Any] = {
        "state": state,
        "manifests": {manifest.id: manifest for manifest in manifests},
        "folders": folders,
        "free_space": 1 << 30,
        "allocation_unit": 4096,
        "keeps_order": True,
        "surveyed": True,
    }
    if state is None or state.status is not SlotStatus.CLEAN:
        ours = {file.path for manifest in manifests for file in manifest.files}
        given["contents"] = {path: sha256_bytes(data) for path, data in files.items() if path in ours}
    return CardSnapshot(**{**given, **values})


def steps_of(plan: LoadPlan) -> list[str]:
    """The steps of a plan, a line each."""
    lines = []
    for step in plan.steps:
        if isinstance(step, MakeFolder):
            lines.append(f"folder {step.path}")
        elif isinstance(step, CreateFile):
            lines.append(f"create {step.file.path}")
        elif isinstance(step, DeleteFile):
            lines.append(f"delete {step.path} {step.why.value}")
        elif isinstance(step, DeleteFolder):
            lines.append(f"delete folder {step.path}")
        else:
            lines.append({Barrier: "barrier", ReadBack: "read back"}[type(step)])
    return lines
