"""Compare the program's speech model with the published one, quantized throughout: CPU time and memory.

    python benchmarks/precision.py                          three sentences, three rounds
    python benchmarks/precision.py --rounds 10 --voice zm_yunjian

Both models speak the same sentences in turns, on one thread, in a process of their own each. onnxruntime optimizes the
published model as it does by default. Prints CPU seconds a second of speech (the median over all turns), peak memory of
the process, and the size of the model's files.
The sentences are from packager/speech/calibration.txt.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from synthesis import peak_of

from packager.mastering.calibration import calibration_chunks
from packager.speech import EngineOptions
from packager.speech.kokoro.engine import SAMPLE_RATE, KokoroEngine
from packager.speech.kokoro.model import joined_weights, kept_model
from packager.speech.kokoro.provider import VOICES_FILE

MIDDLING = (14, 34)  # characters of a sentence

_engine: dict[str, KokoroEngine] = {}  # of this process


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sentences", type=int, default=3)
    parser.add_argument("--voice", default="zm_yunjian")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        models = {"as published": quantized_model(Path(folder)), "the program's": kept_model(Path(folder) / "kept")}
        sentences = [chunk.text for chunk in calibration_chunks() if MIDDLING[0] <= chunk.spoken <= MIDDLING[1]]
        times, peaks = compare(models, options.voice, sentences[: options.sentences], options.rounds)
        sizes = {name: size_of(path) for name, path in models.items()}
    for name in models:
        print(
            f"{name:<14} {statistics.median(times[name]):.3f} CPU seconds a second of speech, "
            f"{peaks[name] / 1e6:.0f} MB at the peak, {sizes[name] / 1e6:.1f} MB on disk"
        )
    first, second = times.values()
    ratios = [after / before for before, after in zip(first, second, strict=True)]
    print(f"ratio of the times {statistics.median(ratios):.3f}, over {len(ratios)} pairs")


def quantized_model(folder: Path) -> Path:
    """Write the model as published, every convolution quantized, to a file in `folder`."""
    path = folder / "quantized" / "model.onnx"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(joined_weights())
    return path


def size_of(model: Path) -> int:
    """Bytes of the model and its weights, which may be in another file."""
    return sum(each.stat().st_size for each in model.parent.iterdir())


def as_own_model(path: Path) -> EngineOptions:
    """Options with the model at `path`, a variant of the installed one, as a workspace's own."""
    from kokoro_onnx.config import DEFAULT_VOCAB

    (path.parent / "config.json").write_text(json.dumps({"vocab": DEFAULT_VOCAB}), "utf-8")
    shutil.copy(VOICES_FILE.with_name("voices.npz"), path.parent / "voices.npz")
    return EngineOptions(model=path.parent)


def compare(
    models: dict[str, Path], voice: str, sentences: list[str], rounds: int
) -> tuple[dict[str, list[float]], dict[str, int]]:
    """CPU seconds a second of speech of each turn, and peak memory in bytes, by model."""
    times: dict[str, list[float]] = {name: [] for name in models}
    pools = {name: ProcessPoolExecutor(1, mp_context=get_context("spawn")) for name in models}
    try:
        for name, pool in pools.items():
            pool.submit(spoken, models[name], voice, sentences[0]).result()  # loads the model
        for turn in range(rounds):
            for sentence in sentences:
                for name in list(pools)[:: 1 if turn % 2 else -1]:
                    times[name].append(pools[name].submit(spoken, models[name], voice, sentence).result())
        peaks = {name: pool.submit(own_peak).result() for name, pool in pools.items()}
    finally:
        for pool in pools.values():
            pool.shutdown()
    return times, peaks


def spoken(model: Path, voice: str, sentence: str) -> float:
    """Speak `sentence` in this process; return CPU seconds a second of speech."""
    engine = _engine.setdefault(str(model), KokoroEngine(model, {}, optimized=model.name != "model.onnx"))
    prepared = engine.prepare(sentence)
    before = time.process_time()
    clip = engine.speak(prepared, voice, text=sentence, characters=len(sentence))
    return (time.process_time() - before) / (len(clip.samples) / SAMPLE_RATE)


def own_peak() -> int:
    import psutil

    return peak_of(psutil.Process())


if __name__ == "__main__":
    main()
