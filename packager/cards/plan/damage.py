"""Signs of a damaged file system: what must be checked before anything on a card is deleted. Pure.

On FAT two files can share clusters, after a card was pulled while another program wrote, or by a faulty player.
Deleting one of them frees the clusters of the other, and the next file that is written destroys it. No system
shows this directly, but there are signs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from packager.base.display import shown
from packager.base.errors import NeedsCheckError
from packager.base.i18n.language import _
from packager.cards.filesystem import DirEntry, DirEntryKind
from packager.cards.plan.snapshot import CardSnapshot
from packager.cards.plan.state_slots import IDENTITY_PATH, SLOT_PATHS, manifest_path


@dataclass(frozen=True)
class DamageSign:
    """One sign. `is_proof`: a check always finds the damage, so only a check removes the sign."""

    message: str
    is_proof: bool


def signs_of_damage(snapshot: CardSnapshot) -> Iterator[DamageSign]:
    """Yield the signs that the file system of a card is damaged.

    After an interrupted load, entries and allocation table may differ in ways that the next load repairs, so only a
    clean card is judged by its free space and its dirty mark. A folder that stands for a card shares no clusters.
    """
    if not snapshot.keeps_order:
        return
    for path in snapshot.not_ours:
        message = _("{path} has the content of another file")
        yield DamageSign(message.format(path=path), is_proof=False)
    for one, other in _same_start(snapshot):
        message = _("{path} and {other} begin in the same cluster")
        yield DamageSign(message.format(path=shown(one), other=shown(other)), is_proof=True)
    if not snapshot.is_clean:
        for path in _larger_than_all(snapshot):
            message = _("{path} is larger than all that is in use on the card")
            yield DamageSign(message.format(path=shown(path)), is_proof=True)
        return
    used = snapshot.used_space
    if used is not None and (named := _named_bytes(snapshot)) > used:
        message = _("its files take {named} bytes, but the file system counts only {used} bytes as used")
        yield DamageSign(message.format(named=named, used=used), is_proof=True)
    if snapshot.marked_dirty:
        message = _("it is marked as not properly removed, or as having had read or write errors")
        yield DamageSign(message, is_proof=False)


def require_sound(snapshot: CardSnapshot, *, repair: bool = False) -> None:
    """Raise NeedsCheckError if there is a sign of damage.

    With `repair` the volunteer says that the file system was checked; this lifts signs that are no proof.
    """
    signs = [sign for sign in signs_of_damage(snapshot) if sign.is_proof or not repair]
    if not signs:
        return
    lines = [
        _("The card was not touched, because its file system may be damaged:"),
        *(f"  - {sign.message}" for sign in signs),
        advice_on_damage(snapshot.check_command),
    ]
    if not any(sign.is_proof for sign in signs):
        lines.append(_("If the check finds nothing and this message stays, add --repair."))
    raise NeedsCheckError("\n".join(lines))


def advice_on_damage(check_command: str) -> str:
    """What to do with a card whose file system may be damaged."""
    if check_command:
        return _(
            "Save the listener's own files, check the file system with: {command} - then insert the card again and "
            "run the same command again."
        ).format(command=check_command)
    return _(
        "Save the listener's own files, check the file system with this system's own tool (fsck.vfat, chkdsk, Disk "
        "Utility), then run the same command again."
    )


def _same_start(snapshot: CardSnapshot) -> Iterator[tuple[str, str]]:
    first: dict[int, str] = {}
    for path in sorted(snapshot.facts):
        cluster = snapshot.facts[path].first_cluster
        if cluster is not None and first.setdefault(cluster, path) != path:
            yield first[cluster], path


def _larger_than_all(snapshot: CardSnapshot) -> Iterator[str]:
    """Foreign files that are larger than the space in use. A folder that grew into a cluster whose emptying was lost
    shows old bytes as names with any sizes. A power cut can leave our own files out of the count."""
    if snapshot.used_space is None:
        return
    ours = {file.path: file.size for manifest in snapshot.manifests.values() for file in manifest.files}
    most = snapshot.used_space + sum(ours.values())
    for path, entry in snapshot.entries.items():
        if entry.kind is DirEntryKind.FILE and path not in ours and entry.size > most:
            yield path


def _named_bytes(snapshot: CardSnapshot) -> int:
    """The bytes that the entries of a card take at least, in whole clusters. More are in use where folders are long,
    and where a power cut left clusters without a file."""
    unit, state = snapshot.allocation_unit, snapshot.state
    manifests = state.manifests if state is not None else ()
    # An old manifest that is being deleted may have lost its clusters already.
    own = [IDENTITY_PATH, *SLOT_PATHS, *(manifest_path(name) for name in manifests)]
    entries: list[DirEntry] = [
        *snapshot.entries.values(),
        *(snapshot.own[path] for path in own if path in snapshot.own),
    ]
    folders = 1 + (snapshot.root_slots is None) + sum(entry.kind is DirEntryKind.FOLDER for entry in entries)
    clusters = sum(-(-entry.size // unit) for entry in entries if entry.kind is DirEntryKind.FILE)
    return (clusters + folders) * unit
