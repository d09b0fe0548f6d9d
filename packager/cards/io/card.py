"""Open a card and read its identity, state and contents into a snapshot. Writes nothing."""

from __future__ import annotations

import errno
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from packager.base.display import shown
from packager.base.errors import CardFailedError, CardRefusedError, DocumentError, NeedsCheckError
from packager.base.formats import random_identity, utc_now
from packager.base.i18n.language import _, reason_of
from packager.base.manifest import MAX_MANIFEST_BYTES, Manifest
from packager.cards.filesystem import SLOT_SIZE, CardFS, DirEntry, DirEntryKind
from packager.cards.io.facts import is_broken_name
from packager.cards.io.mount_guard import open_fs, refuse_occupied_folder
from packager.cards.plan.snapshot import CardSnapshot
from packager.cards.plan.state_slots import (
    CARD_FOLDER,
    IDENTITY_PATH,
    MAX_IDENTITY_BYTES,
    MAX_SIGNATURE_BYTES,
    SLOT_PATHS,
    CardIdentity,
    Slots,
    SlotState,
    SlotStatus,
    manifest_id_of,
    manifest_path,
    may_be_torn_slot,
    signature_path,
)

Progress = Callable[[str, int, int], None]
"""Called with the stage ("read", "write", "verify"), the bytes done, and the bytes in all."""

_MAX_DEPTH = 16
_MAX_ENTRIES = 200_000


def no_progress(_stage: str, _done: int, _total: int) -> None:
    """Ignore progress."""


@dataclass(frozen=True)
class Card:
    """An open card. If `identity` is not the one that was found, the next load writes it."""

    fs: CardFS
    name: str  # its path, as messages show it
    identity: CardIdentity
    found: CardIdentity | None  # the identity that was read
    slots: Slots
    snapshot: CardSnapshot
    read_only: bool = False

    @property
    def is_new(self) -> bool:
        """Whether the card's identity is not yet written on it."""
        return self.found != self.identity


@dataclass(frozen=True)
class CardAccess:
    """How a card is opened."""

    allow_folder: bool = False  # use a folder as a card, for practice
    claim: bool = False  # a card without an identity becomes a new one; an existing identity is kept in any case
    only_read: bool = False  # a card that is mounted read-only is accepted
    new_id: Callable[[], str] = random_identity
    clock: Callable[[], datetime] = utc_now

    def new_identity(self) -> CardIdentity:
        """The identity of a new card."""
        return CardIdentity(self.new_id(), self.clock())


def open_card(root: Path, access: CardAccess, known: Iterable[Manifest] = ()) -> Card:
    """Open the card at `root` and read its identity, state and folders.

    A manifest on the card that is one of the `known` ones, byte for byte, is not checked a second time. Raises
    CardRefusedError with the reason for anything that is no card or not ours, NeedsCheckError where the file system is
    damaged or read-only.
    """
    with reading(shown(str(root))):
        fs = open_fs(root, allow_folder=access.allow_folder, only_read=access.only_read)
        if not access.claim:
            refuse_occupied_folder(fs)
    card = read_card(fs, shown(str(fs.root)), access, known)
    return replace(card, read_only=fs.read_only)


def read_card(fs: CardFS, name: str, access: CardAccess, known: Iterable[Manifest] = ()) -> Card:
    """As `open_card`, on a file system that was checked already."""
    with reading(name):
        own = _own_entries(fs, name)
        identity, slots = _identity(fs, own), _slots(fs, own)
        if identity is None and not access.claim:
            raise CardRefusedError(_unknown_card(name, own))
        valid = {manifest.id: manifest for manifest in known}
        snapshot = _view(fs, name, own, slots, valid, lost_identity=identity is None)
    given = identity if identity is not None else access.new_identity()
    return Card(fs, name, given, identity, slots, snapshot)


def with_new_identity(card: Card, access: CardAccess) -> Card:
    """The card with a new identity, which the next load writes: for a copy of another card."""
    return replace(card, identity=access.new_identity())


def with_known_manifests(card: Card, known: Iterable[Manifest]) -> Card:
    """The card with those of the `known` manifests that its state names but that are lost on it."""
    state, snapshot = card.snapshot.state, card.snapshot
    lost = () if state is None else [name for name in state.manifests if name not in snapshot.manifests]
    if not lost:
        return card
    found = {manifest.id: manifest for manifest in known if manifest.id in lost}
    return replace(card, snapshot=replace(snapshot, manifests={**found, **snapshot.manifests}))


