"""Pandoc as a process of its own: without files or network, with a cap on memory and time."""

from __future__ import annotations

import json
import os
import subprocess
from functools import lru_cache
from pathlib import Path
from typing import Any

from packager.base.errors import InputError
from packager.base.i18n.language import _

_HEAP = "512M"
# Real books take one to two seconds a MiB of XML; what needs much longer is made to.
_SECONDS = 7.0
_SECONDS_A_MIB = {"docx": 1.5, "odt": 1.5, "epub": 1.5}  # unpacked, and looked through before
_HEAP_EXHAUSTED = 251


def convert(data: bytes, form: str, path: Path) -> dict[str, Any]:
    """Pandoc's syntax tree of a document in pandoc's format `form`; `path` is what messages call it.

    Raises InputError when pandoc can't read it, or not within its caps.
    """
    command = [_program(), "--sandbox", "--from", form, "--to", "json", "+RTS", f"-M{_HEAP}", "-RTS"]
    seconds = _SECONDS + _SECONDS_A_MIB.get(form, 0.0) * len(data) / 1024 / 1024
    try:
        done = subprocess.run(
            command,
            input=data,
            capture_output=True,
            timeout=seconds,
            check=False,
            # Nothing from the user's own configuration; and no message in another language than expected.
            env={"LANG": "C.UTF-8", "PATH": os.defpath, "SYSTEMROOT": os.environ.get("SYSTEMROOT", "")},
        )
    except subprocess.TimeoutExpired as error:
        raise _unreadable(path, _("it would take longer than {n:.0f} seconds").format(n=seconds)) from error
    except OSError as error:
        raise InputError(
            _("pandoc can't be started ({reason}); install packager again").format(reason=error)
        ) from error
    if done.returncode:
        raise _unreadable(path, _reason(done))
    try:
        tree: dict[str, Any] = json.loads(done.stdout)
    except (ValueError, RecursionError) as error:
        raise _unreadable(path, _("it is nested too deep")) from error
    return tree


@lru_cache
def _program() -> str:
    import pypandoc

    return str(Path(pypandoc.__file__).parent / "files" / ("pandoc.exe" if os.name == "nt" else "pandoc"))


def _reason(done: subprocess.CompletedProcess[bytes]) -> str:
    if done.returncode == _HEAP_EXHAUSTED:
        return _("it would take more than {n} of memory").format(n=_HEAP)
    lines = [line for line in done.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[0][:200] if lines else str(done.returncode)


def _unreadable(path: Path, reason: str) -> InputError:
    message = _("{path} can't be read: {reason}. Open it in its program, and save it anew or as plain text")
    return InputError(message.format(path=path, reason=reason))
