"""Release policy: a release may be given out when it is approved (if required), not withdrawn and not expired.

Where approval is required, only the approvals that count make a release approved: `Vouching` says which.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.base.manifest import Manifest
from packager.registry.database import Registry
from packager.registry.decisions import Decision, Verb, decisions_about, decisions_by_content, order_of
from packager.registry.events import ReleaseRecord
from packager.registry.signatures import ANY_DECISION, Vouching, read_vouching
from packager.releases.store import StoredRelease
from packager.trust.chain import named_keys
from packager.trust.minisign import Signature
from packager.trust.store import TrustMode

if TYPE_CHECKING:
    from sqlalchemy import Connection


class ReleaseState(str, Enum):
    """The approval state of a release."""

    BUILT = "built"  # no decision, and none is required
    DRAFT = "draft"  # waits for approval
    CLAIMED = "claimed"  # a file says that it is approved; waits for approval here
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


class DistributionBan(str, Enum):
    """Why a release may not be given out."""

    DRAFT = "draft"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"  # the last day of one of its books has passed


@dataclass(frozen=True)
class ReleasePolicy:
    """The rules for giving out releases today. `decisions` has those about each content id, in their order."""

    decisions: Mapping[str, tuple[Decision, ...]]
    approval_required: bool
    today: date
    vouching: Vouching = ANY_DECISION
    _bans: dict[tuple[str, str], DistributionBan | None] = field(default_factory=dict, repr=False, compare=False)

    def decision_on(self, content: str, manifest: str) -> Decision | None:
        """The decision in effect about the release with this content and manifest, or None."""
        return self.vouching.effective(self.decisions.get(content, ()), manifest)

    def claimed_approval(self, content: str, manifest: str) -> Decision | None:
        """The last approval of this manifest for which nobody here vouches, or None."""
        about = self.decisions.get(content, ())
        claimed = (
            one
            for one in about
            if one.decision is Verb.APPROVED and one.manifest == manifest and self.vouching.is_claimed(one)
        )
        return max(claimed, key=order_of, default=None)

    def state_of(self, content: str, manifest: str) -> ReleaseState:
        """The approval state of the release with this content and manifest."""
        decision = self.decision_on(content, manifest)
        if decision is not None:
            return ReleaseState.APPROVED if decision.decision is Verb.APPROVED else ReleaseState.WITHDRAWN
        if not self.approval_required:
            return ReleaseState.BUILT
        return ReleaseState.DRAFT if self.claimed_approval(content, manifest) is None else ReleaseState.CLAIMED

    def ban_of(self, content: str, manifest: str, expires: str) -> DistributionBan | None:
        """Why the release with this content, manifest and last day may not be given out, or None."""
        key = (content, manifest)
        if key not in self._bans:  # a fleet has few releases and many players
            self._bans[key] = self._ban_of(content, manifest, expires)
        return self._bans[key]

    def _ban_of(self, content: str, manifest: str, expires: str) -> DistributionBan | None:
        state = self.state_of(content, manifest)
        if state is ReleaseState.WITHDRAWN:
            return DistributionBan.WITHDRAWN
        if expires and expires < self.today.isoformat():
            return DistributionBan.EXPIRED
        return DistributionBan.DRAFT if state in (ReleaseState.DRAFT, ReleaseState.CLAIMED) else None

    def is_draft(self, record: ReleaseRecord) -> bool:
        """Whether a release that a player holds waits for an approval."""
        return self.ban_of(record.content, record.manifest, record.expires) is DistributionBan.DRAFT

    def recall_of(self, record: ReleaseRecord) -> DistributionBan | None:
        """Why a release that a player holds must be taken back, or None.

        A draft was given out before approval was required and need not come back.
        """
        ban = self.ban_of(record.content, record.manifest, record.expires)
        return None if ban is DistributionBan.DRAFT else ban

    def objection(self, manifest: Manifest) -> str:
        """Why the release may not be given out, and what to do, as a sentence; empty where it may."""
        ban = self.ban_of(manifest.content_id, manifest.id, manifest.expires)
        if ban is DistributionBan.WITHDRAWN:
            return self._withdrawn(manifest)
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
            return self._not_approved(manifest)
        return ""

    def _withdrawn(self, manifest: Manifest) -> str:
        decision = self.decision_on(manifest.content_id, manifest.id)
        assert decision is not None
        return _("'{release}' was withdrawn on {day}: {reason}").format(
            release=manifest.release, day=decision.at[:10], reason=decision.reason or _("no reason was given")
        )

    def _not_approved(self, manifest: Manifest) -> str:
        claimed = self.claimed_approval(manifest.content_id, manifest.id)
        if claimed is not None and self.vouching.signed_only:
            return self._not_signed(manifest, claimed)
        if claimed is None:
            return _(
                "'{release}' is a draft; when the office has listened to it: "
                'packager release approve {release} --by "WHO"'
            ).format(release=manifest.release)
        return _(
            "'{release}' is not approved here: a file from elsewhere says that {who} approved it. Ask there "
            "whether the check code is {code}, then: "
            'packager release approve {release} --by "WHO"'
        ).format(release=manifest.release, who=claimed.decided_by or _("somebody"), code=manifest.check_code)

    def _not_signed(self, manifest: Manifest, claimed: Decision) -> str:
        keys = [Signature.from_text(one.signature).key for one in self.vouching.signatures.get(claimed.id, ())]
        return _(
            "'{release}' is not approved by a key that may approve releases ({signers}); ask the office to sign it: "
            'packager release approve {release} --by "WHO"'
        ).format(release=manifest.release, signers=named_keys(self.vouching.trust, keys))


FREE = ReleasePolicy({}, approval_required=False, today=date.min)
"""The policy that allows every release."""


def registry_vouching(connection: Connection, registry: Registry, *, approval_required: bool) -> Vouching:
    """Which decisions count by this registry and the trust files of its workspace."""
    trust = registry.trust
    last = None if trust.mode is TrustMode.OFF else trust.last  # then no key vouches for anything
    signed_only = approval_required and trust.is_required
    return read_vouching(connection, last, approval_required=approval_required, signed_only=signed_only)


def read_release_policy(registry: Registry, *, approval_required: bool) -> ReleasePolicy:
    """The policy that follows from this registry's decisions, on the present day in local time."""
    decisions = decisions_by_content(registry)
    with registry.read() as connection:
        vouching = registry_vouching(connection, registry, approval_required=approval_required)
    return ReleasePolicy(decisions, vouching.approval_required, registry.clock().astimezone().date(), vouching)


