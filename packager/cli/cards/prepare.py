"""`packager prepare`: inspect a new card, test its capacity and assign it to a player."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from packager.base.display import shown
from packager.base.errors import EXIT_CARD
from packager.base.file_hints import in_command
from packager.base.i18n.language import N_, _
from packager.cards import Bus, CardChoice, Volume, find_volumes, judge
from packager.cards.prepare.capacity import CapacityVerdict
from packager.cards.prepare.inspect import CardInspection
from packager.cli.cards._card_options import (
    card_argument,
    eject_option,
    finish_card,
    overrides_of,
    place_of,
    print_os_junk,
    shown_progress,
)
from packager.cli.cards.allow_folder import allow_folder_option
from packager.cli.ui.console import megabytes, minutes, note, print_json, table, workspace_of
from packager.registry.workspace_registry import registry_of
from packager.visits.prepare import Preparation, PrepareOptions, prepare_card

_BUSES = {
    Bus.USB: N_("USB"),
    Bus.CARD: N_("card slot"),
    Bus.INTERNAL: N_("built in"),
    Bus.VIRTUAL: N_("image or virtual disk"),
    Bus.NETWORK: N_("network"),
    Bus.UNKNOWN: "",
}

_VERDICTS = {
    CapacityVerdict.REAL: N_("capacity is genuine: all free space was written and read back"),
    CapacityVerdict.SAMPLED: N_("all samples were correct; the rest was written but not read back"),
    CapacityVerdict.FAKE: N_("fake: the card holds less than it claims. Do not use it"),
    CapacityVerdict.FAILING: N_("failing: some places lose what is written. Do not use it"),
}


@click.command(
    help=_(
        "Prepare a new card. Shows the card and its contents, and tests its capacity by filling the free "
        "space and reading it back (minutes to hours; other files are not changed). With --player, "
        "assigns it to that player. CARD can be left out if only one card is plugged in. Cards are never "
        "formatted or repaired; the commands for that are shown."
    )
)
@card_argument()
@click.option("--player", help=_("The player for the card, for example P037."))
@click.option("--test/--no-test", default=True, help=_("Test the capacity, or skip the test."))
@click.option("--quick", is_flag=True, help=_("Read back samples only: finds a fake card, but not every bad place."))
@click.option(
    "--files-saved",
    is_flag=True,
    help=_("The files on the card are saved elsewhere, or may be lost if the card is fake."),
)
@click.option("--clean-junk", is_flag=True, help=_("Delete files that operating systems left on the card."))
@click.option("--move-card", is_flag=True, help=_("The card belongs to another player; assign it to this player."))
@click.option("--replace-card", is_flag=True, help=_("The player has another card; this card replaces it."))
@click.option(
    "--list", "only_list", is_flag=True, help=_("List the cards that are plugged in, and whether each can be used.")
)
@eject_option()
@click.option("--dry-run", is_flag=True, help=_("Show what would be done; change nothing."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@allow_folder_option()
@click.pass_context
def command(ctx: click.Context, /, card: Path | None, player: str | None, **options: Any) -> None:
    if options["only_list"]:
        _list(options["as_json"])
        return
    workspace = workspace_of(ctx)
    place = place_of(card, CardChoice.NEW)
    wishes = PrepareOptions(
        test=options["test"],
        quick=options["quick"],
        files_saved=options["files_saved"],
        dry_run=options["dry_run"],
        overrides=overrides_of(options),
        allow_folder=options["allow_folder"],
    )
    with registry_of(workspace) as registry, shown_progress() as progress:
        done = prepare_card(registry, place, player=player, options=wishes, progress=progress)
    if options["as_json"]:
        print_json(_values(done))
    else:
        _print(done, wishes, player)
    if not done.is_fit:
        ctx.exit(EXIT_CARD)
    finish_card(place, was_named=card is not None, wanted=options["eject"], touched=not wishes.dry_run)


def _print(done: Preparation, wishes: PrepareOptions, player: str | None) -> None:
    look = done.look
    click.echo("\n".join(_facts(look)))
    if look.trouble:
        click.echo(_("It can't be loaded: {reason}").format(reason=look.trouble))
        click.echo("\n".join(look.advice))
        return
    click.echo(_owner_line(done))
    if look.foreign:
        click.echo(_("Files not written by packager: {count}").format(count=len(look.foreign)))
        for path in look.foreign[:10]:
            click.echo(f"  {shown(path)}")
    if look.os_junk.paths and not wishes.overrides.clean_junk:
        line = _("Left by operating systems: {count} files and folders; to delete them, add --clean-junk")
        click.echo(line.format(count=len(look.os_junk.paths)))
    print_os_junk(done.removed, done=not wishes.dry_run)
    _print_capacity(done, wishes)
    _print_identity(done, wishes, player)


def _facts(look: CardInspection) -> list[str]:
    volume = look.volume
    lines = [_("Card {card}").format(card=look.name)]
    if volume is None:
        return [*lines, _("This is a practice folder; it is not tested.")]
    facts = [
        volume.file_system.upper() or "?",
        _("{size} MB").format(size=megabytes(look.size)),
        _("{size} MB free").format(size=megabytes(look.free)),
    ]
    if look.allocation_unit:
        facts.append(_("allocation unit {size} bytes").format(size=look.allocation_unit))
    if volume.label:
        facts.append(_("label {label}").format(label=shown(volume.label)))
    if volume.serial:
        facts.append(_("serial {serial}").format(serial=volume.serial))
    facts += [text for text in (volume.device, _(_BUSES[volume.bus]) if _BUSES[volume.bus] else "") if text]
    return [*lines, "  " + ", ".join(facts)]


def _owner_line(done: Preparation) -> str:
    card = done.look.card
    assert card is not None
    if card.is_new:
        return _("packager has not used this card before.")
    held = card.snapshot.manifest
    return _("Card of {player} ({card}); holds: {release}").format(
        player=done.holder or "?", card=card.identity.id[:8], release=held.release if held is not None else _("nothing")
    )


def _print_capacity(done: Preparation, wishes: PrepareOptions) -> None:
    capacity = done.capacity
    if capacity is None:
        if wishes.dry_run and done.to_test:
            note(_("A test would write {size} MB, read it back and delete it.").format(size=megabytes(done.to_test)))
        return
    click.echo(_("Test: {verdict}").format(verdict=_(_VERDICTS[capacity.verdict])))
    click.echo(
        _(
            "  {written} MB written in {write} ({write_speed:.1f} MB/s), {read} MB read "
            "in {reading} ({read_speed:.1f} MB/s)"
        ).format(
            written=megabytes(capacity.written),
            write=minutes(capacity.write_seconds),
            write_speed=_speed(capacity.written, capacity.write_seconds),
            read=megabytes(capacity.read),
            reading=minutes(capacity.read_seconds),
            read_speed=_speed(capacity.read, capacity.read_seconds),
        )
    )
    if capacity.true_size is not None:
        click.echo(
            _("  It claims {size} MB and holds about {true} MB.").format(
                size=megabytes(done.look.size), true=megabytes(capacity.true_size)
            )
        )
    elif capacity.first_bad is not None:
        line = _("  {bad} MB are bad; the first bad place is {place} MB into the free space.")
        click.echo(line.format(bad=megabytes(capacity.bad), place=megabytes(capacity.first_bad)))
    if not capacity.past_cache:
        note(
            _(
                "  The system may have read from memory: a good result counts only if the test is larger than the "
                "memory."
            )
        )
    if capacity.leftovers:
        line = _("  {count} test files could not be deleted; format the card before you use it.")
        note(line.format(count=len(capacity.leftovers)))


def _print_identity(done: Preparation, wishes: PrepareOptions, player: str | None) -> None:
    if player is None or not done.is_fit:
        return
    if wishes.dry_run:
        note(_("Nothing was changed."))
        return
    line = _("It is the card of {player}.")
    if done.identity_written:
        line = _("It is now the card of {player}; it is empty until you load it.")
    click.echo(line.format(player=done.player))
    label = done.look.label_command(str(done.player))
    if label:
        click.echo(_("To set the same volume label: {command}").format(command=label))
    note(_("Next: packager load {card} --player {player}").format(card=in_command(done.look.name), player=done.player))


def _speed(size: int, seconds: float) -> float:
    return size / 1e6 / max(seconds, 1e-3)


def _list(as_json: bool) -> None:
    rows = [(volume, judge(volume)) for volume in find_volumes()]
    rows = [(volume, no) for volume, no in rows if no is None or no.kind.value not in ("no-disk", "hidden")]
    if as_json:
        print_json([{**_volume_values(volume), "refusal": no.kind.value if no else None} for volume, no in rows])
        return
    lines = [
        (
            shown(str(volume.mount_point)),
            shown(volume.label),
            volume.file_system,
            "" if volume.size is None else megabytes(volume.size),
            _("usable") if no is None else no.message,
        )
        for volume, no in rows
    ]
    click.echo(table((_("place"), _("label"), "", "MB", ""), lines, right=(3,)))


def _volume_values(volume: Volume) -> dict[str, Any]:
    names = ("device", "file_system", "size", "serial", "bus", "removable", "read_only", "locked", "system")
    values = {name: getattr(volume, name) for name in names}
    return {**values, "place": shown(str(volume.mount_point)), "label": shown(volume.label)}


def _values(done: Preparation) -> dict[str, Any]:
    look = done.look
    card = look.card
    return {
        "card": card.identity.id if card is not None and (done.identity_written or not card.is_new) else None,
        "volume": _volume_values(look.volume) if look.volume is not None else None,
        "size": look.size,
        "free": look.free,
        "allocation_unit": look.allocation_unit,
        "fit": done.is_fit,
        "trouble": look.trouble,
        "advice": list(look.advice),
        "player": done.player,
        "identity_written": done.identity_written,
        "foreign": [shown(path) for path in look.foreign],
        "os_junk": [shown(path) for path in look.os_junk.paths],
        "removed": [shown(path) for path in done.removed.paths],
        "to_test": done.to_test,
        "test": vars(done.capacity) if done.capacity is not None else None,
    }
