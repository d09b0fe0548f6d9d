"""Release policy: a release may be given out when it is approved (if required), not withdrawn and not expired.

Decisions are about a content, so a renamed copy of a release has the same state.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from itertools import groupby
from typing import TYPE_CHECKING

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.base.manifest import Manifest
from packager.registry.database import Registry
from packager.registry.decisions import Decision, Verb, all_decisions, decisions_about, effective_decision
from packager.registry.events import ReleaseRecord
from packager.releases.store import StoredRelease

if TYPE_CHECKING:
    from sqlalchemy import Connection


class ReleaseState(str, Enum):
    """The approval state of a release."""

    BUILT = "built"  # no decision, and none is required
    DRAFT = "draft"  # waits for approval
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


class DistributionBan(str, Enum):
    """Why a release may not be given out."""

    DRAFT = "draft"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"  # the last day of one of its books has passed


@dataclass(frozen=True)
class ReleasePolicy:
    """The rules for giving out releases today. `decisions` has the decision in effect, by content id."""

    decisions: Mapping[str, Decision]
    approval_required: bool
    today: date
    _bans: dict[tuple[str, str], DistributionBan | None] = field(default_factory=dict, repr=False, compare=False)

    def state_of(self, content: str) -> ReleaseState:
        """The approval state of the release with this content id."""
        decision = self.decisions.get(content)
        if decision is None:
            return ReleaseState.DRAFT if self.approval_required else ReleaseState.BUILT
        return ReleaseState.APPROVED if decision.decision is Verb.APPROVED else ReleaseState.WITHDRAWN

    def ban_of(self, content: str, expires: str) -> DistributionBan | None:
        """Why the release with this content id and last day may not be given out, or None."""
        key = (content, expires)
        if key not in self._bans:  # a fleet has few releases and many players
            self._bans[key] = self._ban_of(content, expires)
        return self._bans[key]

    def _ban_of(self, content: str, expires: str) -> DistributionBan | None:
        state = self.state_of(content)
        if state is ReleaseState.WITHDRAWN:
            return DistributionBan.WITHDRAWN
        if expires and expires < self.today.isoformat():
            return DistributionBan.EXPIRED
        return DistributionBan.DRAFT if state is ReleaseState.DRAFT else None

    def is_draft(self, record: ReleaseRecord) -> bool:
        """Whether a release that a player holds waits for an approval."""
        return self.ban_of(record.content, record.expires) is DistributionBan.DRAFT

    def recall_of(self, record: ReleaseRecord) -> DistributionBan | None:
        """Why a release that a player holds must be taken back, or None.

        A draft was given out before approval was required and need not come back.
        """
        ban = self.ban_of(record.content, record.expires)
        return None if ban is DistributionBan.DRAFT else ban

    def objection(self, manifest: Manifest) -> str:
        """Why the release may not be given out, and what to do, as a sentence; empty where it may."""
        ban = self.ban_of(manifest.content_id, manifest.expires)
        if ban is DistributionBan.WITHDRAWN:
            return _("'{release}' was withdrawn on {day}: {reason}").format(
                release=manifest.release,
                day=self.decisions[manifest.content_id].at[:10],
                reason=self.decisions[manifest.content_id].reason or _("no reason was given"),
            )
        if ban is DistributionBan.EXPIRED:
            return _(
                "'{release}' has books that may no longer be given out: {books} (until {day}); build its playlist "
                "again to leave them out"
            ).format(
                release=manifest.release,
                books=", ".join(f"《{book}》" for book in manifest.expired_books(self.today)),
                day=manifest.expires,
            )
        if ban is DistributionBan.DRAFT:
            return _(
                "'{release}' is a draft; when the office has listened to it: "
                'packager release approve {release} --by "WHO"'
            ).format(release=manifest.release)
        return ""


FREE = ReleasePolicy({}, approval_required=False, today=date.min)
"""The policy that allows every release."""


def read_release_policy(registry: Registry, *, approval_required: bool) -> ReleasePolicy:
    """The policy that follows from this registry's decisions, on the present day in local time."""
    by_content = groupby(all_decisions(registry), key=lambda decision: decision.content)
    in_effect = {content: effective_decision(about) for content, about in by_content}
    return ReleasePolicy(
        {content: decision for content, decision in in_effect.items() if decision is not None},
        approval_required,
        registry.clock().astimezone().date(),
    )


def policy_about(connection: Connection, registry: Registry, content: str, *, approval_required: bool) -> ReleasePolicy:
    """The policy for one content, read in the transaction of `connection`."""
    decision = effective_decision(decisions_about(connection, content))
    decisions = {} if decision is None else {content: decision}
    return ReleasePolicy(decisions, approval_required, registry.clock().astimezone().date())


def require_givable(rules: ReleasePolicy, manifest: Manifest) -> None:
    """Raise InputError when the release may not be given out."""
    objection = rules.objection(manifest)
    if objection:
        raise InputError(objection)


def objections(rules: ReleasePolicy, releases: Iterable[StoredRelease], *, above: int = 0) -> tuple[str, ...]:
    """Why releases with a sequence above `above` may not be given out, the newest first."""
    newest_first = sorted(releases, key=lambda one: -one.manifest.sequence)
    found = (rules.objection(one.manifest) for one in newest_first if one.manifest.sequence > above)
    return tuple(objection for objection in found if objection)
