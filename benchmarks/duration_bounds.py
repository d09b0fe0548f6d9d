"""Measure the duration bounds of each voice: the shortest and longest duration of a text.

    python benchmarks/duration_bounds.py                           all offline voices, 15 minutes a core
    python benchmarks/duration_bounds.py --voice kokoro:zf_xiaoyi  one voice
    python benchmarks/duration_bounds.py --clips DIR --write       keep the clips in DIR, and write the result

Every voice speaks the same sentences: the sample's texts, and lines of the golden corpus joined to sentences of
many lengths. `packager.speech.duration_bounds` fits the bounds. --write puts them into
packager/speech/kokoro/voices.json.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from dataclasses import asdict
from importlib import resources
from pathlib import Path

from voices import update_voices

from packager.arranging.tracklist import Passage, Role
from packager.reading import read_book
from packager.speech import ClipCache, SpeechPool, Voice
from packager.speech.duration_bounds import fit_bounds
from packager.speech.kokoro.provider import PROVIDER
from packager.textnorm import Chunk, to_chunks

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "textnorm" / "golden.tsv"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voice", action="append", help="as kokoro:zf_xiaoyi (default: all offline voices)")
    parser.add_argument("--sentences", type=int, default=24, help="number of sentences from the golden corpus")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--clips", type=Path, help="keep clips here, to continue after an interruption")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    chunks = corpus(options.sentences, options.seed)
    print(f"{len(chunks)} chunks, {sum(chunk.spoken for chunk in chunks)} characters, seed {options.seed}")
    found = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        SpeechPool(ClipCache(options.clips or Path(folder)), jobs=options.jobs) as pool,
    ):
        for name in options.voice or [str(info.voice) for info in PROVIDER.voices()]:
            engine, _colon, voice = name.partition(":")
            asked = [pool.submit(chunk, Voice(engine, voice)) for chunk in chunks]
            seconds = [future.result().evidence.seconds for future in asked]
            found[name] = {"bounds": asdict(fit_bounds([chunk.text for chunk in chunks], seconds))}
            print(name, json.dumps(found[name]), flush=True)
    if options.write:
        update_voices(found)


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


if __name__ == "__main__":
    main()
