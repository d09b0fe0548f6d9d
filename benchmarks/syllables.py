"""Test how the voices of the Kokoro model say each syllable with its tone: which ones come out in another tone.

    python benchmarks/syllables.py [--voice zf_xiaoyi ...] [--erhua | --heard [--every N]]

Each of the syllables that Hanzi have, about 1,370 with a full tone, is planned by the model in the carrier 他说X字. Its
contour of fundamental frequency (F0; see `contours.py`) is compared with those of all syllables by the same voice: a
linear discriminant analysis of five points, with a class for each tone. One that is nearer to another tone by more than
MARGIN is tested in two more carriers, 这是X。 and 他买X吗, against every eighth syllable there. It counts as said in
another tone if that is so in at least two of three carriers.

With --heard the model speaks and a recognizer writes. Each syllable stands in 这个字念X, and those that come out with
other letters again in 他说X字. A syllable is misheard if the Hanzi that are written have other letters in both, and has
a wrong tone by both instruments if F0 says so and the written Hanzi has not its tone in either. --every tests each Nth
syllable and those with a wrong tone by F0. A recognizer writes what makes sense: what it mishears of all voices says
nothing about a voice, and is printed apart.
"""

from __future__ import annotations

import argparse
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import soxr
from contours import RATE, Floats, Planner, ToneModel, contour, fit_tones, spans, spoken, toned_syllables

from packager.proofing.recognizer import HEARING_RATE, WhisperRecognizer, open_whisper
from packager.speech.kokoro.ipa import syllable_phonemes
from packager.textnorm.zh.g2p.dictionary import load_dictionary
from packager.textnorm.zh.g2p.disambiguator import load_disambiguator

MARGIN = 2.0  # squared Mahalanobis distance
MAIN = ("ta1", "shuo1", "X", "zi4")
OTHERS = (("zhe4", "shi4", "X"), ("ta1", "mai3", "X", "ma5"))
HEARD = ((("zhe4", "ge4", "zi4", "nian4", "X"), "念(.)"), (("ta1", "shuo1", "X", "zi4"), "说(.)[字自子]"))
ERHUA = ("hua1", "wan2", "niao3", "shi4", "ge1")
_AT_ONCE = 8
_AROUND = 0.05  # seconds of silence around a carrier that is heard alone
_SAMPLE = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voice", action="append", help="as zf_xiaoyi (default: all)")
    parser.add_argument("--erhua", action="store_true", help="print instead how much longer erhua makes syllables")
    parser.add_argument("--heard", action="store_true", help="print what a recognizer hears otherwise")
    parser.add_argument("--every", type=int, default=1, help="with --heard: test each Nth syllable")
    options = parser.parse_args()
    planner = Planner()
    if options.heard:
        print_heard(planner, options.voice or planner.voices, options.every)
        return
    if options.erhua:
        for voice in options.voice or planner.voices:
            print_erhua(planner, voice)
        return
    syllables = [each for each in toned_syllables() if not each.endswith("5")]
    print(f"{len(syllables)} syllables with a full tone")
    for voice in options.voice or planner.voices:
        wrong = wrong_tones(planner, voice, syllables)
        shown = " ".join(f"{syllable}→{tone}" for syllable, tone in wrong.items())
        print(f"{voice}: {len(wrong)} in another tone ({100 * len(wrong) / len(syllables):.1f} %): {shown}", flush=True)


def print_heard(planner: Planner, voices: Sequence[str], every: int) -> None:
    """What the recognizer hears of each voice, and what it hears otherwise of all of them."""
    speaker, recognizer = Planner(sound=True), open_whisper(None, threads=1)
    syllables = [each for each in toned_syllables() if not each.endswith("5")]
    misheard: dict[str, dict[str, str]] = {}
    for voice in voices:
        wrong = wrong_tones(planner, voice, syllables)
        tested = list(dict.fromkeys([*syllables[::every], *wrong]))
        first = dict(_written(speaker, recognizer, voice, *HEARD[0], tested))
        again = [each for each in tested if each in wrong or not _is_said(each[:-1], first[each])]
        second = dict(_written(speaker, recognizer, voice, *HEARD[1], again))
        letters = {each: second[each] for each in again if not _is_said(each[:-1], first[each] + second[each])}
        tones = {each: tone for each, tone in wrong.items() if not _is_said(each, first[each] + second[each])}
        misheard[voice] = letters
        print(f"{voice}: {len(tested)} syllables; misheard {len(letters)}: {_shown(letters)}")
        print(f"    wrong tone by F0 {len(wrong)}, by both instruments {len(tones)}: {_shown(tones)}", flush=True)
    if len(voices) > 1:
        all_of_them = set.intersection(*(set(each) for each in misheard.values()))
        print(f"misheard of all {len(voices)} voices: {' '.join(sorted(all_of_them))}")


def _shown(found: Mapping[str, str]) -> str:
    return " ".join(f"{syllable}→{other or '?'}" for syllable, other in found.items())


