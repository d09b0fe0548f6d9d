"""Loads the probe release onto a card that is empty or holds a probe, and onto no other."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from packager.base.display import shown
from packager.base.errors import CardRefusedError
from packager.base.i18n.language import _
from packager.cards.io.card import Card, CardAccess, Progress, no_progress, open_card
from packager.cards.io.load import LoadResult, apply_load
from packager.cards.io.survey import survey_and_plan
from packager.cards.plan.directory_order import is_filler
from packager.cards.plan.steps import LoadPlan
from packager.probe.tracks import PROBE_SERIES
from packager.releases.store import StoredRelease

_SYSTEM_FOLDERS = re.compile(
    r"System Volume Information|\$RECYCLE\.BIN|RECYCLER|FOUND\.[0-9]{3}|\.Trash.*|\.Spotlight-V100|"
    r"\.fseventsd|\.TemporaryItems|LOST\.DIR|Android"
)


def check_probe_card(root: Path, access: CardAccess) -> Card:
    """The card at `root`, if it may become a probe card; nothing is written.

    Raises CardRefusedError for a card with other content, or for a folder that is not a card.
    """
    card = open_card(root, replace(access, claim=True))
    _refuse_other_content(card)
    if card.is_new and not access.claim:
        raise CardRefusedError(
            _("{card} is not a card of ours yet. To take it for one: packager probe {card} --new").format(
                card=card.name
            )
        )
    return card


def load_probe(
    root: Path, probe: StoredRelease, access: CardAccess, *, progress: Progress = no_progress
) -> tuple[LoadPlan, LoadResult]:
    """Load `probe` onto the card at `root`, as any release.

    Raises as `check_probe_card` before anything is written, CardError when the load fails.
    """
    card = check_probe_card(root, access)
    plan = survey_and_plan(card, probe.manifest, progress=progress)
    with card.fs.exclusive():
        return plan, apply_load(card, plan, probe.folder, load_id=access.new_id(), progress=progress)


def _refuse_other_content(card: Card) -> None:
    for manifest in card.snapshot.manifests.values():
        if manifest.series != PROBE_SERIES:
            raise CardRefusedError(
                _("{card} holds the release {release}, which the probe would delete; take an empty card").format(
                    card=card.name, release=manifest.release
                )
            )
    ours = {file.path for manifest in card.snapshot.manifests.values() for file in manifest.files}
    tops = {path.split("/")[0] for path in ours}
    for entry in card.snapshot.folders[""]:
        # An interrupted load of the probe leaves fillers; the next load deletes them.
        known = entry.name in tops or is_filler(entry) or _SYSTEM_FOLDERS.fullmatch(entry.name)
        if not known:
            raise CardRefusedError(
                _(
                    "{card} holds {name}; a probe card must hold nothing else, or the answers prove nothing. Take "
                    "an empty card"
                ).format(card=card.name, name=shown(entry.name))
            )
