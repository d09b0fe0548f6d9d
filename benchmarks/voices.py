"""Measure the offline voices for the table of `packager voices`.

    python benchmarks/voices.py --clips DIR                       speech rate and pitch of every voice
    python benchmarks/voices.py --clips DIR --recognizer MODEL    and the pinyin error
    python benchmarks/voices.py --clips DIR --recognizer MODEL --write

Every voice reads packager/speech/calibration.txt at the engine's own speed. --clips keeps the clips, so that an
interrupted run can continue. --write puts the measurements into packager/speech/kokoro/voices.json.

Pitch is the median fundamental frequency of all voiced frames: normalized autocorrelation in windows of 40 ms every
10 ms, 60 to 450 Hz. Characters a minute are of the speech without the silence between clips. The pinyin error is a
recognizer's: insertions, deletions and substitutions of toneless pinyin, divided by all syllables, with the
recognizer's own errors. MODEL is a folder with a Whisper model for faster-whisper (nothing is downloaded); it hears
clips of up to 28 seconds in a row.
"""

from __future__ import annotations

import argparse
import io
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from packager.base.formats import write_atomic
from packager.mastering.calibration import calibration_chunks
from packager.proofing.phonetic_tokens import sounds_of
from packager.proofing.pitch import pitches
from packager.speech import Clip, ClipCache, SpeechPool
from packager.speech.kokoro.provider import PROVIDER, VOICES_FILE
from packager.textnorm import Chunk, normalize

GAP = 0.5  # seconds, between clips
RECOGNIZED_AT_ONCE = 28  # seconds

Samples = npt.NDArray[np.float32]
Transcribe = Callable[[Samples, int], str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voice", action="append", help="as kokoro:zf_xiaoyi (default: all)")
    parser.add_argument("--recognizer", type=Path, help="a folder with a Whisper model for faster-whisper")
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--clips", type=Path, help="keep clips here, to continue after an interruption")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    require_pitch_is_right()
    chunks = corpus()
    transcribe = recognizer(options.recognizer) if options.recognizer else None
    print(f"{len(chunks)} clips, {sum(chunk.spoken for chunk in chunks)} characters", flush=True)
    figures: dict[str, dict[str, float]] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        SpeechPool(ClipCache(options.clips or Path(folder)), jobs=options.jobs) as pool,
    ):
        for info in PROVIDER.voices():
            if options.voice and str(info.voice) not in options.voice:
                continue
            asked = [pool.submit(chunk, info.voice) for chunk in chunks]
            clips = [pool.cache.load(future.result().key) for future in asked]
            found = measured(chunks, clips, transcribe)
            figures[str(info.voice)] = found
            print(info.voice, json.dumps(found), flush=True)
    if options.write:
        update_voices(figures)


def corpus() -> list[Chunk]:
    """The calibration text: everyday prose, written for this project."""
    return list(calibration_chunks())


def update_voices(found: Mapping[str, Mapping[str, Any]]) -> None:
    """Write measurements by voice into the data file of the Kokoro engine."""
    values = json.loads(VOICES_FILE.read_text("utf-8"))
    for voice, measured in found.items():
        values["voices"][voice.removeprefix("kokoro:")].update(measured)
    write_atomic(VOICES_FILE, (json.dumps(values, ensure_ascii=False, indent=1) + "\n").encode())


def measured(chunks: Sequence[Chunk], clips: Sequence[Clip], transcribe: Transcribe | None) -> dict[str, float]:
    """The measurements of one voice."""
    seconds = sum(clip.evidence.seconds for clip in clips)
    tones = np.concatenate([pitches(clip.samples, clip.sample_rate) for clip in clips])
    found: dict[str, float] = {
        "characters_a_minute": round(60 * sum(chunk.spoken for chunk in chunks) / seconds),
        "pitch": round(float(np.median(tones))),
    }
    if transcribe is not None:
        wrong = syllables = 0
        for text, samples in in_windows(chunks, clips):
            said = toneless(text)
            wrong += distance(said, toneless(normalize(transcribe(samples, clips[0].sample_rate))))
            syllables += len(said)
        found |= {"pinyin_error": round(wrong / syllables, 4), "syllables": syllables}
    return found


def in_windows(chunks: Sequence[Chunk], clips: Sequence[Clip]) -> Iterator[tuple[str, Samples]]:
    """Groups of clips with their text, each as long as the recognizer can hear at once."""
    text, sounds = "", list[Samples]()
    for chunk, clip in zip(chunks, clips, strict=True):
        gap = np.zeros(round(GAP * clip.sample_rate), np.float32)
        if sounds and sum(map(len, sounds)) + len(clip.samples) > RECOGNIZED_AT_ONCE * clip.sample_rate:
            yield text, np.concatenate(sounds)
            text, sounds = "", []
        text += chunk.text
        sounds += [clip.samples, gap]
    yield text, np.concatenate(sounds)


def require_pitch_is_right() -> None:
    """Check the measurement with tones of known pitch and stronger overtones. Raises SystemExit."""
    rate = 24_000
    time = np.arange(rate) / rate
    for pitch in (75, 120, 220, 330):
        tone = sum(np.sin(2 * np.pi * pitch * part * time) * height for part, height in ((1, 0.4), (2, 1), (3, 0.7)))
        found = float(np.median(pitches(np.asarray(tone, np.float32), rate)))
        if abs(found / pitch - 1) > 0.01:
            raise SystemExit(f"a tone of {pitch} Hz is measured as {found:.1f} Hz")


def recognizer(model: Path) -> Transcribe:
    """A recognizer with the Whisper model in the folder `model`."""
    import soundfile
    from faster_whisper import WhisperModel

    whisper = WhisperModel(str(model), device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True)

    def transcribe(samples: Samples, rate: int) -> str:
        sound = io.BytesIO()
        soundfile.write(sound, samples, rate, format="WAV")
        sound.seek(0)
        parts, _info = whisper.transcribe(
            sound, language="zh", beam_size=5, condition_on_previous_text=False, temperature=0.0
        )
        return "".join(part.text for part in parts)

    return transcribe


def toneless(text: str) -> list[str]:
    """The syllables and letters of `text` without tones."""
    return [sound.sound for sound in sounds_of(text)]


def distance(said: Sequence[str], heard: Sequence[str]) -> int:
    """The edit distance (Levenshtein) between two lists of syllables."""
    row = list(range(len(heard) + 1))
    for place, syllable in enumerate(said, start=1):
        above, row[0] = row[0], place
        for other, word in enumerate(heard, start=1):
            above, row[other] = (row[other], min(row[other] + 1, row[other - 1] + 1, above + (syllable != word)))
    return row[-1]


if __name__ == "__main__":
    main()
