"""Makes small files of every format, as this version of the program writes them.

    python tests/formats/make.py 1.0

Run it once for a version, when its formats are frozen, and commit the folder. Later versions must read it.
"""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).parent
PROGRAM = HERE.parent / "support" / "tone_packager.py"
PASSPHRASE = "很长的口令 123"
TEXTS: Mapping[str, str] = {
    "packager.yaml": "pace: 190\nvoice: kokoro:zf_xiaobei\napproval: required\n",
    "texts/news.md": "# 通知\n\n## 停水\n\n停水。\n",
    "texts/book.md": "# 书\n\n## 门\n\n开门。\n",
    "lexicon.yaml": "words:\n  单老师: shan4 lao3 shi1\n",
    "profiles/mine.yaml": "title: 我的播放器\nlayout: folders\nfinds_by: name\nfolder_digits: 2\nfile_digits: 3\n"
    "audio: {bit_rate: 32, sample_rate: 22050}\n"
    "limits: {tracks: 99, folders: 9, files_per_folder: 99, minutes_per_track: 60}\n",
    "playlists/week.yaml": "playlist: week\ntitle: 第48周\nannounce: {opening: false, contents: false, tail: false, "
    "number: false, book: false}\nitems:\n- book: texts/news.md\n  shelf: week\n- book: texts/book.md\n",
    "playlists/timetable.yaml": "standing:\n- book: texts/book.md\nweeks:\n  2026-W49:\n  - book: texts/news.md\n",
}


def make(target: Path) -> None:
    """Write the files of each format into the empty folder `target`."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "office")
        for name, text in TEXTS.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, "utf-8")
        card = Path(folder, "card")
        card.mkdir()
        keys = str(Path(folder, "keys"))

        def run(*arguments: object) -> None:
            environment = os.environ | {"LANGUAGE": "en", "PACKAGER_KEYS": keys, "PACKAGER_PASSPHRASE": PASSPHRASE}
            subprocess.run([sys.executable, str(PROGRAM), *map(str, arguments)], cwd=root, env=environment, check=True)

        run("build", "week", "--profile", "mine")
        run("players", "add", "P001", "--community", "东风社区", "--profile", "mine")
        run("players", "assign", "P001", "--member", "王秀兰", "--helper", "李明")
        run("trust", "start", "--office", "街道办公室", "--by", "王", "--no-spare")
        run("release", "approve", "main-0001", "--by", "王")
        run("load", card, "--player", "P001", "--new", "--allow-folder")
        run("registry", "export", "registry.events", "--with-names")
        run("release", "pack", "main-0001", "-o", "main-0001.packager.zip")
        run("publish", "main-0001", "--as", "page", "-o", "published")
        run("backup", "office.backup")
        target.mkdir(parents=True)
        for name in (
            *TEXTS,
            "playlists/main.numbers.yaml",
            "registry.events",
            "main-0001.packager.zip",
            "office.backup",
        ):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / name, target / name)
        for name in ("trust", "published"):
            shutil.copytree(root / name, target / name)
        shutil.copytree(card, target / "card")
        manifest = next((root / "output" / "releases").rglob("manifest.json"))
        shutil.copyfile(manifest, target / "manifest.json")
        (target / "registry.sqlite.gz").write_bytes(gzip.compress((root / "registry.db").read_bytes(), mtime=0))


if __name__ == "__main__":
    make(HERE / sys.argv[1])
