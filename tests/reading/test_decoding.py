"""The encoding of a text is detected, or the first bad place is reported."""

from __future__ import annotations

from difflib import SequenceMatcher
from pathlib import Path

import pytest

from packager.base.errors import InputError
from packager.reading.decoding import Decoded, decode

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
    assert decode(text.encode(encoding), HERE) == Decoded(text, encoding)


@pytest.mark.parametrize(
    ("mark", "encoding"), [(b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")]
)
def test_a_byte_order_mark_names_the_encoding_and_is_not_text(mark: bytes, encoding: str) -> None:
    assert decode(mark + PROSE.encode(encoding), HERE) == Decoded(PROSE, encoding)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(KOREAN, "euc_kr"), (JAPANESE, "euc_jp"), (JAPANESE, "shift_jis"), ("Café crème à Noël", "latin-1")],
)
def test_other_encodings_are_not_taken_for_chinese_ones(text: str, encoding: str) -> None:
    with pytest.raises(InputError, match="--encoding"):
        decode(text.encode(encoding), HERE)


def test_another_encoding_can_be_forced() -> None:
    assert decode(TRADITIONAL.encode("big5"), HERE, "big5") == Decoded(TRADITIONAL, "big5")


@pytest.mark.parametrize("text", [TRADITIONAL, "電話詐騙要小心", "颱風來了，請大家不要出門。"])
def test_traditional_chinese_is_read_in_big5(text: str) -> None:
    assert decode(text.encode("big5"), HERE) == Decoded(text, "big5hkscs")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [f"{PROSE}\r\n{PROSE}", f"{TRADITIONAL}\n", "1. call 110, then ask"])
def test_utf_16_is_read_without_a_mark(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding), HERE) == Decoded(text, encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_damaged_byte_is_left_out_and_its_place_told(encoding: str) -> None:
    data = f"第一行\n{PROSE}\n{PROSE}".encode(encoding).replace("煤气".encode(encoding), b"\xff", 1)
    found = decode(data, HERE)
    assert (found.text, found.encoding) == (f"第一行\n{PROSE}\n{PROSE}".replace("煤气", "", 1), encoding)
    assert [damage.line for damage in found.damages] == [2]
    assert found.damages[0].excerpt.endswith("说是检查>>>ff<<<的。王奶奶没有开门，先给社区打了")


@pytest.mark.parametrize("place", [2, 20, 21, 51, 90, 91, 150])
def test_a_lost_byte_damages_no_more_than_three_characters(place: int) -> None:
    """Without care every second byte after it would be taken for a first one, up to the end of the line."""
    data = f"{PROSE}\n{PROSE}".encode("gb18030")
    found = decode(data[:place] + data[place + 1 :], HERE)
    assert found.encoding == "gb18030" and len(found.damages) == 1
    kept = SequenceMatcher(None, found.text, f"{PROSE}\n{PROSE}", autojunk=False).get_matching_blocks()
    assert sum(block.size for block in kept) >= 2 * len(PROSE) + 1 - 3


def test_a_text_full_of_damage_is_refused_with_its_first_place() -> None:
    data = b"\xff\xff".join(character.encode("gb18030") for character in PROSE)
    with pytest.raises(InputError, match=r"can't be read as .*--replace-damaged"):
        decode(data, HERE)
    forced = decode(data, HERE, "gb18030", replace_damaged=True)
    assert forced.text == PROSE and len(forced.damages) == 2 * len(PROSE) - 2


def test_a_text_in_another_than_the_forced_encoding_is_refused() -> None:
    with pytest.raises(InputError, match="can't be read as utf-8"):
        decode(PROSE.encode("gb18030"), HERE, "utf-8")


def test_an_unknown_encoding_is_named() -> None:
    with pytest.raises(InputError, match="unknown encoding 'utf-9'"):
        decode(b"x", HERE, "utf-9")


def test_a_cut_utf_16_file_has_one_damaged_place() -> None:
    found = decode(b"\xff\xfe" + PROSE.encode("utf-16-le")[:-1], HERE)
    assert (found.text, len(found.damages)) == (PROSE[:-1], 1)
