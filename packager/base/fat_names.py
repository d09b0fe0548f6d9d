"""File names on FAT, for every system: characters, reserved names, length, names that collide on it. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from packager.base.i18n.language import _

MAX_NAME_UNITS = 255  # UTF-16 code units a name

_ILLEGAL = re.compile(r'[<>:"/\\|?*]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)", re.IGNORECASE)
_JOINER = "\u200d"
_UNSEEN = ("Cc", "Cf", "Cs", "Cn")  # control, format (as U+202E), lone surrogates, unassigned


def name_problems(name: str) -> tuple[str, ...]:
    """The reasons why `name`, of one file or folder, is not valid on FAT; empty when it is."""
    return tuple(_name_problems(name))


def gbk_bytes(name: str) -> int:
    """The bytes of a name in GBK; in GB 18030 for characters that GBK lacks."""
    return len(name.encode("gb18030", "replace"))


def fitting_name(text: str, most: int, *, most_bytes: int | None = None) -> str:
    """`text` as a name that is valid on FAT, of at most `most` UTF-16 units, cut between grapheme clusters.

    `most_bytes` are the most bytes in GBK.

    Illegal characters become spaces, invisible ones are removed. The result may be empty.
    """
    kept = "".join(
        character
        for character in unicodedata.normalize("NFC", text)
        # A joiner combines emoji to one visible character.
        if unicodedata.category(character) not in _UNSEEN or character == _JOINER
    )
    import regex  # most commands make no name

    name, units = "", 0
    for cluster in regex.findall(r"\X", " ".join(_ILLEGAL.sub(" ", kept).split())):
        units += _units(cluster)
        if units > most or (most_bytes is not None and gbk_bytes(name + cluster) > most_bytes):
            break
        name += cluster.replace(_JOINER, "")
    return name.rstrip(". ")


def entry_slots(name: str) -> int:
    """The most 32-byte directory entries that `name` takes: one, and one for every 13 UTF-16 units.

    Source: Microsoft's FAT specification. On some systems a short name takes only one.
    """
    return 1 + -(-_units(name) // 13)


def path_problems(paths: Iterable[str]) -> tuple[str, ...]:
    """The problems of the relative `paths` (forward slashes) of files on one FAT volume.

    Checks each name, whether two paths are the same to FAT (it ignores case and Unicode form), and whether a path is
    both a file and a folder.
    """
    problems: list[str] = []
    files: dict[str, str] = {}
    folders: dict[str, str] = {}
    of_names: dict[str, tuple[str, ...]] = {}
    for path in paths:
        parts = path.split("/")
        for part in parts:
            if part not in of_names:
                of_names[part] = name_problems(part)
            problems += [f"{path}: {problem}" for problem in of_names[part]]
        key = _same_to_fat(path)
        if key in files:
            problems.append(_("{path}: the same name as {other} to FAT").format(path=path, other=files[key]))
        files.setdefault(key, path)
        for depth in range(1, len(parts)):
            folder = "/".join(parts[:depth])
            other = folders.setdefault(_same_to_fat(folder), folder)
            if other != folder:
                problems.append(
                    _("{path}: the folder {folder} is the same name as {other} to FAT").format(
                        path=path, folder=folder, other=other
                    )
                )
    for key in files.keys() & folders.keys():
        problems.append(_("{path}: the name of a file and of a folder").format(path=files[key]))
    return tuple(dict.fromkeys(problems))


def _name_problems(name: str) -> Iterator[str]:
    if name in ("", ".", ".."):
        yield _("'{name}' is not a name").format(name=name)
        return
    illegal = sorted(set(_ILLEGAL.findall(name)))
    if illegal:
        yield _("'{name}' has characters that FAT does not take: {found}").format(name=name, found=" ".join(illegal))
    unseen = sorted({c for c in name if unicodedata.category(c) in _UNSEEN})
    if unseen:
        # The name is not shown: it holds what can't be printed.
        yield _("has characters that can't be seen: {found}").format(
            found=" ".join(f"U+{ord(character):04X}" for character in unseen)
        )
    if name[-1] in ". ":
        yield _("'{name}' ends in a dot or a space, which Windows drops").format(name=name)
    if _RESERVED.match(name):
        yield _("'{name}' is a device's name on Windows").format(name=name)
    units = _units(name)
    if units > MAX_NAME_UNITS:
        yield _("'{name}…' is {units} characters long, FAT takes {most}").format(
            name=name[:20], units=units, most=MAX_NAME_UNITS
        )


def _units(name: str) -> int:
    return len(name.encode("utf-16-le", "surrogatepass")) // 2


def _same_to_fat(path: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", path).casefold())
