"""`packager build`: build a release from a playlist."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timezone
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from packager.arranging.prepare import NewSeriesNeededError, Prepared, prepare_tracklist, unaccepted_doubts
from packager.arranging.profiles.variant import VARIANTS
from packager.arranging.timetable import TIMETABLE_FILE
from packager.base.errors import DocumentError, InputError
from packager.base.file_hints import typed_path
from packager.base.i18n.language import _, ngettext
from packager.base.locks import build_lock
from packager.base.manifest import Manifest, TrackKind
from packager.base.workspace import Workspace, require_writable
from packager.base.yaml_documents import did_you_mean
from packager.cli.release._build_progress import BuildProgress
from packager.cli.release._dry_run import forecast_of, forecast_values, note_moves, put_forecast, put_tracklist
from packager.cli.release._workers import speech_pool, workers_of
from packager.cli.speech.cache import keep_cache_small
from packager.cli.ui.console import megabytes, minutes, next_step, note, note_waiting, print_json, warn, workspace_of
from packager.cli.ui.text_doubts import doubt_lines
from packager.fleet.status import read_current_cards
from packager.mastering.calibration import load_calibrations, require_reach
from packager.registry.number_blocks import read_blocks, require_not_handed_over
from packager.registry.releases import highest_sequence, record_release
from packager.registry.workspace_registry import registry_of
from packager.releases.build import BuildPlaces, BuildResult, build_release
from packager.releases.pacing import pace_misses
from packager.speech import EngineOptions, installed_engines, parse_voice
from packager.textnorm import LEXICON_FILE, Lexicon, load_lexicon


@click.command(
    help=_(
        "Build a release from PLAYLIST (a file, or a name in playlists/) in output/releases/. Only text "
        "that changed since the last build is synthesized. You can interrupt it at any time; run the same "
        "command again to continue."
    )
)
@click.argument("playlist")
@click.option("--dry-run", is_flag=True, help=_("Show numbers, paths, titles and lengths; write nothing."))
@click.option("--voice", help=_("The voice, for example kokoro:zm_yunjian."))
@click.option("--pace", type=click.IntRange(120, 300), help=_("Speech rate in characters per minute."))
@click.option("--profile", help=_("The kind of player, for example keypad."))
@click.option(
    "--variant",
    "variants",
    multiple=True,
    type=click.Choice([variant.name for variant in VARIANTS]),
    help=_(
        "Build slower or louder tracks, like --profile folders+slow; can be repeated. No speech is "
        "synthesized twice for it."
    ),
)
@click.option("--replace-damaged", is_flag=True, help=_("Leave damaged bytes of text files out."))
@click.option("--jobs", type=click.IntRange(1, 256), help=_("Number of synthesis processes."))
@click.option("--workers", metavar="ADDRESS", help=_("Speak on the workers at tls://HOST:PORT; '' for none."))
@click.option(
    "--workers-lost",
    type=click.Choice(["stop", "home"]),
    help=_("Without workers: stop, or go on at home, on this computer alone."),
)
@click.option("--force", is_flag=True, help=_("Render every track again, even if unchanged."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(ctx: click.Context, /, playlist: str, dry_run: bool, as_json: bool, **options: Any) -> None:
    workspace = workspace_of(ctx)
    file = _playlist_file(workspace, playlist)
    if dry_run:
        _show(workspace, file, options, as_json=as_json)
        return
    require_writable(workspace.output)
    began = datetime.now(timezone.utc)
    # The lock covers the time from reading the number ledger to writing it.
    with build_lock(workspace.releases, f"packager build {file.stem}", now=began, waiting=note_waiting):
        result, cards_in_use = _built(workspace, file, options)
        _print_result(result, as_json)
        if not as_json:
            needs_approval = workspace.approval_required and result.is_new
            next_step(_next_step(result, needs_approval=needs_approval, cards_in_use=cards_in_use))
        keep_cache_small(workspace, used_before=began.timestamp())


def _show(workspace: Workspace, file: Path, options: dict[str, Any], *, as_json: bool) -> None:
    """Print what the build would make."""
    prepared, lexicon = _understood(workspace, file, options)
    forecast = forecast_of(workspace, prepared.tracklist, lexicon)
    if as_json:
        print_json(forecast_values(prepared.tracklist, forecast))
    else:
        put_tracklist(prepared.tracklist)
        put_forecast(forecast)
    for problem in unaccepted_doubts(prepared):
        warn(problem)
    if not as_json:
        note(_("Nothing was written. Run without --dry-run to build the release."))


def _understood(workspace: Workspace, file: Path, options: dict[str, Any]) -> tuple[Prepared, Lexicon]:
    prepared = _prepared(workspace, file, options)
    lexicon = load_lexicon(workspace.root / LEXICON_FILE)
    for meant_for, title in lexicon.mistaken_books(track.book for track in prepared.tracklist.tracks):
        message = _(
            "lexicon.yaml has entries for 《{name}》, which is not in this playlist - did you mean 《{title}》?"
        )
        warn(message.format(name=meant_for, title=title))
    return prepared, lexicon


def _built(workspace: Workspace, file: Path, options: dict[str, Any]) -> tuple[BuildResult, bool]:
    """The release, and whether players have cards."""
    prepared, lexicon = _understood(workspace, file, options)
    if doubts := unaccepted_doubts(prepared):
        raise DocumentError(_("{file} is not built").format(file=file), doubts)
    tracklist = prepared.tracklist
    # A registry that can't be opened is reported before hours of synthesis.
    with registry_of(workspace) as registry:
        with registry.read() as connection:
            require_not_handed_over(read_blocks(connection))
        given_out = highest_sequence(registry, tracklist.series)
    progressing = BuildProgress(workers_of(workspace, options), len(tracklist.tracks))
    with progressing as progress, speech_pool(workspace, options) as pool:
        result = build_release(
            tracklist,
            replace(prepared.ledger, sequence=max(prepared.ledger.sequence, given_out)),
            pool,
            BuildPlaces(workspace.releases, workspace.chunk_cache, workspace.numbers(tracklist.series)),
            now=datetime.now(timezone.utc),
            force=options["force"],
            lexicon=lexicon,
            observer=progress,
        )
    with registry_of(workspace) as registry:
        record_release(registry, result.release.manifest)
        with registry.read() as connection:
            return result, bool(read_current_cards(connection))


def _playlist_file(workspace: Workspace, name: str) -> Path:
    """The file of a playlist, by a path (relative to here or the workspace) or its name in playlists/."""
    folder = workspace.playlists
    typed = typed_path(name)
    for path in (typed, workspace.root / typed, folder / typed, folder / f"{typed}.yaml"):
        if path.is_file():
            return path
    known = sorted(
        path.name for path in folder.glob("*.yaml") if ".numbers." not in path.name and path.name != TIMETABLE_FILE
    )
    stems = [path.removesuffix(".yaml") for path in known]
    meant = [stem for stem in stems if _bare_name(stem) == _bare_name(typed.name)]
    if len(meant) != 1:  # w49 is the week of the one year that has it
        meant = [stem for stem in stems if stem.casefold().endswith(f"-{typed.name.casefold()}")]
    if len(meant) == 1:
        return folder / f"{meant[0]}.yaml"
    listed = _(", ").join(known) or _("none")
    wanted = typed.name.removesuffix(".yaml")
    short = {stem.rpartition("-")[2]: stem for stem in stems}
    near = [short[one] for one in get_close_matches(wanted.casefold(), short, n=1)]  # w48x: 2026-w48
    hint = did_you_mean(near[0], near) if near else did_you_mean(wanted, stems)
    message = _("no playlist '{name}'{hint}; {folder} has: {known}")
    raise InputError(message.format(name=name, hint=hint, folder=folder, known=listed))


def _bare_name(name: str) -> str:
    """A playlist's name without capitals, full-width characters and separators: 2026-W49 and 2026w49 are one."""
    return re.sub(r"[\s._-]", "", unicodedata.normalize("NFKC", name).casefold().removesuffix(".yaml"))


