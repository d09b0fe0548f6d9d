"""Detects the character encoding of text: BOM, strict UTF-8, then GB18030 if the result is plausible Chinese.

Nearly every byte string decodes as GB18030: Big5 turns into rare Hanzi, Korean into common ones in senseless order,
Japanese into kana. So the result must look like Chinese, or the volunteer is asked.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from packager.base.errors import InputError
from packager.base.i18n.language import _

# UTF-32 comes before UTF-16, whose little-endian mark is its beginning.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_JUDGED_CHARACTERS = 200_000
_FEW_HANZI = 60
# The most frequent characters of Chinese: simplified, traditional, classical.
_FREQUENT = frozenset(
    "的一是不了在人有我他这這中大来來上国國个個到说說们們为為子和你地出道也时時年得就那要下以生会會自着著去之"
    "过過家学學对對可她里裏后後小么麼心多天而能好都然没沒日于於起还還发發成事只作当當想看文无無开開手十用主行方"
    "又如前所本见見经經头頭面公同三已老从從动動两兩长長曰其者矣乎焉则則与與及等各民法政工第全部社区區电電话話"
)
_HANZI = re.compile(r"[\u4e00-\u9fff]")
_FOREIGN = re.compile(r"[\u00c0-\u04ff\u2500-\u257f\u3040-\u30ff\u3105-\u312f\u3400-\u4dbf\uac00-\ud7ff\ue000-\uf8ff]")


def decode(data: bytes, path: Path, encoding: str | None = None) -> tuple[str, str]:
    """The text in `data`, and its encoding; `encoding` forces one. Messages name `path`.

    Raises InputError with the first bad place when the bytes are not text in it, or in any encoding that is tried.
    """
    if encoding is not None:
        return _decode_forced(data, path, encoding), encoding
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _decode_strict(data[len(mark) :], path, name), name
    _refuse_binary(data, path)
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        not_utf8 = error
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError as error:
        # The encoding that gets further is the likelier one; its first bad place is shown.
        nearest = max(not_utf8, error, key=lambda e: e.start)
        raise _bad_place(data, path, nearest) from error
    if not is_plausible_chinese(text):
        raise _bad_place(data, path, not_utf8) from not_utf8
    return text, "gb18030"


def is_plausible_chinese(text: str) -> bool:
    """Whether `text` looks like Chinese prose, not like bytes in another encoding.

    A few Hanzi must all be in GB 2312, the everyday set. Many must include the most frequent characters: 30 to 60 %
    of the Hanzi in real texts, 0 to 7 % in Big5, EUC-KR and EUC-JP decoded as GB18030.
    """
    judged = text[:_JUDGED_CHARACTERS]
    hanzi = _HANZI.findall(judged)
    foreign = len(_FOREIGN.findall(judged))
    if not hanzi or foreign > 0.1 * (len(hanzi) + foreign):
        return False
    if len(hanzi) < _FEW_HANZI:
        everyday = len("".join(hanzi).encode("gb2312", "ignore")) // 2
        return everyday >= 0.95 * len(hanzi)
    return sum(character in _FREQUENT for character in hanzi) >= 0.15 * len(hanzi)


def _decode_forced(data: bytes, path: Path, encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
        text = _decode_strict(data, path, name)
    except LookupError as error:
        message = _("unknown encoding '{encoding}'; try utf-8, gb18030, big5 or utf-16")
        raise InputError(message.format(encoding=encoding)) from error
    return text.removeprefix("\ufeff")


def _decode_strict(data: bytes, path: Path, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _bad_place(data, path, error) from error
    except UnicodeError as error:
        raise InputError(
            _("{path} is not {encoding} text: {reason}").format(path=path, encoding=encoding, reason=error)
        ) from error


def _refuse_binary(data: bytes, path: Path) -> None:
    if data.count(0) > len(data) // 100:
        raise InputError(
            _(
                "{path} is not plain text (it is full of zero bytes). If it is UTF-16 without a mark, "
                "say --encoding utf-16-le or utf-16-be; else save it as a UTF-8 text file"
            ).format(path=path)
        )


def _bad_place(data: bytes, path: Path, error: UnicodeDecodeError) -> InputError:
    message = _(
        "{path}, line {line}: can't be read as {encoding}, here: '{before}>>>{bad}<<<{after}'. Say which "
        "encoding it is with --encoding (texts from Taiwan or Hong Kong are often big5), or save it as UTF-8"
    )
    line = data.count(b"\n", 0, error.start) + 1
    before = data[max(error.start - 60, 0) : error.start].decode(error.encoding, "ignore")
    after = data[error.end : error.end + 60].decode(error.encoding, "replace")
    return InputError(
        message.format(
            path=path,
            line=line,
            encoding=error.encoding,
            before=_one_line(before)[-16:],
            bad=data[error.start : error.end][:8].hex(" "),
            after=_one_line(after)[:16],
        )
    )


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in " ".join(text.split()))
