"""What is wrong with a PDF's text: scans, fonts that do not say which characters they show, titles in hexadecimal."""

from __future__ import annotations

import re
from pathlib import Path

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.reading.cleaning import hanzi_for_radicals, one_space
from packager.reading.decoding import is_plausible_chinese
from packager.reading.formats.pdf_process import Extract, PdfPage
from packager.reading.nouns import Doubt, DoubtKind
from packager.reading.structure import is_default_property

_CHARACTERS_OF_A_SCAN = 10  # a page: a scan has nothing, or its page number
_FEW = 5
_UNMAPPED = 0.01  # of a page's characters: sound fonts have none, damaged ones 2 % and more
_PRIVATE = 0.15  # bullets and icons are in the private area too
_FOREIGN = 0.2  # Latin letters with accents, as bytes of Chinese become: ¹Ø ÓÚ
_JUDGED_HANZI = 200  # fewer may be labels of a drawing
_MANY_GARBLED = 0.2  # of the pages
_LOW_SCORE = 0.85
_HANZI = re.compile(r"[\u3400-\u9fff]")
_PRIVATE_USE = re.compile("[\ue000-\uf8ff\ufffd\x00-\x08\x0e-\x1f]")
_ACCENTED = re.compile(r"[\u00a1-\u00ff]")
_HEXADECIMAL = re.compile(r"<((?:[0-9A-Fa-f]{2}){2,})>?")
_PROGRAM_PREFIX = re.compile(r"(?i)microsoft (?:word|powerpoint)\s*-\s*")
_FILE_SUFFIX = re.compile(r"(?i)\.(?:docx?|wps|rtf|txt|pptx?)$")


def refuse_scan(found: Extract, path: Path) -> None:
    """Raise InputError when the pages of a PDF are pictures."""
    characters = sum(len("".join(each.text.split())) for page in found.pages for each in page.fragments)
    images = sum(page.images for page in found.pages)
    if characters <= _CHARACTERS_OF_A_SCAN * len(found.pages) and (images or not characters):
        raise InputError(
            _(
                "{path} is a scanned PDF: its {n} pages are pictures, with no text in them. Have the text "
                "recognized: look at it with packager read --ocr, and build it with 'ocr: true' in the playlist"
            ).format(path=path, n=len(found.pages))
        )


def garbled_pages(found: Extract, path: Path) -> list[Doubt]:
    """Doubts about pages whose text is not what they show. Raises InputError when they are many."""
    garbled = [number for number, page in enumerate(found.pages, start=1) if _is_garbled(page)]
    if not garbled:
        return []
    sample = one_space("".join(each.text for each in found.pages[garbled[0] - 1].fragments))[:20]
    if len(garbled) > _MANY_GARBLED * len(found.pages):
        raise InputError(
            _(
                "{path}: the text of the PDF is garbled ('{sample}' on page {page}), because its fonts do not say "
                "which characters they show. Have the text recognized: look at it with packager read --ocr, and "
                "build it with 'ocr: true' in the playlist"
            ).format(path=path, sample=sample, page=garbled[0])
        )
    message = _("the text of {n} pages is garbled: their fonts do not say which characters they show")
    doubt = Doubt(
        DoubtKind.MOJIBAKE,
        message.format(n=len(garbled)),
        grave=True,
        page=garbled[0],
        excerpt=sample,
        count=len(garbled),
    )
    return [doubt]


def low_scores(found: Extract) -> list[Doubt]:
    """A doubt for each row of which text recognition was not sure."""
    return [
        Doubt(
            DoubtKind.RECOGNITION,
            _("text recognition was not sure of this row ({percent} %)").format(percent=int(100 * each.score)),
            page=number,
            excerpt=each.text,
        )
        for number, page in enumerate(found.pages, start=1)
        for each in page.fragments
        if each.score < _LOW_SCORE
    ]


def document_title(written: str) -> str:
    """The title or author in a PDF's properties; empty where a program put it there.

    Some programs write it in hexadecimal, as bytes of the system's encoding, and with their own name before it.
    """
    text = written.strip("\x00 ")
    found = _HEXADECIMAL.fullmatch(text)
    if found:
        data = bytes.fromhex(found[1])
        try:
            text = data.decode("utf-16" if data[:2] in (b"\xfe\xff", b"\xff\xfe") else "gb18030")
        except UnicodeDecodeError:
            return ""
        text = _FILE_SUFFIX.sub("", _PROGRAM_PREFIX.sub("", text))
    text = one_space(hanzi_for_radicals(text))
    accented = len(_ACCENTED.findall(text)) > _FOREIGN * max(len(text), 1) and not _HANZI.search(text)
    return "" if is_default_property(text) or accented or _PRIVATE_USE.search(text) else text


def _is_garbled(page: PdfPage) -> bool:
    text = "".join("".join(each.text.split()) for each in page.fragments)
    if not text:
        return False
    if page.unmapped >= _FEW and page.unmapped > _UNMAPPED * page.characters:
        return True
    hanzi = len(_HANZI.findall(text))
    private, accented = len(_PRIVATE_USE.findall(text)), len(_ACCENTED.findall(text))
    if max(private - _FEW, 0) > _PRIVATE * len(text) or (hanzi < accented and accented > _FOREIGN * len(text)):
        return True
    return hanzi >= _JUDGED_HANZI and hanzi > len(text) / 2 and not is_plausible_chinese(text)
