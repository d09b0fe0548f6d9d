"""Measure the accuracy of readings (G2P) by part, and the cost of reading.

    python benchmarks/pronunciation.py [--cases FILE ...] [--cpp SENTENCES LABELS] [--cost FILE]

Prints these results separately, never as one sum:

- own sentences (`pronunciation.tsv`, labelled by hand): correctly read characters in each part, with Wilson's 95 %
  interval; for surnames, place names and words that are no surnames, rows that are correct as a whole;
- sentences that were labelled before the program read them (`pronunciation_labelled.tsv`): correctly read labels;
- `--cases`: files with rows of a sentence, an index and a reading;
- `--cpp`: the Chinese Polyphone dataset of g2pM (a sentence with ▁ around the character, and its reading), plain and,
  if jieba is installed, weighted by the frequency of the character in the corpus of jieba's dictionary. Its labels are
  citation tones also where speech has a neutral tone. So both figures stand twice: as labelled, and with this rule: a
  neutral tone agrees with the label of the same syllable where `light.txt` has the word (关系, 知识), or where a rule
  makes a suffix light (码头上, 写过);
- seconds to load, memory, and microseconds a character. If jieba and pypinyin are installed, jieba segments and
  pypinyin reads the same text, and the ratio of the costs is printed.
"""

from __future__ import annotations

import argparse
import math
import re
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from packager.textnorm.zh.g2p.dictionary import load_dictionary
from packager.textnorm.zh.g2p.nouns import CharacterReading, DecidedBy
from packager.textnorm.zh.g2p.reading import pronounce, read
from packager.textnorm.zh.g2p.sandhi import speak

OWN = Path(__file__).with_suffix(".tsv")
LABELLED = OWN.with_name("pronunciation_labelled.tsv")
_CHOSEN = re.compile(r"(\d*)(\D)([a-z1-5/]+)")
_WHOLE = ("surname", "no surname", "place")
_ROUNDS = 5


def main() -> None:
    options = _options()
    start = time.process_time()
    read(["长"])
    seconds = time.process_time() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"load: {seconds:.2f} s of processor time; memory of the process: {memory} MB\n")
    _print_own()
    _print_labelled(show_wrong=options.wrong)
    for path in options.cases:
        rows = [line.split("\t") for line in path.read_text("utf-8").splitlines() if line]
        found = _syllables([row[0] for row in rows])
        wrong = [row for row, read_as in zip(rows, found, strict=True) if read_as.get(int(row[1])) != row[2]]
        _print_part(path.stem, len(rows) - len(wrong), len(rows))
        for row in wrong:
            print("    wrong:", *row)
    if options.cpp:
        _print_cpp(*options.cpp)
    _print_cost(options.cost or OWN)


def _options() -> Any:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", nargs="*", type=Path, default=[])
    parser.add_argument("--wrong", action="store_true", help="print what is read otherwise than labelled")
    parser.add_argument("--cpp", nargs=2, type=Path, metavar=("SENTENCES", "LABELS"))
    parser.add_argument("--cost", type=Path, help="the text for the cost")
    return parser.parse_args()


def _syllables(texts: Sequence[str]) -> list[dict[int, str]]:
    """For each text, the citation readings by the place of the Hanzi."""
    return [{place: each.syllable for place, each in found.items()} for found in _characters(texts)]


def _characters(texts: Sequence[str]) -> list[dict[int, CharacterReading]]:
    return [{each.place: each for word in words for each in word.characters} for words in read(texts)]


def _print_own() -> None:
    rows = [line.split("\t") for line in OWN.read_text("utf-8").splitlines() if not line.startswith("#")]
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for (part, _text, pinyin), found in zip(rows, _syllables([row[1] for row in rows]), strict=True):
        pairs = list(zip(found.values(), pinyin.split(), strict=True))
        right[part] += all(a == b for a, b in pairs) if part in _WHOLE else sum(a == b for a, b in pairs)
        total[part] += 1 if part in _WHOLE else len(pairs)
    for part, count in total.items():
        _print_part(part, right[part], count)


def _print_labelled(*, show_wrong: bool) -> None:
    rows = [line.split("\t") for line in LABELLED.read_text("utf-8").splitlines() if not line.startswith("#")]
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for (part, text, labels), citation in zip(rows, _syllables([row[1] for row in rows]), strict=True):
        found = dict(enumerate(_spoken(text))) if part == "spoken tones" else citation
        for place, syllables in _labels(text, labels, list(found)):
            is_right = found[place] in syllables.split("/")
            right[part] += is_right
            total[part] += 1
            if show_wrong and not is_right:
                print(f"    {text} {place} {text[place]}: {found[place]}, labelled {syllables}")
    print()
    for part, count in total.items():
        _print_part(f"{part}, labelled first", right[part], count)


