import hashlib
import sys
import threading
from pathlib import Path

import pytest

from packager.base.errors import InputError, StorageError
from packager.base.formats import sha256_file
from packager.speech import EngineSource, kokoro_source
from packager.speech.kokoro import model
from packager.speech.kokoro.model import MODEL_SHA256, joined_weights, kept_model


def test_the_installed_parts_are_joined_into_the_published_model() -> None:
    assert hashlib.sha256(joined_weights()).hexdigest() == MODEL_SHA256


def test_the_model_is_known_by_its_published_hash_and_its_file_by_its_own(source: EngineSource) -> None:
    assert MODEL_SHA256[:16] in source.fingerprint
    assert source.model.name.endswith(f"-{sha256_file(source.model)[:16]}.onnx")


def test_a_whole_model_is_not_made_again(source: EngineSource) -> None:
    before = source.model.stat()
    assert kept_model(source.model.parent) == source.model
    assert source.model.stat().st_mtime_ns == before.st_mtime_ns


@pytest.mark.parametrize("damage", ["byte", "cut", "gone"])
def test_a_damaged_model_is_made_anew(source: EngineSource, damage: str) -> None:
    whole = sha256_file(source.model)
    if damage == "gone":
        source.model.unlink()
    else:
        with source.model.open("r+b") as stream:
            if damage == "cut":
                stream.truncate(1000)
            else:
                stream.seek(50_000_000)
                byte = stream.read(1)[0]
                stream.seek(50_000_000)
                stream.write(bytes([byte ^ 1]))
    assert kept_model(source.model.parent) == source.model
    assert sha256_file(source.model) == whole
    assert sorted(path.name for path in source.model.parent.iterdir() if path.suffix != ".lock") == [source.model.name]


def test_three_at_once_make_one_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_what_an_earlier_program_kept_is_removed_and_nothing_else(tmp_path: Path) -> None:
    for name in (f"kokoro-{MODEL_SHA256[:12]}.onnx", f"kokoro-{MODEL_SHA256[:12]}-1-0123.onnx", "own.onnx"):
        (tmp_path / name).write_bytes(b"weights")
    path = kept_model(tmp_path)
    assert {path.name for path in tmp_path.glob("*.onnx")} == {path.name, "own.onnx"}


def test_without_onnx_the_model_is_kept_as_it_was_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    assert sha256_file(kept_model(tmp_path)) == MODEL_SHA256


def test_another_file_has_another_form(source: EngineSource) -> None:
    # Who changes `lowering` raises the form, or the file that users have stays as it is.
    assert source.model.name == f"kokoro-{MODEL_SHA256[:12]}-2-2db265b3c385fc46.onnx"


def test_a_folder_that_is_none_is_a_storage_error_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="file"):
        kept_model(tmp_path / "file" / "cache")


def test_an_own_model_is_taken_by_its_hash_and_a_missing_one_refused(tmp_path: Path) -> None:
    own = tmp_path / "own.onnx"
    own.write_bytes(b"weights")
    assert kokoro_source(own).model == own
    assert sha256_file(own)[:16] in kokoro_source(own).fingerprint
    with pytest.raises(InputError, match=r"missing\.onnx"):
        kokoro_source(tmp_path / "missing.onnx")
