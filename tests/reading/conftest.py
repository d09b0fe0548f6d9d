"""Documents for the tests of reading, made from Markdown by pandoc's own writers, or changed by hand."""

from __future__ import annotations

import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Make the document `name` from Markdown; its ending says the format."""

    def made(name: str, markdown: str, **metadata: str) -> Path:
        import pypandoc

        path = tmp_path / name
        flags = [f"--metadata={key}={value}" for key, value in metadata.items()]
        command = [pypandoc.get_pandoc_path(), "-f", "markdown", "-s", "--toc=false", *flags, "-o", str(path)]
        subprocess.run(command, input=markdown.encode("utf-8"), check=True, stderr=subprocess.DEVNULL)
        return path

    return made


Rewrite = Callable[[Path, str, Callable[[bytes], bytes]], Path]


@pytest.fixture
def rewrite() -> Rewrite:
    """Change one member of an archive (or add it), and leave the others as they are."""

    def rewritten(path: Path, member: str, change: Callable[[bytes], bytes]) -> Path:
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        members[member] = change(members.get(member, b""))
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        return path

    return rewritten


MakePdf = Callable[..., Path]


@pytest.fixture
def make_pdf(tmp_path: Path) -> MakePdf:
    """Make a PDF with a text layer (or, for a page that is None, with a picture) from rows of text a page."""

    def made(name: str, pages: list[list[str] | None], info: str = "") -> Path:
        path = tmp_path / name
        path.write_bytes(pdf_bytes(pages, info))
        return path

    return made


def pdf_bytes(pages: list[list[str] | None], info: str = "") -> bytes:
    """A PDF as office programs write it: a Chinese font that is named, not embedded; a row a text object."""
    kids = " ".join(f"{6 + 2 * index} 0 R" for index in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>",
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong /Encoding /UniGB-UTF16-H /DescendantFonts [4 0 R] >>",
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong /DW 1000"
        " /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> >>",
        "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8"
        " /Length 1 >>\nstream\n0\nendstream",
    ]
    for index, rows in enumerate(pages):
        if rows is None:
            content = "q 500 0 0 700 0 0 cm /I Do Q"
        else:
            shown = (
                f"1 0 0 1 50 {780 - 20 * row} Tm <{text.encode('utf-16-be').hex()}> Tj" for row, text in enumerate(rows)
            )
            content = "BT /F 12 Tf " + " ".join(shown) + " ET"
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {7 + 2 * index} 0 R"
            f" /Resources << /Font << /F 3 0 R >>{' /XObject << /I 5 0 R >>' if rows is None else ''} >> >>",
            f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        ]
    if info:
        objects.append(f"<< /Title <feff{info.encode('utf-16-be').hex()}> >>")
    out = b"%PDF-1.5\n"
    offsets = []
    for number, text in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{text}\nendobj\n".encode("latin-1")
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010} 00000 n \n".encode() for offset in offsets)
    about = f" /Info {len(objects)} 0 R" if info else ""
    return out + f"trailer << /Size {len(objects) + 1} /Root 1 0 R{about} >>\nstartxref\n{start}\n%%EOF\n".encode()
