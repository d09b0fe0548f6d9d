"""Hanzi of the same sound for engines that take no phonemes."""

import pytest

from packager.textnorm.zh.g2p.disambiguator import load_disambiguator
from packager.textnorm.zh.g2p.reading import pronounce
from packager.textnorm.zh.homophones import RESPELLING_VERSION, plain_readings, respell, respelled


def _sent(text: str, entries: dict[str, tuple[str, ...]] | None = None) -> str:
    return respelled(text, pronounce([text], entries)[0])


@pytest.mark.parametrize(
    ("text", "place", "syllable"),
    [
        ("老乡长退休了。", 2, "zhang3"),
        ("我们选老周为组长。", 5, "wei2"),
        ("这本词典还给图书馆。", 4, "huan2"),
        ("她数了三遍。", 1, "shu3"),
        ("新开的书吧很安静。", 4, "ba1"),
        ("本行政村有三个小组。", 1, "xing2"),
    ],
)
def test_what_a_plain_front_end_misreads_becomes_a_hanzi_of_one_reading(text: str, place: int, syllable: str) -> None:
    sent = _sent(text)
    assert plain_readings(sent)[place] == (syllable,)
    if sent[place] != text[place]:
        assert len(load_disambiguator().readings.get(sent[place], ())) < 2
    assert plain_readings(text)[place] != (syllable,) or sent[place] == text[place]


@pytest.mark.parametrize(
    "text",
    [
        "社区食堂今天开门，欢迎大家来吃饭。",
        "银行下午五点关门，请大家早点去。",
        "东西放在桌子上，孩子们看一看就走了。",
        "地方上的事情，慢慢商量着办。",
        "音乐会很热闹，大家都很快乐。",
    ],
)
def test_what_an_engine_reads_right_by_itself_stays(text: str) -> None:
    assert _sent(text) == text


def test_a_word_of_a_lexicon_is_respelled_even_where_a_dictionary_agrees() -> None:
    assert _sent("我们去重庆。") == "我们去重庆。"
    sent = _sent("我们去重庆。", {"重庆": ("chong2", "qing4")})
    assert sent[3] != "重" and sent[4:] == "庆。"


def test_a_homophone_makes_no_word_with_its_neighbours_if_another_does_not() -> None:
    assert respell("zhong4") == "众"
    assert respell("zhong4", before="公") not in ("", "众")
    assert respell("zhong4", behind="人") not in ("", "众")


def test_only_hanzi_that_the_engine_knows_are_used() -> None:
    known = {"督", "大", "家"}
    assert respell("du1", known=known) == "督"
    assert respell("xing2", known=known) == ""


def test_the_version_is_raised_when_sentences_are_respelled_otherwise() -> None:
    # Clips of engines without phonemes are kept by this version: where this fails, raise it and put both here.
    sentences = {
        "老乡长退休了。": "老乡掌退休了。",
        "她数了三遍，又数了一遍。": "她署了三遍，又署了一遍。",
        "这本词典还给图书馆。": "这本词典环给图书馆。",
        "我们选老周为组长。": "我们选老周维组长。",
        "行长重视重新开业。": "行长重视重新开业。",
    }
    assert (RESPELLING_VERSION, {text: _sent(text) for text in sentences}) == (1, sentences)
