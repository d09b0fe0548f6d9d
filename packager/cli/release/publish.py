"""`packager publish`: a release as a page, a podcast, a book and more, for people without a player."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from packager.base.errors import EXIT_DONE, EXIT_FINDINGS, InputError
from packager.base.i18n.language import _, ngettext, reason_of
from packager.base.workspace import Workspace
from packager.cli.release._releases import release_for_profile
from packager.cli.ui.console import megabytes, note, print_json, progress_bar, table, warn, workspace_of
from packager.publish.folder import PublicationRecord
from packager.publish.formats import channel_names, find_channels
from packager.publish.options import PART_MB, PublishOptions, Work
from packager.publish.publication import Publication
from packager.publish.publish import Destination, Published, publish
from packager.publish.source import read_publication
from packager.publish.verify import VerifiedFolder, verify_published
from packager.registry.approval import DistributionBan, ReleasePolicy, read_release_policy, require_givable
from packager.registry.publications import record_publications
from packager.registry.workspace_registry import registry_of
from packager.releases.store import list_releases

_VERIFY = "verify"


@click.command(
    help=_(
        "Publish RELEASE (for example main-0007) for people without a player: as a page for browsers, a podcast "
        "feed, audiobooks and more. Each channel has a folder below the output folder, which can be copied to a stick "
        "or a web host. `packager publish verify FOLDER` checks published files. Defaults are under `publish:` in "
        "packager.yaml. Exit code 5 if verifying finds a problem."
    )
)
@click.argument("release", metavar="RELEASE | verify")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option(
    "--as",
    "channels",
    help=_("Channels, with commas (default: page). Known: {known}.").format(known=", ".join(channel_names())),
)
@click.option(
    "--output",
    "-o",
    type=click.Path(file_okay=False, path_type=Path),
    help=_("The folder for all channels (default: output/published)."),
)
@click.option("--profile", help=_("The kind of player, if the release was built for several."))
@click.option("--base-url", help=_("Where the folder of the feed will be found on the web."))
@click.option(
    "--part-mb",
    type=click.FloatRange(min=1),
    help=_("The largest size of a part in MB (default: {n}).").format(n=round(PART_MB)),
)
@click.option("--single", is_flag=True, default=None, help=_("The page as one HTML file, with the audio inside."))
@click.option("--since", default="", metavar="RELEASE", help=_("The archive has only what changed since this release."))
@click.option(
    "--without-week-notices",
    is_flag=True,
    default=None,
    help=_("Leave out the contents track, which names a player's keys."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(ctx: click.Context, /, release: str, folder: Path | None, as_json: bool, **given: Any) -> int:
    workspace = workspace_of(ctx)
    if release == _VERIFY:
        return _verify(workspace, folder or _root(workspace, None), as_json=as_json)
    if folder is not None:
        raise click.UsageError(_("name the output folder with -o"))
    settings = {**workspace.settings.publish, **{key: value for key, value in given.items() if value not in (None, "")}}
    stored = release_for_profile(workspace, release, settings.get("profile"))
    channels = find_channels(_names(settings))
    root = _root(workspace, settings.get("output"))
    with registry_of(workspace) as registry:
        policy = read_release_policy(registry, approval_required=workspace.approval_required)
    require_givable(policy, stored.manifest)
    publication = read_publication(
        stored, workspace.spoken, with_week_notices=not settings.get("without_week_notices", False)
    )
    _warn_of_unknown_text(publication, stored.manifest.playlist)
    options = _options(workspace, settings, stored.manifest.profile)
    with progress_bar(publication.size * len(channels), _("publishing"), unit="B", scale=True) as bar:
        work = Work(publication, options, _Progress(bar).advance)
        done = publish(work, channels, Destination(root, settings.get("keep"), _Bans(policy).is_banned))
    with registry_of(workspace) as registry:
        record_publications(registry, stored.manifest, (each.channel for each in done))
    _print(done, as_json=as_json)
    return EXIT_DONE


@dataclass(frozen=True)
class _Progress:
    """A progress bar in bytes of audio."""

    bar: tqdm[Any]

    def advance(self, size: int) -> None:
        self.bar.update(size)


@dataclass(frozen=True)
class _Bans:
    """Says which publications the office withdrew, or has on a shelf past their last day."""

    policy: ReleasePolicy

    def is_banned(self, record: PublicationRecord) -> bool:
        ban = self.policy.ban_of(record.content_id, record.manifest, record.expires)
        return ban in (DistributionBan.WITHDRAWN, DistributionBan.EXPIRED)


def _names(settings: Mapping[str, Any]) -> list[str]:
    given = settings.get("channels") or settings.get("as") or ["page"]
    names = given.replace("，", ",").split(",") if isinstance(given, str) else given
    return list(dict.fromkeys(name.strip() for name in names if name.strip()))


def _root(workspace: Workspace, named: Path | str | None) -> Path:
    """The output folder: on the command line as seen from here, in packager.yaml as seen from the workspace."""
    if isinstance(named, Path):
        return named
    return workspace.root / named if named else workspace.output / "published"


def _options(workspace: Workspace, settings: Mapping[str, Any], profile: str) -> PublishOptions:
    since = settings.get("since", "")
    earlier = release_for_profile(workspace, since, profile) if since else None
    return PublishOptions(
        base_url=settings.get("base_url", ""),
        part_mb=float(settings.get("part_mb", PART_MB)),
        single=bool(settings.get("single", False)),
        office=settings.get("office", ""),
        contact=settings.get("contact", ""),
        cover=_cover(workspace.root / settings["cover"]) if settings.get("cover") else b"",
        since=since,
        known_audio=earlier.manifest.hashes if earlier else frozenset(),
    )


def _cover(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(_("{path}: {reason}").format(path=path, reason=reason_of(error))) from error
    if not data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8")):
        raise InputError(_("{path} is no PNG or JPEG picture; choose another cover").format(path=path))
    return data


def _warn_of_unknown_text(publication: Publication, playlist: str) -> None:
    count = sum(not chapter.is_written for chapter in publication.chapters)
    if count:
        warn(
            ngettext(
                "of {n} track the text as written is not known here; where the texts are: "
                "packager build {playlist} --force",
                "of {n} tracks the text as written is not known here; where the texts are: "
                "packager build {playlist} --force",
                count,
            ).format(n=count, playlist=playlist)
        )


def _print(done: tuple[Published, ...], *, as_json: bool) -> None:
    if as_json:
        print_json([_values(each) for each in done])
        return
    rows = [
        (
            each.channel,
            str(len(each.record.files)),
            megabytes(sum(file.size for file in each.record.files)),
            str(each.folder),
        )
        for each in done
    ]
    click.echo(table((_("channel"), _("files"), "MB", _("folder")), rows, right=(1, 2)))
    for each in done:
        if each.removed:
            note(_("{channel}: removed {releases}").format(channel=each.channel, releases=", ".join(each.removed)))


def _values(each: Published) -> dict[str, Any]:
    return {
        "release": each.record.release,
        "channel": each.channel,
        "folder": str(each.folder),
        "files": [file.path for file in each.record.files],
        "bytes": sum(file.size for file in each.record.files),
        "removed": list(each.removed),
    }


def _verify(workspace: Workspace, folder: Path, *, as_json: bool) -> int:
    releases = {stored.manifest.content_id: stored for stored in list_releases(workspace.releases)}
    found = verify_published(folder, releases)
    with registry_of(workspace) as registry:
        bans = _Bans(read_release_policy(registry, approval_required=False))
    problems = {each.folder: _problems(each, bans) for each in found}
    if as_json:
        print_json(
            [
                {
                    "folder": str(each.folder),
                    "channel": each.record.channel if each.record else "",
                    "release": each.record.release if each.record else "",
                    "problems": problems[each.folder],
                    "compared": each.is_compared,
                }
                for each in found
            ]
        )
    else:
        for each in found:
            click.echo(
                _("{folder}: {verdict}").format(
                    folder=each.folder, verdict=_("; ").join(problems[each.folder]) or _verdict(each)
                )
            )
    return EXIT_FINDINGS if any(problems.values()) else EXIT_DONE


def _verdict(each: VerifiedFolder) -> str:
    return _("complete") if each.is_compared else _("complete by its own record; its release is not here")


def _problems(each: VerifiedFolder, bans: _Bans) -> list[str]:
    banned = each.record is not None and bans.is_banned(each.record)
    return [*each.problems, *([_("the release may not be given out any more")] if banned else [])]
