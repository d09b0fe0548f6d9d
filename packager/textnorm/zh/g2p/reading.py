"""The reading stage: a sentence becomes words with a reading for each Hanzi, decided over the whole sentence.

The order is that of `DecidedBy`: lexicon entries, old texts, surnames, rules for particles, words of the
dictionary, the network for single polyphones that are left, and the usual reading.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from packager.base.pronunciation import Pronunciation
from packager.textnorm.zh.characters import HANZI
from packager.textnorm.zh.g2p import particles
from packager.textnorm.zh.g2p.contexts import context_readings
from packager.textnorm.zh.g2p.dictionary import Dictionary, load_dictionary
from packager.textnorm.zh.g2p.lattice import cut
from packager.textnorm.zh.g2p.names import beginnings_of_names, name_edges, surname_at
from packager.textnorm.zh.g2p.nouns import CharacterReading, DecidedBy, ReadWord
from packager.textnorm.zh.g2p.registers import classical_readings, is_classical, is_verse

if TYPE_CHECKING:
    from packager.textnorm.zh.g2p.disambiguator import Disambiguator

Entries = Mapping[str, tuple[str, ...]]
"""Words of a lexicon, with a syllable for each character."""

_RUN = re.compile(f"[{HANZI}]+")
_PIECE = 120  # characters that the network sees at once; a chunk is shorter
_ENTRY_COST = 50  # of a lexicon's word in the cut: as the commonest words
_WORD, _RARE_WORD, _NAME, _RULE = 0.99, 0.9, 0.9, 0.95
_FIXED = (DecidedBy.LEXICON, DecidedBy.CLASSICAL, DecidedBy.NAME)
_RARE = 150  # the cost of a word that the corpus has a few times


@dataclass
class _Draft:
    """A text in work: its cut, and by place what was decided."""

    text: str
    classical: bool
    words: list[tuple[int, int]] = field(default_factory=list)
    decided: dict[int, tuple[str, float, DecidedBy, str]] = field(default_factory=dict)
    open: list[int] = field(default_factory=list)

    def decide(self, place: int, syllable: str, confidence: float, decision: DecidedBy, entry: str = "") -> None:
        """Keep the first decision for a place: the stronger stages come first."""
        self.decided.setdefault(place, (syllable, confidence, decision, entry))


def read(texts: Sequence[str], entries: Entries | None = None) -> list[tuple[ReadWord, ...]]:
    """The words of each text with their readings, in citation tones; what is no Hanzi is left out.

    `entries` are a lexicon's words: they win wherever they fit, also inside longer words. All texts are read
    in one go, since the network is faster in batches.
    """
    drafts, network = _decided(texts, entries or {})
    return [tuple(_words(draft, network)) for draft in drafts]


def pronounce(texts: Sequence[str], entries: Entries | None = None) -> list[tuple[Pronunciation, ...]]:
    """As `read`, without the reasons: the place and the syllables of each word."""
    drafts, _network = _decided(texts, entries or {})
    return [tuple(_pronunciations(draft)) for draft in drafts]


def _decided(texts: Sequence[str], entries: Entries) -> tuple[list[_Draft], Disambiguator]:
    from packager.textnorm.zh.g2p.disambiguator import load_disambiguator  # numpy: only where something is read

    dictionary, network = load_dictionary(), load_disambiguator()
    drafts = [_draft(text, entries, dictionary, network) for text in texts]
    pieces = [(draft, start) for draft in drafts for start in range(0, len(draft.text), _PIECE)]
    open_places = [[place for place in draft.open if start <= place < start + _PIECE] for draft, start in pieces]
    answers = network.read(
        [draft.text[start : start + _PIECE] for draft, start in pieces],
        [[place - start for place in places] for (_draft, start), places in zip(pieces, open_places, strict=True)],
    )
    for (draft, _start), places, answer in zip(pieces, open_places, answers, strict=True):
        for place, probabilities in zip(places, answer, strict=True):
            best = max(probabilities, key=lambda each: probabilities[each])
            draft.decide(place, best, probabilities[best], DecidedBy.NETWORK)
    return drafts, network


def _pronunciations(draft: _Draft) -> Iterator[Pronunciation]:
    decided = draft.decided
    for start, end in draft.words:
        readings = [decided[place] for place in range(start, end)]
        syllables = tuple([each[0] for each in readings])
        if "" not in syllables:
            yield Pronunciation(start, syllables, any(each[2] in _FIXED for each in readings))


def _draft(text: str, entries: Entries, dictionary: Dictionary, network: Disambiguator) -> _Draft:
    draft = _Draft(text, is_classical(text))
    for found in _RUN.finditer(text):
        run, offset = found[0], found.start()
        matches = _matches(run, entries) if entries else []
        edges = name_edges(run, dictionary)
        for start, end in matches:
            edges.setdefault(start, []).append((end, _ENTRY_COST))
        words = cut(run, dictionary, edges)
        for start, end in matches:
            if _fits(words, start, end):
                for place, syllable in zip(range(start, end), entries[run[start:end]], strict=True):
                    draft.decide(offset + place, syllable, 1.0, DecidedBy.LEXICON, run[start:end])
        draft.words += [(offset + start, offset + end) for start, end in words]
        _decide_by_rules(draft, run, offset, words, dictionary)
    for place, syllable, phrase in classical_readings(text, classical=draft.classical):
        decided = draft.decided.get(place)
        if decided is None or decided[2] not in (DecidedBy.LEXICON, DecidedBy.CLASSICAL):
            draft.decided[place] = (syllable, _WORD, DecidedBy.CLASSICAL, phrase)
    if not draft.classical or is_verse(text):  # slogans have the form of verse
        for place, syllable, word in context_readings(text, draft.words):
            draft.decide(place, syllable, _RULE, DecidedBy.RULE, word)
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
    nearby = words[max(0, bisect_right(words, (start, end)) - 2) :]
    for first, last in nearby:
        if first >= end:
            break
        crosses = first < start < last < end or start < first < end < last
        if crosses and last - first >= end - start:
            return False
        if end - start == 1 and first <= start < last and last - first > 1:
            return False
    return True


def _decide_by_rules(
    draft: _Draft, run: str, offset: int, words: Sequence[tuple[int, int]], dictionary: Dictionary
) -> None:
    ends, beginnings = dict(words), beginnings_of_names()
    for start, _end in words:
        if run[start] not in beginnings:
            continue
        surname = surname_at(run, start, ends, dictionary)
        for place, syllable in enumerate(surname, start=start):
            if syllable:
                draft.decide(offset + place, syllable, _NAME, DecidedBy.NAME, run[start : start + len(surname)])
    if draft.classical:
        return
    for rule in particles.RULES:
        for place, reading in rule(run, words, dictionary):
            syllable = _light(run, words, place, dictionary) if reading == particles.LIGHT else reading
            draft.decide(offset + place, syllable, _RULE, DecidedBy.RULE, run[place])


def _light(run: str, words: Sequence[tuple[int, int]], place: int, dictionary: Dictionary) -> str:
    """The syllable at `place` in the neutral tone."""
    start, end = words[bisect_right(words, (place, len(run))) - 1]
    read = dictionary.reading(run[start:end])
    syllable = read[place - start] if read else dictionary.characters.get(run[place], "")
    return f"{syllable[:-1]}5" if syllable else ""


def _decide_word(draft: _Draft, start: int, end: int, dictionary: Dictionary, network: Disambiguator) -> None:
    text, decided = draft.text, draft.decided
    word = text[start:end]
    reading = dictionary.reading(word) if end - start > 1 else None
    if draft.classical and word in dictionary.light:
        reading = dictionary.light[word]
    is_rare = reading is not None and dictionary.costs.get(word, 255) >= _RARE
    for place in range(start, end):
        if place in decided:
            continue
        character = text[place]
        is_polyphone = character in network.readings
        if reading:
            sure = _RARE_WORD if is_rare and is_polyphone else _WORD
            decided[place] = (reading[place - start], sure, DecidedBy.WORD, word)
        elif is_polyphone:
            draft.open.append(place)
        else:
            usual = dictionary.characters.get(character, "")
            decided[place] = (usual, 1.0 if usual else 0.0, DecidedBy.ONLY, "")


def _words(draft: _Draft, network: Disambiguator) -> Iterator[ReadWord]:
    for start, end in draft.words:
        characters = []
        for place in range(start, end):
            syllable, confidence, decision, entry = draft.decided[place]
            others = tuple(each for each in network.readings.get(draft.text[place], ()) if each != syllable)
            # The last digits depend on the sentences that the network reads together.
            sure = round(confidence, 4)
            characters.append(CharacterReading(place, draft.text[place], syllable, sure, decision, entry, others))
        yield ReadWord(start, tuple(characters))
