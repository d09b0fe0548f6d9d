"""Client of the online speech service: one exchange over a WebSocket, and why it failed. Does not judge answers.

The splitter, the synchronous interface and the time limits of edge-tts are not used: they accept a dropped
connection as a complete answer, and wait forever for a stalled one.
"""

from __future__ import annotations

import asyncio
import math
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

from packager.base.errors import SpeechError
from packager.base.i18n.language import _, reason_of

_TICKS = 10_000_000  # of the service's clock, a second
_CONNECT_SECONDS = 10
_IDLE_SECONDS = 10.0  # without a frame: the service sends several a second
_MAX_ANSWER = 8 * 1024 * 1024  # bytes: twenty minutes of speech
_MAX_BOUNDARIES = 2000
_CLOSE_SECONDS = 1.0


class BoundaryKind(str, Enum):
    """What the service reports as spoken; the values are those of edge-tts."""

    SENTENCE = "SentenceBoundary"
    WORD = "WordBoundary"


@dataclass(frozen=True)
class Boundary:
    """A piece of text that the service reports as spoken, and when, in seconds; 0 and 0: unknown."""

    start: float
    seconds: float
    text: str


@dataclass(frozen=True)
class Answer:
    """Everything received before the turn or the connection ended."""

    audio: bytes  # MP3
    boundaries: tuple[Boundary, ...]
    ended: bool  # the service reported the end of the turn


class ServiceErrorKind(str, Enum):
    """Why there is no answer."""

    UNREACHABLE = "unreachable"  # no connection
    REFUSED = "refused"  # the service, or a proxy, answered with an HTTP status
    BROKEN = "broken"  # the connection brought nothing or nonsense, or stopped


@dataclass(frozen=True)
class Failure:
    """A failed exchange. `reason` is for people."""

    kind: ServiceErrorKind
    reason: str
    status: int = 0  # HTTP
    retry_after: float = 0.0  # seconds that the service asks to wait
    clock_offset: float | None = None  # seconds that this computer's clock is ahead of the service's


@dataclass(frozen=True)
class TimeLimits:
    """Time limits of one exchange, in seconds. A piece of 56 characters takes two or three."""

    connect: int = _CONNECT_SECONDS
    idle: float = _IDLE_SECONDS
    whole: float = 15.0
    character: float = 0.25

    def deadline(self, text: str) -> float:
        """Seconds for the whole exchange."""
        return self.whole + self.character * len(text)


@dataclass
class _Received:
    audio: bytearray = field(default_factory=bytearray)
    boundaries: list[Boundary] = field(default_factory=list)


async def exchange(
    text: str, voice: str, *, boundaries: BoundaryKind, limits: TimeLimits, clock: Callable[[], float]
) -> Answer | Failure:
    """Request the speech of `text` over a new connection.

    `clock` gives the Unix time. Raises SpeechError for an unusable proxy setting.
    """
    import aiohttp
    import edge_tts

    proxy = proxy_for(urlsplit(edge_tts.communicate.WSS_URL).hostname or "")
    connector = aiohttp.TCPConnector(limit=1)  # not shared, so that it can be closed at once
    speech = edge_tts.Communicate(
        text,
        voice,
        boundary=boundaries.value,
        connector=connector,
        proxy=proxy,
        connect_timeout=limits.connect,
        receive_timeout=math.ceil(limits.deadline(text)),
    )
    received = _Received()
    task = asyncio.ensure_future(_receive(speech, received, limits.idle))
    try:
        done, _waiting = await asyncio.wait({task}, timeout=limits.deadline(text))
        problem = task.exception() if done else asyncio.TimeoutError()
    finally:
        # The connector, not the WebSocket: that would wait for a closing frame that a stalled service never sends.
        await connector.close()
        task.cancel()
        await asyncio.wait({task}, timeout=_CLOSE_SECONDS)
        if task.done() and not task.cancelled():
            task.exception()  # retrieved, or asyncio would print it
    # edge-tts sets this at the end of the turn only; later errors are harmless.
    ended = speech.state["offset_compensation"] > 0
    if problem is None or ended:
        return Answer(bytes(received.audio), tuple(received.boundaries), ended)
    return failure_of(problem, now=clock(), proxy=proxy)


