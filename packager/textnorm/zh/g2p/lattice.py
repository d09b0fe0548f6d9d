"""The cut of a run of Hanzi into words: Viterbi over the word lattice of the pronunciation dictionary. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from packager.textnorm.zh.g2p.dictionary import UNKNOWN_COST, Dictionary

Edges = Mapping[int, Sequence[tuple[int, int]]]
"""By start, the end and the cost of words that the dictionary does not have."""


def cut(run: str, dictionary: Dictionary, entries: Edges | None = None) -> list[tuple[int, int]]:
    """Start and end of each word of the cheapest cut of `run`; of equal ones, that with the longer last words."""
    costs, lengths = dictionary.costs, dictionary.lengths
    size = len(run)
    best = [0] + [1 << 30] * size
    came_from = [0] * (size + 1)
    for start in range(size):
        so_far = best[start]
        first = run[start]
        cost = so_far + costs.get(first, UNKNOWN_COST)
        if cost < best[start + 1]:
            best[start + 1], came_from[start + 1] = cost, start
        for length in lengths.get(first, ()):
            end = start + length
            if end > size:
                break
            word_cost = costs.get(run[start:end])
            if word_cost is not None and so_far + word_cost < best[end]:
                best[end], came_from[end] = so_far + word_cost, start
        if entries:
            for end, entry_cost in entries.get(start, ()):
                if so_far + entry_cost < best[end]:
                    best[end], came_from[end] = so_far + entry_cost, start
    words: list[tuple[int, int]] = []
    end = size
    while end:
        words.append((came_from[end], end))
        end = came_from[end]
    return words[::-1]
