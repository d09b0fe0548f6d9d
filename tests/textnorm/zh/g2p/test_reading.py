"""Sentences are read right: words, names, particles, old texts and places, in our own words."""

import pytest

from packager.textnorm.zh.g2p.nouns import CharacterReading, DecidedBy
from packager.textnorm.zh.g2p.reading import read


def _characters(text: str, entries: dict[str, tuple[str, ...]] | None = None) -> list[CharacterReading]:
    return [each for word in read([text], entries)[0] for each in word.characters]


def _pinyin(text: str) -> str:
    return " ".join(each.syllable for each in _characters(text))


@pytest.mark.parametrize(
    ("text", "pinyin"),
    [
        ("行长办公", "hang2 zhang3 ban4 gong1"),
        ("在本行政区域", "zai4 ben3 xing2 zheng4 qu1 yu4"),
        ("副乡长来了", "fu4 xiang1 zhang3 lai2 le5"),
        ("大家唱进行曲", "da4 jia1 chang4 jin4 xing2 qu3"),
        ("音乐很快乐", "yin1 yue4 hen3 kuai4 le4"),
    ],
)
def test_the_cut_and_the_reading_are_decided_over_the_sentence(text: str, pinyin: str) -> None:
    assert _pinyin(text) == pinyin


@pytest.mark.parametrize(
    ("text", "surname"),
    [
        ("单师傅修好了门。", "shan4"),
        ("解女士交了表。", "xie4"),
        ("仇阿姨在家。", "qiu2"),
        ("老翟也来了。", "zhai2"),
        ("曾晓梅负责登记。", "zeng1"),
        ("尉迟先生到了。", "yu4"),
        ("令狐老师说。", "ling2"),
    ],
)
def test_a_surname_is_told_by_a_title_or_a_given_name(text: str, surname: str) -> None:
    assert surname in [each.syllable for each in _characters(text)[:2]]


@pytest.mark.parametrize(
    ("text", "reading"),
    [("单位发了通知", "dan1"), ("解决了问题", "jie3"), ("他曾经住在这里", "ceng2"), ("区政府开会", "qu1")],
)
def test_the_same_character_in_a_word_is_no_surname(text: str, reading: str) -> None:
    assert reading in [each.syllable for each in _characters(text)]


@pytest.mark.parametrize(
    ("text", "pinyin"),
    [
        ("听听", "ting1 ting5"),
        ("走走停停", "zou3 zou3 ting2 ting2"),
        ("商量商量", "shang1 liang5 shang1 liang5"),
        ("我去过上海", "wo3 qu4 guo5 shang4 hai3"),
        ("跳过去", "tiao4 guo4 qu5"),
        ("跑得快", "pao3 de5 kuai4"),
        ("你得休息", "ni3 dei3 xiu1 xi5"),
        ("高高兴兴地走", "gao1 gao1 xing4 xing4 de5 zou3"),
        ("柜子上有灰", "gui4 zi5 shang5 you3 hui1"),
        ("屋里暖和", "wu1 li5 nuan3 huo5"),
        ("买东西", "mai3 dong1 xi5"),
        ("东西方文化", "dong1 xi1 fang1 wen2 hua4"),
    ],
)
def test_particles_and_light_syllables_go_by_their_part_in_the_sentence(text: str, pinyin: str) -> None:
    assert _pinyin(text) == pinyin


def test_classical_texts_have_their_own_readings_and_modern_words_are_off_there() -> None:
    assert _pinyin("不亦说乎").startswith("bu4 yi4 yue4")
    assert _pinyin("知者乐水，仁者乐山") == "zhi4 zhe3 yao4 shui3 ren2 zhe3 yao4 shan1"
    assert _pinyin("事其大夫之贤者").startswith("shi4 qi2 da4 fu1")
    assert _pinyin("大夫让我多休息").startswith("dai4 fu5")


def test_a_place_has_its_reading_alone_and_inside_longer_names() -> None:
    assert _pinyin("张掖市甘州区") == "zhang1 ye4 shi4 gan1 zhou1 qu1"
    assert _pinyin("乐清人去六安").startswith("yue4 qing1 ren2 qu4 lu4 an1")


def test_each_reading_says_what_decided_it_and_how_sure_it_is() -> None:
    by_character = {each.character: each for each in _characters("单先生还在重庆。", {"重庆": ("zhong4", "qing4")})}
    assert (by_character["单"].decided_by, by_character["重"].decided_by) == (DecidedBy.NAME, DecidedBy.LEXICON)
    assert by_character["重"].confidence == 1.0 and by_character["重"].entry == "重庆"
    assert by_character["还"].decided_by == DecidedBy.NETWORK and by_character["还"].others == ("huan2",)
    assert 0 < by_character["还"].confidence <= 1


def test_an_entry_does_not_reach_over_the_edge_of_a_word_as_long() -> None:
    decisions = {each.decided_by for each in _characters("举行双重庆典", {"重庆": ("chong2", "qing4")})}
    assert DecidedBy.LEXICON not in decisions


def test_texts_are_read_alike_together_and_alone() -> None:
    texts = ["他长大了。", "", "GDP", "为了大家，都来吧！"]
    assert read(texts) == [read([text])[0] for text in texts]
