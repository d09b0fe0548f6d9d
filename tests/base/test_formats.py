"""Canonical JSON, times, safe paths and atomic files."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packager.base.errors import InputError
from packager.base.formats import (
    canonical_json,
    is_moment,
    parse_utc,
    safe_relative_path,
    sha256_bytes,
    sha256_file,
    utc_text,
    write_atomic,
    written_aside,
)

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
)


@settings(max_examples=30)
@given(st.dictionaries(st.text(st.characters(codec="utf-8")), _JSON, max_size=5))
def test_canonical_json_does_not_depend_on_the_order_of_keys(value: dict[str, object]) -> None:
    turned = dict(reversed(value.items()))
    assert canonical_json(value) == canonical_json(turned)


def test_canonical_json_has_no_form_for_what_json_lacks() -> None:
    with pytest.raises(ValueError):
        canonical_json([float("nan")])


def test_a_moment_is_written_in_utc_and_comes_back() -> None:
    beijing = timezone(timedelta(hours=8))
    assert utc_text(datetime(2026, 11, 23, 7, 0, tzinfo=beijing)) == "2026-11-22T23:00:00Z"
    assert parse_utc("2026-11-22T23:00:00Z") == datetime(2026, 11, 23, 7, 0, tzinfo=beijing)
    with pytest.raises(ValueError):
        utc_text(datetime(2026, 11, 23))


@given(st.text())
def test_a_safe_path_never_leaves_its_folder(text: str) -> None:
    try:
        path = safe_relative_path(text)
    except InputError:
        return
    assert os.path.normpath(f"/base/{path}").startswith("/base/")


@pytest.mark.parametrize("text", ["", ".", "..", "a/../b", "/a", "a/", "a\\b", "c:a", "a\0", "a\nb", "./a"])
def test_unsafe_paths_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        safe_relative_path(text)


def test_an_atomic_write_replaces_the_whole_file_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file"
    write_atomic(path, b"old")
    write_atomic(path, b"new content")
    assert path.read_bytes() == b"new content"
    with pytest.raises(TypeError):
        write_atomic(path, "not bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"new content"
    assert [entry.name for entry in path.parent.iterdir()] == ["file"]


def names(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


def test_a_file_written_aside_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / ("册" * 80)
    for data in (b"old", b"new content"):
        with written_aside(path, mode=0o600) as stream:
            stream.write(data)
            assert not path.exists() or path.read_bytes() == b"old"
    assert path.read_bytes() == b"new content"
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(RuntimeError), written_aside(path) as stream:
        stream.write(b"half")
        raise RuntimeError
    assert path.read_bytes() == b"new content"
    assert names(tmp_path) == {path.name}


WRITER = """
import sys, time
from pathlib import Path
from packager.base.formats import written_aside
with written_aside(Path(sys.argv[1])) as stream:
    stream.write(b"half")
    stream.flush()
    print("half", flush=True)
    time.sleep(60)
"""


def test_temporary_files_of_killed_processes_are_deleted_and_those_of_live_ones_kept(tmp_path: Path) -> None:
    path = tmp_path / "file[1]"
    (tmp_path / ".other.00112233.part").write_bytes(b"another file's")
    others = {".other.00112233.part"}
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"half\n" or os.name == "nt"
    with written_aside(path) as stream:
        stream.write(b"first")
    assert len(names(tmp_path) - others) == 2
    process.send_signal(signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
    process.wait()
    process.stdout.close()
    with written_aside(path) as stream:
        stream.write(b"second")
    assert names(tmp_path) - others == {path.name}
    assert path.read_bytes() == b"second"


def test_a_file_has_the_hash_of_its_bytes(tmp_path: Path) -> None:
    data = os.urandom(3_000_001)
    (tmp_path / "file").write_bytes(data)
    assert sha256_file(tmp_path / "file") == sha256_bytes(data)


@pytest.mark.parametrize("text", ["1970-01-01T00:00:00Z", "2026-11-23T08:15:00Z", "9998-12-31T23:59:59Z"])
def test_a_moment_can_be_told_by_the_clocks_of_every_place(text: str) -> None:
    assert is_moment(text)
    for hours in (-23, 23):
        assert parse_utc(text).astimezone(timezone(timedelta(hours=hours)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-23",
        "2026-11-23T08:15:00Z\n",
        "2026-02-30T08:00:00Z",
        "2026-11-23T24:00:00Z",
        "2026-11-23T08:15:60Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "２０２６-11-23T08:15:00Z",
    ],
)
def test_invalid_moments_are_refused(text: str) -> None:
    assert not is_moment(text)
