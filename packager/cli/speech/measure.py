"""`packager voices measure`: the table of measurements for any voice of any engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from packager.base.errors import InputError, StorageError
from packager.base.i18n.language import _, reason_of
from packager.cli.speech.voices import pace_values
from packager.cli.ui.console import note, print_json, progress_bar, table, warn_of_sending, workspace_of
from packager.mastering.calibration import add_calibrations
from packager.proofing.naturalness import is_installed, open_predictors
from packager.proofing.recognizer import open_whisper
from packager.proofing.voice_measures import Instruments, VoiceMeasures, characters_measured, measure_voice
from packager.speech import ClipCache, EngineOptions, SpeechPool, installed_engines, parse_voice


@click.command(
    help=_(
        "Measure voices (for example kokoro:zf_xiaobei or sherpa:models/vits) over the same text of 600 "
        "characters, and print them side by side. Columns: error, the share of syllables that a recognizer "
        "misheard; natural and clean, predicted ratings from 1 to 5 of finished speech (DistillMOS, DNSMOS); "
        "characters per minute before slowing down; the possible speech rates; the pitch in hertz; the seconds "
        "that one second of speech takes here. The error needs the extra proof, natural and clean need the extra "
        "naturalness; without them those columns are empty."
    )
)
@click.argument("voices", nargs=-1, required=True, metavar="VOICE...")
@click.option("--jobs", type=click.IntRange(1, 256), help=_("Number of synthesis processes."))
@click.option(
    "--save", is_flag=True, help=_("Keep the measurements: builds and `release check --naturalness` then use them.")
)
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(ctx: click.Context, /, voices: tuple[str, ...], *, jobs: int | None, save: bool, as_json: bool) -> None:
    workspace = workspace_of(ctx)
    options = EngineOptions.of(workspace)
    speakers = [parse_voice(name) for name in dict.fromkeys(voices)]
    for speaker in speakers:
        installed_engines().check(speaker, options)
    warn_of_sending(speakers)
    instruments = _instruments()
    found = []
    with (
        SpeechPool(ClipCache(workspace.clip_cache), options=options, jobs=jobs or workspace.settings.jobs) as pool,
        progress_bar(
            len(speakers) * instruments.steps() * characters_measured(), _("measuring"), unit=_(" characters")
        ) as bar,
    ):
        for speaker in speakers:
            found.append(measure_voice(speaker, pool, instruments, bar.update))
            if save:
                _save(found[-1], options)
    if as_json:
        print_json([_values(each) for each in found])
        return
    heads = (_("voice"), _("error"), _("natural"), _("clean"), _("per minute"), _("rates"), _("Hz"), _("seconds"))
    click.echo(table(heads, [_row(each) for each in found], right=range(1, 8)))


def _instruments() -> Instruments:
    """The instruments of the installed extras; says how to install the others."""
    try:
        recognizer = open_whisper(None, threads=1)
    except InputError as error:
        recognizer = None
        note(_("The column “{column}” stays empty: {reason}").format(column=_("error"), reason=error))
    predictors = None
    if is_installed():
        predictors = open_predictors()
    else:
        command = 'pip install "elder-packager[naturalness]"'
        columns = _(", ").join((_("natural"), _("clean")))
        note(_("The columns “{columns}” stay empty: {command} adds them").format(columns=columns, command=command))
    return Instruments(recognizer, predictors)


def _save(found: VoiceMeasures, options: EngineOptions) -> None:
    path = options.measurements_of(str(found.voice))
    assert path is not None
    others = {"naturalness": found.naturalness, "pinyin_error": found.pinyin_error, "pitch": found.pitch}
    try:
        add_calibrations({str(found.voice): found.calibration}, path, {str(found.voice): others})
    except OSError as error:
        message = _("{path} can't be written: {reason}")
        raise StorageError(message.format(path=path, reason=reason_of(error))) from error
    note(_("Saved in {path}").format(path=path))


def _row(found: VoiceMeasures) -> Sequence[str]:
    ratings = found.naturalness or {}
    return (
        str(found.voice),
        "" if found.pinyin_error is None else f"{found.pinyin_error:.1%}",
        *(f"{ratings[name]['mean']:.2f}" if name in ratings else "" for name in ("distillmos", "dnsmos")),
        f"{found.calibration.rate:.0f}",
        f"{found.calibration.slowest}-{found.calibration.fastest}",
        str(found.pitch or ""),
        "" if found.seconds is None else f"{found.seconds:.2f}",
    )


def _values(found: VoiceMeasures) -> dict[str, Any]:
    return {
        "voice": str(found.voice),
        "pinyin_error": None if found.pinyin_error is None else round(found.pinyin_error, 4),
        "naturalness": found.naturalness,
        "paces": pace_values(found.calibration),
        "pitch": found.pitch,
        "seconds_a_second": None if found.seconds is None else round(found.seconds, 3),
    }
