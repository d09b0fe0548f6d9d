"""Runs a test's own file as a program on an emulated processor of 2013: AVX2 and FMA, no AVX-512 and VNNI."""

import os
import platform
import shutil
import subprocess
import sys

import pytest


def printed_here(program: str) -> list[str]:
    """The words that the Python file `program` prints on this processor."""
    return _printed([], program)


def printed_on_older_processor(program: str) -> list[str]:
    """The words that the Python file `program` prints on the older processor. Skips the test without qemu."""
    if platform.machine() != "x86_64":
        pytest.skip("is about processors of this kind")
    qemu = shutil.which("qemu-x86_64")
    if qemu is None:
        if os.environ.get("PACKAGER_REQUIRE_QEMU"):
            pytest.fail("qemu-x86_64 is missing")
        pytest.skip("needs qemu-x86_64 (Debian: qemu-user)")
    return _printed([qemu, "-cpu", "Haswell"], program)


def _printed(emulator: list[str], program: str) -> list[str]:
    packages = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [*emulator, sys.executable, program], check=False, capture_output=True, text=True, timeout=300, env=packages
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.split()
