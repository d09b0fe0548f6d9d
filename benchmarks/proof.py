"""Measure the share of syllables that a recognizer hears differently from the text.

    python benchmarks/proof.py TEXT... [--voice kokoro:zf_xiaoyi] [--pace 190] [--work DIR] [--model DIR]

Builds a release of the texts with each voice as `packager build` does, proofs all of its MP3s as
`packager proof --all` does, and prints a table: syllables and letters in the text; the share that differs, tones
aside, at the first hearing and after a second hearing of places with many differences; the same with tones, as far as
the Hanzi that the recognizer writes tell them; doubtful places; the longest difference. The recognizer's own errors
count too. --work keeps everything: the next run continues, and an unchanged release is not heard again.

The target is at most 2.0 % for the default voice at the default pace, over at least 10,000 characters, by Whisper
base. With --target the command fails if the share after the second hearing is above the target. The recognizer
takes about a seventh of the speech's duration on one free core.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

from packager.arranging.prepare import prepare_tracklist
from packager.base.errors import SpeechError
from packager.base.workspace import Settings, Workspace, open_workspace
from packager.proofing import Recognizer, TrackProof, open_whisper, plan_proof, proof_tracks
from packager.releases.build import BuildPlaces, build_release
from packager.releases.store import StoredRelease
from packager.speech import ClipCache, SpeechPool
from packager.speech.kokoro.phonemes import phonemes_of
from packager.textnorm import normalize

TARGET = 0.02
GOLDEN = Path(__file__).parents[1] / "tests" / "textnorm" / "golden.tsv"
_HEAD = f"{'voice':22}{'sounds':>8}{'first':>8}{'again':>8}{'tones':>8}{'places':>8}{'longest':>9}{'heard at':>10}"


class _Quiet:
    def prepared(self) -> None: ...
    def planned(self, tracks: object) -> None: ...
    def heard(self, characters: int) -> None: ...
    def finished(self, track: object, sounds: object) -> None: ...
    def fell_back(self, book: str, voice: str, reason: str) -> None: ...


class _Seconds:
    """The seconds of speech heard, and the start time."""

    def __init__(self) -> None:
        self.heard = 0.0
        self.since = time.monotonic()

    def listened(self, seconds: float) -> None:
        self.heard += seconds
        print(f"  {self.heard / 60:.0f} minutes heard", file=sys.stderr, flush=True)

    @property
    def speed(self) -> float:
        return self.heard / max(time.monotonic() - self.since, 0.001)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path, nargs="*")
    parser.add_argument("--voice", action="append", help="as kokoro:zf_xiaoyi (default: the default voice)")
    parser.add_argument("--pace", type=int, default=Settings.pace)
    parser.add_argument("--work", type=Path, help="keep everything here, to continue after an interruption")
    parser.add_argument("--model", type=Path, help="folder of another recognizer")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--golden", action="store_true", help="include the lines of the golden corpus")
    parser.add_argument("--show", action="store_true", help="print every difference")
    parser.add_argument("--target", action="store_true", help="fail if the first voice misses the target")
    options = parser.parse_args()
    recognizer = open_whisper(options.model, threads=options.jobs)
    rates = []
    with tempfile.TemporaryDirectory() as folder:
        texts = [*options.texts, *([golden_text(Path(folder))] if options.golden else [])]
        workspace = prepared_workspace(options.work or Path(folder), texts)
        print(f"{recognizer.fingerprint}; {options.pace} characters a minute\n{_HEAD}", flush=True)
        for voice in options.voice or [Settings.voice]:
            release = build(workspace, voice, options.pace, options.jobs)
            rates.append(listen(workspace, release, recognizer, voice, show=options.show))
    if options.target and rates[0] > TARGET:
        sys.exit(f"{100 * rates[0]:.2f} % misses the target of {100 * TARGET:.1f} %")


def golden_text(folder: Path) -> Path:
    """The lines of the golden corpus as a text: numbers, units, Latin words, names.

    Prints and leaves out lines without a sound in the voice, because they stop a build.
    """
    lines = [line.split("\t")[0] for line in GOLDEN.read_text("utf-8").splitlines() if "\t" in line]
    spoken = [line for line in lines if is_speakable(line)]
    print(f"left out, because the voice has no sound for it: {' '.join(sorted({*lines} - {*spoken}))}")
    path = folder / "golden.txt"
    path.write_text("\n\n".join(spoken), "utf-8")
    return path


def is_speakable(line: str) -> bool:
    try:
        phonemes_of(normalize(line))
    except SpeechError:
        return False
    return True


def prepared_workspace(root: Path, texts: list[Path]) -> Workspace:
    """A workspace with a playlist of the texts."""
    for name in ("texts", "playlists"):
        (root / name).mkdir(parents=True, exist_ok=True)
    (root / "packager.yaml").touch()
    for text in texts:
        shutil.copyfile(text, root / "texts" / text.name)
    # With titles, because the title of a text without one is its file name.
    items = "".join(
        f"  - book: texts/{text.name}\n    title: 文本{place}\n" for place, text in enumerate(texts, start=1)
    )
    playlist = f"playlist: proof\ntitle: 校听\nitems:\n{items}"
    (root / "playlists" / "proof.yaml").write_text(playlist, "utf-8")
    return open_workspace(root)


def build(workspace: Workspace, voice: str, pace: int, jobs: int) -> StoredRelease:
    prepared = prepare_tracklist(workspace, workspace.playlists / "proof.yaml", voice=voice, pace=pace)
    with SpeechPool(ClipCache(workspace.clip_cache), jobs=jobs) as pool:
        result = build_release(
            prepared.tracklist,
            prepared.ledger,
            pool,
            BuildPlaces(workspace.releases, workspace.chunk_cache, workspace.numbers(prepared.tracklist.series)),
            now=datetime.now(timezone.utc),
            observer=_Quiet(),
        )
    return result.release


def listen(workspace: Workspace, release: StoredRelease, recognizer: Recognizer, voice: str, *, show: bool) -> float:
    """Print the line of a voice; return the share of syllables that differ after the second hearing."""
    tasks = plan_proof(release, workspace, everything=True)
    seconds = _Seconds()
    proofs = list(proof_tracks(release, tasks, recognizer, workspace, seconds))
    sounds = sum(proof.heard.sounds for proof in proofs)
    first = sum(proof.heard.first_errors for proof in proofs) / sounds
    again = sum(proof.heard.errors for proof in proofs) / sounds
    toned = sum(proof.heard.errors_with_tones for proof in proofs) / sounds
    places = sum(len(proof.doubts) for proof in proofs)
    longest = max((each.length for proof in proofs for each in proof.heard.differences), default=0)
    shares = f"{100 * first:7.2f}%{100 * again:7.2f}%{100 * toned:7.2f}%"
    print(f"{voice:22}{sounds:8}{shares}{places:8}{longest:9}{seconds.speed:9.1f}x", flush=True)
    if show:
        show_places(proofs)
    return again


def show_places(proofs: list[TrackProof]) -> None:
    for proof in proofs:
        for each in sorted((*proof.heard.differences, *proof.heard.tones), key=lambda each: each.begins):
            mark = "!" if each.is_doubtful else " " if each.length else "t"
            said = f"{each.before}[{each.expected}]{each.after}"
            print(f"{mark} {proof.track.path} {each.begins:.1f} s: {said} heard as [{each.heard}]")


if __name__ == "__main__":
    main()
