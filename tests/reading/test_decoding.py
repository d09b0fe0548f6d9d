"""The encoding of a text is detected, or the first bad place is reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from packager.base.errors import InputError
from packager.reading.decoding import decode

PROSE = (
    "小区门口来了一位年轻人，说是检查煤气的。王奶奶没有开门，先给社区打了电话。社区的同志告诉她，今天没有人上门检查。"
    "后来大家都知道了这件事，也都学会了先问一问再开门。"
)
TRADITIONAL = (
    "早晨的公園裡，老人家們在打太極拳。他們說，每天運動半個小時，對身體有好處。電話詐騙要小心，不要告訴別人密碼，"
    "也不要聽信陌生人的話。有事先問家裡人，或者問社區的同事。"
)
KOREAN = (
    "아침마다 공원에서 노인들이 운동을 한다. "
    "그들은 하루에 반 시간씩 걷는 것이 몸에 좋다고 말한다. 낯선 사람의 "
    "전화를 받으면 먼저 가족에게 물어보고, 비밀번호는 누구에게도 "
    "알려 주지 않는다. 이웃과 함께 차를 마시며 이야기를 나눈다."
)
JAPANESE = "朝の公園で、お年寄りたちが体操をしています。知らない人からの電話には、まず家族に相談してから答えましょう。"
HERE = Path("texts/book.txt")


@pytest.mark.parametrize("text", [PROSE, TRADITIONAL, "你好", "今天下午三点停水", "清华大学"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_chinese_is_read_in_utf_8_and_gb18030(text: str, encoding: str) -> None:
    if text == TRADITIONAL and encoding == "gb18030":
        text *= 2
    assert decode(text.encode(encoding), HERE) == (text, encoding)


@pytest.mark.parametrize(
    ("mark", "encoding"), [(b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")]
)
def test_a_byte_order_mark_names_the_encoding_and_is_not_text(mark: bytes, encoding: str) -> None:
    assert decode(mark + PROSE.encode(encoding), HERE) == (PROSE, encoding)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (TRADITIONAL, "big5"),
        ("電話詐騙要小心", "big5"),
        (KOREAN, "euc_kr"),
        (JAPANESE, "euc_jp"),
        (JAPANESE, "shift_jis"),
        ("Café crème à Noël", "latin-1"),
    ],
)
def test_other_encodings_are_not_taken_for_gb18030(text: str, encoding: str) -> None:
    with pytest.raises(InputError, match="--encoding"):
        decode(text.encode(encoding), HERE)


def test_another_encoding_can_be_forced() -> None:
    assert decode(TRADITIONAL.encode("big5"), HERE, "big5") == (TRADITIONAL, "big5")


def test_the_first_bad_place_is_shown_with_its_line_and_context() -> None:
    data = f"第一行\n{PROSE}".encode().replace("煤气".encode(), b"\xff\xc0")
    with pytest.raises(InputError, match=r"line 2: .*说是检查>>>ff<<<.*的。王奶奶"):
        decode(data, HERE)


def test_a_bad_place_in_gb18030_is_shown_in_gb18030() -> None:
    data = PROSE.encode("gb18030").replace("煤气".encode("gb18030"), b"\xff\xff")
    with pytest.raises(InputError, match=r"gb18030, here: '.*说是检查>>>ff<<<"):
        decode(data, HERE)


def test_a_text_in_another_than_the_forced_encoding_is_refused() -> None:
    with pytest.raises(InputError, match="can't be read as utf-8"):
        decode(PROSE.encode("gb18030"), HERE, "utf-8")


def test_an_unknown_encoding_is_named() -> None:
    with pytest.raises(InputError, match="unknown encoding 'utf-9'"):
        decode(b"x", HERE, "utf-9")


def test_utf_16_without_a_mark_is_explained() -> None:
    with pytest.raises(InputError, match="utf-16-le"):
        decode("1. call 110, then ask".encode("utf-16-le"), HERE)


def test_a_cut_utf_16_file_is_refused() -> None:
    with pytest.raises(InputError, match="utf-16-le"):
        decode(b"\xff\xfe" + PROSE.encode("utf-16-le")[:-1], HERE)
