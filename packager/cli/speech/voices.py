"""`packager voices`: list, sample and calibrate voices."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from packager.arranging.profiles.catalog import load_profile
from packager.base.errors import EXIT_SPEECH, InputError, PackagerError, StorageError
from packager.base.i18n.language import N_, _, reason_of
from packager.base.workspace import Workspace, require_writable
from packager.cli.speech.say import SAMPLE_PROFILE, chunks_to_say, write_spoken
from packager.cli.ui.columns import display_width
from packager.cli.ui.console import (
    minutes,
    note,
    print_json,
    progress_bar,
    table,
    warn_of_sending,
    workspace_of,
    workspace_or_defaults,
)
from packager.cli.ui.group import LazyGroup
from packager.mastering import PACES
from packager.mastering.calibration import (
    Calibration,
    add_calibrations,
    calibrate,
    calibration_chunks,
    load_calibrations,
)
from packager.speech import (
    LISTENERS,
    ClipCache,
    EngineOptions,
    SpeechPool,
    Voice,
    VoiceInfo,
    installed_engines,
    parse_voice,
)

Calibrations = Mapping[str, Calibration]

_SEXES = {"female": N_("female"), "male": N_("male")}
_ANY_WIDTH = 1000  # columns, where the output is no terminal
# The same words for every voice, for comparison.
_SAMPLE = "大家好，我叫{name}。今天天气很好，咱们一起到社区活动室去听书。现在是下午三点半，请问，您听得清楚吗？"


@click.group(
    cls=LazyGroup,
    listed={
        "calibrate": (
            "speech.voices:calibrate_command",
            N_("measure the natural speech rate of a voice, and the possible rates"),
        ),
        "measure": ("speech.measure:command", N_("measure how clear and natural voices sound, side by side")),
    },
    invoke_without_command=True,
    help=_(
        "List the voices, the clearest first, and whether each works here. Columns: error, the share of "
        "syllables that a recognizer misheard; natural and clean, how natural and how free of noise finished "
        "speech sounds by two predictors (DistillMOS, DNSMOS; 1 to 5); characters per minute before slowing "
        "down; the possible speech rates; the pitch in hertz (lower voices are easier to hear with "
        "high-frequency hearing loss)."
    ),
)
@click.option(
    "--sample",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help=_("Write an MP3 of each offline voice into the folder DIR, all with the same sentences."),
)
@click.option(
    "--voice", "names", multiple=True, metavar="VOICE", help=_("With --sample: only this voice; can be repeated.")
)
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(ctx: click.Context, *, sample: Path | None, names: tuple[str, ...], as_json: bool) -> None:
    if ctx.invoked_subcommand is not None:
        return
    workspace = workspace_or_defaults(ctx)
    if names and sample is None:
        raise click.UsageError(_("--voice needs --sample DIR"), ctx)
    if sample is not None:
        _write_samples(workspace, sample, names, as_json=as_json)
        return
    problems = _problems(EngineOptions.of(workspace))
    options = EngineOptions.of(workspace)
    known = load_calibrations(options)
    if as_json:
        print_json([_values(info, known, problems) for info in installed_engines().voices(options)])
    else:
        _print_table(workspace, known, problems)
    for problem in problems.values():
        note(_("Error: {message}").format(message=problem))
    if problems:
        ctx.exit(EXIT_SPEECH)


def _problems(options: EngineOptions) -> dict[str, PackagerError]:
    """The error of each offline engine that does not work here, by its prefix."""
    problems = {}
    for provider in installed_engines().providers():
        voices = provider.voices(options)
        if voices and not provider.connections:
            try:
                provider.fingerprint(voices[0].voice, options)
            except PackagerError as error:
                problems[provider.prefix] = error
    return problems


def _values(info: VoiceInfo, known: Calibrations, problems: Mapping[str, PackagerError]) -> dict[str, Any]:
    is_online = installed_engines().is_online(info.voice)
    names = ("name", "sex", "pinyin_error", "characters_a_minute", "pitch")
    return {
        **{name: getattr(info, name) for name in names},
        "voice": str(info.voice),
        "paces": pace_values(known[str(info.voice)]) if str(info.voice) in known else None,
        "naturalness": {name: each["mean"] for name, each in info.naturalness.items()} if info.naturalness else None,
        "best_for": list(info.best_for),
        "recommended": info.is_recommended,
        "offline": not is_online,
        "works": None if is_online else info.voice.engine not in problems,  # unknown for online voices
    }


def _print_table(workspace: Workspace, known: Calibrations, problems: Mapping[str, PackagerError]) -> None:
    rows = [
        (
            str(info.voice),
            info.name,
            _(_SEXES[info.sex]),
            "" if info.pinyin_error is None else f"{info.pinyin_error:.1%}",
            *(_rating(info, predictor) for predictor in ("distillmos", "dnsmos")),
            str(info.characters_a_minute or ""),
            f"{paces.slowest}-{paces.fastest}" if (paces := known.get(str(info.voice))) else "",
            str(info.pitch or ""),
            _("; ").join(_remarks(info, workspace.settings.voice, works=info.voice.engine not in problems)),
        )
        for info in installed_engines().voices(EngineOptions.of(workspace))
    ]
    heads = (_("voice"), _("name"), "", _("error"), _("natural"), _("clean"), _("per minute"), _("rates"), _("Hz"), "")
    _print_within(heads, rows, shutil.get_terminal_size((_ANY_WIDTH, 24)).columns)
    if not problems:
        note(_("Voices that are not marked “online” need no network. To hear them: packager voices --sample DIR"))
    note(_("Online voices send the text of a book over the internet to Microsoft."))


def _print_within(heads: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> None:
    """Print the table; where it is wider than the terminal, words come below the figures of their voice."""
    lines = table(heads, rows, right=(3, 4, 5, 6, 7, 8)).splitlines()
    if max(map(display_width, lines)) <= width:
        click.echo("\n".join(lines))
        return
    figures = [(heads[0], *heads[3:-1]), *((row[0], *row[3:-1]) for row in rows)]
    head, *others = table(figures[0], figures[1:], right=(1, 2, 3, 4, 5, 6)).splitlines()
    click.echo(head)
    for line, row in zip(others, rows, strict=True):
        click.echo(line)
        click.echo("  " + _("; ").join(filter(None, (_(", ").join(row[1:3]), row[-1]))))


def _rating(info: VoiceInfo, predictor: str) -> str:
    return f"{info.naturalness[predictor]['mean']:.1f}" if info.naturalness else ""


def _remarks(info: VoiceInfo, default: str, *, works: bool) -> list[str]:
    remarks = [_("does not work here")] * (not works)
    if installed_engines().is_online(info.voice):
        remarks.append(_("online, {manner}").format(manner=_(info.manner)) if info.manner else _("online"))
    if str(info.voice) == default:
        remarks.append(_("default"))
    if info.is_recommended is False:
        remarks.append(_("not recommended: hard to understand"))
    return remarks + [_("best for {listeners}").format(listeners=_(LISTENERS[who])) for who in info.best_for]


def _write_samples(workspace: Workspace, folder: Path, names: Sequence[str], *, as_json: bool) -> None:
    engines, options = installed_engines(), EngineOptions.of(workspace)
    people = {info.voice: info.name for info in engines.voices(options)}
    offline = [voice for voice in people if not engines.is_online(voice)]
    voices = [parse_voice(name) for name in dict.fromkeys(names)] or offline
    suffix = load_profile(SAMPLE_PROFILE, None).audio.suffix
    files = {voice: folder / f"{_file_name(voice)}{suffix}" for voice in voices}
    require_writable(folder)
    for path in files.values():
        if path.exists() and not path.is_file():
            raise InputError(_("{path} is not a regular file; choose another folder").format(path=path))
    for voice in voices:
        engines.check(voice, options)
    warn_of_sending(voices)
    titles = {voice: people.get(voice, Path(voice.name).name) for voice in voices}
    chunks = {voice: chunks_to_say(workspace, _SAMPLE.format(name=titles[voice]), voice.language) for voice in voices}
    written = []
    with (
        tempfile.TemporaryDirectory(prefix="packager-") as clips,
        SpeechPool(ClipCache(Path(clips)), options=options, jobs=workspace.settings.jobs) as pool,
    ):
        for voice in voices:  # submitted together, to use all cores
            for chunk in chunks[voice]:
                pool.submit(chunk, voice)
        for voice, path in files.items():
            mastered = write_spoken(pool, chunks[voice], voice, path, pace=workspace.settings.pace, title=titles[voice])
            written.append({"voice": str(voice), "file": str(path), "seconds": mastered.seconds})
            if not as_json:
                click.echo(f"{path}  {titles[voice]}  {minutes(mastered.seconds)}")
    if as_json:
        print_json(written)


def _file_name(voice: Voice) -> str:
    """A file name for `voice`; its name can be a path."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", str(voice))


