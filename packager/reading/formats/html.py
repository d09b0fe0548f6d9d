"""HTML: decoded, without ruby readings, and parsed by pandoc."""

from __future__ import annotations

import contextlib
import html
import re
from collections import Counter
from dataclasses import replace

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.reading.chapters import ParsedDocument
from packager.reading.decoding import Decoded, decode
from packager.reading.file_types import FileType, register
from packager.reading.formats.pandoc import PandocInput, read_with_pandoc
from packager.reading.source import SourceFile, damage_doubts
from packager.reading.structure import RUBY, count_hanzi

_MAX_BYTES = 8 * 1024 * 1024  # pandoc takes a second a MiB
_SUFFIXES = (".html", ".htm", ".xhtml")
_START = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.DOTALL | re.IGNORECASE,
)
_ANY_TAG = re.compile(rb"<(?:p|div|br|h[1-6]|span|table|ul|ol|a|meta|title)\b[^<>]*>", re.IGNORECASE)
_RUBY = re.compile(rb"<rt\b[^<>]*>[^<]*(?:</rt\s*>)?", re.IGNORECASE)
_RUBY_TAG = re.compile(rb"</?(?:ruby|rb|rbc|rtc)\b[^<>]*>", re.IGNORECASE)
_RUBY_MARK = re.compile(rb"<rp\b[^<>]*>[^<]*(?:</rp\s*>)?", re.IGNORECASE)
# Begins a stretch that is not text.
_NOT_TEXT = re.compile(r"<(?:(head|script|style|svg|title|textarea|select)\b[^<>]*>|(!--)|(!\[cdata\[))", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_CHARSET = re.compile(
    rb"<meta\b[^<>]*charset\s*=\s*[\"']?\s*([\w-]+)|<\?xml[^<>]*encoding\s*=\s*[\"']([\w-]+)", re.IGNORECASE
)
_DECLARED_WITHIN = 4096
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "big5": "big5hkscs"}


def read_html(file: SourceFile) -> ParsedDocument:
    """Parse a page in the encoding that is forced, else declared, else detected as for TXT. Raises InputError."""
    if len(file.data) > _MAX_BYTES:
        message = _("{path} is larger than {mib} MiB, too large for HTML; save it as a UTF-8 text file")
        raise InputError(message.format(path=file.path, mib=_MAX_BYTES // 1024 // 1024))
    found = _decoded(file)
    page, rubies = without_ruby(found.text.encode("utf-8", "replace"))
    left_out = Counter({RUBY: rubies} if rubies else {})
    source = PandocInput("html", iter([page]), count_hanzi(text_of(page)), left_out)
    document = read_with_pandoc(source, file)
    doubts = damage_doubts(found, accepted=file.options.replace_damaged)
    return replace(document, encoding=found.encoding, doubts=(*document.doubts, *doubts))


def without_ruby(page: bytes) -> tuple[bytes, int]:
    """`page` without the readings above its characters (ruby), and their number."""
    page, count = _RUBY.subn(b"", page)
    return (_RUBY_TAG.sub(b"", _RUBY_MARK.sub(b"", page)), count) if count else (page, 0)


def text_of(page: bytes) -> str:
    """Roughly the text of a page, found independently of pandoc, to count its Hanzi."""
    return html.unescape(_TAG.sub("", _without_stretches(page.decode("utf-8", "replace"))))


def _without_stretches(text: str) -> str:
    """`text` without comments, scripts and the like. Searches forward only: pages are made to be slow."""
    lower = text.lower() if len(text.lower()) == len(text) else text
    kept: list[str] = []
    at = 0
    while found := _NOT_TEXT.search(lower, at):
        ending = f"</{found[1]}" if found[1] else "-->" if found[2] else "]]>"
        end = lower.find(ending, found.end())
        kept.append(text[at : found.start()])
        at = len(text) if end < 0 else end + len(ending)
    return "".join([*kept, text[at:]])


def _decoded(file: SourceFile) -> Decoded:
    declared = None if file.encoding else _declared(file.data)
    if declared:
        # Pages that another program saved still declare their former encoding.
        with contextlib.suppress(InputError):
            return decode(file.data, file.path, declared)
    return decode(file.data, file.path, file.encoding, replace_damaged=file.options.replace_damaged)


def _declared(data: bytes) -> str | None:
    """The encoding that the page names. GB2312 and GBK are read as GB18030, their superset."""
    found = _CHARSET.search(data[:_DECLARED_WITHIN])
    if not found or data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        return None
    name = (found[1] or found[2]).decode("ascii").lower()
    return None if name in ("utf-8", "utf8") else _WIDER.get(name, name)


def _matches(file: SourceFile) -> bool:
    return bool(_START.match(file.head)) or (file.suffix in _SUFFIXES and bool(_ANY_TAG.search(file.head)))


register(FileType("html", "HTML", _SUFFIXES, _matches, read_html, is_text=True))
