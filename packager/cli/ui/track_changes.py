"""Shared by the commands that say what changed between releases: words, lines and JSON of track changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import click

from packager.base.display import shown
from packager.base.i18n.language import N_, _
from packager.cli.ui.console import minutes, table
from packager.releases.track_changes import ChangeKind, TrackChange, reasons

CHANGE_WORDS = {
    ChangeKind.ADDED: N_("new"),
    ChangeKind.REMOVED: N_("removed"),
    ChangeKind.MOVED: N_("moved"),
    ChangeKind.EDITED: N_("edited"),
    ChangeKind.SPOKEN_ANEW: N_("spoken anew"),
    ChangeKind.MADE_AGAIN: N_("made again"),
    ChangeKind.SAME: N_("unchanged"),
}


def change_text(change: TrackChange) -> str:
    """How a track changed, as `moved 2 → 14, edited`."""
    words = []
    for kind in change.kinds:
        word = _(CHANGE_WORDS[kind])
        if kind is ChangeKind.MOVED and change.before and change.after:
            word = f"{word} {change.before.number} → {change.after.number}"
        words.append(word)
    return _(", ").join(words)


def put_changes(changes: Sequence[TrackChange]) -> None:
    """Print the tracks that changed, and below each its sentences before (-) and after (+)."""
    changed = [change for change in changes if not change.is_same]
    if changed:
        heads = (_("number"), _("change"), _("book"), _("title"), _("minutes"))
        lines = table(heads, [_row(change) for change in changed], right=(0, 4)).split("\n")
        click.echo(lines[0])
        told: list[str] = []
        for line, change in zip(lines[1:], changed, strict=True):
            click.echo(line)
            below = list(edit_lines(change))
            if below != told:  # a change of voice is said once, not for each of a hundred tracks
                click.echo("".join(f"    {each}\n" for each in below), nl=False)
            told = below
    click.echo(summary_text(changes))


def _row(change: TrackChange) -> tuple[str, ...]:
    track = change.track
    return (str(track.number), change_text(change), shown(track.book), shown(track.title), minutes(track.seconds))


def edit_lines(change: TrackChange) -> Iterator[str]:
    """The changed sentences, and why a track was spoken anew."""
    for edit in change.edits:
        yield from (f"- {shown(sentence.strip())}" for sentence in edit.removed)
        yield from (f"+ {shown(sentence.strip())}" for sentence in edit.added)
    yield from (shown(reason) for reason in reasons(change))


def summary_text(changes: Sequence[TrackChange]) -> str:
    """The numbers of tracks by how they changed, and the minutes of new audio."""
    counts = count_changes(changes)
    words = [f"{_(word)} {counts[kind]}" for kind, word in CHANGE_WORDS.items() if counts[kind]]
    new = sum(change.track.seconds for change in changes if change.is_new_audio)
    line = _("Tracks: {counts}; {time} minutes of new audio")
    return line.format(counts=_(", ").join(words) or _("none"), time=minutes(new))


def count_changes(changes: Sequence[TrackChange]) -> Counter[ChangeKind]:
    """How many tracks changed in each way; a track can be counted for two."""
    return Counter(kind for change in changes for kind in change.kinds)


def change_values(change: TrackChange) -> dict[str, Any]:
    """A change as JSON values."""
    track = change.track
    return {
        "number": change.after.number if change.after else None,
        "number_before": change.before.number if change.before else None,
        "title": track.title,
        "book": track.book,
        "changes": [kind.value for kind in change.kinds],
        "new_audio": change.is_new_audio,
        "seconds": round(track.seconds, 1),
        "sentences": [{"before": list(edit.removed), "after": list(edit.added)} for edit in change.edits],
        "reasons": list(reasons(change)),
    }
