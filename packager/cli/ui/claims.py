"""What a file from elsewhere says was decided about releases, for the commands that read such files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from packager.base.display import shown
from packager.base.i18n.language import _
from packager.base.manifest import check_code
from packager.cli.ui.console import note
from packager.registry.decisions import Decision, Verb

_MOST_NAMED = 20


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


def claim_values(claimed: Iterable[Decision]) -> list[dict[str, Any]]:
    """Claimed decisions as JSON values."""
    names = ("release", "manifest", "decided_by", "reason", "at")
    return [{"decision": one.decision.value, **{name: getattr(one, name) for name in names}} for one in claimed]
