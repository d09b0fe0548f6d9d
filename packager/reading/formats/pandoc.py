"""Documents that pandoc parses: pandoc as a child process without files or network, capped in memory and work."""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from packager.base.child_process import TooMuchWorkError, run_capped
from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.reading.chapters import ParsedDocument
from packager.reading.formats.pandoc_ast import TooDeepError, inline_text, read_tree
from packager.reading.nouns import ReadOptions
from packager.reading.source import SourceFile
from packager.reading.structure import About, Page, assemble, is_default_property

_HEAP = "512M"
# Real books take one to two seconds a MiB of XML; one that needs much longer is an attack.
_SECONDS = 7.0
_SECONDS_A_MIB = {"odt": 1.5}  # of a format that is unpacked and checked before
_HEAP_EXHAUSTED = 251


@dataclass
class PandocInput:
    """A document prepared for pandoc: `pieces` in pandoc's input format `form`, in reading order.

    `hanzi` is the number of Hanzi in its text. `properties` are the title and author in its properties, where
    office programs often write defaults.
    """

    form: str
    pieces: Iterator[bytes]
    hanzi: int
    left_out: Counter[str] = field(default_factory=Counter)
    properties: dict[str, str] = field(default_factory=dict)


def read_with_pandoc(source: PandocInput, file: SourceFile) -> ParsedDocument:
    """Parse `source`, which was made of `file`. Raises InputError when pandoc can't read it."""
    page = Page()
    metadata: dict[str, str] = {}
    for piece in source.pieces:
        tree = _convert(piece, source.form, file.path)
        for key, value in _metadata(tree["meta"]).items():
            metadata.setdefault(key, value)
        try:
            read_tree(tree["blocks"], page, file.options)
        except TooDeepError as error:
            message = _("{path} can't be read: its lists, quotes or tables are nested too deep")
            raise InputError(message.format(path=file.path)) from error
    page.left_out.update(source.left_out)
    return assemble(page, About(metadata, source.properties), source.hanzi)


def _metadata(meta: dict[str, Any]) -> dict[str, str]:
    found = {
        "title": _meta_text(meta.get("title")),
        "author": _meta_text(meta.get("author")) or _meta_text(meta.get("creator")),
    }
    return {key: value for key, value in found.items() if value and not is_default_property(value)}


def _meta_text(value: Any) -> str:  # noqa: PLR0911 - a kind of value a return
    """The text of a value in pandoc's metadata; several authors are joined by 、."""
    if not value:
        return ""
    kind, content = value["t"], value.get("c")
    if kind == "MetaString":
        return str(content)
    if kind == "MetaInlines":
        return inline_text(content)
    if kind == "MetaBlocks":
        page = Page()
        read_tree(content, page, ReadOptions())
        return " ".join(block.text for block in page.blocks)
    if kind == "MetaList":
        return "、".join(filter(None, map(_meta_text, content)))
    if kind == "MetaMap":  # EPUB's titles and creators with a role
        return _meta_text(content.get("text"))
    return ""


def _convert(data: bytes, form: str, path: Path) -> dict[str, Any]:
    """Pandoc's syntax tree of `data`, a document in pandoc's input format `form`.

    Raises InputError, which names `path`, when pandoc can't read it within its memory and time.
    """
    command = [_program(), "--sandbox", "--from", form, "--to", "json", "+RTS", f"-M{_HEAP}", "-RTS"]
    seconds = _SECONDS + _SECONDS_A_MIB.get(form, 0.0) * len(data) / 1024 / 1024
    try:
        # Without the user's own configuration, and with messages in English.
        done = run_capped(
            command,
            data,
            seconds=seconds,
            env={"LANG": "C.UTF-8", "PATH": os.defpath, "SYSTEMROOT": os.environ.get("SYSTEMROOT", "")},
        )
    except TooMuchWorkError as error:
        message = _("it would take more than {n:.0f} seconds of processor time")
        raise _unreadable(path, message.format(n=seconds)) from error
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
