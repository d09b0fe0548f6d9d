"""`packager profiles show`: one profile in words, and its file, to begin one's own with."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from packager.arranging import (
    FindsBy,
    Layout,
    Naming,
    Numbering,
    Profile,
    base_profile,
    load_profile,
    profile_file,
)
from packager.base.i18n.language import N_, _
from packager.cli.ui.console import note, print_json, workspace_or_defaults

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
def command(ctx: click.Context, name: str, as_json: bool) -> None:
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
