"""Readings by a character's part in the sentence: particles, suffixes, doubled verbs, complements. Pure.

Each rule sees a run of Hanzi with its cut into words and answers with readings of single places.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from packager.textnorm.zh.g2p.dictionary import Dictionary

Cut = Sequence[tuple[int, int]]
Fixed = tuple[int, str]

# Verbs of one character that are doubled (看看): the second is light.
_DOUBLED = frozenset(
    "看试说走想听尝聊问谈讲写读学坐歇逛玩转等找查数算擦洗扫晒吹动拍打敲揉捏摸挠抱亲笑管教劝帮养改练比量称翻瞧瞅望猜议评品唱跳遛散溜拉推"
    "踢投扔喊叫认记背念画做干用吃喝闻嗅泡煮炒烤热凉冲刷梳剪理收拾整修补缝织编排查访见会陪送接带领引指点提醒催逼哄骗吓笑哭闹骂吵夸奖罚"
    "搓挤压按踩蹲站立躺睡醒歪靠挪移搬抬举挑扛背挎提拎握扶搀抖甩摆挥摇晃滚爬钻游飞跑追赶躲藏避让停留住搭攒存取花省赚买卖租借还换退"
)
# Verbs of two characters that stay as they are when they are doubled: their second syllable is never light.
_FULL = frozenset("研究 学习 讨论 检查 调查 了解 考虑 锻炼 练习 复习 介绍 参观 庆祝 整理 活动 安排 观察 体验 分析 准备 解释 总结 交流 联系 沟通 宣传 推广 打破 帮助 关心 教育 修改 改造 翻译 讲解 说明 回忆 运动 游览 欣赏 享受 表示 尝试 放松 轻松 高兴 调整 反省 检讨 反映 照料 比较".split())
_PRONOUNS = frozenset("我你您他她它咱谁们家人")
_MUST = frozenset("还就都也只总必非可又便却才先再真准至最你我您他她它咱们谁这事人今明后天年月时候")  # 得 after one of these is děi
_GAIN = frozenset("病奖分到出知名票益手意失利胜逞救逗空闲体当罪势宠票数力")  # 得 before one of these is dé
_LOCATIVE_NOT = frozenset("级述报课学班市映演涨升下诉缴交任进访门台岗线网游司帝海")
_SURFACES = frozenset("桌 床 墙 树 头 身 手 脸 嘴 腿 脚 街 地 路 楼 车 船 河 江 海 山 天 炕 锅 纸 书 报 门 窗 背 肩 衣服 马路 草地 黑板 沙发 椅子 地板".split())
_COMPLEMENTS = frozenset({"上", "下", "进", "出", "回", "过", "起", "开"})
_NO_ROOM = frozenset("公英海华千百万邻故乡数几里十一二三四五六七八九两半程程巴克卡莫塞")
_LIGHT_ROOMS = frozenset("这那哪家屋心城夜嘴手眼村院水山房车店校厂班队县市区省会河海田园林楼门窗井洞锅碗盆桶箱柜包袋怀肚脑骨书信话诗歌梦画戏片镜雨雪风雾火土泥沙暗背头四世日")


def doubled(run: str, cut: Cut, dictionary: Dictionary) -> Iterator[Fixed]:
    """看看, 试试: the second is light; 比试比试, 商量商量: the second syllables are."""
    size = len(run)
    for place in range(size - 1):
        verb = run[place]
        if verb == run[place + 1] and verb in _DOUBLED:
            alone = run[place - 1 : place] != verb and run[place + 2 : place + 3] != verb
            pairs = place + 3 < size and run[place + 2] == run[place + 3] or place > 1 and run[place - 1] == run[place - 2]
            if alone and not pairs:
                yield place + 1, "light"
    for place in range(size - 3):
        word = run[place : place + 2]
        if word == run[place + 2 : place + 4] and word[0] != word[1] and word in dictionary.verbs:
            if word not in _FULL:
                yield place + 1, "light"
                yield place + 3, "light"


def structural(run: str, cut: Cut, dictionary: Dictionary) -> Iterator[Fixed]:
    """得, 地, 着, 了, 过, 上, 里 where they are words of their own."""
    for index, (start, end) in enumerate(cut):
        if end - start != 1:
            continue
        character = run[start]
        rule = _RULES.get(character)
        if rule:
            before = run[slice(*cut[index - 1])] if index else ""
            behind = run[slice(*cut[index + 1])] if index + 1 < len(cut) else ""
            reading = rule(before, behind, dictionary)
            if reading:
                yield start, reading


def suffixes(run: str, cut: Cut, dictionary: Dictionary) -> Iterator[Fixed]:
    """The last syllable of words in 里, and of complements of direction behind a verb (走过去)."""
    for index, (start, end) in enumerate(cut):
        word = run[start:end]
        before = run[slice(*cut[index - 1])] if index else ""
        if len(word) == 2 and word[1] == "里" and word[0] in _LIGHT_ROOMS:
            yield start + 1, "light"
        if len(word) == 2 and word[1] == "过" and word[0] in dictionary.verbs and word[0] not in _THROUGH:
            yield start + 1, "light"
        if len(word) == 2 and word[0] in _COMPLEMENTS and word[1] in "来去" and _is_verb(before, dictionary):
            yield start + 1, "light"
        if len(word) > 2 and word[-1] in "来去" and word[-2] in _COMPLEMENTS and word[:-2] in dictionary.verbs:
            yield end - 1, "light"


def _is_verb(word: str, dictionary: Dictionary) -> bool:
    return word in dictionary.verbs and word not in ("在", "是", "有", "会", "到", "能", "要", "想", "来", "去")


def _de_complement(before: str, behind: str, dictionary: Dictionary) -> str:
    if not before or before[-1] in _MUST and before not in dictionary.verbs and before not in dictionary.manners:
        if behind[:1] in _GAIN or not behind:
            return "de2"
        return "dei3" if behind[0] not in "了到" else "de2"
    if before in _MUST:
        return "de2" if behind[:1] in _GAIN else "dei3"
    if before in dictionary.verbs or before in dictionary.manners:
        return "de5"
    return ""


def _de_adverbial(before: str, behind: str, dictionary: Dictionary) -> str:
    if not before or not behind:
        return ""
    is_double = len(before) > 2 and before[-1] == before[-2] or len(before) == 2 and before[0] == before[1]
    is_manner = before in dictionary.manners and len(before) > 1 or is_double or before.endswith(("然", "般", "似", "性"))
    return "de5" if is_manner and behind not in ("上", "下", "里", "面", "方", "处", "区", "势", "理", "质", "址", "位", "带") else ""


def _zhe(before: str, behind: str, dictionary: Dictionary) -> str:
    if behind == "了" and before in ("火", "灯", "炉子", "柴", "蜡烛", "烟", "木头", "房子", "猜", "睡", "点", "找", "够", "逮", "摸"):
        return "zhao2"
    return ""


def _le(before: str, behind: str, dictionary: Dictionary) -> str:
    return "liao3" if before == "得" and behind in ("", "吗", "吧", "呢", "么", "啊") else ""


def _dou(before: str, behind: str, dictionary: Dictionary) -> str:
    return "dou1" if before and before[-1] in "者们人些切样家次天我你他她它谁这那" else ""


def _guo(before: str, behind: str, dictionary: Dictionary) -> str:
    is_verb = before in dictionary.verbs and before not in _THROUGH
    return "guo5" if is_verb and behind[:1] not in ("来", "去", "年", "节", "冬", "夜") else ""


def _shang(before: str, behind: str, dictionary: Dictionary) -> str:
    if behind[:1] in _LOCATIVE_NOT or len(before) < 1:
        return ""
    is_surface = before in _SURFACES or len(before) > 1 and before.endswith(("子", "头", "墙", "桌", "床"))
    return "shang5" if is_surface else ""


def _li(before: str, behind: str, dictionary: Dictionary) -> str:
    return "li5" if before and before[-1] not in _NO_ROOM and before in dictionary.nouns else ""


# Behind these verbs 过 is a complement (跳过, 越过), not the aspect (去过).
_THROUGH = frozenset("不 能 会 要 可 越 跳 跑 走 飞 穿 绕 翻 渡 超 通 经 度 难 错 躲 放 闪 透 胜 跨 路 掠 划 擦 横 熬 挺 瞒 骗 逃 赛 经过".split())

_RULES = {"着": _zhe, "了": _le, "都": _dou, "得": _de_complement, "地": _de_adverbial, "过": _guo, "上": _shang, "里": _li}
