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
        ("华主任是外科医生。", "hua4"),
        ("折克明站在门口。", "she2"),
        ("仇老板在店里。", "qiu2"),
        ("应书记下午来。", "ying1"),
        ("老任回家了。", "ren2"),
    ],
)
def test_a_surname_is_told_by_a_title_or_a_given_name(text: str, surname: str) -> None:
    assert surname in [each.syllable for each in _characters(text)[:2]]


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("单位发了通知", "dan1"),
        ("解决了问题", "jie3"),
        ("他曾经住在这里", "ceng2"),
        ("区政府开会", "qu1"),
        ("要老师签字", "yao4"),
        ("教老师用电脑", "jiao1"),
        ("黑老虎是水果", "hei1"),
        ("应书记邀请我来", "ying4"),
        ("地藏王", "zang4"),
    ],
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
        ("运东西方便", "yun4 dong1 xi5 fang1 bian4"),
        ("拿东西走了", "na2 dong1 xi5 zou3 le5"),
        ("东西交给我", "dong1 xi5 jiao1 gei3 wo3"),
        ("打着伞", "da3 zhe5 san3"),
        ("说话得大声", "shuo1 hua4 dei3 da4 sheng1"),
        ("少了三只", "shao3 le5 san1 zhi1"),
        ("凳子腿儿松了", "deng4 zi5 tui3 er5 song1 le5"),
        ("粘在锅底", "zhan1 zai4 guo1 di3"),
        ("坐着钉好", "zuo4 zhe5 ding4 hao3"),
    ],
)
def test_particles_and_light_syllables_go_by_their_part_in_the_sentence(text: str, pinyin: str) -> None:
    assert _pinyin(text) == pinyin


def test_classical_texts_have_their_own_readings_and_modern_words_are_off_there() -> None:
    assert _pinyin("不亦说乎").startswith("bu4 yi4 yue4")
    assert _pinyin("知者乐水，仁者乐山") == "zhi4 zhe3 yao4 shui3 ren2 zhe3 yao4 shan1"
    assert _pinyin("事其大夫之贤者").startswith("shi4 qi2 da4 fu1")
    assert _pinyin("大夫让我多休息").startswith("dai4 fu5")


@pytest.mark.parametrize(
    ("text", "character", "syllable"),
    [
        ("子路不对。子曰：女奚不曰。", "子", "zi3"),
        ("苟志於仁矣，无恶也。", "於", "yu2"),
        ("予欲无言。", "予", "yu2"),
        ("礼，与其奢也，宁俭。", "宁", "ning4"),
        ("数罟不入洿池。", "数", "cu4"),
    ],
)
def test_old_prose_has_the_readings_of_its_commentators(text: str, character: str, syllable: str) -> None:
    assert {each.syllable for each in _characters(text) if each.character == character} == {syllable}


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


def test_an_entry_that_no_dictionary_has_may_stand_behind_a_surname() -> None:
    entries = {"庆路": ("qing4", "lu4"), "嘉蕙": ("jia1", "hui4")}
    for text in ("重庆路开通了。", "单嘉蕙在家。"):
        assert len(_characters(text, entries)) == len(text) - 1


def test_texts_are_read_alike_together_and_alone() -> None:
    texts = ["他长大了。", "", "GDP", "为了大家，都来吧！"]
    assert read(texts) == [read([text])[0] for text in texts]


@pytest.mark.parametrize(
    ("text", "character", "syllable"),
    [
        ("陈建行是会计。", "行", "xing2"),
        ("李天行爱看书。", "行", "xing2"),
        ("高少平写日记。", "少", "shao4"),
        ("孙朝晖当了兵。", "朝", "zhao1"),
        ("刘藏海在村里教书。", "藏", "cang2"),
        ("赵长生八十岁了。", "长", "chang2"),
    ],
)
def test_a_polyphone_in_a_given_name_has_its_reading_in_names(text: str, character: str, syllable: str) -> None:
    assert syllable in [each.syllable for each in _characters(text) if each.character == character]


@pytest.mark.parametrize(
    ("text", "place", "syllable"),
    [
        ("那先生是谁？", 0, "na4"),
        ("请解老师的题。", 1, "jie3"),
        ("他任老师多年。", 1, "ren4"),
        ("大家都大爷大妈地叫着。", 2, "dou1"),
        ("东西都放好了。", 2, "dou1"),
        ("衣服都洗了。", 2, "dou1"),
        ("花都开了。", 1, "dou1"),
        ("这里是美食之都。", 6, "du1"),
        ("会先生写字的人不多。", 0, "hui4"),
        ("上海市闵行区莘庄镇。", 6, "xin1"),
        ("黑木耳要泡发。", 0, "hei1"),
        ("宁波人爱吃海鲜。", 0, "ning2"),
    ],
)
def test_a_word_before_a_title_or_in_a_longer_word_is_no_surname(text: str, place: int, syllable: str) -> None:
    assert _characters(text)[place].syllable == syllable


