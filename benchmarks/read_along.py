"""When a sentence is said to begin, against the words that a recognizer hears: the error in milliseconds.

    python benchmarks/read_along.py TEXT [--voice kokoro:zf_xiaobei] [--sentences 60]

Only sentences inside a clip count: the others begin with a clip, whose time is exact. The recognizer's own word times
are about 0.1 to 0.2 seconds uncertain. Needs the extra `proof`.
"""

from __future__ import annotations

import argparse
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np

from packager.arranging.tracklist import Passage, Role
from packager.mastering.ffmpeg import file_argument, run_ffmpeg
from packager.mastering.sentence_pauses import sentence_pauses
from packager.proofing.recognizer import HEARING_RATE, open_whisper
from packager.releases.passages import plan_passages
from packager.speech import Clip, EngineOptions, installed_engines
from packager.textnorm import normalize, spoken_characters, to_chunks

_SHORTEST, _LONGEST = 15, 700  # characters of a paragraph


def main() -> None:
    """Print the distribution of errors."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("text", type=Path)
    arguments.add_argument("--voice", default="kokoro:zf_xiaobei")
    arguments.add_argument("--sentences", type=int, default=60)
    given = arguments.parse_args()
    engines = installed_engines()
    voice = engines.parse(given.voice)
    engine = engines.provider(voice.engine).open(voice, EngineOptions())
    recognizer = open_whisper(None, threads=2)
    errors: list[float] = []
    for line in given.text.read_text("utf-8").splitlines():
        if not _SHORTEST <= len(line) <= _LONGEST or len(errors) >= given.sentences:
            continue
        script = [Passage(Role.PARAGRAPH, line.strip())]
        chunks = to_chunks(script)
        planned = plan_passages(script, chunks, "", normalize)
        for place, sentences in planned.sentences().items():
            chunk = chunks[place]
            prepared = engine.prepare(chunk.text, chunk.readings)
            clip = engine.speak(prepared, voice.name, text=chunk.text, characters=chunk.spoken)
            found = [ends for _begins, ends in sentence_pauses(clip.samples, clip.sample_rate, sentences)]
            heard = _heard_begins(recognizer.model, clip, chunk.text, planned.cuts[place])
            errors += [1000 * (ours - theirs) for ours, theirs in zip(found, heard, strict=True) if theirs is not None]
    engine.close()
    sizes = np.abs(errors)
    print(f"{given.voice}: {len(errors)} sentence begins inside clips")
    print(
        f"error: median {np.median(errors):+.0f} ms, size: median {np.median(sizes):.0f} ms, "
        f"90 % {np.percentile(sizes, 90):.0f} ms"
    )
    print(f"within 150 ms: {100 * (sizes <= 150).mean():.0f} %, within 300 ms: {100 * (sizes <= 300).mean():.0f} %")


def _heard_begins(model: object, clip: Clip, text: str, cuts: tuple[int, ...]) -> list[float | None]:
    """When the recognizer hears the first word of each sentence; None where it heard too little to tell."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        raw, sound = Path(folder) / "raw", Path(folder) / "sound"
        raw.write_bytes(clip.samples.astype("<f4").tobytes())
        source = ["-f", "f32le", "-ar", str(clip.sample_rate), "-ac", "1", "-i", file_argument(raw)]
        run_ffmpeg([*source, "-f", "f32le", "-ar", str(HEARING_RATE), file_argument(sound)])
        samples = np.fromfile(sound, "<f4")
    segments, _info = model.transcribe(samples, language="zh", word_timestamps=True, beam_size=5)  # type: ignore[attr-defined]
    words = [word for segment in segments for word in segment.words]
    ends = list(accumulate(spoken_characters(word.word) for word in words))
    total = ends[-1] if ends else 0
    counts = [spoken_characters(text[start:end]) for start, end in pairwise([0, *cuts, len(text)])]
    if abs(total - sum(counts)) > 0:
        return [None] * len(cuts)  # something was heard otherwise: words can't be counted
    begins = list(accumulate(counts))[:-1]
    firsts = dict(zip([0, *ends[:-1]], words, strict=True))
    return [firsts[count].start if count in firsts else None for count in begins]


if __name__ == "__main__":
    main()
