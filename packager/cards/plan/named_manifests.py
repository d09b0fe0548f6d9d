"""The manifests that the state of a card names during a load, so that every file of ours stays known. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from packager.base.errors import CardRefusedError
from packager.base.i18n.language import _
from packager.base.manifest import Manifest
from packager.cards.plan.ownership import ManagedFiles, managed_files
from packager.cards.plan.snapshot import CardSnapshot
from packager.cards.plan.state_slots import SlotState, SlotStatus, Verification

_LONGEST_LOAD_ID = "0" * 36


def manifests_to_name(snapshot: CardSnapshot, wanted: Manifest, ours: ManagedFiles) -> tuple[str, ...]:
    """The manifests that the slot must name during the load, besides the wanted one.

    Raises CardRefusedError when they are too many for a slot.
    """
    before = snapshot.state.owned if snapshot.state else ()
    owned = [name for name in snapshot.manifests if name != wanted.id or name in before]
    for name in reversed(tuple(owned)):
        # After many interrupted loads, manifests are dropped whose files the others name too.
        rest = [other for other in owned if other != name]
        if not _fits(owned, wanted) and _name_all(snapshot, rest, wanted, ours):
            owned = rest
    if not _fits(owned, wanted):
        raise CardRefusedError(
            _(
                "Too many loads of different releases were interrupted on this card. Finish the last one "
                "first: {release}"
            ).format(release=snapshot.manifest.release if snapshot.manifest else wanted.release)
        )
    return tuple(owned)


def _fits(owned: Iterable[str], wanted: Manifest) -> bool:
    state = SlotState(
        counter=2**53 - 1,
        load=_LONGEST_LOAD_ID,
        parent=_LONGEST_LOAD_ID,
        status=SlotStatus.UPDATING,
        owned=tuple(owned),
        target=wanted.id,
        verified=Verification.WRITTEN_PAST_CACHE,
    )
    return state.fits()


def _name_all(snapshot: CardSnapshot, names: Iterable[str], wanted: Manifest, ours: ManagedFiles) -> bool:
    """Whether these manifests and the wanted one still name all files of ours."""
    manifests = {**{name: snapshot.manifests[name] for name in names}, wanted.id: wanted}
    return ours.all <= managed_files(replace(snapshot, manifests=manifests)).all