def _labels(text: str, labels: str, places: Sequence[int]) -> list[tuple[int, str]]:
    """The places of `text` that are labelled, with what is right there."""
    if labels[0].isascii() and not labels[0].isdigit():
        return list(zip(places, labels.split(), strict=True))
    chosen = [match.groups() for match in map(_CHOSEN.fullmatch, labels.split()) if match]
    return [(int(index or text.index(character)), syllables) for index, character, syllables in chosen]


def _spoken(text: str) -> list[str]:
    """The syllables of speech; `-` for 儿 that is one with the syllable before it."""
    said = speak(text, pronounce([text])[0])
    return [syllable or "-" for reading in said for syllable in reading.syllables]


def _print_part(name: str, right: int, total: int) -> None:
    low, high = _wilson(right, total)
    print(f"{name:46} {right:>6} of {total:>6}   {100 * right / total:6.2f} %   ({100 * low:.1f} to {100 * high:.1f})")


def _wilson(right: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's score interval of a proportion."""
    share = right / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return middle - half, middle + half


def _print_cpp(sentences: Path, labels: Path) -> None:
    marked = sentences.read_text("utf-8").splitlines()
    wanted = [label.strip().replace("u:", "v") for label in labels.read_text("utf-8").splitlines()]
    places = [sentence.index("▁") for sentence in marked]
    texts = [sentence.replace("▁", "").strip() for sentence in marked]
    strict: dict[str, list[bool]] = defaultdict(list)
    spoken: dict[str, list[bool]] = defaultdict(list)
    bare = 0
    for text, place, label, characters in zip(texts, places, wanted, _characters(texts), strict=True):
        found = characters.get(place)
        syllable = found.syllable if found else ""
        strict[text[place]].append(syllable == label)
        spoken[text[place]].append(syllable == label or bool(found and _is_light_form(found, label)))
        bare += syllable[:-1] == label[:-1]
    for name, by_character in (("CPP", strict), ("CPP, neutral tones by rule", spoken)):
        _print_part(name, sum(map(sum, by_character.values())), len(wanted))
        if find_spec("jieba"):
            print(f"{f'{name}, weighted by frequency':46} {100 * _weighted(by_character):18.2f} %")
    _print_part("CPP without tones", bare, len(wanted))


def _is_light_form(found: CharacterReading, label: str) -> bool:
    """Whether a reading is the neutral tone of `label`, in a word of `light.txt` or by a rule."""
    is_neutral = found.syllable[-1] == "5" and found.syllable[:-1] == label[:-1]
    lightened = any(found.entry[start:end] in load_dictionary().light for start, end in _parts(found.entry))
    return is_neutral and (found.decided_by is DecidedBy.RULE or lightened)


def _parts(word: str) -> list[tuple[int, int]]:
    """The parts of a word of two characters and more, and the word."""
    return [(start, end) for start in range(len(word)) for end in range(start + 2, len(word) + 1)]


def _weighted(by_character: Mapping[str, Sequence[bool]]) -> float:
    frequency = _frequency()
    whole = sum(frequency[character] for character in by_character)
    return sum(frequency[each] * sum(right) / len(right) for each, right in by_character.items()) / whole


def _frequency() -> Counter[str]:
    found: Counter[str] = Counter()
    for row in (resources.files("jieba") / "dict.txt").read_text("utf-8").splitlines():
        word, count, *_tag = row.split()
        for character in word:
            found[character] += int(count)
    return found


def _print_cost(path: Path) -> None:
    lines = [line.split("\t")[1] if path == OWN else line for line in path.read_text("utf-8").splitlines()[1:] if line]
    characters = sum(map(len, lines))
    ways: dict[str, Callable[[], object]] = {"this": lambda: pronounce(lines)}
    if find_spec("jieba") and find_spec("pypinyin"):
        import jieba
        from pypinyin import Style, lazy_pinyin

        ways["jieba and pypinyin"] = lambda: [
            lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True)
            for line in lines
            for word in jieba.lcut(line)
        ]
    for way in ways.values():
        way()
    rounds = [{name: _seconds(way) for name, way in ways.items()} for _round in range(_ROUNDS)]  # in turns
    best = {name: min(each[name] for each in rounds) for name in ways}
    print(f"\nmicroseconds a character, of {characters:,}:")
    for name, seconds in best.items():
        print(f"    {name:24} {seconds / characters * 1e6:6.1f}")
    if len(best) > 1:
        print(f"    ratio {_ratio(best.values()):.2f}")


def _ratio(seconds: Iterable[float]) -> float:
    first, second = seconds
    return first / second


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    main()
