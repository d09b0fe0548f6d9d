"""Measure how long each voice takes for a text, and print the bands in which a whole clip lies.

    python benchmarks/bands.py                                    all offline voices, 15 minutes a core
    python benchmarks/bands.py --voice kokoro:zf_xiaoyi           one voice
    python benchmarks/bands.py --clips DIR --write                keep what was spoken in DIR, and the result

The same sentences are spoken by every voice: the sample's texts, and lines of the golden corpus joined to
sentences of many lengths. A least-squares fit gives the seconds a syllable, a mark and a clip take; the band
is the least and the greatest ratio of a clip's length to the fit. With --write the figures become
packager/speech/voices/bands.json, by which the program judges clips (`packager.speech.duration_bounds`).
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import numpy as np

from packager.arranging import Passage, Role
from packager.base.formats import write_atomic
from packager.reading import read_book
from packager.speech import ClipCache, SpeechPool, Voice, kokoro_source
from packager.speech.duration_bounds import BANDS_FILE, marks_in, syllables_in
from packager.textnorm import Chunk, to_chunks

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "textnorm" / "golden.tsv"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voice", action="append", help="as kokoro:zf_xiaoyi; all offline voices unless given")
    parser.add_argument("--sentences", type=int, default=24, help="joined from the golden corpus")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--clips", type=Path, help="keep clips here, to go on after an interruption")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    chunks = corpus(options.sentences, options.seed)
    print(f"{len(chunks)} chunks, {sum(chunk.spoken for chunk in chunks)} characters, seed {options.seed}")
    bands = json.loads(BANDS_FILE.read_text("utf-8")) if BANDS_FILE.is_file() else {}
    with (
        tempfile.TemporaryDirectory() as folder,
        SpeechPool(kokoro_source(None), ClipCache(options.clips or Path(folder)), jobs=options.jobs) as pool,
    ):
        for name in options.voice or [f"kokoro:{voice}" for voice in offline_voices()]:
            engine, _colon, voice = name.partition(":")
            asked = [pool.submit(chunk, Voice(engine, voice)) for chunk in chunks]
            bands[name] = fitted(chunks, [future.result().evidence.seconds for future in asked])
            print(name, json.dumps(bands[name]), flush=True)
    if options.write:
        write_atomic(BANDS_FILE, (json.dumps(bands, indent=1, sort_keys=True) + "\n").encode())


def offline_voices() -> list[str]:
    with np.load(str(resources.files("packager") / "speaking" / "voices" / "kokoro-zh.npz")) as styles:
        return sorted(styles)


def corpus(sentences: int, seed: int) -> list[Chunk]:
    """The sample's chunks, and sentences of one to six lines of the golden corpus."""
    sample = resources.files("packager") / "sample"
    with resources.as_file(sample) as folder:
        paths = sorted(path for path in folder.glob("*/texts/*") if path.suffix in (".md", ".txt"))
        chapters = [chapter for path in paths for chapter in read_book(path).book.chapters]
    texts = [paragraph for chapter in chapters for paragraph in chapter.paragraphs]
    lines = [line.split("\t")[1].strip("，。！？") for line in GOLDEN.read_text("utf-8").splitlines()]
    choose = random.Random(seed)
    texts += [
        "，".join(choose.sample(lines, choose.randint(1, 6))) + choose.choice("。。？！") for _ in range(sentences)
    ]
    return list(to_chunks([Passage(Role.PARAGRAPH, text) for text in texts]))


def fitted(chunks: Sequence[Chunk], seconds: Sequence[float]) -> dict[str, float]:
    """Seconds a syllable, a mark and a clip, and the least and greatest ratio of a clip to their sum."""
    parts = np.array([[syllables_in(chunk.text), marks_in(chunk.text), 1] for chunk in chunks])
    lengths = np.array(seconds)
    # In proportion to the length: what counts is the ratio, for short sentences too.
    (syllable, mark, clip), *_rest = np.linalg.lstsq(parts / lengths[:, None], np.ones(len(chunks)), rcond=None)
    ratios = lengths / (parts @ np.array([syllable, mark, clip]))
    return {
        "syllable": round(float(syllable), 4),
        "mark": round(float(mark), 4),
        "clip": round(float(clip), 4),
        "least": round(float(ratios.min()), 3),
        "greatest": round(float(ratios.max()), 3),
        "clips": len(chunks),
    }


if __name__ == "__main__":
    main()
