"""A Kokoro model in a folder of the workspace: a real, tiny model speaks; everything is checked before."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_kokoro import PHONEME_SECONDS, STYLE, ZHUYIN, make_kokoro_folder, style

from packager.arranging.tracklist import Role
from packager.base.errors import InputError
from packager.mastering.calibration import Calibration, add_calibrations, load_calibrations
from packager.proofing.pitch import pitches
from packager.speech import Clip, ClipCache, EngineOptions, SpeechPool, Voice, installed_engines, parse_voice
from packager.speech.duration_bounds import DurationBounds
from packager.speech.kokoro.own_model import open_own_model, read_styles
from packager.speech.kokoro.phonemes import installed_vocabulary
from packager.speech.kokoro.provider import PROVIDER
from packager.textnorm import Break, Chunk

TEXT = "今天开门。"
PHONEMES = "ㄐ阴1ㄊ言1/ㄎㄞ1ㄇㄣ2."
WOMAN, MAN = Voice("kokoro", "zf_001"), Voice("kokoro", "zm_010")
SOME = Calibration(1.0, 600, 115.0, {"sentence": 11, "paragraph": 8})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_kokoro_folder(tmp_path / "model")


def clip_of(folder: Path, voice: Voice, clips: Path) -> Clip:
    cache = ClipCache(clips)
    chunk = Chunk(TEXT, Role.PARAGRAPH, Break.SENTENCE, 4)
    one_thread: Callable[[], Any] = lambda: ThreadPoolExecutor(1)  # noqa: E731
    with SpeechPool(cache, options=EngineOptions(model=folder), make_executor=one_thread) as pool:
        return cache.load(pool.submit(chunk, voice).result().key)


def test_the_model_speaks_zhuyin_with_its_own_vocabulary_and_voices(folder: Path, tmp_path: Path) -> None:
    woman, man = clip_of(folder, WOMAN, tmp_path / "clips"), clip_of(folder, MAN, tmp_path / "clips")
    assert woman.evidence.phonemes == len(PHONEMES)
    # The model hears a padding token at both ends, which is a tone here too.
    assert woman.evidence.seconds == pytest.approx((len(PHONEMES) + 2) * PHONEME_SECONDS, abs=0.06)
    # Each phoneme sounds as many hertz above the voice as its number says.
    spectrum = np.abs(np.fft.rfft(woman.samples[: round(0.05 * 24_000)]))
    assert np.argmax(spectrum) * 20 == pytest.approx(220, abs=20)
    assert float(np.median(pitches(woman.samples, 24_000))) > float(np.median(pitches(man.samples, 24_000)))


def test_the_numbers_of_the_vocabulary_are_those_that_the_model_gets(folder: Path, tmp_path: Path) -> None:
    before = clip_of(folder, WOMAN, tmp_path / "clips")
    swapped = {**ZHUYIN, "ㄎ": ZHUYIN["ㄔ"], "ㄔ": ZHUYIN["ㄎ"]}
    other = make_kokoro_folder(tmp_path / "other", vocabulary=swapped)
    assert not np.array_equal(clip_of(other, WOMAN, tmp_path / "clips").samples, before.samples)


@pytest.mark.parametrize("kind", ["npz", "npz named bin", "npy", "two axes", "pt"])
def test_voices_are_read_from_each_kind_of_file_without_unpickling(tmp_path: Path, kind: str) -> None:
    folder = make_kokoro_folder(tmp_path / "model", voices={"zm_010": 100.0})
    wanted = style(200.0)
    if kind.startswith("npz"):
        name = "voices.npz" if kind == "npz" else "voices-v1.1-zh.bin"
        with (folder / name).open("wb") as stream:
            np.savez(stream, zf_001=wanted, af_maple=wanted)
    elif kind == "pt":
        with zipfile.ZipFile(folder / "voices" / "zf_001.pt", "w") as archive:
            archive.writestr("zf_001/data.pkl", b"torch FloatStorage")  # would fail to unpickle
            archive.writestr("zf_001/data/0", wanted.tobytes())
            archive.writestr("zf_001/version", b"3")
    else:
        np.save(folder / "voices" / "zf_001.npy", wanted[:, 0] if kind == "two axes" else wanted)
    own = open_own_model(folder)
    assert sorted(own.voices) == ["zf_001", "zm_010"]
    assert np.array_equal(read_styles(own, "zf_001"), wanted)
    PROVIDER.fingerprint(WOMAN, EngineOptions(model=folder))


def pickled() -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.array([{}], dtype=object), allow_pickle=True)
    return stream.getvalue()


def array(values: Any) -> bytes:
    stream = io.BytesIO()
    np.save(stream, values)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("zf_001.bin", b"short", "5 bytes, expected 522240"),
        ("zf_001.npy", array(np.zeros((511, 1, 256), np.float32)), "511 x 1 x 256 numbers"),
        ("zf_001.npy", array(np.zeros(STYLE, np.float32)), "no usable numbers"),
        ("zf_001.npy", array(np.full(STYLE, np.nan, np.float32)), "no usable numbers"),
        ("zf_001.npy", array(np.ones(STYLE, np.int64)), "of type int64"),
        ("zf_001.npy", pickled(), "Object arrays"),
        ("zf_001.npy", b"no array", "zf_001.npy"),
        ("zf_001.pt", b"no archive", "zf_001.pt"),
    ],
)
def test_a_voice_of_another_shape_is_refused_with_its_file(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    folder = make_kokoro_folder(tmp_path / "model", voices={"zm_010": 100.0})
    (folder / "voices" / name).write_bytes(content)
    with pytest.raises(InputError, match=told) as raised:
        PROVIDER.fingerprint(WOMAN, EngineOptions(model=folder))
    assert name in str(raised.value)


@pytest.mark.parametrize(
    ("made", "told"),
    [
        ({"inputs": ("x", "style", "speed")}, "its inputs are x, style, speed"),
        ({"inputs": ("tokens", "ref_s", "speed")}, "its inputs are tokens, ref_s, speed"),
        ({"style_width": 128}, "input style has the shape 1 x 128, expected 1 x 256"),
        ({"rows": 100}, "knows 100 phonemes, its vocabulary has numbers up to 177"),
        ({"metadata": {"sample_rate": "22050"}}, "sample rate is 22050 Hz"),
    ],
)
def test_a_model_that_takes_other_values_is_refused_before_it_speaks(
    tmp_path: Path, made: dict[str, Any], told: str
) -> None:
    folder = make_kokoro_folder(tmp_path / "model", **made)
    with pytest.raises(InputError, match=told) as raised:
        PROVIDER.fingerprint(WOMAN, EngineOptions(model=folder))
    assert "model.onnx" in str(raised.value)


def test_a_file_that_is_no_model_is_refused(folder: Path) -> None:
    (folder / "model.onnx").write_bytes(b"<html>not found</html>")
    with pytest.raises(InputError, match=r"model\.onnx is no Kokoro model.*not an ONNX file"):
        PROVIDER.fingerprint(WOMAN, EngineOptions(model=folder))


@pytest.mark.parametrize(
    ("config", "told"),
    [
        (None, r"config\.json"),
        ("[1]", "“vocab”"),
        ("{", "not JSON"),
        (json.dumps({"vocab": {"a": 1, "b": 1}}), "“vocab”"),
        (json.dumps({"vocab": {"a": 1.5}}), "“vocab”"),
        (json.dumps({"vocab": {"a": 0}}), "“vocab”"),
        (
            json.dumps({"vocab": {key: number for key, number in ZHUYIN.items() if key != "瓮"}}),
            "lacks 瓮 of Kokoro-82M v1.1-zh",
        ),
        (json.dumps({"vocab": {"a": 1, "b": 2}}), r"lacks .* of Kokoro-82M"),
    ],
)
def test_a_vocabulary_that_lacks_phonemes_of_mandarin_is_refused(folder: Path, config: str | None, told: str) -> None:
    if config is None:
        (folder / "config.json").unlink()
    else:
        (folder / "config.json").write_text(config, "utf-8")
    with pytest.raises(InputError, match=told):
        PROVIDER.fingerprint(WOMAN, EngineOptions(model=folder))


def test_a_missing_folder_a_file_and_a_missing_voice_say_what_is_expected(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        PROVIDER.fingerprint(WOMAN, EngineOptions(model=tmp_path / "nowhere"))
    with pytest.raises(InputError, match=r"expected a folder with model, config.json and voices"):
        PROVIDER.fingerprint(WOMAN, EngineOptions(model=folder / "model.onnx"))
    with pytest.raises(InputError, match=r"has no voice zf_002; it has zf_001, zm_010"):
        PROVIDER.fingerprint(Voice("kokoro", "zf_002"), EngineOptions(model=folder))
    with pytest.raises(InputError, match="installed model has no voice kokoro:zf_001"):
        PROVIDER.fingerprint(WOMAN, EngineOptions())
    (folder / "second.onnx").write_bytes(b"")
    (folder / "model.onnx").rename(folder / "first.onnx")
    with pytest.raises(InputError, match=r"found first\.onnx, second\.onnx"):
        PROVIDER.fingerprint(WOMAN, EngineOptions(model=folder))


def test_an_empty_folder_of_voices_is_refused(tmp_path: Path) -> None:
    folder = make_kokoro_folder(tmp_path / "model", voices={"af_maple": 100.0})
    with pytest.raises(InputError, match="no Mandarin voices"):
        PROVIDER.fingerprint(WOMAN, EngineOptions(model=folder))


def test_the_fingerprint_changes_with_everything_that_decides_the_sound(tmp_path: Path) -> None:
    folder = make_kokoro_folder(tmp_path / "model")
    options = EngineOptions(model=folder)
    prints = {PROVIDER.fingerprint(WOMAN, options), PROVIDER.fingerprint(WOMAN, options)}
    assert len(prints) == 1
    (folder / "voices" / "zf_001.bin").write_bytes(style(230.0).tobytes())
    prints.add(PROVIDER.fingerprint(WOMAN, options))
    (folder / "config.json").write_text(json.dumps({"vocab": {**ZHUYIN, "new": 178 - 4}}), "utf-8")
    prints.add(PROVIDER.fingerprint(WOMAN, options))
    (folder / "model.onnx.data").write_bytes(b"weights")
    prints.add(PROVIDER.fingerprint(WOMAN, options))
    assert len(prints) == 4


def test_a_model_of_version_one_speaks_ipa(tmp_path: Path) -> None:
    from kokoro_onnx.config import DEFAULT_VOCAB

    folder = make_kokoro_folder(tmp_path / "model", vocabulary=DEFAULT_VOCAB, voices={"zf_xiaobei": 200.0})
    assert open_own_model(folder).vocabulary.keys() == installed_vocabulary()
    clip = clip_of(folder, parse_voice("kokoro:zf_xiaobei"), tmp_path / "clips")
    assert clip.evidence.phonemes == len("ʨi→ntʰjɛ→n kʰai→mə↗n.")


def test_measurements_lie_with_the_model_and_never_mix_with_those_of_the_installed_one(
    folder: Path, tmp_path: Path
) -> None:
    here = tmp_path / "calibration.json"
    options = EngineOptions(model=folder, calibration=here)
    bounds = DurationBounds(0.2, 0.1, 0.1, 0.9, 1.1, 30)
    add_calibrations({"kokoro:zf_001": SOME, "edge:zh-CN-YunxiNeural": SOME}, here)  # of another model
    assert set(load_calibrations(options)) == {"edge:zh-CN-YunxiNeural"}
    path = options.measurements_of("kokoro:zf_001")
    assert path == folder / "calibration.json"
    ratings = {"distillmos": {"mean": 4.5, "spread": 0.1}}
    add_calibrations(
        {"kokoro:zf_001": Calibration(1.0, 600, 120.0, {}, bounds)}, path, {"kokoro:zf_001": {"naturalness": ratings}}
    )
    assert load_calibrations(options)["kokoro:zf_001"].seconds == 120.0
    infos = {info.voice: info for info in installed_engines().voices(options)}
    assert (infos[WOMAN].bounds, infos[WOMAN].naturalness) == (bounds, ratings)
    assert infos[MAN].naturalness is None
    add_calibrations({"kokoro:zf_001": SOME}, path)  # calibrated again: the ratings stay
    assert json.loads(path.read_text("utf-8"))["kokoro:zf_001"]["naturalness"] == ratings
