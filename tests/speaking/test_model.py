import threading
from pathlib import Path

import pytest

from packager.errors import InputError, StorageError
from packager.formats import sha256_file
from packager.speaking import EngineSource, kokoro_source
from packager.speaking.model import MODEL_SHA256, MODEL_SIZE, joined_model


def test_the_installed_parts_are_joined_into_the_model(source: EngineSource) -> None:
    assert source.model.stat().st_size == MODEL_SIZE
    assert sha256_file(source.model) == MODEL_SHA256
    assert MODEL_SHA256[:16] in source.fingerprint


def test_a_whole_model_is_not_joined_again(source: EngineSource) -> None:
    before = source.model.stat()
    assert joined_model(source.model.parent) == source.model
    assert source.model.stat().st_mtime_ns == before.st_mtime_ns


@pytest.mark.parametrize("damage", ["byte", "cut", "gone"])
def test_a_damaged_model_is_joined_anew(source: EngineSource, damage: str) -> None:
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
    assert sha256_file(joined_model(source.model.parent)) == MODEL_SHA256
    assert [path.name for path in source.model.parent.iterdir() if path.suffix == ".part"] == []


def test_two_at_once_join_one_model(tmp_path: Path) -> None:
    paths: list[Path] = []
    threads = [threading.Thread(target=lambda: paths.append(joined_model(tmp_path))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(paths) == 3
    assert sha256_file(paths[0]) == MODEL_SHA256


def test_a_folder_that_is_none_is_a_storage_error_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="file"):
        joined_model(tmp_path / "file" / "cache")


def test_an_own_model_is_taken_by_its_hash_and_a_missing_one_refused(tmp_path: Path) -> None:
    own = tmp_path / "own.onnx"
    own.write_bytes(b"weights")
    assert kokoro_source(own).model == own
    assert sha256_file(own)[:16] in kokoro_source(own).fingerprint
    with pytest.raises(InputError, match=r"missing\.onnx"):
        kokoro_source(tmp_path / "missing.onnx")
