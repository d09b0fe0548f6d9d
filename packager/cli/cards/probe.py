"""`packager probe`: write a card of test tracks, and make a profile from what a person hears on an unknown player."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import click

from packager.arranging.profiles.catalog import save_profile
from packager.base.display import shown
from packager.base.errors import InputError
from packager.base.formats import write_atomic
from packager.base.html import render
from packager.base.i18n.language import _
from packager.base.workspace import Settings, Workspace, require_writable
from packager.base.yaml_documents import schema_problems
from packager.cards.io.card import CardAccess
from packager.cli.cards._card_options import finish_card, shown_progress
from packager.cli.cards._probe_questions import QUESTIONS, answer_of, sheet_text
from packager.cli.cards.allow_folder import allow_folder_option
from packager.cli.ui.console import megabytes, note, print_json, progress_bar, warn, workspace_of
from packager.probe.answers import Answers, answers_of, load_answers, proposal_bytes, propose
from packager.probe.tracks import probe_tracks


@click.command(
    help=_(
        "Find the profile of an unknown player by ear. With CARD (an empty card), write spoken test "
        "tracks to it and a sheet of questions. With --answers or --ask, create a profile from what you "
        "heard."
    )
)
@click.argument("card", required=False, type=click.Path(readable=False, path_type=Path))
@click.option("--new", "claim", is_flag=True, help=_("Accept a card that packager has not used before."))
@click.option(
    "--answers",
    type=click.Path(dir_okay=False, path_type=Path),
    help=_("The file with the answers, a filled-in output/probe/answers.yaml."),
)
@click.option("--ask", is_flag=True, help=_("Ask the questions one by one."))
@click.option("--replace", is_flag=True, help=_("Replace the workspace's profile of the same name."))
@click.option("--dry-run", is_flag=True, help=_("Show what would be done; change nothing."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@allow_folder_option()
@click.pass_context
def command(ctx: click.Context, /, card: Path | None, answers: Path | None, **options: Any) -> None:
    if [card is not None, answers is not None, options["ask"]].count(True) != 1:
        raise click.UsageError(_("give CARD, --answers FILE or --ask"))
    workspace = workspace_of(ctx)
    if card is not None:
        _write_card(workspace, card, options)
    else:
        given = _asked() if answers is None else load_answers(answers)
        _write_profile(workspace, given, options)


def _write_card(workspace: Workspace, card: Path, options: dict[str, Any]) -> None:
    from packager.probe.card import check_probe_card, load_probe
    from packager.probe.release import build_probe
    from packager.speech import ClipCache, EngineOptions, SpeechPool, parse_voice

    access = CardAccess(claim=options["claim"], allow_folder=options["allow_folder"])
    check_probe_card(card, access)  # before minutes of synthesis
    tracks = probe_tracks()
    if options["dry_run"]:
        for track in tracks:
            click.echo(f"{track.path}  {track.audio.text}")
        line = _("Nothing was written. Run without --dry-run to write these tracks to {card}.")
        note(line.format(card=shown(str(card))))
        return
    folder = workspace.output / "probe"
    require_writable(folder)
    sheet, blank = folder / "sheet.html", folder / "answers.yaml"
    bar = progress_bar(0, _("synthesizing"), unit=_(" tracks"))

    def spoken(done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)

    pool = SpeechPool(
        ClipCache(workspace.clip_cache), options=EngineOptions.of(workspace), jobs=workspace.settings.jobs
    )
    voice = parse_voice(workspace.settings.voice)
    if pool.engines.is_online(voice):  # a probe card can be made without a network
        voice = parse_voice(Settings().voice)
    with bar, pool:
        probe = build_probe(tracks, pool, voice, folder, now=datetime.now(timezone.utc), progress=spoken)
    write_atomic(sheet, render("probe.html", questions=QUESTIONS).encode("utf-8"))
    write_atomic(blank, sheet_text().encode("utf-8"))
    with shown_progress() as progress:
        plan, load = load_probe(card, probe, access, progress=progress)
    if options["as_json"]:
        values = {"tracks": len(tracks), "size": probe.manifest.size, "written": len(plan.creates)}
        print_json({**values, "verification": load.verification.value, "sheet": str(sheet), "answers": str(blank)})
        return
    line = _("{card} is a probe card: {n} tracks, {size} MB")
    click.echo(line.format(card=shown(str(card)), n=len(tracks), size=megabytes(probe.manifest.size)))
    click.echo(_("Questions to print: {sheet}. File to fill in: {answers}").format(sheet=sheet, answers=blank))
    finish_card(card, was_named=True, wanted=None)
    note(_("Next: put the card into the player, listen and note the answers, then: packager probe --ask"))


def _asked() -> Answers:
    values: dict[str, Any] = {}
    for question in QUESTIONS:
        while True:
            text = click.prompt(_(question.text), default="", show_default=False, err=True)
            try:
                value = answer_of(question, text)
            except InputError as error:
                note(str(error))
                continue
            wrong = schema_problems({"name": "x", "heard": [], question.key: value}, "answers")
            if value is None and question.key not in ("name", "heard"):
                break
            if value is None or wrong:
                note("\n".join(wrong) or _("this answer is required"))
                continue
            values[question.key] = value
            break
    return answers_of(values)


def _write_profile(workspace: Workspace, answers: Answers, options: dict[str, Any]) -> None:
    proposal = propose(answers)
    data = proposal_bytes(proposal)
    path = workspace.profiles / f"{answers.name}.yaml"
    if not options["dry_run"]:
        path = save_profile(answers.name, data, workspace.profiles, replace=options["replace"])
    if options["as_json"]:
        reasoned = {"values": proposal.values, "reasons": proposal.reasons, "warnings": proposal.warnings}
        print_json({"profile": answers.name, "file": str(path), **reasoned})
    else:
        click.echo(data.decode(), nl=False)
    for warning in proposal.warnings:
        warn(warning)
    if options["dry_run"]:
        note(_("Nothing was written. Run without --dry-run to write {path}.").format(path=path))
    else:
        note(_("Written: {path}. Next: packager build PLAYLIST --profile {name}").format(path=path, name=answers.name))
