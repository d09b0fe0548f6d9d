"""Runs a test's own file as a program as on a processor of 2013: AVX2 and FMA, no AVX-512 and VNNI."""

import os
import platform
import shutil
import subprocess
import sys

import pytest

# numpy chooses its own loops by these, and its BLAS by the type of core; it ignores names that it does not know.
_OLDER_NUMPY = {
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL",
    "OPENBLAS_CORETYPE": "Haswell",
}


def printed_here(program: str) -> list[str]:
    """The words that the Python file `program` prints on this processor."""
    return _printed([], program)


def printed_with_older_numpy_loops(program: str) -> list[str]:
    """The words that `program`, which calls nothing but numpy, prints where numpy uses no AVX-512. No emulator."""
    return _printed([], program, **_OLDER_NUMPY)


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


def _printed(emulator: list[str], program: str, **settings: str) -> list[str]:
    packages = {**os.environ, **settings, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [*emulator, sys.executable, program], check=False, capture_output=True, text=True, timeout=300, env=packages
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.split()
