"""Commit records: write a card's identity, manifests and A/B state slots around a load."""

from __future__ import annotations

import re
from collections.abc import Mapping

from packager.base.errors import CardFailedError
from packager.base.i18n.language import _
from packager.cards.filesystem import SLOT_SIZE, CardFS, DirEntry, DirEntryKind
from packager.cards.io.card import Card
from packager.cards.plan.state_slots import (
    CARD_FOLDER,
    IDENTITY_PATH,
    SLOT_PATHS,
    SlotState,
    SlotStatus,
    Verification,
    is_no_places_path,
    manifest_id_of,
    manifest_path,
    marker_number,
    signature_id_of,
    signature_path,
)
from packager.cards.plan.steps import LoadPlan

_SHORT_FORM = re.compile(r"MANIFE~[0-9]+\.(?:JSO|MIN)|CARD~[0-9]+\.JSO|CARD\.JSO|STATE\.[AB]")


def write_own_files(card: Card, plan: LoadPlan) -> None:
    """Create the missing files of our own: folder, identity, slots, and the manifests that a slot will name."""
    _write_missing(card, _manifest_files(card, plan))


def give_identity(card: Card) -> None:
    """Write the identity and empty slots of a card that has none yet.

    The caller holds the card's lock. Raises OSError when the card fails, CardFailedError when the identity reads
    back differently.
    """
    _write_missing(card, {})
    if b"".join(card.fs.read(IDENTITY_PATH)) != card.identity.to_bytes():
        raise CardFailedError(_("{card} does not keep what is written on it: use another card").format(card=card.name))


def _write_missing(card: Card, content: Mapping[str, bytes]) -> None:
    fs = card.fs
    fs.barrier()  # settle what a killed load left, freed space above all
    if not any(entry.name == CARD_FOLDER for entry in fs.scan("")):
        fs.make_folder(CARD_FOLDER)
    own = {f"{CARD_FOLDER}/{entry.name}": entry for entry in fs.scan(CARD_FOLDER)}
    begun = any(path in own for path in SLOT_PATHS)
    old = {path: entry for path, entry in own.items() if not is_no_places_path(path)}
    stale = [path for path, entry in old.items() if _is_stale(card, path, entry, content, begun=begun)]
    for path in stale:
        fs.delete(path)
    if stale:
        fs.barrier()
    there = own.keys() - set(stale)
    # The identity comes first: if a slot exists, the identity is settled.
    identity = card.identity if card.found is None else card.found
    new = {IDENTITY_PATH: identity.to_bytes(), **{path: bytes(SLOT_SIZE) for path in SLOT_PATHS}}
    for path, data in {**new, **content}.items():
        if path not in there:
            # One barrier a file: if a power cut lost the table entries of two files, both could get the same
            # clusters.
            fs.create(path, (data,) if data else ())
            fs.barrier()


def _is_stale(card: Card, path: str, entry: DirEntry, content: Mapping[str, bytes], *, begun: bool) -> bool:
    """Whether a file of our own must be deleted before anything is created.

    A half-deleted file may use clusters that count as free. If it were deleted later, a new file in the same
    clusters would be destroyed.
    """
    if entry.kind is not DirEntryKind.FILE:
        return False
    newest, name = card.slots.newest, path.rpartition("/")[2]
    if path in SLOT_PATHS:
        return entry.size != SLOT_SIZE or (newest is not None and newest.is_last) or newest is None
    if path == IDENTITY_PATH:
        return card.found is None or not begun
    if path in content:
        named = newest is not None and (manifest_id_of(name) or signature_id_of(name)) in newest.manifests
        return not named or not _holds(card.fs, {path: entry}, path, content[path])
    if marker_number(name) is not None:
        return entry.size == 0
    signed = signature_id_of(name)
    is_of_another = manifest_id_of(name) is not None or (signed is not None and manifest_path(signed) not in content)
    # If a power cut lost the long name of a file, its short name is left.
    return (bool(content) and is_of_another) or _SHORT_FORM.fullmatch(name) is not None


def begin_load(card: Card, plan: LoadPlan, load_id: str) -> SlotState:
    """Write the `updating` state. No managed file of a clean card is modified before."""
    newest = card.slots.newest
    state = SlotState(
        counter=newest.counter + 1 if newest and not newest.is_last else 1,
        load=load_id,
        parent=newest.load if newest else "",
        status=SlotStatus.UPDATING,
        owned=plan.owned,
        target=plan.wanted.id,
        verified=Verification.NOTHING,
    )
    card.fs.overwrite_slot(card.slots.older_path, state.to_bytes())
    card.fs.barrier()
    if card.found is not None and card.is_new:
        _replace_identity(card)
    return state


def commit_load(card: Card, plan: LoadPlan, updating: SlotState, verification: Verification) -> SlotState:
    """Write the `clean` state, then delete the manifests of old releases."""
    fs, wanted = card.fs, plan.wanted.id
    state = SlotState(
        counter=updating.counter + 1,
        load=updating.load,
        parent=updating.parent,
        status=SlotStatus.CLEAN,
        owned=(wanted,),
        target=wanted,
        verified=verification,
    )
    other = next(path for path in SLOT_PATHS if path != card.slots.older_path)
    fs.overwrite_slot(other, state.to_bytes())
    fs.barrier()
    for entry in fs.scan(CARD_FOLDER):
        about = manifest_id_of(entry.name) or signature_id_of(entry.name)
        if entry.kind is DirEntryKind.FILE and about not in (None, wanted):
            fs.delete(f"{CARD_FOLDER}/{entry.name}")
    fs.barrier()
    return state


def _manifest_files(card: Card, plan: LoadPlan) -> dict[str, bytes]:
    """The content of the wanted and the owned manifests, the signature of the wanted one, and the marks of lost places,
    by path."""
    known = {**card.snapshot.manifests, plan.wanted.id: plan.wanted}
    named = (*plan.owned, plan.wanted.id)
    content = {manifest_path(name): known[name].to_bytes() for name in named if name in known}
    content |= {signature_path(plan.wanted.id): plan.signature} if plan.signature else {}
    return content | dict.fromkeys(sorted(plan.marks), b"")


def _holds(fs: CardFS, own: Mapping[str, DirEntry], path: str, data: bytes) -> bool:
    return own[path].size == len(data) and b"".join(fs.read(path)) == data


def _replace_identity(card: Card) -> None:
    """Replace the identity of a copy. The slot says `updating` meanwhile, so after a power cut a card without an
    identity is known to be unfinished."""
    card.fs.delete(IDENTITY_PATH)
    card.fs.barrier()
    card.fs.create(IDENTITY_PATH, (card.identity.to_bytes(),))
    card.fs.barrier()
