"""Detects the character encoding of text: BOM, strict UTF-8, then GB18030 or Big5 if the result is plausible Chinese.

Nearly every byte string decodes as GB18030: Big5 turns into rare Hanzi, Korean into common ones in senseless order,
Japanese into kana. So the result must look like Chinese, or the volunteer is asked.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.reading.frequent_characters import frequent_share, hanzi_of
from packager.reading.mending import Damage, damage_at, mend

# UTF-32 comes before UTF-16, whose little-endian mark is its beginning.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHINESE = ("gb18030", "big5hkscs")
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs", "cp950": "big5hkscs"}
_JUDGED_CHARACTERS = 200_000
_FEW_HANZI = 60
_FREQUENT_SHARE = 0.15
_FEW_DAMAGES = 3
_DAMAGED_SHARE = 0.005
_ASCII_SHARE = 0.95
_LONG = 400  # characters
_STRANGE = re.compile(r"[\x00-\x08\x0e-\x1f\ud800-\udfff\ue000-\uf8ff\ufffd-\uffff]")
_FOREIGN = re.compile(r"[\u00c0-\u04ff\u2500-\u257f\u3040-\u30ff\u3105-\u312f\u3400-\u4dbf\uac00-\ud7ff\ue000-\uf8ff]")


@dataclass(frozen=True)
class Decoded:
    """A text without the `damages` in its bytes, and its encoding."""

    text: str
    encoding: str
    damages: tuple[Damage, ...] = ()


def decode(data: bytes, path: Path, encoding: str | None = None, *, replace_damaged: bool = False) -> Decoded:
    """The text in `data`; `encoding` forces one. Messages name `path`.

    A few damaged bytes are left out; with a forced encoding and `replace_damaged`, any number. Raises InputError
    with the first bad place when the bytes are not text in any encoding that is tried.
    """
    if encoding is not None:
        return _forced(data, path, encoding, any_number=replace_damaged)
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _mended_or_refused(data[len(mark) :], path, name, any_number=replace_damaged)
    if 0 in data:
        return _without_mark(data, path)
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        not_utf8 = error
    whole = [text for name in _CHINESE if (text := _whole(data, name)) is not None]
    if whole:  # the share is counted only where there are two
        return max(whole, key=lambda found: len(whole) > 1 and frequent_share(found.text[:_JUDGED_CHARACTERS]))
    damaged = [found for name in ("utf-8", *_CHINESE) if (found := _few_damages(data, name)) is not None]
    if damaged:
        return min(damaged, key=lambda found: len(found.damages))
    raise _bad_place(data, path, _nearest(data, not_utf8))


def is_plausible_chinese(text: str) -> bool:
    """Whether `text` looks like Chinese prose, not like bytes in another encoding.

    A few Hanzi must all be in GB 2312, the everyday set. Many must include the most frequent characters: 30 to 60 %
    of the Hanzi in real texts, 0 to 7 % in Big5, EUC-KR and EUC-JP decoded as GB18030.
    """
    judged = text[:_JUDGED_CHARACTERS]
    hanzi = hanzi_of(judged)
    foreign = len(_FOREIGN.findall(judged))
    if not hanzi or foreign > 0.1 * (len(hanzi) + foreign):
        return False
    if len(hanzi) < _FEW_HANZI:
        everyday = len(hanzi.encode("gb2312", "ignore")) // 2
        return everyday >= 0.95 * len(hanzi)
    return frequent_share(hanzi) >= _FREQUENT_SHARE


def _whole(data: bytes, encoding: str) -> Decoded | None:
    """The undamaged, plausible text in `data`, or None."""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return Decoded(text, encoding) if _is_plausible(text, encoding) else None


def _is_plausible(text: str, encoding: str) -> bool:
    if encoding != "big5hkscs":
        return is_plausible_chinese(text)
    # Korean and Japanese decode as everyday Hanzi of Big5, but not as frequent ones.
    foreign = len(_FOREIGN.findall(text[:_JUDGED_CHARACTERS]))
    return frequent_share(text[:_JUDGED_CHARACTERS]) >= 2 * _FREQUENT_SHARE and foreign <= 0.1 * len(text)


def _few_damages(data: bytes, encoding: str) -> Decoded | None:
    """The text in `data` with a few damaged places, or None if they are many, or the text is not plausible."""
    text = data.decode(encoding, "replace")
    bad = text.count("\ufffd") - data.count("\ufffd".encode(encoding, "ignore") or b"\xff\xff\xff")
    if bad > max(_FEW_DAMAGES, _DAMAGED_SHARE * len(text)):
        return None
    found = _mended(data, encoding)
    is_ascii = encoding == "utf-8" and sum(map(str.isascii, text)) >= _ASCII_SHARE * len(text) and len(text) > _LONG
    return found if is_ascii or _is_plausible(found.text, encoding) else None


def _mended(data: bytes, encoding: str) -> Decoded:
    text, damages = mend(data, encoding)
    return Decoded(text, encoding, damages)


def _forced(data: bytes, path: Path, encoding: str, *, any_number: bool) -> Decoded:
    try:
        name = codecs.lookup(encoding).name
        "".encode(name)
    except LookupError as error:
        message = _("unknown encoding '{encoding}'; try utf-8, gb18030, big5 or utf-16")
        raise InputError(message.format(encoding=encoding)) from error
    found = _mended_or_refused(data, path, _WIDER.get(name, name), any_number=any_number)
    return Decoded(found.text.removeprefix("\ufeff"), encoding, found.damages)


def _mended_or_refused(data: bytes, path: Path, encoding: str, *, any_number: bool) -> Decoded:
    try:
        return Decoded(data.decode(encoding), encoding)
    except UnicodeDecodeError as error:
        found = _mended(data, encoding) if any_number else _few_damages(data, encoding)
        if found is None:
            raise _bad_place(data, path, error) from error
        return found
    except UnicodeError as error:
        raise InputError(
            _("{path} is not {encoding} text: {reason}").format(path=path, encoding=encoding, reason=error)
        ) from error


def _without_mark(data: bytes, path: Path) -> Decoded:
    """The text in `data`, which has zero bytes: UTF-16 without a mark, or no text at all."""
    for name in ("utf-16-le", "utf-16-be"):
        text = data.decode(name, "replace")
        strange = len(_STRANGE.findall(text))
        is_ascii = sum(map(str.isascii, text)) >= _ASCII_SHARE * len(text)
        if strange <= _DAMAGED_SHARE * len(text) and (is_ascii or is_plausible_chinese(text)):
            return _mended(data, name)
    if data.count(0) > len(data) // 100:
        raise InputError(
            _("{path} is not plain text (it is full of zero bytes): save it as a UTF-8 text file").format(path=path)
        )
    return decode(data.replace(b"\0", b"\x01"), path)  # removed and counted with the control characters


def _nearest(data: bytes, not_utf8: UnicodeDecodeError) -> UnicodeDecodeError:
    """The first bad place of the encoding that gets further, which is the likelier one."""
    try:
        data.decode("gb18030")
    except UnicodeDecodeError as error:
        return max(not_utf8, error, key=lambda each: each.start)
    return not_utf8


def _bad_place(data: bytes, path: Path, error: UnicodeDecodeError) -> InputError:
    message = _(
        "{path}, line {line}: can't be read as {encoding}, here: '{excerpt}'. Say which encoding it is with "
        "--encoding (texts from Taiwan or Hong Kong are often big5), or save it as UTF-8. If the file itself is "
        "damaged, say --encoding and --replace-damaged, or in the playlist encoding: and replace_damaged: true"
    )
    place = damage_at(data, error.start, error.end, error.encoding)
    return InputError(message.format(path=path, line=place.line, encoding=error.encoding, excerpt=place.excerpt))
