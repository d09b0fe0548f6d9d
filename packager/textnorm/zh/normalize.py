"""Written text becomes spoken text: unify characters, own rules, wetext, punctuation. Pure.

The result holds Hanzi and letters, the marks ，。！？；：、, and inside Latin text single spaces, hyphens and
apostrophes: no digit, no sign, nothing that an engine would have to guess at.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise

from packager.textnorm.lexicon import Lexicon
from packager.textnorm.zh.characters import HANZI, spoken_characters, unify
from packager.textnorm.zh.numbers import read_digits, read_integer
from packager.textnorm.zh.rules import BARE_RULES, RULES, NumberDoubt
from packager.textnorm.zh.silent import without_silent

# wetext looks at the words around a number: a clause is all that it needs.
_MAX_PIECE = 200
_PIECES = re.compile(rf"[^，。！？；\s]{{0,{_MAX_PIECE}}}(?:(?<=[\d.])[^，。！？；\s]){{0,40}}[，。！？；\s]?")

# No rule looks past the end of a sentence, and in one of Hanzi and marks alone there is nothing to put right.
_SENTENCES = re.compile(r"[^。！？；]+[。！？；]*|[。！？；]+")
_PLAIN = re.compile(rf"[{HANZI}，。！？；：、\s]*")

_NUMERALS = frozenset("零一二三四五六七八九十百千万亿两幺")
_FIGURE = re.compile("[0-9]")
_LONGEST_UNIT = 2  # Hanzi between a number and an aside

# Nothing is left to be done with Hanzi and single marks between them.
_SETTLED = re.compile(rf"[{HANZI}]+(?:[，。！？；：、][{HANZI}]+)*[，。！？；：、]?")

# A sentence of prose has a few figures. One with hundreds is a list of data, or made to hold wetext up, which
# takes a second for every 10,000 characters: its numbers are read here.
_MOST_FIGURES = 200

# What is read out may stand beside something that it makes readable (0mI型): another pass then, which finds
# no figures any more and is cheap.
_MOST_PASSES = 3

# What their quotation marks say of figures, before they go: 《1984》, ’90s.
_YEAR_TITLE = re.compile(r"《((?:1\d|20)\d\d)》")
_DECADE = re.compile(r"(?<!\d)[‘’'](\d0)s(?![A-Za-z])")
_QUOTES = re.compile(r"[“”‘’「」『』《》〈〉\"'\\]")
_BETWEEN_FIGURES = re.compile(r"(?<=\d)[“”‘’「」『』《》〈〉\"'\\]+(?=\d)")
_UNSPOKEN_BETWEEN_NUMBERS = re.compile(
    r"(?<=[零一二三四五六七八九十百千万亿两幺])\s?(?:[^\w\s'，。！？；：、-]|_)+\s?(?=[零一二三四五六七八九十百千万亿两幺])"
)
_SPOKEN = r"[^\W_]"
_FULL_WIDTH = str.maketrans(",;:!?", "，；：！？")
_MARKS = "。？！；：，、"  # the strongest first: of several in a row it is the one that stays


def normalize(text: str, lexicon: Lexicon | None = None) -> str:
    """`text` as a reader says it, for every engine alike; empty where there is nothing to say.

    What `lexicon` has a spoken form for is said so, whatever the rules would make of it.

    No Hanzi and no letter is lost but those of units, which are spoken by their names, and the scheme of an
    address (`https://`), which nobody says. Normalizing the result again changes nothing.
    """
    unified = unify(without_silent(text)[0])
    spoken = _normalized(unify(lexicon.respell(unified)) if lexicon else unified)
    for _attempt in range(_MOST_PASSES):
        again = _normalized(spoken)
        if again == spoken:
            break
        spoken = again
    return spoken if spoken_characters(spoken) else ""


def _normalized(text: str) -> str:
    text = _aside_quotes(text)
    if _SETTLED.fullmatch(text):
        return text.rstrip("，、")
    sentences = _SENTENCES.findall(text)
    return _punctuate("".join(map(_read_sentence, sentences)))


def doubtful_numbers(text: str, lexicon: Lexicon | None = None) -> tuple[NumberDoubt, ...]:
    """The numbers of `text` that could be read in another way too, in the order in which rules find them."""
    text = unify(without_silent(text)[0])
    text = _aside_quotes(unify(lexicon.respell(text)) if lexicon else text)
    doubts: list[NumberDoubt] = []
    for sentence in _SENTENCES.findall(text):
        if _FIGURE.search(sentence):
            _read_sentence(sentence, doubts)
    return tuple(doubts)


def _read_sentence(sentence: str, doubts: list[NumberDoubt] | None = None) -> str:
    if _PLAIN.fullmatch(sentence):
        return sentence
    for rule in RULES if _FIGURE.search(sentence) else BARE_RULES:
        if doubts is not None:
            doubts += rule.doubts(sentence)
        sentence = rule.apply(sentence)
    return _read_the_rest(sentence)


def _aside_quotes(text: str) -> str:
    """Quotation marks and book titles are not spoken; two of them in a row are a list."""
    if not _QUOTES.search(text):
        return text
    text = _YEAR_TITLE.sub(lambda found: f"《{read_digits(found[1])}》", text)
    text = _DECADE.sub(r"\1年代", text)
    text = re.sub(r"[”’」』》〉\"][ 、]?[“‘「『《〈]", "、", text)
    text = re.sub(r"(?<=[A-Za-z])[’‘'](?=[A-Za-z])", "'", text)
    text = _BETWEEN_FIGURES.sub("、", text)
    return re.sub(r"[“”‘’「」『』《》〈〉\"\\]|(?<![A-Za-z])'|'(?![A-Za-z])", "", text)


def _read_the_rest(text: str) -> str:
    """What the rules left in figures is read by wetext; what that leaves is read digit by digit."""
    figures = sum(1 for _figure in re.finditer(r"\d+", text))
    if not figures:
        return text
    if figures > _MOST_FIGURES:
        return re.sub(r"\d+", lambda digits: _read_plainly(digits[0]), text)
    pieces = (found[0] for found in _PIECES.finditer(text))
    spoken = "".join(_read_piece(piece) if re.search(r"\d", piece) else piece for piece in pieces)
    return re.sub(r"\d+", lambda digits: read_digits(digits[0]), spoken)


def _read_plainly(digits: str) -> str:
    return read_digits(digits) if digits.startswith("0") else read_integer(digits)


@lru_cache(maxsize=4096)
def _read_piece(piece: str) -> str:
    bare = piece.strip()
    before, _, after = piece.partition(bare)
    spoken = _wetext()(bare)
    if "两百" not in bare:  # 200 is 二百 on the air, as 2 is in every place but the first of thousands and up
        spoken = spoken.replace("两百", "二百")
    return before + spoken + after


@lru_cache(maxsize=1)
def _wetext() -> Callable[[str], str]:
    from wetext import Normalizer  # half a second and 40 MB: only where figures are left

    read: Callable[[str], str] = Normalizer(lang="zh").normalize
    return read


def _punctuate(text: str) -> str:
    """Marks that engines know, one at a place; brackets, dashes and gaps become pauses or nothing."""
    text = re.sub(r"[(（]([^()（）]{1,4})[)）]", _short_aside, text)
    text = re.sub(r"[()（）\[\]【】〔〕〖〗{}|]", "，", text)
    text = re.sub(r"(?:…|\.{2,}|。{2,})+", "…", text)
    text = re.sub(rf"…(?={_SPOKEN})", "，", text).replace("…", "。")
    text = re.sub(r"[—–―]+|-{2,}|(?<![A-Za-z])-|-(?![A-Za-z])", _dash, text)
    text = re.sub(rf"\.(?={_SPOKEN})|(?<={_SPOKEN})\.", "。", text)
    text = text.translate(_FULL_WIDTH)
    text = _UNSPOKEN_BETWEEN_NUMBERS.sub("，", text)
    text = re.sub(r"[^\w\s'，。！？；：、-]|_", " ", text)
    text = _close_gaps(text)
    text = re.sub(rf"\s*([{_MARKS}])[\s{_MARKS}]*", _strongest, text)
    return text.strip(" -'").lstrip(_MARKS).rstrip("，、")


def _short_aside(found: re.Match[str]) -> str:
    """党工委（扩大）会议 is said in one breath; an aside with a mark, a space or another number in it is not.

    孝昌三年（五二七年） and 三公斤（六斤） name a quantity in two ways: without a pause they are one.
    """
    text, start, end = found.string, found.start(), found.end()
    before, after = text[max(0, start - 1 - _LONGEST_UNIT) : start], text[end : end + 1]
    meets_number = (found[1][0] in _NUMERALS and not _NUMERALS.isdisjoint(before)) or (
        after in _NUMERALS and found[1][-1] in _NUMERALS
    )
    return found[1] if re.fullmatch(rf"{_SPOKEN}+", found[1]) and not meets_number else f"，{found[1]}，"


def _dash(found: re.Match[str]) -> str:
    return "，" if found[0][0] in "—–―" or len(found[0]) > 1 else " "


def _strongest(found: re.Match[str]) -> str:
    return min(found[0].replace(" ", ""), key=_MARKS.find)


def _close_gaps(text: str) -> str:
    """A gap between words of Hanzi is a pause (第一章 总则), but not one that spaces a title out (目 录)."""
    text = re.sub(rf"(?<!{_SPOKEN})({_SPOKEN})\s+(?=[{HANZI}](?!{_SPOKEN}))", r"\1", text.strip())
    words = text.split() or [""]
    gaps = (_gap(before, word) for before, word in pairwise(words))
    return "".join(part for pair in zip(words, [*gaps, ""], strict=True) for part in pair)


def _gap(before: str, word: str) -> str:
    if before[-1] in _MARKS or word[0] in _MARKS:
        return ""
    if before[-1] in _NUMERALS and word[0] in _NUMERALS:
        return "，"
    if re.match(f"[{HANZI}]", before[-1]) and re.match(f"[{HANZI}]", word[0]):
        return "，" if len(before) > 1 and len(word) > 1 else ""
    return "" if re.match(f"[{HANZI}]", before[-1]) or re.match(f"[{HANZI}]", word[0]) else " "
