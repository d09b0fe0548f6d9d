"""HTML for pandoc: decoded, and without what is no text or would be read twice."""

from __future__ import annotations

import contextlib
import html
import re
from collections import Counter
from pathlib import Path

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.reading.decoding import decode
from packager.reading.formats.office import RUBY, Source
from packager.reading.structure import count_hanzi

MAX_HTML_BYTES = 8 * 1024 * 1024
"""Of one HTML file; pandoc takes a second a MiB."""

_RUBY = re.compile(rb"<rt\b[^<>]*>[^<]*(?:</rt\s*>)?", re.IGNORECASE)
_RUBY_TAG = re.compile(rb"</?(?:ruby|rb|rbc|rtc)\b[^<>]*>", re.IGNORECASE)
_RUBY_MARK = re.compile(rb"<rp\b[^<>]*>[^<]*(?:</rp\s*>)?", re.IGNORECASE)
# What begins a stretch that is no text, and what ends it.
_NOT_TEXT = re.compile(r"<(?:(head|script|style|svg|title|textarea|select)\b[^<>]*>|(!--)|(!\[cdata\[))", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_CHARSET = re.compile(
    rb"<meta\b[^<>]*charset\s*=\s*[\"']?\s*([\w-]+)|<\?xml[^<>]*encoding\s*=\s*[\"']([\w-]+)", re.IGNORECASE
)
_DECLARED_WITHIN = 4096
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "big5": "big5hkscs"}


def open_html(data: bytes, path: Path, encoding: str | None) -> tuple[Source, str]:
    """The HTML page `data` for pandoc, and its encoding: the one forced, declared, or found as for TXT."""
    if len(data) > MAX_HTML_BYTES:
        message = _("{path} is larger than {mib} MiB, too large for HTML; save it as a UTF-8 text file")
        raise InputError(message.format(path=path, mib=MAX_HTML_BYTES // 1024 // 1024))
    text, encoding = _decoded(data, path, encoding)
    page, rubies = without_ruby(text.encode("utf-8", "replace"))
    left_out = Counter({RUBY: rubies} if rubies else {})
    return Source("html", iter([page]), count_hanzi(text_of(page)), left_out), encoding


def without_ruby(page: bytes) -> tuple[bytes, int]:
    """A page without the readings above its characters, and how many there were."""
    page, count = _RUBY.subn(b"", page)
    return (_RUBY_TAG.sub(b"", _RUBY_MARK.sub(b"", page)), count) if count else (page, 0)


def text_of(page: bytes) -> str:
    """Roughly the text of a page, by another way than pandoc's: to count by."""
    return html.unescape(_TAG.sub("", _without_stretches(page.decode("utf-8", "replace"))))


def _without_stretches(text: str) -> str:
    """`text` without comments, scripts and the like; never searching back: pages are made to be slow."""
    lower = text.lower() if len(text.lower()) == len(text) else text
    kept: list[str] = []
    at = 0
    while found := _NOT_TEXT.search(lower, at):
        ending = f"</{found[1]}" if found[1] else "-->" if found[2] else "]]>"
        end = lower.find(ending, found.end())
        kept.append(text[at : found.start()])
        at = len(text) if end < 0 else end + len(ending)
    return "".join([*kept, text[at:]])


def _decoded(data: bytes, path: Path, encoding: str | None) -> tuple[str, str]:
    declared = None if encoding else _declared(data)
    if declared:
        # Pages that were saved by another program still declare what they once were.
        with contextlib.suppress(InputError):
            return decode(data, path, declared)
    return decode(data, path, encoding)


def _declared(data: bytes) -> str | None:
    """The encoding that the page itself names; GB2312 and GBK mean GB18030, which has all that they have."""
    found = _CHARSET.search(data[:_DECLARED_WITHIN])
    if not found or data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        return None
    name = (found[1] or found[2]).decode("ascii").lower()
    return None if name in ("utf-8", "utf8") else _WIDER.get(name, name)
