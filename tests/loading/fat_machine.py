"""A machine with the real vfat driver: user-mode Linux runs a Python script beside a mounted FAT32 image.

The machine's file tree is this computer's own, so the script sees the same Python and the same files. Killing
it loses what it had not written: a true power cut. What the image holds is then judged from outside, by
mtools, fatsort and fsck.vfat.

Debian: apt-get install user-mode-linux kmod dosfstools mtools fatsort
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

TOOLS = ("linux.uml", "mkfs.vfat", "fsck.vfat", "mdir", "mcopy", "mdel", "fatsort")
_MODULES = ("fat/fat", "fat/vfat", "nls/nls_cp437", "nls/nls_ascii", "nls/nls_iso8859-1", "nls/nls_utf8")
_MODULE_FOLDER = "/usr/lib/uml/modules/$(uname -r)/kernel/fs"
_BOOT_SECONDS = 120
_REMARKS = (
    "Dirty bit|may be corrupt|Automatically|[Nn]ot automatically|Leaving filesystem",
    "Free cluster summary|Free clusters|Auto-correcting",
    # The dirty bit stands in the boot sector, and not in its backup.
    "differences between boot|This is mostly harmless|^  65:01/00",
    r"files, \d+/\d+ clusters|Orphaned long|Deleting",
)
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def require_machine() -> None:
    """Skip the test where the machine can't run, or fail it where it has to (PACKAGER_REQUIRE_FAT=1)."""
    missing = [tool for tool in TOOLS if shutil.which(tool, path=_SYSTEM_PATH) is None]
    if os.geteuid() != 0:
        missing.append("root's rights (the machine mounts a file system over this file tree)")
    if missing:
        reason = "the real vfat driver needs " + ", ".join(missing)
        if os.environ.get("PACKAGER_REQUIRE_FAT") == "1":
            pytest.fail(reason)
        pytest.skip(reason)


@dataclass(frozen=True)
class Outcome:
    """How a script ended in the machine: its exit code, or None when the power was cut before."""

    status: int | None
    output: str


