"""The online engine: voices of the Edge browser's read-aloud service, through edge-tts.

An answer counts only when nothing is amiss with it (`edge_answer`, `evidence.doubt`). A piece of text that
does not come whole is asked for again, after growing waits; then in two pieces; then it is an error.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from packager.base.errors import SpeechError
from packager.base.i18n.language import _
from packager.speech.clip import Clip, Samples
from packager.speech.duration_bounds import band_of
from packager.speech.edge.client import BoundaryKind, Failure, ServiceErrorKind, TimeLimits
from packager.speech.edge.completeness import SAMPLE_RATE, CompleteSpeech, heard
from packager.speech.edge.event_loop import EdgeEventLoop
from packager.speech.edge.retry import CircuitBreaker, RetryPolicy
from packager.speech.edge.voices import EDGE
from packager.speech.evidence import clipped_samples, doubt, evidence_of, held, joined, trimmed
from packager.textnorm.chunk import Pronunciation
from packager.textnorm.zh.characters import spoken_characters
from packager.textnorm.zh.homophones import respelled

# The service tells no version of its model. To be raised when the same text would be asked otherwise.
EDGE_VERSION = 1
LONGEST = 300  # characters a request: after about ten minutes of speech the service cuts off
CONNECTIONS = 3  # at once: some tens are refused
# What to speak with when there is no network.
OFFLINE_VOICE = "kokoro:zf_xiaoyi"

_MOST_HALVINGS = 2
_LEAST_PIECE = 6  # characters
_CLOCK_MATTERS = 240.0  # seconds: the service takes a token for five minutes
_SENTENCE_ENDS, _CLAUSE_ENDS = "。！？；…", "，、：—"


@dataclass(frozen=True)
class EdgeSource:
    """How the online engine is opened."""

    limits: TimeLimits = field(default_factory=TimeLimits)
    patience: RetryPolicy = field(default_factory=RetryPolicy)
    connections: int = CONNECTIONS
    refusals: int = 12  # in a row, before the service is given up

    @property
    def fingerprint(self) -> str:
        """What decides the sound, as far as it is known here."""
        return f"edge read-aloud {EDGE_VERSION}"


@dataclass(frozen=True)
class _Piece:
    """A piece of text that was spoken whole."""

    sounds: tuple[Samples, ...]
    covered: int = 0
    again: int = 0


class EdgeEngine:
    """The service, for as many threads as connections are wanted."""

    def __init__(
        self,
        source: EdgeSource | None = None,
        *,
        clock: Callable[[], float] = time.time,
        random: Random | None = None,
    ) -> None:
        self.source = source or EdgeSource()
        self._clock = clock
        self._random = random or Random()
        self._line = EdgeEventLoop(self.source.limits, clock)
        self._breaker = CircuitBreaker(refusals=self.source.refusals)

    @property
    def fingerprint(self) -> str:
        """See `EdgeSource.fingerprint`."""
        return self.source.fingerprint

    def prepare(self, text: str, readings: Sequence[Pronunciation] = ()) -> str:
        """`text`, its words with fixed readings respelled. SpeechError when nothing in it can be heard."""
        if not spoken_characters(text):
            raise SpeechError(_("“{text}” has nothing in it that can be said").format(text=text))
        return respelled(text, readings)

    def load(self) -> None:
        """Import what is needed; nothing is sent."""
        import edge_tts  # noqa: F401 - half a second that the first clip need not wait for

    def speak(self, prepared: str, voice: str, *, text: str, spoken: int) -> Clip:
        """The speech of `prepared`, at 24 kHz; see `Engine.speak`. Several threads may speak at once."""
        parts = [self._whole(piece, voice, text) for piece in requests_of(prepared)]
        sounds = [trimmed(sound, SAMPLE_RATE) for part in parts for sound in part.sounds]
        samples = held(joined(sounds, SAMPLE_RATE))
        evidence = replace(
            evidence_of(samples, SAMPLE_RATE, spoken=spoken, phonemes=0),
            covered=sum(part.covered for part in parts),
            again=sum(part.again for part in parts),
            pieces=len(sounds),
        )
        return Clip(samples, SAMPLE_RATE, evidence)

    def close(self) -> None:
        """End what is being spoken. The engine can't be used afterwards."""
        self._line.close()

    def _whole(self, piece: str, voice: str, text: str, halvings: int = 0) -> _Piece:
        """The sound of `piece`, in two halves where it does not come whole in one."""
        attempts = max(self.source.patience.attempts >> halvings, 2)
        answer = self._asked(piece, voice, text, attempts)
        if isinstance(answer, _Piece):
            return answer
        halves = halves_of(piece)
        if halvings >= _MOST_HALVINGS or len(halves) < 2:
            raise SpeechError(
                _(
                    "“{text}” does not come whole from {voice} ({reason}). What was spoken is kept: run the "
                    "same command again, reword the sentence, or choose another voice (packager voices)"
                ).format(text=text, voice=f"{EDGE}:{voice}", reason=answer)
            )
        parts = [self._whole(half, voice, text, halvings + 1) for half in halves]
        return _Piece(
            sounds=tuple(sound for part in parts for sound in part.sounds),
            covered=sum(part.covered for part in parts),
            again=attempts + sum(part.again for part in parts),
        )

    def _asked(self, piece: str, voice: str, text: str, attempts: int) -> _Piece | str:
        """The sound of `piece`, asked for until it comes whole; or what was amiss the last time."""
        patience = self.source.patience
        names = BoundaryKind.SENTENCE
        reason = ""
        for attempt in range(1, attempts + 1):
            self._require_closed_breaker(voice, text)
            answer = self._line.ask(piece, voice, names)
            asked_to_wait = 0.0
            if isinstance(answer, Failure):
                self._count(answer)
                self._require_closed_breaker(voice, text)
                if attempt == attempts and answer.trouble is not ServiceErrorKind.BROKEN:
                    raise _given_up(answer, voice, text)
                reason, asked_to_wait = answer.reason, answer.wait
            else:
                self._breaker.reached()
                speech = heard(answer, piece)
                if isinstance(speech, CompleteSpeech):
                    reason = _doubt(speech, piece, voice) or ""
                    if not reason:
                        return _Piece((speech.samples,), speech.covered, attempt - 1)
                else:
                    reason = speech
                # What it calls no sentence the service does not name as one; as words it may.
                names = BoundaryKind.WORD if names is BoundaryKind.SENTENCE else BoundaryKind.SENTENCE
            if attempt < attempts:
                self._line.wait(patience.wait(attempt, self._random, asked_to_wait))
        return reason

    def _count(self, failure: Failure) -> None:
        if failure.trouble is ServiceErrorKind.BROKEN:
            self._breaker.reached()
        else:
            self._breaker.failed(failure)

    def _require_closed_breaker(self, voice: str, text: str) -> None:
        if self._breaker.opened_by is not None:
            raise _given_up(self._breaker.opened_by, voice, text)


