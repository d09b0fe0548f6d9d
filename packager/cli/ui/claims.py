"""What a file from elsewhere says was decided about releases, for the commands that read such files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from packager.base.display import shown
from packager.base.formats import parse_utc
from packager.base.i18n.language import _
from packager.base.manifest import check_code
from packager.cli.ui.console import note, warn
from packager.registry.approval import last_word, read_release_policy
from packager.registry.database import Registry
from packager.registry.decisions import Decision, Verb
from packager.trust.store import TrustMode

_MOST_NAMED = 20
OLD_DAYS = 35


def say_claims(claimed: Sequence[Decision]) -> None:
    """Tell the volunteer which decisions a file claims, and how to make an approval count here."""
    for one in islice(claimed, _MOST_NAMED):
        who = shown(one.decided_by) or _("somebody")
        if one.decision is Verb.WITHDRAWN:
            line = _("The file says that {who} withdrew {release} ({reason}); it is held back here too")
            note(line.format(who=who, release=shown(one.release), reason=shown(one.reason)))
        else:
            line = _(
                "The file says that {who} approved {release}, which anybody can write. Ask there whether the check "
                'code is {code}; then: packager release approve {release} --by "WHO"'
            )
            note(line.format(who=who, release=shown(one.release), code=check_code(one.manifest)))
    if len(claimed) > _MOST_NAMED:
        note(_("and {count} more decisions").format(count=len(claimed) - _MOST_NAMED))


def warn_of_age(registry: Registry) -> None:
    """Warn where the office's last signed word is old: newer trust files or a withdrawal may be missing here.

    A clock never stops a load: the computers of volunteers have wrong ones.
    """
    if registry.trust.mode is TrustMode.OFF:
        return
    last = last_word(read_release_policy(registry, approval_required=True))
    if not last:
        return
    days = (registry.clock() - parse_utc(last)).days
    if days > OLD_DAYS:
        warn(
            _(
                "the last word of the office here is {days} days old; ask whether a release was withdrawn or a key "
                "revoked since, and get a newer file"
            ).format(days=days)
        )


def claim_values(claimed: Iterable[Decision]) -> list[dict[str, Any]]:
    """Claimed decisions as JSON values."""
    names = ("release", "manifest", "decided_by", "reason", "at")
    return [{"decision": one.decision.value, **{name: getattr(one, name) for name in names}} for one in claimed]
