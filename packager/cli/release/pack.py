"""`packager release pack`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from packager.base.errors import InputError
from packager.base.formats import sha256_file
from packager.base.i18n.language import _, ngettext
from packager.base.workspace import Workspace
from packager.cli.release._releases import release_for_profile
from packager.cli.ui.console import megabytes, note, print_json, progress_bar, warn, workspace_of
from packager.cli.ui.page_file import overwrite_option, require_new
from packager.registry.workspace_registry import registry_of
from packager.releases.archive import pack_release
from packager.releases.archive_form import ARCHIVE_SUFFIX, Difference, difference_of, packed_files
from packager.releases.store import StoredRelease, find_release
from packager.releases.text_sync import pack_text_sync
from packager.sync.decision_transfer import pack_decisions


@dataclass(frozen=True)
class _Packed:
    release: StoredRelease
    file: Path
    size: int  # bytes
    since: Difference | None


@click.command(
    help=_(
        "Pack each RELEASE (for example main-0007) and its decisions into one file for another computer. "
        "There: packager release unpack FILE. The file never contains listeners' names. With --since it "
        "holds only what changed, for a computer that has the earlier release."
    )
)
@click.argument("releases", nargs=-1, required=True, metavar="RELEASE...")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    help=_("The file, or a folder for it (default: the current folder)."),
)
@click.option(
    "--since", metavar="RELEASE", help=_("Leave out the files that this earlier release has; the other end has it.")
)
@overwrite_option()
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def pack_command(  # noqa: PLR0917 - one argument an option, as click gives them
    ctx: click.Context,
    /,
    releases: tuple[str, ...],
    output: Path | None,
    since: str | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    workspace = workspace_of(ctx)
    chosen = [find_release(workspace.releases, name) for name in dict.fromkeys(releases)]
    place = output or Path()
    if len(chosen) > 1 and not place.is_dir():
        raise InputError(_("{path} is no folder; several releases go into a folder").format(path=place))
    planned = [_planned(workspace, stored, place, since) for stored in chosen]
    for one in planned:
        require_new(one.file, overwrite=overwrite)
    packed = [_pack(workspace, one) for one in planned]
    if as_json:
        values = [_values(one) for one in packed]
        print_json(values if len(values) > 1 else values[0])
        return
    for one in packed:
        line = _("{release} is in {path}: {size} MB, SHA-256 {sha256}")
        sha256 = sha256_file(one.file)
        click.echo(
            line.format(release=one.release.manifest.release, path=one.file, size=megabytes(one.size), sha256=sha256)
        )
        if one.since is not None:
            note(_("Only a computer that has {since} can unpack it").format(since=one.since.release))


def _planned(workspace: Workspace, stored: StoredRelease, place: Path, since: str | None) -> _Packed:
    """What to pack where; the size is not known yet."""
    manifest, difference, suffix = stored.manifest, None, ""
    if since is not None:
        earlier = release_for_profile(workspace, since, manifest.profile)
        difference = difference_of(manifest, earlier.manifest)
        suffix = f"-since-{earlier.manifest.release}"
    if place.is_dir():
        place /= f"{manifest.release}-{manifest.profile}{suffix}{ARCHIVE_SUFFIX}"
    return _Packed(stored, place, 0, difference)


def _pack(workspace: Workspace, planned: _Packed) -> _Packed:
    manifest = planned.release.manifest
    with registry_of(workspace) as registry:
        decided = pack_decisions(registry, manifest)
    if decided.left_out:
        message = ngettext(
            "{count} decision about {release}, for which nobody here vouches, is left out: an archive holds no more",
            "{count} decisions about {release}, for which nobody here vouches, are left out: an archive holds no more",
            decided.left_out,
        )
        warn(message.format(count=decided.left_out, release=manifest.release))
    held = packed_files(manifest, planned.since)
    spoken = pack_text_sync(workspace.spoken, (file.sha256 for file in held))
    with progress_bar(sum(file.size for file in held), _("packing"), unit="B", scale=True) as bar:

        def progress(done: int, _total: int) -> None:
            bar.update(done - bar.n)

        size = pack_release(
            planned.release,
            planned.file,
            decisions=decided.decisions,
            trust=decided.trust,
            spoken=spoken,
            since=planned.since,
            progress=progress,
        )
    return _Packed(planned.release, planned.file, size, planned.since)


def _values(packed: _Packed) -> dict[str, object]:
    since = packed.since
    return {
        "release": packed.release.manifest.release,
        "file": str(packed.file),
        "size": packed.size,
        "sha256": sha256_file(packed.file),
        "since": since.release if since is not None else None,
        "left_out": len(packed.release.manifest.files) - len(packed_files(packed.release.manifest, since)),
    }
