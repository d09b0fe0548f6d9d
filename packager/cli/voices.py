"""`packager voices`: who can read aloud here."""

from __future__ import annotations

from pathlib import Path

import click

from packager.cli.console import note, print_json, table, workspace_or_defaults
from packager.errors import EXIT_SPEECH, PackagerError
from packager.language import N_, _
from packager.speaking import ONLINE_VOICES, kokoro_source, offered_voices

_SEXES = {"female": N_("female"), "male": N_("male")}


@click.command(
    help=_(
        "List the voices, the best understood first, and whether they work here. The error is the share of "
        "syllables that a recognizer took for others: less is clearer."
    )
)
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    workspace = workspace_or_defaults(ctx)
    trouble = _trouble(workspace.model)
    voices = offered_voices()
    if as_json:
        print_json(
            [
                {
                    "voice": str(info.voice),
                    "sex": info.sex,
                    "pinyin_error": info.pinyin_error,
                    "offline": True,
                    "works": trouble is None,
                }
                for info in voices
            ]
            + [
                {
                    "voice": str(online.voice),
                    "name": online.name,
                    "sex": online.sex,
                    "pinyin_error": None,
                    "offline": False,
                    "works": None,  # known when it is asked: nothing is sent to find out
                }
                for online in ONLINE_VOICES
            ]
        )
    else:
        rows = [
            (
                str(info.voice),
                _(_SEXES[info.sex]),
                f"{info.pinyin_error:.1%}",
                _("works, without a network") if trouble is None else _("does not work here"),
                _("default") if str(info.voice) == workspace.settings.voice else "",
            )
            for info in voices
        ]
        rows += [
            (
                str(online.voice),
                _(_SEXES[online.sex]),
                "",
                _("online: {name}, {manner}").format(name=online.name, manner=_(online.manner)),
                _("default") if str(online.voice) == workspace.settings.voice else "",
            )
            for online in ONLINE_VOICES
        ]
        click.echo(table((_("voice"), "", _("error"), "", ""), rows, right=(2,)))
        note(_("The text of a book goes over the internet to Microsoft to be spoken by an online voice."))
    if trouble is not None:
        note(_("Error: {message}").format(message=trouble))
        ctx.exit(EXIT_SPEECH)


def _trouble(model: Path | None) -> PackagerError | None:
    """Why the offline voices can't be used here, if that is so."""
    try:
        kokoro_source(model)
    except PackagerError as error:
        return error
    return None
