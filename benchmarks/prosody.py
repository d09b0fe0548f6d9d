"""Measure the prosody of the offline voices: how sentences end, where they are cut, and how long pauses last.

    python benchmarks/prosody.py --clips DIR                             the default voice and the man's voice
    python benchmarks/prosody.py --only lists --only verse               some of the comparisons
    python benchmarks/prosody.py --voice kokoro:zf_xiaoyi --recordings DIR

1. ends: the same eight clauses end in a full stop, a question mark, an exclamation mark and a comma. The end is the
   median fundamental frequency (F0) of the last 0.3 s with voice, in semitones over the median of the sentence. Marks
   are compared in pairs with the full stop, with an interval of 95 %.
2. cuts: long sentences are spoken in the chunks that the program makes. The end of each chunk inside a sentence is
   compared with the end of the sentence.
3. pauses inside clips, as long as the model makes them, and about as long at 190 characters a minute, where mastering
   makes them longer; how many lie at a mark, by the share of characters before it; and the pauses that mastering sets.
   With --recordings, the ends and the pauses of recordings of readers (WAV, FLAC, MP3) besides.
4. With the extras `naturalness` and `proof`, the way in which the program speaks each kind of text, against another
   way: prose (a sentence of 25 to 50 characters in one clip) in clauses, and two sentences in one clip; long sentences
   in one clip; questions and exclamations with a full stop; lists by item; verse by line. Headings have no other way:
   only their ratings are printed. Ratings are of the raw clips with the pauses of mastering between
   them; the toneless error is of what a recognizer writes of two passages in a row. Differences are other - ours, with
   intervals of 95 % over the passages.

The sentences are written for this project: in this file, in prose.txt and in kinds.txt.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from naturalness import Ratings, bootstrap, chosen_tracks, error_of, means, paired

from packager.arranging.tracklist import Passage, Role
from packager.mastering.breaths import breaths_at_marks, marks_in
from packager.mastering.calibration import calibration_chunks, load_calibrations
from packager.mastering.clip_leveler import pauses_inside
from packager.mastering.speech_rate import BREATH_SECONDS, PAUSE_SECONDS
from packager.proofing.naturalness import RATING_RATE, Predictor, at_rating_rate, is_installed, open_predictors
from packager.proofing.pitch import pitches
from packager.proofing.recognizer import HEARING_RATE, Recognizer, installed_model, open_whisper
from packager.speech import Clip, ClipCache, SpeechPool, Voice, parse_voice
from packager.speech.clip import Samples
from packager.textnorm import Break, Chunk, normalize, to_chunks
from packager.textnorm.languages import text_front_end_for

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
    "那一年的冬天特别长，河面上的冰一直到三月才化开，孩子们上学要多绕半个小时的路，大人们就商量着在桥边搭了一间小屋，里面生上炉子，谁走得冷了，都可以进去烤一烤手。",
    "机器用完以后要放在干燥的地方，不要压在枕头底下，也不要和钥匙放在一起，如果好几天不听，先把开关拨到关的那一边，等到再听的时候，插上线充两个小时，红灯变绿就好了。",
    "他每天吃过晚饭都要沿着河边走一圈，先到石桥上站一站，看一看水里的月亮，再从柳树底下慢慢走回来，路上遇到认识的人，总要停下来说几句话，回到家里常常已经过了八点。",
)
TEXTS = Path(__file__).parent
MEASURES = ("ends", "cuts", "pauses")
KINDS = ("prose", "long", "questions", "exclamations", "lists", "headings", "verse")
END_SECONDS = 0.3
QUIET = 10 ** (-38 / 20)  # of the loudness: a pause
SHORTEST_PAUSE = 0.08  # seconds
FRAME = 0.01  # seconds

# A passage as it is spoken: its clips in order, with what ends after each.
Way = tuple[tuple[str, Break], ...]


@dataclass(frozen=True)
class Instruments:
    """What the ways to speak a passage are compared with."""

    predictors: Mapping[str, Predictor]
    recognizer: Recognizer


@dataclass(frozen=True)
class Judged:
    """The ratings of passages by predictor, and the share of syllables in each that the recognizer misheard."""

    ratings: Ratings
    wrong: Sequence[float]  # percent
    sounds: Sequence[int]

    @property
    def error(self) -> float:
        """Percent of all syllables."""
        return float(np.average(self.wrong, weights=self.sounds))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voice", action="append", help=f"default: {' and '.join(VOICES)}")
    parser.add_argument("--clips", type=Path, help="keep clips here, to continue after an interruption")
    parser.add_argument("--recordings", type=Path, help="a folder with recordings of readers, for their pauses")
    parser.add_argument("--only", action="append", choices=(*MEASURES, *KINDS), help="default: everything")
    parser.add_argument("--passages", type=int, default=12, help="of each kind of text, at most")
    parser.add_argument("--jobs", type=int)
    options = parser.parse_args()
    wanted = options.only or (*MEASURES, *KINDS)
    instruments = None
    if is_installed() and installed_model():
        instruments = Instruments(open_predictors(), open_whisper(None, threads=1))
    with tempfile.TemporaryDirectory() as folder:
        cache = ClipCache(options.clips or Path(folder))
        for name in options.voice or VOICES:
            voice = parse_voice(name)
            print(voice)
            with SpeechPool(cache, jobs=options.jobs) as pool:
                for measure, measured in zip(MEASURES, (ends, cuts, pauses), strict=True):
                    if measure in wanted:
                        measured(voice, pool)
                for kind in KINDS:
                    if kind in wanted and instruments is not None:
                        compare(kind, voice, pool, instruments, options.passages)
    if options.recordings:
        recorded(options.recordings)


def ends(voice: Voice, pool: SpeechPool) -> None:
    found = {
        mark: [
            end_of(clip.samples, clip.sample_rate) for clip in spoken([each + mark for each in CLAUSES], voice, pool)
        ]
        for mark in MARKS
    }
    for mark in MARKS:
        line = f"  end before {mark}        {bootstrap(found[mark])} semitones over the sentence"
        print(line if mark == "。" else f"{line}; against 。 {paired(found['。'], found[mark])}", flush=True)


def cuts(voice: Voice, pool: SpeechPool) -> None:
    inside, final = [], []
    for text in LONG:
        chunks = to_chunks([Passage(Role.PARAGRAPH, text)])
        heard = [end_of(clip.samples, clip.sample_rate) for clip in clips_of(chunks, voice, pool)]
        inside += heard[:-1]
        final.append(heard[-1])
    print(f"  end of a cut         {bootstrap(inside)} semitones, of the sentence {bootstrap(final)}", flush=True)


def pauses(voice: Voice, pool: SpeechPool) -> None:
    chunks = calibration_chunks()
    clips = clips_of(chunks, voice, pool)
    own = [length for clip in clips for length in pauses_in(clip.samples, clip.sample_rate)]
    if not own:
        print("  no pauses in clips")
        return
    both = list(zip(chunks, clips, strict=True))
    found = sum(len(pauses_inside(clip.samples, clip.sample_rate)) for clip in clips)
    near = sum(len(breaths_at_marks(chunk.text, clip.samples, clip.sample_rate)) for chunk, clip in both)
    marks = sum(len(marks_in(chunk.text)) for chunk in chunks)
    tempo = load_calibrations()[str(voice)].stretch(190)
    low, middle, high = np.percentile(own, [10, 50, 90])
    at_190 = [length / tempo + BREATH_SECONDS[1] for length in (middle, low, high)]
    print(
        f"  pauses in clips      {len(own)}: median {middle:.2f} s (10 to 90 %: {low:.2f} to {high:.2f}); at 190 "
        f"{at_190[0]:.2f} s ({at_190[1]:.2f} to {at_190[2]:.2f}); {near} of {found} lie "
        f"at one of {marks} marks, and become longer; set between clips: "
        + ", ".join(f"{end.value} {PAUSE_SECONDS[end]} s" for end in Break),
        flush=True,
    )


def compare(kind: str, voice: Voice, pool: SpeechPool, instruments: Instruments, count: int) -> None:
    """Print the ratings of the passages of a kind, and the differences of other ways to speak them."""
    ours, others = ways_of(kind, count)
    before = judged(ours, voice, pool, instruments)
    size = f"{len(ours)} passages, {sum(before.sounds)} sounds"
    print(f"  {kind:<19}{means(before.ratings)}, error {before.error:.1f} % ({size})", flush=True)
    for name, way in others.items():
        after = judged(way, voice, pool, instruments)
        figures = [f"{each} {paired(before.ratings[each], values)}" for each, values in after.ratings.items()]
        print(f"    {name:<17}{', '.join(figures)}, error {paired(before.wrong, after.wrong)} points", flush=True)


def ways_of(kind: str, count: int) -> tuple[list[Way], dict[str, list[Way]]]:
    """The passages of a kind as the program speaks them, and in other ways."""
    if kind == "prose":
        chunks = [chunk for track in chosen_tracks(TEXTS / "prose.txt") for chunk in track]
        whole = [chunk.text for chunk in chunks if 25 <= chunk.spoken <= 50 and "，" in chunk.text]
        pairs = list(zip(whole[::2], whole[1::2], strict=False))[:count]
        ours = [tuple((text, Break.SENTENCE) for text in pair) for pair in pairs]
        joined_pairs: list[Way] = [((first + second, Break.SENTENCE),) for first, second in pairs]
        return ours, {
            "in clauses": [tuple(each for text in pair for each in parts_of(text, "，")) for pair in pairs],
            "two in one clip": joined_pairs,
        }
    if kind == "long":
        ours = [as_spoken(text) for text in LONG[:count]]
        return ours, {"in one clip": [((text, Break.SENTENCE),) for text in LONG[:count]]}
    texts = texts_of(kind)[:count]
    ours = [as_spoken(text) for text in texts]
    if kind in ("questions", "exclamations"):
        return ours, {"with a full stop": [as_spoken(re.sub("[？！]", "。", text)) for text in texts]}
    if kind == "lists":
        return ours, {"by item": [parts_of(normalize(text), "、；") for text in texts]}
    if kind == "verse":
        return ours, {"by line": [parts_of(normalize(text), "，。") for text in texts]}
    return ours, {}


def texts_of(kind: str) -> list[str]:
    """The passages of a kind in kinds.txt."""
    (section,) = [part for part in (TEXTS / "kinds.txt").read_text("utf-8").split("# ") if part.startswith(kind + "\n")]
    return section.strip().split("\n\n")[1:]


def as_spoken(text: str) -> Way:
    """A passage in the clips that the program makes."""
    return tuple((chunk.text, chunk.ends) for chunk in to_chunks([Passage(Role.PARAGRAPH, text)]))


def parts_of(text: str, marks: str) -> Way:
    """`text` cut behind each of `marks`."""
    parts = re.findall(f"[^{marks}]+[{marks}]?", text)
    return tuple((part, Break.SENTENCE if part.endswith("。") else Break.CLAUSE) for part in parts)


def judged(ways: Sequence[Way], voice: Voice, pool: SpeechPool, instruments: Instruments) -> Judged:
    """Speak, rate and hear the passages."""
    ratings: Ratings = {name: [] for name in instruments.predictors}
    wrong, sounds = [], []
    spoken_clips = iter(spoken([text for way in ways for text, _end in way], voice, pool))
    for way in ways:
        sound = joined([(next(spoken_clips), end) for _text, end in way])
        for name, predictor in instruments.predictors.items():
            ratings[name].append(predictor.rate(sound))
        error, count = error_of("".join(text for text, _end in way), sound, instruments.recognizer)
        wrong.append(error)
        sounds.append(count)
    return Judged(ratings, wrong, sounds)


def recorded(folder: Path) -> None:
    """Print how the recordings in `folder` end, and how long they pause."""
    import soundfile

    ends, found = [], []
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in (".wav", ".flac", ".mp3"):
            samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
            ends.append(end_of(samples.mean(axis=1), rate))
            found += pauses_in(samples.mean(axis=1), rate)
    print(f"{len(ends)} recordings\n  end                  {bootstrap(ends)} semitones over the recording")
    if found:
        low, middle, high = np.percentile(found, [10, 50, 90])
        print(f"  pauses               {len(found)}: median {middle:.2f} s (10 to 90 %: {low:.2f} to {high:.2f})")


def spoken(texts: Sequence[str], voice: Voice, pool: SpeechPool) -> list[Clip]:
    """One clip for each text."""
    readings = text_front_end_for("zh").pronounce(texts, None)
    chunks = [
        Chunk(text, Role.PARAGRAPH, Break.SENTENCE, sum(map(str.isalnum, text)), each)
        for text, each in zip(texts, readings, strict=True)
    ]
    return clips_of(chunks, voice, pool)


def clips_of(chunks: Sequence[Chunk], voice: Voice, pool: SpeechPool) -> list[Clip]:
    asked = [pool.submit(chunk, voice) for chunk in chunks]
    return [pool.cache.load(future.result().key) for future in asked]


def end_of(samples: Samples, rate: int) -> float:
    """The F0 of the last voice of a recording, in semitones over its median."""
    tones = pitches(samples, rate)
    last = tones[-round(END_SECONDS / FRAME) :]
    return float(12 * np.log2(np.median(last) / np.median(tones)))


def pauses_in(samples: Samples, rate: int) -> list[float]:
    """The seconds of each pause between sounds of `samples`."""
    faint = faint_frames(samples, rate)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], faint, [0])).astype(np.int8)))
    runs = [(begin, end) for begin, end in zip(edges[::2], edges[1::2], strict=True) if begin > 0 and end < len(faint)]
    return [(end - begin) * FRAME for begin, end in runs if (end - begin) * FRAME >= SHORTEST_PAUSE]


def faint_frames(samples: Samples, rate: int) -> npt.NDArray[np.bool_]:
    """Whether each frame is as faint as a pause."""
    frame = round(FRAME * rate)
    frames = samples[: len(samples) // frame * frame].reshape(-1, frame)
    power = np.mean(np.square(frames, dtype=np.float64), axis=1)
    loud = power[power > power.max(initial=0.0) / 100]
    faint: npt.NDArray[np.bool_] = power < loud.mean() * QUIET**2
    return faint


def joined(clips: Sequence[tuple[Clip, Break]]) -> Samples:
    """Clips with the pauses of mastering between them, at the rate of the predictors and the recognizer."""
    assert RATING_RATE == HEARING_RATE
    rate = clips[0][0].sample_rate
    sounds = []
    for clip, end in clips:
        sounds += [clip.samples, np.zeros(round(PAUSE_SECONDS[end] * rate), np.float32)]
    return at_rating_rate(np.concatenate(sounds[:-1]), rate)


if __name__ == "__main__":
    main()
