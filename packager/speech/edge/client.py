"""One exchange with the online speech service: what it answered, or why it did not. Judges no answer.

The library's splitter, its synchronous interface and its time limits are not used: it takes a connection that
was dropped for a whole answer, and waits without end for one that stalls.
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
_LARGEST_ANSWER = 8 * 1024 * 1024  # bytes: twenty minutes of speech
_MOST_BOUNDARIES = 2000
_CLOSE_SECONDS = 1.0


class BoundaryKind(str, Enum):
    """What the service is asked to name: the library's words."""

    SENTENCE = "SentenceBoundary"
    WORD = "WordBoundary"


@dataclass(frozen=True)
class Boundary:
    """A piece of the text that the service says it spoke, and when, in seconds; 0 and 0: unknown."""

    start: float
    seconds: float
    text: str


@dataclass(frozen=True)
class Answer:
    """All that came back before the turn or the connection ended."""

    audio: bytes  # MP3
    boundaries: tuple[Boundary, ...]
    ended: bool  # the service said that the turn ended


class ServiceErrorKind(str, Enum):
    """Why there is no answer."""

    UNREACHABLE = "unreachable"  # no connection came about
    REFUSED = "refused"  # the service, or a proxy, answered with an HTTP status
    BROKEN = "broken"  # a connection that brought nothing, nonsense, or stopped


@dataclass(frozen=True)
class Failure:
    """An exchange that came to nothing. `reason` is for people."""

    trouble: ServiceErrorKind
    reason: str
    status: int = 0  # HTTP
    wait: float = 0.0  # seconds that the service asks to wait
    clock_off: float | None = None  # seconds that this computer's clock is ahead, by the service's own


@dataclass(frozen=True)
class TimeLimits:
    """How long one exchange may take, in seconds: a piece of 56 characters comes in two or three."""

    connect: int = _CONNECT_SECONDS
    idle: float = _IDLE_SECONDS
    whole: float = 15.0
    character: float = 0.25

    def deadline(self, text: str) -> float:
        """For the whole exchange."""
        return self.whole + self.character * len(text)


@dataclass
class _Received:
    audio: bytearray = field(default_factory=bytearray)
    boundaries: list[Boundary] = field(default_factory=list)


async def exchange(
    text: str, voice: str, *, names: BoundaryKind, limits: TimeLimits, clock: Callable[[], float]
) -> Answer | Failure:
    """Ask the service for the speech of `text` over a connection of its own.

    `clock` gives the Unix time. Raises SpeechError for a proxy setting that can't be used.
    """
    import aiohttp
    import edge_tts

    proxy = proxy_for(urlsplit(edge_tts.communicate.WSS_URL).hostname or "")
    connector = aiohttp.TCPConnector(limit=1)  # its own, so that it can be cut off
    speech = edge_tts.Communicate(
        text,
        voice,
        boundary=names.value,
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
        # Cut off, not closed: closing waits for the service's farewell, and a stalled one says none.
        await connector.close()
        task.cancel()
        await asyncio.wait({task}, timeout=_CLOSE_SECONDS)
        if task.done() and not task.cancelled():
            task.exception()  # asked for, or it would be printed
    # This is set when the turn ends and at no other time; what goes wrong after it does no harm.
    ended = speech.state["offset_compensation"] > 0
    if problem is None or ended:
        return Answer(bytes(received.audio), tuple(received.boundaries), ended)
    return failure_of(problem, now=clock(), proxy=proxy)


async def _receive(speech: Any, received: _Received, idle: float) -> None:
    """Take what comes until the turn or the connection ends."""
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
            if len(received.audio) > _LARGEST_ANSWER or len(received.boundaries) > _MOST_BOUNDARIES:
                raise ValueError("more than any text can come to")
    finally:
        await stream.aclose()


def proxy_for(host: str) -> str | None:
    """The proxy for a host by HTTPS_PROXY, ALL_PROXY and NO_PROXY, or by the system's settings.

    aiohttp itself knows none for addresses that begin with wss. Raises SpeechError for a SOCKS proxy.
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
    """What an exception of the library or of a network layer below it comes to."""
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
    # Whatever a frame of nonsense makes the library's parser stumble over.
    return Failure(
        ServiceErrorKind.BROKEN,
        _("the service answered with nonsense ({reason})").format(reason=_plain(problem)),
    )


def _chain(problem: BaseException | None) -> Iterator[BaseException]:
    """The exception and those before it.

    After a refusal for the hour the library sets its clock by the service's and asks again at once, over the
    connection that it has closed: what it stumbles over then is not the reason.
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
        wait=_seconds(headers.get("Retry-After", "")),
        clock_off=_clock_off(headers.get("Date", ""), now),
    )


def _seconds(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0.0


def _clock_off(date: str, now: float) -> float | None:
    try:
        return now - parsedate_to_datetime(date).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None


def _plain(problem: BaseException) -> str:
    system = getattr(problem, "os_error", None)  # behind an address and the like, which helps nobody
    if system is not None:
        return _printable(f"{getattr(problem, 'host', '')}: {reason_of(system)}")
    return _printable(str(problem) or type(problem).__name__)


def _printable(text: str) -> str:
    """A line of what somebody else said, harmless on a terminal."""
    return "".join(c if c.isprintable() else " " for c in text)[:200].strip()
