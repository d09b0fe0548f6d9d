"""`packager release review`: a page on which the office listens to a release before it approves it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from packager.base.i18n.language import _, ngettext
from packager.base.workspace import Workspace
from packager.cli.release._releases import STATES, release_for_profile
from packager.cli.ui.console import minutes, note, print_json, progress_bar, table, workspace_of
from packager.cli.ui.track_changes import change_text, change_values, count_changes, summary_text
from packager.publish.folder import publish_folder
from packager.publish.options import PART_MB, PublishOptions, Work
from packager.publish.review import Review, ReviewedTrack, read_review, review_files
from packager.registry.approval import ReleasePolicy, ReleaseState, approved_before, read_release_policy
from packager.registry.workspace_registry import registry_of
from packager.releases.store import list_releases
from packager.releases.track_changes import reasons

_CHANNEL = "review"


@click.command(
    help=_(
        "Make a page for who approves RELEASE (for example main-0007): every track with its audio and its text, what "
        "changed since the last approved release, doubtful places, a box to tick for each track, and the approval "
        "command. It needs no network. Hand over the whole folder, or with --single one file, which a phone opens too."
    )
)
@click.argument("release")
@click.option("--profile", help=_("The kind of player, if the release was built for several."))
@click.option(
    "--output",
    "-o",
    type=click.Path(file_okay=False, path_type=Path),
    help=_("The folder for pages (default: output/review)."),
)
@click.option("--single", is_flag=True, help=_("One HTML file, with the audio inside."))
@click.option(
    "--part-mb",
    type=click.FloatRange(min=1),
    default=PART_MB,
    help=_("The largest size of that file in MB (default: {n}).").format(n=round(PART_MB)),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON instead of writing a page."))
@click.pass_context
def command(ctx: click.Context, /, release: str, profile: str | None, as_json: bool, **options: Any) -> None:
    workspace = workspace_of(ctx)
    stored = release_for_profile(workspace, release, profile)
    with registry_of(workspace) as registry:
        rules = read_release_policy(registry, approval_required=workspace.approval_required)
    since = approved_before(list_releases(workspace.releases), stored.manifest, rules)
    review = read_review(stored, since, workspace.spoken, workspace)
    if as_json:
        print_json(_values(review, rules))
        return
    page = _written(workspace, review, rules, options)
    _print(review, rules)
    note(_("{path}: open it in a browser").format(path=page))
    # Without the code: it is on the page, so that whoever approves opens it.
    line = _('When all is heard, with the code at the end of the page: packager release approve {release} --by "WHO"')
    note(line.format(release=stored.manifest.release))


def _written(workspace: Workspace, review: Review, rules: ReleasePolicy, options: dict[str, Any]) -> Path:
    publication = review.publication
    place = (options["output"] or workspace.output / "review") / publication.folder_name
    facts = {
        "summary": summary_text(review.changes),
        "since": _since_text(review, rules),
        "state": _state_text(review, rules),
        "objection": _objection(review, rules),
        "change_text": change_text,
        "reasons": reasons,
        "clock": minutes,
    }
    with progress_bar(publication.size, _("copying"), unit="B", scale=True) as bar:
        chosen = PublishOptions(part_mb=options["part_mb"], single=options["single"])

        def advance(size: int) -> None:
            bar.update(size)

        work = Work(publication, chosen, advance)
        record = publish_folder(place, _CHANNEL, publication, review_files(review, work, facts))
    return place / next(file.path for file in record.files if file.path.endswith(".html"))


def _since_text(review: Review, rules: ReleasePolicy) -> str:
    since = review.since
    if since is None:
        return _("nothing: no earlier release of this series is approved")
    decision = rules.decision_on(since.content_id, since.id)
    if decision is None:
        return _("{release}, the release before it").format(release=since.release)
    return _("{release}, approved on {day} by {by}").format(
        release=since.release, day=decision.at[:10], by=decision.decided_by
    )


def _state_text(review: Review, rules: ReleasePolicy) -> str:
    return _(STATES[rules.state_of(review.manifest.content_id, review.manifest.id)])


def _objection(review: Review, rules: ReleasePolicy) -> str:
    """Why the release can't simply be approved: it is withdrawn or has expired."""
    manifest = review.manifest
    state = rules.state_of(manifest.content_id, manifest.id)
    return "" if state in (ReleaseState.DRAFT, ReleaseState.CLAIMED) else rules.objection(manifest)


def _print(review: Review, rules: ReleasePolicy) -> None:
    shown = [track for track in review.tracks if track.needs_ears]
    if shown:
        heads = (_("number"), _("change"), _("title"), _("minutes"), _("doubtful"))
        click.echo(table(heads, [_row(track) for track in shown], right=(0, 3, 4)))
    click.echo(summary_text(review.changes))
    click.echo(_("Compared with: {release}").format(release=_since_text(review, rules)))
    if review.doubts:
        line = ngettext("{n} doubtful place", "{n} doubtful places", review.doubts)
        click.echo(line.format(n=review.doubts))


def _row(track: ReviewedTrack) -> tuple[str, ...]:
    chapter = track.chapter
    doubts = str(len(track.doubts) or "")
    return (str(chapter.number), change_text(track.change), chapter.title, minutes(chapter.seconds), doubts)


def _values(review: Review, rules: ReleasePolicy) -> dict[str, Any]:
    manifest = review.manifest
    return {
        "release": manifest.release,
        "profile": manifest.profile,
        "series": manifest.series,
        "sequence": manifest.sequence,
        "title": manifest.title,
        "manifest": manifest.id,
        "check_code": manifest.check_code,
        "state": rules.state_of(manifest.content_id, manifest.id).value,
        "since": review.since.release if review.since else None,
        "counts": {kind.value.replace(" ", "_"): count for kind, count in count_changes(review.changes).items()},
        "placeholders": review.placeholders,
        "doubts": review.doubts,
        "approve": review.approve_command,
        "tracks": [_track_values(track) for track in review.tracks],
        "removed": [change_values(change) for change in review.removed],
    }


def _track_values(track: ReviewedTrack) -> dict[str, Any]:
    chapter = track.chapter
    return {
        **change_values(track.change),
        "text": [{"role": passage.role.value, "text": passage.text} for passage in chapter.passages],
        "doubts": [vars(doubt) for doubt in track.doubts],
    }
