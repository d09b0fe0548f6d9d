"""`packager profiles`: the kinds of player that releases can be made for."""

from __future__ import annotations

import click

from packager.arranging import (
    VARIANTS,
    Layout,
    Numbering,
    Profile,
    load_profile,
    profile_names,
    variants_of,
    with_variants,
)
from packager.base.i18n.language import N_, _
from packager.cli.cards.profiles_show import profile_values
from packager.cli.ui.console import note, print_json, table, workspace_or_defaults
from packager.cli.ui.group import LazyGroup


@click.group(
    cls=LazyGroup,
    listed={"show": ("cards.profiles_show", N_("one profile: what it means, and its file to copy"))},
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
    name = f"{number:0{profile.file_digits}d}.mp3"
    folder = profile.folder if profile.layout is Layout.FLAT else f"{2:0{profile.folder_digits}d}"
    return f"{folder}/{name}" if folder else name
