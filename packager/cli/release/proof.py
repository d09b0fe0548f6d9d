"""`packager proof`: compare a release with what a speech recognizer hears, and write a page of the doubtful places."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click
from tqdm import tqdm

from packager.base.errors import EXIT_DONE, EXIT_FINDINGS
from packager.base.formats import write_atomic
from packager.base.html import render
from packager.base.i18n.language import _, ngettext
from packager.base.workspace import Workspace, require_writable
from packager.cli.release._releases import release_for_profile
from packager.cli.ui.console import minutes, note, print_json, progress_bar, table, workspace_of
from packager.proofing import ProofOutcome, Task, TrackProof, known_proofs, open_whisper, plan_proof, proof_tracks
from packager.releases.store import StoredRelease


@click.command(
    help=_(
        "Transcribe RELEASE (for example main-0007) with a speech recognizer and compare the result with "
        "the spoken text, by sound. Only doubtful sentences are transcribed, unless --all is given. "
        "Differences are listed, and written to a page with an audio player that jumps to each. You can "
        "interrupt it at any time; run the same command again to continue. Exit code 5 if a place should "
        "be listened to."
    )
)
@click.argument("release")
@click.option("--all", "everything", is_flag=True, help=_("Transcribe everything, not only doubtful sentences."))
@click.option(
    "--track", "numbers", type=int, multiple=True, help=_("Only the track with this number; can be repeated.")
)
@click.option("--profile", help=_("The kind of player, if the release was built for several."))
@click.option(
    "--model",
    type=click.Path(file_okay=False, path_type=Path),
    help=_("The folder of a Whisper model for faster-whisper (default: the installed one)."),
)
@click.option("--jobs", type=click.IntRange(1, 256), help=_("Number of processor cores to use."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(ctx: click.Context, /, release: str, as_json: bool, **options: Any) -> int:
    workspace = workspace_of(ctx)
    stored = release_for_profile(workspace, release, options["profile"])
    tasks = plan_proof(stored, workspace, everything=options["everything"], numbers=options["numbers"])
    page = workspace.proofs / f"{stored.manifest.release}.{stored.manifest.profile}.html"
    require_writable(page.parent)
    proofs = _proofs(workspace, stored, tasks, options)
    on_page = _with_known(proofs, known_proofs(stored, workspace))
    is_more = any(proof not in proofs for proof in on_page)
    write_proof(page, stored, on_page, everything=options["everything"] or is_more)
    if as_json:
        print_json(_values(stored, proofs, page))
    else:
        _print(proofs)
        note(_("{path}: open it in a browser").format(path=page))
    return EXIT_FINDINGS if any(proof.is_doubtful for proof in proofs) else EXIT_DONE


@dataclass(frozen=True)
class _Progress:
    """A progress bar in seconds of speech."""

    bar: tqdm[Any]

    def listened(self, seconds: float) -> None:
        self.bar.update(round(seconds))


def _proofs(
    workspace: Workspace, stored: StoredRelease, tasks: tuple[Task, ...], options: dict[str, Any]
) -> list[TrackProof]:
    # Opened even for an empty list of tasks, so that a missing recognizer is reported the first time.
    recognizer = open_whisper(
        options["model"] or workspace.proof_model,
        threads=options["jobs"] or workspace.settings.jobs or os.cpu_count() or 1,
    )
    with progress_bar(round(sum(task.seconds for task in tasks)), _("listening"), unit=_(" s")) as bar:
        return list(proof_tracks(stored, tasks, recognizer, workspace, _Progress(bar)))


def _with_known(proofs: Sequence[TrackProof], known: Sequence[TrackProof]) -> list[TrackProof]:
    """The proofs by number; where more of a track was heard in an earlier run, that proof."""
    found = {proof.track.number: proof for proof in known}
    for proof in proofs:
        earlier = found.get(proof.track.number)
        is_damaged = proof.outcome is ProofOutcome.DAMAGED
        if earlier is None or is_damaged or proof.heard.seconds >= earlier.heard.seconds:
            found[proof.track.number] = proof
    return [found[number] for number in sorted(found)]


def _print(proofs: list[TrackProof]) -> None:
    listened = [proof for proof in proofs if proof.outcome is ProofOutcome.HEARD]
    if listened:
        heads = [_("number"), _("path"), _("title"), _("transcribed"), _("sounds"), _("differ"), _("longest"), _("at")]
        click.echo(table(heads, [_row(proof) for proof in listened], right=(0, 3, 4, 5, 6, 7)))
    for proof in proofs:
        if proof.outcome is ProofOutcome.DAMAGED:
            message = _("{path} is missing or damaged: build the playlist again")
            click.echo(message.format(path=proof.track.path))
        line = _("{path} at {time}: …{before}[{expected}]{after}… was heard as [{heard}]")
        for doubt in proof.doubts:
            click.echo(line.format(path=proof.track.path, time=minutes(doubt.begins), **vars(doubt)))
    _print_sum(proofs, listened)


def _row(proof: TrackProof) -> tuple[str, ...]:
    longest = proof.longest
    return (
        str(proof.track.number),
        proof.track.path,
        proof.track.title,
        minutes(proof.heard.seconds),
        str(proof.heard.sounds),
        f"{100 * proof.error_rate:.1f} %",
        str(longest.length) if longest else "",
        minutes(longest.begins) if longest else "",
    )


def _print_sum(proofs: list[TrackProof], listened: list[TrackProof]) -> None:
    sounds = sum(proof.heard.sounds for proof in listened)
    errors = sum(proof.heard.errors for proof in listened)
    doubts = sum(len(proof.doubts) for proof in listened)
    if not listened:
        click.echo(_("No sentence is doubtful; use --all to transcribe everything"))
    else:
        message = _("{sounds} sounds in {time} minutes, differing: {rate:.2f} %, with tones {toned:.2f} %")
        seconds = sum(proof.heard.seconds for proof in listened)
        toned = sum(proof.heard.errors_with_tones for proof in listened)
        rates = {"rate": 100 * errors / max(sounds, 1), "toned": 100 * toned / max(sounds, 1)}
        click.echo(message.format(sounds=sounds, time=minutes(seconds), **rates))
        message = ngettext("{n} place should be listened to", "{n} places should be listened to", doubts)
        click.echo(message.format(n=doubts))
    unknown = sum(proof.outcome is ProofOutcome.UNKNOWN for proof in proofs)
    if unknown:
        note(
            _(
                "Warning: the spoken text of {n} tracks is not known here, for example because they were built on "
                "another computer. On the computer that has the texts: packager build PLAYLIST --force"
            ).format(n=unknown)
        )


def _values(stored: StoredRelease, proofs: list[TrackProof], page: Path) -> dict[str, Any]:
    keys = ("sounds", "errors", "errors_with_tones")
    sounds, errors, toned = (sum(getattr(proof.heard, key) for proof in proofs) for key in keys)
    return {
        "release": stored.manifest.release,
        "profile": stored.manifest.profile,
        "page": str(page),
        "sounds": sounds,
        "errors": errors,
        "errors_with_tones": toned,
        "error_rate": round(errors / max(sounds, 1), 5),
        "doubtful": any(proof.is_doubtful for proof in proofs),
        "tracks": [_track_values(proof) for proof in proofs],
    }


def _track_values(proof: TrackProof) -> dict[str, Any]:
    return {
        "number": proof.track.number,
        "path": proof.track.path,
        "title": proof.track.title,
        "outcome": proof.outcome.value,
        "listened_to_for": list(proof.suspicions),
        "seconds": round(proof.heard.seconds, 1),
        "sounds": proof.heard.sounds,
        "errors": proof.heard.errors,
        "errors_with_tones": proof.heard.errors_with_tones,
        "first_errors": proof.heard.first_errors,
        "error_rate": round(proof.error_rate, 5),
        "longest": vars(proof.longest) if proof.longest else None,
        "doubts": [{**vars(doubt), "written": proof.written_at(doubt)} for doubt in proof.doubts],
        "tones": [vars(tone) for tone in proof.heard.tones],
    }


def write_proof(page: Path, release: StoredRelease, proofs: Sequence[TrackProof], *, everything: bool) -> None:
    """Write the page; its audio players use the files of the release by relative paths."""
    listened = [proof for proof in proofs if proof.outcome is ProofOutcome.HEARD]
    sounds = sum(proof.heard.sounds for proof in listened)
    html = render(
        "proof.html",
        manifest=release.manifest,
        everything=everything,
        proofs=proofs,
        listened=listened,
        doubtful=[proof for proof in proofs if proof.is_doubtful],
        damaged=ProofOutcome.DAMAGED,
        unknown=sum(proof.outcome is ProofOutcome.UNKNOWN for proof in proofs),
        places=sum(len(proof.doubts) for proof in listened),
        sounds=sounds,
        seconds=sum(proof.heard.seconds for proof in listened),
        rate=100 * sum(proof.heard.errors for proof in listened) / max(sounds, 1),
        clock=minutes,
        address=lambda path: _address(page, release.folder / path),
    )
    write_atomic(page, html.encode("utf-8", "replace"))


def _address(page: Path, file: Path) -> str:
    """The URL of `file`, relative to `page`."""
    return quote(Path(os.path.relpath(file, page.parent)).as_posix())
