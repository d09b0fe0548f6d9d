"""Measure how documents are read, against another reader of them.

    python benchmarks/documents.py FOLDER            DOCX, PDF, DOC, RTF, MOBI files in FOLDER
    python benchmarks/documents.py FOLDER --list     also each difference

Lost: Hanzi that an independent extraction has more often than the book that was read, what was left out and counted
aside: of DOCX by a regular expression over the markup, of PDF by pdftotext (poppler-utils), of the others by
LibreOffice, where they are installed. Numbers (DOCX): automatic labels, compared with LibreOffice's own text, where it
is installed. Books in TXT and EPUB are measured by books.py.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import tempfile
import time
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

from packager.base.errors import InputError
from packager.reading import ReadBook, read_book
from packager.reading.formats import word_numbering

SUFFIXES = (".docx", ".pdf", ".doc", ".rtf", ".wps", ".mobi", ".azw3")
HANZI = re.compile(r"[\u3400-\u9fff]")
WORD_TEXT = re.compile(r"<w:t(?:\s[^<>]*)?>([^<]*)</w:t>|</w:p>")
FALLBACK = re.compile(r"<mc:Fallback>.*?</mc:Fallback>", re.DOTALL)


@dataclass
class Sums:
    """What was measured of one format."""

    files: int = 0
    refused: int = 0
    lost: int = 0
    hanzi: int = 0
    silent: int = 0  # files that lost Hanzi without a count or a doubt
    labels: int = 0
    labels_right: int = 0
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--list", action="store_true", help="print each difference")
    options = parser.parse_args()
    sums: dict[str, Sums] = {}
    for path in sorted(options.folder.rglob("*")):
        suffix = path.suffix.lower()
        if suffix in SUFFIXES:
            measure(path, sums.setdefault(suffix[1:], Sums()))
    heads = ("files", "refused", "s", "Hanzi", "lost", "in silence", "numbers")
    print(f"{'format':8}" + "".join(f"{head:>12}" for head in heads))
    for form, found in sums.items():
        values = (
            found.files,
            found.refused,
            round(found.seconds),
            found.hanzi,
            found.lost,
            found.silent,
            percent(found.labels_right, found.labels),
        )
        print(f"{form:8}" + "".join(f"{value:>12}" for value in values))
        for note in found.notes if options.list else ():
            print("   ", note)


def percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def measure(path: Path, sums: Sums) -> None:
    sums.files += 1
    labels: list[tuple[str, str]] = []
    start = time.perf_counter()
    with recorded_labels(labels):
        try:
            reading = read_book(path)
        except InputError as error:
            sums.refused += 1
            sums.notes.append(f"refused {path.name}: {str(error)[-160:]}")
            return
        finally:
            sums.seconds += time.perf_counter() - start
    independent = independent_text(path)
    heard = Counter(HANZI.findall(spoken(reading)))
    written = Counter(HANZI.findall(independent))
    lost = sum((written - heard).values())
    sums.hanzi += written.total()
    sums.lost += lost
    if lost and not reading.left_out:
        sums.silent += 1
        sums.notes.append(f"lost {lost} of {written.total()} {path.name}: {''.join((written - heard).elements())[:40]}")
    if labels:
        compare_labels(path, labels, sums)


def spoken(reading: ReadBook) -> str:
    chapters = reading.book.chapters
    return reading.book.title + "".join(chapter.title + "".join(chapter.paragraphs) for chapter in chapters)


def recorded_labels(labels: list[tuple[str, str]]) -> mock._patch[object]:
    """Records each automatic number and the text after it."""
    before = word_numbering.ListLabel.before

    def recorded(self: word_numbering.ListLabel, text: str) -> str:
        labels.append((self.text, text))
        return before(self, text)

    return mock.patch.object(word_numbering.ListLabel, "before", recorded)


def independent_text(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix == ".pdf" and shutil.which("pdftotext"):
        done = subprocess.run(["pdftotext", "-q", str(path), "-"], capture_output=True, check=False)
        return done.stdout.decode("utf-8", "replace")
    if suffix == ".docx":
        with zipfile.ZipFile(path) as archive:
            xml = archive.read("word/document.xml").decode("utf-8", "replace")
        return "".join(WORD_TEXT.findall(FALLBACK.sub("", xml)))
    return office_text(path) if suffix in (".doc", ".rtf", ".wps") else ""


def office_text(path: Path) -> str:
    """The text as LibreOffice shows it, with automatic numbers; empty where it is not installed."""
    office = shutil.which("soffice")
    if office is None:
        return ""
    with tempfile.TemporaryDirectory() as folder:
        command = [office, "--headless", "--norestore", f"-env:UserInstallation=file://{folder}/profile"]
        command += ["--convert-to", "txt:Text (encoded):UTF8", "--outdir", folder, str(path)]
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, timeout=120)
        made = Path(folder) / f"{path.stem}.txt"
        return made.read_text("utf-8", "replace") if made.exists() else ""


def compare_labels(path: Path, labels: list[tuple[str, str]], sums: Sums) -> None:
    """Finds each numbered paragraph in LibreOffice's text, in order, and compares what stands before it."""
    lines = [squeezed(line) for line in office_text(path).splitlines()]
    at = 0
    for label, text in labels:
        wanted = squeezed(text)
        longest = len(wanted) + len(label) + 12
        place = next((i for i in range(at, len(lines)) if lines[i].endswith(wanted) and len(lines[i]) <= longest), None)
        if len(wanted) < 2 or place is None:
            continue
        at = place + 1
        shown = lines[place][: len(lines[place]) - len(wanted)]
        sums.labels += 1
        sums.labels_right += shown == squeezed(label)
        if shown != squeezed(label):
            sums.notes.append(f"number {path.name}: {label!r}, LibreOffice {shown!r}, before {text[:20]}")


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u200b\ufeff]", "", text)


if __name__ == "__main__":
    main()
