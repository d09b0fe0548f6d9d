"""Elements of a Word document that are found by the same rules everywhere. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from packager.reading.formats.word_numbering import W
from packager.reading.formats.xml_tree import local_name

SILENT = frozenset(
    {
        "pPr",
        "rPr",
        "tblPr",
        "tblGrid",
        "trPr",
        "tcPr",
        "sectPr",
        "sdtPr",
        "sdtEndPr",
        "fldData",
        "instrText",
        "delInstrText",
        "delText",
        "footnoteRef",
        "endnoteRef",
        "separator",
        "continuationSeparator",
        "annotationRef",
        "softHyphen",
        "lastRenderedPageBreak",
        "proofErr",
        "bookmarkStart",
        "bookmarkEnd",
        "tblPrEx",
        "customXmlPr",
        "smartTagPr",
        "pgNum",
        "rubyPr",
    }
)
"""Elements without any text, and properties, whose former values (`w:rPrChange`) are no text either."""


def parts(element: Any, name: str) -> Iterator[Any]:
    """The rows of a table or the cells of a row, also those in content controls."""
    for child in element:
        if child.tag == W + name:
            yield child
        elif local_name(child) not in SILENT and local_name(child) not in ("tc", "p"):
            yield from parts(child, name)


def chosen(element: Any) -> Any:
    """The one alternative that is read: Word writes a text box for new readers and again for old ones."""
    choices = [child for child in element if local_name(child) in ("Choice", "Fallback")]
    with_text = [child for child in choices if next(child.iter(f"{W}t"), None) is not None]
    return next(iter(with_text or choices), ())


def boxes(element: Any) -> Iterator[Any]:
    """The text boxes in a drawing, without those inside another."""
    for child in element:
        if local_name(child) == "AlternateContent":
            yield from boxes(chosen(child))
        elif child.tag == f"{W}txbxContent":
            yield child
        else:
            yield from boxes(child)


def outside_boxes(element: Any) -> Iterator[Any]:
    """What a drawing has beside its text boxes."""
    for child in element:
        if child.tag != f"{W}txbxContent":
            yield child
            yield from outside_boxes(child)


def written(element: Any) -> str:
    """All text inside `element`, as it stands in the file."""
    return "".join(each.text or "" for each in element.iter(f"{W}t"))


def whole_hex(text: str | None) -> int:
    """The value of hexadecimal `text`, 0 if it has none."""
    try:
        return int(text or "", 16) & 0xFFFF
    except ValueError:
        return 0
