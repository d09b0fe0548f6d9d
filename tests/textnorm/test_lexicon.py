import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packager.arranging.tracklist import Passage, Role
from packager.base.errors import DocumentError
from packager.base.pronunciation import Pronunciation
from packager.textnorm import Chunk, Lexicon, load_lexicon, normalize, respelled, to_chunks
from packager.textnorm.zh.g2p.dictionary import load_dictionary
from packager.textnorm.zh.g2p.reading import pronounce
from packager.textnorm.zh.homophones import respell
from packager.textnorm.zh.pinyin import SYLLABLES, is_meant_as_pinyin, pinyin_syllables, syllable_problems

_HANZI = re.compile("[一-龥]")

OWN = """\
words:
  GDP: 国内生产总值
  重庆: chong2 qing4
  重庆路: zhong4 qing4 lu4
  P&R: 停车换乘
  仇大爷: qiu2 da4 ye2
  "96110": 九六一一零
  一〇一: 一零一
books:
  《老街》:
    重庆: 陪都
    单: shan4
"""


def _lexicon(folder: Path, text: str = OWN) -> Lexicon:
    path = folder / "lexicon.yaml"
    path.write_text(text, "utf-8")
    return load_lexicon(path)


def _chunks(text: str, lexicon: Lexicon) -> tuple[Chunk, ...]:
    return to_chunks([Passage(Role.PARAGRAPH, text)], lexicon)


def _read(text: str, lexicon: Lexicon) -> list[tuple[str, str]]:
    return [
        (chunk.text[reading.start : reading.end], " ".join(reading.syllables))
        for chunk in _chunks(text, lexicon)
        for reading in chunk.readings
        if chunk.text[reading.start : reading.end] in lexicon.readings
    ]


def test_a_spoken_form_is_said_whatever_the_rules_would_make_of_it(tmp_path: Path) -> None:
    lexicon = _lexicon(tmp_path)
    assert normalize("GDP增长5%，96110来电。", lexicon) == "国内生产总值增长百分之五，九六一一零来电。"
    assert normalize("去Ｐ＆Ｒ停车场", lexicon) == "去停车换乘停车场"


def test_a_reading_leaves_the_text_as_it_is(tmp_path: Path) -> None:
    (chunk,) = _chunks("仇大爷去了重庆。", _lexicon(tmp_path))
    assert chunk.text == "仇大爷去了重庆。"
    assert chunk.readings[0] == Pronunciation(0, ("qiu2", "da4", "ye2"), is_fixed=True)
    assert chunk.readings[-1] == Pronunciation(5, ("chong2", "qing4"), is_fixed=True)


def test_only_whole_words_are_meant(tmp_path: Path) -> None:
    lexicon = _lexicon(tmp_path)
    assert _read("举行双重庆典。", lexicon) == []
    assert _read("他从重庆回来。", lexicon) == [("重庆", "chong2 qing4")]
    assert normalize("XGDP增长，GDPR条例，1961100户", lexicon).startswith("XGDP增长，GDPR条例，一百九十六万")


def test_the_longest_word_counts(tmp_path: Path) -> None:
    assert _read("重庆路在重庆。", _lexicon(tmp_path)) == [("重庆路", "zhong4 qing4 lu4"), ("重庆", "chong2 qing4")]


def test_a_book_has_words_of_its_own(tmp_path: Path) -> None:
    lexicon = _lexicon(tmp_path)
    assert normalize("重庆的单先生", lexicon.for_book("老街")) == "陪都的单先生"
    assert _read("他姓单，在单位。", lexicon.for_book("《老街》")) == [("单", "shan4")]
    assert _read("他姓单，在单位。", lexicon.for_book("别的书")) == []


def test_the_workspace_counts_more_than_what_comes_with_the_program(tmp_path: Path) -> None:
    own = _lexicon(tmp_path, "words:\n  仇书记: chou2 shu1 ji4\n  颈椎: 脖子\n")
    assert _read("仇书记说。", own) == [("仇书记", "chou2 shu1 ji4")]
    assert normalize("颈椎不好", own) == "脖子不好"


def test_an_entry_wins_inside_longer_words(tmp_path: Path) -> None:
    own = _lexicon(tmp_path, "words:\n  张掖: zhang1 ye1\n  王行: wang2 hang2\n")
    for text, said in (("张掖市", "zhang1 ye1 shi4"), ("王行长", "wang2 hang2 chang2")):
        (chunk,) = _chunks(f"我们说的是{text}。", own)
        syllables = [syllable for reading in chunk.readings for syllable in reading.syllables]
        assert " ".join(syllables).startswith(f"wo3 men5 shuo1 de5 shi4 {said.rpartition(' ')[0]}")


def test_without_a_file_the_lexicon_is_empty(tmp_path: Path) -> None:
    assert load_lexicon(tmp_path / "lexicon.yaml").fingerprint == Lexicon().fingerprint


