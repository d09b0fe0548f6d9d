"""The Kokoro engine: Kokoro-82M through kokoro-onnx, one inference thread for each process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from packager.base.errors import SpeechError
from packager.base.i18n.language import _
from packager.base.pronunciation import Pronunciation
from packager.speech.clip import Clip, Samples
from packager.speech.duration_bounds import DurationBounds
from packager.speech.evidence import (
    clipped_samples,
    find_defect,
    join_pieces,
    limit_peak,
    measure_evidence,
    trim_silence,
)
from packager.speech.kokoro.own_model import OwnModel, read_styles
from packager.speech.kokoro.phonemes import phonemes_of, require_known

SAMPLE_RATE = 24_000  # hertz


class KokoroEngine:
    """The model in one process. It is loaded when the first phonemes are spoken."""

    def __init__(
        self, model: Path, bounds: Mapping[str, DurationBounds], own: OwnModel | None = None, *, optimized: bool = False
    ) -> None:
        self._model = model
        self._optimized = optimized  # its graph is to be run as it is written
        self._bounds = bounds  # by the voice's name
        self._own = own  # None: the installed model

    def prepare(self, text: str, readings: Sequence[Pronunciation] = ()) -> str:
        """The phonemes of `text`."""
        if self._own is None:
            return phonemes_of(text, readings)
        return phonemes_of(text, readings, front_end=self._own.front_end, vocabulary=self._own.vocabulary.keys())

    def load(self) -> None:
        """Load the model; see `Engine.load`."""
        self._kokoro  # noqa: B018 - reading it loads it

    def close(self) -> None:
        """See `Engine.close`."""

    def speak(self, prepared: str, voice: str, *, text: str, characters: int) -> Clip:
        """The speech of the phonemes `prepared`, at 24 kHz; see `Engine.speak`."""
        require_known(prepared, self._kokoro.tokenizer.vocab.keys(), text)
        clip, reason = self._speak_pieces([prepared], voice, text, characters)
        if reason is not None:
            # The model is deterministic: the same input would give the same sound, two halves give another.
            clip, reason = self._speak_pieces(_halves(prepared), voice, text, characters)
        if reason is not None:
            raise SpeechError(
                _("“{text}” is not spoken right by {voice} ({reason}); reword it or change the voice").format(
                    text=text, voice=voice, reason=reason
                )
            )
        return clip

    def _speak_pieces(self, pieces: Sequence[str], voice: str, text: str, characters: int) -> tuple[Clip, str | None]:
        """The clip of phonemes spoken piece by piece, and its defect, if it has one."""
        sounds = [self._infer(piece, voice) for piece in pieces]
        samples = limit_peak(join_pieces([trim_silence(sound, SAMPLE_RATE) for sound in sounds], SAMPLE_RATE))
        evidence = replace(
            measure_evidence(samples, SAMPLE_RATE, characters=characters, phonemes=sum(map(len, pieces))),
            clipped=sum(map(clipped_samples, sounds)),
            again=int(len(pieces) > 1),
            pieces=len(pieces),
        )
        return Clip(samples, SAMPLE_RATE, evidence), find_defect(evidence, text, self._bounds.get(voice))

    def _infer(self, phonemes: str, voice: str) -> Samples:
        if voice not in self._styles and self._own is not None:
            self._styles[voice] = read_styles(self._own, voice)
        samples, _rate = self._kokoro.create(phonemes, self._styles[voice], is_phonemes=True)
        return np.asarray(samples, dtype=np.float32)

    @cached_property
    def _kokoro(self) -> Any:
        import onnxruntime
        from kokoro_onnx import Kokoro

        try:
            session = onnxruntime.InferenceSession(
                str(self._model), _session_options(optimized=self._optimized), providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime has no base class for its own
            raise SpeechError(
                _("{path} is not a model that can be loaded: {reason}").format(
                    path=self._model, reason=str(error).splitlines()[0]
                )
            ) from error
        with resources.as_file(_styles_file()) as path:
            vocabulary = {"vocab": dict(self._own.vocabulary)} if self._own else None
            kokoro = Kokoro.from_session(session, str(path), vocab_config=vocabulary)
        kokoro.sess = _ReleasingSession(session)
        return kokoro

    @cached_property
    def _styles(self) -> dict[str, Samples]:
        """Style vectors by voice, each of shape (510, 1, 256): a row for each count of phonemes."""
        if self._own is not None:
            return {}  # each is read when it speaks first
        with resources.as_file(_styles_file()) as path, np.load(path) as styles:
            return {name: styles[name].astype(np.float32) for name in styles}


def _session_options(*, optimized: bool) -> Any:
    """One thread, little memory."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    if optimized:  # halves the time to load; onnxruntime would also change the order of sums, and so the speech
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    # One process for each core, with one thread each, is faster than one process with as many threads.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # Memory patterns are kept for every input length: 150 MB more after a few sentences.
    options.enable_mem_pattern = False
    options.log_severity_level = 4  # errors are exceptions; warnings do not concern users
    return options


class _ReleasingSession:
    """An onnxruntime session that shrinks its memory arena after each run.

    The arena grows by 30 MB per second of speech and does not shrink by itself. Shrinking saves 50 MB at the
    peak and 250 MB between runs, and costs no time.
    """

    def __init__(self, session: Any) -> None:
        import onnxruntime

        self._session = session
        self._options = onnxruntime.RunOptions()
        self._options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")

    def run(self, outputs: Any, inputs: Any) -> Any:
        """As `InferenceSession.run`, then shrink the arena."""
        return self._session.run(outputs, inputs, self._options)


def _styles_file() -> Any:
    return resources.files("packager") / "speech" / "kokoro" / "voices.npz"


def _halves(phonemes: str) -> list[str]:
    """`phonemes` in two at the mark, or else the gap, nearest the middle; in one if it has neither."""
    middle = len(phonemes) / 2
    for marks in ([",", ";", ":", ".", "!", "?", "…"], [" "]):
        cuts = [place + 1 for place, phoneme in enumerate(phonemes[:-2]) if phoneme in marks and place > 1]
        if cuts:
            cut = min(cuts, key=lambda place: abs(place - middle))
            return [phonemes[:cut].strip(), phonemes[cut:].strip()]
    return [phonemes]
