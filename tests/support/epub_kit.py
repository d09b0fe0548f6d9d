"""E-books written file by file, for the tests of reading."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

CONTAINER = '<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'


def page(body: str) -> str:
    """A page with `body`."""
    return f'<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><body>{body}</body></html>'


def write_epub(
    path: Path,
    pages: Mapping[str, str],
    contents: Sequence[tuple[str, str]] = (),
    *,
    files: Mapping[str, str] | None = None,
    more: str = "",
    spine: str = "",
    container: str = CONTAINER,
) -> Path:
    """Write the e-book `path`: `pages` (name, inside of the body) in order, `contents` (title, target) as its NCX.

    `files` are more files, or others in place of these; `more` goes into the list of files, `spine` replaces the order.
    """
    items = "".join(f'<item id="{name}" href="{name}"/>' for name in pages)
    order = spine or "".join(f'<itemref idref="{name}"/>' for name in pages)
    points = "".join(
        f'<navPoint><navLabel><text>{title}</text></navLabel><content src="{target}"/></navPoint>'
        for title, target in contents
    )
    made = {
        "META-INF/container.xml": container,
        "OEBPS/book.opf": f"<package><metadata><dc:title>老街</dc:title></metadata><manifest>{items}{more}"
        f'<item id="ncx" href="toc.ncx"/></manifest><spine>{order}</spine></package>',
        "OEBPS/toc.ncx": f"<ncx><navMap>{points}</navMap></ncx>",
        **{f"OEBPS/{name}": page(body) for name, body in pages.items()},
        **(files or {}),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in made.items():
            if content:
                archive.writestr(name, content)
    return path
