"""A machine with the real vfat driver: user-mode Linux runs a Python script beside mounted FAT32 images.

The machine's file tree is this computer's own, so the script sees the same Python and the same files. Killing
it loses what it had not written: a true power cut, for all cards that are mounted then. What an image holds
is judged from outside (`fat_image.py`).

Debian: apt-get install user-mode-linux kmod dosfstools mtools fatsort, and gcc libc6-dev for processors with AMX
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from fat_image import SYSTEM_PATH, FatImage

TOOLS = ("linux.uml", "mkfs.vfat", "fsck.vfat", "mdir", "mcopy", "mdel", "mattrib", "fatsort")
MAX_CARDS = 15  # ubdb to ubdp
_MODULES = ("fat/fat", "fat/vfat", "nls/nls_cp437", "nls/nls_ascii", "nls/nls_iso8859-1", "nls/nls_utf8")
_MODULE_FOLDER = "/usr/lib/uml/modules/$(uname -r)/kernel/fs"
_REGISTERS = Path(__file__).with_name("uml_registers.c")
_LONGEST_RUN = 900  # seconds; 15 cards on a busy computer take minutes


def require_machine() -> None:
    """Skip the test where the machine can't run, or fail it where it has to (PACKAGER_REQUIRE_FAT=1)."""
    missing = [tool for tool in TOOLS if shutil.which(tool, path=SYSTEM_PATH) is None]
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


@dataclass(frozen=True)
class Mount:
    """A card in a reader of the machine."""

    image: FatImage
    options: str = "utf8=1,flush"


class Machine:
    """A machine that works in `folder`; the cards are mounted at the same paths each time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)

    def mount_point(self, number: int) -> Path:
        """Where the card in that reader is mounted, counted from 0."""
        return self.folder / f"reader{number}"

    def run(
        self, script: Path, mounts: Sequence[Mount], *arguments: object, cut: Callable[[Path], bool] | None = None
    ) -> Outcome:
        """Run a Python script in the machine, with the mount points of the cards as its first arguments.

        `cut` is asked every few milliseconds with the path of a file that the script may write (its name is
        in the environment as SIGNAL); once it says yes, the power is cut.
        """
        for name in ("status", "output", "signal"):
            (self.folder / name).unlink(missing_ok=True)
        self._write_init(script, mounts, arguments)
        with (self.folder / "console").open("wb") as console:
            machine = subprocess.Popen(
                self._command(mounts), env=self._environment(), stdout=console, stderr=console, start_new_session=True
            )
            try:
                self._wait(machine, cut)
            finally:
                _kill_group(machine)
        return self._outcome(was_cut=cut is not None)

    def _write_init(self, script: Path, mounts: Sequence[Mount], arguments: Sequence[object]) -> None:
        places = [str(self.mount_point(number)) for number in range(len(mounts))]
        command = shlex.join([sys.executable, str(script), *places, *map(str, arguments)])
        here = shlex.quote(str(self.folder))
        loads = "\n".join(f"insmod {_MODULE_FOLDER}/{module}.ko" for module in _MODULES)
        for place in places:
            Path(place).mkdir(exist_ok=True)
        mount_all = "\n".join(
            f"mount -t vfat -o {mount.options} /dev/{_device(number)} {shlex.quote(place)}"
            for number, (mount, place) in enumerate(zip(mounts, places, strict=True))
        )
        path = shlex.quote(os.environ.get("PYTHONPATH", ""))
        init = self.folder / "init.sh"
        init.write_text(
            f"""#!/bin/sh
export PATH={SYSTEM_PATH} HOME=/root LANG=C.UTF-8 SIGNAL={here}/signal
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH={path}
mount -t proc proc /proc
mount -t tmpfs tmpfs /run
{loads}
{mount_all}
cd {here}
{command} > output 2>&1
status=$?
umount {shlex.join(places)}
echo $status > status
sync status
halt -f
""",
            encoding="utf-8",
        )
        init.chmod(0o755)

    def _command(self, mounts: Sequence[Mount]) -> list[str]:
        return [
            "linux.uml",
            "mem=512M",
            "root=/dev/root",
            "rootfstype=hostfs",
            "rootflags=/",
            "rw",
            *(f"{_device(number)}={mount.image.path}" for number, mount in enumerate(mounts)),
            f"init={self.folder}/init.sh",
            f"uml_dir={self.folder}/uml",
            "con=null",
            "con0=null,fd:1",
            "con1=null",
        ]

    def _environment(self) -> dict[str, str]:
        """This process's, and a repair of the machine's for newer processors where it can be compiled."""
        library = self.folder / "registers.so"
        if shutil.which("cc") and not library.exists():
            subprocess.run(["cc", "-shared", "-fPIC", "-o", library, _REGISTERS, "-ldl"], check=True)
        return {**os.environ, "LD_PRELOAD": str(library)} if library.exists() else {**os.environ}

    def _wait(self, machine: subprocess.Popen[bytes], cut: Callable[[Path], bool] | None) -> None:
        end = time.monotonic() + _LONGEST_RUN
        while machine.poll() is None:
            if cut is not None and cut(self.folder / "signal"):
                return
            if time.monotonic() > end:
                pytest.fail("the machine hangs:\n" + (self.folder / "console").read_text(errors="replace")[-2000:])
            time.sleep(0.005)

    def _outcome(self, *, was_cut: bool) -> Outcome:
        output = self.folder / "output"
        text = output.read_text("utf-8", errors="replace") if output.exists() else ""
        status = self.folder / "status"
        if status.exists():
            return Outcome(int(status.read_text()), text)
        if was_cut:
            return Outcome(None, text)
        pytest.fail("the machine did not start:\n" + (self.folder / "console").read_text(errors="replace")[-2000:])


class FatMachine(FatImage):
    """A machine with one card."""

    def __init__(self, folder: Path, *, megabytes: int = 64, sectors_a_cluster: int = 1) -> None:
        self.machine = Machine(folder)
        super().__init__(folder / "card.img")
        self.format(megabytes=megabytes, sectors_a_cluster=sectors_a_cluster)

    @property
    def image(self) -> Path:
        """The file in which the card is."""
        return self.path

    def run(
        self, script: Path, *arguments: object, flush: bool = True, cut: Callable[[Path], bool] | None = None
    ) -> Outcome:
        """As `Machine.run`."""
        mount = Mount(self, "utf8=1,flush" if flush else "utf8=1")
        return self.machine.run(script, [mount], *arguments, cut=cut)


def _device(number: int) -> str:
    if number >= MAX_CARDS:
        raise ValueError(f"the machine has {MAX_CARDS} readers")
    return f"ubd{'bcdefghijklmnop'[number]}"


def _kill_group(machine: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(machine.pid, signal.SIGKILL)
    machine.wait()
