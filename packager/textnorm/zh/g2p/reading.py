"""The reading stage: a sentence becomes words with a reading for each Hanzi, decided over the whole sentence.

The order is that of `Decision`: lexicon entries, old texts, surnames, rules for particles, words of the
dictionary, the network for single polyphones that are left, and the usual reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from packager.textnorm.zh.characters import HANZI
from packager.textnorm.zh.g2p import particles
from packager.textnorm.zh.g2p.contexts import context_readings
from packager.textnorm.zh.g2p.dictionary import Dictionary, load_dictionary
from packager.textnorm.zh.g2p.disambiguator import Disambiguator, load_disambiguator
from packager.textnorm.zh.g2p.lattice import cut
from packager.textnorm.zh.g2p.names import surname_at
from packager.textnorm.zh.g2p.nouns import CharacterReading, Decision, ReadWord
from packager.textnorm.zh.g2p.registers import classical_readings, is_classical

Entries = Mapping[str, tuple[str, ...]]
"""Words of a lexicon, with a syllable for each character."""

_RUN = re.compile(f"[{HANZI}]+")
_ENTRY_COST = 50  # of a lexicon's word in the cut: as the commonest words
_WORD, _RARE_WORD, _NAME, _RULE, _USUAL = 0.99, 0.9, 0.9, 0.95, 0.7
_RARE = 150  # the cost of a word that the corpus has a few times


@dataclass
class _Draft:
    """A text in work: its cut, and by place what was decided."""

    text: str
    classical: bool
    words: list[tuple[int, int]] = field(default_factory=list)
    decided: dict[int, tuple[str, float, Decision, str]] = field(default_factory=dict)
    open: list[int] = field(default_factory=list)

    def decide(self, place: int, syllable: str, confidence: float, decision: Decision, entry: str = "") -> None:
        """Keep the first decision for a place: the stronger stages come first."""
        self.decided.setdefault(place, (syllable, confidence, decision, entry))


def read(texts: Sequence[str], entries: Entries | None = None) -> list[tuple[ReadWord, ...]]:
    """The words of each text with their readings, in citation tones; what is no Hanzi is left out.

    `entries` are a lexicon's words: they win wherever they fit, also inside longer words. All texts are read
    in one go, since the network is faster in batches.
    """
    dictionary, network = load_dictionary(), load_disambiguator()
    drafts = [_draft(text, entries or {}, dictionary, network) for text in texts]
    answers = network.read(texts, [draft.open for draft in drafts])
    for draft, answer in zip(drafts, answers, strict=True):
        for place, probabilities in zip(draft.open, answer, strict=True):
            best = max(probabilities, key=lambda each: probabilities[each])
            draft.decide(place, best, probabilities[best], Decision.NETWORK)
    return [tuple(_words(draft, network)) for draft in drafts]


def _draft(text: str, entries: Entries, dictionary: Dictionary, network: Disambiguator) -> _Draft:
    draft = _Draft(text, is_classical(text))
    for found in _RUN.finditer(text):
        run, offset = found[0], found.start()
        matches = _matches(run, entries) if entries else []
        edges: dict[int, list[tuple[int, int]]] = {}
        for start, end in matches:
            edges.setdefault(start, []).append((end, _ENTRY_COST))
        words = cut(run, dictionary, edges)
        for start, end in matches:
            if _fits(words, start, end):
                for place, syllable in zip(range(start, end), entries[run[start:end]], strict=True):
                    draft.decide(offset + place, syllable, 1.0, Decision.LEXICON, run[start:end])
        draft.words += [(offset + start, offset + end) for start, end in words]
        _decide_by_rules(draft, run, offset, words, dictionary)
    for place, syllable, phrase in classical_readings(text, classical=draft.classical):
        if draft.decided.get(place, ("", 0, Decision.USUAL))[2] not in (Decision.LEXICON, Decision.CLASSICAL):
            draft.decided[place] = (syllable, _WORD, Decision.CLASSICAL, phrase)
    if not draft.classical:
        for place, syllable, word in context_readings(text, draft.words):
            draft.decide(place, syllable, _RULE, Decision.RULE, word)
    for start, end in draft.words:
        _decide_word(draft, start, end, dictionary, network)
    return draft


def _matches(run: str, entries: Entries) -> list[tuple[int, int]]:
    """Where entries stand in a run, the longest first."""
    lengths = sorted({len(word) for word in entries}, reverse=True)
    return [
        (start, start + length)
        for length in lengths
        for start in range(len(run) - length + 1)
        if run[start : start + length] in entries
    ]


def _fits(words: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    """Whether an entry at `start` to `end` is whole: no word as long reaches over one of its edges.

    重庆 is none in 双重庆典. An entry of one character is whole only where it is a word of its own.
    """
    for first, last in words:
        crosses = first < start < last < end or start < first < end < last
        if crosses and last - first >= end - start:
            return False
        if end - start == 1 and first <= start < last and last - first > 1:
            return False
    return True


def _decide_by_rules(draft: _Draft, run: str, offset: int, words: Sequence[tuple[int, int]], dictionary: Dictionary) -> None:
    ends = dict(words)
    for start, _end in words:
        surname = surname_at(run, start, ends, dictionary)
        for place, syllable in enumerate(surname or (), start=start):
            draft.decide(offset + place, syllable, _NAME, Decision.NAME, run[start : start + 1])
    if draft.classical:
        return
    for rule in (particles.doubled, particles.structural, particles.suffixes):
        for place, reading in rule(run, words, dictionary):
            syllable = reading
            if reading == "light":
                word = next((start, end) for start, end in words if start <= place < end)
                read = dictionary.reading(run[slice(*word)])
                syllable = (read[place - word[0]] if read else dictionary.characters.get(run[place], ""))[:-1] + "5"
            draft.decide(offset + place, syllable, _RULE, Decision.RULE, rule.__name__)


def _decide_word(draft: _Draft, start: int, end: int, dictionary: Dictionary, network: Disambiguator) -> None:
    word = draft.text[start:end]
    reading = dictionary.reading(word) if end - start > 1 else None
    if draft.classical and word in dictionary.light:
        reading = dictionary.light[word]
    for place in range(start, end):
        character = draft.text[place]
        known = network.readings.get(character)
        if reading:
            rare = dictionary.costs.get(word, 255) >= _RARE and known
            draft.decide(place, reading[place - start], _RARE_WORD if rare else _WORD, Decision.WORD, word)
        elif known:
            if place not in draft.decided:
                draft.open.append(place)
        else:
            usual = dictionary.characters.get(character, "")
            draft.decide(place, usual, 1.0 if usual else 0.0, Decision.ONLY)


def _words(draft: _Draft, network: Disambiguator) -> Iterator[ReadWord]:
    for start, end in draft.words:
        characters = []
        for place in range(start, end):
            syllable, confidence, decision, entry = draft.decided[place]
            others = tuple(each for each in network.readings.get(draft.text[place], ()) if each != syllable)
            characters.append(CharacterReading(place, draft.text[place], syllable, confidence, decision, entry, others))
        yield ReadWord(start, tuple(characters))
