"""`packager profiles` and `packager profiles show`: list and explain the kinds of player."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from packager.arranging.profiles.catalog import load_profile, profile_file, profile_names
from packager.arranging.profiles.profile import FindsBy, Layout, Naming, Numbering, Profile
from packager.arranging.profiles.variant import VARIANTS, base_profile, variants_of, with_variants
from packager.base.i18n.language import N_, _
from packager.cli.ui.console import note, print_json, table, workspace_or_defaults
from packager.cli.ui.group import LazyGroup
from packager.firmware.catalog import find_firmware
from packager.firmware.keys import certainty_of
from packager.firmware.model import Certainty, Firmware


@click.group(
    cls=LazyGroup,
    listed={"show": ("cards.profiles:show_command", N_("explain one profile, and print its file to copy"))},
    invoke_without_command=True,
    help=_("List the kinds of player: layout and limits."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    if ctx.invoked_subcommand is not None:
        return
    workspace = workspace_or_defaults(ctx)
    profiles = [load_profile(name, workspace.profiles) for name in profile_names(workspace.profiles)]
    if as_json:
        print_json([{**profile_values(profile), "variants": variants_of(profile.name)} for profile in profiles])
        return
    rows = [
        (
            profile.name,
            example_path(profile),
            str(profile.limits.files_per_folder),
            str(profile.limits.tracks),
            _("; ").join([profile.title, *([_("default")] if profile.name == workspace.settings.profile else [])]),
        )
        for profile in profiles
    ]
    heads = (_("profile"), _("path"), _("files per folder"), _("tracks"), _("title"))
    click.echo(table(heads, rows, right=(2, 3)))
    default = workspace.settings.profile
    note(_("Each profile has variants with the same numbers:"))
    for variant in VARIANTS:
        note(f"  {with_variants(default, [variant.name])}  {_(variant.title)}")
    note("  ".join(["", variants_of(default)[-1], _("everything")]))
    note(_("Next: packager profiles show PROFILE; to find the profile of an unknown player: packager probe"))


def example_path(profile: Profile) -> str:
    """The path of an example track, in the second folder."""
    number = 1 if profile.numbering is Numbering.FOLDER else 11
    name = f"{number:0{profile.file_digits}d}{profile.audio.suffix}"
    folder = profile.folder if profile.layout is Layout.FLAT else f"{2:0{profile.folder_digits}d}"
    return f"{folder}/{name}" if folder else name


def firmware_line(firmware: Firmware) -> str:
    """The chip family in a line, and whether all that is known of it is stated by its maker."""
    if certainty_of(firmware) is Certainty.STATED:
        return _("Chip family {name}: {title}").format(name=firmware.name, title=firmware.title)
    return _("Chip family {name}: {title}; how it walks a card is in part a guess").format(
        name=firmware.name, title=firmware.title
    )


_WORDS: dict[object, str] = {
    FindsBy.PLACE: N_("Number n plays the n-th file; an empty number has a track that says so."),
    FindsBy.NAME: N_("Tracks are found by file name; an empty number has no file."),
    Layout.FOLDERS: N_("One folder for this week, one for all kept weeks, then one per book."),
    Layout.WEEKS: N_("One folder for this week, one for each kept week, then one per book."),
    Layout.FLAT: N_("All tracks are in one folder."),
    Numbering.CARD: N_("Numbers run through the whole card."),
    Numbering.FOLDER: N_("A number combines folder and file: 2011 is file 11 in folder 2."),
    Naming.NUMBER: N_("A file is named by its number."),
    Naming.TITLE: N_("A file is named by its number and title."),
}


@click.command(
    help=_(
        "Show the profile PROFILE. The output is its YAML file: save it under another name in the "
        "workspace's profiles/ and edit it to make your own profile."
    )
)
@click.argument("name", metavar="PROFILE")
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def show_command(ctx: click.Context, name: str, as_json: bool) -> None:
    workspace = workspace_or_defaults(ctx)
    profile = load_profile(name, workspace.profiles)
    if as_json:
        print_json(profile_values(profile))
        return
    note(profile.title)
    for choice in (profile.finds_by, profile.layout, profile.numbering, profile.naming):
        note("- " + _(_WORDS[choice]))
    for firmware in map(find_firmware, profile.firmware):
        note("- " + firmware_line(firmware))
    file = profile_file(name, workspace.profiles)
    text = file.read_text("utf-8-sig")
    click.echo(text, nl=False)
    base = base_profile(name)
    if profile.variants:
        line = _("The file is that of {name}; to build the variant: packager build PLAYLIST --profile {variant}")
        note(line.format(name=base, variant=name))
    note(_("To make your own from it: packager profiles show {name} > profiles/mine.yaml").format(name=base))


def profile_values(profile: Profile) -> dict[str, Any]:
    """The profile as JSON values, with all defaults."""
    return {**asdict(profile), "variants": [variant.name for variant in profile.variants]}
