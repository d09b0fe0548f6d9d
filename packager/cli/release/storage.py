"""`packager release unpack` and `prune`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

import click

from packager.base.errors import EXIT_FINDINGS, DocumentError, InputError
from packager.base.i18n.language import N_, _
from packager.base.locks import build_lock
from packager.base.manifest import Manifest
from packager.base.workspace import Workspace, require_writable
from packager.cli.ui.claims import claim_values, say_claims
from packager.cli.ui.console import megabytes, note, note_waiting, print_json, progress_bar, table, warn, workspace_of
from packager.fleet.recall import PruneSelection, select_for_pruning
from packager.registry.approval import newest_approved, read_release_policy
from packager.registry.database import Registry
from packager.registry.decisions import Decision
from packager.registry.releases import fork_of, release_record
from packager.registry.signatures import verified_only
from packager.registry.workspace_registry import registry_of
from packager.releases.archive import Unpacked, keep_unpacked, unpacked
from packager.releases.archive_form import DECISIONS_FILE, TEXT_SYNC_FILE, TRUST_FILE
from packager.releases.prune import FreedSpace, delete_leftovers, delete_release, room_of
from packager.releases.store import StoredRelease, damaged_files, list_releases, open_release
from packager.releases.text_sync import delete_text_sync, load_text_sync, parse_text_sync, save_text_sync
from packager.sync.decision_transfer import read_decisions, read_trust, take_over
from packager.sync.vouching import OfferedDecisions, require_approver

_DIFFERS = N_(
    "'{release}' ({content}) differs from {other}, which has the same sequence {sequence} in series "
    "{series}. Nothing was unpacked: ask the office that builds the series which one is right"
)
_SAME_NAME = N_(
    "'{release}' ({content}, series {series}, sequence {sequence}) has the same name as another "
    "release: {other}. Nothing was unpacked: ask the office that built it which one is right"
)


@click.command(
    help=_(
        "Unpack FILE, made by `packager release pack` on another computer, and verify every byte. The "
        "release can then be loaded onto cards, without texts or voices on this computer. Exit code 5 if "
        "another release with the same sequence is known; then nothing is unpacked."
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def unpack_command(ctx: click.Context, /, file: Path, as_json: bool) -> None:
    workspace = workspace_of(ctx)
    require_writable(workspace.output)
    now = datetime.now(timezone.utc)
    doing = f"packager release unpack {file.name}"
    with (
        build_lock(workspace.releases, doing, now=now, waiting=note_waiting),
        registry_of(workspace) as registry,
        progress_bar(0, _("unpacking"), unit="B", scale=True) as bar,
    ):

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        with unpacked(file, workspace.releases, progress=progress) as found:
            decisions = read_decisions(found.decisions, found.manifest, f"{file}: {DECISIONS_FILE}")
            hashes = (track.sha256 for track in found.manifest.tracks)
            spoken = parse_text_sync(found.spoken, hashes, f"{file}: {TEXT_SYNC_FILE}")
            other = _fork(workspace, registry, found.manifest)
            if other:
                if as_json:
                    print_json({"release": found.manifest.release, "finding": "forked", "message": other})
                else:
                    kind = _("differs from the known release")
                    click.echo(_("Finding ({kind}): {message}").format(kind=kind, message=other))
                ctx.exit(EXIT_FINDINGS)
            chain, signatures = read_trust(found.trust, decisions, f"{file}: {TRUST_FILE}")
            if chain is not None:
                registry.trust.offer(chain, f"{file}: {TRUST_FILE}")
            taken = require_approver(registry, found.manifest, OfferedDecisions(decisions, signatures), str(file))
            # The decisions first: after a power failure between the two steps, a withdrawn release must not be
            # here without its withdrawal.
            judge = registry.trust.chain or chain
            kept = taken.signatures
            if judge is not None:
                kept = verified_only(judge.last, found.manifest, taken.decisions, kept)
            claimed = take_over(registry, found.manifest, taken.decisions, kept)
            for sha256, track in spoken.items():
                known = load_text_sync(workspace.spoken, sha256)
                if known is None or (track.passages and not known.passages):
                    save_text_sync(workspace.spoken, sha256, track)
            release, is_new = _settled(found, workspace)
        rules = read_release_policy(registry, approval_required=workspace.approval_required)
        newer = newest_approved(rules, above=release.manifest)
    if taken.warning:
        warn(taken.warning)
    if newer:
        message = _("{release} is older than {newer}, which is approved here; a card that holds that one keeps it")
        warn(message.format(release=release.manifest.release, newer=newer))
    _print_unpacked(release, is_new, found.from_here, as_json, claimed)


def _fork(workspace: Workspace, registry: Registry, manifest: Manifest) -> str:
    """A message if another release has the same name or sequence; else empty."""
    place = _place_without_case(workspace.releases / manifest.release / manifest.profile)
    for one in list_releases(workspace.releases):
        known = one.manifest
        same = (known.series, known.profile, known.sequence)
        other = f"{known.release} ({known.content_id[:12]}, {one.folder})"
        if known.id == manifest.id:
            continue
        if same == (manifest.series, manifest.profile, manifest.sequence):
            return _differs(_DIFFERS, manifest, other)
        if _place_without_case(one.folder) == place:
            return _differs(_SAME_NAME, manifest, other)
    with registry.read() as connection:
        others = fork_of(connection, release_record(manifest))
    if not others:
        return ""
    return _differs(_DIFFERS, manifest, f"{others[0].release} ({others[0].content[:12]})")


def _place_without_case(folder: Path) -> tuple[str, ...]:
    """Two releases whose names differ in case alone have one folder on Windows and macOS."""
    return tuple(part.casefold() for part in folder.parts[-2:])


def _differs(message: str, manifest: Manifest, other: str) -> str:
    return _(message).format(
        release=manifest.release,
        content=manifest.content_id[:12],
        other=other,
        sequence=manifest.sequence,
        series=manifest.series,
    )


def _settled(found: Unpacked, workspace: Workspace) -> tuple[StoredRelease, bool]:
    """Store the release unless it is here undamaged; return it, and whether it was stored."""
    place = workspace.releases / found.manifest.release / found.manifest.profile
    try:
        here = open_release(place)
    except (InputError, DocumentError):
        return keep_unpacked(found, workspace.releases), True
    if here.manifest == found.manifest and not any(damaged_files(here)):
        return here, False
    return keep_unpacked(found, workspace.releases), True


def _print_unpacked(
    release: StoredRelease, is_new: bool, from_here: int, as_json: bool, claimed: Sequence[Decision]
) -> None:
    manifest = release.manifest
    if as_json:
        print_json(
            {
                "release": manifest.release,
                "new": is_new,
                "from_here": from_here,
                "folder": str(release.folder),
                "claimed": claim_values(claimed),
            }
        )
        return
    text = _("{release} is unpacked and verified: {tracks} tracks, {size} MB in {folder}")
    if not is_new:
        text = _("{release} was already here, complete: {tracks} tracks, {size} MB in {folder}")
    click.echo(
        text.format(
            release=manifest.release, tracks=len(manifest.tracks), size=megabytes(manifest.size), folder=release.folder
        )
    )
    if from_here:
        note(_("{count} files came from releases that are here").format(count=from_here))
    say_claims(claimed)
    note(_("Next: packager load CARD --player P001 --release {release}").format(release=manifest.release))


@click.command(
    help=_(
        "Show the releases that are no longer needed, and delete them with --yes. Kept are: releases that "
        "a card holds or may hold, the newest of each kind, the newest that is not blocked, approved "
        "releases that are not on a card yet, and releases that the registry does not know. Tracks that "
        "several releases share are stored once; their space is freed with the last of them."
    )
)
@click.option("--yes", is_flag=True, help=_("Delete them."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def prune_command(ctx: click.Context, yes: bool, as_json: bool) -> None:
    workspace = workspace_of(ctx)
    now = datetime.now(timezone.utc)
    if not yes:
        found = _sorted(workspace)
        _print_pruned(found, room_of(found.go), as_json, done=False)
        return
    with build_lock(workspace.releases, "packager release prune", now=now, waiting=note_waiting):
        found = _sorted(workspace)
        room = room_of(found.go)
        delete_leftovers(workspace.releases)
        for release in found.go:
            delete_release(release, workspace.releases)
        needed = {track.sha256 for one, _reason in found.stay for track in one.manifest.tracks}
        for sha256 in {track.sha256 for one in found.go for track in one.manifest.tracks} - needed:
            delete_text_sync(workspace.spoken, sha256)
    _print_pruned(found, room, as_json, done=True)


def _sorted(workspace: Workspace) -> PruneSelection:
    with registry_of(workspace) as registry:
        rules = read_release_policy(registry, approval_required=workspace.approval_required)
        return select_for_pruning(registry, list_releases(workspace.releases), rules)


def _print_pruned(found: PruneSelection, room: FreedSpace, as_json: bool, *, done: bool) -> None:
    if as_json:
        print_json(
            {
                "deleted" if done else "would_delete": [one.manifest.release for one in found.go],
                "stay": {one.manifest.release: reason for one, reason in found.stay},
                "bytes": room.freed,
                "shared_bytes": room.shared,
            }
        )
        return
    verdict = _("deleted") if done else _("can be deleted")
    rows = [_prune_row(one, verdict) for one in found.go]
    rows += [_prune_row(one, _("kept: {reason}").format(reason=reason)) for one, reason in found.stay]
    if rows:
        click.echo(table((_("release"), _("profile"), _("title"), "MB", ""), rows, right=(3,)))
    if not found.go:
        click.echo(_("There is nothing to delete."))
        return
    size = _("{size} MB were freed") if done else _("{size} MB would be freed")
    click.echo(size.format(size=megabytes(room.freed)))
    if room.shared:
        shared = _("{size} MB are not freed: tracks that they share with kept releases")
        click.echo(shared.format(size=megabytes(room.shared)))
    if not done:
        note(_("Nothing was deleted; use --yes to delete them."))


def _prune_row(release: StoredRelease, verdict: str) -> tuple[str, ...]:
    manifest = release.manifest
    return (manifest.release, manifest.profile, manifest.title, megabytes(manifest.size), verdict)
