"""What a worker does with a message: speak, master, or tell about itself. The only code that a cluster runs."""

from __future__ import annotations

import platform
import socket
import sys
import tempfile
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from packager import __version__
from packager.base.errors import PackagerError, SpeechError
from packager.base.formats import sha256_bytes
from packager.base.i18n.language import _, choose_language
from packager.cluster.wire import (
    Message,
    SpeechRequest,
    WireError,
    clip_answer,
    mastering_task_of,
    refusal,
    track_answer,
)
from packager.mastering.ffmpeg import run_ffmpeg
from packager.mastering.task import master_task
from packager.speech.cache import encoded_clip
from packager.speech.engine import EngineOptions
from packager.speech.registry import installed_engines
from packager.speech.voice_catalog import Voice
from packager.speech.workers import EngineSource, open_engine

_TOOLS = ("imageio-ffmpeg", "numpy", "pydub", "mutagen", "soundfile")


class WorkerState:
    """What the process of a worker speaks with, and how it talks to the person who started it."""

    options = EngineOptions()
    folder: str | None = None  # which another worker removes if this process is killed

    @staticmethod
    def say(line: str) -> None:
        """Show a line where the worker runs."""
        print(line, file=sys.stderr, flush=True)


def perform(data: bytes) -> bytes:
    """The answer to a message; never raises, since an exception would have to be unpickled."""
    try:
        message = Message.from_bytes(data)
        choose_language(str(message.header.get("language", "en")))
        return _answer(message).to_bytes()
    except WireError as error:
        return refusal(str(error), kind="worker").to_bytes()
    except SpeechError as error:
        return refusal(str(error)).to_bytes()
    except Exception as error:
        reason = str(error) if isinstance(error, PackagerError) else f"{type(error).__name__}: {error}"
        return refusal(reason, kind="worker").to_bytes()


def _answer(message: Message) -> Message:
    if message.op == "about":
        return about()
    if message.op == "turned-away":
        WorkerState.say(_("turned away: {reason}").format(reason=message.header.get("reason")))
        return Message({"op": "heard"})
    if message.op == "speak":
        return _spoken(SpeechRequest.from_message(message))
    if message.op == "master":
        return _mastered(message)
    raise WireError(f"unknown request: {message.op}")


def about() -> Message:
    """The version of this program, its tools for mastering, and the name of the computer."""
    return Message({"op": "about", "version": __version__, "host": socket.gethostname(), "tools": tools()})


@lru_cache(maxsize=1)
def tools() -> str:
    """The versions of everything that decides about the bytes of a mastered track, for people and to compare."""
    versions = [f"{name} {metadata.version(name)}" for name in _TOOLS]
    try:
        build = sha256_bytes(run_ffmpeg(["-version"]).encode())[:12]
    except PackagerError:
        build = "none"
    return f"{' '.join(versions)} ffmpeg {build} {platform.machine().lower()}"


def _spoken(request: SpeechRequest) -> Message:
    source = _source(request.voice, WorkerState.options)
    if source.provider.connections:
        return refusal(f"{request.voice} is an online voice", kind="worker")
    if source.fingerprint != request.fingerprint:
        reason = _("{voice} is another one here: {found}; expected {expected}")
        return refusal(
            reason.format(voice=request.voice, found=source.fingerprint, expected=request.fingerprint), kind="worker"
        )
    engine = open_engine(source)
    clip = engine.speak(request.prepared, request.voice.name, text=request.text, characters=request.characters)
    return clip_answer(request.key, encoded_clip(clip))


@lru_cache(maxsize=16)
def _source(voice: Voice, options: EngineOptions) -> EngineSource:
    provider = installed_engines().provider(voice.engine)
    return EngineSource(provider, voice, options, provider.fingerprint(voice, options))


def _mastered(message: Message) -> Message:
    with tempfile.TemporaryDirectory(dir=WorkerState.folder) as folder:
        task = mastering_task_of(message, Path(folder) / "track")
        made = master_task(task)
        return track_answer(made, task.destination.read_bytes())
