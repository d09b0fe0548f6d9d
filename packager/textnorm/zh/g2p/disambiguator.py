"""A neural network that reads polyphones by their sentence: a bidirectional LSTM in plain numpy.

Architecture and weights are those of g2pM (Park and Lee, "A Neural Grapheme-to-Phoneme Conversion Package for
Mandarin Chinese", Interspeech 2020; see NOTICE): an embedding of 64, an LSTM of 32 in each direction, a hidden
layer of 32, and a class for each reading of each polyphone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packager.textnorm.zh.g2p.dictionary import data_file

Floats = NDArray[np.float32]

_UNKNOWN, _BEGIN, _END = 1, 2, 3  # rows of the embedding
_BATCH = 64  # sentences
_TEMPERATURE = 2.5  # the published network is surer than it is right


@dataclass(frozen=True)
class Lstm:
    """The weights of one direction: `inputs` (characters, 128), what each character adds to the gates, and
    `recurrent` (32, 128)."""

    inputs: Floats
    recurrent: Floats

    def states(self, rows: NDArray[np.int32]) -> Floats:
        """The hidden states (time, batch, 32) for characters (time, batch), from the first to the last."""
        steps, batch = rows.shape
        size = self.recurrent.shape[0]
        hidden = np.zeros((batch, size), dtype=np.float32)
        cell = np.zeros_like(hidden)
        states = np.empty((steps, batch, size), dtype=np.float32)
        for step in range(steps):
            gates = self.inputs[rows[step]] + hidden @ self.recurrent
            # Gates in the order input, forget, cell, output; the sigmoid of x is (1 + tanh(x / 2)) / 2, and
            # the halves are in the weights.
            np.tanh(gates, out=gates)
            cell = 0.5 * (
                (gates[:, size : 2 * size] + 1) * cell + (gates[:, :size] + 1) * gates[:, 2 * size : 3 * size]
            )
            hidden = 0.5 * (gates[:, 3 * size :] + 1) * np.tanh(cell)
            states[step] = hidden
        return states


@dataclass(frozen=True)
class Disambiguator:
    """The network with its characters and readings."""

    rows: Mapping[str, int]
    readings: Mapping[str, tuple[str, ...]]
    """The readings of each polyphone that it knows."""
    classes: Mapping[str, int]
    forward: Lstm
    backward: Lstm
    hidden: tuple[Floats, Floats]
    output: tuple[Floats, Floats]

    def read(self, sentences: Sequence[str], places: Sequence[Sequence[int]]) -> list[list[dict[str, float]]]:
        """For each sentence, for each of its `places`, the probability of each reading of the polyphone there."""
        answers: list[list[dict[str, float]]] = [[] for _sentence in sentences]
        wanted = sorted((each for each in range(len(sentences)) if places[each]), key=lambda each: len(sentences[each]))
        for start in range(0, len(wanted), _BATCH):
            batch = wanted[start : start + _BATCH]
            logits = self._logits([sentences[each] for each in batch], [places[each] for each in batch])
            row = 0
            for each in batch:
                for place in places[each]:
                    answers[each].append(self._probabilities(sentences[each][place], logits[row]))
                    row += 1
        return answers

    def _logits(self, sentences: Sequence[str], places: Sequence[Sequence[int]]) -> Floats:
        """A row of class scores for each place, sentence by sentence."""
        longest = max(map(len, sentences)) + 2
        # The backward direction reads each sentence from its own end, so padding comes last in both.
        ahead = np.zeros((longest, len(sentences)), dtype=np.int32)
        back = np.zeros_like(ahead)
        for column, sentence in enumerate(sentences):
            row = [_BEGIN, *(self.rows.get(character, _UNKNOWN) for character in sentence), _END]
            ahead[: len(row), column] = row
            back[: len(row), column] = row[::-1]
        forward = self.forward.states(ahead)
        backward = self.backward.states(back)
        columns = [column for column, chosen in enumerate(places) for _place in chosen]
        steps = [place + 1 for chosen in places for place in chosen]
        steps_back = [len(sentences[column]) - step + 1 for column, step in zip(columns, steps, strict=True)]
        states = np.concatenate([forward[steps, columns], backward[steps_back, columns]], axis=1)
        hidden = np.maximum(states @ self.hidden[0] + self.hidden[1], 0)
        scores: Floats = hidden @ self.output[0] + self.output[1]
        return scores

    def _probabilities(self, character: str, scores: Floats) -> dict[str, float]:
        readings = [each for each in self.readings[character] if each in self.classes]
        chosen = scores[[self.classes[each] for each in readings]]
        weights = np.exp((chosen - chosen.max()) / _TEMPERATURE)
        return dict(zip(readings, (weights / weights.sum()).tolist(), strict=True))


@lru_cache(maxsize=1)
def load_disambiguator() -> Disambiguator:
    """The network that comes with the program, read once a process."""
    with resources.as_file(data_file("polyphones.npz")) as path, np.load(path, allow_pickle=False) as file:
        arrays: dict[str, Any] = {name: file[name] for name in file.files}
    known = (row.split() for row in arrays["polyphones"].tolist())
    return Disambiguator(
        rows={chr(code): row for row, code in enumerate(arrays["characters"].tolist()) if code and row > _END},
        readings={character: tuple(readings) for character, *readings in known},
        classes={name: place for place, name in enumerate(arrays["classes"].tolist())},
        forward=_lstm(arrays, "forward"),
        backward=_lstm(arrays, "backward"),
        hidden=(arrays["hidden_weight"].T.copy(), arrays["hidden_bias"]),
        output=(arrays["class_weight"].T.copy(), arrays["class_bias"]),
    )


def _lstm(arrays: Mapping[str, Floats], direction: str) -> Lstm:
    scale = np.full(128, 0.5, dtype=np.float32)
    scale[64:96] = 1.0  # the cell's gate has a tanh of its own
    bias = arrays[f"{direction}_bias_ih"] + arrays[f"{direction}_bias_hh"]
    inputs = arrays["embedding"].astype(np.float32) @ arrays[f"{direction}_weight_ih"].T + bias
    recurrent = arrays[f"{direction}_weight_hh"].T * scale
    return Lstm(np.ascontiguousarray(inputs * scale), np.ascontiguousarray(recurrent))