def _is_said(part: str, hanzi: str) -> bool:
    """Whether one of the written Hanzi can be read as a syllable, or with its letters."""
    known, usual = load_disambiguator().readings, load_dictionary().characters
    readings = [reading for each in hanzi for reading in (*known.get(each, ()), usual.get(each, ""))]
    return any(part in (reading, reading[:-1]) for reading in readings)


def _written(
    speaker: Planner,
    recognizer: WhisperRecognizer,
    voice: str,
    carrier: Sequence[str],
    pattern: str,
    syllables: Sequence[str],
) -> Iterator[tuple[str, str]]:
    """The Hanzi that the recognizer writes for each syllable; empty where it does not write the carrier."""
    place = carrier.index("X")
    for start in range(0, len(syllables), _AT_ONCE):
        group = syllables[start : start + _AT_ONCE]
        rows = [[*carrier[:place], each, *carrier[place + 1 :]] for each in group]
        text = ", ".join(" ".join(map(syllable_phonemes, row)) for row in rows) + "."
        plan = speaker.plan(text, voice)
        sound = soxr.resample(plan.samples, RATE, HEARING_RATE)
        found = re.findall(pattern, recognizer.hear(sound))
        if len(found) != len(group):  # the recognizer skipped one: each by itself
            times = spans(plan, [each for row in rows for each in row])
            first, last = times[:: len(carrier)], times[len(carrier) - 1 :: len(carrier)]
            pieces = [
                sound[int((a[0] - _AROUND) * HEARING_RATE) : int((b[2] + _AROUND) * HEARING_RATE)]
                for a, b in zip(first, last, strict=True)
            ]
            found = [(re.findall(pattern, recognizer.hear(each)) or [""])[0] for each in pieces]
        yield from zip(group, found, strict=True)


def print_erhua(planner: Planner, voice: str) -> None:
    """The durations of syllables with and without ɚ, in 看见X了."""
    ratios = []
    for syllable in ERHUA:
        durations = []
        for each in (syllable, f"{syllable[:-1]}r{syllable[-1]}"):
            row = ("kan4", "jian4", each, "le5")
            begins, _vowel, ends = spans(planner.plan(spoken([[part] for part in row]), voice), row)[2]
            durations.append(ends - begins)
        ratios.append(f"{syllable} {100 * (durations[1] / durations[0] - 1):+.0f} %")
    print(f"{voice}: {', '.join(ratios)}", flush=True)


def wrong_tones(planner: Planner, voice: str, syllables: Sequence[str]) -> dict[str, str]:
    """The syllables that `voice` says in another tone, with that tone."""
    first = _heard(planner, voice, MAIN, syllables, syllables)
    again = list(first)
    votes: dict[str, list[str]] = defaultdict(list)
    for syllable, tone in first.items():
        votes[syllable].append(tone)
    for carrier in OTHERS:
        for syllable, tone in _heard(planner, voice, carrier, syllables[::_SAMPLE], again).items():
            votes[syllable].append(tone)
    return {syllable: max(tones, key=tones.count) for syllable, tones in votes.items() if len(tones) > 1}


def _heard(
    planner: Planner, voice: str, carrier: Sequence[str], learnt: Sequence[str], tested: Sequence[str]
) -> dict[str, str]:
    """Those of the syllables `tested` that are nearer to another tone than to their own, as learnt from `learnt`."""
    contours = dict(_contours(planner, voice, carrier, list(dict.fromkeys([*learnt, *tested]))))
    by_tone: dict[str, list[Floats]] = defaultdict(list)
    for syllable in learnt:
        if syllable in contours:
            by_tone[syllable[-1]].append(contours[syllable])
    model = fit_tones(by_tone)
    return {syllable: tone for syllable in tested for tone in [_other(model, contours.get(syllable), syllable)] if tone}


def _other(model: ToneModel, found: Floats | None, syllable: str) -> str:
    if found is None:
        return "?"
    nearest = model.nearest(found)
    return nearest if model.distance(found, syllable[-1]) - model.distance(found, nearest) > MARGIN else ""


def _contours(
    planner: Planner, voice: str, carrier: Sequence[str], syllables: Sequence[str]
) -> Iterator[tuple[str, Floats]]:
    """The contour of each syllable in the carrier, with several carriers in one sentence."""
    place = carrier.index("X")
    found = []
    for start in range(0, len(syllables), _AT_ONCE):
        group = syllables[start : start + _AT_ONCE]
        rows = [[*carrier[:place], each, *carrier[place + 1 :]] for each in group]
        text = ", ".join(" ".join(map(syllable_phonemes, row)) for row in rows) + "."
        plan = planner.plan(text, voice)
        times = spans(plan, [each for row in rows for each in row])[place :: len(carrier)]
        found += [(each, plan, time) for each, time in zip(group, times, strict=True)]
    reference = float(np.median(np.concatenate([plan.pitch[plan.pitch > 0] for _each, plan, _time in found])))
    for each, plan, (_begin, vowel, end) in found:
        semitones = contour(plan.times, plan.pitch, vowel, end, reference)
        if semitones is not None:
            yield each, semitones


if __name__ == "__main__":
    main()
