"""Measure what engines that take no phonemes get: homophones where they would misread a Hanzi.

    python benchmarks/respelling.py [--cases FILE ...] [TEXT ...]

For each file of cases (a sentence, an index and its reading in each row): in how many the reading stage is right; in
how many a plain front end (common words, else the usual reading of each Hanzi) says that reading from the sentence as
it is, and from the respelled sentence; how many are respelled, and how many of these by a Hanzi with one reading,
which is right. Light syllables are not respelled and are counted apart. If pypinyin is installed, the same two figures
for pypinyin, whose dictionary is not the program's.

For each text: the share of its Hanzi that is respelled, and the most frequent ones.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from packager.textnorm import normalize
from packager.textnorm.zh.g2p.disambiguator import load_disambiguator
from packager.textnorm.zh.g2p.reading import pronounce
from packager.textnorm.zh.homophones import plain_readings, respelled

FrontEnd = Callable[[str], Mapping[int, str]]
_LIGHT = "5"
_MOST = 30


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path, nargs="*")
    parser.add_argument("--cases", nargs="*", type=Path, default=[])
    parser.add_argument("--show", action="store_true", help="print the cases that stay wrong")
    options = parser.parse_args()
    for path in options.cases:
        rows = [line.split("\t") for line in path.read_text("utf-8").splitlines() if line]
        print_cases(path.stem, [(text, int(place), reading) for text, place, reading in rows], show=options.show)
    for path in options.texts:
        print_share(path)


def print_cases(name: str, cases: Sequence[tuple[str, int, str]], *, show: bool) -> None:
    front_ends: dict[str, FrontEnd] = {"plain front end": _plain}
    if find_spec("pypinyin"):
        front_ends["pypinyin"] = _pypinyin
    full = [case for case in cases if not case[2].endswith(_LIGHT)]
    read = [_syllables(text) for text, _place, _reading in full]
    sent = [respelled(text, pronounce([text])[0]) for text, _place, _reading in full]
    known = load_disambiguator().readings
    changed = [
        (given[place], single)
        for (text, place, reading), given in zip(full, sent, strict=True)
        if given[place] != text[place]
        for single in [len(known.get(given[place], ())) < 2 and _syllables(given[place])[0] == reading]
    ]
    print(f"{name}: {len(full)} cases with a full tone, {len(cases) - len(full)} light ones left to the engine")
    right = sum(found[place] == reading for found, (_text, place, reading) in zip(read, full, strict=True))
    print(f"    the reading stage is right in {right}")
    print(f"    respelled: {len(changed)}, by a Hanzi of that one reading: {sum(single for _each, single in changed)}")
    for label, front_end in front_ends.items():
        before = [front_end(text).get(place) == reading for text, place, reading in full]
        after = [front_end(given).get(place) == reading for given, (_, place, reading) in zip(sent, full, strict=True)]
        print(f"    right by {label}: {sum(before)} as written, {sum(after)} respelled")
        if show:
            for case, given, is_right in zip(full, sent, after, strict=True):
                if not is_right:
                    print("       wrong:", *case, given[case[1]])


def print_share(path: Path) -> None:
    """How much of a text is respelled."""
    lines = [normalize(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    pairs: Counter[str] = Counter()
    hanzi = 0
    for line, readings in zip(lines, pronounce(lines), strict=True):
        hanzi += sum(len(reading.syllables) for reading in readings)
        pairs.update(f"{a}{b}" for a, b in zip(line, respelled(line, readings), strict=True) if a != b)
    most = " ".join(f"{pair} {count}" for pair, count in pairs.most_common(_MOST))
    print(f"{path.name}: {pairs.total()} of {hanzi:,} Hanzi, {100 * pairs.total() / max(hanzi, 1):.2f} %\n    {most}")


def _syllables(text: str) -> Mapping[int, str]:
    return {
        reading.start + place: syllable
        for reading in pronounce([text])[0]
        for place, syllable in enumerate(reading.syllables)
    }


def _plain(text: str) -> Mapping[int, str]:
    """The reading of a plain front end where there is only one."""
    return {place: each[0] for place, each in plain_readings(text).items() if len(each) == 1}


def _pypinyin(text: str) -> Mapping[int, str]:
    from pypinyin import Style, lazy_pinyin

    found = lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True, errors=list)
    return dict(enumerate(found)) if len(found) == len(text) else {}


if __name__ == "__main__":
    main()