@pytest.mark.parametrize(
    ("text", "place", "syllable"),
    [
        ("他起来和面了。", 3, "huo2"),
        ("盛一碗粥端过来。", 0, "cheng2"),
        ("院子里种了三棵树。", 3, "zhong4"),
        ("把水倒进锅里。", 2, "dao4"),
        ("钟每天差五分钟。", 3, "cha4"),
        ("他看了三年大门。", 1, "kan1"),
        ("油条炸得又酥又脆。", 2, "zha2"),
        ("油条炸得又酥又脆。", 3, "de5"),
        ("大家必须合理地利用时间。", 6, "de5"),
        ("他一五一十地说了。", 5, "de5"),
        ("为解决这个问题，大家想了办法。", 0, "wei4"),
        ("下了一场大雪。", 3, "chang2"),
        ("看了一场电影。", 3, "chang3"),
        ("把话弄清楚。", 2, "nong4"),
    ],
)
def test_what_stands_beside_a_polyphone_of_one_character_tells_its_reading(
    text: str, place: int, syllable: str
) -> None:
    assert _characters(text)[place].syllable == syllable


@pytest.mark.parametrize(
    ("text", "place", "syllable"),
    [
        ("一行白鹭上青天。", 1, "hang2"),
        ("孟母三迁，择邻而处。", 8, "chu3"),
        ("山川相缭，其乐无穷，皆可观者。", 2, "xiang1"),
        ("爱尔兰政府今年得出结论。", 7, "de2"),
    ],
)
def test_verse_and_old_prose_are_told_from_modern_text_with_foreign_names(text: str, place: int, syllable: str) -> None:
    hanzi = [each for each in _characters(text) if each.place == place]
    assert hanzi[0].syllable == syllable


@pytest.mark.parametrize(
    ("text", "character", "syllable"),
    [
        ("钥匙落在车上了。", "落", "la4"),
        ("雪花落在树上。", "落", "luo4"),
        ("撕一段卷胶带。", "卷", "juan3"),
        ("挑了两担水。", "挑", "tiao1"),
        ("屋里太闷。", "闷", "men1"),
        ("把头发扎成辫子。", "扎", "za1"),
        ("着了凉要喝姜汤。", "着", "zhao2"),
        ("聊了一宿。", "宿", "xiu3"),
        ("把承诺当儿戏。", "当", "dang4"),
        ("撒上盐。", "撒", "sa3"),
        ("撒网捕鱼。", "撒", "sa1"),
        ("他们保护正当的权利。", "当", "dang4"),
        ("正当我出门的时候。", "当", "dang1"),
        ("国家为公民享受权利提供条件。", "为", "wei4"),
        ("民族自治地方的机关。", "方", "fang1"),
        ("这地方人多。", "方", "fang5"),
        ("那地方风大。", "方", "fang5"),
        ("学习书目的音频。", "的", "de5"),
        ("塑料薄膜。", "薄", "bo2"),
        ("粘合剂。", "粘", "zhan1"),
        ("脸上露出笑容。", "露", "lu4"),
        ("小任务很重。", "重", "zhong4"),
        ("会场布置得庄严。", "得", "de5"),
        ("他系好鞋带。", "系", "ji4"),
        ("我还了书。", "还", "huan2"),
        ("他还没来。", "还", "hai2"),
        ("弟弟藏不住话。", "藏", "cang2"),
        ("这里划了道口子。", "划", "hua2"),
        ("地球一直在转。", "转", "zhuan4"),
        ("重新铺了路。", "铺", "pu1"),
        ("天气太干了。", "干", "gan1"),
        ("衣服有点脏。", "脏", "zang1"),
        ("心脏不好。", "脏", "zang4"),
        ("走路太累了。", "累", "lei4"),
        ("绳子越来越长。", "长", "chang2"),
    ],
)
def test_words_around_a_verb_or_a_measure_tell_its_reading(text: str, character: str, syllable: str) -> None:
    assert [each.syllable for each in _characters(text) if each.character == character] == [syllable]


@pytest.mark.parametrize(
    ("text", "given"),
    [("徐为民当了书记。", "wei2 min2"), ("赵思量做事细。", "si1 liang2"), ("王重阳来了。", "chong2 yang2")],
)
def test_a_whole_name_wins_over_a_word_in_it(text: str, given: str) -> None:
    assert _pinyin(text).split()[1:3] == given.split()


def test_for_the_people_is_no_given_name() -> None:
    assert "wei4" in _pinyin("徐为民服务中心")
