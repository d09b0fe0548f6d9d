"""The parent's side of the process in which sherpa-onnx runs: requests, answers, crashes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import threading
import weakref
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import numpy as np

from packager.base.child_process import stopped_after
from packager.base.errors import SpeechError
from packager.base.i18n.language import _
from packager.speech.clip import Samples
from packager.speech.sherpa.model_folder import ModelFolder

_WORKER = Path(__file__).parent / "worker.py"
# Processor seconds: far more than the slowest models take, which are five times slower than their speech.
_LOAD_SECONDS, _SPEAK_SECONDS, _LETTER_SECONDS = 300.0, 60.0, 5.0
_SAMPLE_RATES = range(4000, 192_001)  # hertz; a model's metadata can say anything
# The log lines of sherpa-onnx for text that it leaves out, and what it left out.
_LEFT_OUT = re.compile(
    r"(?:OOV|unknown token)[^']*?:? '?(?P<text>[^'\s]+?)'?(?:\. Ignore it!|\s+from .*)?$", re.MULTILINE
)
_LEFT_OUT_CODE = re.compile(r"Skip unknown .*U\+(?P<code>[0-9a-f]+)\.?$", re.MULTILINE)


class SherpaProcess:
    """A model in a process of its own, started when it is first used. One request at a time."""

    def __init__(self, folder: ModelFolder) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None
        self._speakers = 0

    def load(self) -> None:
        """Start the process and load the model. Raises SpeechError; `generate` too."""
        with self._lock:
            self._start()

    def generate(self, text: str, speaker: int) -> tuple[Samples, int, list[str]]:
        """The samples of `text`, their rate in hertz, and the parts of the text that were left out.

        Raises SpeechError if the process ends or does not come to an end, or if the model has no such speaker.
        """
        with self._lock:
            self._start()
            if not 0 <= speaker < max(self._speakers, 1):
                raise SpeechError(
                    _("the model in {folder} has no speaker {speaker}; it has 0 to {last}").format(
                        folder=self._folder.tokens.parent, speaker=speaker, last=max(self._speakers, 1) - 1
                    )
                )
            header, data = self._ask({"text": text, "speaker": speaker}, _SPEAK_SECONDS + len(text) * _LETTER_SECONDS)
            return np.frombuffer(data, dtype="<f4").astype(np.float32), int(header["sample_rate"]), self._left_out()

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            _end(self._process)

    def _start(self) -> None:
        if self._process is not None:
            return
        # A file, since nothing would read a pipe while a request runs. The two handles have their own positions.
        with tempfile.NamedTemporaryFile(prefix="packager-", suffix=".log", delete=False) as log:
            self._log = Path(log.name).open("rb")  # noqa: SIM115 - as long as the process
            self._process = subprocess.Popen(
                [sys.executable, str(_WORKER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
            )
        with suppress(OSError):  # Windows deletes no open file
            Path(log.name).unlink()
        weakref.finalize(self, _end, self._process)
        files = {name: str(path) for name, path in self._folder.files.items()}
        if self._folder.lexicons:
            files["lexicon"] = ",".join(map(str, self._folder.lexicons))
        header, _data = self._ask({"kind": self._folder.kind, "files": files}, _LOAD_SECONDS)
        if header["sample_rate"] not in _SAMPLE_RATES:
            self._end_process()
            raise SpeechError(
                _("the model in {folder} can't be used: its sample rate is {rate} Hz").format(
                    folder=self._folder.tokens.parent, rate=header["sample_rate"]
                )
            )
        self._speakers = int(header["speakers"])
        self._read_log()  # it lists the unusable entries of the lexicon

    def _ask(self, request: dict[str, Any], seconds: float) -> tuple[dict[str, Any], bytes]:
        """The answer to `request`, for which the process may take so much processor time."""
        assert self._process is not None and self._process.stdin is not None and self._process.stdout is not None
        with stopped_after(self._process, seconds) as watch:
            try:
                self._process.stdin.write(json.dumps(request).encode() + b"\n")
                self._process.stdin.flush()
                header = json.loads(self._process.stdout.readline())
                size = 4 * header.get("samples", 0)
                data = self._process.stdout.read(size)
                if len(data) == size:
                    return header, data
            except (OSError, ValueError):
                pass
        code = self._end_process()
        if watch.stopped:
            raise SpeechError(
                _("the model in {folder} was stopped after {seconds:.0f} s of processor time without an answer").format(
                    folder=self._folder.tokens.parent, seconds=seconds
                )
            )
        raise SpeechError(
            _("the model in {folder} can't be used: sherpa-onnx ended ({reason})").format(
                folder=self._folder.tokens.parent, reason=self._last_words() or f"exit code {code}"
            )
        )

    def _end_process(self) -> int | None:
        """End the process, so that the next request starts another; returns its exit code."""
        process, self._process = self._process, None
        assert process is not None
        _end(process)
        return process.returncode

    def _read_log(self) -> str:
        """The new part of what the process printed on standard error."""
        assert self._log is not None
        return self._log.read().decode("utf-8", "replace")

    def _last_words(self) -> str:
        lines = self._read_log().strip().splitlines()
        return "".join(character for character in lines[-1] if character.isprintable())[-300:] if lines else ""

    def _left_out(self) -> list[str]:
        log = self._read_log()
        parts = [found["text"] for found in _LEFT_OUT.finditer(log)]
        parts += [chr(int(found["code"], 16)) for found in _LEFT_OUT_CODE.finditer(log)]
        return [part for part in dict.fromkeys(parts) if any(map(str.isalnum, part))]


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):  # a request that was never read
                pipe.close()
    process.wait()
