"""`packager profiles` and `packager profiles show`: the kinds of player."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from packager.arranging import (
    VARIANTS,
    FindsBy,
    Layout,
    Naming,
    Numbering,
    Profile,
    base_profile,
    load_profile,
    profile_file,
    profile_names,
    variants_of,
    with_variants,
)
from packager.base.i18n.language import N_, _
from packager.cli.ui.console import note, print_json, table, workspace_or_defaults
from packager.cli.ui.group import LazyGroup


@click.group(
    cls=LazyGroup,
    listed={"show": ("cards.profiles:show_command", N_("one profile: what it means, and its file to copy"))},
    invoke_without_command=True,
    help=_("The kinds of player: how each is laid out, and what it can't exceed."),
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
            _("{files} a folder").format(files=profile.limits.files_per_folder),
            str(profile.limits.tracks),
            profile.title,
            _("default") if profile.name == workspace.settings.profile else "",
        )
        for profile in profiles
    ]
    heads = (_("profile"), _("path"), _("files"), _("tracks"), _("title"), "")
    click.echo(table(heads, rows, right=(3,)))
    default = workspace.settings.profile
    note(_("For a listener who needs it, each of them has variants, with the same numbers:"))
    for variant in VARIANTS:
        note(f"  {with_variants(default, [variant.name])}  {_(variant.title)}")
    all_of_it = _("all of it")
    note(f"  {variants_of(default)[-1]}  {all_of_it}")
    note(_("Next: packager profiles show NAME; to find the profile of an unknown player: packager probe"))


def example_path(profile: Profile) -> str:
    """The path of a track somewhere in the second folder."""
    number = 1 if profile.numbering is Numbering.FOLDER else 11
    name = f"{number:0{profile.file_digits}d}{profile.audio.suffix}"
    folder = profile.folder if profile.layout is Layout.FLAT else f"{2:0{profile.folder_digits}d}"
    return f"{folder}/{name}" if folder else name


_WORDS: dict[object, str] = {
    FindsBy.PLACE: N_("The n-th file plays at number n: a number that holds nothing says so."),
    FindsBy.NAME: N_("A track is found by its name: a number that holds nothing is absent."),
    Layout.FOLDERS: N_("A folder for this week, one for the weeks that stay, then a folder a book."),
    Layout.WEEKS: N_("A folder for this week, one for each week that stays, then a folder a book."),
    Layout.FLAT: N_("All tracks lie in one folder."),
    Numbering.CARD: N_("One row of numbers for the whole card."),
    Numbering.FOLDER: N_("The number is the folder's and the file's in one: 2011 is file 11 in folder 2."),
    Naming.NUMBER: N_("A file's name is its number."),
    Naming.TITLE: N_("A file's name is its number and its title."),
}


@click.command(
    help=_(
        "Show the profile NAME. The result is its YAML file: save it in profiles/ of the workspace under "
        "another name, and change it, to have a profile of your own."
    )
)
@click.argument("name")
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
    file = profile_file(name, workspace.profiles)
    text = file.read_text("utf-8-sig")
    click.echo(text, nl=False)
    base = base_profile(name)
    if profile.variants:
        note(
            _("Its file is that of {name}; to build it: packager build PLAYLIST --profile {variant}").format(
                name=base, variant=name
            )
        )
    note(_("To make your own of it: packager profiles show {name} > profiles/mine.yaml").format(name=base))


def profile_values(profile: Profile) -> dict[str, Any]:
    """The profile as JSON values, all that its file leaves out filled in."""
    return {**asdict(profile), "variants": [variant.name for variant in profile.variants]}