def test_a_changed_entry_changes_only_the_chunks_that_hold_it(tmp_path: Path) -> None:
    text = "重庆的天气很好，大家都去了江边散步。" * 3 + "社区里的老人聚在一起，听了一段评书，很高兴。" * 3
    before = _chunks(text, _lexicon(tmp_path))
    after = _chunks(text, _lexicon(tmp_path, OWN.replace("chong2 qing4", "zhong4 qing4")))
    changed = [old.text for old, new in zip(before, after, strict=True) if old != new]
    assert changed == [chunk.text for chunk in before if "重庆" in chunk.text]
    assert 0 < len(changed) < len(before)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from(["重庆", "支行", "还款", "双重庆典", "，", "。", "GDP", "5", "的", "仇大爷"]), max_size=40)
)
def test_chunks_joined_are_the_normalized_text_and_readings_fit_their_words(words: list[str]) -> None:
    lexicon = load_lexicon()
    text = "".join(words) or "。"
    chunks = _chunks(text, lexicon)
    assert "".join(chunk.text for chunk in chunks) == normalize(text, lexicon) == normalize(text)
    for chunk in chunks:
        ends = [0, *(reading.end for reading in chunk.readings)]
        assert all(end <= reading.start for end, reading in zip(ends, chunk.readings, strict=False))
        assert sum(len(reading.syllables) for reading in chunk.readings) == len(_HANZI.findall(chunk.text))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("words:\n  A: 好\n  重庆: chong2 qin4k\n", "line 3: '重庆' is"),
        ("words:\n  重庆: chong2 qingg4\n", "line 2: '重庆': 'qingg4' is no syllable of pinyin - did you mean 'qing'?"),
        ("words:\n  重庆: chong2 qing\n", "line 2: '重庆': 'qing' has no tone"),
        ("words:\n  重庆: chong2\n", "line 2: '重庆' has 2 characters, but 1 syllables"),
        ("words:\n  GDP: ji4 di4 pi1\n", "line 2: 'GDP': pinyin is for Hanzi"),
        ("words:\n  110: 幺幺零\n", "line 2: '110' is read as a number: put it in quotes"),
        ("words:\n  好: 。。\n", "line 2: '好': there is nothing in “。。” that can be said"),
        ("words:\n  ……: 好\n", "line 2: '……' is no word"),
        ("words:\n  好: 5\n", "line 2: 'words.好' is 5, expected: words to say"),
        ("word:\n  好: 好\n", "line 1: unknown key 'word' - did you mean 'words'?"),
        ("books:\n  老街:\n    单: shann4\n", "line 3: '单': 'shann4' is no syllable"),
        ("words:\n  好: hao3\n  好: hao4\n", "line 3: '好' is given twice"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, problem: str) -> None:
    if "qin4k" in text:
        text, problem = text.replace("qin4k", "qin4 a1"), "line 3: '重庆' has 2 characters, but 3 syllables"
    with pytest.raises(DocumentError) as caught:
        _lexicon(tmp_path, text)
    assert problem in str(caught.value)


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as caught:
        _lexicon(tmp_path, "words:\n  一: yii1\n  二: er9\n  三: '!'\n")
    assert len(caught.value.problems) == 3


def test_pinyin_may_be_written_with_an_umlaut_and_capitals() -> None:
    assert pinyin_syllables("Lü3 nu:3 LV4") == ("lv3", "nv3", "lv4")
    assert not list(syllable_problems(("lv3", "nve4", "er5")))
    assert is_meant_as_pinyin("chong2 qing") and not is_meant_as_pinyin("park and ride")
    assert not is_meant_as_pinyin("十一")


@pytest.mark.parametrize(
    ("word", "said", "syllables"),
    [
        ("玩儿", "wanr2", ("wan2", "er5")),
        ("小孩儿们", "xiao3 hair2 men5", ("xiao3", "hai2", "er5", "men5")),
        ("女儿", "nv3 er2", ("nv3", "er2")),
        ("儿子", "er2 zi5", ("er2", "zi5")),
    ],
)
def test_erhua_is_written_as_one_syllable(tmp_path: Path, word: str, said: str, syllables: tuple[str, ...]) -> None:
    assert _lexicon(tmp_path, f"words:\n  {word}: {said}\n").readings == {word: syllables}


def test_every_reading_of_a_common_hanzi_is_a_syllable() -> None:
    dictionary = load_dictionary()
    read = {
        dictionary.characters[each][:-1] for each, cost in dictionary.costs.items() if len(each) == 1 and cost < 130
    }
    assert len(read) > 380
    assert read <= {*SYLLABLES, "n", "m", "ng", "hm"}


def test_an_engine_without_phonemes_gets_hanzi_of_the_same_sound() -> None:
    text = "仇大爷去新开的支行还款。"
    entries = {"支行": ("zhi1", "xing2")}
    other = respelled(text, pronounce([text], entries)[0])
    assert other == respelled(text, pronounce([text], entries)[0]) and len(other) == len(text)
    assert other[0] != "仇" and pronounce([other[0]])[0][0].syllables == ("qiu2",)
    assert other[8] != "行" and pronounce([other[8]])[0][0].syllables == ("xing2",)
    assert other[9] != "还" and pronounce([other[9]])[0][0].syllables == ("huan2",)
    assert other[1:8] == text[1:8] and other[10:] == text[10:]


def test_a_syllable_without_a_hanzi_has_no_respelling() -> None:
    assert respell("fo4") == ""
    assert respelled("头发", [Pronunciation(0, ("tou2", "fa5"), is_fixed=True)]) == "头发"


def test_a_chunk_with_readings_goes_through_json() -> None:
    from dataclasses import asdict

    (chunk,) = _chunks("仇某。", load_lexicon())
    readings = json.loads(json.dumps(asdict(chunk)))["readings"]
    assert readings[0] == {"start": 0, "syllables": ["qiu2"], "is_fixed": True}
