"""`packager say`: synthesize one sentence."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from packager.arranging.profiles.catalog import load_profile
from packager.arranging.tracklist import Passage, Role
from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.base.workspace import Workspace, require_writable
from packager.cli.ui.console import minutes, note, table, warn, warn_of_sending, workspace_or_defaults
from packager.mastering import MasteredTrack, SpokenChunk, TrackTags, master
from packager.speech import ClipCache, EngineOptions, SpeechPool, Voice, installed_engines, parse_voice, pinyin_of
from packager.textnorm import LEXICON_FILE, Chunk, load_lexicon, to_chunks, unspoken_signs
from packager.textnorm.zh.g2p.nouns import DecidedBy
from packager.textnorm.zh.g2p.reading import read
from packager.textnorm.zh.g2p.sandhi import speak

SAMPLE_PROFILE = "folders"  # has the audio format of samples


@click.command(
    help=_(
        "Synthesize TEXT into the MP3 FILE exactly as in a release, to try a voice, a speech rate or a "
        "pronunciation. Prints the normalized text, with numbers and signs written as words."
    )
)
@click.argument("text")
@click.option(
    "-o", "--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help=_("The MP3 file to write.")
)
@click.option(
    "--pinyin", is_flag=True, help=_("Print the pinyin with tone numbers; without -o, no speech is synthesized.")
)
@click.option(
    "--why",
    is_flag=True,
    help=_("With --pinyin: print for each character its pinyin, how sure that is, and what decided it."),
)
@click.option("--voice", help=_("The voice, for example kokoro:zm_yunjian."))
@click.option("--pace", type=click.IntRange(120, 300), help=_("Speech rate in characters per minute."))
@click.pass_context
def command(
    ctx: click.Context, text: str, *, output: Path | None, pinyin: bool, why: bool, voice: str | None, pace: int | None
) -> None:
    workspace = workspace_or_defaults(ctx)
    speaker = parse_voice(voice or workspace.settings.voice)
    chunks = chunks_to_say(workspace, text, speaker.language)
    if why and not pinyin:
        raise click.UsageError(_("--why needs --pinyin"), ctx=ctx)
    if output is None and not pinyin:
        raise click.MissingParameter(ctx=ctx, param=next(one for one in ctx.command.params if one.name == "output"))
    if output is not None:
        if output.exists() and not output.is_file():
            raise InputError(_("{path} is not a regular file; choose a new MP3 file").format(path=output))
        require_writable(output.parent)
        installed_engines().check(speaker, EngineOptions.of(workspace))
        warn_of_sending([speaker])
    for chunk in chunks:
        if chunk.unaccounted:
            warn(_("'{lost}' is not found in the spoken text: write it out").format(lost=" ".join(chunk.unaccounted)))
    for kind, count in unspoken_signs(text).items():
        note(_("Not said: {count} x {kind}").format(count=count, kind=_(kind)))
    click.echo("".join(pinyin_of(chunk.text, chunk.readings) if pinyin else chunk.text for chunk in chunks))
    if why:
        click.echo(_reasons(workspace, chunks))
    if output is not None:
        _speak(chunks, workspace, speaker, output, pace=pace or workspace.settings.pace, title=text[:60])


def _reasons(workspace: Workspace, chunks: Sequence[Chunk]) -> str:
    """A table with a row for each Hanzi: its reading, the tone of speech, and what decided it."""
    words = {
        DecidedBy.LEXICON: _("entry of lexicon.yaml: {entry}"),
        DecidedBy.CLASSICAL: _("classical text: {entry}"),
        DecidedBy.NAME: _("surname: {entry}"),
        DecidedBy.RULE: _("rule for {entry}"),
        DecidedBy.WORD: _("word of the dictionary: {entry}"),
        DecidedBy.NETWORK: _("sentence (neural network)"),
        DecidedBy.ONLY: _("usual reading"),
    }
    lexicon = load_lexicon(workspace.root / LEXICON_FILE)
    rows = []
    for chunk, read_words in zip(chunks, read([chunk.text for chunk in chunks], lexicon.readings), strict=True):
        said = {
            reading.start + place: syllable
            for reading in speak(chunk.text, chunk.readings)
            for place, syllable in enumerate(reading.syllables)
        }
        for each in (each for word in read_words for each in word.characters):
            reason = words[each.decided_by].format(entry=each.entry)
            others = ", ".join(each.others)
            sure = f"{each.confidence:.0%}"
            rows.append((each.character, each.syllable, said.get(each.place, ""), sure, reason, others))
    titles = (_("character"), _("pinyin"), _("spoken"), _("certainty"), _("decided by"), _("other readings"))
    return table(titles, rows, right=(3,))


def chunks_to_say(workspace: Workspace, text: str, language: str) -> Sequence[Chunk]:
    """The chunks of `text`, with the workspace's lexicon. Raises InputError if there are none."""
    lexicon = load_lexicon(workspace.root / LEXICON_FILE)
    chunks = to_chunks([Passage(Role.PARAGRAPH, text)], lexicon, language=language)
    if not chunks:
        raise InputError(_("“{text}” contains nothing that can be spoken").format(text=text))
    return chunks


def write_spoken(
    pool: SpeechPool, chunks: Sequence[Chunk], speaker: Voice, output: Path, *, pace: int, title: str
) -> MasteredTrack:
    """Write the MP3 `output`, mastered like a track of a release."""
    profile = load_profile(SAMPLE_PROFILE, None)
    clips = [pool.submit(chunk, speaker).result() for chunk in chunks]
    return master(
        (SpokenChunk(chunk, pool.cache.load(clip.key)) for chunk, clip in zip(chunks, clips, strict=True)),
        pace=pace,
        audio=profile.audio,
        tags=TrackTags(title=title, album="", artist="", place=1, places=1, number=1),
        tag_format=profile.tags,
        destination=output,
    )


def _speak(
    chunks: Sequence[Chunk], workspace: Workspace, speaker: Voice, output: Path, *, pace: int, title: str
) -> None:
    # A thread of this process: starting a process takes longer than one sentence.
    with (
        tempfile.TemporaryDirectory(prefix="packager-") as folder,
        SpeechPool(
            ClipCache(Path(folder)), options=EngineOptions.of(workspace), make_executor=lambda: ThreadPoolExecutor(1)
        ) as pool,
    ):
        mastered = write_spoken(pool, chunks, speaker, output, pace=pace, title=title)
    line = _("{file}: {time}, {pace:.0f} characters per minute")
    note(line.format(file=output, time=minutes(mastered.seconds), pace=mastered.pace))
