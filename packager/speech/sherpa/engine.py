"""The sherpa engine: checks the text against the model's lexicon, speaks, and checks that the speech is complete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from packager.base.errors import SpeechError
from packager.base.i18n.language import _
from packager.base.pronunciation import Pronunciation
from packager.speech.clip import Clip
from packager.speech.duration_bounds import DurationBounds
from packager.speech.evidence import (
    clipped_samples,
    find_defect,
    join_pieces,
    limit_peak,
    measure_evidence,
    trim_silence,
)
from packager.speech.sherpa.model_folder import ModelFolder
from packager.speech.sherpa.process import SherpaProcess
from packager.speech.text_split import split_in_half
from packager.textnorm.zh.homophones import respelled


class SherpaEngine:
    """All speakers of the model in one folder."""

    def __init__(self, folder: ModelFolder, bounds: Mapping[str, DurationBounds]) -> None:
        self._folder = folder
        self._bounds = bounds  # by the voice's name
        self._process = SherpaProcess(folder)

    def prepare(self, text: str, readings: Sequence[Pronunciation] = ()) -> str:
        """`text` with homophones where it would be misread, as words of the lexicon.

        Raises SpeechError, with the sentence, for words that the lexicon lacks: sherpa-onnx would leave them out.
        """
        prepared, missing = self._folder.respell(respelled(text, readings, self._folder.words))
        if missing or not any(map(str.isalnum, prepared)):
            raise _left_out_error(text, missing)
        return prepared

    def load(self) -> None:
        """See `Engine.load`."""
        self._process.load()

    def close(self) -> None:
        """See `Engine.close`."""
        self._process.close()

    def speak(self, prepared: str, voice: str, *, text: str, characters: int) -> Clip:
        """The speech of `prepared`, at the model's sample rate; see `Engine.speak`."""
        reason = None
        # Most models have a random element: the same text again sounds different.
        for repeats, pieces in enumerate(([prepared], [prepared], split_in_half(prepared))):
            clip = self._speak_pieces(pieces, voice, text, characters)
            reason = find_defect(clip.evidence, text, self._bounds.get(voice))
            if reason is None:
                return replace(clip, evidence=replace(clip.evidence, again=repeats))
        raise SpeechError(
            _("“{text}” is not spoken right by {voice} ({reason}); reword it or change the voice").format(
                text=text, voice=f"sherpa:{voice}", reason=reason
            )
        )

    def _speak_pieces(self, pieces: Sequence[str], voice: str, text: str, characters: int) -> Clip:
        _path, speaker = split_voice_name(voice)
        sounds = []
        for piece in pieces:
            samples, sample_rate, left_out = self._process.generate(piece, speaker)
            if left_out:
                raise _left_out_error(text, left_out)
            sounds.append(samples)
        samples = limit_peak(join_pieces([trim_silence(sound, sample_rate) for sound in sounds], sample_rate))
        evidence = replace(
            measure_evidence(samples, sample_rate, characters=characters, phonemes=0),
            clipped=sum(map(clipped_samples, sounds)),
            pieces=len(pieces),
        )
        return Clip(samples, sample_rate, evidence)


def split_voice_name(name: str) -> tuple[str, int]:
    """Path and speaker of a voice's name, as `models/vits#3`; the speaker is 0 if the name has none."""
    path, mark, speaker = name.rpartition("#")
    return (path, int(speaker)) if mark and speaker.isascii() and speaker.isdigit() else (name, 0)


def _left_out_error(text: str, words: Sequence[str]) -> SpeechError:
    return SpeechError(
        _("“{text}” can't be spoken: the voice has no sound for {unknown}; write it another way").format(
            text=text, unknown=" ".join(words) or _("any of it")
        )
    )
