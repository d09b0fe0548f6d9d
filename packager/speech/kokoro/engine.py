"""The offline engine: Kokoro-82M through kokoro-onnx, one inference thread a process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from packager.base.errors import SpeechError
from packager.base.i18n.language import _
from packager.speech.clip import Clip, Samples
from packager.speech.duration_bounds import band_of
from packager.speech.evidence import clipped_samples, doubt, evidence_of, held, joined, trimmed
from packager.speech.kokoro.phonemes import phonemes_of, require_known
from packager.textnorm.chunk import Pronunciation

SAMPLE_RATE = 24_000  # hertz


class KokoroEngine:
    """The model in one process; it is loaded when the first phonemes are spoken."""

    def __init__(self, model: Path, fingerprint: str) -> None:
        self._model = model
        self._fingerprint = fingerprint

    @property
    def fingerprint(self) -> str:
        """Versions of kokoro-onnx and misaki, and the model's hash."""
        return self._fingerprint

    def prepare(self, text: str, readings: Sequence[Pronunciation] = ()) -> str:
        """The phonemes of `text`."""
        return phonemes_of(text, readings)

    def load(self) -> None:
        """Load the model; see `Engine.load`."""
        self._kokoro  # noqa: B018 - reading it loads it

    def speak(self, prepared: str, voice: str, *, text: str, spoken: int) -> Clip:
        """The speech of the phonemes `prepared`, at 24 kHz; see `Engine.speak`."""
        require_known(prepared, self._kokoro.tokenizer.vocab.keys(), text)
        clip, reason = self._spoken([prepared], voice, text, spoken)
        if reason is not None:
            # The model is deterministic: the same again would sound the same. In two pieces it does not.
            clip, reason = self._spoken(_halves(prepared), voice, text, spoken)
        if reason is not None:
            raise SpeechError(
                _("“{text}” is not spoken right by {voice} ({reason}); reword it or change the voice").format(
                    text=text, voice=voice, reason=reason
                )
            )
        return clip

    def _spoken(self, pieces: Sequence[str], voice: str, text: str, spoken: int) -> tuple[Clip, str | None]:
        """The clip of phonemes that are spoken piece by piece, and what speaks against it."""
        sounds = [self._sound(piece, voice) for piece in pieces]
        samples = held(joined([trimmed(sound, SAMPLE_RATE) for sound in sounds], SAMPLE_RATE))
        evidence = replace(
            evidence_of(samples, SAMPLE_RATE, spoken=spoken, phonemes=sum(map(len, pieces))),
            clipped=sum(map(clipped_samples, sounds)),
            again=int(len(pieces) > 1),
            pieces=len(pieces),
        )
        return Clip(samples, SAMPLE_RATE, evidence), doubt(evidence, text, band_of(f"kokoro:{voice}"))

    def _sound(self, phonemes: str, voice: str) -> Samples:
        samples, _rate = self._kokoro.create(phonemes, self._styles[voice], is_phonemes=True)
        return np.asarray(samples, dtype=np.float32)

    @cached_property
    def _kokoro(self) -> Any:
        import onnxruntime
        from kokoro_onnx import Kokoro

        try:
            session = onnxruntime.InferenceSession(
                str(self._model), _session_options(), providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime has no root of its own for them
            raise SpeechError(
                _("{path} is not a model that can be loaded: {reason}").format(
                    path=self._model, reason=str(error).splitlines()[0]
                )
            ) from error
        with resources.as_file(_styles_file()) as path:
            kokoro = Kokoro.from_session(session, str(path))
        kokoro.sess = _ReleasingSession(session)
        return kokoro

    @cached_property
    def _styles(self) -> dict[str, Samples]:
        """Style vectors by voice, each of shape (510, 1, 256): a row for each count of phonemes."""
        with resources.as_file(_styles_file()) as path, np.load(path) as styles:
            return {name: styles[name].astype(np.float32) for name in styles}


def _session_options() -> Any:
    """How the model is run: on one thread, and in as little memory as can be."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # A process a core, with a thread each, speaks faster than one process with as many threads.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # A memory pattern is kept for every length of text that comes by: 150 MB more after a few sentences.
    options.enable_mem_pattern = False
    options.log_severity_level = 4  # it is an exception, or it is nothing for a volunteer
    return options


class _ReleasingSession:
    """An onnxruntime session that gives memory back after each run.

    It takes 30 MB for each second of speech and would keep what the longest text took, in pieces that do not
    fit the next: 50 MB more at the peak, 250 MB in between, for no time won.
    """

    def __init__(self, session: Any) -> None:
        import onnxruntime

        self._session = session
        self._options = onnxruntime.RunOptions()
        self._options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")

    def run(self, outputs: Any, inputs: Any) -> Any:
        """As `InferenceSession.run`, with the run options that give memory back."""
        return self._session.run(outputs, inputs, self._options)


def _styles_file() -> Any:
    return resources.files("packager") / "speech" / "voices" / "kokoro-zh.npz"


def _halves(phonemes: str) -> list[str]:
    """`phonemes` in two at the mark, or else the gap, nearest the middle; in one piece without either."""
    middle = len(phonemes) / 2
    for marks in ([",", ";", ":", ".", "!", "?", "…"], [" "]):
        cuts = [place + 1 for place, phoneme in enumerate(phonemes[:-2]) if phoneme in marks and place > 1]
        if cuts:
            cut = min(cuts, key=lambda place: abs(place - middle))
            return [phonemes[:cut].strip(), phonemes[cut:].strip()]
    return [phonemes]
