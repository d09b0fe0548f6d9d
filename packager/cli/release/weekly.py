"""`packager weekly`: the work of a week in one command, up to the next decision that a person must make.

week -> playlists -> releases -> measured -> review page -> approved by the office -> report and visits due. Each step
is a command of its own, printed as it would be typed. Finished steps change nothing when they run again.
"""

from __future__ import annotations

import click

from packager.arranging.profiles.variant import split_profile
from packager.arranging.timetable import TIMETABLE_FILE, parse_week, timetable_week
from packager.arranging.weekly import week_playlist
from packager.base.errors import EXIT_DONE, InputError
from packager.base.i18n.language import _
from packager.base.workspace import Workspace
from packager.cli.release.week import plans_of, today
from packager.cli.ui.console import note, warn, workspace_of
from packager.cli.ui.run_command import run_command
from packager.registry.approval import DistributionBan, read_release_policy
from packager.registry.players import list_players
from packager.registry.workspace_registry import registry_of
from packager.releases.store import StoredRelease, list_releases


@click.command(
    help=_(
        "Do the work of WEEK (for example 2026-W48; default: this week): write its playlists from the timetable, "
        "build and measure the releases, also the variants that players of the roster take, make the page on which "
        "the office listens where approval is required, and write the report and the list of visits. Stops where a "
        "person must decide, and names the command that goes on. Run it again at any time: finished steps are not "
        "done again."
    )
)
@click.argument("week", required=False)
@click.option("--dry-run", is_flag=True, help=_("Show what the week would hold; write nothing."))
@click.option("--overwrite", is_flag=True, help=_("Replace playlists that were changed by hand."))
@click.pass_context
def command(ctx: click.Context, week: str | None, dry_run: bool, overwrite: bool) -> None:
    workspace = workspace_of(ctx)
    meant = timetable_week(today()) if week is None else parse_week(week, year=today().year)
    has_timetable = (workspace.playlists / TIMETABLE_FILE).exists()
    playlists = _playlists(workspace, meant, has_timetable=has_timetable)
    if has_timetable:
        words = ["week", meant, *(["--dry-run"] if dry_run else []), *(["--overwrite"] if overwrite else [])]
        _step(ctx, workspace, meant, _("The playlists of the week"), words)
    if dry_run:
        if not has_timetable:
            _step(ctx, workspace, meant, _("The playlist of the week"), ["build", playlists[0], "--dry-run"])
        return
    for playlist in playlists:
        for options in ([], *_variants(workspace)):
            _step(ctx, workspace, meant, _("The release"), ["build", playlist, *options])
    made = [one for playlist in playlists for one in _newest(workspace, playlist)]
    doubtful = [name for name in dict.fromkeys(one.manifest.release for one in made) if not _is_sound(workspace, name)]
    if _is_held_up(ctx, workspace, made, meant):
        return
    _step(ctx, workspace, meant, _("The report for the office"), ["report"])
    _step(ctx, workspace, meant, _("Whom to visit"), ["due"])
    for name in doubtful:
        warn(
            _("{release} has tracks that are out of bounds, see above: listen to them before you load cards").format(
                release=name
            )
        )
    if not workspace.approval_required:
        for one in made:
            note(
                _("To listen to it on one page: packager release review {release}").format(release=one.manifest.release)
            )
    note(_("The week is ready; insert one card after another. Next: packager station"))


def _step(ctx: click.Context, workspace: Workspace, week: str, headline: str, words: list[str]) -> None:
    """Run one command; if it fails, end with its exit code."""
    code = run_command(workspace.root, headline, words)
    if code != EXIT_DONE:
        note(_("When that is settled, run it again: packager weekly {week}").format(week=week))
        ctx.exit(code)


def _is_sound(workspace: Workspace, release: str) -> bool:
    """Measure a release and print what was found; whether all is within bounds."""
    return run_command(workspace.root, _("Measured track by track"), ["release", "check", release]) == EXIT_DONE


def _playlists(workspace: Workspace, week: str, *, has_timetable: bool) -> list[str]:
    """The ids of the week's playlists: of the timetable, or the one file of that name."""
    if has_timetable:
        return [week_playlist(plan, week).id for plan in plans_of(workspace, None)]
    name = week.casefold()
    if not (workspace.playlists / f"{name}.yaml").exists():
        raise InputError(
            _(
                "there is neither {timetable} nor {playlist} in playlists/. The timetable lists the readings of each "
                "week; start it with these lines:\nweeks:\n  {week}:\n  - book: texts/NAME.md"
            ).format(timetable=TIMETABLE_FILE, playlist=f"{name}.yaml", week=week)
        )
    return [name]


def _variants(workspace: Workspace) -> list[list[str]]:
    """The options of a build for each variant that a player of the roster takes."""
    with registry_of(workspace) as registry:
        profiles = {player.profile for player in list_players(registry) if player.profile}
    taken = {tuple(variant.name for variant in split_profile(profile)[1]) for profile in profiles}
    return [[word for name in names for word in ("--variant", name)] for names in sorted(taken) if names]


def _newest(workspace: Workspace, playlist: str) -> list[StoredRelease]:
    """The newest release of each profile of a playlist."""
    newest: dict[str, StoredRelease] = {}
    for one in list_releases(workspace.releases):
        manifest = one.manifest
        if manifest.playlist == playlist:
            known = newest.get(manifest.profile)
            if known is None or known.manifest.sequence < manifest.sequence:
                newest[manifest.profile] = one
    return list(newest.values())


def _is_held_up(ctx: click.Context, workspace: Workspace, made: list[StoredRelease], week: str) -> bool:
    """Whether a release may not be given out yet; makes the page for its approval, or prints what to do."""
    with registry_of(workspace) as registry:
        rules = read_release_policy(registry, approval_required=workspace.approval_required)
    held_up = [(one.manifest, objection) for one in made if (objection := rules.objection(one.manifest))]
    for manifest, objection in held_up:
        if rules.ban_of(manifest.content_id, manifest.id, manifest.expires) is DistributionBan.DRAFT:
            words = ["release", "review", manifest.release, "--profile", manifest.profile]
            _step(ctx, workspace, week, _("A page on which the office listens"), words)
        else:
            note(objection)
    if held_up:
        note(_("The week is not ready: it waits for the office, and no card may get it yet"))
        note(_("When that is settled, run it again: packager weekly {week}").format(week=week))
    return bool(held_up)
