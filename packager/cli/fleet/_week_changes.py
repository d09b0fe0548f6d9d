"""What the week's releases changed, in two lines for each series and profile: on the page, as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from packager.base.display import shown
from packager.base.i18n.language import _
from packager.base.manifest import TrackKind
from packager.cli.ui.track_changes import change_values, count_changes, summary_text
from packager.fleet.week_changes import SeriesWeek

_MOST_TITLES = 8


def change_lines(one: SeriesWeek) -> tuple[str, ...]:
    """The release with the counts of its changes, and the titles that were spoken anew with their releases."""
    newest, before = one.newest, one.before
    line = _("{release} ({title}, {profile}): {counts}")
    if before is not None:
        line = _("{release} ({title}, {profile}), compared with {before}: {counts}")
    first = line.format(
        release=newest.release,
        title=shown(newest.title),
        profile=newest.profile,
        before=before.release if before else "",
        counts=summary_text(one.changes),
    )
    titles = [
        _("{number} {title} ({release})").format(
            number=change.track.number, title=shown(change.track.title), release=one.release_of(change)
        )
        for change in one.spoken_anew
        if change.track.kind is not TrackKind.CONTENTS
    ]
    more = [_("{n} more").format(n=len(titles) - _MOST_TITLES)] if len(titles) > _MOST_TITLES else []
    listed = _(", ").join([*titles[:_MOST_TITLES], *more])
    return (first, _("Spoken anew: {titles}").format(titles=listed)) if titles else (first,)


def change_rows(changes: Sequence[SeriesWeek]) -> list[dict[str, Any]]:
    """The changes as JSON values: of each series and profile the tracks that changed."""
    return [
        {
            "release": one.newest.release,
            "series": one.newest.series,
            "profile": one.newest.profile,
            "title": one.newest.title,
            "since": one.before.release if one.before else None,
            "counts": {kind.value.replace(" ", "_"): count for kind, count in count_changes(one.changes).items()},
            "seconds_spoken_anew": round(sum(change.track.seconds for change in one.spoken_anew), 1),
            "tracks": [
                {**change_values(change), "release": one.release_of(change) if change.is_new_audio else None}
                for change in one.changes
                if not change.is_same
            ],
        }
        for one in changes
    ]