class FatMachine:
    """One FAT32 image and the machine that mounts it, at the same path each time."""

    def __init__(self, folder: Path, *, megabytes: int = 64, sectors_a_cluster: int = 1) -> None:
        self.folder = folder
        self.image = folder / "card.img"
        self.mount_point = folder / "mnt"
        self.mount_point.mkdir(parents=True)
        _tool(
            "mkfs.vfat",
            "-F",
            "32",
            "-s",
            str(sectors_a_cluster),
            "-C",
            str(self.image),
            str(megabytes * 1024),
        )

    def run(
        self,
        script: Path,
        *arguments: object,
        flush: bool = True,
        cut: Callable[[Path], bool] | None = None,
    ) -> Outcome:
        """Run a Python script in the machine with the image mounted; the mount point is its first argument.

        `cut` is asked every few milliseconds with the path of a file that the script may write (its name is
        in the environment as SIGNAL); once it says yes, the power is cut.
        """
        for name in ("status", "output", "signal"):
            (self.folder / name).unlink(missing_ok=True)
        self._write_init([str(script), str(self.mount_point), *map(str, arguments)], flush)
        with (self.folder / "console").open("wb") as console:
            machine = subprocess.Popen(
                self._command(), stdout=console, stderr=console, start_new_session=True
            )
            try:
                self._wait(machine, cut)
            finally:
                _kill_group(machine)
        return self._outcome(was_cut=cut is not None)

    def directory(self, folder: str = "") -> list[str]:
        """The names in a folder of the image, in directory order, as mtools reads them."""
        listing = _tool("mdir", "-i", str(self.image), "-a", "-b", f"::/{folder}")
        names = [
            line.rstrip("/").rpartition("/")[2] for line in listing.splitlines() if line.startswith("::/")
        ]
        return [name for name in names if name not in (".", "..")]

    def directories(self) -> dict[str, list[str]]:
        """The names in every folder, in directory order, as fatsort reads them: a second witness."""
        listing: dict[str, list[str]] = {}
        names: list[str] = []
        for line in _tool("fatsort", "-l", str(self.image)).splitlines()[1:]:
            if line.startswith("/"):
                names = listing.setdefault(line.strip("/"), [])
            elif line:
                names.append(line)
        return listing

    def content(self, path: str) -> bytes:
        """The bytes of a file in the image."""
        target = self.folder / "copied"
        target.unlink(missing_ok=True)
        _tool("mcopy", "-n", "-i", str(self.image), f"::/{path}", str(target))
        return target.read_bytes()

    def files(self) -> dict[str, bytes]:
        """Every file of the image but our own, by path."""
        target = self.folder / "all"
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        _tool("mcopy", "-s", "-n", "-i", str(self.image), "::/*", str(target))
        return {
            path.relative_to(target).as_posix(): path.read_bytes()
            for path in target.rglob("*")
            if path.is_file() and ".packager" not in path.parts
        }

    def put(self, path: str, data: bytes) -> None:
        """Put a foreign file on the image, with mtools."""
        source = self.folder / "source"
        source.write_bytes(data)
        _tool("mcopy", "-o", "-i", str(self.image), str(source), f"::/{path}")

    def remove(self, path: str) -> None:
        """Delete a foreign file from the image, with mtools: its folder has a hole then."""
        _tool("mdel", "-i", str(self.image), f"::/{path}")

    def make_folder(self, path: str) -> None:
        """Make a foreign folder on the image, with mtools."""
        _tool("mmd", "-i", str(self.image), f"::/{path}")

    def check(self) -> list[str]:
        """What fsck.vfat says of the image, without harmless remarks; empty when nothing is wrong."""
        done = subprocess.run(
            ["fsck.vfat", "-n", str(self.image)],
            capture_output=True,
            text=True,
            check=False,
            env=_environment(),
        )
        return [line for line in done.stdout.splitlines()[1:] if line.strip() and not _is_remark(line)]

    def flip_byte(self, content: bytes) -> None:
        """Flip one bit of the file with this content where it lies in the image, under any driver."""
        image = bytearray(self.image.read_bytes())
        place = image.find(content[:512])
        assert place >= 0, "the content does not lie in the image"
        image[place + 100] ^= 1
        self.image.write_bytes(image)

    def _write_init(self, arguments: list[str], flush: bool) -> None:
        command = shlex.join([sys.executable, *arguments])
        here = shlex.quote(str(self.folder))
        loads = "\n".join(f"insmod {_MODULE_FOLDER}/{module}.ko" for module in _MODULES)
        options = "utf8=1,flush" if flush else "utf8=1"
        init = self.folder / "init.sh"
        init.write_text(
            f"""#!/bin/sh
export PATH={_SYSTEM_PATH} HOME=/root LANG=C.UTF-8 SIGNAL={here}/signal PYTHONDONTWRITEBYTECODE=1
mount -t proc proc /proc
mount -t tmpfs tmpfs /run
{loads}
mount -t vfat -o {options} /dev/ubdb {here}/mnt
cd {here}
{command} > output 2>&1
status=$?
umount {here}/mnt
echo $status > status
sync status
halt -f
""",
            encoding="utf-8",
        )
        init.chmod(0o755)

    def _command(self) -> list[str]:
        return [
            "linux.uml",
            "mem=512M",
            "root=/dev/root",
            "rootfstype=hostfs",
            "rootflags=/",
            "rw",
            f"ubdb={self.image}",
            f"init={self.folder}/init.sh",
            f"uml_dir={self.folder}/uml",
            "con=null",
            "con0=null,fd:1",
            "con1=null",
        ]

    def _wait(self, machine: subprocess.Popen[bytes], cut: Callable[[Path], bool] | None) -> None:
        end = time.monotonic() + _BOOT_SECONDS
        while machine.poll() is None:
            if cut is not None and cut(self.folder / "signal"):
                return
            if time.monotonic() > end:
                pytest.fail(
                    "the machine hangs:\n" + (self.folder / "console").read_text(errors="replace")[-2000:]
                )
            time.sleep(0.005)

    def _outcome(self, *, was_cut: bool) -> Outcome:
        output = self.folder / "output"
        text = output.read_text("utf-8", errors="replace") if output.exists() else ""
        status = self.folder / "status"
        if status.exists():
            return Outcome(int(status.read_text()), text)
        if was_cut:
            return Outcome(None, text)
        pytest.fail(
            "the machine did not start:\n" + (self.folder / "console").read_text(errors="replace")[-2000:]
        )


def _is_remark(line: str) -> bool:
    """Remarks that a power cut or `-n` leaves behind, none of which concerns a file's content."""
    return any(re.search(remark, line) for remark in _REMARKS)


def _kill_group(machine: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(machine.pid, signal.SIGKILL)
    machine.wait()


def _tool(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=_environment())
    assert done.returncode == 0, f"{command[0]}: {done.stderr or done.stdout}"
    return done.stdout


def _environment() -> dict[str, str]:
    return {
        **os.environ,
        "PATH": _SYSTEM_PATH,
        "MTOOLS_SKIP_CHECK": "1",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
    }
