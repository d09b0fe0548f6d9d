"""Trust files that a file from elsewhere carries, and files that are made to fill the memory."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from trust_kit import KEYS, chain_of, trust_file

from packager.base.errors import InputError
from packager.trust import offered
from packager.trust.errors import TrustError
from packager.trust.offered import chain_in
from packager.trust.store import write_chain

A, B = KEYS[:2]
TWO = chain_of((trust_file(1, [A]), [A]), (trust_file(2, [A, B]), [A]))


def backup_with(folder: Path, more: dict[str, bytes]) -> Path:
    write_chain(folder / "trust", TWO)
    with zipfile.ZipFile(folder / "backup.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted((folder / "trust").iterdir()):
            archive.writestr(f"trust/{path.name}", path.read_bytes())
        for name, data in more.items():
            archive.writestr(name, data)
    return folder / "backup.zip"


def test_the_chain_of_a_backup_is_read(tmp_path: Path) -> None:
    assert chain_in(backup_with(tmp_path, {})) == TWO


def test_a_version_that_does_not_verify_ends_the_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    true = offered._member

    def counted(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> bytes:
        read.append(info.filename)
        return true(archive, info, limit)

    monkeypatch.setattr(offered, "_member", counted)
    bomb = backup_with(tmp_path, {f"trust/{version}.json": TWO.last.data for version in range(3, 50)})
    with pytest.raises(TrustError, match="expected version 3"):
        chain_in(bomb)
    assert [name for name in read if name.endswith(".json")] == ["trust/1.json", "trust/2.json", "trust/3.json"]


def test_all_versions_together_have_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = backup_with(tmp_path, {})
    size = sum(map(len, (one.data for one in TWO.files))) + sum(len(text) for of in TWO.signatures for text in of)
    monkeypatch.setattr(offered, "MAX_CHAIN_BYTES", size)
    assert chain_in(file) == TWO
    monkeypatch.setattr(offered, "MAX_CHAIN_BYTES", size - 1)
    with pytest.raises(InputError, match="is too large"):
        chain_in(file)


def test_trust_files_without_end_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="trust files"):
        chain_in(backup_with(tmp_path, {f"trust/1.{number}.minisig": b"" for number in range(21001)}))