def _prepared(workspace: Workspace, path: Path, options: dict[str, Any]) -> Prepared:
    try:
        prepared = prepare_tracklist(
            workspace,
            path,
            voice=options["voice"],
            pace=options["pace"],
            profile=options["profile"],
            variants=options["variants"],
            replace_damaged=options["replace_damaged"],
            today=date.today(),
            language_of=language_of,
        )
    except NewSeriesNeededError as error:
        note_moves(workspace, error)
        raise
    warn_of_expired(prepared)
    tracklist = prepared.tracklist
    voices = sorted({track.voice or tracklist.voice for track in tracklist.tracks})
    for voice in voices:
        parse_voice(voice)
    spoken = [*voices, *([tracklist.fallback] if tracklist.fallback else [])]
    require_reach(spoken, tracklist.usual_pace or tracklist.pace, load_calibrations(EngineOptions.of(workspace)))
    if tracklist.fallback and installed_engines().is_online(parse_voice(tracklist.fallback)):
        message = _("{file}: fallback is {voice}, expected a voice that needs no network (packager voices)")
        raise InputError(message.format(file=path, voice=tracklist.fallback))
    for name, reading in prepared.readings.items():
        for warning in doubt_lines(reading.doubts):
            note(_("{file}: {message}").format(file=name, message=warning))
    return prepared


def language_of(voice: str) -> str:
    """The language code of an installed voice, as `zh`. Raises InputError if there is no such voice."""
    return parse_voice(voice).language


