"""Whether a release may be given out: approved where that is required, not withdrawn, no book of it overdue.

Decisions are about a content, so what was approved is what was listened to, whatever it is called elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from itertools import groupby

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.base.manifest import Manifest
from packager.registry.database import Registry
from packager.registry.decisions import Decision, Verb, all_decisions, effective_decision
from packager.registry.events import ReleaseRecord
from packager.releases.store import StoredRelease


class ReleaseState(str, Enum):
    """What the office decided of a release."""

    BUILT = "built"  # nothing was decided, and nothing has to be
    DRAFT = "draft"  # it waits for approval
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


class DistributionBan(str, Enum):
    """Why a release may not be given out."""

    DRAFT = "draft"
    WITHDRAWN = "withdrawn"
    OVERDUE = "overdue"  # the last day of a book in it is over


@dataclass(frozen=True)
class ReleasePolicy:
    """What holds today of giving out releases. `standing` has the decision that holds, by content id."""

    standing: Mapping[str, Decision]
    approval_required: bool
    today: date
    _bars: dict[tuple[str, str], DistributionBan | None] = field(default_factory=dict, repr=False, compare=False)

    def state_of(self, content: str) -> ReleaseState:
        """What the office decided of the release with this content id."""
        decision = self.standing.get(content)
        if decision is None:
            return ReleaseState.DRAFT if self.approval_required else ReleaseState.BUILT
        return ReleaseState.APPROVED if decision.decision is Verb.APPROVED else ReleaseState.WITHDRAWN

    def bar_of(self, content: str, until: str) -> DistributionBan | None:
        """Why the release with this content id and last day may not be given out; None where it may."""
        kind = (content, until)
        if kind not in self._bars:  # a fleet asks it of few releases, for each of its players
            self._bars[kind] = self._bar_of(content, until)
        return self._bars[kind]

    def _bar_of(self, content: str, until: str) -> DistributionBan | None:
        state = self.state_of(content)
        if state is ReleaseState.WITHDRAWN:
            return DistributionBan.WITHDRAWN
        if until and until < self.today.isoformat():
            return DistributionBan.OVERDUE
        return DistributionBan.DRAFT if state is ReleaseState.DRAFT else None

    def recall_of(self, record: ReleaseRecord) -> DistributionBan | None:
        """Why the release, which a player holds, has to be taken back; None where it has not.

        A draft that somebody holds was given out before approval was required: it need not come back.
        """
        bar = self.bar_of(record.content, record.until)
        return None if bar is DistributionBan.DRAFT else bar

    def objection(self, manifest: Manifest) -> str:
        """A sentence that says why the release may not be given out, and what to do; empty where it may."""
        bar = self.bar_of(manifest.content_id, manifest.expires)
        if bar is DistributionBan.WITHDRAWN:
            return _("'{release}' was withdrawn on {day}: {reason}").format(
                release=manifest.release,
                day=self.standing[manifest.content_id].at[:10],
                reason=self.standing[manifest.content_id].reason or _("no reason was given"),
            )
        if bar is DistributionBan.OVERDUE:
            return _(
                "'{release}' holds what may be given out no more: {books} (until {day}); build its playlist "
                "again, and it is left out"
            ).format(
                release=manifest.release,
                books=", ".join(f"《{book}》" for book in manifest.expired_books(self.today)),
                day=manifest.expires,
            )
        if bar is DistributionBan.DRAFT:
            return _(
                "'{release}' is a draft; when the office has listened to it: "
                'packager release approve {release} --by "WHO"'
            ).format(release=manifest.release)
        return ""


FREE = ReleasePolicy({}, approval_required=False, today=date.min)
"""The rules where nothing was decided and no day is over."""


def read_release_policy(registry: Registry, *, approval_required: bool) -> ReleasePolicy:
    """The rules by this registry's decisions and clock; the day is that of the clock's place."""
    by_content = groupby(all_decisions(registry), key=lambda decision: decision.content)
    standing = {content: effective_decision(about) for content, about in by_content}
    return ReleasePolicy(
        {content: decision for content, decision in standing.items() if decision is not None},
        approval_required,
        registry.clock().astimezone().date(),
    )


def require_givable(rules: ReleasePolicy, manifest: Manifest) -> None:
    """Raise InputError when the release may not be given out."""
    objection = rules.objection(manifest)
    if objection:
        raise InputError(objection)


def objections(rules: ReleasePolicy, releases: Iterable[StoredRelease], *, above: int = 0) -> tuple[str, ...]:
    """Why releases with a sequence above `above` may not be given out, newest first."""
    newest_first = sorted(releases, key=lambda one: -one.manifest.sequence)
    found = (rules.objection(one.manifest) for one in newest_first if one.manifest.sequence > above)
    return tuple(objection for objection in found if objection)
