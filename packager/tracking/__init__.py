"""Who holds what: registry, visits, fleet audit."""

from packager.tracking.approval import Rules, read_rules
from packager.tracking.audit import AuditVisit, Difference, DifferenceKind, audit_visit
from packager.tracking.consent import NO_CONSENT, Consent
from packager.tracking.events import Outcome, Player, ReleaseRecord, Verdict
from packager.tracking.fleet import PlayerStatus, Standing, fleet
from packager.tracking.players import (
    add_next_players,
    add_player,
    card_of_player,
    find_player,
    list_players,
    player_id,
    player_of_card,
)
from packager.tracking.registry import Registry, open_registry
from packager.tracking.releases import (
    highest_sequence,
    latest_release,
    record_release,
    recorded_releases,
    release_for_player,
    release_for_update,
)
from packager.tracking.visit import VisitResult, update_card, visit_card

__all__ = [
    "NO_CONSENT",
    "AuditVisit",
    "Consent",
    "Difference",
    "DifferenceKind",
    "Outcome",
    "Player",
    "PlayerStatus",
    "Registry",
    "ReleaseRecord",
    "Rules",
    "Standing",
    "Verdict",
    "VisitResult",
    "add_next_players",
    "add_player",
    "audit_visit",
    "card_of_player",
    "find_player",
    "fleet",
    "highest_sequence",
    "latest_release",
    "list_players",
    "open_registry",
    "player_id",
    "player_of_card",
    "read_rules",
    "record_release",
    "recorded_releases",
    "release_for_player",
    "release_for_update",
    "update_card",
    "visit_card",
]
