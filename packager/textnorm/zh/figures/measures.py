"""Measure words: whether what follows a number counts or measures it. Pure.

Measure words are an open class, so this table decides only where a number could as well be a year or a name
(`2019辆` against `2019东亚运动会`). Elsewhere a number before any word is a quantity.
"""

from __future__ import annotations

import re

# Each with the characters that make another word of it: 2024 人 but 2024 人民, 2024 部 but 2024 部队.
_WITH_EXCEPTIONS = (
    "人民工类才力生物气文大事均居造社 名人校师家单额牌车医城著 家庭电乡居长装纺政具族 位于置列居 "
    "部队分门委署落 本科地届赛年土部周省市次报"
    " 行动业政程情长为人星 面试向板积临对貌 组织委合建图成 对外口话比象手接应于抗 口碑腔岸语罩令 "
    "台湾北风球州 道路德教具琼歉 集训团体中会市成结合资"
    " 首届次都批席个发场映轮家尔创选先席付 场馆地景所外 单位身独元 通知信过告报用车州常道 "
    "成都立果功绩员年人为长品熟 天津猫下府气文山水河坛王然空"
    " 期末中间望待货刊 张家北掖江贴扬 米兰老其饭粉 双十一创减拥语方休重 项目链羽 节能目日假气前后水约 "
    "代表理码言替号价 分会区类析享公局校组布别级管支为"
    " 元旦宵素首老代朝气 日本历报前常后期 周边口末围 点评击燃 条件例约款纹 种植子田 口岸 门户票诊店槛 "
    "层面次级出 起点初始来动伏草诉源义飞 首先 句子号"
    " 字母典体幕 步行入伐骤 声明音乐称 尺寸度 度假过 处理于分罚方置境 例如会外 页面岩 件事 户外型口籍 "
    "座谈椅位标 间谍接断 辆 艘 栋 幢 册 篇 支持付部援撑教"
    " 枝 根据本源 棵 株洲 朵 颗 粒 片面区子 块 幅度 副作主总省市书校院局会 批评准发示判 群众体岛 趟 "
    "遍布及 顿 餐饮厅馆桌 圈子 轮胎船廓 局长势部面 盘点"
    " 杯 碗 瓶 盒 箱 袋 包括含装裹头 桶 罐 盆 壶 筐 捆 束 串 把握 扇 顶级尖 枚 滴滴 股票份市东权票 "
    "宗教旨 桩 样本式品子 款 题目材 则 头部条等号发 匹 窝 亩"
    " 斤 克服 吨 升级学旗降温 倍 折扣叠 毛 镑 封 笔记试者试 席位 桌 床 卡通车片 盏 份 只有能要是好 "
    "个人性体 余地额 多数元样次年少媒 万达科家 亿 两会岸国 里 秒"
    " 岁末月 月份球亮饼 公里 号令召码"
)
_MEASURES = re.compile(
    "|".join(
        f"{re.escape(word[0])}(?![{word[1:]}])" if word[1:] else re.escape(word[0])
        for word in _WITH_EXCEPTIONS.split()
        if word[0] not in "公号款"
    )
    + "|公里|公斤|公分|公尺|公顷|公升|公吨|公两|千米|千克|千瓦|千卡|千伏|千帕|千赫|英里|英尺|英寸|英亩|"
    "海里|平方|平米|立方|华里|华氏|摄氏"
    "|毫米|毫升|毫克|毫秒|毫安|厘米|分米|分贝|微米|微克|纳米|兆|小时|钟头|刻钟|星期|礼拜|学时|学分|课时|"
    "工时|字节|像素|比特|加仑|盎司|瓦|伏|毫巴|巴(?![黎西拿士])|马力|匹|安培|焦耳"
    "|卡路里|大卡|帕|赫兹|克拉|光年|世纪|百分点|标箱|架次|航次|班次|车次|人次|户次|来[个岁人块斤里年天]|"
    "几|余|多|[十百千][万亿]|万|亿"
    "|[美欧日澳加港]元|人民币|卢布|卢比|欧元|英镑|法郎|马克|泰铢|韩元|新台币|比索|里拉|克朗"
)
_UNIT_LETTERS = re.compile(
    r"\s?(?:[kcmdμn]?[mgslLWVAJNΩ]|[kMG]?Hz|[kMGT]?B|ha|mAh|kWh|kcal|cal|dB|rpm|bpm|km/h|PS|b?hp|k?VA|"
    r"[kMG]W)(?![A-Za-z])"
)


def is_measured(after: str) -> bool:
    """Whether the text behind a number begins with a measure word, a unit or a currency."""
    return bool(_MEASURES.match(after) or _UNIT_LETTERS.match(after) or (after[:1] and after[0] in "%‰‱°℃℉"))
