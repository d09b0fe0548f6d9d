"""Word documents written as their XML, for the tests of reading."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

_NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
)


def write_docx(
    path: Path, body: str, *, numbering: str = "", styles: str = "", notes: str = "", namespaces: str = _NAMESPACES
) -> Path:
    """Write the document `path` with `body`, and the inside of its lists, styles and footnotes."""
    parts = {"document": f"<w:body>{body}</w:body>", "numbering": numbering, "styles": styles, "footnotes": notes}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        for name, inside in parts.items():
            if inside:
                archive.writestr(f"word/{name}.xml", f"<w:{name} {namespaces}>{inside}</w:{name}>")
    return path


def run(text: str, properties: str = "") -> str:
    """A run of text."""
    return f'<w:r>{f"<w:rPr>{properties}</w:rPr>" if properties else ""}<w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(
    text: str = "", *, style: str = "", num: int | None = None, level: int | None = None, more: str = ""
) -> str:
    """A paragraph of `text`, which may be XML of runs; in the list `num` at `level`."""
    inside = text if text.startswith("<") or not text else run(text)
    numbered = "" if level is None else f'<w:ilvl w:val="{level}"/>'
    numbered += "" if num is None else f'<w:numId w:val="{num}"/>'
    properties = (f'<w:pStyle w:val="{style}"/>' if style else "") + (
        f"<w:numPr>{numbered}</w:numPr>" if numbered else ""
    )
    return f"<w:p><w:pPr>{properties}{more}</w:pPr>{inside}</w:p>"


def level(index: int, text: str, form: str = "decimal", more: str = "", *, start: int = 1) -> str:
    """A level of a list: `text` as 第%1章, `form` as chineseCounting."""
    return (
        f'<w:lvl w:ilvl="{index}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def lists(*abstracts: Sequence[str], nums: Sequence[tuple[int, int, str]] = ()) -> str:
    """The inside of numbering.xml: abstract lists of levels from 0 on; (number, abstract list, overrides) a list.

    Without `nums`, list 1 is the first abstract list, and so on.
    """
    made = "".join(
        f'<w:abstractNum w:abstractNumId="{index}">{"".join(levels)}</w:abstractNum>'
        for index, levels in enumerate(abstracts)
    )
    chosen = nums or [(index + 1, index, "") for index in range(len(abstracts))]
    return made + "".join(
        f'<w:num w:numId="{num}"><w:abstractNumId w:val="{abstract}"/>{more}</w:num>' for num, abstract, more in chosen
    )


def field(code: str, result: str) -> str:
    """A field with its code and its result, as XML of runs."""
    marks = [f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")]
    return f"{marks[0]}<w:r><w:instrText> {code} </w:instrText></w:r>{marks[1]}{result}{marks[2]}"
