"""`packager release unpack`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path

import click

from packager.base.errors import EXIT_FINDINGS, DocumentError, InputError
from packager.base.i18n.language import N_, _
from packager.base.workspace import Workspace, require_writable
from packager.cli.ui.console import megabytes, note, note_waiting, print_json, progress_bar, workspace_of
from packager.registry.database import Registry, open_registry
from packager.registry.releases import fork_of, release_record
from packager.releases import (
    Manifest,
    StoredRelease,
    build_lock,
    damaged_tracks,
    list_releases,
    open_release,
)
from packager.releases.archive import DECISIONS_FILE, SPOKEN_FILE, Unpacked, keep_unpacked, unpacked
from packager.releases.text_sync import TextSync, find_spoken, keep_spoken, read_spoken
from packager.sync.decision_transfer import read_decisions, take_over

_DIFFERS = N_(
    "'{release}' ({content}) differs from {other}, which was given out with the same sequence "
    "{sequence} of series {series}. Nothing was unpacked: ask where the series is built which one is "
    "right"
)
_SAME_NAME = N_(
    "'{release}' ({content}) of series {series}, sequence {sequence}, has the name of another "
    "release: {other}. Nothing was unpacked: ask where it was built which one is right"
)


@click.command(
    help=_(
        "Unpack FILE, which `packager release pack` made on another computer, and verify every byte of it. "
        "The release can be loaded on cards then, with no texts and no voice here. Exit code 5 when another "
        "release with its sequence is known: then nothing is unpacked."
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(ctx: click.Context, /, file: Path, as_json: bool) -> None:
    workspace = workspace_of(ctx)
    require_writable(workspace.output)
    now = datetime.now(timezone.utc)
    doing = f"packager release unpack {file.name}"
    with (
        build_lock(workspace.releases, doing, now=now, waiting=note_waiting),
        open_registry(workspace.registry) as registry,
        progress_bar(0, _("unpacking"), unit="B", scale=True) as bar,
    ):

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        with unpacked(file, workspace.releases, progress=progress) as found:
            decisions = read_decisions(found.decisions, found.manifest, f"{file}: {DECISIONS_FILE}")
            hashes = (track.sha256 for track in found.manifest.tracks)
            spoken = read_spoken(found.spoken, hashes, f"{file}: {SPOKEN_FILE}")
            other = _fork(workspace, registry, found.manifest)
            if other:
                _tell_of_fork(found.manifest, other, as_json)
                ctx.exit(EXIT_FINDINGS)
            # First what was decided of it: if the power fails between the two, a release that was withdrawn
            # must not lie here as one that may be given out.
            take_over(registry, found.manifest, decisions)
            _keep_spoken(spoken, workspace.spoken)
            release, is_new = _settled(found, workspace)
    _print(release, is_new, as_json)


def _fork(workspace: Workspace, registry: Registry, manifest: Manifest) -> str:
    """Why the release can't be a second one of its name or sequence; empty where it is neither."""
    place = workspace.releases / manifest.release / manifest.profile
    for one in list_releases(workspace.releases):
        known = one.manifest
        same = (known.series, known.profile, known.sequence)
        other = f"{known.release} ({known.content_id[:12]}, {one.folder})"
        if known.id == manifest.id:
            continue
        if same == (manifest.series, manifest.profile, manifest.sequence):
            return _differs(_DIFFERS, manifest, other)
        if one.folder == place:
            return _differs(_SAME_NAME, manifest, other)
    with registry.read() as connection:
        others = fork_of(connection, release_record(manifest))
    if not others:
        return ""
    return _differs(_DIFFERS, manifest, f"{others[0].release} ({others[0].content[:12]})")


def _differs(message: str, manifest: Manifest, other: str) -> str:
    return _(message).format(
        release=manifest.release,
        content=manifest.content_id[:12],
        other=other,
        sequence=manifest.sequence,
        series=manifest.series,
    )


def _tell_of_fork(manifest: Manifest, message: str, as_json: bool) -> None:
    if as_json:
        print_json({"release": manifest.release, "finding": "forked", "message": message})
    else:
        click.echo(_("Finding ({kind}): {message}").format(kind=_("differs from the known release"), message=message))


def _keep_spoken(spoken: Mapping[str, TextSync], folder: Path) -> None:
    """Keep what is said in each track, but for those of which it is known here."""
    for sha256, track in spoken.items():
        if find_spoken(folder, sha256) is None:
            keep_spoken(folder, sha256, track)


def _settled(found: Unpacked, workspace: Workspace) -> tuple[StoredRelease, bool]:
    """The release in its place, and whether it came there now: one that is there and whole stays."""
    place = workspace.releases / found.manifest.release / found.manifest.profile
    try:
        here = open_release(place)
    except (InputError, DocumentError):
        return keep_unpacked(found, workspace.releases), True
    if here.manifest == found.manifest and not any(damaged_tracks(here)):
        return here, False
    return keep_unpacked(found, workspace.releases), True


def _print(release: StoredRelease, is_new: bool, as_json: bool) -> None:
    manifest = release.manifest
    if as_json:
        print_json({"release": manifest.release, "new": is_new, "folder": str(release.folder)})
        return
    text = _("{release} is unpacked and verified: {tracks} tracks, {size} MB in {folder}")
    if not is_new:
        text = _("{release} was here already, whole: {tracks} tracks, {size} MB in {folder}")
    click.echo(
        text.format(
            release=manifest.release,
            tracks=len(manifest.tracks),
            size=megabytes(manifest.size),
            folder=release.folder,
        )
    )
    note(_("Next: packager load CARD --player P001 --release {release}").format(release=manifest.release))
