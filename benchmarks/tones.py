"""Measure the tones of 一 and 不, of third tones in a row, neutral tones and erhua in finished MP3s.

    python benchmarks/tones.py [--voice kokoro:zf_xiaoyi ...] [--work DIR] [--jobs 1] [--show]

Builds a release of the sentences in `tones.tsv` with each voice as `packager build` does, decodes its MP3s and measures
the fundamental frequency (F0) of each marked syllable. Where the syllable is in the MP3 follows from the durations that
the model plans, shifted to the best agreement of planned and measured F0. The measured contour is compared with those
that the voice plans for the same sentence with the syllable in each of the tones; the nearest one is what is heard:

- 一: of the tones 1, 2 and 4; 不: of 2 and 4;
- third tone before a third tone: of tone 2, and the third tone as it is before another tone (no sandhi);
- neutral tone: of the neutral tone and the tone that the Hanzi has by itself;
- erhua: of the tones 1 to 4 on the syllable with r.

The classes are the voice's own: `syllables.py` tests whether these are right. Prints, by voice and phenomenon, how many
are as marked.

Needs `pip install praat-parselmouth` (GPL-3.0-or-later). --work keeps the release, so that the next run continues.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from contours import PLANNED_STEP, Floats, Plan, Planner, contour, measured_pitch, spans
from proof import build, prepared_workspace

from packager.base.workspace import Settings, Workspace
from packager.proofing.proof import decoded
from packager.proofing.recognizer import HEARING_RATE
from packager.releases.store import StoredRelease
from packager.releases.text_sync import SyncedText, load_text_sync
from packager.speech.kokoro.ipa import syllable_phonemes
from packager.speech.kokoro.phonemes import phonemes_of
from packager.textnorm.zh.g2p.dictionary import load_dictionary
from packager.textnorm.zh.g2p.sandhi import speak

SENTENCES = Path(__file__).with_suffix(".tsv")
PHENOMENA = ("yi", "bu", "third", "neutral", "erhua")
_MARK = re.compile(r"\[(\d)r?\]")
_MOST_LAG = 0.2  # seconds that a clip may be shifted against its plan
_LEVEL = "1"


@dataclass(frozen=True)
class Target:
    """A Hanzi at `place` of a sentence, and the tone that is to be heard on it."""

    phenomenon: str
    sentence: str
    place: int
    tone: str


@dataclass(frozen=True)
class Result:
    """What was heard for a target: the nearest tone, None where it has too little voice."""

    target: Target
    nearest: str | None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voice", action="append", help="as kokoro:zf_xiaoyi (default: all)")
    parser.add_argument("--work", type=Path, help="keep everything here, to continue after an interruption")
    parser.add_argument("--pace", type=int, default=Settings.pace)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="print each target that is not as marked")
    options = parser.parse_args()
    targets = list(read_targets())
    planner = Planner()
    print(f"{len(targets)} marked syllables in {len({each.sentence for each in targets})} sentences")
    print(f"{'voice':20}" + "".join(f"{each:>10}" for each in (*PHENOMENA, "all")), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder) / "tones.txt"
        text.write_text("\n\n".join(dict.fromkeys(each.sentence for each in targets)), "utf-8")
        workspace = prepared_workspace(options.work or Path(folder) / "work", [text])
        for voice in options.voice or [f"kokoro:{name}" for name in planner.voices]:
            release = build(workspace, voice, options.pace, options.jobs)
            print_voice(voice, list(listen(workspace, release, planner, voice, targets)), show=options.show)


def read_targets() -> Iterator[Target]:
    """The marked syllables of `tones.tsv`."""
    for row in SENTENCES.read_text("utf-8").splitlines():
        if row.startswith("#"):
            continue
        phenomenon, marked = row.split("\t")
        sentence = _MARK.sub("", marked)
        taken = 0
        for found in _MARK.finditer(marked):
            yield Target(phenomenon, sentence, found.start() - taken - 1, found[1])
            taken += len(found[0])


def print_voice(voice: str, results: Sequence[Result], *, show: bool) -> None:
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for each in results:
        for name in (each.target.phenomenon, "all"):
            total[name] += 1
            right[name] += each.nearest == each.target.tone
    shares = (f"{right[name]}/{total[name]}" for name in (*PHENOMENA, "all"))
    print(f"{voice:20}" + "".join(f"{share:>10}" for share in shares), flush=True)
    for each in results:
        if show and each.nearest != each.target.tone:
            marked = f"{each.target.sentence[: each.target.place + 1]}[{each.target.tone}]"
            print(f"    {marked}{each.target.sentence[each.target.place + 1 :]} heard: {each.nearest}")


def listen(
    workspace: Workspace, release: StoredRelease, planner: Planner, voice: str, targets: Sequence[Target]
) -> Iterator[Result]:
    """The results of all targets in the tracks of a release."""
    by_sentence: dict[str, list[Target]] = defaultdict(list)
    for each in targets:
        by_sentence[each.sentence].append(each)
    for track in release.manifest.tracks:
        synced = load_text_sync(workspace.spoken, track.sha256)
        if synced is None:
            continue
        samples = decoded(release.folder / track.path)
        found = [piece for piece in synced.pieces if piece.text in by_sentence]
        reference = _median([samples[_place(each.begins) : _place(each.ends)] for each in found]) if found else 0.0
        for piece in found:
            sound = samples[_place(piece.begins) : _place(piece.ends)]
            times, pitch = measured_pitch(sound, HEARING_RATE, reference / 2.2, reference * 2.2)
            for target in by_sentence[piece.text]:
                yield _result(planner, voice.partition(":")[2], piece, target, times, pitch, reference)


def _place(seconds: float) -> int:
    return round(seconds * HEARING_RATE)


def _median(sounds: Sequence[np.ndarray]) -> float:
    """The median F0 of a voice in hertz."""
    values = np.concatenate([measured_pitch(sound, HEARING_RATE, 60, 500)[1] for sound in sounds])
    return float(np.median(values[values > 0]))


def _result(
    planner: Planner, voice: str, piece: SyncedText, target: Target, times: Floats, pitch: Floats, reference: float
) -> Result:
    said = [each for each in _syllables(piece) if each[1]]
    index = [place for place, _syllable in said].index(target.place)
    syllables = [syllable for _place, syllable in said]
    phonemes = phonemes_of(piece.text, piece.readings)
    plan = planner.plan(phonemes, voice)
    tempo = piece.evidence.seconds / (piece.ends - piece.begins)
    seconds = times * tempo + _shift(plan, times * tempo, pitch)
    _begin, vowel, end = spans(plan, syllables)[index]
    heard = contour(seconds, pitch, vowel, end, reference)
    if heard is None:
        return Result(target, None)
    others = _planned(planner, voice, phonemes, syllables, index, target, reference)
    if not others:
        return Result(target, None)
    return Result(target, min(others, key=lambda tone: float(np.sum((others[tone] - heard) ** 2))))


def _syllables(piece: SyncedText) -> list[tuple[int, str]]:
    return [
        (reading.start + place, syllable)
        for reading in speak(piece.text, piece.readings)
        for place, syllable in enumerate(reading.syllables)
    ]


def _shift(plan: Plan, seconds: Floats, pitch: Floats) -> float:
    """Seconds that a clip is behind its plan: a clip has no silence before the speech."""
    first = float(plan.begins[0])
    best, nearest = first, float("inf")
    for shift in np.arange(first - _MOST_LAG, first + _MOST_LAG, PLANNED_STEP / 2):
        planned = np.interp(seconds + shift, plan.times, plan.pitch)
        both = (planned > 0) & (pitch > 0)
        apart = np.abs(np.log2(np.where(both, planned, 1) / np.where(both, pitch, 1)))
        cost = float(np.mean(np.minimum(apart[pitch > 0], 0.5) + 0.5 * ~both[pitch > 0]))
        if cost < nearest:
            best, nearest = float(shift), cost
    return best


def _planned(
    planner: Planner, voice: str, phonemes: str, syllables: Sequence[str], index: int, target: Target, reference: float
) -> dict[str, Floats]:
    """The contours that the voice plans for a target in each of the tones that it may have."""
    letters = syllables[index][:-1]
    found: dict[str, Floats] = {}
    for tone in _tones(target):
        other = list(syllables)
        other[index] = letters + tone
        if target.phenomenon == "third" and tone == "3":
            other[index + 1] = other[index + 1][:-1] + _LEVEL  # before another tone a third one stays low
        plan = planner.plan(_with(phonemes, syllables, other), voice)
        _begin, vowel, end = spans(plan, other)[index]
        planned = contour(plan.times, plan.pitch, vowel, end, reference)
        if planned is not None:
            found[tone] = planned
    return found


def _tones(target: Target) -> str:
    if target.phenomenon == "third":
        return "23"
    if target.phenomenon == "neutral":
        return "5" + load_dictionary().characters[target.sentence[target.place]][-1].replace("5", "3")
    return {"erhua": "1234", "yi": "124", "bu": "24"}[target.phenomenon]


def _with(phonemes: str, syllables: Sequence[str], others: Sequence[str]) -> str:
    """`phonemes` with other syllables in their places."""
    parts = []
    place = 0
    for old, new in zip(map(syllable_phonemes, syllables), map(syllable_phonemes, others), strict=True):
        begin = phonemes.index(old, place)
        parts += [phonemes[place:begin], new]
        place = begin + len(old)
    return "".join([*parts, phonemes[place:]])


if __name__ == "__main__":
    main()
