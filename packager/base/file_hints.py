"""What a file name that a person typed was probably meant to be."""

from __future__ import annotations

import difflib
import re
import shlex
import sys
import unicodedata
from contextlib import suppress
from pathlib import Path

from packager.base.i18n.language import _

_MOST_NAMES = 2000  # of a folder that are compared
_LONGEST = 100  # characters of a name that is compared
_TEXTS = "texts"
_ENOUGH = 0.6  # similarity from which a name is suggested


def typed_path(text: str | Path) -> Path:
    """The path in `text`. Where backslashes name no file, they are read as on Windows, so texts\\a.md is texts/a.md."""
    path = Path(text)
    plain = Path(str(text).replace("\\", "/"))
    return plain if plain != path and not path.exists() else path


def in_command(name: str) -> str:
    """`name` as it stands in a command to copy: in double quotes, which every system's shell knows, if it must be.

    Signs that other shells than those of Windows read within double quotes put it in single quotes there.
    """
    if sys.platform != "win32" and re.search(r'["$`!\\]', name):
        return shlex.quote(name)
    return f'"{name}"' if re.search(r"""[\s&|<>()^;'*?$`!\[\]{}#~%,=]""", name) else name


def similar_file(path: Path) -> str:
    """` - did you mean 'x'?` for a file near the missing `path`: of the same name elsewhere, or of a similar name."""
    folders = dict.fromkeys((path.parent, path.parent / _TEXTS, path.parent.parent / _TEXTS))
    best: tuple[float, Path] | None = None
    for folder in folders:
        for name in _names(folder):
            score = _similarity(path, Path(name))
            if score >= _ENOUGH and (best is None or score > best[0]):
                best = (score, folder / name)
    return _(" - did you mean '{word}'?").format(word=best[1]) if best else ""


def _names(folder: Path) -> list[str]:
    with suppress(OSError):
        names = (entry.name for entry in folder.iterdir() if not entry.name.startswith(".") and entry.is_file())
        return sorted(name for name, _place in zip(names, range(_MOST_NAMES), strict=False))
    return []


def _similarity(missing: Path, other: Path) -> float:
    """From 0 to 1, by the names without their endings; the ending alone never makes names similar."""
    one, two = (unicodedata.normalize("NFKC", path.name[:_LONGEST]).casefold() for path in (missing, other))
    if one == two:
        return 1.0
    one, two = (unicodedata.normalize("NFKC", path.stem[:_LONGEST]).casefold() for path in (missing, other))
    same_ending = missing.suffix.casefold() == other.suffix.casefold()
    return difflib.SequenceMatcher(None, one, two).ratio() - (0.0 if same_ending else 0.05)
