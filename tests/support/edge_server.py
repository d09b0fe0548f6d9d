"""A server on loopback with the protocol of the online speech service: real MP3, and all its known faults.

The sound consists of whole 144-byte frames, encoded once. Each text has a duration of its own, so that a clip can
be checked against it. A fault is a word; the plan decides which fault a request gets.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import lru_cache
from random import Random
from types import TracebackType
from xml.sax.saxutils import escape, unescape

import imageio_ffmpeg
import numpy as np
from aiohttp import WSMsgType, web

RATE = 24_000
FRAME = 144  # bytes: 48 kilobits a second at 24 kHz
FRAME_SECONDS = 576 / RATE
HEAD_SECONDS = 0.12
TAIL_SECONDS = 0.84
_TICKS = 10_000_000

Plan = Callable[[str, int], str]  # the text, and how often it was asked for before: a fault, or nothing

# After these faults the client has no complete answer.
FAULTS = (
    "drop",  # the connection breaks in the middle of the sound
    "no turn.end",  # all of the sound, and a proper farewell, but no end of the turn
    "cut",  # the sound ends in the middle of the speech, the turn ends
    "cut in a frame",
    "nothing",  # the turn ends without a sound
    "another sentence",  # sound and boundaries of another text
    "boundaries of half",  # all of the sound, half of the text named
    "no boundaries",
    "doubled sound",
    "doubled boundaries",
    "garbage sound",
    "garbage in the sound",
    "garbage text",
    "garbage frame",
    "silence",
    "dead stretch",
    "403",
    "403 without a date",
    "429",
    "503",
)


def seconds_of(text: str) -> float:
    """The seconds of the speech of `text`, in whole frames: about 0.2 a character, different for each text."""
    heard = sum(map(str.isalnum, text))
    chance = hashlib.sha256(text.encode()).digest()[0] / 255
    return round(max(heard, 1) * (0.18 + 0.04 * chance) / FRAME_SECONDS) * FRAME_SECONDS


@lru_cache(maxsize=1)
def _frames() -> tuple[bytes, bytes]:
    """A minute of speech-like sound, and two seconds of silence, as frames that can be in any order."""
    at = np.arange(62 * RATE) / RATE
    pitch = 2 * np.pi * np.cumsum(150 + 30 * np.sin(2 * np.pi * 0.7 * at)) / RATE
    voice = sum(np.sin(k * pitch) / k for k in range(1, 12))
    sound = 0.25 * voice * (0.3 + 0.7 * np.abs(np.sin(np.pi * 2.5 * at)))
    pcm = [sound, np.zeros(3 * RATE)]
    spoken, silent = (_encoded((samples * 32767).astype("<i2").tobytes()) for samples in pcm)
    # The first frames hold the encoder's own delay.
    return spoken[4 * FRAME :], silent[4 * FRAME :]


def _encoded(pcm: bytes) -> bytes:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "s16le", "-ar", str(RATE), "-ac", "1"]
    command += ["-i", "-", "-c:a", "libmp3lame", "-b:a", "48k", "-reservoir", "0", "-write_xing", "0"]
    command += ["-id3v2_version", "0", "-f", "mp3", "-"]
    return subprocess.run(command, input=pcm, capture_output=True, check=True).stdout


def mp3_of(text: str) -> bytes:
    """Silence, the speech of `text`, and the silence that the service adds after it."""
    spoken, silent = _frames()
    head, tail = (round(seconds / FRAME_SECONDS) * FRAME for seconds in (HEAD_SECONDS, TAIL_SECONDS))
    return silent[:head] + spoken[: round(seconds_of(text) / FRAME_SECONDS) * FRAME] + silent[:tail]


@dataclass
class EdgeServer:
    """The service on a port of its own, in a thread; a context manager."""

    plan: Plan = lambda text, before: ""
    latency: float = 0.0  # seconds before each answer
    together: int = 0  # no answer before so many requests are under way at once
    seed: int = 1
    asked: list[str] = field(default_factory=list)  # every text, in the order of coming
    voices: list[str] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    skew: float = 0.0  # seconds that the service's clock differs

    def __post_init__(self) -> None:
        self._random = Random(self.seed)
        self._counts: Counter[str] = Counter()
        self.handshakes = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._release = asyncio.Event()
        self._enough = asyncio.Event()
        self.port = 0

    @property
    def url(self) -> str:
        """The value for `edge_tts.communicate.WSS_URL`."""
        return f"ws://127.0.0.1:{self.port}/edge/v1?TrustedClientToken=none"

    def __enter__(self) -> EdgeServer:
        _frames()
        threading.Thread(target=self._serve, daemon=True).start()
        assert self._ready.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._release.set)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._run())

    async def _run(self) -> None:
        app = web.Application()
        app.router.add_get("/edge/v1", self._answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, backlog=200)
        await site.start()
        self.port = runner.addresses[0][1]
        self._ready.set()
        await self._release.wait()
        await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return await self._exchange(request)
        except ConnectionError:  # the client has gone
            return web.Response()
        finally:
            self.at_once -= 1

    async def _exchange(self, request: web.Request) -> web.StreamResponse:
        self.handshakes += 1
        refusal = self.plan("", self.handshakes - 1)
        if refusal[:3].isdigit():
            return self._refusal(refusal)
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        config, ssml = await socket.receive(), await socket.receive()
        if config.type is not WSMsgType.TEXT or ssml.type is not WSMsgType.TEXT:
            return socket
        text, voice = _asked_for(ssml.data)
        fault = self.plan(text, self._counts[text]) or refusal
        self._counts[text] += 1
        self.asked.append(text)
        self.voices.append(voice)
        if self.at_once >= self.together:
            self._enough.set()
        await self._enough.wait()
        if self.latency:
            await asyncio.sleep(self.latency)
        kind = "WordBoundary" if '"wordBoundaryEnabled":"true"' in config.data else "SentenceBoundary"
        await self._speak(socket, request, text, fault, kind)
        return socket

    def _refusal(self, fault: str) -> web.Response:
        response = web.Response(status=int(fault[:3]), text="refused")
        if "without a date" in fault:
            response.headers["Date"] = ""
        else:
            response.headers["Date"] = formatdate(_now() + self.skew, usegmt=True)
        return response

    async def _speak(
        self, socket: web.WebSocketResponse, request: web.Request, text: str, fault: str, kind: str
    ) -> None:
        if fault == "garbage frame":
            await socket.send_bytes(self._random.randbytes(200))
        if fault == "garbage text":
            await socket.send_str("no header at all")
        await socket.send_str(_frame("turn.start", "{}"))
        await socket.send_str(_frame("response", "{}"))
        if fault == "stall":
            await self._stall(socket)
        for named in self._boundaries(text, fault, kind):
            await socket.send_str(_frame("audio.metadata", json.dumps({"Metadata": [named]})))
        sound = self._sound(text, fault)
        stop = self._random.randrange(len(sound)) if fault in ("drop", "stall in the middle") else None
        for place in range(0, len(sound), 720):
            if stop is not None and place + 720 > stop:
                if fault.startswith("stall"):
                    await self._stall(socket)
                if request.transport is not None:
                    request.transport.abort()
                return
            await socket.send_bytes(_audio(sound[place : place + 720]))
        await socket.send_bytes(_audio(b""))
        if fault != "no turn.end":
            await socket.send_str(_frame("turn.end", "{}"))
        if fault == "no farewell":
            await self._stall(socket)
        await socket.close()

    async def _stall(self, socket: web.WebSocketResponse) -> None:
        """Send nothing more until the client has gone, or the server goes."""
        gone, ended = (asyncio.ensure_future(each) for each in (socket.receive(), self._release.wait()))
        _done, waiting = await asyncio.wait({gone, ended}, return_when=asyncio.FIRST_COMPLETED)
        for each in waiting:
            each.cancel()

    def _boundaries(self, text: str, fault: str, kind: str) -> list[dict[str, object]]:
        if fault in ("no boundaries", "nothing"):
            return []
        if fault == "another sentence":
            text = _other(text)
        if fault == "boundaries of half":
            text = text[: len(text) // 2]
        start = HEAD_SECONDS
        named = []
        pattern = r"[^。！？]*[。！？]*" if kind == "SentenceBoundary" else r"\w{1,2}"
        parts = [part for part in re.findall(pattern, text) if part]
        every = sum(map(len, parts))
        for part in parts * (2 if fault == "doubled boundaries" else 1):
            seconds = seconds_of(text) * len(part) / every
            times = {"Offset": round(start * _TICKS), "Duration": round(seconds * _TICKS)}
            words = {"text": {"Text": escape(part), "Length": len(part), "BoundaryType": kind}}
            named.append({"Type": kind, "Data": {**times, **words}})
            start += seconds
        return named

    def _sound(self, text: str, fault: str) -> bytes:
        sound = mp3_of(_other(text) if fault == "another sentence" else text)
        speech = len(sound) - round(TAIL_SECONDS / FRAME_SECONDS) * FRAME
        if fault == "nothing":
            return b""
        if fault == "cut":
            return sound[: self._random.randrange(0, speech // FRAME - 1) * FRAME]
        if fault == "cut in a frame":
            return sound[: self._random.randrange(1, len(sound) // FRAME) * FRAME + self._random.randrange(1, FRAME)]
        if fault == "doubled sound":
            return sound + sound
        if fault == "garbage sound":
            return self._random.randbytes(len(sound))
        if fault == "garbage in the sound":
            # A frame and a bit are overwritten: one header at least is none any more.
            place = self._random.randrange(len(sound) - 2 * FRAME)
            return sound[:place] + b"\x55" * (FRAME + 3) + sound[place + FRAME + 3 :]
        silent = _frames()[1]
        if fault == "silence":
            return (silent * (len(sound) // len(silent) + 1))[: len(sound)]
        if fault == "dead stretch":
            middle = speech // 2 // FRAME * FRAME
            return sound[:middle] + silent[: 80 * FRAME] + sound[middle:]
        return sound


def _other(text: str) -> str:
    """A text of another length and other words."""
    return "这是另外一句，同你们说的没有关系。" + text[: len(text) // 3]


def _asked_for(ssml: str) -> tuple[str, str]:
    found = re.search(r"<voice name='([^']*)'>.*?<prosody[^>]*>(.*)</prosody>", ssml, re.DOTALL)
    assert found is not None
    return unescape(found[2]), found[1]


def _frame(path: str, body: str) -> str:
    return f"X-RequestId:0\r\nContent-Type:application/json; charset=utf-8\r\nPath:{path}\r\n\r\n{body}"


def _audio(data: bytes) -> bytes:
    kind = "Content-Type:audio/mpeg\r\n" if data else ""
    head = f"X-RequestId:0\r\n{kind}X-StreamId:0\r\nPath:audio\r\n".encode()
    return len(head).to_bytes(2, "big") + head + data


def _now() -> float:
    return time.time()
