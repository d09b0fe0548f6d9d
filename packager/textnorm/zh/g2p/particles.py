"""Readings by a character's part in the sentence: particles, suffixes, doubled verbs, complements. Pure.

Each rule sees a run of Hanzi with its cut into words and answers with readings of single places; `LIGHT` stands
for the character's own syllable in the neutral tone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from packager.textnorm.zh.g2p.dictionary import Dictionary, word_lists

LIGHT = "light"

Cut = Sequence[tuple[int, int]]
Rule = Callable[[str, Cut, Dictionary], Iterator[tuple[int, str]]]

_COMPLEMENTS = "上下进出回过起开"
# Readings in foreign names.
_FOREIGN = {
    "塞": "sai4",
    "勒": "le4",
    "什": "shi2",
    "缪": "miu4",
    "卡": "ka3",
    "伯": "bo2",
    "盖": "gai4",
    "佛": "fo2",
    "切": "qie4",
}
_OF_CHILDREN = "妻母父孤婴幼胎男女生养人家"  # 儿 behind these is a child
_MEASURED = "一二两三四五六七八九十百千万几半每这那哪多余数"


# Adjectives of one character that have other readings elsewhere, behind 很 and the like.
_ADJECTIVES = {"长": "chang2", "重": "zhong4", "难": "nan2", "空": "kong1", "干": "gan1", "强": "qiang2", "差": "cha4"}
_ADJECTIVES |= {"散": "san3", "冲": "chong4", "累": "lei4", "脏": "zang1", "晕": "yun1", "乐": "le4"}
# Of these, the ones that have their reading wherever they are words of their own, besides before the second.
_ALONE = {"累": "累", "脏": "器腑", "晕": "车船机针血池圈轮", "乐": "器队曲谱坛团章师府律音正"}


def doubled(run: str, cut: Cut, dictionary: Dictionary) -> Iterator[tuple[int, str]]:
    """看看, 试试: the second is light; 比试比试, 商量商量: the second syllables are."""
    lists = word_lists()
    starts = {start for start, _end in cut}
    for place in range(len(run) - 1):
        verb = run[place]
        is_pair = verb == run[place + 1] and place in starts
        if is_pair and verb in lists["doubled-verbs"] and not _is_longer_row(run, place):
            yield place + 1, LIGHT
    for place in range(len(run) - 3):
        word = run[place : place + 2]
        is_doubled = word == run[place + 2 : place + 4] and word[0] != word[1]
        if is_doubled and word in dictionary.verbs and word not in lists["full-verbs"]:
            yield place + 1, LIGHT
            yield place + 3, LIGHT


def _is_longer_row(run: str, place: int) -> bool:
    """Whether the pair at `place` is part of 哈哈哈 or 走走停停, where nothing is light."""
    before, behind = run[max(0, place - 2) : place], run[place + 2 : place + 4]
    in_row = run[place] in (*before, behind[:1])  # 哈哈哈, 千教万教教人
    return in_row or any(len(pair) == 2 and pair[0] == pair[1] for pair in (before, behind))


def structural(run: str, cut: Cut, dictionary: Dictionary) -> Iterator[tuple[int, str]]:
    """得, 地, 着, 了, 都, 过, 上, 里 where they are words of their own."""
    for index, (start, end) in enumerate(cut):
        rule = _RULES.get(run[start]) if end - start == 1 else None
        if rule:
            reading = rule(_before(run, cut, index), _behind(run, cut, index), dictionary)
            if reading:
                yield start, reading
        elif end - start == 1 and run[start] in _ADJECTIVES:
            reading = _adjective(run[start], _before(run, cut, index), _behind(run, cut, index))
            if reading:
                yield start, reading
        elif end - start == 1 and run[start] in _FOREIGN:
            reading = _transliterated(run[start], run[max(0, start - 1) : start], run[end : end + 1])
            if reading:
                yield start, reading


def suffixes(run: str, cut: Cut, dictionary: Dictionary) -> Iterator[tuple[int, str]]:
    """The last syllable of 家里 and 去过, and of complements of direction behind a verb (走过去)."""
    lists, verbs = word_lists(), dictionary.verbs
    for index, (start, end) in enumerate(cut):
        word = run[start:end]
        if len(word) < 2:
            continue
        stem, last = word[:-1], word[-1]
        is_place = last == "里" and stem in lists["rooms"]
        is_surface = last == "上" and stem in lists["bodies"]
        is_aspect = last == "过" and len(stem) == 1 and stem in verbs and stem not in lists["through"]
        is_direction = last in "来去" and stem[-1] in _COMPLEMENTS
        before = stem[:-1] or _before(run, cut, index)
        if last == "只" and stem[-1] in _MEASURED:
            yield end - 1, "zhi1"
        if (
            is_place
            or is_surface
            or is_aspect
            or (is_direction and before in verbs and before not in lists["helping-verbs"])
        ):
            yield end - 1, LIGHT


RULES: tuple[Rule, ...] = (doubled, structural, suffixes)


def _before(run: str, cut: Cut, index: int) -> str:
    return run[slice(*cut[index - 1])] if index else ""


def _behind(run: str, cut: Cut, index: int) -> str:
    return run[slice(*cut[index + 1])] if index + 1 < len(cut) else ""


def _de_complement(before: str, behind: str, dictionary: Dictionary) -> str:
    """得: `de5` before a complement, `dei3` for must, `de2` for getting."""
    lists = word_lists()
    if before and before in "未莫勿毋获欲":
        return "de2"
    if before in lists["no-complement"]:
        return "dei3"  # 说话得大声
    can_have_complement = before in dictionary.verbs or before in dictionary.manners or before in ("过", "长")
    if before in lists["must"] or not before or (before[-1] in lists["must"] and not can_have_complement):
        if not behind or (behind[0] in "了到" and before not in lists["must"]) or behind[0] in lists["gain"]:
            return "de2"
        return "dei3"
    can_have_complement = can_have_complement or (len(before) == 1 and behind[:1] in lists["after-de"])
    can_have_complement = can_have_complement or before in lists["also-verbs"]
    can_have_complement = can_have_complement or (behind in dictionary.manners and before not in dictionary.nouns)
    return "de5" if can_have_complement else ""


def _de_adverbial(before: str, behind: str, dictionary: Dictionary) -> str:
    """地: `de5` between an adverbial and what it belongs to."""
    if len(before) < 2 or not behind or behind in "上下里面方处区势理质址位带":
        return ""
    lists = word_lists()
    is_double = before[-1] == before[-2]
    is_manner = before in dictionary.manners or before in lists["adverbial"]
    is_manner = is_manner or is_double or len(before) == 4 or before.endswith(("然", "般", "似", "性"))
    return "de5" if is_manner else ""


def _zhe(before: str, behind: str, _dictionary: Dictionary) -> str:
    """火着了: it has caught fire."""
    if before in ("不", "得") and not behind.startswith(("调", "急", "边", "陆")):
        return "zhao2"  # 见不着
    return "zhao2" if behind == "了" and before in word_lists()["reached"] else ""


def _le(before: str, behind: str, _dictionary: Dictionary) -> str:
    """吃得了吗: whether one can."""
    return "liao3" if before == "得" and behind in ("", "吗", "吧", "呢", "么", "啊") else ""


def _dou(before: str, behind: str, _dictionary: Dictionary) -> str:
    """大家都, 药都吃完了: an adverb before its verb; 古都西安 and 之都 are capitals."""
    if before.endswith(("者", "们", "人", "些", "切", "样", "家", "次", "天", *"我你他她它谁这那")):
        return "dou1"
    if before in ("之", "古", "故", "帝", "陪", "建", "定", "迁", "奠"):
        return "du1"
    return "dou1" if behind and not behind.startswith(("的", "之", "城", "市", "会")) else ""


def _guo(before: str, behind: str, dictionary: Dictionary) -> str:
    """过 as the aspect of a verb."""
    lists = word_lists()
    is_verb = before in dictionary.verbs or before in lists["also-verbs"]
    is_verb = is_verb and before not in lists["through"]
    return "guo5" if is_verb and behind[:1] not in ("来", "去", "年", "节", "冬", "夜") else ""


def _shang(before: str, behind: str, _dictionary: Dictionary) -> str:
    """上 behind a thing on which something lies."""
    if behind[:1] in word_lists()["after-up"]:
        return ""
    is_surface = before in word_lists()["surfaces"] or (len(before) > 1 and before[-1] in "子头墙桌床")
    return "shang5" if is_surface else ""


def _li(before: str, _behind: str, dictionary: Dictionary) -> str:
    """里 behind a noun."""
    is_room = before in dictionary.nouns or len(before) > 2
    return "li5" if is_room and before[-1] not in word_lists()["no-rooms"] else ""


def _zhi(before: str, _behind: str, _dictionary: Dictionary) -> str:
    """只 that counts animals and things."""
    return "zhi1" if before and before[-1] in _MEASURED else ""


def _mei(_before: str, behind: str, _dictionary: Dictionary) -> str:
    """没 that denies; 没过膝盖 goes under."""
    return "mei2" if behind and behind[0] not in "过入顶落膝" else ""


def _sheng(_before: str, behind: str, _dictionary: Dictionary) -> str:
    """省 as a province, or to save."""
    return "sheng3" if behind not in ("察", "亲", "身") else ""


def _ying(_before: str, behind: str, dictionary: Dictionary) -> str:
    """应 before a verb: should."""
    is_verb = behind in dictionary.verbs and behind not in ("邀请", "要求", "召", "征", "聘", "请", "约", "对")
    return "ying1" if is_verb else ""


def _transliterated(character: str, before: str, behind: str) -> str:
    """The reading of a character in a foreign name (什切青, 塞纳河), which stands between others of the kind."""
    foreign = word_lists()["foreign"]
    is_foreign = before[-1:] in foreign or behind[:1] in foreign
    return _FOREIGN.get(character, "") if is_foreign else ""


def _shu(_before: str, behind: str, _dictionary: Dictionary) -> str:
    """数 as a verb: to count."""
    return "shu3" if behind[:1] and behind[0] in "了一着过完到起得清出" else ""


def _cang(_before: str, behind: str, _dictionary: Dictionary) -> str:
    """藏 as a verb: to hide."""
    return "cang2" if behind[:1] and behind[0] in "着了在起有进好到入匿于不得" else ""


def _er(before: str, behind: str, dictionary: Dictionary) -> str:
    """儿 behind a noun makes one syllable with it; a son otherwise."""
    is_thing = len(before) > 1 or (before in dictionary.nouns and before not in _OF_CHILDREN)
    return (
        "er5" if is_thing and before[-1] not in "我他你她您" and not behind.startswith(("时", "女", "童", "子")) else ""
    )


def _jiao(_before: str, _behind: str, _dictionary: Dictionary) -> str:
    """教 as a verb of its own: to teach somebody."""
    return "jiao1"


def _bao(_before: str, _behind: str, _dictionary: Dictionary) -> str:
    """薄 as a word of its own: thin."""
    return "bao2"


def _adjective(character: str, before: str, behind: str) -> str:
    """很长, 越来越重, 太干了: not in 真干 and 不干."""
    lists = word_lists()
    if character == "晕" and before.endswith(("的", "系", "冰", "日", "月", "光")):
        return ""  # a halo
    if character in _ALONE:
        return _ADJECTIVES[character] if behind[:1] == "" or behind[0] not in _ALONE[character] else ""
    is_degree = before in lists["degrees"] or (before in ("不", "真") and character not in "干长散空")
    is_at_end = character in "重差" and behind in ("", "的", "了", "得很", "极了")
    return _ADJECTIVES[character] if is_degree or (is_at_end and before not in ("双", "多", "出", "公", "当")) else ""


def _hao(_before: str, behind: str, _dictionary: Dictionary) -> str:
    """好 that ends a clause or stands before a particle: good."""
    return "hao3" if behind in ("", "了", "的", "吗", "吧", "啊", "呢", "多", "几") else ""


def _shao(_before: str, behind: str, _dictionary: Dictionary) -> str:
    """少 as a word of its own: few; 少时 and 少壮 are words."""
    return "shao3" if not behind.startswith(("年", "将", "校", "尉", "奶奶", "爷")) else ""


def _nian(_before: str, behind: str, _dictionary: Dictionary) -> str:
    """粘 as a verb of its own: to stick."""
    return "zhan1" if not behind.startswith(("氏", "稠")) else ""


def _wei(_before: str, behind: str, _dictionary: Dictionary) -> str:
    """为 somebody's sake."""
    return "wei4" if behind in word_lists()["served"] else ""


_RULES: Mapping[str, Callable[[str, str, Dictionary], str]] = {
    "儿": _er,
    "得": _de_complement,
    "地": _de_adverbial,
    "着": _zhe,
    "了": _le,
    "都": _dou,
    "过": _guo,
    "上": _shang,
    "里": _li,
    "只": _zhi,
    "教": _jiao,
    "数": _shu,
    "省": _sheng,
    "应": _ying,
    "没": _mei,
    "藏": _cang,
    "薄": _bao,
    "为": _wei,
    "好": _hao,
    "少": _shao,
    "粘": _nian,
}
