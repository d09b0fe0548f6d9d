"""The sherpa engine with a real, tiny model: it is loaded by sherpa-onnx and makes samples."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path

import numpy as np
import psutil
import pytest
from command_line import environment, new_workspace, run_apart
from tiny_sherpa import LEXICON, METADATA, RATE, TOKENS, make_kokoro, make_matcha, make_vits

from packager.arranging.tracklist import Role
from packager.base.errors import InputError, SpeechError
from packager.base.pronunciation import Pronunciation
from packager.speech import Clip, ClipCache, EngineOptions, SpeechPool, Voice, parse_voice
from packager.speech.cache import clip_key
from packager.speech.duration_bounds import DurationBounds
from packager.speech.sherpa import process, provider
from packager.speech.sherpa.engine import SherpaEngine, split_voice_name
from packager.speech.sherpa.model_folder import open_model_folder
from packager.speech.sherpa.process import SherpaProcess
from packager.speech.sherpa.provider import PROVIDER
from packager.textnorm import Break, Chunk

TEXT = "大家好，今天开门。"


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_vits(tmp_path_factory.mktemp("sherpa") / "vits")


@pytest.fixture(scope="module")
def engine(folder: Path) -> Iterator[SherpaEngine]:
    engine = SherpaEngine(open_model_folder(folder), {})
    yield engine
    engine.close()


def speak(engine: SherpaEngine, text: str = TEXT, voice: str = "vits") -> Clip:
    characters = sum(map(str.isalnum, text))
    return engine.speak(engine.prepare(text), voice, text=text, characters=characters)


def pitch_of(clip: Clip) -> float:
    """The strongest frequency, in hertz."""
    spectrum = np.abs(np.fft.rfft(clip.samples))
    return float(np.argmax(spectrum)) * clip.sample_rate / len(clip.samples)


def test_the_model_speaks_every_character_with_evidence(engine: SherpaEngine) -> None:
    clip = speak(engine)
    assert (clip.sample_rate, clip.samples.dtype, clip.samples.ndim) == (RATE, np.float32, 1)
    assert clip.evidence.seconds == pytest.approx(7 * 0.2 + 2 * 0.1, abs=0.03)  # two marks
    assert (clip.evidence.spoken, clip.evidence.again, clip.evidence.pieces) == (7, 0, 1)
    assert clip.evidence.peak == pytest.approx(0.5, abs=0.02)


def test_a_number_after_the_path_chooses_the_speaker(engine: SherpaEngine) -> None:
    low, high = speak(engine, voice="vits"), speak(engine, voice="vits#2")
    assert pitch_of(high) - pitch_of(low) == pytest.approx(300, abs=40)
    with pytest.raises(SpeechError, match=r"no speaker 3; it has 0 to 2"):
        speak(engine, voice="vits#3")


@pytest.mark.parametrize("make", [make_kokoro, make_matcha])
def test_kokoro_and_matcha_models_speak_too(make: Callable[[Path], Path], tmp_path: Path) -> None:
    engine = SherpaEngine(open_model_folder(make(tmp_path / "model")), {})
    short, long = speak(engine, "大家好。"), speak(engine, "大家好，今天开门，大家好。")
    assert long.evidence.seconds > 2 * short.evidence.seconds > 1
    with pytest.raises(SpeechError, match="你"):
        engine.prepare("你好。")
    if make is make_kokoro:
        assert pitch_of(speak(engine, voice="x#2")) - pitch_of(speak(engine, voice="x")) == pytest.approx(300, abs=40)
    engine.close()


@pytest.mark.parametrize(
    ("name", "path", "speaker"),
    [
        ("models/vits", "models/vits", 0),
        ("/models/vits#12", "/models/vits", 12),
        ("C:\\models#2\\vits", "C:\\models#2\\vits", 0),
        ("models/#new", "models/#new", 0),
        ("models/vits#", "models/vits#", 0),
    ],
)
def test_a_voice_is_a_path_and_a_speaker(name: str, path: str, speaker: int) -> None:
    assert split_voice_name(name) == (path, speaker)
    assert parse_voice(f"sherpa:{name}") == Voice("sherpa", name)


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("大家好，你好。", "你"),
        ("猫好。", "猫"),  # in the lexicon, with a token that the model lacks
        ("天天好，app好。", "app"),
        ("价钱5。", "5"),
        ("……，。", "any of it"),
    ],
)
def test_text_that_the_lexicon_lacks_is_refused_before_speaking(engine: SherpaEngine, text: str, missing: str) -> None:
    with pytest.raises(SpeechError, match=missing) as raised:
        engine.prepare(text)
    assert text in str(raised.value)


def test_latin_words_are_found_in_the_lexicon_or_spelled(engine: SherpaEngine) -> None:
    assert engine.prepare("OK好") == "ok好"
    assert engine.prepare("大GG好。") == "大 g g 好。"
    assert speak(engine, "大家GG好。").evidence.seconds == pytest.approx(3 * 0.2 + 2 * 0.1 + 0.1, abs=0.03)


def test_readings_become_homophones_that_the_lexicon_has(engine: SherpaEngine) -> None:
    assert engine.prepare("大家好", [Pronunciation(0, ("jin1", "jia1")), Pronunciation(2, ("hao4",))]) == "今家好"


def test_text_that_sherpa_leaves_out_in_spite_of_the_check_is_an_error(folder: Path) -> None:
    worker = SherpaProcess(open_model_folder(folder))
    samples, rate, left_out = worker.generate("大你家x好“”。", 0)
    assert (rate, left_out) == (RATE, ["你", "x"])
    assert len(samples) == round(7 * 0.1 * RATE)
    assert worker.generate("大家好。", 0)[2] == []
    worker.close()


def test_a_clip_from_which_sherpa_left_text_out_is_refused(engine: SherpaEngine) -> None:
    with pytest.raises(SpeechError, match=r"大你家好.*你"):
        engine.speak("大你家好。", "vits", text="大你家好。", characters=4)


def test_speech_outside_its_duration_bounds_is_tried_again_in_halves_and_then_refused(folder: Path) -> None:
    long = DurationBounds(syllable=0.4, mark=0.0, clip=0.0, least=0.99, greatest=1.01, clips=30)
    engine = SherpaEngine(open_model_folder(folder), {"vits": long})
    text = TEXT.replace("，", "，大家天天好，")
    with pytest.raises(SpeechError, match=r"sherpa:vits \(.* too short\)") as raised:
        speak(engine, text)
    assert text in str(raised.value)
    assert speak(engine, text, "vits#1").evidence.seconds > 2  # has no bounds
    engine.close()


def test_a_sentence_that_fails_twice_is_spoken_in_halves(folder: Path) -> None:
    # Longer than the 1.4 s of the whole, shorter than the 1.55 s of both halves with a pause.
    bounds = DurationBounds(syllable=0.25, mark=0.0, clip=0.0, least=1.27, greatest=1.3, clips=30)
    engine = SherpaEngine(open_model_folder(folder), {"vits": bounds})
    evidence = speak(engine, "大家好，大家好。").evidence
    assert (evidence.again, evidence.pieces) == (2, 2)
    assert evidence.seconds == pytest.approx(1.55, abs=0.03)
    engine.close()


def test_silence_is_refused(tmp_path: Path) -> None:
    engine = SherpaEngine(open_model_folder(make_vits(tmp_path / "vits", silent=True)), {})
    with pytest.raises(SpeechError, match="silence"):
        speak(engine)
    engine.close()


@pytest.mark.parametrize("damage", ["no sample rate", "no model", "unreadable tokens"])
def test_a_model_that_ends_sherpa_is_an_error_with_its_folder(tmp_path: Path, damage: str) -> None:
    without = {key: value for key, value in METADATA.items() if key != "sample_rate"}
    folder = make_vits(tmp_path / "vits", metadata=without if damage == "no sample rate" else METADATA)
    if damage == "no model":
        (folder / "model.onnx").write_bytes(b"no weights")
    if damage == "unreadable tokens":
        (folder / "tokens.txt").write_text("a b c\n" + (folder / "tokens.txt").read_text("utf-8"), "utf-8")
    engine = SherpaEngine(open_model_folder(folder), {})
    with pytest.raises(SpeechError, match="sherpa-onnx ended") as raised:
        speak(engine, "大家好。")
    assert str(folder) in str(raised.value)


@pytest.mark.parametrize("rate", ["0", "10", "2147483647", "words"])
def test_a_model_with_an_impossible_sample_rate_is_refused_before_it_speaks(tmp_path: Path, rate: str) -> None:
    folder = make_vits(tmp_path / "vits", metadata={**METADATA, "sample_rate": rate})
    engine = SherpaEngine(open_model_folder(folder), {})
    for _again in range(2):
        with pytest.raises(SpeechError, match="its sample rate is"):
            speak(engine, "大家好。")


def test_a_killed_process_is_an_error_and_the_next_sentence_starts_another(engine: SherpaEngine) -> None:
    speak(engine)
    before = set(psutil.Process().children())
    for child in before:
        if "worker.py" in " ".join(child.cmdline()):
            child.kill()
            child.wait(60)
    with pytest.raises(SpeechError, match="sherpa-onnx ended"):
        speak(engine)
    assert speak(engine).evidence.spoken == 7


def test_a_model_that_never_ends_is_stopped_and_the_error_names_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_SPEAK_SECONDS", 0.5)
    monkeypatch.setattr(process, "_LETTER_SECONDS", 0.0)
    folder = make_vits(tmp_path / "vits", endless=True)
    endless = SherpaProcess(open_model_folder(folder))
    endless.load()
    (child,) = [each for each in psutil.Process().children() if "worker.py" in " ".join(each.cmdline())][-1:]
    with pytest.raises(SpeechError, match="was stopped after 0 s of processor time") as raised:
        endless.generate("大家好。", 0)
    assert str(folder) in str(raised.value)
    psutil.wait_procs([child], timeout=60)
    assert not child.is_running()


def test_a_dropped_engine_ends_its_process(folder: Path) -> None:
    worker = SherpaProcess(open_model_folder(folder))
    before = set(psutil.Process().children())
    worker.load()
    (child,) = set(psutil.Process().children()) - before
    del worker
    psutil.wait_procs([child], timeout=60)
    assert not child.is_running()


def test_a_missing_extra_says_what_to_install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(provider.metadata, "version", missing)
    with pytest.raises(InputError, match=r"elder-packager\[sherpa\]"):
        PROVIDER.fingerprint(Voice("sherpa", str(folder)), EngineOptions())


def test_the_fingerprint_changes_with_every_file_and_paths_start_at_the_workspace(tmp_path: Path) -> None:
    voice, options = Voice("sherpa", "models/vits"), EngineOptions(root=tmp_path)
    folder = make_vits(tmp_path / "models" / "vits")
    prints = {PROVIDER.fingerprint(voice, options)}
    assert prints == {PROVIDER.fingerprint(Voice("sherpa", f"{folder}#2"), EngineOptions())}
    names = ("model.onnx", "tokens.txt", "lexicon.txt", "model.onnx.data", "model.onnx_data", "model.data", "x.weights")
    for name in names:
        with (folder / name).open("ab") as stream:
            stream.write(b"\n")
        prints.add(PROVIDER.fingerprint(voice, options))
    assert len(prints) == 1 + len(names)


def test_clips_are_spoken_again_after_the_rules_of_respelling_change(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    voice = Voice("sherpa", str(folder))
    before = PROVIDER.fingerprint(voice, EngineOptions())
    monkeypatch.setattr(provider, "RESPELLING_VERSION", provider.RESPELLING_VERSION + 1)
    after = PROVIDER.fingerprint(voice, EngineOptions())
    assert clip_key(TEXT, before, voice) != clip_key(TEXT, after, voice)


def test_the_pool_speaks_with_a_folder_and_stores_the_clip(folder: Path, tmp_path: Path) -> None:
    cache = ClipCache(tmp_path / "clips")
    chunk = Chunk(TEXT, Role.PARAGRAPH, Break.SENTENCE, 7)
    with SpeechPool(cache, make_executor=lambda: ThreadPoolExecutor(1)) as pool:
        clip = pool.submit(chunk, parse_voice(f"sherpa:{folder}#1")).result()
        with pytest.raises(InputError, match="nowhere"):
            pool.submit(chunk, parse_voice("sherpa:/nowhere"))
    assert cache.load(clip.key).sample_rate == RATE


def test_calibration_keeps_the_bounds_that_later_clips_are_checked_against(tmp_path: Path) -> None:
    from packager.mastering.calibration import calibration_chunks

    characters = sorted(
        {character for chunk in calibration_chunks() for character in chunk.text if character.isalnum()}
    )
    lexicon = LEXICON + "".join(f"{character} j ia1\n" for character in characters if character not in LEXICON)
    office = new_workspace(tmp_path / "office")
    make_vits(office / "models" / "vits", lexicon=lexicon)
    command = [sys.executable, "-m", "packager", "voices", "calibrate", "sherpa:models/vits#1", "--jobs", "1"]
    run_apart(command, office, environment()).require()
    values = json.loads((office / "calibration.json").read_text())["sherpa:models/vits#1"]
    assert values["bounds"]["syllable"] == pytest.approx(0.2, abs=0.01)
    voice = parse_voice("sherpa:models/vits#1")
    engine = PROVIDER.open(voice, EngineOptions(root=office, calibration=office / "calibration.json"))
    text = "大家好今天开门大家天天好。" * 3
    assert engine.speak(engine.prepare(text), voice.name, text=text, characters=36)
    with pytest.raises(SpeechError, match="too long"):
        engine.speak(engine.prepare(text + "大家好" * 9), voice.name, text=text, characters=36)
    engine.close()


def test_without_a_lexicon_the_tokens_are_the_characters(tmp_path: Path) -> None:
    folder = make_vits(tmp_path / "vits", lexicon=None)
    model = open_model_folder(folder)
    assert model.words == set(TOKENS)
    assert model.respell("hdk大") == (" h d k 大".strip(), ["大"])


def test_a_melo_lexicon_has_tones_behind_its_tokens(tmp_path: Path) -> None:
    folder = make_vits(tmp_path / "vits", lexicon="大 d a4 4 4\n家 j x 1 1\n好 h ao3 3\n天 t 1 1\n")
    assert open_model_folder(folder).words == {"大"}


FILES = {
    "matcha": ("model-steps-3.onnx", "model-steps-6.onnx", "vocos-22khz-univ.onnx"),
    "kokoro": ("model.int8.onnx", "voices.bin"),
    "vits": ("zh.onnx", "rule.fst"),
}


@pytest.mark.parametrize("kind", FILES)
def test_the_kind_of_a_model_is_told_by_its_files(tmp_path: Path, kind: str) -> None:
    for name in (*FILES[kind], "tokens.txt", "lexicon-zh.txt", "lexicon-us-en.txt", "lexicon-gb-en.txt"):
        (tmp_path / name).write_text("")
    found = open_model_folder(tmp_path)
    assert found.kind == kind
    expected = {
        "matcha": {"acoustic_model": "model-steps-6.onnx", "vocoder": "vocos-22khz-univ.onnx"},
        "kokoro": {"model": "model.int8.onnx", "voices": "voices.bin"},
        "vits": {"model": "zh.onnx"},
    }[kind]
    assert {name: path.name for name, path in found.files.items()} == {**expected, "tokens": "tokens.txt"}
    assert [path.name for path in found.lexicons] == ["lexicon-us-en.txt", "lexicon-zh.txt"]


@pytest.mark.parametrize("missing", ["tokens.txt", "vocos-22khz-univ.onnx"])
def test_a_folder_without_a_needed_file_is_refused_with_its_name(tmp_path: Path, missing: str) -> None:
    for name in {*FILES["matcha"], "tokens.txt"} - {missing}:
        (tmp_path / name).write_text("")
    with pytest.raises(InputError, match=r"matcha: (tokens\.txt|voc.*) is missing"):
        open_model_folder(tmp_path)
    (tmp_path / missing).write_text("")
    (tmp_path / "lexicon.txt").mkdir()  # or a pipe, which would be read forever
    with pytest.raises(InputError, match=r"lexicon\.txt is missing"):
        open_model_folder(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="no model folder"):
        open_model_folder(tmp_path / "file")
