"""`packager voices`: list, sample and calibrate voices."""

from __future__ import annotations

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
    ONLINE_VOICES,
    ClipCache,
    OnlineVoice,
    SpeechPool,
    Voice,
    VoiceInfo,
    is_online,
    kokoro_source,
    offered_voices,
    parse_voice,
)

Calibrations = Mapping[str, Calibration]

_SEXES = {"female": N_("female"), "male": N_("male")}
# What every voice says of itself: the same words, so that ears can compare.
_SAMPLE = "大家好，我叫{name}。今天天气很好，咱们一起到社区活动室去听书。现在是下午三点半，请问，您听得清楚吗？"


@click.group(
    cls=LazyGroup,
    listed={
        "calibrate": (
            "speech.voices:calibrate_command",
            N_("measure a voice here: how fast it speaks, and so what paces it can have"),
        )
    },
    invoke_without_command=True,
    help=_(
        "List the voices, the best understood first, and whether they work here. The error is the share of "
        "syllables that a recognizer took for others: less is clearer. Then come the characters a minute "
        "before speech is slowed down, the paces that it can have, and the pitch in hertz: a lower voice is "
        "easier for who hears high tones badly."
    ),
)
@click.option(
    "--sample",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help=_("Write an MP3 of every offline voice into the folder DIR, each with the same sentences."),
)
@click.option(
    "--voice",
    "names",
    multiple=True,
    metavar=_("VOICE"),
    help=_("With --sample: only this voice; can be given more than once."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(ctx: click.Context, *, sample: Path | None, names: tuple[str, ...], as_json: bool) -> None:
    if ctx.invoked_subcommand is not None:
        return
    workspace = workspace_or_defaults(ctx)
    if names and sample is None:
        raise click.UsageError(_("--voice goes with --sample DIR"), ctx)
    if sample is not None:
        _write_samples(workspace, sample, names, as_json=as_json)
        return
    trouble = _trouble(workspace.model)
    known = load_calibrations(workspace.calibration)
    if as_json:
        print_json(
            [
                *(_offline_values(info, known, works=trouble is None) for info in offered_voices()),
                *(_online_values(online, known) for online in ONLINE_VOICES),
            ]
        )
    else:
        _print_table(workspace, known, works=trouble is None)
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


def _offline_values(info: VoiceInfo, known: Calibrations, *, works: bool) -> dict[str, Any]:
    return {
        "voice": str(info.voice),
        "name": info.name,
        "sex": info.sex,
        "pinyin_error": info.pinyin_error,
        "characters_a_minute": info.characters_a_minute,
        "pitch": info.pitch,
        "paces": _pace_values(info.voice, known),
        "best_for": list(info.best_for),
        "recommended": info.is_recommended,
        "offline": True,
        "works": works,
    }


def _online_values(online: OnlineVoice, known: Calibrations) -> dict[str, Any]:
    return {
        "voice": str(online.voice),
        "name": online.name,
        "sex": online.sex,
        "pinyin_error": None,
        "characters_a_minute": None,
        "pitch": None,
        "paces": _pace_values(online.voice, known),
        "best_for": [],
        "recommended": None,
        "offline": False,
        "works": None,  # known when it is asked: nothing is sent to find out
    }


def _pace_values(voice: Voice, known: Calibrations) -> dict[str, Any] | None:
    """What was measured of the paces of `voice`; None for one that was never measured."""
    return pace_values(known[str(voice)]) if str(voice) in known else None


def _paces(voice: Voice, known: Calibrations) -> str:
    found = known.get(str(voice))
    return f"{found.slowest}-{found.fastest}" if found else ""


def _print_table(workspace: Workspace, known: Calibrations, *, works: bool) -> None:
    rows = [
        (
            str(info.voice),
            info.name,
            _(_SEXES[info.sex]),
            f"{info.pinyin_error:.1%}",
            str(info.characters_a_minute),
            _paces(info.voice, known),
            str(info.pitch),
            _("; ").join(_remarks(info, workspace.settings.voice, works=works)),
        )
        for info in offered_voices()
    ]
    rows += [
        (
            str(online.voice),
            online.name,
            _(_SEXES[online.sex]),
            "",
            "",
            _paces(online.voice, known),
            "",
            _("; ").join(
                [_("online, {manner}").format(manner=_(online.manner))]
                + [_("default")] * (str(online.voice) == workspace.settings.voice)
            ),
        )
        for online in ONLINE_VOICES
    ]
    heads = (_("voice"), _("name"), "", _("error"), _("a minute"), _("paces"), _("Hz"), "")
    click.echo(table(heads, rows, right=(3, 4, 5, 6)))
    if works:
        note(_("Voices without “online” work without a network. To hear them: packager voices --sample DIR"))
    note(_("The text of a book goes over the internet to Microsoft to be spoken by an online voice."))


def _remarks(info: VoiceInfo, default: str, *, works: bool) -> list[str]:
    remarks = [_("does not work here")] * (not works)
    if str(info.voice) == default:
        remarks.append(_("default"))
    if not info.is_recommended:
        remarks.append(_("not recommended: hard to understand"))
    return remarks + [_("best for {listeners}").format(listeners=_(LISTENERS[who])) for who in info.best_for]


def _write_samples(workspace: Workspace, folder: Path, names: Sequence[str], *, as_json: bool) -> None:
    hanzi = {info.voice: info.name for info in offered_voices()}
    hanzi |= {online.voice: online.name for online in ONLINE_VOICES}
    voices = [parse_voice(name) for name in dict.fromkeys(names)] or [info.voice for info in offered_voices()]
    suffix = load_profile(SAMPLE_PROFILE, None).audio.suffix
    files = {voice: folder / f"{voice.engine}-{voice.name}{suffix}" for voice in voices}
    require_writable(folder)
    for path in files.values():
        if path.exists() and not path.is_file():
            raise InputError(_("{path} is not a regular file; name another folder").format(path=path))
    source = kokoro_source(workspace.model)
    if online := [str(voice) for voice in voices if is_online(voice)]:
        warn_of_sending(online)
    chunks = {voice: chunks_to_say(workspace, _SAMPLE.format(name=hanzi[voice])) for voice in voices}
    written = []
    with (
        tempfile.TemporaryDirectory(prefix="packager-") as clips,
        SpeechPool(source, ClipCache(Path(clips)), jobs=workspace.settings.jobs) as pool,
    ):
        for voice in voices:  # all of them at once: the cores are kept busy
            for chunk in chunks[voice]:
                pool.submit(chunk, voice)
        for voice, path in files.items():
            mastered = write_spoken(pool, chunks[voice], voice, path, pace=workspace.settings.pace, title=hanzi[voice])
            written.append({"voice": str(voice), "file": str(path), "seconds": mastered.seconds})
            if not as_json:
                click.echo(f"{path}  {hanzi[voice]}  {minutes(mastered.seconds)}")
    if as_json:
        print_json(written)


@click.command(
    help=_(
        "Measure how fast VOICE (as: kokoro:zm_yunjian) speaks by itself, over a text of 600 characters, and "
        "so at which paces it can be had. What is measured is kept in calibration.json of the workspace, and "
        "goes before what comes with the program; delete a voice there to go back to that. A build with a "
        "pace that its voice can't have is refused."
    )
)
@click.argument("voice")
@click.option("--jobs", type=click.IntRange(1, 256), help=_("How many processes speak at once."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def calibrate_command(ctx: click.Context, /, voice: str, jobs: int | None, as_json: bool) -> None:
    workspace = workspace_of(ctx)
    speaker = parse_voice(voice)
    load_calibrations(workspace.calibration)  # that it can be read, before minutes of speaking
    source = kokoro_source(workspace.model)
    if is_online(speaker):
        warn_of_sending([voice])
    characters = sum(chunk.spoken for chunk in calibration_chunks())
    with (
        SpeechPool(source, ClipCache(workspace.clip_cache), jobs=jobs or workspace.settings.jobs) as pool,
        progress_bar(characters, _("speaking"), unit=_(" characters")) as bar,
    ):
        found = calibrate(speaker, pool, bar.update)
    try:
        add_calibrations({voice: found}, workspace.calibration)
    except OSError as error:
        raise StorageError(
            _("{path} can't be written: {reason}").format(path=workspace.calibration, reason=reason_of(error))
        ) from error
    if as_json:
        print_json({"voice": voice, **pace_values(found)})
        return
    click.echo(
        _("{voice} speaks {rate:.0f} characters a minute by itself; it can be had at {slowest} to {fastest}").format(
            voice=voice, rate=found.rate, slowest=found.slowest, fastest=found.fastest
        )
    )
    for pace in PACES:
        if found.reaches(pace):
            click.echo(
                _("{pace} a minute: its speech is slowed down to {stretch:.0%}").format(
                    pace=pace, stretch=found.stretch(pace)
                )
            )
        else:
            click.echo(_("{pace} a minute: out of reach").format(pace=pace))
    note(_("Kept in {path}").format(path=workspace.calibration))


def pace_values(found: Calibration) -> dict[str, Any]:
    """What a calibration says of paces, as JSON values."""
    return {
        "speed": found.speed,
        "rate": round(found.rate, 1),
        "slowest": found.slowest,
        "fastest": found.fastest,
        "stretch": {str(pace): found.stretch(pace) for pace in PACES if found.reaches(pace)},
    }
