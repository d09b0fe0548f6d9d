"""When the sentences of a release are said to begin, against the words that a recognizer hears in its tracks.

    packager init home && cd home && packager build 2026-w48
    python …/benchmarks/read_along.py home main-0001 [--tracks 4]

A sentence counts where the recognizer hears its first two syllables as they should be. Its own word times are about
0.1 to 0.2 seconds uncertain, and it counts the pause before a word to the word. So the second line takes that silence
away, and the third has the distance to the place where the sound rises out of a pause, without a recognizer; a sentence
that follows without a pause has none. Needs the extra `proof`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz.distance import Levenshtein

from packager.base.workspace import open_workspace
from packager.proofing.phonetic_tokens import sounds_of
from packager.proofing.proof import decoded
from packager.proofing.recognizer import HEARING_RATE, open_whisper
from packager.releases.store import find_release
from packager.releases.text_sync import SyncedSentence, load_text_sync
from packager.speech.clip import Samples
from packager.textnorm import normalize

_AGREE = 2  # syllables at the beginning of a sentence
_FRAME = 160  # samples: 10 ms
_PAUSE = 12  # frames below the threshold before a sentence
_QUIET = 0.02  # of the loudest frame
_NEAR = 0.6  # seconds in which the sound's rise is looked for


def main() -> None:
    """Print both distributions of differences."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("workspace", type=Path)
    arguments.add_argument("release")
    arguments.add_argument("--tracks", type=int, default=4, help="how many tracks are listened to")
    given = arguments.parse_args()
    workspace = open_workspace(given.workspace)
    release = find_release(workspace.releases, given.release)
    recognizer = open_whisper(None, threads=1)
    by_words: list[float] = []
    by_voiced: list[float] = []
    by_sound: list[float] = []
    sentences = 0
    for track in release.manifest.tracks[: given.tracks]:
        record = load_text_sync(workspace.spoken, track.sha256)
        if record is None:
            continue
        said = [each for passage in record.passages for each in passage.sentences if each.ends > each.begins]
        sentences += len(said)
        sound = decoded(release.folder / track.path)
        heard = _heard(recognizer.model, sound)
        by_words += _against_words(said, heard)
        by_voiced += _against_words(said, _without_pauses(heard, sound))
        by_sound += _against_sound(said, sound)
    print(f"{release.manifest.release}, {release.manifest.voice}: {sentences} sentences")
    _print("recognizer's words", by_words)
    _print("the same without pauses", by_voiced)
    _print("rise of the sound", by_sound)


def _print(reference: str, differences: Sequence[float]) -> None:
    sizes = 1000 * np.abs(differences)
    print(
        f"{reference}: {len(sizes)} sentences; shift (median) {1000 * np.median(differences):+.0f} ms; "
        f"|difference|: median {np.median(sizes):.0f} ms, 95 % {np.percentile(sizes, 95):.0f} ms, "
        f"within 150 ms {100 * (sizes <= 150).mean():.0f} %"
    )


def _heard(model: Any, sound: Samples) -> list[tuple[str, float]]:
    """The syllables that are heard, with the time (seconds) at which each begins."""
    segments, _about = model.transcribe(
        sound, language="zh", word_timestamps=True, condition_on_previous_text=False, temperature=0.0
    )
    found: list[tuple[str, float]] = []
    for word in (word for segment in segments for word in segment.words):
        syllables = sounds_of(normalize(word.word))
        step = (word.end - word.start) / max(len(syllables), 1)
        found += [(each.sound, word.start + place * step) for place, each in enumerate(syllables)]
    return found


def _against_words(said: Sequence[SyncedSentence], heard: Sequence[tuple[str, float]]) -> list[float]:
    """The begin of each sentence less that of the word with its first syllable (seconds)."""
    expected = [[each.sound for each in sounds_of(normalize(sentence.text))] for sentence in said]
    starts = [0, *accumulate(map(len, expected))]
    place_of: dict[int, int] = {}
    flat = [sound for sentence in expected for sound in sentence]
    for step in Levenshtein.opcodes(flat, [sound for sound, _begins in heard]):
        if step.tag == "equal":
            place_of.update(
                zip(range(step.src_start, step.src_end), range(step.dest_start, step.dest_end), strict=True)
            )
    return [
        sentence.begins - heard[place_of[start]][1]
        for sentence, start, sounds in zip(said, starts, expected, strict=False)
        if len(sounds) >= _AGREE and all(start + place in place_of for place in range(_AGREE))
    ]


def _without_pauses(heard: Sequence[tuple[str, float]], sound: Samples) -> list[tuple[str, float]]:
    """The syllables with the time at which the sound of each begins."""
    loud = np.flatnonzero(_is_loud(sound)) * _FRAME / HEARING_RATE
    places = np.searchsorted(loud, [begins - _FRAME / HEARING_RATE for _sound, begins in heard])
    return [
        (syllable, float(loud[min(place, len(loud) - 1)]))
        for (syllable, _begins), place in zip(heard, places, strict=True)
    ]


def _is_loud(sound: Samples) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    count = len(sound) // _FRAME
    levels = np.sqrt((sound[: count * _FRAME].reshape(count, _FRAME) ** 2).mean(axis=1))
    return np.asarray(levels > _QUIET * levels.max())


def _against_sound(said: Sequence[SyncedSentence], sound: Samples) -> list[float]:
    """The begin of each sentence less the nearest rise of the sound out of a pause (seconds)."""
    is_loud = _is_loud(sound)
    rises = [
        frame * _FRAME / HEARING_RATE
        for frame in range(_PAUSE, len(is_loud))
        if is_loud[frame] and not is_loud[frame - _PAUSE : frame].any()
    ]
    nearest = [min((sentence.begins - rise for rise in rises), key=abs, default=np.inf) for sentence in said]
    return [each for each in nearest if abs(each) <= _NEAR]


if __name__ == "__main__":
    main()
