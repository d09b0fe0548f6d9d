"""A Release goes onto a Card: recognise, plan, apply, verify, audit of one card.

The way of a load: `open_card`, `survey`, `plan_load`, `apply_load`. The way of an audit: `open_card`,
`audit_card`.
"""

from packager.loading.audit import CardAudit, Finding, FindingKind, audit_card
from packager.loading.card import Card, Progress, open_card, survey
from packager.loading.eject import Ejection, eject
from packager.loading.finding import find_card, find_cards, find_volumes, identity_at
from packager.loading.litter import Litter
from packager.loading.load import LoadResult, apply_load, check_release_folder
from packager.loading.medium import Entry, EntryKind, Medium, shown
from packager.loading.mounted import MountedMedium, what_stands_at
from packager.loading.places import volume_of
from packager.loading.plan import plan_load
from packager.loading.state import CardIdentity, SlotState, Status, Verification
from packager.loading.steps import LoadPlan
from packager.loading.view import CardView
from packager.loading.volumes import Bus, Refusal, RefusalKind, Volume, Which, judge, named

__all__ = [
    "Bus",
    "Card",
    "CardAudit",
    "CardIdentity",
    "CardView",
    "Ejection",
    "Entry",
    "EntryKind",
    "Finding",
    "FindingKind",
    "Litter",
    "LoadPlan",
    "LoadResult",
    "Medium",
    "MountedMedium",
    "Progress",
    "Refusal",
    "RefusalKind",
    "SlotState",
    "Status",
    "Verification",
    "Volume",
    "Which",
    "apply_load",
    "audit_card",
    "check_release_folder",
    "eject",
    "find_card",
    "find_cards",
    "find_volumes",
    "identity_at",
    "judge",
    "named",
    "open_card",
    "plan_load",
    "shown",
    "survey",
    "volume_of",
    "what_stands_at",
]
