"""A real PostgreSQL server in a temporary folder, for the tests that need one."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))


def require_server() -> None:
    """Skip the test, or fail it where the environment says that a server has to be there."""
    if _PROGRAMS and (os.geteuid() != 0 or shutil.which("runuser")):
        return
    reason = "PostgreSQL is not installed (Debian: postgresql)"
    if os.environ.get("PACKAGER_REQUIRE_POSTGRESQL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def server() -> Iterator[Path]:
    """Run a server that listens on a socket in the folder that this gives, and on no network."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        data = folder / "data"
        _run("initdb", "-D", data, "-U", "office", "--auth-local=trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
        with (data / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write(f"listen_addresses = ''\nunix_socket_directories = '{folder}'\n")
        _run("pg_ctl", "-D", data, "-l", folder / "log", "-w", "-t", "60", "start")
        try:
            yield folder
        finally:
            _run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(program: str, *arguments: object) -> None:
    command = [str(_PROGRAMS[-1] / program), *map(str, arguments)]
    if os.geteuid() == 0:
        command = ["runuser", "-u", "postgres", "--", *command]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/tmp")


def new_database(folder: Path, name: str) -> str:
    """Make an empty database, and give its address."""
    import psycopg

    with psycopg.connect(host=str(folder), user="office", dbname="postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return f"postgresql+psycopg://office@/{name}?host={folder}"