def requests_of(text: str) -> list[str]:
    """`text` in pieces of at most LONGEST characters, cut at ends of sentences or clauses if it can be."""
    if len(text) <= LONGEST:
        return [text]
    head = text[:LONGEST]
    for marks in (_SENTENCE_ENDS, _CLAUSE_ENDS, " "):
        cut = max(head.rfind(mark) for mark in marks) + 1
        if cut > 0 and spoken_characters(head[:cut]) and spoken_characters(text[cut:]):
            return [text[:cut], *requests_of(text[cut:])]
    return [head, *requests_of(text[LONGEST:])]


def halves_of(text: str) -> list[str]:
    """`text` in two at the end of a sentence, else of a clause, nearest its middle; in one without either."""
    for marks in (_SENTENCE_ENDS, _CLAUSE_ENDS):
        cuts = [
            found.end()
            for found in re.finditer(f"[{marks}]+[”’）》]*", text)
            if spoken_characters(text[: found.end()]) and spoken_characters(text[found.end() :])
        ]
        if cuts and len(text) >= _LEAST_PIECE:
            cut = min(cuts, key=lambda place: abs(place - len(text) / 2))
            return [text[:cut], text[cut:]]
    return [text]


def _doubt(speech: CompleteSpeech, piece: str, voice: str) -> str | None:
    """What the samples of one answer say against it."""
    samples = trimmed(speech.samples, SAMPLE_RATE)
    evidence = evidence_of(samples, SAMPLE_RATE, spoken=spoken_characters(piece), phonemes=0)
    return doubt(replace(evidence, clipped=clipped_samples(speech.samples)), piece, band_of(f"{EDGE}:{voice}"))


def _given_up(failure: Failure, voice: str, text: str) -> SpeechError:
    """The error for a service that is not reached or refuses, whatever the sentence."""
    return SpeechError(
        _(
            "“{text}” could not be spoken by the online voice {voice}: {reason}. {advice} What was spoken is "
            "kept. A voice that needs no network: --voice {offline}, or `fallback: {offline}` in the playlist"
        ).format(
            text=text,
            voice=f"{EDGE}:{voice}",
            reason=failure.reason,
            advice=_advice(failure),
            offline=OFFLINE_VOICE,
        )
    )


def _advice(failure: Failure) -> str:
    if failure.trouble is ServiceErrorKind.UNREACHABLE:
        return _("Check the network, and HTTPS_PROXY if you need a proxy, then run the same command again.")
    if failure.status == 403:
        off = failure.clock_off
        if off is not None and abs(off) > _CLOCK_MATTERS:
            direction = _("ahead") if off > 0 else _("behind")
            return _(
                "This computer's clock is {offset} {direction} by the service's own, which takes no request "
                "from a wrong clock: set it, then run the same command again."
            ).format(offset=_span(abs(off)), direction=direction)
        return _("A newer version may be let in: pip install --upgrade edge-tts")
    if failure.status in (429, 503):
        return _("It has too much to do: run the same command again later.")
    return _("Run the same command again later.")


def _span(seconds: float) -> str:
    """A length of time in the unit that fits it."""
    if seconds < 2 * 3600:
        return _("{n} minutes").format(n=round(seconds / 60))
    if seconds < 2 * 86_400:
        return _("{n} hours").format(n=round(seconds / 3600))
    return _("{n} days").format(n=round(seconds / 86_400))
