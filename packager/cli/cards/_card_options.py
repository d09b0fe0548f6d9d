"""Shared by the commands for one card: options, progress bars, output of a plan and of its result."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import click

from packager.base.display import shown
from packager.base.i18n.language import N_, _, ngettext
from packager.base.workspace import Workspace
from packager.cards import CardChoice, LoadPlan, OsJunk, Progress, Verification, find_card, named, volume_of
from packager.cards.plan.space_budget import ASSUMED_READ_SPEED, ASSUMED_WRITE_SPEED
from packager.cards.platform.eject import eject
from packager.cli.cards.allow_folder import allow_folder_option
from packager.cli.ui.console import megabytes, note, print_json, progress_bar
from packager.visits.load_guards import LoadOverrides
from packager.visits.visit import VisitOptions, VisitResult

_Command = TypeVar("_Command", bound=Callable[..., Any])

VERIFICATIONS = {
    Verification.NOTHING: N_("nothing was verified"),
    Verification.NAMES: N_("names and sizes only"),
    Verification.WRITTEN: N_("written tracks were read back, perhaps from memory"),
    Verification.WRITTEN_PAST_CACHE: N_("written tracks were read back from the card"),
    Verification.HASHES: N_("every track was read back, perhaps from memory"),
    Verification.HASHES_PAST_CACHE: N_("every track was read back from the card"),
}

_STAGES = {"read": N_("reading"), "write": N_("writing"), "verify": N_("reading back")}

_CONSENTS = {
    "move_card": N_("The card belongs to another player; assign it to this player."),
    "replace_card": N_("The player has another card; this card replaces it."),
    "downgrade": N_("Allow an older release than the card holds."),
    "switch": N_("Allow a release of another series or profile."),
    "repair": N_("Overwrite packager's own files that were changed on the card."),
    "accept_foreign": N_(
        "Keep audio files that packager did not write, although they shift the numbers on a player that "
        "counts files. Needed at each visit, because each such file makes the printed numbers wrong."
    ),
    "clean_junk": N_(
        "Delete files that operating systems left on the card: ._ files, .DS_Store, .Spotlight-V100, "
        "empty .Trashes, .fseventsd, Thumbs.db, desktop.ini. The content of each is checked first."
    ),
    "same_card": N_("Accept a card whose state is older than recorded, or differs from it: it is the same card."),
}


def card_options(command: _Command) -> _Command:
    """The options that `load` and `update` share."""
    for name, text in reversed(_CONSENTS.items()):
        command = click.option(f"--{name.replace('_', '-')}", is_flag=True, help=_(text))(command)
    for option in (
        click.option("--json", "as_json", is_flag=True, help=_("Print JSON.")),
        click.option("--dry-run", is_flag=True, help=_("Show what would be done; change nothing.")),
        click.option(
            "--verify-written",
            is_flag=True,
            help=_("Read back only the written tracks, not all: faster; the registry records it."),
        ),
        allow_folder_option(),
    ):
        command = option(command)
    return command


def card_argument() -> Callable[[_Command], _Command]:
    """CARD, which can be left out if only one card fits."""
    return click.argument("card", required=False, type=click.Path(readable=False, path_type=Path))


def eject_option() -> Callable[[_Command], _Command]:
    """`--eject`, by default only if CARD was left out."""
    return click.option(
        "--eject/--no-eject", default=None, help=_("Eject the card at the end (default: only if CARD was left out).")
    )


def place_of(card: Path | None, which: CardChoice, identity: str | None = None) -> Path:
    """The path of CARD, or of the only fitting card. Raises CardRefusedError if there is none or more than one."""
    if card is not None:
        return card
    found = find_card(which, identity=identity)
    note(_("Card: {card}").format(card=named(found)))
    return found.mount_point


def finish_card(place: Path, *, was_named: bool, wanted: bool | None, touched: bool = True) -> None:
    """Eject the card if requested, else ask to eject it."""
    volume = volume_of(place)
    if volume is None:
        return  # a practice folder
    if touched and (wanted or (wanted is None and not was_named)):
        note(eject(volume).message)
    elif touched:
        note(_("Eject the card before you remove it (or use --eject)."))


def overrides_of(options: Mapping[str, Any]) -> LoadOverrides:
    """The guards that the options of a command lift; a command need not have all of these options."""
    return LoadOverrides(**{guard.name: options.get(guard.name, False) for guard in fields(LoadOverrides)})


def visit_options(workspace: Workspace, options: Mapping[str, Any], **observers: Any) -> VisitOptions:
    """The options of a visit from those of its command; `observers` are `progress` and `tell_plan`."""
    return VisitOptions(
        allow_folder=options["allow_folder"],
        claim=options.get("claim", False),
        overrides=overrides_of(options),
        dry_run=options["dry_run"],
        verify_all=not options["verify_written"],
        approval_required=workspace.approval_required,
        **observers,
    )


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """Progress bars on standard error, one per stage, in bytes."""
    bars: dict[str, Any] = {}

    def progress(stage: str, done: int, total: int) -> None:
        if stage not in bars:
            bars[stage] = progress_bar(total, _(_STAGES.get(stage, stage)), unit="B", scale=True)
        bars[stage].update(done - bars[stage].n)

    try:
        yield progress
    finally:
        for bar in bars.values():
            bar.close()


def print_visit(result: VisitResult, card: Path, as_json: bool) -> None:
    """Print the result of a visit, or its plan."""
    for objection in result.passed_over:
        note(_("Skipped: {objection}").format(objection=objection))
    if as_json:
        print_json(_values(result))
        return
    plan, load = result.plan, result.load
    if result.taken_over:
        click.echo(
            ngettext(
                "{count} file on the card is byte for byte that of a release here, and is taken over",
                "{count} files on the card are byte for byte those of a release here, and are taken over",
                result.taken_over,
            ).format(count=result.taken_over)
        )
    print_os_junk(result.os_junk, done=load is not None)
    if load is None:
        _print_plan(result)
        return
    if load.written or load.deleted:
        click.echo(
            ngettext(
                "{player} has {release}: {written} track written ({size} MB), {untouched} unchanged",
                "{player} has {release}: {written} tracks written ({size} MB), {untouched} unchanged",
                load.tracks_written,
            ).format(
                player=result.player.id,
                release=load.release,
                written=load.tracks_written,
                size=megabytes(load.bytes_written),
                untouched=load.untouched,
            )
        )
    else:
        line = _("{player} already had {release}; no track was changed")
        click.echo(line.format(player=result.player.id, release=load.release))
    if result.shifted:
        click.echo(
            ngettext(
                "{count} track has another number on this player than the printed one, because of foreign audio "
                "before it",
                "{count} tracks have other numbers on this player than the printed ones, because of foreign audio "
                "before them",
                result.shifted,
            ).format(count=result.shifted)
        )
    for path in load.mended:
        click.echo(_("{path} had changed on the card since it was loaded, and was written again").format(path=path))
    for found, path in plan.renamed.items():
        message = _("{found} is {path} under another name, and was written again")
        click.echo(message.format(found=shown(found), path=path))
    for path in plan.shows:
        click.echo(_("{path} was hidden, and is shown again").format(path=path))
    click.echo(_("Verified: {how}").format(how=_(VERIFICATIONS[load.verification])))
    note(_("To check it again: packager audit {card}").format(card=shown(str(card))))


def print_os_junk(os_junk: OsJunk, done: bool) -> None:
    """Print which files of operating systems are deleted, and which similar files are kept."""
    line = _("removed {path} (left by an operating system)")
    if not done:
        line = _("remove {path} (left by an operating system)")
    for path in os_junk.paths:
        click.echo(line.format(path=shown(path)))
    for path, reason in os_junk.kept:
        note(_("{path} kept: {reason}").format(path=shown(path), reason=reason))


def _print_plan(result: VisitResult) -> None:
    plan = result.plan
    for step in plan.deletes:
        click.echo(_("delete {path} ({why})").format(path=step.path, why=_(_WHYS[step.why.value])))
    for file in plan.rewritten:
        click.echo(_("delete {path} ({why})").format(path=file.path, why=_(_WHYS["misplaced"])))
    for track in plan.creates:
        click.echo(_("write  {path} ({size} MB)").format(path=track.path, size=megabytes(track.size)))
    for path in plan.shows:
        click.echo(_("show   {path} (it is hidden)").format(path=path))
    click.echo(
        ngettext(
            "{release} for {player}: {written} track to write ({size} MB), {untouched} unchanged",
            "{release} for {player}: {written} tracks to write ({size} MB), {untouched} unchanged",
            plan.tracks_to_write,
        ).format(
            release=result.release.release,
            player=result.player.id,
            written=plan.tracks_to_write,
            size=megabytes(plan.bytes_to_write),
            untouched=len(plan.untouched),
        )
    )
    if plan.incomplete_seconds:
        click.echo(_while_incomplete(plan))
    note(_("Nothing was changed."))


def tell_plan(plan: LoadPlan) -> None:
    """Print for how long the card will be incomplete, before it is changed."""
    if plan.incomplete_seconds:
        note(_while_incomplete(plan))


def _while_incomplete(plan: LoadPlan) -> str:
    """Why the card is incomplete during the load, and for how long."""
    reason = _(
        "The card has little free space: old tracks are deleted before new ones are written. The least "
        "free space is {least} bytes, while {path} is written."
    ).format(least=plan.space.least, path=shown(plan.space.tightest))
    if not plan.little_space:
        reason = ngettext(
            "{count} unchanged file is written again, so that new ones can stand before it.",
            "{count} unchanged files are written again, so that new ones can stand before them.",
            len(plan.rewritten),
        ).format(count=len(plan.rewritten))
    span = math.ceil(plan.incomplete_seconds / 60)
    incomplete = ngettext(
        "The card is incomplete for about {n} minute, at an assumed {write} MB/s writing and {read} MB/s "
        "reading. Do not remove it; after an interruption, run the same command again.",
        "The card is incomplete for about {n} minutes, at an assumed {write} MB/s writing and {read} MB/s "
        "reading. Do not remove it; after an interruption, run the same command again.",
        span,
    ).format(n=span, write=ASSUMED_WRITE_SPEED // 10**6, read=ASSUMED_READ_SPEED // 10**6)
    return f"{reason} {incomplete}"


_WHYS = {
    "removed": N_("no longer in the release"),
    "replaced": N_("replaced"),
    "misplaced": N_("in the wrong place, rewritten"),
    "partial": N_("damaged"),
    "renamed": N_("renamed on the card, written again"),
    "filler": N_("left by an interrupted load"),
}


def _values(result: VisitResult) -> dict[str, Any]:
    plan, load = result.plan, result.load
    return {
        "player": result.player.id,
        "card": result.card,
        "new_card": result.card_is_new,
        "before": result.before.release if result.before else None,
        "passed_over": list(result.passed_over),
        "release": result.release.release,
        "done": load is not None,
        "verification": load.verification.value if load else None,
        "write": [track.path for track in plan.creates],
        "delete": [path for path in plan.all_deleted if path not in plan.order],
        "written_again": [file.path for file in plan.rewritten],
        "shifted": result.shifted,
        "taken_over": result.taken_over,
        "show": list(plan.shows),
        "renamed": {shown(found): path for found, path in plan.renamed.items()},
        "mended": list(load.mended) if load else [],
        "os_junk": [shown(path) for path in result.os_junk.paths],
        "untouched": len(plan.untouched),
        "bytes_to_write": plan.bytes_to_write,
        "little_space": plan.little_space,
        "room": {
            "free": plan.space.free,
            "least": plan.space.least,
            "tightest": plan.space.tightest,
            "incomplete_bytes": plan.space.incomplete,
            "incomplete_seconds": round(plan.incomplete_seconds, 1),
            "assumed_write_speed": ASSUMED_WRITE_SPEED,
            "assumed_read_speed": ASSUMED_READ_SPEED,
        },
    }
