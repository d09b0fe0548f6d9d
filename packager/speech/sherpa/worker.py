"""The program of the process in which sherpa-onnx runs: it ends its process on errors, so it needs one of its own.

It reads lines of JSON from standard input: first the settings of the model, then requests. It answers each with
a line of JSON on standard output, and for a request also with the samples as 32-bit floats. It imports nothing
of the program, so that it starts quickly. It ends when its input ends.
"""

import json
import os
import signal
import sys
from typing import BinaryIO


def main() -> None:
    """Serve requests until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    sys.path.pop(0)  # the folder of this file
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print on standard output must not mix with the answers
    requests = sys.stdin.buffer

    import numpy as np
    import sherpa_onnx

    settings = json.loads(requests.readline())
    kind = settings["kind"]
    make = {
        "vits": sherpa_onnx.OfflineTtsVitsModelConfig,
        "matcha": sherpa_onnx.OfflineTtsMatchaModelConfig,
        "kokoro": sherpa_onnx.OfflineTtsKokoroModelConfig,
    }[kind]
    model = sherpa_onnx.OfflineTtsModelConfig(**{kind: make(**settings["files"])}, num_threads=1, provider="cpu")
    config = sherpa_onnx.OfflineTtsConfig(model=model, max_num_sentences=1)
    if not config.validate():
        sys.exit(1)
    tts = sherpa_onnx.OfflineTts(config)
    _answer(answers, {"speakers": tts.num_speakers, "sample_rate": tts.sample_rate})
    while line := requests.readline():
        request = json.loads(line)
        audio = tts.generate(request["text"], sid=request["speaker"], speed=1.0)
        samples = np.asarray(audio.samples, dtype="<f4")
        _answer(answers, {"samples": len(samples), "sample_rate": audio.sample_rate}, samples.tobytes())


def _answer(answers: BinaryIO, header: dict[str, int], data: bytes = b"") -> None:
    answers.write(json.dumps(header).encode() + b"\n" + data)
    answers.flush()


if __name__ == "__main__":
    main()