def is_unchanged(card: Card, paths: Collection[str]) -> bool:
    """Whether the card's identity, slots and the entries at `paths` are still as they were read.

    Raises CardFailedError when it can't be read, NeedsCheckError when its file system is damaged.
    """
    with reading(card.name):
        try:
            own = _own_entries(card.fs, card.name)
            found = (_identity(card.fs, own), _slots(card.fs, own))
            folders = dict(_tree(card.fs, card.name))
        except OSError as error:
            if error.errno == errno.ENODEV:
                return False  # another card is there
            raise
    now = replace(card.snapshot, folders=folders).entries
    same_card = found == (card.found, card.slots)
    return same_card and all(now.get(path) == card.snapshot.entries.get(path) for path in paths)


@contextmanager
def reading(card: str) -> Iterator[None]:
    """Turn an OSError of a card that is only read into an error that says what to do."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.EIO:
            raise NeedsCheckError(_needs_check(card, reason_of(error))) from error
        raise CardFailedError(
            _("{card} can't be read: {reason}. Remove it, insert it again, and try again.").format(
                card=card, reason=reason_of(error)
            )
        ) from error


def _own_entries(fs: CardFS, name: str) -> dict[str, DirEntry]:
    """The entries of `.packager` by path; empty if the card has none."""
    found = next((entry for entry in fs.scan("") if entry.name == CARD_FOLDER), None)
    if found is None:
        return {}
    if found.kind is not DirEntryKind.FOLDER:
        raise CardRefusedError(
            _("{card} has a file named {folder} that is not ours; move it away and try again").format(
                card=name, folder=CARD_FOLDER
            )
        )
    return {f"{CARD_FOLDER}/{entry.name}": entry for entry in fs.scan(CARD_FOLDER)}


def _identity(fs: CardFS, own: dict[str, DirEntry]) -> CardIdentity | None:
    data = _small_file(fs, own, IDENTITY_PATH, MAX_IDENTITY_BYTES)
    return None if data is None else CardIdentity.from_bytes(data)


def _slots(fs: CardFS, own: dict[str, DirEntry]) -> Slots:
    """Both slots. One counts only where an honest load can have written it.

    Where somebody deleted our folder and the power fails while the slots are made again, a new slot can show the old
    content of its cluster, which the allocation table does not give it. A load fills a slot when both are there, and A
    before B.
    """
    a, b = (_small_file(fs, own, path, SLOT_SIZE) for path in SLOT_PATHS)
    is_a_filled = a is not None and SLOT_PATHS[1] in own
    is_b_filled = b is not None and a != bytes(SLOT_SIZE)
    return Slots(
        SlotState.from_bytes(a) if a is not None and is_a_filled else None,
        SlotState.from_bytes(b) if b is not None and is_b_filled else None,
    )


def _small_file(fs: CardFS, own: dict[str, DirEntry], path: str, limit: int) -> bytes | None:
    entry = own.get(path)
    if entry is None or entry.kind is not DirEntryKind.FILE or entry.size > limit:
        return None
    return b"".join(fs.read(path))


def _unknown_card(name: str, own: dict[str, DirEntry]) -> str:
    if own:
        return _(
            "{card} was a card of ours, but its identity can't be read. Check its file system first; to "
            "take it for a new card: packager load {card} --player PLAYER --new"
        ).format(card=name)
    return _(
        "{card} is not a card of ours yet. To take it for a new card: packager load {card} --player PLAYER --new"
    ).format(card=name)


def _view(
    fs: CardFS, name: str, own: dict[str, DirEntry], slots: Slots, known: Mapping[str, Manifest], *, lost_identity: bool
) -> CardSnapshot:
    manifests, problems = _manifests(fs, own, slots.newest, known)
    not_ours = tuple(_not_ours(fs, own, slots, manifests, lost_identity=lost_identity))
    return CardSnapshot(
        state=slots.newest,
        manifests=manifests,
        folders=dict(_tree(fs, name)),
        free_space=fs.free_space(),
        allocation_unit=fs.allocation_unit,
        keeps_order=fs.keeps_order,
        fills_tail_first=fs.fills_tail_first,
        root_slots=fs.root_slots,
        own=own,
        signature=_signature(fs, own, slots.newest),
        problems=tuple(problems),
        not_ours=not_ours,
        used_space=fs.used_space(),
        check_command=fs.check_command,
    )


def _not_ours(
    fs: CardFS, own: dict[str, DirEntry], slots: Slots, manifests: Collection[str], *, lost_identity: bool
) -> Iterator[str]:
    """The small files of ours with content that this program never writes, nor a power cut leaves.

    If a slot is valid, everything that it names was durable before: the manifests, both slots, and on a clean card
    the identity. An empty file has lost its clusters and shares none.
    """
    state = slots.newest
    if state is None:
        return
    for name in state.manifests:
        entry = own.get(manifest_path(name))
        if name not in manifests and entry is not None and entry.kind is DirEntryKind.FILE and entry.size:
            yield manifest_path(name)
    for path, slot in zip(SLOT_PATHS, (slots.a, slots.b), strict=True):
        data = None if slot is not None else _small_file(fs, own, path, SLOT_SIZE)
        if data and len(data) == SLOT_SIZE and not may_be_torn_slot(data):
            yield path
    if lost_identity and state.status is SlotStatus.CLEAN and _small_file(fs, own, IDENTITY_PATH, MAX_IDENTITY_BYTES):
        yield IDENTITY_PATH


def _manifests(
    fs: CardFS, own: dict[str, DirEntry], state: SlotState | None, known: Mapping[str, Manifest]
) -> tuple[dict[str, Manifest], list[str]]:
    """The manifests that count, by id, and the problems of those that the state names."""
    named = state.manifests if state else ()
    manifests: dict[str, Manifest] = {}
    problems: list[str] = []
    for manifest in named:
        try:
            manifests[manifest] = _manifest(fs, own, manifest, known)
        except DocumentError as error:
            problems.append(str(error))
    if state is None or problems:
        # An id is the hash of the file: a manifest that fits its name was written by a load and not changed.
        for path in own:
            other = manifest_id_of(path.rpartition("/")[2])
            if other is not None and other not in named:
                try:
                    manifests[other] = _manifest(fs, own, other, known)
                except DocumentError:
                    continue  # torn, and no slot names it: the load was cut while writing it
    return manifests, problems


def _manifest(fs: CardFS, own: dict[str, DirEntry], wanted: str, known: Mapping[str, Manifest]) -> Manifest:
    path = manifest_path(wanted)
    data = _small_file(fs, own, path, MAX_MANIFEST_BYTES)
    if data is None:
        raise DocumentError(path, [_("missing on the card")])
    if wanted in known and known[wanted].to_bytes() == data:
        return known[wanted]
    manifest = Manifest.from_bytes(data, path)
    if manifest.id != wanted:
        raise DocumentError(path, [_("its content does not fit its name")])
    return manifest


def _signature(fs: CardFS, own: dict[str, DirEntry], state: SlotState | None) -> bytes:
    if state is None:
        return b""
    return _small_file(fs, own, signature_path(state.target), MAX_SIGNATURE_BYTES) or b""


def _tree(fs: CardFS, name: str) -> Iterator[tuple[str, tuple[DirEntry, ...]]]:
    """Every folder but ours with its entries. Endless nesting or a duplicate name means a damaged file system."""
    waiting, count = [""], 0
    while waiting:
        folder = waiting.pop()
        entries = tuple(e for e in _listed(fs, folder) if folder or e.name != CARD_FOLDER)
        count += len(entries)
        if len({entry.name for entry in entries}) != len(entries):
            raise NeedsCheckError(
                _needs_check(name, _("a name occurs twice in {folder}/").format(folder=shown(folder)))
            )
        if folder.count("/") >= _MAX_DEPTH or count > _MAX_ENTRIES:
            raise NeedsCheckError(_needs_check(name, _("its folders are nested without end")))
        yield folder, entries
        for entry in entries:
            # Names with control characters come from damaged folders; nothing of ours is inside.
            if entry.kind is DirEntryKind.FOLDER and not is_broken_name(entry.name):
                waiting.append(f"{folder}/{entry.name}" if folder else entry.name)


def _listed(fs: CardFS, folder: str) -> tuple[DirEntry, ...]:
    try:
        return fs.scan(folder)
    except PermissionError:
        if not folder:
            raise
        return ()  # system folders such as .Trashes; in a folder of ours the first write fails


def _needs_check(name: str, reason: str) -> str:
    return _(
        "{card}: the file system is damaged ({reason}). Nothing was changed. Check it with this system's "
        "own tool (fsck.vfat, chkdsk, Disk Utility), then run the same command again."
    ).format(card=name, reason=reason)
