"""`packager sheet`: sheets in large print for listeners, and labels with number and QR code for players."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from packager.arranging.number_ledger import NumberLedger, load_ledger
from packager.arranging.profiles.catalog import load_profile
from packager.arranging.profiles.profile import Profile
from packager.base.errors import InputError, PackagerError
from packager.base.html import render
from packager.base.i18n.language import _
from packager.base.manifest import Manifest
from packager.base.workspace import Workspace
from packager.cli.fleet._fleet_words import people_in, status_text, write_page
from packager.cli.players._players import with_names_option
from packager.cli.ui.console import note, warn, workspace_of
from packager.cli.ui.page_file import overwrite_option, require_page
from packager.fleet.label_sheet import FORMATS, NUMBER_POINTS, PADDING, label_sheets
from packager.fleet.listener_sheet import Sheet, sheet_of
from packager.fleet.status import PlayerStatus, PlayerStatusKind, fleet
from packager.registry.events import Player, PlayerState
from packager.registry.people import Person
from packager.registry.players import list_players, player_id
from packager.registry.workspace_registry import registry_of
from packager.releases.store import StoredRelease, list_releases

_MARK = "/* packager sheet */"  # in the template
_LABELS_MARK = "/* packager sheet --labels */"  # in the template
_PAPERS = {"a4": ("A4", 210, 15), "a5": ("A5", 148, 9)}  # name, width and margin in millimetres
_PLAYER = re.compile(r"[pPＰ][0-9０-９]+")
_RANGE = re.compile(r"(\w+)\s*[-–~～到]\s*(\w+)")


@dataclass(frozen=True)
class _Paper:
    """The sheet of one player."""

    sheet: Sheet
    player: str = ""
    member: str = ""
    phone: str = ""


@click.command(
    help=_(
        "Write the listener's sheet of players (P001, or P001-P020) or of a release (main-0007) as a "
        "printable page: numbers and titles as spoken, at least 24 points, new tracks marked. The sheet "
        "is in Chinese. With --labels, write labels with player numbers and QR codes instead."
    )
)
@click.argument("targets", metavar="PLAYER|RELEASE...", nargs=-1)
@click.option("--release", help=_("The release for the players' sheets (default: what their cards hold)."))
@click.option("--profile", help=_("The profile, if the release was built for several."))
@click.option("--paper", type=click.Choice(tuple(_PAPERS)), default="a4", show_default=True, help=_("The paper size."))
@click.option("--phone", is_flag=True, help=_("Print the helper's phone number on each sheet."))
@click.option("--labels", is_flag=True, help=_("Write labels for these players (default: all in use)."))
@click.option(
    "--format",
    "format_name",
    type=click.Choice(tuple(FORMATS)),
    default=next(iter(FORMATS)),
    show_default=True,
    help=_("The size of a label in millimetres."),
)
@click.option("--skip", type=click.IntRange(0, 200), default=0, help=_("Labels already used on the first sheet."))
@click.option("--outlines", is_flag=True, help=_("Draw cutting lines, for plain paper."))
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help=_("The page to write."))
@overwrite_option(pages=True)
@with_names_option()
@click.pass_context
def command(ctx: click.Context, /, targets: tuple[str, ...], **options: Any) -> None:
    workspace = workspace_of(ctx)
    if options["labels"]:
        _write_labels(workspace, targets, options)
        return
    if not targets:
        raise click.UsageError(_("give players or a release: packager sheet P001"))
    path = options["output"] or workspace.output / "reports" / f"sheet-{_file_name(targets)}.html"
    require_page(path, _MARK, overwrite=options["overwrite"])
    releases = list_releases(workspace.releases)
    players = [target for target in targets if _names_players(target)]
    papers = _of_players(workspace, releases, players, options) if players else []
    for target in targets:
        if target not in players:
            found = _named(releases, target, options["profile"])
            papers.append(_Paper(_sheet(workspace, releases, found)))
    paper, width, margin = _PAPERS[options["paper"]]
    title = papers[0].sheet.title
    values = {"title": title, "sheets": papers, "paper": paper, "width": width, "margin": margin}
    write_page(path, render("sheet.html", language="zh", **values))


def _file_name(targets: Sequence[str]) -> str:
    first = re.sub(r"[^\w.-]+", "_", targets[0])
    return first if len(targets) == 1 else f"{first}-{len(targets)}"


def _names_players(target: str) -> bool:
    match = _RANGE.fullmatch(target)
    return all(_PLAYER.fullmatch(part) for part in (match.groups() if match else (target,)))


def _meant(targets: Sequence[str], known: Mapping[str, Player]) -> list[str]:
    """The players that numbers and ranges name, each once; missing players of a range are skipped.

    Raises InputError for a number without a player, and for a range without any.
    """
    found: dict[str, None] = {}
    for target in targets:
        match = _RANGE.fullmatch(target)
        if match is None:
            number = player_id(target)
            if number not in known:
                raise InputError(_("the registry has no player {player} (packager players list)").format(player=number))
            found[number] = None
            continue
        first, last = (int(player_id(part)[1:]) for part in match.groups())
        within = [one.id for one in known.values() if first <= one.number <= last]
        if not within:
            raise InputError(_("the registry has no player from {range}").format(range=target))
        found.update(dict.fromkeys(within))
    return list(found)


def _of_players(
    workspace: Workspace, releases: Sequence[StoredRelease], targets: Sequence[str], options: Mapping[str, Any]
) -> list[_Paper]:
    with registry_of(workspace) as registry:
        statuses = {status.player.id: status for status in fleet(registry)}
        wanted = _meant(targets, {number: status.player for number, status in statuses.items()})
        chosen = [statuses[number] for number in wanted]
        people = (
            people_in(registry, (status.player for status in chosen))
            if options["phone"] or options["with_names"]
            else {}
        )
    sheets: dict[str, Sheet] = {}
    refused: list[PackagerError] = []
    papers = []
    for status in chosen:
        try:
            found = _of_player(releases, status, options["release"])
        except PackagerError as error:
            refused.append(error)
            continue
        if found.id not in sheets:
            sheets[found.id] = _sheet(workspace, releases, found)
        papers.append(_paper(status, sheets[found.id], people, options))
    if not papers:
        raise InputError("\n".join(map(str, refused)))
    for problem in refused:  # the others get their sheets
        warn(_("left out: {problem}").format(problem=problem))
    return papers


def _paper(status: PlayerStatus, sheet: Sheet, people: Mapping[str, Person], options: Mapping[str, Any]) -> _Paper:
    player = status.player
    helper, member = people.get(player.helper or ""), people.get(player.holder or player.member or "")
    phone = helper.phone if options["phone"] and helper else ""
    if options["phone"] and not phone:
        note(_("Warning: the roster has no phone number for the helper of {player}").format(player=player.id))
    name = member.name if options["with_names"] and member else ""
    return _Paper(sheet, player.id, name, phone)


def _of_player(releases: Sequence[StoredRelease], status: PlayerStatus, name: str | None) -> Manifest:
    """The manifest of `name`, or of the release that the player holds. Raises InputError if it is not here."""
    player = status.player
    if name is not None:
        return _named(releases, name, status.release.profile if status.release else player.profile)
    if status.release is None:
        raise InputError(
            _("player {player}: no release was verified on its card yet; choose one with --release NAME").format(
                player=player.id
            )
        )
    if status.kind not in (PlayerStatusKind.CURRENT, PlayerStatusKind.BEHIND, PlayerStatusKind.NOT_HANDED_OVER):
        line = _("Warning: player {player} ({status}): the sheet shows what was last verified on its card")
        note(line.format(player=player.id, status=status_text(status)))
    for stored in releases:
        if stored.manifest.id == status.release.manifest:
            return stored.manifest
    raise InputError(
        _(
            "player {player} holds '{release}', which is not on this computer; unpack it here, or print the "
            "sheet where it is"
        ).format(player=player.id, release=status.release.release)
    )


def _named(releases: Sequence[StoredRelease], name: str, profile: str | None) -> Manifest:
    """The manifest of the release `name`. Raises InputError if there is none, or more than one."""
    named = [stored.manifest for stored in releases if stored.manifest.release == name]
    if not named:
        raise InputError(_("no release or player is called '{name}'; see: packager release list").format(name=name))
    fitting = [manifest for manifest in named if profile is None or manifest.profile == profile]
    if len(fitting) == 1:
        return fitting[0]
    kinds = ", ".join(sorted(manifest.profile for manifest in named))
    message = _("'{name}' was built for these profiles: {profiles}; choose one with --profile")
    raise InputError(message.format(name=name, profiles=kinds))


def _sheet(workspace: Workspace, releases: Sequence[StoredRelease], manifest: Manifest) -> Sheet:
    earlier = [
        stored.manifest
        for stored in releases
        if (stored.manifest.series, stored.manifest.profile) == (manifest.series, manifest.profile)
        and stored.manifest.sequence < manifest.sequence
    ]
    return sheet_of(
        manifest,
        profile=_profile(workspace, manifest),
        ledger=_ledger(workspace, manifest),
        before=max(earlier, key=lambda one: one.sequence) if earlier else None,
    )


def _profile(workspace: Workspace, manifest: Manifest) -> Profile | None:
    """The profile of the release; None if this computer does not have it, as for an unpacked release."""
    try:
        return load_profile(manifest.profile, workspace.profiles)
    except InputError:
        return None


def _ledger(workspace: Workspace, manifest: Manifest) -> NumberLedger | None:
    path = workspace.numbers(manifest.series)
    return load_ledger(path, manifest.series) if path.exists() else None


def _write_labels(workspace: Workspace, targets: Sequence[str], options: Mapping[str, Any]) -> None:
    with registry_of(workspace) as registry:
        known = {player.id: player for player in list_players(registry)}
    in_use = [player.id for player in known.values() if player.state is PlayerState.ACTIVE]
    wanted = _meant(targets, known) if targets else in_use
    if not wanted:
        raise InputError(_("there are no players yet; add one with: packager players add P001"))
    path = options["output"] or workspace.output / "reports" / "labels.html"
    require_page(path, _LABELS_MARK, overwrite=options["overwrite"])
    layout = FORMATS[options["format_name"]]
    sheets = label_sheets(
        [(number, known[number].community) for number in wanted], layout, skip=options["skip"] % layout.count
    )
    values = {"padding": PADDING, "points": NUMBER_POINTS, "outlines": options["outlines"]}
    write_page(path, render("labels.html", sheets=sheets, layout=layout, **values))