@click.command(
    help=_(
        "Measure the natural speech rate of VOICE (for example kokoro:zm_yunjian) over a text of 600 "
        "characters, and from it the possible rates. The result is saved in the workspace's "
        "calibration.json and overrides the built-in values; delete the voice there to return to them. A "
        "build refuses a rate that its voice can't reach."
    )
)
@click.argument("voice")
@click.option("--jobs", type=click.IntRange(1, 256), help=_("Number of synthesis processes."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def calibrate_command(ctx: click.Context, /, voice: str, jobs: int | None, as_json: bool) -> None:
    workspace = workspace_of(ctx)
    speaker = parse_voice(voice)
    options = EngineOptions.of(workspace)
    load_calibrations(options)  # an unreadable file is reported before minutes of synthesis
    installed_engines().check(speaker, options)
    warn_of_sending([speaker])
    characters = sum(chunk.spoken for chunk in calibration_chunks())
    with (
        SpeechPool(ClipCache(workspace.clip_cache), options=options, jobs=jobs or workspace.settings.jobs) as pool,
        progress_bar(characters, _("synthesizing"), unit=_(" characters")) as bar,
    ):
        found = calibrate(speaker, pool, bar.update)
    path = options.measurements_of(voice)
    assert path is not None
    try:
        add_calibrations({voice: found}, path)
    except OSError as error:
        message = _("{path} can't be written: {reason}")
        raise StorageError(message.format(path=path, reason=reason_of(error))) from error
    if as_json:
        print_json({"voice": voice, **pace_values(found)})
        return
    line = _("Natural rate of {voice}: {rate:.0f} characters per minute; possible: {slowest} to {fastest}")
    click.echo(line.format(voice=voice, rate=found.rate, slowest=found.slowest, fastest=found.fastest))
    for pace in PACES:
        if found.reaches(pace):
            click.echo(
                _("{pace} per minute: slowed down to {stretch:.0%}").format(pace=pace, stretch=found.stretch(pace))
            )
        else:
            click.echo(_("{pace} per minute: not possible").format(pace=pace))
    note(_("Saved in {path}").format(path=path))


def pace_values(found: Calibration) -> dict[str, Any]:
    """The rates of a calibration as JSON values."""
    return {
        "speed": found.speed,
        "rate": round(found.rate, 1),
        "slowest": found.slowest,
        "fastest": found.fastest,
        "stretch": {str(pace): found.stretch(pace) for pace in PACES if found.reaches(pace)},
    }
