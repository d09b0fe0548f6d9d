"""A Release goes onto a Card: card_on, plan, apply, verify, audit of one card.

The way of a load: `open_card`, `survey_and_plan`, `apply_load`. The way of an audit: `open_card`,
`audit_card`.
"""

from packager.cards.audit import CardAudit, audit_card
from packager.cards.filesystem import CardFS, DirEntry, DirEntryKind
from packager.cards.io.card import Card, Progress, open_card
from packager.cards.io.find_cards import find_card, find_cards, identity_at
from packager.cards.io.load import LoadResult, apply_load, check_release_folder
from packager.cards.io.mount_guard import volume_of
from packager.cards.io.mounted_fs import MountedFS, mount_id
from packager.cards.io.survey import survey, survey_and_plan
from packager.cards.plan.plan import plan_load
from packager.cards.plan.snapshot import CardSnapshot
from packager.cards.plan.state_slots import CardIdentity, SlotState, SlotStatus, Verification
from packager.cards.plan.steps import LoadPlan
from packager.cards.platform.eject import Ejection, eject
from packager.cards.platform.find_volumes import find_volumes
from packager.cards.platform.volumes import Bus, CardChoice, Refusal, RefusalKind, Volume, judge, named
from packager.cards.prepare.os_junk import OsJunk

__all__ = [
    "Bus",
    "Card",
    "CardAudit",
    "CardChoice",
    "CardFS",
    "CardIdentity",
    "CardSnapshot",
    "DirEntry",
    "DirEntryKind",
    "Ejection",
    "LoadPlan",
    "LoadResult",
    "MountedFS",
    "OsJunk",
    "Progress",
    "Refusal",
    "RefusalKind",
    "SlotState",
    "SlotStatus",
    "Verification",
    "Volume",
    "apply_load",
    "audit_card",
    "check_release_folder",
    "eject",
    "find_card",
    "find_cards",
    "find_volumes",
    "identity_at",
    "judge",
    "mount_id",
    "named",
    "open_card",
    "plan_load",
    "survey",
    "survey_and_plan",
    "volume_of",
]
