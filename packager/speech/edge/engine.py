"""The online engine: voices of the Edge browser's read-aloud service, through edge-tts.

An answer counts only if `completeness` and `evidence.find_defect` find nothing wrong. A piece of text that does
not arrive complete is requested again with backoff, then in two halves, then it is an error.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random

from packager.base.errors import SpeechError
from packager.base.i18n.language import _
from packager.base.pronunciation import Pronunciation
from packager.speech.clip import Clip, Samples
from packager.speech.edge.client import BoundaryKind, Failure, ServiceErrorKind, TimeLimits
from packager.speech.edge.completeness import SAMPLE_RATE, CompleteSpeech, check_answer
from packager.speech.edge.event_loop import EdgeEventLoop
from packager.speech.edge.retry import CircuitBreaker, RetryPolicy
from packager.speech.evidence import (
    clipped_samples,
    find_defect,
    join_pieces,
    limit_peak,
    measure_evidence,
    trim_silence,
)
from packager.speech.text_split import CLAUSE_ENDS, SENTENCE_ENDS, split_in_half
from packager.textnorm.zh.characters import spoken_characters
from packager.textnorm.zh.homophones import respelled

EDGE_VERSION = 2  # raise it when the requests for a text change: clips of the old version are then spoken again
MAX_REQUEST = 300  # characters: the service cuts off after about ten minutes of speech
OFFLINE_VOICE = "kokoro:zf_xiaobei"  # recommended when there is no network

_MAX_HALVINGS = 2
_MAX_CLOCK_OFFSET = 240.0  # seconds: the service accepts a token for five minutes


@dataclass(frozen=True)
class _SpokenPiece:
    """A piece of text that arrived complete."""

    sounds: tuple[Samples, ...]
    covered: int = 0
    repeats: int = 0


class EdgeEngine:
    """The service, for any number of threads."""

    def __init__(
        self,
        limits: TimeLimits | None = None,
        retry: RetryPolicy | None = None,
        *,
        refusals: int = 12,
        clock: Callable[[], float] = time.time,
        random: Random | None = None,
    ) -> None:
        self._retry = retry or RetryPolicy()
        self._random = random or Random()
        self._loop = EdgeEventLoop(limits or TimeLimits(), clock)
        self._breaker = CircuitBreaker(refusals=refusals)

    def prepare(self, text: str, readings: Sequence[Pronunciation] = ()) -> str:
        """`text` with homophones where it would be misread. Raises SpeechError if nothing in it is audible."""
        if not spoken_characters(text):
            raise SpeechError(_("“{text}” has nothing in it that can be said").format(text=text))
        return respelled(text, readings)

    def load(self) -> None:
        """Import edge-tts, which takes half a second. Nothing is sent."""
        import edge_tts  # noqa: F401

    def speak(self, prepared: str, voice: str, *, text: str, characters: int) -> Clip:
        """The speech of `prepared`, at 24 kHz; see `Engine.speak`. Several threads may speak at once."""
        parts = [self._speak_piece(piece, voice, text) for piece in split_requests(prepared)]
        sounds = [trim_silence(sound, SAMPLE_RATE) for part in parts for sound in part.sounds]
        samples = limit_peak(join_pieces(sounds, SAMPLE_RATE))
        evidence = replace(
            measure_evidence(samples, SAMPLE_RATE, characters=characters, phonemes=0),
            covered=sum(part.covered for part in parts),
            again=sum(part.repeats for part in parts),
            pieces=len(sounds),
        )
        return Clip(samples, SAMPLE_RATE, evidence)

    def close(self) -> None:
        """See `Engine.close`."""
        self._loop.close()

    def _speak_piece(self, piece: str, voice: str, text: str, halvings: int = 0) -> _SpokenPiece:
        """The sound of `piece`, in two halves if it does not arrive complete in one."""
        attempts = max(self._retry.attempts >> halvings, 2)
        result = self._request(piece, voice, text, attempts)
        if isinstance(result, _SpokenPiece):
            return result
        halves = split_in_half(piece)
        if halvings >= _MAX_HALVINGS or len(halves) < 2:
            raise SpeechError(
                _(
                    "“{text}” does not come whole from {voice} ({reason}). What was spoken is kept: run the "
                    "same command again, reword the sentence, or choose another voice (packager voices)"
                ).format(text=text, voice=f"edge:{voice}", reason=result)
            )
        parts = [self._speak_piece(half, voice, text, halvings + 1) for half in halves]
        return _SpokenPiece(
            sounds=tuple(sound for part in parts for sound in part.sounds),
            covered=sum(part.covered for part in parts),
            repeats=attempts + sum(part.repeats for part in parts),
        )

    def _request(self, piece: str, voice: str, text: str, attempts: int) -> _SpokenPiece | str:
        """The sound of `piece`, requested until it is complete; or the last defect."""
        boundaries = BoundaryKind.SENTENCE
        reason = ""
        for attempt in range(1, attempts + 1):
            self._require_closed_breaker(voice, text)
            answer = self._loop.request(piece, voice, boundaries)
            retry_after = 0.0
            if isinstance(answer, Failure):
                self._count(answer)
                self._require_closed_breaker(voice, text)
                if attempt == attempts and answer.kind is not ServiceErrorKind.BROKEN:
                    raise _service_error(answer, voice, text)
                reason, retry_after = answer.reason, answer.retry_after
            else:
                self._breaker.record_answer()
                speech = check_answer(answer, piece)
                if isinstance(speech, CompleteSpeech):
                    reason = _find_defect(speech, piece) or ""
                    if not reason:
                        return _SpokenPiece((speech.samples,), speech.covered, attempt - 1)
                else:
                    reason = speech
                # The service may report text as words that it does not report as a sentence.
                boundaries = BoundaryKind.WORD if boundaries is BoundaryKind.SENTENCE else BoundaryKind.SENTENCE
            if attempt < attempts:
                self._loop.wait(self._retry.wait(attempt, self._random, retry_after))
        return reason

    def _count(self, failure: Failure) -> None:
        if failure.kind is ServiceErrorKind.BROKEN:
            self._breaker.record_answer()
        else:
            self._breaker.record_failure(failure)

    def _require_closed_breaker(self, voice: str, text: str) -> None:
        if self._breaker.opened_by is not None:
            raise _service_error(self._breaker.opened_by, voice, text)


def split_requests(text: str) -> list[str]:
    """`text` in pieces of at most MAX_REQUEST characters, cut after sentences or clauses if possible."""
    if len(text) <= MAX_REQUEST:
        return [text]
    head = text[:MAX_REQUEST]
    for marks in (SENTENCE_ENDS, CLAUSE_ENDS, " "):
        cut = max(head.rfind(mark) for mark in marks) + 1
        if cut > 0 and spoken_characters(head[:cut]) and spoken_characters(text[cut:]):
            return [text[:cut], *split_requests(text[cut:])]
    return [head, *split_requests(text[MAX_REQUEST:])]


def _find_defect(speech: CompleteSpeech, piece: str) -> str | None:
    """The defect in the samples of one answer."""
    samples = trim_silence(speech.samples, SAMPLE_RATE)
    evidence = measure_evidence(samples, SAMPLE_RATE, characters=spoken_characters(piece), phonemes=0)
    return find_defect(replace(evidence, clipped=clipped_samples(speech.samples)), piece)


def _service_error(failure: Failure, voice: str, text: str) -> SpeechError:
    """The error if the service is not reached or refuses, whatever the sentence."""
    return SpeechError(
        _(
            "“{text}” could not be spoken by the online voice {voice}: {reason}. {advice} What was spoken is "
            "kept. A voice that needs no network: --voice {offline}, or `fallback: {offline}` in the playlist"
        ).format(
            text=text, voice=f"edge:{voice}", reason=failure.reason, advice=_advice(failure), offline=OFFLINE_VOICE
        )
    )


def _advice(failure: Failure) -> str:
    if failure.kind is ServiceErrorKind.UNREACHABLE:
        return _("Check the network, and HTTPS_PROXY if you need a proxy, then run the same command again.")
    if failure.status == 403:
        offset = failure.clock_offset
        if offset is not None and abs(offset) > _MAX_CLOCK_OFFSET:
            direction = _("ahead") if offset > 0 else _("behind")
            return _(
                "This computer's clock is {offset} {direction} by the service's own, which takes no request "
                "from a wrong clock: set it, then run the same command again."
            ).format(offset=_duration(abs(offset)), direction=direction)
        return _("A newer version may be let in: pip install --upgrade edge-tts")
    if failure.status in (429, 503):
        return _("It has too much to do: run the same command again later.")
    return _("Run the same command again later.")


def _duration(seconds: float) -> str:
    """A duration in the unit that fits it."""
    if seconds < 2 * 3600:
        return _("{n} minutes").format(n=round(seconds / 60))
    if seconds < 2 * 86_400:
        return _("{n} hours").format(n=round(seconds / 3600))
    return _("{n} days").format(n=round(seconds / 86_400))