def warn_of_expired(prepared: Prepared) -> None:
    """Warn of books that are left out because they expire."""
    for item in prepared.expired:
        warn(_("{book} is left out: it expires on {day}").format(book=item.title or item.book, day=item.expires))


def _print_result(result: BuildResult, as_json: bool) -> None:
    manifest = result.release.manifest
    for line in pace_warnings(manifest):
        note(line)
    if as_json:
        print_json(_as_json(result))
        return
    _print_release(result)


def _next_step(result: BuildResult, *, needs_approval: bool, cards_in_use: bool) -> str:
    if needs_approval:
        line = _("It is a draft. Next, to listen to it and approve it: packager release review {release}")
        return line.format(release=result.release.manifest.release)
    if cards_in_use:
        return _("Insert one card after another to update them. Next: packager station")
    return _("Insert one card after another to load them, new ones too. Next: packager station")


def pace_warnings(manifest: Manifest) -> Iterator[str]:
    """A line for each chapter and book that misses its speech rate, and the remedy if speech is too fast."""
    misses = list(pace_misses(manifest))
    for miss in misses:
        if miss.pace > manifest.pace:
            message = _("Warning: {what} has {pace:.0f} characters per minute, faster than the target {wanted}")
        else:
            message = _("Warning: {what} has {pace:.0f} characters per minute, slower than the target {wanted}")
        yield message.format(what=miss.track or miss.book, pace=miss.pace, wanted=manifest.pace)
    calmest = next((str(info.voice) for info in installed_engines().voices() if "slow" in info.best_for), "")
    if calmest not in ("", manifest.voice) and any(miss.pace > manifest.pace for miss in misses):
        message = _("{voice} can't speak such dense text more slowly; {calmest} speaks slowest: --voice {calmest}")
        yield message.format(voice=manifest.voice, calmest=calmest)


def _as_json(result: BuildResult) -> dict[str, object]:
    manifest = result.release.manifest
    counts = ("tracks_made", "tracks_kept", "chunks_spoken", "chunks_cached")
    return {
        **{name: getattr(result, name) for name in counts},
        "release": manifest.release,
        "new": result.is_new,
        "folder": str(result.release.folder),
        "content_id": manifest.content_id,
        "tracks": len(manifest.tracks),
        "seconds": round(_seconds(manifest)),
        "size": manifest.size,
        "voices": _books_by_voice(manifest),
        "evidence": None if manifest.evidence is None else vars(manifest.evidence),
    }


def _seconds(manifest: Manifest) -> float:
    return sum(track.seconds for track in manifest.tracks)


def _print_release(result: BuildResult) -> None:
    manifest = result.release.manifest
    line = _("New release {release}") if result.is_new else _("No change: the newest release is still {release}")
    click.echo(line.format(release=manifest.release))
    click.echo(
        ngettext(
            "{tracks} track, {time} minutes, {size} MB in {folder}",
            "{tracks} tracks, {time} minutes, {size} MB in {folder}",
            len(manifest.tracks),
        ).format(
            tracks=len(manifest.tracks),
            time=minutes(_seconds(manifest)),
            size=megabytes(manifest.size),
            folder=result.release.folder,
        )
    )
    line = _(
        "Tracks: {made} rendered, {kept} reused. Sentences of rendered tracks: {spoken} synthesized, "
        "{cached} from the cache"
    )
    click.echo(
        line.format(
            made=result.tracks_made, kept=result.tracks_kept, spoken=result.chunks_spoken, cached=result.chunks_cached
        )
    )
    for voice, books in _books_by_voice(manifest).items():
        if voice != manifest.voice:
            click.echo(_("Spoken by {voice}: {books}").format(voice=voice, books=", ".join(books)))
    _print_evidence(manifest)


def _books_by_voice(manifest: Manifest) -> dict[str, list[str]]:
    """The titles of the books by the voice that speaks them."""
    books: dict[str, list[str]] = {}
    for track in manifest.tracks:
        titles = books.setdefault(manifest.voice_of(track), [])
        if track.kind is TrackKind.CHAPTER and track.book not in titles:
            titles.append(track.book)
    return books


def _print_evidence(manifest: Manifest) -> None:
    """Print the evidence of the whole release, including tracks of earlier builds."""
    known = manifest.evidence
    if known is None:
        return
    click.echo(
        _(
            "Speech: {clips} sentences, {characters} characters; retried: {again}, split: {split}; "
            "{fastest:.2f} to {slowest:.2f} s per character, longest silence {silence:.1f} s"
        ).format(**vars(known), silence=known.longest_silence)
    )
    if known.covered:
        click.echo(
            ngettext(
                "The online service reported {n} character as spoken, as requested",
                "The online service reported {n} characters as spoken, as requested",
                known.covered,
            ).format(n=known.covered)
        )
