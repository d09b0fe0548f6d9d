import hashlib
import os
import shutil
import threading
import time
from pathlib import Path

import pytest
from tiny_kokoro import make_kokoro_folder

from packager.base.errors import SpeechError, StorageError
from packager.base.formats import sha256_file
from packager.speech import EngineOptions, Voice
from packager.speech.kokoro import model, provider
from packager.speech.kokoro.model import MODEL_SHA256, joined_weights, kept_model
from packager.speech.kokoro.provider import PROVIDER

VOICE = Voice("kokoro", "zf_xiaoyi")


def test_the_installed_parts_are_joined_into_the_published_model() -> None:
    assert hashlib.sha256(joined_weights()).hexdigest() == MODEL_SHA256


def test_the_fingerprint_has_the_published_hash_and_the_file_its_own(kokoro: EngineOptions, kokoro_model: Path) -> None:
    assert MODEL_SHA256[:16] in PROVIDER.fingerprint(VOICE, kokoro)
    assert kokoro_model.name.endswith(f"-{sha256_file(kokoro_model)[:16]}.onnx")


def test_another_precision_has_another_fingerprint_but_a_model_of_ones_own_has_not(
    kokoro: EngineOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = EngineOptions(model=make_kokoro_folder(tmp_path / "own", voices={VOICE.name: 200.0}))
    before = [PROVIDER.fingerprint(VOICE, options) for options in (kokoro, own)]
    monkeypatch.setattr(provider, "PRECISION", model.PRECISION + 1)
    after = [PROVIDER.fingerprint(VOICE, options) for options in (kokoro, own)]
    assert before[0] != after[0]
    assert before[1] == after[1]


def test_an_intact_model_is_not_written_again(kokoro_model: Path) -> None:
    before = kokoro_model.stat()
    assert kept_model(kokoro_model.parent) == kokoro_model
    assert kokoro_model.stat().st_mtime_ns == before.st_mtime_ns


@pytest.mark.parametrize("damage", ["byte", "cut", "gone"])
@pytest.mark.parametrize("kind", ["onnx", "weights"])
def test_a_damaged_model_is_written_again(kokoro_model: Path, tmp_path: Path, kind: str, damage: str) -> None:
    for each in kokoro_model.parent.glob("kokoro-*"):  # other processes speak with these
        shutil.copy(each, tmp_path)
    whole = {each.name: sha256_file(each) for each in tmp_path.iterdir()}
    (path,) = tmp_path.glob(f"*.{kind}")
    if damage == "gone":
        path.unlink()
    else:
        with path.open("r+b") as stream:
            if damage == "cut":
                stream.truncate(1000)
            else:
                stream.seek(1_000_000)
                byte = stream.read(1)[0]
                stream.seek(1_000_000)
                stream.write(bytes([byte ^ 1]))
    assert kept_model(tmp_path) == tmp_path / kokoro_model.name
    assert {each.name: sha256_file(each) for each in tmp_path.glob("kokoro-*")} == whole


def test_three_threads_write_one_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths: list[Path] = []
    joined: list[bytes] = []
    monkeypatch.setattr(model, "joined_weights", lambda: joined.append(joined_weights()) or joined[-1])
    threads = [threading.Thread(target=lambda: paths.append(kept_model(tmp_path))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(paths) == 3
    assert len(set(paths)) == 1
    assert len(joined) == 1
    assert list(tmp_path.glob("*.onnx")) == [paths[0]]


def test_a_model_of_another_version_is_deleted_when_nobody_used_it_for_a_month(tmp_path: Path) -> None:
    long_ago = time.time() - 31 * 24 * 3600
    old, used, own = f"kokoro-{MODEL_SHA256[:12]}.onnx", f"kokoro-{MODEL_SHA256[:12]}-1-0123.onnx", "own.onnx"
    for name, at in ((old, long_ago), (used, time.time()), (own, long_ago)):
        (tmp_path / name).write_bytes(b"weights")
        os.utime(tmp_path / name, (at, long_ago))
    path = kept_model(tmp_path)
    assert {path.name for path in tmp_path.glob("*.onnx")} == {path.name, used, own}
    os.utime(path, (long_ago, long_ago))
    kept_model(tmp_path)
    assert path.stat().st_atime > long_ago + 1


def test_packages_with_other_weights_are_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = joined_weights()
    other[50_000_000] ^= 1
    monkeypatch.setattr(model, "joined_weights", lambda: other)
    with pytest.raises(SpeechError, match="damaged"):
        kept_model(tmp_path)
    assert not list(tmp_path.glob("kokoro-*"))


def test_an_unusable_folder_is_a_storage_error_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="file"):
        kept_model(tmp_path / "file" / "cache")
