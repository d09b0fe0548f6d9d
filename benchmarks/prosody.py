"""Measure the prosody of the offline voices: how sentences end, where they are cut, and how long pauses last.

    python benchmarks/prosody.py --clips DIR                             the default voice and the man's voice
    python benchmarks/prosody.py --voice kokoro:zf_xiaoyi --recordings DIR

1. Ends. The same eight clauses end in a full stop, a question mark, an exclamation mark and a comma. The end is the
   median fundamental frequency (F0) of the last 0.3 s with voice, in semitones over the median of the sentence. Marks
   are compared in pairs with the full stop, with an interval of 95 %.
2. Cuts. Long sentences are spoken in the chunks that the program makes. The end of each chunk inside a sentence is
   compared with the end of the sentence.
3. Pauses inside clips at commas, as long as the model makes them, and at 190 characters a minute, with the pauses that
   mastering sets. With --recordings, the pauses of recordings of readers (WAV, FLAC, MP3).
4. With the extra `naturalness`: sentences of about 40 characters spoken in one clip, in clauses, and two sentences in
   one clip, by DistillMOS, paired.

The sentences are written for this benchmark, or are from packager/speech/calibration.txt.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from naturalness import bootstrap, paired

from packager.arranging.tracklist import Passage, Role
from packager.mastering.calibration import calibration_chunks, load_calibrations
from packager.mastering.speech_rate import PAUSE_SECONDS
from packager.proofing.naturalness import at_rating_rate, is_installed, open_predictors
from packager.proofing.pitch import pitches
from packager.speech import Clip, ClipCache, SpeechPool, Voice, parse_voice
from packager.speech.clip import Samples
from packager.textnorm import Break, Chunk, to_chunks

VOICES = ("kokoro:zf_xiaobei", "kokoro:zm_yunjian")
CLAUSES = (
    "下午的课改到三点半了",
    "老李昨天已经回家了",
    "今天的菜比上个星期便宜",
    "门口那棵树又开花了",
    "你把药放在桌子上了",
    "孩子们都去公园看灯了",
    "这个周末不用早起",
    "水壶里还有半壶热水",
)
MARKS = "。？！，"
LONG = (
    "社区活动室从下个星期一开始，每天上午九点到十一点开门，想来听书的人可以提前半个小时到，先在门口登记名字，再领一张座位卡，听完以后请把耳机放回原来的盒子里。",
    "天气越来越冷了，出门以前要看一看地上有没有结冰，走路的时候慢一点，手里最好不要提太重的东西，如果觉得头晕，就在路边的椅子上坐一会儿，等好一些了再走。",
    "做这道汤不难，先把萝卜切成小块，放在水里煮十分钟，再放几片姜和一点盐，等到萝卜变软了，把火关小，最后加一把葱花，盛到碗里就可以喝了，一次不要做得太多。",
)
END_SECONDS = 0.3
QUIET = 10 ** (-38 / 20)  # of the loudness: a pause
SHORTEST_PAUSE = 0.08  # seconds
FRAME = 0.01  # seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voice", action="append", help=f"default: {' and '.join(VOICES)}")
    parser.add_argument("--clips", type=Path, help="keep clips here, to continue after an interruption")
    parser.add_argument("--recordings", type=Path, help="a folder with recordings of readers, for their pauses")
    parser.add_argument("--sentences", type=int, default=8, help="for the comparison of chunks")
    parser.add_argument("--jobs", type=int)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cache = ClipCache(options.clips or Path(folder))
        for name in options.voice or VOICES:
            voice = parse_voice(name)
            print(voice)
            with SpeechPool(cache, jobs=options.jobs) as pool:
                ends(voice, pool)
                cuts(voice, pool)
                pauses(voice, pool)
                if is_installed():
                    chunk_sizes(voice, pool, options.sentences)
    if options.recordings:
        recorded_pauses(options.recordings)


def ends(voice: Voice, pool: SpeechPool) -> None:
    found = {
        mark: [end_of(clip) for clip in spoken([clause + mark for clause in CLAUSES], voice, pool)] for mark in MARKS
    }
    for mark in MARKS:
        line = f"  end before {mark}        {bootstrap(found[mark])} semitones over the sentence"
        print(line if mark == "。" else f"{line}; against 。 {paired(found['。'], found[mark])}", flush=True)


def cuts(voice: Voice, pool: SpeechPool) -> None:
    inside, final = [], []
    for text in LONG:
        chunks = to_chunks([Passage(Role.PARAGRAPH, text)])
        heard = [end_of(clip) for clip in clips_of(chunks, voice, pool)]
        inside += heard[:-1]
        final.append(heard[-1])
    print(f"  end of a cut         {bootstrap(inside)} semitones, of the sentence {bootstrap(final)}", flush=True)


def pauses(voice: Voice, pool: SpeechPool) -> None:
    own = [
        length
        for clip in clips_of(calibration_chunks(), voice, pool)
        for length in pauses_in(clip.samples, clip.sample_rate)
    ]
    if not own:
        print("  no pauses in clips")
        return
    tempo = load_calibrations()[str(voice)].stretch(190)
    low, middle, high = np.percentile(own, [10, 50, 90])
    print(
        f"  pauses in clips      {len(own)}: median {middle:.2f} s (10 to 90 %: {low:.2f} to {high:.2f}); at 190 "
        f"{middle / tempo:.2f} s ({low / tempo:.2f} to {high / tempo:.2f}); set between clips: "
        + ", ".join(f"{end.value} {PAUSE_SECONDS[end]} s" for end in Break),
        flush=True,
    )


def chunk_sizes(voice: Voice, pool: SpeechPool, count: int) -> None:
    rate = open_predictors()["distillmos"].rate
    whole = [chunk for chunk in calibration_chunks() if 25 <= chunk.spoken <= 50 and "，" in chunk.text][:count]
    parts = [[text for text in split_after(chunk.text, "，") if text] for chunk in whole]
    pairs = [first.text + second.text for first, second in zip(whole[::2], whole[1::2], strict=False)]
    ones = clips_of(whole, voice, pool)
    in_one = [rate(at_rating_rate(clip.samples, clip.sample_rate)) for clip in ones]
    in_parts = [rate(joined(spoken(each, voice, pool), Break.CLAUSE)) for each in parts]
    in_pairs = [rate(at_rating_rate(clip.samples, clip.sample_rate)) for clip in spoken(pairs, voice, pool)]
    two = [rate(joined(ones[place : place + 2], Break.SENTENCE)) for place in range(0, 2 * len(pairs), 2)]
    print(f"  in clauses - in one clip      DistillMOS {paired(in_one, in_parts)} ({len(whole)} sentences)")
    print(f"  two in one clip - in two      DistillMOS {paired(two, in_pairs)} ({len(pairs)} pairs)", flush=True)


def recorded_pauses(folder: Path) -> None:
    import soundfile

    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in (".wav", ".flac", ".mp3"):
            samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
            found = pauses_in(samples.mean(axis=1), rate)
            if found:
                print(f"{path.name}: {len(found)} pauses, median {np.median(found):.2f} s, longest {max(found):.2f} s")


def spoken(texts: Sequence[str], voice: Voice, pool: SpeechPool) -> list[Clip]:
    """One clip for each text."""
    return clips_of(
        [Chunk(text, Role.PARAGRAPH, Break.SENTENCE, sum(map(str.isalnum, text))) for text in texts], voice, pool
    )


def clips_of(chunks: Sequence[Chunk], voice: Voice, pool: SpeechPool) -> list[Clip]:
    asked = [pool.submit(chunk, voice) for chunk in chunks]
    return [pool.cache.load(future.result().key) for future in asked]


def end_of(clip: Clip) -> float:
    """The F0 of the last voice of `clip`, in semitones over its median."""
    tones = pitches(clip.samples, clip.sample_rate)
    last = tones[-round(END_SECONDS / FRAME) :]
    return float(12 * np.log2(np.median(last) / np.median(tones)))


def pauses_in(samples: Samples, rate: int) -> list[float]:
    """The seconds of each pause between sounds of `samples`."""
    frame = round(FRAME * rate)
    frames = samples[: len(samples) // frame * frame].reshape(-1, frame)
    power = np.mean(np.square(frames, dtype=np.float64), axis=1)
    loud = power[power > power.max(initial=0.0) / 100]
    faint = power < loud.mean() * QUIET**2
    edges = np.flatnonzero(np.diff(np.concatenate(([0], faint, [0])).astype(np.int8)))
    runs = [(begin, end) for begin, end in zip(edges[::2], edges[1::2], strict=True) if begin > 0 and end < len(faint)]
    return [(end - begin) * FRAME for begin, end in runs if (end - begin) * FRAME >= SHORTEST_PAUSE]


def joined(clips: Sequence[Clip], end: Break) -> Samples:
    """Clips with the pause of mastering between them, at the rate of the predictors."""
    silence = np.zeros(round(PAUSE_SECONDS[end] * clips[0].sample_rate), np.float32)
    sounds = [part for clip in clips for part in (clip.samples, silence)]
    return at_rating_rate(np.concatenate(sounds[:-1]), clips[0].sample_rate)


def split_after(text: str, mark: str) -> Iterator[str]:
    """`text` in parts that end with `mark`."""
    *parts, last = text.split(mark)
    yield from (part + mark for part in parts)
    yield last


if __name__ == "__main__":
    main()