def policy_about(connection: Connection, registry: Registry, content: str, *, approval_required: bool) -> ReleasePolicy:
    """The policy for one content, read in the transaction of `connection`."""
    vouching = registry_vouching(connection, registry, approval_required=approval_required)
    decisions = {content: decisions_about(connection, content)}
    return ReleasePolicy(decisions, vouching.approval_required, registry.clock().astimezone().date(), vouching)


def newest_approved(rules: ReleasePolicy, *, above: Manifest) -> str:
    """The name of the newest approved release of the same series and profile that is newer than `above`, or empty."""
    kind = (above.series, above.profile)
    newer = [
        one
        for content, about in rules.decisions.items()
        for one in about
        if (one.series, one.profile) == kind and one.sequence > above.sequence
        if rules.state_of(content, one.manifest) is ReleaseState.APPROVED
    ]
    return max(newer, key=lambda one: one.sequence).release if newer else ""


def approved_before(stored: Iterable[StoredRelease], manifest: Manifest, rules: ReleasePolicy) -> StoredRelease | None:
    """The newest approved release of the series and profile of `manifest` that is older; None without one.

    Where no approval is required and none was given, the newest that was not withdrawn.
    """
    kind = (manifest.series, manifest.profile)
    older = [
        (one, rules.state_of(one.manifest.content_id, one.manifest.id))
        for one in stored
        if (one.manifest.series, one.manifest.profile) == kind and one.manifest.sequence < manifest.sequence
    ]
    for wanted in (ReleaseState.APPROVED, ReleaseState.BUILT):
        found = [one for one, state in older if state is wanted]
        if found:
            return max(found, key=lambda one: one.manifest.sequence)
    return None


def last_word(rules: ReleasePolicy) -> str:
    """When the newest decision that an allowed key signed was made, as UTC text; empty without one."""
    every = (one for about in rules.decisions.values() for one in about)
    return max((one.at for one in every if rules.vouching.is_signed([one])), default="")


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
