"""The load plan: the steps that bring a card to a release. Pure.

The card keeps no log of steps. After an interruption the same function plans the rest from a new snapshot.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator

from packager.base.display import shown
from packager.base.errors import CardRefusedError, NeedsCheckError
from packager.base.i18n.language import _
from packager.base.manifest import Manifest
from packager.cards.plan.conflicts import conflicts, foreign_in, renamed_folders, require_legal_names
from packager.cards.plan.damage import require_sound
from packager.cards.plan.directory_order import play_order
from packager.cards.plan.fixed_root import full_root
from packager.cards.plan.misplaced import out_of_place
from packager.cards.plan.named_manifests import manifests_to_name
from packager.cards.plan.ownership import ManagedFiles, managed_files
from packager.cards.plan.plan_builder import PlanBuilder, PlanInput
from packager.cards.plan.reserved_places import keeps_places, placing_orders, reserving_folders
from packager.cards.plan.snapshot import CardSnapshot
from packager.cards.plan.space_budget import SpaceBudget
from packager.cards.plan.steps import LoadPlan


def plan_load(snapshot: CardSnapshot, wanted: Manifest, *, repair: bool = False, signature: bytes = b"") -> LoadPlan:
    """Plan the load of `wanted` on a card, with a `signature` beside its manifest unless that is empty.

    `snapshot` comes from `survey`. With `repair` the volunteer gives up altered files at paths of ours. Raises
    CardRefusedError when a foreign file is in the way or the card is too small, and NeedsCheckError when a file
    can't be read after an interruption.
    """
    if not snapshot.surveyed:
        raise ValueError("a plan needs a surveyed snapshot")
    require_sound(snapshot, repair=repair)
    if snapshot.unreadable and not snapshot.is_clean:
        raise NeedsCheckError(_unreadable(snapshot))
    if not snapshot.is_clean:
        require_legal_names(snapshot)
    ours = managed_files(snapshot, repair=repair)
    _refuse([*conflicts(snapshot, wanted, ours)])
    inputs = _plan_input(snapshot, wanted, ours, signature)
    _refuse([*_foreign_in_moved_folders(inputs)])
    _refuse([*full_root(snapshot, inputs.order[""])])
    draft = _draft(inputs)
    _refuse([*_foreign_among(inputs, draft.rewritten)])
    rewritten, files = draft.rewritten, {file.path: file for file in wanted.files}
    return LoadPlan(
        wanted=wanted,
        owned=inputs.owned,
        steps=tuple(draft.steps),
        order=inputs.order,
        ours=ours.all,
        untouched=tuple(
            track.path for track in wanted.tracks if track.path in inputs.untouched and track.path not in rewritten
        ),
        space=draft.space,
        rewritten=tuple(files[path] for path in files if path in rewritten and path in inputs.untouched),
        signature=signature,
        made_again=tuple(sorted(rewritten)),
        breaks=frozenset(draft.breaks),
        placing=placing_orders(snapshot, inputs.order, draft.reserving),
        reserving=draft.reserving,
        marks=draft.marks(),
        renamed=ours.renamed,
    )


def _refuse(reasons: list[str]) -> None:
    if reasons:
        raise CardRefusedError("\n".join([_("The card was not touched:"), *(f"  - {line}" for line in reasons)]))


def _plan_input(snapshot: CardSnapshot, wanted: Manifest, ours: ManagedFiles, signature: bytes) -> PlanInput:
    order = play_order(file.path for file in wanted.files)
    misplaced, moved = out_of_place(snapshot, ours, order) if snapshot.keeps_order else (frozenset(), ())
    renamed = sorted(renamed_folders(snapshot, ours), key=lambda folder: -folder.count("/"))
    untouched = frozenset(
        file.path for file in wanted.files if ours.whole.get(file.path) == file.sha256 and file.path not in misplaced
    )
    owned = manifests_to_name(snapshot, wanted, ours)
    return PlanInput(snapshot, wanted, ours, order, misplaced, (*moved, *renamed), untouched, owned, signature)


def _foreign_in_moved_folders(inputs: PlanInput) -> Iterator[str]:
    for folder in inputs.moved_folders:
        found = foreign_in(inputs.snapshot, inputs.ours, folder)
        if found:
            yield _(
                "the folder {folder} is in the wrong place and must be made again, but {path} in it "
                "is not ours. Move it to another place."
            ).format(folder=folder, path=shown(found[0]))


def _foreign_among(inputs: PlanInput, rewritten: Collection[str]) -> Iterator[str]:
    """The refusal of a load that would have to write a folder again in which somebody else's files stand."""
    for folder in sorted({path for path in rewritten if path in inputs.order}):
        found = foreign_in(inputs.snapshot, inputs.ours, folder)
        if found:
            message = _(
                "the folder {folder} has to be made again, so that a new one can stand before it, but {path} in it "
                "is not ours. Move it to another place."
            )
            if inputs.snapshot.root_slots is not None:
                message = _(
                    "the folder {folder} has to be made again, so that a new one can stand before it, but {path} in it "
                    "is not ours. Move it to another place. A card that is formatted as FAT32 keeps places for new "
                    "folders."
                )
            yield message.format(folder=folder, path=shown(found[0]))


def _draft(inputs: PlanInput) -> PlanBuilder:
    """The first of three drafts that fits the card: with places kept free, without, and with old tracks deleted
    before new ones are written. Raises CardRefusedError if none does."""
    reserving = reserving_folders(inputs.snapshot, inputs.order) if keeps_places(inputs.wanted) else frozenset[str]()
    for kept_free, little in ((reserving, False), (frozenset[str](), False), (frozenset[str](), True)):
        draft = PlanBuilder(inputs, little, kept_free)
        draft.build()
        if draft.space.least >= 0:
            return draft
    raise CardRefusedError(_too_small(draft.space))


def _unreadable(snapshot: CardSnapshot) -> str:
    path, reason = next(iter(sorted(snapshot.unreadable.items())))
    return _(
        "{path} can't be read ({reason}) after a load that was interrupted. Nothing was changed. Check the "
        "card's file system with this system's own tool (fsck.vfat, chkdsk, Disk Utility), then run the "
        "same command again."
    ).format(path=path, reason=reason)


def _too_small(space: SpaceBudget) -> str:
    return _("The card was not touched: it has {free:.1f} MB free and lacks {missing:.1f} MB for this release.").format(
        free=space.free / 1e6, missing=math.ceil(-space.least / 1e5) / 10
    )
