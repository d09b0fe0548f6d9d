"""What was to be said against what was heard, sound by sound: how much differs, and where. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from packager.proofing.phonetic_tokens import Syllable

# Sounds that were heard right between two differences make two runs of them from this many on: in a sentence
# that was lost, one or two syllables agree by chance.
_APART = 2


@dataclass(frozen=True)
class Run:
    """Differences close together: sounds `start` to `end` that were to be said, and what was heard there."""

    start: int
    end: int
    heard: str
    lost: int  # sounds that were to be heard and were not
    added: int  # sounds that were heard and were not to be
    other: int  # sounds for which another one was heard

    @property
    def length(self) -> int:
        """Sounds that differ."""
        return self.lost + self.added + self.other


@dataclass(frozen=True)
class Alignment:
    """How far what was heard is what was to be said. `tones` are sounds that were heard in another tone."""

    sounds: int  # that were to be said
    runs: tuple[Run, ...]
    tones: tuple[Run, ...] = ()

    @property
    def errors(self) -> int:
        """Sounds that differ: lost, added or other ones."""
        return sum(run.length for run in self.runs)


@dataclass(frozen=True)
class _Change:
    """The sounds `start` to `end` that were to be said, for which those from `heard_from` on were heard."""

    start: int
    end: int
    heard_from: int
    heard_to: int


def align(expected: Sequence[Syllable], heard: Sequence[Syllable]) -> Alignment:
    """The fewest differences between both, in runs.

    Time grows with the product of both lengths, 64 sounds at once; memory with their sum.
    """
    from rapidfuzz.distance import Levenshtein  # comes with the extra `proof`

    changes: list[_Change] = []
    tones: list[Run] = []
    steps = Levenshtein.opcodes([each.sound for each in expected], [each.sound for each in heard])
    for step in steps:
        if step.tag == "equal":
            both = zip(range(step.src_start, step.src_end), range(step.dest_start, step.dest_end), strict=True)
            tones += [
                _tone(place, heard[there]) for place, there in both if expected[place].differs_in_tone(heard[there])
            ]
            continue
        change = _Change(step.src_start, step.src_end, step.dest_start, step.dest_end)
        changes += _unlike(expected, heard, change) if step.tag == "replace" else [change]
    return Alignment(len(expected), tuple(_run(group, heard) for group in _grouped(changes)), tuple(tones))


def _tone(place: int, heard: Syllable) -> Run:
    return Run(place, place + 1, heard.written, lost=0, added=0, other=0)


def _unlike(expected: Sequence[Syllable], heard: Sequence[Syllable], change: _Change) -> list[_Change]:
    """The places of a replacement, which has as many sounds on both sides, at which they are not alike."""
    return [
        _Change(place, place + 1, there, there + 1)
        for place, there in zip(range(change.start, change.end), range(change.heard_from, change.heard_to), strict=True)
        if not expected[place].is_like(heard[there])
    ]


def _grouped(changes: Sequence[_Change]) -> list[list[_Change]]:
    groups: list[list[_Change]] = []
    for change in changes:
        if groups and change.start - groups[-1][-1].end < _APART:
            groups[-1].append(change)
        else:
            groups.append([change])
    return groups


def _run(changes: Sequence[_Change], heard: Sequence[Syllable]) -> Run:
    sizes = [(change.end - change.start, change.heard_to - change.heard_from) for change in changes]
    return Run(
        start=changes[0].start,
        end=changes[-1].end,
        heard="".join(sound.written for sound in heard[changes[0].heard_from : changes[-1].heard_to]),
        lost=sum(max(there - here, 0) for there, here in sizes),
        added=sum(max(here - there, 0) for there, here in sizes),
        other=sum(min(there, here) for there, here in sizes),
    )
