"""Simulated players: each plays a FAT image as its kind would, and answers the probe card's sheet."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pytest
from mutagen.mp3 import MP3, BitrateMode

_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
_ENVIRONMENT = {**os.environ, "PATH": _PATH, "MTOOLS_SKIP_CHECK": "1", "LC_ALL": "C.UTF-8"}


def require_fat_tools() -> None:
    """Skip the test where images can't be made, or fail it where it has to run (PACKAGER_REQUIRE_FAT=1)."""
    missing = [tool for tool in ("mkfs.vfat", "mcopy", "mmd", "mdir") if shutil.which(tool, path=_PATH) is None]
    if missing and os.environ.get("PACKAGER_REQUIRE_FAT") == "1":
        pytest.fail(f"no {', '.join(missing)}")
    if missing:
        pytest.skip(f"no {', '.join(missing)}")


def tool(*command: object) -> str:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False, env=_ENVIRONMENT)
    assert done.returncode == 0, done.stderr or done.stdout
    return done.stdout


class Image:
    """A FAT image with the files of a release folder, made in the order given, behind our own folder."""

    def __init__(self, image: Path, files: Path, paths: Sequence[str]) -> None:
        self.image, self.files = image, files
        image.unlink(missing_ok=True)
        tool("mkfs.vfat", "-C", image, 64 * 1024)
        folders: dict[str, list[str]] = {}
        for path in [".packager/card.json", *paths]:
            parts = path.split("/")
            for depth in range(len(parts)):
                folders.setdefault("/".join(parts[:depth]), [])
            if path in paths:
                folders["/".join(parts[:-1])].append(path)
        tool("mmd", "-i", image, "::/.packager")
        if folders[""]:
            tool("mcopy", "-i", image, *(files / path for path in folders[""]), "::/")
        made = [f"::/{folder}" for folder in folders if folder not in ("", ".packager")]
        if made:
            tool("mmd", "-i", image, *made)
        for folder, names in folders.items():
            if folder and names:
                tool("mcopy", "-i", image, *(files / name for name in names), f"::/{folder}")

    @cached_property
    def listing(self) -> dict[str, list[str]]:
        """Each folder's entries in directory order; those of folders end in a slash."""
        found: dict[str, list[str]] = {"": []}
        for line in tool("mdir", "-i", self.image, "-a", "-b", "-/", "::").splitlines():
            path = line.removeprefix("::/")
            folder, _slash, name = path.rstrip("/").rpartition("/")
            if line.startswith("::/") and name not in (".", ".."):
                found.setdefault(folder, []).append(name + "/" * path.endswith("/"))
        return found

    def sound(self, path: str) -> MP3:
        return MP3(io.BytesIO((self.files / path).read_bytes()))


def by_directory(names: list[str]) -> list[str]:
    return names


@dataclass
class Player:
    """A kind of player. It walks folders or knows only the root, and orders what it finds by `order`."""

    order: Callable[[list[str]], list[str]] = by_directory
    walks: bool = True
    takes: Callable[[str], bool] = lambda path: True  # by its name
    decodes: Callable[[MP3], bool] = lambda sound: True
    files: int = 10_000  # a folder
    folders: int = 10_000
    key: Callable[[Player, Image, int], str | None] = lambda player, image, number: None
    folder_key: Callable[[Player, Image, int, int], str | None] = lambda player, image, folder, file: None
    digits: int = 0
    shows: tuple[int, ...] = ()
    _plays: dict[str, bool] = field(default_factory=dict)

    def tracks(self, image: Image, folder: str = "") -> list[str]:
        """What next and previous go through: the files of a folder first, then the folders in it."""
        names = self.order(image.listing.get(folder, []))
        inside = f"{folder}/" if folder else ""
        files = [f"{inside}{n}" for n in names if n.endswith(".mp3") and self.takes(f"{inside}{n}")]
        found = files[: self.files]
        for name in [n for n in names if n.endswith("/")][: self.folders] if self.walks else []:
            found += self.tracks(image, inside + name.rstrip("/"))
        return found

    def plays(self, image: Image, path: str) -> bool:
        return self.takes(path) and self.decodes(image.sound(path))


def keyed_by_place(player: Player, image: Image, number: int) -> str | None:
    files = player.order([name for name in image.listing[""] if name.endswith(".mp3")])
    return files[number - 1] if number <= len(files) else None


def keyed_by_name(player: Player, image: Image, number: int) -> str | None:
    return next((n for n in image.listing[""] if n.endswith(".mp3") and int(n[:3]) == number), None)


def keyed_in_mp3(player: Player, image: Image, number: int) -> str | None:
    names = image.listing.get("mp3", [])
    return next((f"mp3/{name}" for name in names if name.startswith(f"{number:04}")), None)


def chip(player: Player, image: Image, folder: int, file: int) -> str | None:
    names = image.listing.get(f"{folder:02}", [])
    return next((f"{folder:02}/{name}" for name in names if name.startswith(f"{file:03}")), None)


def counted(hidden: bool) -> Callable[[Player, Image, int, int], str | None]:
    """Folder and file are counted in directory order; our own folder too unless it is `hidden`."""

    def find(player: Player, image: Image, folder: int, file: int) -> str | None:
        folders = [n.rstrip("/") for n in image.listing[""] if n.endswith("/")]
        folders = [name for name in folders if not (hidden and name.startswith("."))]
        if folder > len(folders):
            return None
        names = [n for n in image.listing.get(folders[folder - 1], []) if n.endswith(".mp3")]
        return f"{folders[folder - 1]}/{names[file - 1]}" if file <= len(names) else None

    return find


def chip_takes(path: str) -> bool:
    """What a DFPlayer chip finds: folders of two digits, files of three up to 255."""
    found = re.fullmatch(r"(?:[0-9]{2}/)?([0-9]{3})[^0-9].*", path)
    return path.isascii() and found is not None and int(found[1]) <= 255


def no_mono_at_44(sound: MP3) -> bool:
    return sound.info.channels == 2 or sound.info.sample_rate != 44100


def no_variable_rate(sound: MP3) -> bool:
    return sound.info.bitrate_mode is not BitrateMode.VBR


def answers_of_player(player: Player, image: Image, says: dict[str, int]) -> dict[str, object]:
    """The sheet, filled in by somebody who does as it says; `says` is what is heard of each path."""

    def heard(path: str | None) -> int:
        return says[path] if path is not None and player.plays(image, path) else 0

    tracks = [path for path in player.tracks(image) if heard(path)]
    row = list(_until_counting(heard(path) for path in tracks))
    answers: dict[str, object] = {"name": "found", "heard": row, "shown": list(player.shows), "digits": player.digits}
    answers |= {f"key_{n}": heard(player.key(player, image, n)) % 1000 for n in (1, 2, 4, 5, 7)}
    answers |= {
        f"folder_{folder}_file_{file}": heard(player.folder_key(player, image, folder, file)) % 1000
        for folder, file in ((3, 1), (6, 3))
    }
    if "11/001.mp3" in tracks:
        answers["last_in_folder"] = _count(heard(tracks[tracks.index("11/001.mp3") - 1]))
    row = [number for number in map(heard, reversed(tracks)) if number not in range(71, 76)]
    answers["last_folder"] = _count(row[0]) if row else 0
    return answers


def _count(number: int) -> int:
    return number - 1000 if number > 1000 else 0


def _until_counting(numbers: Iterator[int]) -> Iterator[int]:
    for number in numbers:
        if number > 1000:
            return
        yield number
