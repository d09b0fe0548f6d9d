"""A FAT32 image, looked at and changed from outside: by mtools, fatsort and fsck.vfat, never by a driver."""

from __future__ import annotations

import os
import re
import shutil
import struct
import subprocess
from pathlib import Path

_LOST_CLUSTERS = re.compile(r"Reclaimed \d+ unused clusters?|^Reclaiming unconnected clusters")
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_REMARKS = (
    "Dirty bit|may be corrupt|Automatically|[Nn]ot automatically|Leaving filesystem",
    "Free cluster summary|Free clusters|Auto-correcting",
    # The dirty bit stands in the boot sector, and not in its backup.
    "differences between boot|This is mostly harmless|^  65:01/00",
    r"files, \d+/\d+ clusters|Orphaned long|Deleting",
)


class FatImage:
    """One FAT32 file system in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def format(self, *, megabytes: int, sectors_a_cluster: int = 1, root_entries: int | None = None) -> None:
        """Make it an empty card; with `root_entries` of FAT16."""
        kind = ("-F", "32") if root_entries is None else ("-F", "16", "-r", str(root_entries))
        _tool("mkfs.vfat", *kind, "-s", str(sectors_a_cluster), "-C", str(self.path), str(megabytes * 1024))

    def copy(self, path: Path) -> FatImage:
        """A byte-equal image: a clone, or the same card for another try."""
        subprocess.run(["cp", "--sparse=always", self.path, path], check=True)
        return FatImage(path)

    def directory(self, folder: str = "") -> list[str]:
        """The names in a folder of the image, in directory order, as mtools reads them."""
        listing = _tool("mdir", "-i", str(self.path), "-a", "-b", f"::/{folder}")
        names = [line.rstrip("/").rpartition("/")[2] for line in listing.splitlines() if line.startswith("::/")]
        return [name for name in names if name not in (".", "..")]

    def directories(self) -> dict[str, list[str]]:
        """The names in every folder, in directory order, as fatsort reads them: a second witness."""
        listing: dict[str, list[str]] = {}
        names: list[str] = []
        for line in _tool("fatsort", "-l", str(self.path)).splitlines()[1:]:
            if line.startswith("/"):
                names = listing.setdefault(line.strip("/"), [])
            elif line:
                names.append(line)
        return listing

    def content(self, path: str) -> bytes:
        """The bytes of a file in the image."""
        target = self._beside("copied")
        target.unlink(missing_ok=True)
        _tool("mcopy", "-n", "-i", str(self.path), f"::/{path}", str(target))
        return target.read_bytes()

    def files(self) -> dict[str, bytes]:
        """Every file of the image but our own, by path."""
        target = self._beside("all")
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        if not self.directory():
            return {}
        _tool("mcopy", "-s", "-n", "-i", str(self.path), "::/*", str(target))
        return {
            path.relative_to(target).as_posix(): path.read_bytes()
            for path in target.rglob("*")
            if path.is_file() and ".packager" not in path.parts
        }

    def files_if_readable(self) -> dict[str, bytes] | None:
        """As `files`; None where a file can't be read, as one that a power cut left without its clusters."""
        try:
            return self.files()
        except UnreadableImageError:
            return None

    def put(self, path: str, data: bytes) -> None:
        """Put a foreign file on the image, with mtools."""
        source = self._beside("source")
        source.write_bytes(data)
        _tool("mcopy", "-o", "-i", str(self.path), str(source), f"::/{path}")

    def remove(self, path: str) -> None:
        """Delete a foreign file from the image, with mtools: its folder has a hole then."""
        _tool("mdel", "-i", str(self.path), f"::/{path}")

    def rename_raw(self, old: bytes, new: bytes) -> None:
        """Change the bytes of a name where they stand in the image, as no tool here would write them."""
        image = self.path.read_bytes()
        assert image.count(old) == 1
        assert len(old) == len(new)
        self.path.write_bytes(image.replace(old, new))

    def hide(self, *paths: str) -> None:
        """Set the attribute "hidden" with mtools."""
        _tool("mattrib", "+h", "-i", str(self.path), *(f"::/{path}" for path in paths))

    def attributes(self, path: str) -> str:
        """The attributes of a file or folder in letters, as mtools reads them."""
        return _tool("mattrib", "-i", str(self.path), f"::/{path}")[:12].replace(" ", "")

    def times(self, folder: str) -> list[str]:
        """The modification times of the files of a folder in directory order, as text that sorts."""
        lines = _tool("mdir", "-i", str(self.path), f"::/{folder}").splitlines()
        found = (re.search(r"(\d{4})-(\d\d)-(\d\d) +(\d+):(\d\d)", line) for line in lines if "<DIR>" not in line)
        return [f"{m[1]}-{m[2]}-{m[3]} {int(m[4]):02}:{m[5]}" for m in found if m]

    def repair(self) -> None:
        """Check and repair the file system, as a volunteer is told to."""
        done = subprocess.run(
            ["fsck.vfat", "-a", "-w", str(self.path)], capture_output=True, text=True, check=False, env=environment()
        )
        assert done.returncode in (0, 1), done.stdout

    def make_folder(self, path: str) -> None:
        """Make a foreign folder on the image, with mtools."""
        _tool("mmd", "-i", str(self.path), f"::/{path}")

    def free_bytes(self) -> int:
        """Room for files, as mtools counts it."""
        listing = _tool("mdir", "-i", str(self.path), "::/")
        free = next(line for line in listing.splitlines() if "bytes free" in line)
        return int("".join(character for character in free if character.isdigit()))

    def check(self, *, was_cut: bool = False) -> list[str]:
        """What fsck.vfat says of the image, without harmless remarks; empty when nothing is wrong.

        Clusters that belong to no file are room lost to a power cut, and harmless too.
        """
        lines = [line for line in self._fsck()[1:] if line.strip() and not _is_remark(line)]
        return [line for line in lines if not (was_cut and _LOST_CLUSTERS.search(line))]

    def flip_byte(self, content: bytes) -> None:
        """Flip one bit of the file with this content where it lies in the image, under any driver."""
        image = bytearray(self.path.read_bytes())
        place = image.find(content[:512])
        assert place >= 0, "the content does not lie in the image"
        image[place + 100] ^= 1
        self.path.write_bytes(image)

    def break_chain(self, content: bytes) -> None:
        """Let the clusters of the file with this content end before its size: a driver can't read the rest.

        Source of the layout: Microsoft's FAT specification, 'Boot Sector and BPB'.
        """
        image = bytearray(self.path.read_bytes())
        sector, by_cluster, reserved, tables = struct.unpack_from("<HBHB", image, 11)
        (table_sectors,) = struct.unpack_from("<I", image, 36)
        data = (reserved + tables * table_sectors) * sector
        cluster = (image.find(content[:512]) - data) // (sector * by_cluster) + 2
        assert cluster >= 2, "the content does not lie in the image"
        for table in range(tables):
            struct.pack_into("<I", image, (reserved + table * table_sectors) * sector + 4 * (cluster + 1), 0)
        self.path.write_bytes(image)

    def shared_clusters(self) -> list[str]:
        """What fsck.vfat says of clusters that two files share: after a power cut the one thing that can't be
        mended."""
        return [line for line in self._fsck() if "share" in line.lower()]

    def _fsck(self) -> list[str]:
        done = subprocess.run(
            ["fsck.vfat", "-n", str(self.path)], capture_output=True, text=True, check=False, env=environment()
        )
        return done.stdout.splitlines()

    def _beside(self, name: str) -> Path:
        return self.path.with_name(f"{self.path.name}-{name}")


class UnreadableImageError(AssertionError):
    """A tool could not do with the image what was asked."""


def _is_remark(line: str) -> bool:
    """Remarks that a power cut or `-n` leaves behind, none of which concerns a file's content."""
    return any(re.search(remark, line) for remark in _REMARKS)


def _tool(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment())
    if done.returncode:
        raise UnreadableImageError(f"{command[0]}: {done.stderr or done.stdout}")
    return done.stdout


def environment() -> dict[str, str]:
    return {**os.environ, "PATH": SYSTEM_PATH, "MTOOLS_SKIP_CHECK": "1", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