async def _receive(speech: Any, received: _Received, idle: float) -> None:
    """Receive until the turn or the connection ends."""
    stream = speech.stream()
    try:
        while True:
            try:
                piece = await asyncio.wait_for(stream.__anext__(), idle)
            except StopAsyncIteration:
                return
            if piece["type"] == "audio":
                received.audio += piece["data"]
            else:
                start, seconds = float(piece["offset"]) / _TICKS, float(piece["duration"]) / _TICKS
                received.boundaries.append(Boundary(start, seconds, str(piece["text"])))
            if len(received.audio) > _MAX_ANSWER or len(received.boundaries) > _MAX_BOUNDARIES:
                raise ValueError("larger than any text's speech")
    finally:
        await stream.aclose()


def proxy_for(host: str) -> str | None:
    """The proxy for a host from HTTPS_PROXY, ALL_PROXY and NO_PROXY, or from the system's settings.

    aiohttp itself uses none for wss:// addresses. Raises SpeechError for a SOCKS proxy.
    """
    settings = urllib.request.getproxies()
    proxy = settings.get("https") or settings.get("all")
    if not proxy or urllib.request.proxy_bypass(host):
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    if urlsplit(proxy).scheme not in ("http", "https"):
        raise SpeechError(
            _(
                "the online voices can't go through the proxy {proxy}; set HTTPS_PROXY to one that begins "
                "with http://, or choose a voice that needs no network (packager voices)"
            ).format(proxy=_without_password(proxy))
        )
    return proxy


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def failure_of(problem: BaseException, *, now: float, proxy: str | None) -> Failure:
    """The failure for an exception of edge-tts or of the network layers below it."""
    import aiohttp
    import edge_tts

    refusal = next((each for each in _chain(problem) if isinstance(each, aiohttp.ClientResponseError)), None)
    if refusal is not None:
        return _refusal(refusal, now, proxy)
    if isinstance(problem, edge_tts.exceptions.NoAudioReceived):
        return Failure(ServiceErrorKind.BROKEN, _("no sound came"))
    if isinstance(problem, (aiohttp.ClientConnectorError, aiohttp.ServerTimeoutError)):
        reason = _("no connection")
        if isinstance(problem, aiohttp.ClientProxyConnectionError) and proxy:
            reason = _("the proxy {proxy} does not answer").format(proxy=_without_password(proxy))
        return Failure(ServiceErrorKind.UNREACHABLE, f"{reason} ({_plain(problem)})")
    if isinstance(problem, (asyncio.TimeoutError, TimeoutError)):
        return Failure(ServiceErrorKind.BROKEN, _("the service stopped answering"))
    if isinstance(problem, (aiohttp.ClientError, OSError)):
        return Failure(ServiceErrorKind.BROKEN, _("the connection broke ({reason})").format(reason=_plain(problem)))
    # Anything that a malformed frame raises in the parser of edge-tts.
    return Failure(
        ServiceErrorKind.BROKEN, _("the service answered with nonsense ({reason})").format(reason=_plain(problem))
    )


def _chain(problem: BaseException | None) -> Iterator[BaseException]:
    """The exception and its causes.

    After a refusal for a wrong clock, edge-tts corrects its clock and requests again over the connection that
    it has closed: the resulting exception is not the reason.
    """
    while problem is not None:
        yield problem
        problem = problem.__cause__ or problem.__context__


def _refusal(error: Any, now: float, proxy: str | None) -> Failure:
    headers = error.headers or {}
    reason = _("the service refuses: {status} {message}").format(status=error.status, message=_printable(error.message))
    if proxy and (error.status == 407 or type(error).__name__ == "ClientHttpProxyError"):
        reason = _("the proxy {proxy} refuses: {status}").format(proxy=_without_password(proxy), status=error.status)
    return Failure(
        ServiceErrorKind.REFUSED,
        reason,
        status=error.status,
        retry_after=_seconds(headers.get("Retry-After", "")),
        clock_offset=_clock_offset(headers.get("Date", ""), now),
    )


def _seconds(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0.0


def _clock_offset(date: str, now: float) -> float | None:
    try:
        return now - parsedate_to_datetime(date).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None


def _plain(problem: BaseException) -> str:
    system = getattr(problem, "os_error", None)  # more useful than the address around it
    if system is not None:
        return _printable(f"{getattr(problem, 'host', '')}: {reason_of(system)}")
    return _printable(str(problem) or type(problem).__name__)


def _printable(text: str) -> str:
    """A line of foreign text, safe to print on a terminal."""
    return "".join(c if c.isprintable() else " " for c in text)[:200].strip()
