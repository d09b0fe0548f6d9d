import socket
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

import pytest

from packager.base.errors import PackagerError
from packager.base.locks import build_lock

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=timezone.utc)

HOLDER = """
import sys
from datetime import datetime, timezone
from pathlib import Path
from packager.base.locks import build_lock
now = datetime(2026, 11, 23, 8, tzinfo=timezone.utc)
with build_lock(Path(sys.argv[1]), "packager build week", now=now):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def test_a_refusal_names_the_holder_with_its_work_process_and_computer(
    tmp_path: Path, holder: "subprocess.Popen[bytes]"
) -> None:
    with pytest.raises(PackagerError) as caught, build_lock(tmp_path, "packager build b", now=NOW):
        pass
    holder.communicate()
    for words in ("packager build week", f"process {holder.pid}", socket.gethostname(), "wait"):
        assert words in str(caught.value)


def test_a_waiting_process_hears_once_of_the_holder_and_goes_on_when_it_ends(
    tmp_path: Path, holder: "subprocess.Popen[bytes]"
) -> None:
    said = []

    def waiting(who: str) -> None:
        said.append(who)
        holder.communicate()

    with build_lock(tmp_path, "packager build b", now=NOW, waiting=waiting):
        assert len(said) == 1
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".json"] == []


def test_a_killed_process_loses_the_lock(tmp_path: Path, holder: "subprocess.Popen[bytes]") -> None:
    holder.kill()
    holder.communicate()
    with build_lock(tmp_path, "packager build b", now=NOW):
        pass


def test_the_lock_is_reentrant(tmp_path: Path) -> None:
    with build_lock(tmp_path, "outer", now=NOW):
        with build_lock(tmp_path, "inner", now=NOW):
            pass
        assert "outer" in (tmp_path / ".build.json").read_text("utf-8")
    assert not (tmp_path / ".build.json").exists()
