import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packager.reading import Chapter
from packager.textnorm import Lexicon, doubtful_letters, normalize, preview_chapter, sentences, spans
from packager.textnorm.preview import Pair, spoken_pair

LEXICON = Lexicon(readings={"仇大爷": ("qiu2", "da4", "ye2"), "还款": ("huan2", "kuan3")})
CASES = [line.split("\t")[0] for line in Path(__file__).with_name("golden.tsv").read_text("utf-8").splitlines() if line]
TEXTS = st.lists(
    st.sampled_from([*CASES, "大家好。", "“还款了。”", "去哪儿？", "カナ", "——", "……", "\u3000"]), max_size=6
)


def marked(written: str) -> tuple[list[str], list[str]]:
    """What is marked as different on either side."""
    there, here = spans(spoken_pair(written, LEXICON), LEXICON)
    return [span.text for span in there if span.differs], [span.text for span in here if span.differs]


@pytest.mark.parametrize(
    ("written", "there", "here"),
    [
        ("增长20%-30%左右", ["20%-30%"], ["百分之二十到百分之三十"]),
        ("定于9月10日召开", ["9月10"], ["九月十"]),
        ("线上+线下", ["+"], ["加"]),
        ("共100台mp3播放器", ["100", "3"], ["一百", "三"]),
        ("他说：“好。”", [], []),
        ("《论语》，ＧＤＰ", [], []),
        ("限速120km/h，慢行。", ["120km/h"], ["每小时一百二十公里"]),
    ],
)
def test_what_is_said_otherwise_is_marked_word_by_word(written: str, there: list[str], here: list[str]) -> None:
    assert marked(written) == (there, here)


@given(TEXTS.map("".join))
def test_spans_and_sentences_joined_are_the_texts_of_both_sides(written: str) -> None:
    pair = spoken_pair(written, LEXICON)
    assert pair.spoken == normalize(written, LEXICON)
    for side, text in zip(spans(pair, LEXICON), (pair.written, pair.spoken), strict=True):
        assert "".join(span.text for span in side) == text
    parts = sentences(pair, LEXICON)
    assert "".join(part.written for part in parts) == pair.written
    assert "".join(part.spoken for part in parts) == pair.spoken


@given(TEXTS.map("".join))
def test_only_what_is_heard_otherwise_is_marked(written: str) -> None:
    pair = spoken_pair(written, LEXICON)
    assert any(span.differs for side in spans(pair, LEXICON) for span in side) <= pair.differs


def test_a_difference_stands_with_its_sentence() -> None:
    parts = sentences(spoken_pair("今天很好。“明天2点来。”再见！", LEXICON), LEXICON)
    assert [part.spoken for part in parts if part.differs] == ["明天两点来。"]


def test_pinyin_that_the_lexicon_fixes_stands_with_its_word() -> None:
    _there, here = spans(spoken_pair("仇大爷去还款。", LEXICON), LEXICON)
    assert [(span.text, span.pinyin) for span in here if span.pinyin] == [
        ("仇大爷", "qiu2 da4 ye2"),
        ("还款", "huan2 kuan3"),
    ]


def test_letters_without_a_sound_are_doubtful() -> None:
    assert doubtful_letters(normalize("カナ、кот、Café、好、GDP")) == "カナкот"
    _there, here = spans(spoken_pair("看カナ片", LEXICON), LEXICON)
    assert [span.text for span in here if span.doubtful] == ["カナ"]


def test_a_title_is_said_with_its_pauses_and_nothing_is_nothing() -> None:
    preview = preview_chapter(Chapter("第3章 总则\u3000第一节", ("共2条。", "***")), LEXICON)
    assert preview.title is not None and preview.title.spoken == "第三章，总则。第一节。"
    assert [pair.spoken for pair in preview.paragraphs] == ["共两条。", ""]
    assert preview.differing == 2


@pytest.mark.parametrize("piece", ["中1", "1。", "カ", "2个，", "仇大爷"])
def test_the_time_grows_with_the_length_alone(piece: str) -> None:
    pair = Pair(piece * 20_000, normalize(piece * 20_000))
    start = time.process_time()
    spans(pair, LEXICON)
    assert time.process_time() - start < 15
